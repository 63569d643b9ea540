//! Laws that hold for every program of objects, tried on random ones at four levels.

mod model;
mod players;
mod programs;

use proptest::prelude::*;

use self::model::{Told, leaks, life, once, order};
use self::players::{Running, World, decide, forget, play};
use self::programs::{Answer, Op, Program, Step, Want, program};
use crate::config;

const PLAINLY: Running = Running { is_stepped: false, has_log: false };

/// Plays a program to its end, and checks all laws on the way.
fn check(program: &Program) -> Result<(), String> {
    let (mut sim, world) = play(program, PLAINLY);
    let laws = |sim: &marketplace::sim::Sim, all_decided| {
        world.with(|ledger| {
            let told = Told::of(sim, ledger);
            order(&told, ledger)?;
            once(&told, ledger, all_decided)?;
            life(&told, ledger, all_decided)
        })
    };
    let mut all = || {
        laws(&sim, false)?;
        decide(&mut sim, &world, PLAINLY);
        laws(&sim, true)?;
        forget(&mut sim, &world, PLAINLY);
        world.with(|ledger| leaks(&sim, ledger))
    };
    all().map_err(|broken| format!("{broken}\n{}", sim.trace()))
}

/// All that is seen of a run.
fn record(program: &Program, running: Running) -> Vec<String> {
    let (mut sim, world): (_, World) = play(program, running);
    decide(&mut sim, &world, running);
    forget(&mut sim, &world, running);
    sim.trace().records().iter().map(|record| format!("{record:?}")).collect()
}

proptest! {
    #![proptest_config(config(100_000))]

    #[test]
    fn objects_hear_answer_and_go(program in program()) {
        check(&program).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn looking_on_and_stepping_change_nothing(program in program()) {
        let plainly = record(&program, PLAINLY);
        prop_assert_eq!(&plainly, &record(&program, PLAINLY));
        prop_assert_eq!(&plainly, &record(&program, Running { has_log: true, ..PLAINLY }));
        prop_assert_eq!(&plainly, &record(&program, Running { is_stepped: true, ..PLAINLY }));
    }
}

/// Found by the laws: it was said that nobody is left who could answer.
#[test]
fn o15_an_answer_in_the_queue_of_a_vm_that_quits_breaks_with_its_reason() {
    let note = Op::Note { to: 0, with: None, want: Want::When, answer: Answer::Data };
    let program = Program {
        players: vec![(1, vec![0]), (0, vec![0])],
        steps: vec![Step::Do(0, note), Step::Do(1, Op::QuitVm)],
    };
    check(&program).unwrap();
    let (_, world) = play(&program, PLAINLY);
    world.with(|ledger| assert_eq!(ledger.waits[0].called, ["broken: it is gone (normal)"]));
}

/// Found by the laws: they took a VM for gone whose quit stands behind that of its process.
#[test]
fn what_is_asked_for_behind_a_quit_is_not_performed() {
    let program = Program {
        players: vec![(1, vec![0]), (3, vec![0])],
        steps: vec![
            Step::Do(0, Op::Quit),
            Step::Do(2, Op::QuitVm),
            Step::Do(1, Op::Make { in_a_process: true }),
        ],
    };
    check(&program).unwrap();
}

/// Found by the laws: the first note came out to the object there, behind the second.
#[test]
fn o6_a_message_on_its_way_out_is_not_overtaken_when_its_promise_is_settled() {
    let note = |to| Op::Note { to, with: None, want: Want::Nothing, answer: Answer::Data };
    let program = Program {
        players: vec![(4, vec![1, 0]), (0, vec![0])],
        steps: vec![
            Step::Do(1, Op::Forwarded { here: 0 }),
            Step::Do(1, note(2)),
            Step::Do(1, Op::Settle { resolver: 0, with: Answer::Hand(1) }),
            Step::Do(1, note(2)),
        ],
    };
    check(&program).unwrap();
}
