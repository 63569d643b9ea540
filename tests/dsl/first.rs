use bytes::Bytes;
use marketplace::*;

#[derive(Message, Clone, Debug, PartialEq)]
enum TcpAddress {
    Remote(String, u16),
    Handle(Value),
    Listener(u16),
}
#[derive(Message, Clone, Debug, PartialEq)]
enum TcpPacket {
    Data(Bytes),
    Eof,
}
#[derive(Message, Clone, Debug, PartialEq)]
struct TcpChannel(TcpAddress, TcpAddress, TcpPacket);
#[derive(Message, Clone, Debug, PartialEq)]
struct Says {
    who: Symbol,
    what: Text,
}
#[derive(Message, Clone, Debug, PartialEq)]
struct Reply<T> {
    id: u64,
    body: T,
}
#[derive(Message, Clone, Debug, PartialEq)]
struct Ping;

fn boot() -> Transition<()> {
    transition_no_state!(observe_publishers!(
        TcpChannel(_, TcpAddress::Listener(5999), _),
        match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
    ),)
}

fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    )
}

enum St {
    Idle(u64),
    Busy { n: u64, log: Vec<String> },
}

fn ep() -> AddEndpoint<St> {
    subscriber!(
        _,
        match_state!(St::Busy { n, mut log } =>
        on_message!(
            Reply { id: id @ 1..=9, body: k } if k > n => { log.push(format!("{id}")); transition!(St::Busy { n: k, log }) }
            Says { who: "tony" | "bob", what } => { let k: u64 = what.trim().parse()?; transition!(St::Idle(k)) },
        )),
        on_message!(Some((7u16, _)): Option<(u16, Text)> => quit(), Says { what, .. } => send_message!(Says { who: "echo", what })),
        match_state!(St::Idle(n): &St if *n > 3 => on_presence!(todo!())),
        match_reason!(Reason::Refused(why) => on_absence!(send_message!(why))),
        match_reason!(r: Reason => on_absence!(quit().because(r))),
    )
}

fn more(who: &Symbol, name: &str) -> ActionTree<u32> {
    actions![
        publisher!(Says { who, .. }),
        at_meta_level!(
            publisher!(Says { who, what: name }),
            at_meta_level!(quit(), send_message!(Ping)),
            Some(quit())
        ),
        subscriber!(Ping, on_message!(Ping => send_message!(Says { who, what: "x" }))),
        subscriber!(Reply::<Text> { id: 4, .. }),
        subscriber!((_, 4u8)),
        subscriber!(topic = Topic::any()),
        build_endpoint!("hello", Role::publisher(Topic::any()), on_first_presence!(quit())),
        let_fresh!(a, b => (name_endpoint(&a, subscriber!(Some(a))), delete_endpoint(&b))),
        yield_now!(|n: u32| transition!(n + 1)),
        spawn_continue!(child: boot(), parent: |n: u32, child: Result<Pid, Reason>| { let _ = child; transition!(n) }),
        spawn_vm!(vm_pid: v, boot_pid: b, state: 7u8, name: "inner"; spawn!(boot()), { let _ = (v, b); }),
        spawn_vm!(spawn!(pid => { let _ = pid; boot() })),
        send_feedback!(("a", 3u8, who)),
    ]
}
fn seq() -> Transition<u32> {
    sequence_actions!(transition!(1u32), quit(), |n| transition!(n + 1, quit()))
}
#[test]
fn it() {
    println!("{:?} {:?}", boot(), echoer(TcpAddress::Listener(1), TcpAddress::Handle(Value::UNIT)));
    println!("{:?} {:?} {:?}", ep(), more(&Symbol::new("x"), "n"), seq());
    let _ = TcpAddress::Remote("x".into(), 3);
    let _ = TcpPacket::Data(Bytes::new());
    let _ = TcpPacket::Eof;
    let _ = Ping;
    let _ = St::Idle(3);
}
