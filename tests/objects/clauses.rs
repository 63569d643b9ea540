//! Objects that a process makes of its clauses.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

#[object]
trait Session {
    fn say(&mut self, line: Text) -> u64;
    fn close(&mut self);
}

fn say<T: Message + std::fmt::Debug>(answer: Result<T, Reason>) -> PreAction<u64> {
    send_message!(format!("{answer:?}"))
}

/// Asks, and tells the answer to the world.
fn asks<T: Message + std::fmt::Debug>(send: impl FnOnce(&Asker) -> Promise<T>) -> ActionTree<u64> {
    ask(send, |lines: u64, answer| transition!(lines, say(answer)))
}

#[test]
fn clauses_answer_with_the_state_of_their_process() {
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        transition!(
            0u64,
            object_of!(
                here,
                match_duct!(duct => match_state!(lines: &mut u64 => on_message!(("say", line) => {
                    let line: Text = line;
                    *lines += 1;
                    actions![send_message!(("said", line)), give(&duct, &*lines)]
                }))),
            ),
            asks(|cx| session.say(cx, "a")),
            asks(|cx| session.say(cx, "b")),
        )
    });
    sim.run();
    let said = |line: &str| (Text::from("said"), Text::from(line));
    assert_eq!(sim.messages_of::<(Text, Text)>(), [said("a"), said("b")]);
    assert_eq!(sim.messages_of::<String>(), ["Ok(1)", "Ok(2)"]);
}

#[test]
fn a_message_without_a_clause_is_told_to_its_sender() {
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        transition!(
            0u64,
            object_of!(here, match_duct!(duct => on_message!(("say", _) => give(&duct, &1u64)))),
            ask(
                |cx| session.close(cx),
                |lines: u64, answer: Result<(), Reason>| {
                    let Err(reason) = answer else { panic!("there is no clause") };
                    assert!(matches!(Broken::of(&reason), Some(Broken::NoClause { .. })), "{reason}");
                    assert_eq!(reason.to_string(), "none of its clauses takes the message ['close]");
                    transition!(lines, send_message!("told"))
                }
            ),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["told"]);
}

#[test]
fn a_message_whose_answer_nobody_wants_is_heard() {
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        transition!(
            0u64,
            object_of!(
                here,
                on_message!(("say", line) => {
                    let line: Text = line;
                    send_message!(line)
                })
            ),
            tell(|cx| {
                session.say(cx, "a");
            }),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["a"]);
}

#[test]
fn a_duct_that_falls_breaks_the_answer() {
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        transition!(
            0u64,
            object_of!(here, on_message!(("close",) => ())),
            ask(
                |cx| session.close(cx),
                |lines: u64, answer: Result<(), Reason>| {
                    let Err(reason) = answer else { panic!("nobody answers") };
                    assert!(matches!(Broken::of(&reason), Some(Broken::Unanswered)), "{reason}");
                    transition!(lines, send_message!("told"))
                }
            ),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["told"]);
}

#[test]
fn the_last_turn_is_heard_once_with_the_state() {
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        transition!(
            7u64,
            subscriber!("stay"),
            object_of!(
                here,
                on_message!(_ => ()),
                match_state!(lines: &u64 => on_release!(send_message!(("released", *lines)))),
            ),
            tell(|cx| {
                session.close(cx);
            }),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<(Text, u64)>(), [("released".into(), 7)]);
}

#[test]
fn an_object_whose_clauses_are_not_about_its_release_just_goes() {
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        transition!(
            0u64,
            object_of!(here, on_message!(_ => ())),
            tell(|cx| {
                session.close(cx);
            }),
        )
    });
    sim.run();
    let released = sim.trace().records().iter().filter(|record| format!("{record:?}").contains("Released"));
    assert_eq!(released.count(), 0);
}

/// Makes objects of clauses that have it as their state.
struct House {
    visitors: u64,
}

#[object]
impl House {
    fn door(&mut self, cx: &Cx<Self>) -> Far<dyn Session> {
        let (door, here) = reference::<dyn Session>();
        cx.act(object_of!(
            here,
            match_duct!(duct => match_state!(house: &mut Self => on_message!(("say", _) => {
                house.visitors += 1;
                give(&duct, &house.visitors)
            }))),
            match_state!(house: &Self => on_release!(send_message!(("closed after", house.visitors)))),
        ));
        door
    }
}

#[test]
fn an_object_makes_another_of_clauses_with_itself_as_the_state() {
    let mut sim = Sim::new(|_| {
        let (spawn, house) = spawn_object(House { visitors: 1 });
        transition!(0u64, spawn, asks(|cx| house.door(cx).say(cx, "hello")))
    });
    sim.run();
    assert_eq!(sim.messages_of::<String>(), ["Ok(2)"]);
    assert_eq!(sim.messages_of::<(Text, u64)>(), [("closed after".into(), 2)]);
}

/// The clause that fails has had the duct, and its process owes the answer.
#[test]
fn o16_the_failure_of_clauses_is_told_once_to_whom_the_answer_is_to_go() {
    fn fail() -> ActionTree<()> {
        panic!("boom")
    }
    let mut sim = Sim::new(|_| {
        let (session, here) = reference::<dyn Session>();
        let clauses = spawn!(transition_no_state!(object_of!(
            here,
            match_duct!(_duct => on_message!(("say", _) => fail())),
        )));
        transition_no_state!(
            clauses,
            replies!(match_reason!(reason: Reason =>
                on_duct_absence!(send_message!(reason.to_string())))),
            pass(&session, "w", &(Symbol::new("say"), Text::from("a"))),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<String>(), ["it is gone (panic: boom)"]);
}
