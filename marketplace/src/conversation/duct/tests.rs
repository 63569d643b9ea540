//! What is noted of ducts, and when.

use super::*;
use crate::conversation::duct::letting_go::LOST;

fn duct() -> Duct {
    above(Duct::EMPTY)
}

fn above(below: Duct) -> Duct {
    let hop = Hop { to: Back::Host(PassId(0)), wire: Value::UNIT, name: None, site: Site::ground() };
    below.push(hop, 0).unwrap_or_default()
}

/// With the last one in anybody's hands what is below is let go, also while others look on.
#[test]
fn the_last_hand_lets_go_of_what_is_below() {
    let below = duct();
    let below_is_kept = {
        let below = below.shown();
        move || below.is_kept()
    };
    let first = above(above(below));
    let looked_at = first.shown();
    let second = first.clone();
    drop(first);
    assert!(below_is_kept(), "the second hand has it");
    drop(second);
    assert!(!below_is_kept());
    drop(looked_at.good());
    assert!(!below_is_kept());
    let found = looked_at.good();
    assert!(below_is_kept(), "who takes it out of a message has it");
    drop(found);
    assert!(!below_is_kept());
}

/// A VM may be gone before it is settled what comes of a process's end.
#[test]
fn what_is_never_settled_is_let_go_at_last() {
    let below = duct();
    let seen = below.shown();
    let above = above(below);
    let looked_at = above.shown();
    above.set_pending(true);
    drop(above);
    assert!(seen.is_kept(), "its process may still hear that there will be no answer");
    drop(looked_at);
    assert!(!seen.is_kept());
}

#[test]
fn each_end_has_what_was_let_go_of_in_it() {
    let ducts: [Duct; 6] = std::array::from_fn(|_| duct());
    let known = ducts.each_ref().map(Duct::identity);
    let [before, first, inner, innermost, second, after] = ducts;
    drop(before);
    let (inside, outside) = letting_go(|| {
        drop(first);
        let (deepest, inside) = letting_go(|| {
            let ((), deepest) = letting_go(|| drop(innermost));
            drop(inner);
            deepest
        });
        assert!(letting_go(|| ()).1.is_empty());
        drop(second);
        [deepest, inside]
    });
    drop(after);
    let let_go = [inside, [outside, letting_go(|| ()).1]].concat();
    let let_go = let_go.iter().map(|ducts| ducts.iter().map(Duct::identity).collect::<Vec<_>>());
    let [_, first, inner, innermost, second, _] = known;
    let expected = [vec![innermost], vec![inner], vec![first, second], vec![]];
    assert!(let_go.eq(expected));
}

#[test]
fn a_thread_keeps_no_room_for_what_it_has_told() {
    let ducts: Vec<_> = (0..1000).map(|_| duct()).collect();
    assert_eq!(letting_go(|| drop(ducts)).1.len(), 1000);
    assert_eq!(LOST.with_borrow(Vec::capacity), 0);
}
