use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Set {
    key: Text,
    value: u64,
}

#[derive(Message, Clone)]
struct At<T> {
    place: u64,
    what: T,
}

#[derive(Message, Clone)]
struct Pair(u64, u64);

fn main() {
    let _: Transition<()> = transition_no_state!(
        send_message!(Set { key: "one" }),
        send_message!(At { place: 1, what: Set { key: "one" } }),
        send_message!(At { what: 1u64 }),
        send_message!(Pair(1)),
        send_message!(At::<Text> { place: 1, what: "two" }),
    );
}
