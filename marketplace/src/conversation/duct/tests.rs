//! Books of ducts: their entries, and when they change.

use super::*;
use crate::conversation::duct::hands::NOTED;
use crate::data::numbers::TowerId;

fn duct() -> Duct {
    above(Duct::EMPTY)
}

fn above(below: Duct) -> Duct {
    let hop =
        Hop { to: Back::Host(PassId(0)), wire: Value::UNIT, name: None, site: Site::ground(TowerId::NONE) };
    below.push(hop, ActionId::NONE).unwrap_or_default()
}

/// When nobody holds a duct any more, the duct below is let go of, even if others look on.
#[test]
fn the_last_hand_lets_go_of_what_is_below() {
    let below = duct();
    let below_is_held = {
        let below = below.seen();
        move || below.is_held()
    };
    let first = above(above(below));
    let looked_at = first.seen();
    let second = first.clone();
    drop(first);
    assert!(below_is_held(), "the second hand has it");
    drop(second);
    assert!(!below_is_held());
    drop(looked_at.held());
    assert!(!below_is_held());
    let found = looked_at.held();
    assert!(below_is_held(), "who takes it out of a message has it");
    drop(found);
    assert!(!below_is_held());
}

#[test]
fn a_duct_has_as_many_hops_as_it_may_and_no_more() {
    let hop = || Hop {
        to: Back::Host(PassId(0)),
        wire: Value::UNIT,
        name: None,
        site: Site::ground(TowerId::NONE),
    };
    let deepest =
        (0..MAX_HOPS).fold(Duct::EMPTY, |below, _| below.push(hop(), ActionId::NONE).expect("there is room"));
    assert_eq!(deepest.hops().count(), MAX_HOPS);
    let identity = deepest.identity();
    let back = deepest.push(hop(), ActionId::NONE).expect_err("there is no room");
    assert_eq!(back.identity(), identity, "it comes back as it is");
}

fn hash_of(duct: &Duct) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    duct.hash(&mut hasher);
    hasher.finish()
}

/// Ducts that are gone are forgotten now and then: those that are there are not.
#[test]
fn equal_ducts_have_equal_hashes_however_many_came_and_went_between() {
    let site = Site::ground(TowerId::NONE);
    let made = |wire: i128| {
        let (wire, site) = (Value::from(wire), site.clone());
        Duct::EMPTY
            .push(Hop { to: Back::Host(PassId(0)), wire, name: None, site }, ActionId::NONE)
            .unwrap_or_default()
    };
    let first = made(0);
    let hash = hash_of(&first);
    (1..1000).for_each(|wire| assert_ne!(hash_of(&made(wire)), hash));
    assert_eq!(hash_of(&made(0)), hash);
    let known = site.tower.classes().len();
    assert!(known < 200, "one is left: {known} are known");
}

/// A VM may be gone before the ducts of an ended process are settled.
#[test]
fn what_is_never_settled_is_let_go_at_last() {
    let below = duct();
    let seen = below.seen();
    let above = above(below);
    let looked_at = above.seen();
    let let_go = LetGo::of(&above);
    drop(above);
    assert!(seen.is_held(), "its process may still hear that there will be no answer");
    drop((looked_at, let_go));
    assert!(!seen.is_held());
}

#[test]
fn each_end_has_what_was_let_go_of_in_it() {
    let ducts: [Duct; 6] = std::array::from_fn(|_| duct());
    let known = ducts.each_ref().map(|duct| duct.identity().unwrap());
    let [before, first, inner, innermost, second, after] = ducts;
    drop(before);
    let (inside, outside) = letting_go(|| {
        drop(first);
        let (deepest, inside) = letting_go(|| {
            let ((), deepest) = letting_go(|| drop(innermost));
            drop(inner);
            deepest
        });
        assert!(letting_go(|| ()).1.is_none());
        drop(second);
        [deepest, inside]
    });
    drop(after);
    let [deepest, inside] = inside;
    let let_go = [deepest, inside, outside, letting_go(|| ()).1];
    let let_go = let_go.iter().map(|ducts| ducts.iter().flatten().map(LetGo::identity).collect::<Vec<_>>());
    let [_, first, inner, innermost, second, _] = known;
    let expected = [vec![innermost], vec![inner], vec![first, second], vec![]];
    assert!(let_go.eq(expected));
}

#[test]
fn a_thread_keeps_no_room_for_what_it_has_told() {
    let ducts: Vec<_> = (0..1000).map(|_| duct()).collect();
    assert_eq!(letting_go(|| drop(ducts)).1.map(|let_go| let_go.len()), Some(1000));
    assert_eq!(NOTED.with_borrow(Vec::capacity), 0);
}

/// How many threads take part in a stress test, and what each does so many times.
const THREADS: usize = 4;
const ROUNDS: usize = 100_000;

/// Each does this so many times, all at once.
fn on_threads(work: impl Fn(usize) + Sync) {
    let start = std::sync::Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                (0..ROUNDS).for_each(&work);
            });
        }
    });
}

/// Threads take a duct out of a message, clone it and drop it, all at once. A holder of the duct
/// holds the duct below it.
#[test]
fn what_is_below_is_held_whichever_thread_holds_it() {
    let below = duct();
    let seen_below = below.seen();
    let seen = above(above(below)).seen();
    assert!(!seen_below.is_held());
    on_threads(|round| {
        let taken = seen.held();
        assert!(seen_below.is_held());
        if round % 3 == 0 {
            let clone = taken.clone();
            drop(taken);
            assert!(seen_below.is_held());
            drop(clone);
        }
    });
    assert!(!seen_below.is_held());
}

/// Meanwhile the process of the hop ends.
#[test]
fn what_is_below_is_let_go_of_once_whichever_thread_ends_the_hop() {
    let below = duct();
    let (seen_below, others) = (below.seen(), below.clone());
    let seen = above(below).seen();
    on_threads(|round| {
        let taken = seen.held();
        if round == ROUNDS / 2 {
            taken.end();
        }
    });
    let taken = seen.held();
    assert!(seen_below.is_held(), "by others, who hold it as before");
    drop(others);
    assert!(!seen_below.is_held(), "it is over, so that the hop does not hold it");
    drop(taken);
}
