//! An error that reaches nobody is told, the first of its kind.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{logs, told};

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
