//! An error that reaches nobody is told, the first of each type and verb.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{logs, told, told_with};

struct Till;

#[object]
impl Till {
    fn pay(&mut self) -> Result<(), Failure> {
        Err(Failure::value(&Text::from("no money")))
    }
}

#[test]
fn an_error_that_reaches_nobody_is_told_once() {
    let advice = "keep the promise, and look at what it gives";
    assert_eq!(
        logs(&told("unheard::pays")),
        [
            format!("WARN marketplace: an error of Till() reached nobody: no money; {advice}"),
            format!(
                "WARN marketplace: an error of Till() reached nobody: there is no method `steal`: there is `pay`; {advice}"
            ),
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn pays() {
    let (spawn, till) = spawn_object(Till);
    let pays = [tell(|cx| till.pay(cx)), tell(|cx| till.pay(cx))];
    let steals = tell(|cx| send(cx, &till, "steal", ()));
    assert_eq!(ground_vm!(spawn, pays, steals), Ok(()));
}

struct Shelf {
    left: u32,
}

#[object]
impl Shelf {
    fn take(&mut self) -> Result<(), Failure> {
        self.left -= 1;
        Err(Failure::value(&Text::from(format!("only {} left", self.left))))
    }
    fn fill(&mut self, by: u32) -> Result<(), Failure> {
        Err(Failure::value(&Text::from(format!("no place for {by}"))))
    }
    fn order(&self, cx: &Cx<Self>, by: u32) {
        let filled = cx.me().fill(cx, by);
        cx.when(filled, |_, _, filled| Ok(filled?));
    }
}

/// The errors of three verbs and of two continuations, each with a text of its own.
#[test]
fn o17_the_first_of_each_type_and_verb_is_a_warning_the_rest_debug() {
    let told = told_with("unheard::empties", &[("MARKETPLACE_LOG", "marketplace=debug")]);
    let said = |level: &str| -> Vec<String> {
        let of_level = told.iter().filter_map(|line| line.split_once(level));
        let unheard = of_level.filter_map(|(_, said)| said.split_once(" reached nobody: "));
        let cause = |(_, said): (&str, &str)| Some(said.split_once(';')?.0.to_string());
        unheard.filter_map(cause).collect()
    };
    assert_eq!(
        said(" WARN "),
        [
            "only 4 left",
            "no place for 1",
            "there is no method `burn`: there is `take`, `fill`, `order`",
            "no place for 3"
        ],
        "{told:?}"
    );
    assert_eq!(
        said("DEBUG "),
        ["only 6 left", "only 3 left", "no place for 2", "no place for 4"],
        "{told:?}"
    );
}

#[test]
#[ignore = "run by other tests"]
fn empties() {
    let (spawn, shelf) = spawn_object(Shelf { left: 5 });
    let (spawn_other, other) = spawn_object(Shelf { left: 7 });
    let fails = tell(|cx| {
        shelf.take(cx);
        other.take(cx);
        shelf.take(cx);
        shelf.fill(cx, 1);
        shelf.fill(cx, 2);
        send(cx, &shelf, "burn", ());
        shelf.order(cx, 3);
        other.order(cx, 4);
    });
    assert_eq!(ground_vm!(spawn, spawn_other, fails), Ok(()));
}

#[test]
fn an_error_that_somebody_looks_at_is_not_told() {
    assert_eq!(told("unheard::looks"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn looks() {
    let (spawn, till) = spawn_object(Till);
    let asks = ask(
        |cx| till.pay(cx),
        |(), paid| {
            assert!(paid.is_err());
            transition_no_state!()
        },
    );
    assert_eq!(ground_vm!(spawn, asks), Ok(()));
}

/// A test of failures is told nothing: they are what it is about. Nor is a program.
#[test]
fn a_sim_tells_what_went_wrong_in_it_if_its_test_fails() {
    let sims: Vec<_> =
        told("unheard::fails_in_a_sim").into_iter().filter(|line| line.starts_with("sim")).collect();
    assert_eq!(
        sims,
        [
            "sim: payer() failed: no money; it hears that a promise is broken: no money",
            "sim: an error of Till() reached nobody: no money; keep the promise, and look at what it gives",
        ]
    );
    assert_eq!(told("unheard::passes_in_a_sim"), Vec::<String>::new());
}

fn payer(till: Far<Till>) -> Transition<()> {
    transition_no_state!(
        tell(|cx| till.pay(cx)),
        tell(|cx| till.pay(cx)),
        ask(
            |cx| till.pay(cx),
            |(), paid| {
                paid?;
                Ok(transition_no_state!())
            }
        ),
    )
}

fn failures() -> Sim {
    let mut sim = Sim::new(|_| {
        let (spawn, till) = spawn_object(Till);
        transition_no_state!(spawn, spawn!(payer(till)))
    });
    sim.run();
    sim
}

#[test]
#[ignore = "run by other tests"]
#[should_panic = "nobody paid"]
fn fails_in_a_sim() {
    let sim = failures();
    assert!(sim.exits().is_empty(), "nobody paid");
}

#[test]
#[ignore = "run by other tests"]
fn passes_in_a_sim() {
    assert_eq!(failures().exits().len(), 1);
}
