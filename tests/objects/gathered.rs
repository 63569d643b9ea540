//! Promises that are waited for as one.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Performed, What};

use crate::notes::{act, answer, empty};

type Pairs = Vec<(Promise<u32>, Resolver<u32>)>;

fn pairs(count: usize) -> Pairs {
    (0..count).map(|_| promise()).collect()
}

fn promises(pairs: &Pairs) -> Vec<Promise<u32>> {
    pairs.iter().map(|(promise, _)| promise.clone()).collect()
}

fn why(why: &str) -> Reason {
    Reason::value(&Text::from(why))
}

#[test]
fn all_gives_in_the_order_of_the_promises() {
    let mut sim = empty();
    let pairs = pairs(4);
    let asked = sim.ask(|cx| all(cx, promises(&pairs)));
    // One of them is there already.
    let mut more = promises(&pairs);
    more.push(9u32.into());
    let more = sim.ask(|cx| all(cx, more));
    for (n, at) in [(2u32, 2), (0, 0), (3, 3), (1, 1)] {
        assert_eq!(asked.answer(), None);
        let resolver = pairs[at].1.clone();
        act(&mut sim, move || actions!(resolver.fulfill(n)));
    }
    assert_eq!(asked.answer(), Some(Ok(vec![0, 1, 2, 3])));
    assert_eq!(more.answer(), Some(Ok(vec![0, 1, 2, 3, 9])));
}

#[test]
fn all_of_none_gives_nothing_and_a_race_of_none_has_no_winner() {
    let mut sim = empty();
    assert_eq!(answer(&mut sim, |cx| all(cx, Vec::<Promise<u32>>::new())), Ok(vec![]));
    let lost = answer(&mut sim, |cx| race(cx, Vec::<Promise<u32>>::new())).unwrap_err();
    assert_eq!(Broken::of(&lost), Some(&Broken::Abandoned));
}

#[test]
fn all_breaks_when_one_breaks() {
    let mut sim = empty();
    let pairs = pairs(3);
    let asked = sim.ask(|cx| all(cx, promises(&pairs)));
    let (first, second) = (pairs[0].1.clone(), pairs[1].1.clone());
    act(&mut sim, move || actions!(second.break_because(why("second"))));
    assert_eq!(asked.answer(), Some(Err(why("second"))));
    // Of those that are broken already, the first counts.
    act(&mut sim, move || actions!(first.break_because(why("first"))));
    assert_eq!(answer(&mut sim, |cx| all(cx, promises(&pairs))), Err(why("first")));
}

#[test]
fn race_gives_the_first_that_is_settled() {
    let mut sim = empty();
    let two = pairs(2);
    let asked = sim.ask(|cx| race(cx, promises(&two)));
    sim.run();
    assert_eq!(asked.answer(), None);
    let (first, second) = (two[0].1.clone(), two[1].1.clone());
    act(&mut sim, move || actions!(second.fulfill(2u32), first.fulfill(1u32)));
    assert_eq!(asked.answer(), Some(Ok(2)));
    // Of those that are settled already, the first counts.
    assert_eq!(answer(&mut sim, |cx| race(cx, promises(&two))), Ok(1));
    let two = pairs(2);
    let asked = sim.ask(|cx| race(cx, promises(&two)));
    let second = two[1].1.clone();
    act(&mut sim, move || actions!(second.break_because(why("no"))));
    assert_eq!(asked.answer(), Some(Err(why("no"))));
}

#[test]
fn all_passes_on_in_the_step_of_the_answer_and_keeps_no_process() {
    let mut sim = empty();
    let two = pairs(2);
    let processes = sim.stats().processes;
    let asked = sim.ask(|cx| all(cx, promises(&two)));
    sim.run();
    assert_eq!(sim.stats().processes, processes);
    let (first, second) = (two[0].1.clone(), two[1].1.clone());
    act(&mut sim, move || actions!(first.fulfill(1u32)));
    sim.spawn(spawn(move |_| transition_no_state!(second.fulfill(2u32))));
    let before = sim.trace().records().len();
    while asked.answer().is_none() {
        assert!(sim.step());
    }
    let last = sim.trace().records().last().map(|record| &record.what);
    let is_answer = |what: &What| matches!(what, What::Performed { action: Performed::Answer(..), .. });
    let performed = sim.trace().records()[before..]
        .iter()
        .rfind(|record| matches!(record.what, What::Performed { .. }))
        .map(|record| &record.what);
    assert!(performed.is_some_and(is_answer), "{performed:?}");
    assert!(!matches!(last, Some(What::Turn { .. })), "no turn was taken: {last:?}");
    assert_eq!(asked.answer(), Some(Ok(vec![1, 2])));
}
