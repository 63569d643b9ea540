//! Gifts, and numbers that are used once.

use bytes::Bytes;
use proptest::prelude::*;

use crate::sessions::gifts::{Lapsed, TooManyGifts};
use crate::sessions::{Counts, Gifts, LineId, Taken};

const ANN: LineId = LineId(1);
const BOB: LineId = LineId(2);
const CAROL: LineId = LineId(3);

fn id(name: &'static str) -> Bytes {
    Bytes::from_static(name.as_bytes())
}

fn gifts() -> Gifts<u32, &'static str> {
    Gifts::new(3)
}

#[test]
fn a_gift_is_withdrawn_once() {
    let mut gifts = gifts();
    assert_eq!(gifts.deposit(ANN, id("my-gift"), 7), Ok(None));
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(BOB), "bob"), Taken::Gift(7));
    assert_eq!(gifts.len(), 0);
    // The number may be used again.
    assert_eq!(gifts.deposit(ANN, id("my-gift"), 8), Ok(None));
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(BOB), "bob"), Taken::Gift(8));
}

#[test]
fn a_gift_that_comes_late_goes_to_whoever_waits() {
    let mut gifts = gifts();
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(BOB), "bob"), Taken::Later);
    assert_eq!(gifts.deposit(ANN, id("my-gift"), 7), Ok(Some(("bob", 7))));
    assert_eq!(gifts.len(), 0);
}

#[test]
fn gifts_of_different_gifters_have_nothing_to_do_with_each_other() {
    let mut gifts = gifts();
    gifts.deposit(ANN, id("my-gift"), 1).unwrap();
    gifts.deposit(CAROL, id("my-gift"), 3).unwrap();
    assert_eq!(gifts.withdraw(CAROL, id("my-gift"), Some(BOB), "bob"), Taken::Gift(3));
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(BOB), "bob"), Taken::Gift(1));
}

#[test]
fn k9_a_second_withdrawal_and_a_second_deposit_are_refused() {
    let mut gifts = gifts();
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(BOB), "bob"), Taken::Later);
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(CAROL), "carol"), Taken::Wanted);
    assert_eq!(gifts.deposit(ANN, id("my-gift"), 7), Ok(Some(("bob", 7))), "the first has it");
    gifts.deposit(ANN, id("my-gift"), 8).unwrap();
    assert_eq!(gifts.deposit(ANN, id("my-gift"), 9), Err(TooManyGifts));
    assert_eq!(gifts.withdraw(ANN, id("my-gift"), Some(CAROL), "carol"), Taken::Gift(8));
}

#[test]
fn k10_a_gifter_has_so_many_gifts() {
    let mut gifts = gifts();
    gifts.deposit(ANN, id("a"), 1).unwrap();
    gifts.deposit(ANN, id("b"), 1).unwrap();
    assert_eq!(gifts.withdraw(ANN, id("c"), Some(BOB), "bob"), Taken::Later);
    assert_eq!(gifts.withdraw(ANN, id("d"), Some(BOB), "bob"), Taken::TooMany);
    assert_eq!(gifts.deposit(ANN, id("d"), 1), Err(TooManyGifts));
    assert_eq!(gifts.deposit(CAROL, id("d"), 1), Ok(None), "another one has room of its own");
    assert_eq!(gifts.deposit(ANN, id("c"), 1), Ok(Some(("bob", 1))), "one that is waited for needs none");
}

#[test]
fn k18_what_was_there_when_a_time_began_lapses_at_its_end() {
    let mut gifts = gifts();
    assert!(!gifts.mark(ANN), "there is nothing");
    gifts.withdraw(ANN, id("b"), Some(BOB), "second");
    gifts.withdraw(ANN, id("a"), None, "first");
    gifts.deposit(ANN, id("c"), 1).unwrap();
    assert!(gifts.mark(ANN));
    gifts.deposit(CAROL, id("a"), 1).unwrap();
    assert_eq!(gifts.deposit(ANN, id("b"), 7), Ok(Some(("second", 7))));
    gifts.withdraw(ANN, id("b"), Some(BOB), "third");
    assert_eq!(gifts.lapse(ANN), Lapsed { gifts: 1, waits: vec!["first"] });
    assert_eq!(gifts.lapse(ANN), Lapsed { gifts: 0, waits: vec![] });
    assert_eq!((gifts.of(ANN), gifts.of(CAROL)), ((0, 1), (1, 0)));
}

#[test]
fn k8_when_a_session_ends_its_gifts_are_gone_and_those_who_wait_are_told() {
    let mut gifts = gifts();
    gifts.deposit(ANN, id("c"), 1).unwrap();
    gifts.withdraw(ANN, id("b"), Some(BOB), "second");
    gifts.withdraw(ANN, id("a"), None, "first");
    gifts.withdraw(CAROL, id("a"), Some(ANN), "ann");
    assert_eq!(gifts.ended(ANN), ["first", "second"]);
    assert_eq!(gifts.len(), 0, "Ann waits for nothing any more either");
    assert_eq!(gifts.deposit(CAROL, id("a"), 7), Ok(None));
}

#[test]
fn numbers_in_order_need_no_room() {
    let mut counts = Counts::default();
    assert!((0..1000).all(|number| counts.is_new(number, 0)));
    assert!(!(0..1000).any(|number| counts.is_new(number, 0)));
    assert!(!counts.is_new(2000, 0), "there is no room to remember it");
    assert!(!counts.is_new(u64::MAX, 10));
}

proptest! {
    #[test]
    fn each_number_is_used_once(numbers in proptest::collection::vec(0u64..40, 0..200)) {
        let mut counts = Counts::default();
        let mut used = std::collections::BTreeSet::new();
        for number in numbers {
            prop_assert_eq!(counts.is_new(number, 100), used.insert(number), "{}", number);
        }
    }
}
