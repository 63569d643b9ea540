use marketplace::prelude::*;

struct Socket;

#[derive(Message)]
struct Opened(Socket);

fn main() {}
