//! R50: what fails, fails alone.

use marketplace::*;
use proptest::prelude::*;

use crate::program::{program, start};
use crate::support::{Log, on_message, pid, process, send, sent, silent, subscriber, value};

proptest! {
    // No more of them in release: a panic takes as long there.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any process may panic, fail or explode, at any time: a sibling answers, the VM works, the
    /// host is not touched.
    #[test]
    fn a_failure_touches_nobody_else(program in program(), steps in 0..80usize, victim in 2..8u64) {
        let mut sim = start(&program, &Log::default());
        sim.run_steps(steps);
        // It is out of the program's reach: killed by nobody, on a topic that only `_` meets.
        let watch = process(Log::default().doing("watch", subscriber("ping"), |heard| {
            matches!(heard, Heard::Message(..)).then(|| send("pong"))
        }));
        sim.spawn(name_process(value("watch"), watch));
        sim.kill(pid(victim), Reason::Normal);
        sim.run();
        let killed = sim.exits().iter().any(|exit| exit.vm.is_empty() && exit.name == Some(value("watch")));
        let before = sent(&sim).len();
        sim.send(&value("ping"));
        sim.run();
        let answers = sent(&sim)[before..].iter().filter(|body| *body == "pong").count();
        prop_assert_eq!(answers, usize::from(!killed), "{}", sim.trace());
        for exit in sim.exits().iter().filter(|exit| exit.name == Some(value("watch"))) {
            let killed = matches!(exit.reason, Reason::Killed(_) | Reason::Normal);
            prop_assert!(killed, "{}", exit.reason);
        }
        prop_assert_eq!(sim.stats().queued, 0);
        drop(sim);
    }

    /// The law for values whose destructors fail, which die where they are let go.
    #[test]
    fn values_explode_alone(program in program(), bombs in 1..4usize, steps in 0..40usize) {
        let program = std::sync::Arc::new((*program).clone());
        let scripts = program.clone();
        let mut vm = GroundVm::new(move |_| {
            let opaque = || Value::sequence((0..bombs).map(|_| Value::from(Opaque::new(crate::program::Bomb))));
            let sender = process((
                send_message(&opaque()),
                name_endpoint(opaque(), silent(Role::subscriber(opaque()))),
                send_message(&opaque()),
                refuse(opaque(), opaque()),
                quit().because(Reason::Value(opaque())),
                send_message(&opaque()),
            ));
            let _ = &scripts;
            Transition::new((), (on_message(subscriber("ping"), |_| send("pong")), sender))
        });
        vm.run(steps);
        vm.kill(pid(2), Reason::Normal);
        while vm.run(usize::MAX) {}
        while vm.poll().is_some() {}
        prop_assert!(vm.outcome().is_ok());
        prop_assert_eq!(vm.stats().processes, 2, "the boot process and the relay");
    }
}
