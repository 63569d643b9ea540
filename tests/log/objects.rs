//! O7: what is logged of deliveries and answers.

use marketplace::log::Log;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

struct Till(u64);

#[object]
impl Till {
    fn pay(&mut self, amount: u64) -> Result<u64, Failure> {
        self.0 = self.0.checked_sub(amount).ok_or_else(|| Failure::value(&Text::from("no money")))?;
        Ok(self.0)
    }
}

struct Bank;

#[object]
impl Bank {
    fn open(&mut self, cx: &Cx<Self>, money: u64) -> Far<Till> {
        cx.make(Till(money))
    }
}

/// A bank, so many levels in; with the log on.
fn bank(levels: usize) -> (Sim, Far<Bank>) {
    let mut sim = Sim::new(|_| transition_no_state!());
    let (spawn, bank) = spawn_object(Bank);
    sim.spawn((0..levels).fold(spawn, |inner, _| spawn_vm!(inner)));
    sim.run();
    sim.log_mut().turn_on();
    (sim, bank)
}

/// What turns heard, without the number of what they heard it as: from the first cause to this one.
fn heard(log: &Log, last: &str) -> Vec<String> {
    let is_last = |turn: &&marketplace::log::LoggedTurn| turn.heard.to_string().starts_with(last);
    let last = log.turns().rfind(is_last).unwrap_or_else(|| panic!("nobody {last}: {log:#?}"));
    let mut trace = log.trace(last.id);
    trace.reverse();
    trace.into_iter().map(|turn| turn.heard.to_string().split(" as ").next().unwrap().into()).collect()
}

/// Opens a till and pays in one turn; says what is left.
fn payer(bank: Far<Bank>) -> Transition<()> {
    transition_no_state!(subscriber!(
        "go",
        on_message!(_ => ask(
            |cx| bank.open(cx, 10).pay(cx, 3),
            |(), left| transition_no_state!(send_message!(("left", left.unwrap()))),
        ))
    ))
}

#[test]
fn o7_the_cause_of_a_message_that_has_waited_is_its_sender_and_of_a_when_the_answer() {
    for levels in 0..3 {
        let (mut sim, bank) = bank(levels);
        sim.spawn(spawn!(payer(bank)));
        sim.run();
        sim.send(&Text::from("go"));
        sim.run();
        // Not the turn that opened the till.
        assert_eq!(heard(sim.log(), "hears ['pay"), ["hears message \"go\"", "hears ['pay, 3]"]);
        assert_eq!(
            heard(sim.log(), "hears that"),
            ["hears message \"go\"", "hears ['pay, 3]", "hears that a promise gives 7"]
        );
        let first = sim.log().turns().find(|turn| turn.heard.to_string() == "hears message \"go\"").unwrap();
        let tree: Vec<_> = sim.log().tree_below(first).turns().iter().map(|(depth, _)| *depth).collect();
        assert_eq!(tree, [0, 1, 1, 2], "the till is opened, it pays, and that is heard");
    }
}

/// Nobody can hear it before the process has booted.
#[test]
fn o7_the_cause_of_a_message_to_an_object_that_is_not_there_yet_is_its_sender() {
    let mut sim = Sim::new(|_| transition_no_state!());
    sim.log_mut().turn_on();
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        "go",
        on_message!(_ => {
            let (spawn, bank) = spawn_object(Bank);
            actions!(tell(|cx| { bank.open(cx, 1); }), spawn)
        })
    ))));
    sim.run();
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(heard(sim.log(), "hears ['open"), ["hears message \"go\"", "hears ['open, 1]"]);
}

/// It waits twice: at a promise that is then settled with another one.
#[test]
fn o7_however_often_a_message_waits_its_cause_is_its_sender() {
    let (mut sim, bank) = bank(1);
    let (first, settles_first) = promise::<Far<Bank>>();
    let (second, settles_second) = promise::<Far<Bank>>();
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        "go",
        on_message!(_ => tell(|cx| { first.open(cx, 1); }))
    ))));
    sim.spawn(spawn!(transition_no_state!(
        subscriber!("first", on_message!(_ => settles_first.follow(&second))),
        subscriber!("second", on_message!(_ => settles_second.fulfill(&bank))),
    )));
    for word in ["go", "first", "second"] {
        sim.run();
        sim.send(&Text::from(word));
    }
    sim.run();
    assert_eq!(heard(sim.log(), "hears ['open"), ["hears message \"go\"", "hears ['open, 1]"]);
}

#[test]
fn o7_the_cause_of_a_when_of_what_is_settled_already_is_who_asked() {
    for levels in 0..2 {
        let (mut sim, bank) = bank(levels);
        let till = sim.ask(|cx| bank.open(cx, 1));
        sim.run();
        let till = till.answer().unwrap().unwrap();
        sim.spawn(spawn!(transition_no_state!(subscriber!(
            "go",
            on_message!(_ => when(
                &till,
                |(), _till| transition_no_state!(),
            ))
        ))));
        sim.run();
        sim.send(&Text::from("go"));
        sim.run();
        let trace = heard(sim.log(), "hears that a promise gives ref");
        assert_eq!(trace[0], "hears message \"go\"");
        assert_eq!(trace.len(), 2);
    }
}

#[test]
fn u22_in_verb_a_message_that_has_waited_lies_below_its_sender() {
    let (mut sim, bank) = bank(0);
    sim.spawn(spawn!(payer(bank)));
    sim.run();
    sim.set_verb(true);
    sim.send(&Text::from("go"));
    sim.run();
    let depth = |text: &str| {
        let line = sim.verb().iter().find(|line| line.contains(text));
        let line = line.unwrap_or_else(|| panic!("{text}: {:#?}", sim.verb()));
        line.chars().take_while(|c| *c == '|').count()
    };
    let sends = depth("sends ['pay, 3]");
    assert_eq!(depth("answers 7"), sends + 1);
    assert_eq!(depth("sends message [\"left\", 7]"), sends + 2);
}

/// What the log has of a duct keeps no resolver: an object of clauses lets go of one.
#[test]
fn o23_a_logged_duct_keeps_no_promise() {
    for log in [false, true] {
        let mut sim = Sim::new(|_| transition_no_state!());
        if log {
            sim.log_mut().turn_on();
        }
        let (me, here) = reference::<()>();
        let forgets = object_of!(here, on_message!(_ => ()));
        sim.spawn(spawn!(transition_no_state!(forgets)));
        let asked = sim.ask(|cx| send(cx, &me, "answer", ()));
        sim.run();
        assert_eq!(
            asked.answer().map(|answer| answer.map_err(|reason| reason.to_string())),
            Some(Err(String::from("nobody answered: the duct of the message was dropped"))),
            "log on: {log}"
        );
    }
}
