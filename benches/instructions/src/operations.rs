//! The work, as a user of marketplace writes it. No clock, no randomness: so many of an operation
//! take the same instructions each time.

use marketplace::GroundVm;
use marketplace::objects::*;
use marketplace::prelude::*;

/// Something that the kernel does all the time.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// The name of one operation: for people.
    pub(crate) one: &'static str,
    /// Does it so many times, and what must be done before.
    pub(crate) work: fn(u64),
    /// How many are enough for a figure: a multiple of [`BATCH`], and of what the work does at
    /// once.
    pub(crate) enough: u64,
}

pub(crate) const OPERATIONS: [Operation; 9] = [
    Operation { name: "ping-pong", one: "a message", work: ping_pong, enough: 20_000 },
    Operation { name: "fan-out", one: "a delivery to one of 100", work: fan_out, enough: 100_000 },
    Operation { name: "routing", one: "a message to one of 1,000 topics", work: routing, enough: 20_000 },
    Operation { name: "presence", one: "a notification when 100 join", work: presence, enough: 100_000 },
    Operation { name: "spawn", one: "a process: spawn, message, exit", work: spawn_and_exit, enough: 10_000 },
    Operation {
        name: "meta-level",
        one: "a level that a message goes out",
        work: meta_level,
        enough: 20_000,
    },
    Operation { name: "round", one: "a send to an object, answer and `when`", work: round, enough: 20_000 },
    Operation { name: "send-only", one: "a send without answer", work: send_only, enough: 20_000 },
    Operation { name: "pipeline", one: "a send to an open promise", work: pipeline, enough: 20_000 },
];

/// How many things the host asks for before it runs the VM.
const BATCH: u64 = 100;

#[derive(Message, Clone)]
struct Ping(u64);

#[derive(Message, Clone)]
struct Pong(u64);

#[derive(Message, Clone)]
struct Says {
    topic: u64,
    payload: u64,
}

fn churn(vm: &mut GroundVm) {
    vm.run(usize::MAX);
    while vm.poll().is_some() {}
}

fn empty() -> GroundVm {
    GroundVm::new(|_| transition_no_state!())
}

fn ping_pong(messages: u64) {
    let mut vm = GroundVm::new(|_| {
        transition_no_state!(
            spawn!(transition_no_state!(subscriber!(
                Ping(_),
                on_message!(Ping(n) if n > 0 => send_message!(Pong(n - 1))),
            ))),
            spawn!(transition_no_state!(subscriber!(
                Pong(_),
                on_message!(Pong(n) if n > 0 => send_message!(Ping(n - 1))),
            ))),
        )
    });
    churn(&mut vm);
    vm.send(&Ping(messages));
    churn(&mut vm);
}

/// A process that adds up what it hears.
fn listener(topic: u64) -> Spawn<()> {
    spawn!(transition!(
        0u64,
        subscriber!(
            Says { topic, .. },
            match_state!(sum: u64 => on_message!(Says { payload, .. } => transition!(sum.wrapping_add(payload)))),
        ),
    ))
}

fn fan_out(deliveries: u64) {
    const LISTENERS: u64 = 100;
    let mut vm = empty();
    for _ in 0..LISTENERS {
        vm.spawn(listener(7));
    }
    churn(&mut vm);
    for _ in 0..deliveries / LISTENERS / BATCH {
        for payload in 0..BATCH {
            vm.send(&Says { topic: 7, payload });
        }
        churn(&mut vm);
    }
}

fn routing(messages: u64) {
    const TOPICS: u64 = 1_000;
    let mut vm = empty();
    for topic in 0..TOPICS {
        vm.spawn(listener(topic));
    }
    churn(&mut vm);
    for batch in 0..messages / BATCH {
        for payload in 0..BATCH {
            // All over the topics, and each as often as the others.
            vm.send(&Says { topic: (batch * BATCH + payload) * 389 % TOPICS, payload });
        }
        churn(&mut vm);
    }
}

/// A process that is in the room and counts who comes.
fn member(who: u64) -> Spawn<()> {
    spawn!(transition!(
        0u64,
        publisher!(Says { topic: who, .. }),
        observe_publishers!(
            Says { .. },
            match_state!(there: u64 => match_conversation!(Says { topic: _, .. } =>
                on_presence!(transition!(there + 1)),
                on_absence!(transition!(there - 1)))),
        ),
    ))
}

