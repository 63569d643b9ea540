//! The messages that wait are bounded, and a chain of any length takes a small stack (O20).

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Limits, What};

use crate::deeds::{Keeper, Notes, answer, keeper, say, sim};

/// Without recursion: the stack of this thread is small.
#[test]
fn o20_a_long_chain_settles_and_drops_on_a_small_stack() {
    let run = || {
        const LONG: usize = 100_000;
        let (first, resolver) = promise::<u64>();
        let mut last = first;
        let mut follows = Vec::with_capacity(LONG);
        for _ in 0..LONG {
            let (next, of_next) = promise::<u64>();
            follows.push((of_next, last));
            last = next;
        }
        let mut sim = sim();
        sim.set_limits(Limits { queued: usize::MAX, queued_bytes: usize::MAX, ..Limits::default() });
        let asked = sim.ask(|_| last.clone());
        sim.spawn(spawn!({
            let follow: ActionTree<()> = follows.into_iter().map(|(of, on)| of.follow(on)).collect();
            transition_no_state!(follow)
        }));
        sim.run();
        assert_eq!(answer(&asked), "nothing");
        sim.spawn(spawn!(transition_no_state!(resolver.fulfill(7u64))));
        sim.run();
        assert_eq!(answer(&asked), "7");
        drop(last);
        // One that is never settled.
        let (first, resolver) = promise::<u64>();
        let mut last = first.to_value();
        for _ in 0..LONG {
            let (next, of_next) = promise::<Value>();
            sim.spawn(spawn!(transition_no_state!(of_next.fulfill(last))));
            last = next.to_value();
            if sim.stats().queued > 10_000 {
                sim.run();
            }
        }
        sim.run();
        drop((last, resolver));
        sim.run();
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap().join().unwrap();
}

/// Each message that waited is an action, and so is each answer: each is a step, and has a number.
#[test]
fn o20_what_waited_and_each_answer_is_a_step() {
    let notes = Notes::default();
    let mut sim = sim();
    let to = keeper(&mut sim, 0, "to", &notes);
    let (open, resolver) = promise::<Far<Keeper>>();
    let asked: Vec<_> = (0..3).map(|n| sim.ask(|cx| open.echo(cx, n))).collect();
    sim.run();
    let settled_with = to.clone();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(settled_with))));
    let mut steps = 0;
    while sim.run_steps(1) {
        steps += 1;
        assert!(notes.take().len() <= 1, "one turn a step");
    }
    // The spawn, the settlement, three messages, three answers.
    assert!(steps >= 7, "{steps}: {}", sim.trace());
    assert!(asked.iter().enumerate().all(|(n, asked)| answer(asked) == n.to_string()));
    let mut ids: Vec<_> = sim
        .trace()
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Performed { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "each has its own number: {}", sim.trace());
}

/// A message that waits counts among the bytes of the VM that performed the send.
#[test]
fn o20_what_waits_counts_among_the_bytes() {
    let mut sim = sim();
    let (open, resolver) = promise::<Far<Keeper>>();
    let before = sim.stats().queued_bytes;
    sim.tell(|cx| {
        open.note(cx, "x".repeat(10_000));
    });
    sim.run();
    assert!(sim.stats().queued_bytes >= before + 10_000, "{}", sim.stats().queued_bytes);
    drop(resolver);
    sim.run();
    assert_eq!(sim.stats().queued_bytes, before);
}

/// A process that lets more and more wait fails.
#[test]
fn o20_the_limit_of_bytes_holds_for_what_waits() {
    let mut sim = sim();
    sim.set_limits(Limits { queued_bytes: 100_000, ..Limits::default() });
    let (open, _resolver) = promise::<Far<Keeper>>();
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        "more",
        on_message!(_ =>
        tell(|cx| { open.note(cx, "x".repeat(30_000)); }))
    ))));
    sim.run();
    for _ in 0..5 {
        say(&mut sim, "more");
    }
    assert_eq!(sim.exits().len(), 1, "{}", sim.stats().queued_bytes);
    assert!(sim.exits()[0].reason.to_string().contains("queue"), "{}", sim.exits()[0].reason);
}
