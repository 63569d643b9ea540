//! References of another vat (O4).

use marketplace::objects::*;

use crate::{why, with_counter};

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