/// Rooms that fill, one after another: each who joins hears of all who are there, himself included,
/// and they of him.
fn presence(notifications: u64) {
    const MEMBERS: u64 = 100;
    for _ in 0..notifications / (MEMBERS * MEMBERS) {
        let mut vm = empty();
        for who in 0..MEMBERS {
            vm.spawn(member(who));
            churn(&mut vm);
        }
    }
}

fn spawn_and_exit(processes: u64) {
    let mut vm = empty();
    for batch in 0..processes / BATCH {
        let topics = batch * BATCH..(batch + 1) * BATCH;
        for topic in topics.clone() {
            vm.spawn(spawn!(transition_no_state!(subscriber!(
                Says { topic, .. },
                on_message!(Says { .. } => quit()),
            ))));
        }
        churn(&mut vm);
        for topic in topics {
            vm.send(&Says { topic, payload: 0 });
        }
        churn(&mut vm);
    }
    assert_eq!(vm.stats().processes, 1, "only the event relay is left");
}

/// Four levels in, a process answers each of its own messages with one to the outermost level,
/// where it is heard.
fn meta_level(levels: u64) {
    const LEVELS: u64 = 4;
    let mut vm = empty();
    vm.spawn(listener(7));
    vm.spawn(spawn_vm!(spawn_vm!(spawn_vm!(spawn_vm!(spawn!(teller(levels / LEVELS)))))));
    churn(&mut vm);
}

fn teller(times: u64) -> Transition<()> {
    transition_no_state!(
        subscriber!(
            Ping(_),
            on_message!(Ping(n) if n > 0 => (
                at_meta_level!(at_meta_level!(at_meta_level!(at_meta_level!(
                    send_message!(Says { topic: 7, payload: n })
                )))),
                send_message!(Ping(n - 1)),
            )),
        ),
        send_message!(Ping(times)),
    )
}

struct Counter(u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
}

/// Asks again when it has the answer.
struct Caller {
    left: u64,
    counter: Far<Counter>,
}

impl Caller {
    fn again(&mut self, cx: &Cx<Self>) {
        if self.left > 0 {
            self.left -= 1;
            let sum = self.counter.add(cx, 1);
            cx.when(sum, |caller, cx, sum: Result<u64, Reason>| {
                sum?;
                caller.again(cx);
                Ok(())
            });
        }
    }
}

#[object]
impl Caller {
    fn go(&mut self, cx: &Cx<Self>) {
        self.again(cx);
    }
}

fn round(rounds: u64) {
    let mut vm = empty();
    churn(&mut vm);
    let counter = vm.spawn_object(Counter(0));
    let caller = vm.spawn_object(Caller { left: rounds, counter });
    vm.tell(|cx| {
        caller.go(cx);
    });
    churn(&mut vm);
}

/// Two objects that send to each other.
struct Player {
    other: Option<Far<Player>>,
}

#[object]
impl Player {
    fn meet(&mut self, other: Far<Player>) {
        self.other = Some(other);
    }

    fn ping(&mut self, cx: &Cx<Self>, n: u64) {
        if let Some(other) = &self.other
            && n > 0
        {
            other.ping(cx, n - 1);
        }
    }
}

fn send_only(messages: u64) {
    let mut vm = empty();
    churn(&mut vm);
    let a = vm.spawn_object(Player { other: None });
    let b = vm.spawn_object(Player { other: Some(a.clone()) });
    vm.tell(|cx| {
        a.meet(cx, &b);
        a.ping(cx, messages);
    });
    churn(&mut vm);
}

/// Sends to the answer of its own message before that is there, and so on.
struct Walker {
    left: u64,
    room: Far<Room>,
}

struct Room;

#[object]
impl Room {
    fn next(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }
}

impl Walker {
    /// How many messages are sent to an open promise in one turn.
    const PIPELINE: u64 = 10;

    fn again(&mut self, cx: &Cx<Self>) {
        if self.left > 0 {
            self.left -= Self::PIPELINE;
            let first = self.room.next(cx);
            let last = (0..Self::PIPELINE).fold(first, |room, _| room.next(cx));
            cx.when(last, |walker, cx, room: Result<Far<Room>, Reason>| {
                room?;
                walker.again(cx);
                Ok(())
            });
        }
    }
}

#[object]
impl Walker {
    fn go(&mut self, cx: &Cx<Self>) {
        self.again(cx);
    }
}

fn pipeline(messages: u64) {
    let mut vm = empty();
    churn(&mut vm);
    let room = vm.spawn_object(Room);
    let walker = vm.spawn_object(Walker { left: messages, room });
    vm.tell(|cx| {
        walker.go(cx);
    });
    churn(&mut vm);
}
