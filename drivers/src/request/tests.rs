//! Calls in a sim, where the test says what time it is.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::request::{CallFailure, call, promise};
use crate::timer::{TimerExpired, When};

#[derive(Message, Clone, Debug, PartialEq)]
struct Ask {
    id: Fresh,
    what: u64,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Tell {
    id: Fresh,
    what: u64,
}

/// The outcome of a call.
#[derive(Message, Clone, Debug, PartialEq)]
struct Outcome(Text);

/// The test tells servers what to do with requests.
#[derive(Message, Clone, Debug, PartialEq)]
enum Order {
    Answer(u64),
    Refuse,
    Break,
    Leave(u64),
}

/// Calls once. Its state counts what became of its calls.
fn caller(what: u64) -> Transition<u64> {
    let then = |ended: u64, answer: Result<Tell, CallFailure>| {
        let text = answer.map_or_else(|failure| failure.to_string(), |tell| tell.what.to_string());
        transition!(ended + 1, send_message!(Outcome(text.as_str().into())))
    };
    let ask =
        call(Duration::from_secs(1), move |id| Ask { id, what }, |id| topic!(Tell { id, what: _ }), then);
    transition!(0, ask, subscriber!("stop caller", on_message!(_ => quit())))
}

/// Keeps the last request, and does with it what the test says.
fn server(name: u64) -> Transition<Option<Fresh>> {
    transition!(
        None,
        subscriber!(
            Ask { .. },
            match_state!(_last: Option<Fresh> => on_message!(Ask { id, .. } => transition!(Some(id))))
        ),
        subscriber!(
            _,
            match_state!(last: &Option<Fresh> => on_message!(
                Order::Answer(what) => last.map(|id| send_message!(Tell { id, what })),
                Order::Refuse => last.map(|id| refuse(topic!(Tell { id, what: _ }), "busy")),
                Order::Break => quit().because("broken"),
                Order::Leave(who) if who == name => quit(),
            )),
            on_absence!(),
        ),
    )
}

fn sim(servers: u64) -> Sim {
    let mut sim = Sim::new(move |_| {
        let servers: Vec<_> = (0..servers).map(|name| spawn!(server(name))).collect();
        transition_no_state!(servers)
    });
    sim.run();
    sim.spawn(spawn!(caller(7)));
    sim.run();
    sim
}

fn outcomes(sim: &Sim) -> Vec<String> {
    sim.messages_of::<Outcome>().into_iter().map(|outcome| outcome.0.to_string()).collect()
}

fn order(sim: &mut Sim, order: &Order) {
    sim.send(order);
    sim.run();
}

/// The timer driver's message when the time is up: for any label, because only the caller knows its
/// own.
fn time_is_up(sim: &mut Sim) {
    sim.spawn(spawn!(transition_no_state!(observe_subscribers!(
        TimerExpired { .. },
        match_conversation!(TimerExpired { label, when, .. } =>
        on_presence!({
            assert_eq!(when, When::After(1000));
            send_message!(TimerExpired { label, when, now: 1000 })
        })),
    ))));
    sim.run();
}

#[test]
fn an_answer_ends_it_and_a_later_one_is_heard_by_nobody() {
    let mut sim = sim(1);
    assert_eq!(sim.messages_of::<Ask>().len(), 1);
    order(&mut sim, &Order::Answer(5));
    order(&mut sim, &Order::Answer(6));
    time_is_up(&mut sim);
    assert_eq!(outcomes(&sim), ["5"], "{}", sim.trace());
}

#[test]
fn of_several_the_first_who_answers_is_heard_and_it_is_asked_once() {
    let mut sim = sim(3);
    assert_eq!(sim.messages_of::<Ask>().len(), 1);
    order(&mut sim, &Order::Answer(5));
    assert_eq!(sim.messages_of::<Tell>().len(), 3);
    assert_eq!(outcomes(&sim), ["5"]);
}

#[test]
fn who_is_not_there_yet_is_waited_for() {
    let mut sim = sim(0);
    assert!(sim.messages_of::<Ask>().is_empty());
    sim.spawn(spawn!(server(0)));
    sim.run();
    order(&mut sim, &Order::Answer(5));
    assert_eq!(outcomes(&sim), ["5"]);
}

#[test]
fn nobody_and_nobody_in_time_are_told_apart() {
    let mut sim_of_none = sim(0);
    time_is_up(&mut sim_of_none);
    assert_eq!(outcomes(&sim_of_none), ["nobody was there to answer"]);
    let mut sim_of_one = sim(1);
    time_is_up(&mut sim_of_one);
    assert_eq!(outcomes(&sim_of_one), ["no answer in time"]);
    order(&mut sim_of_one, &Order::Answer(5));
    assert_eq!(outcomes(&sim_of_one).len(), 1, "that is too late");
}

#[test]
fn who_goes_before_it_answers_ends_it_when_it_was_the_last() {
    let mut sim = sim(2);
    order(&mut sim, &Order::Leave(0));
    assert!(outcomes(&sim).is_empty());
    order(&mut sim, &Order::Break);
    assert_eq!(outcomes(&sim), ["who was asked has gone (broken)"], "{}", sim.trace());
}

#[test]
fn a_refusal_ends_it() {
    let mut sim = sim(1);
    order(&mut sim, &Order::Refuse);
    assert_eq!(outcomes(&sim), ["the answer was refused: \"busy\""]);
}

#[test]
fn what_is_no_answer_by_its_type_is_none() {
    let mut sim = sim(1);
    let id = sim.messages_of::<Ask>()[0].id;
    /// A message of the same label and arity, with no number in it.
    #[derive(Message, Clone)]
    #[message(label = "Tell")]
    struct Wrong(Fresh, Text);
    sim.send(&Wrong(id, "five".into()));
    sim.run();
    order(&mut sim, &Order::Answer(5));
    assert_eq!(outcomes(&sim), ["5"]);
}

#[test]
fn calls_do_not_get_in_each_others_way_and_end_with_the_caller() {
    let mut sim = sim(1);
    let before = sim.stats().endpoints;
    for _ in 0..10 {
        sim.spawn(spawn!(caller(1)));
        sim.run();
        // The server answers the last one.
        order(&mut sim, &Order::Answer(3));
    }
    assert_eq!(outcomes(&sim), ["3"; 10], "the first is still waiting");
    sim.send(&"stop caller".to_string());
    sim.run();
    assert!(sim.stats().endpoints < before, "the caller that waited has gone with all that it had");
}

#[test]
fn what_was_said_by_one_who_leaves_at_once_counts() {
    let mut sim = sim(0);
    // It is gone before its answer is on the way.
    sim.spawn(spawn!(transition_no_state!(once(subscriber!(
        Ask { .. },
        on_message!(Ask { id, what } => send_message!(Tell { id, what })),
    )))));
    sim.run();
    assert_eq!(outcomes(&sim), ["7"], "{}", sim.trace());
}

#[test]
fn who_says_nothing_and_leaves_at_once_is_gone() {
    let mut sim = sim(0);
    sim.spawn(spawn!(transition_no_state!(once(subscriber!(Ask { .. })))));
    sim.run();
    assert_eq!(outcomes(&sim), ["who was asked has gone (normal)"]);
    // A server that comes now is not asked any more.
    sim.spawn(spawn!(server(0)));
    sim.run();
    assert_eq!(sim.messages_of::<Ask>().len(), 1);
}

#[test]
fn who_only_looks_on_is_not_asked() {
    let mut sim = sim(0);
    sim.spawn(spawn!(transition_no_state!(observe_publishers!(Ask { .. }))));
    sim.spawn(crate::spy::spy().to(|_| ()));
    sim.run();
    assert!(sim.messages_of::<Ask>().is_empty());
    time_is_up(&mut sim);
    assert_eq!(outcomes(&sim), ["nobody was there to answer"]);
}

#[test]
fn a_caller_that_ends_takes_its_call_along() {
    let mut sim = sim(1);
    sim.send(&"stop caller".to_string());
    sim.run();
    order(&mut sim, &Order::Answer(5));
    assert!(outcomes(&sim).is_empty());
}

#[test]
fn however_it_ends_its_three_endpoints_leave() {
    // An end of the call, with the number of other endpoints that come meanwhile: a server that
    // breaks has two, and the process that tells the time has one.
    type End = fn(&mut Sim);
    let ends: [(End, isize); 4] = [
        (|sim| order(sim, &Order::Answer(5)), 0),
        (|sim| order(sim, &Order::Refuse), 0),
        (|sim| order(sim, &Order::Break), -2),
        (time_is_up, 1),
    ];
    for (end, others) in ends {
        let mut sim = sim(1);
        let before = sim.stats().endpoints;
        end(&mut sim);
        assert_eq!(outcomes(&sim).len(), 1);
        assert_eq!(before.checked_add_signed(others - 3), Some(sim.stats().endpoints), "{}", sim.trace());
    }
}

/// The promise of an answer, asked for by the host.
fn promised(cx: &impl marketplace::objects::Asks) -> marketplace::objects::Promise<Tell> {
    promise(cx, Duration::from_secs(1), |id| Ask { id, what: 7 }, |id| topic!(Tell { id, what: _ }))
}

#[test]
fn however_a_promise_of_an_answer_is_settled_its_process_goes() {
    type Expected = fn(&CallFailure) -> bool;
    let ends: [(Order, Option<Expected>); 3] = [
        (Order::Answer(5), None),
        (Order::Refuse, Some(|failure| *failure == CallFailure::Refused(Value::from(Text::from("busy"))))),
        (
            Order::Break,
            Some(|failure| matches!(failure, CallFailure::Gone(why) if why.to_string() == "broken")),
        ),
    ];
    for (end, expected) in ends {
        let mut sim = Sim::new(|_| transition_no_state!(spawn!(server(0))));
        sim.run();
        let (processes, asked) = (sim.stats().processes, sim.ask(promised));
        sim.run();
        assert_eq!(sim.stats().processes, processes + 1);
        assert!(asked.answer().is_none());
        order(&mut sim, &end);
        match (asked.answer().unwrap(), expected) {
            (Ok(tell), None) => assert_eq!(tell.what, 5),
            (Err(why), Some(expected)) => assert!(expected(&why.decode().unwrap()), "{why}"),
            (answer, _) => panic!("{answer:?}"),
        }
        let server_left = usize::from(matches!(end, Order::Break));
        assert_eq!(sim.stats().processes, processes - server_left);
        assert_eq!(sim.stats().unheard_errors, 0);
    }
}

/// Nobody waits any more: it asks all the same, and goes.
#[test]
fn a_promise_that_is_dropped_leaves_nothing() {
    let mut sim = Sim::new(|_| transition_no_state!(spawn!(server(0))));
    sim.run();
    let processes = sim.stats().processes;
    sim.tell(|cx| drop(promised(cx)));
    sim.run();
    assert_eq!(sim.messages_of::<Ask>().len(), 1);
    order(&mut sim, &Order::Answer(5));
    assert_eq!(sim.stats().processes, processes);
}
