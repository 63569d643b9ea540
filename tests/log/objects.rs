//! O7, O21: what the log and verb tell of deliveries and answers.

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

/// The events of a trace, from its first cause on, without the references as which they were heard.
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
        assert_eq!(heard(sim.log(), "hears pay("), ["hears message \"go\"", "hears pay(3)"]);
        assert_eq!(
            heard(sim.log(), "hears that"),
            ["hears message \"go\"", "hears pay(3)", "hears that a promise gives 7"]
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
    assert_eq!(heard(sim.log(), "hears open("), ["hears message \"go\"", "hears open(1)"]);
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
    assert_eq!(heard(sim.log(), "hears open("), ["hears message \"go\"", "hears open(1)"]);
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
    let sends = depth("sends pay(3)");
    assert_eq!(depth("answers 7"), sends + 1);
    assert_eq!(depth("sends message [\"left\", 7]"), sends + 2);
}

/// The numbers of references, in the order in which they first stand there.
fn renumbered(text: &str) -> String {
    let mut known = Vec::new();
    let mut parts = text.split("ref#");
    let mut renumbered = parts.next().unwrap().to_string();
    for part in parts {
        let digits = part.find(|c: char| c != 'x' && !c.is_ascii_digit()).unwrap_or(part.len());
        let at = known.iter().position(|known| *known == &part[..digits]).unwrap_or(known.len());
        if at == known.len() {
            known.push(&part[..digits]);
        }
        renumbered.push_str(&format!("ref#{at}{}", &part[digits..]));
    }
    renumbered
}

/// Passes a call on a wire.
fn passer(bank: Far<Bank>) -> Transition<()> {
    transition_no_state!(
        replies!(on_reply!("w", _till: Value => ())),
        subscriber!("pass", on_message!(_ => pass(&bank, "w", &(Symbol::new("open"), 5u64)))),
    )
}

#[test]
fn o7_the_record_tells_who_sent_who_heard_and_where_the_answer_went() {
    let (mut sim, bank) = bank(0);
    let (paying, passing) = (bank.clone(), bank.clone());
    sim.spawn(name_process("payer", spawn!(payer(paying))));
    sim.spawn(name_process("passer", spawn!(passer(passing))));
    sim.run();
    let told = |sim: &mut Sim| {
        let told: Vec<_> = sim.log().turns().map(ToString::to_string).collect();
        sim.log_mut().clear();
        renumbered(&told.join("\n"))
    };
    sim.log_mut().clear();
    // To a promise, which a process waits for.
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(
        told(&mut sim),
        "\
p3 \"payer\" hears message \"go\", sends open(10) to ref#0, sends pay(3) to ref#1, waits for ref#2
p2 Bank() hears open(10) as ref#0, answers ref#3, for ref#1
p2 Bank() hears pay(3) as ref#3, answers 7, for ref#2
p3 \"payer\" hears that a promise gives 7, sends message [\"left\", 7]"
    );
    // On a duct.
    sim.send(&Text::from("pass"));
    sim.run();
    assert_eq!(
        told(&mut sim),
        "\
p4 \"passer\" hears message \"pass\", passes open(5) to ref#0 on \"w\"
p2 Bank() hears open(5) as ref#0, answers ref#1, for /passer/w
p4 \"passer\" hears reply ref#1 on \"w\""
    );
    // To the host, to nobody, and with an error to nobody.
    let asked = sim.ask(|cx| bank.open(cx, 1));
    sim.run();
    let till = asked.answer().unwrap().unwrap();
    sim.tell(|cx| {
        till.pay(cx, 1);
        till.pay(cx, 1);
    });
    sim.run();
    assert_eq!(
        told(&mut sim),
        "\
p2 Bank() hears open(1) as ref#0, answers ref#1, for ref#2; host hears the answer ref#1
p2 Bank() hears pay(1) as ref#1
p2 Bank() hears pay(1) as ref#1, answers with an error: no money, which nobody hears; nobody hears: no money"
    );
}

/// Once for each.
#[test]
fn o21_verb_has_a_line_for_each_delivery_and_each_settlement() {
    let (mut sim, bank) = bank(1);
    let (paying, waited) = (bank.clone(), promise::<u64>());
    sim.spawn(name_process("payer", spawn!(payer(paying))));
    sim.run();
    sim.set_verb(true);
    sim.send(&Text::from("go"));
    sim.run();
    let till = sim.ask(|cx| bank.open(cx, 1));
    sim.run();
    let till = till.answer().unwrap().unwrap();
    let asked = sim.ask(|cx| till.pay(cx, 2));
    sim.run();
    assert!(asked.answer().is_some());
    // Nobody decides it any more.
    let (open, resolver) = waited;
    let asked = sim.ask(|_| open);
    sim.run();
    drop(resolver);
    sim.run();
    assert!(asked.answer().is_some());
    let lines: Vec<_> = sim.verb().iter().filter(|line| !line.contains("event-relay")).cloned().collect();
    assert_eq!(
        renumbered(&lines.join("\n")),
        r#"| host sends message "go"
|| p3 "payer" sends open(10) to ref#0
||| p2/p1 Bank() hears open(10) as ref#0
|| p3 "payer" sends pay(3) to ref#1
|| p3 "payer" waits for ref#2
||| p2/p1 Bank() answers ref#3, for ref#1
|||| p2/VM delivers what waits at ref#1
||| p2/p1 Bank() hears pay(3) as ref#3
||| p2/p1 Bank() answers 7, for ref#2
|||| p2 tells that a promise gives 7
||||| p3 "payer" hears that a promise gives 7
||||| p3 "payer" sends message ["left", 7]
| host sends open(1) to ref#0
|| p2/p1 Bank() hears open(1) as ref#0
| host waits for ref#4
|| p2/p1 Bank() answers ref#5, for ref#4
||| p2 tells that a promise gives ref#5
|||| host hears the answer ref#5
| host sends pay(2) to ref#5
|| p2/p1 Bank() hears pay(2) as ref#5
| host waits for ref#6
|| p2/p1 Bank() answers with an error: no money, for ref#6
||| p2 tells that a promise is broken: no money
|||| host hears that there is no answer: no money
| host waits for ref#7
| ref#7 is broken: nobody is left who could answer
| host hears that there is no answer: nobody is left who could answer"#
    );
}

/// An object of clauses lets go of its duct. The log, which has the turn's duct, keeps no resolver.
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
