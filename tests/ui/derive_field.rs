use marketplace::prelude::*;

struct Socket;

#[derive(Message, Clone)]
struct Opened(Socket);

fn main() {}
