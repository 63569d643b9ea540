//! References of another vat (O4).

use std::sync::mpsc;

use marketplace::objects::*;

use crate::{counter, vat, why, with_counter};

/// They can be held, compared and handed back; a send to one breaks, and says what helps.
#[test]
fn o4_a_reference_of_another_vat_is_foreign() {
    let ((here, near), (there, far)) = (with_counter(), with_counter());
    for asked in [here.ask(|cx| far.count(cx)), here.ask(|cx| near.counts_of(cx, &far))] {
        let reason = why(asked.wait());
        assert_eq!(Broken::of(&reason), Some(&Broken::Foreign));
        assert_eq!(
            reason.to_string(),
            "it is in another vat: `link` of the crate `marketplace-captp` connects the two"
        );
    }
    assert_eq!(there.ask(|cx| far.count(cx)).wait(), Ok(0));
    assert_ne!(near, far);
}

/// An object is its vat's from the first, though another vat may use it sooner.
#[test]
fn o4_an_object_is_of_its_vat_before_that_has_made_it() {
    let ((here, _near), there) = (with_counter(), vat());
    let (begun, begins) = mpsc::channel();
    let (goes_on, wait) = mpsc::channel::<()>();
    std::thread::scope(|threads| {
        let there = &there;
        threads.spawn(move || {
            let waits = there.call(move |_| {
                begun.send(()).unwrap();
                wait.recv()
            });
            assert!(waits.unwrap().is_err());
        });
        begins.recv().unwrap();
        let far = there.spawn_object(counter()).unwrap();
        let reason = why(here.ask(|cx| far.count(cx)).wait());
        assert_eq!(Broken::of(&reason), Some(&Broken::Foreign));
        drop(goes_on);
        assert_eq!(there.ask(|cx| far.count(cx)).wait(), Ok(0));
    });
}

/// A promise belongs to the vat that was asked.
#[test]
fn o4_a_promise_of_another_vat_is_foreign() {
    let ((here, _near), (there, far)) = (with_counter(), with_counter());
    let mut later = None;
    there.tell(|cx| later = Some(far.later(cx))).unwrap();
    assert_eq!(there.ask(|cx| far.count(cx)).wait(), Ok(0));
    let reason = why(here.ask(|_| later.clone().unwrap()).wait());
    assert_eq!(Broken::of(&reason), Some(&Broken::Foreign));
    let waits = there.ask(|_| later.unwrap());
    there.tell(|cx| far.now(cx)).unwrap();
    assert_eq!(waits.wait(), Ok(0));
}
