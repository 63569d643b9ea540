//! How many bytes processes and endpoints take, with all that the tables of the VM have room for.

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::{Figure, Says, churn, connections, empty, listener, live};

const MANY: u64 = 10_000;

/// Bytes of each of so many that are made.
fn bytes_each(make: impl FnOnce()) -> usize {
    let before = live();
    make();
    (live() - before).div_ceil(MANY as usize)
}

pub(crate) fn figures() -> [Figure; 8] {
    [
        Figure { what: "bytes of an idle process with a subscription", is: process(false), at_most: 500 },
        Figure { what: "bytes of an idle process with a name", is: process(true), at_most: 590 },
        Figure { what: "bytes of an endpoint more", is: endpoint(), at_most: 300 },
        Figure { what: "bytes of a process that stays where many went", is: staying(), at_most: 2_000 },
        Figure { what: "bytes of an object that another one makes", is: object(), at_most: 200 },
        Figure { what: "bytes of a message in flight", is: message(), at_most: 200 },
        Figure { what: "bytes of a message that waits at a promise", is: waiting(), at_most: 280 },
        Figure { what: "bytes of an idle TCP connection", is: connections::idle(), at_most: 5_500 },
    ]
}

fn process(named: bool) -> usize {
    let mut vm = empty();
    churn(&mut vm);
    bytes_each(|| {
        for topic in 0..MANY {
            let process: Spawn<()> = spawn!(listener(topic));
            vm.spawn(if named { name_process(topic, process) } else { process });
            if topic % 100 == 99 {
                churn(&mut vm);
            }
        }
    })
}

/// Of one process, that has a hundred more each time it is told so.
fn endpoint() -> usize {
    let mut vm = empty();
    vm.spawn(spawn!(transition!(
        0u64,
        subscriber!("more", match_state!(had: u64 => on_message!(_ => transition!(had + 100, more(had)))),),
    )));
    churn(&mut vm);
    bytes_each(|| {
        for _ in 0..MANY / 100 {
            vm.send(&Text::from("more"));
            churn(&mut vm);
        }
    })
}

fn more(had: u64) -> Vec<AddEndpoint<u64>> {
    let one = |topic| {
        subscriber!(
            Says { topic, .. },
            match_state!(sum: u64 => on_message!(Says { payload, .. } => transition!(sum.wrapping_add(payload)))),
        )
    };
    (had..had + 100).map(one).collect()
}

/// Under a label of its own, each time as a crowd has gone: its table does not keep their room.
fn staying() -> usize {
    const ROUNDS: u64 = 100;
    let mut vm = empty();
    let mut round = |nth: u64| {
        for topic in 0..200u64 {
            let topic = Topic::record("Crowd", [topic.to_value().into(), Topic::any()]);
            vm.spawn(spawn!(transition_no_state!(subscriber!(topic = topic, on_message!(_ => quit())))));
        }
        churn(&mut vm);
        (0..200u64).for_each(|topic| vm.send(&Value::record("Crowd", [topic.to_value(), Value::UNIT])));
        churn(&mut vm);
        for shape in [[nth.to_value().into(), Topic::any()], [Topic::any(), Topic::any()]] {
            let topic = Topic::record(format!("label-{nth:06}"), shape);
            vm.spawn(spawn!(transition_no_state!(subscriber!(topic = topic))));
        }
        churn(&mut vm);
    };
    round(0);
    let before = live();
    (1..=ROUNDS).for_each(&mut round);
    (live() - before).div_ceil(2 * ROUNDS as usize)
}

struct Counter(u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) {
        self.0 += n;
    }
}

/// It has room for the references to all that it makes.
struct Maker(Vec<Far<Counter>>);

#[object]
impl Maker {
    fn make(&mut self, cx: &Cx<Self>) {
        self.0.extend((0..MANY).map(|n| cx.make(Counter(n))));
    }
}

fn object() -> usize {
    let mut vm = empty();
    let maker = vm.spawn_object(Maker(Vec::with_capacity(MANY as usize)));
    churn(&mut vm);
    bytes_each(|| {
        vm.tell(|cx| maker.make(cx));
        churn(&mut vm);
    })
}

fn message() -> usize {
    let mut vm = empty();
    churn(&mut vm);
    bytes_each(|| (0..MANY).for_each(|payload| vm.send(&Says { topic: 7, payload })))
}

/// It decides to which object the messages go that wait.
struct Sender(Option<Resolver<Far<Counter>>>);

#[object]
impl Sender {
    fn send(&mut self, cx: &Cx<Self>) {
        let (counter, resolver) = promise::<Far<Counter>>();
        (0..MANY).for_each(|n| drop(counter.add(cx, n)));
        self.0 = Some(resolver);
    }
}

/// Nobody wants the answer, for which there is no room then.
fn waiting() -> usize {
    let mut vm = empty();
    let sender = vm.spawn_object(Sender(None));
    churn(&mut vm);
    bytes_each(|| {
        vm.tell(|cx| sender.send(cx));
        churn(&mut vm);
    })
}
