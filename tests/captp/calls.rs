//! Calls and their answers.

use marketplace::prelude::*;
use marketplace_captp::enliven;

use crate::things::{Counter, TooMuch};
use crate::vats::Vats;

#[test]
fn an_object_that_is_published_is_called_from_another_vat() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    assert_eq!(vats.answer(1, |cx| far.add(cx, 2)), Ok(3));
    assert_eq!(vats.answer(0, |cx| counter.add(cx, 2)), Ok(5));
}

#[test]
fn o11_an_error_of_a_method_arrives_as_itself() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    let why = vats.answer(1, |cx| far.add(cx, 2000)).unwrap_err();
    assert_eq!(why.decode(), Some(TooMuch(2000)));
    assert_eq!(why.to_string(), "2000 is too much");
}

/// A message that is passed to a far reference is answered on the duct: a value as itself, an error
/// as the absence of the duct.
#[test]
fn o11_what_is_passed_to_a_far_reference_is_answered_on_the_duct() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    vats.sim(1).spawn(spawn!({
        let add = |n: u64| (Symbol::new("add"), n);
        transition_no_state!(
            pass(&far, "sum", &add(2)),
            pass(&far, "much", &add(3000)),
            replies!(
                on_reply!("sum", sum: u64 => send_message!(("sum", sum))),
                match_reason!(TooMuch(n) => on_duct_absence!(send_message!(("too much", n)))),
            ),
        )
    }));
    vats.run();
    let heard = vats.sim(1).messages_of::<(Text, u64)>();
    assert_eq!(heard, [("sum".into(), 3), ("too much".into(), 3000)]);
}

#[test]
fn o11_an_error_that_is_no_message_arrives_as_its_text() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    let why = vats.answer(1, |cx| far.read(cx, "x")).unwrap_err();
    assert_eq!(why.to_string(), "invalid digit found in string");
}

/// It is passed on by a vat that knows nothing of its type.
#[test]
fn o11_an_error_arrives_as_itself_through_another_vat() {
    let mut vats = Vats::new(["bank", "shop", "customer"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    let uri = {
        let asks = vats.sim(1).spawn_object(Counter::default());
        vats.answer(1, |cx| asks.keep(cx, &far)).unwrap();
        vats.publish(1, &asks)
    };
    let asks = vats.enliven::<Counter>(2, &uri);
    let why = vats.answer(2, |cx| asks.add_at_kept(cx, 2000)).unwrap_err();
    assert_eq!(why.decode(), Some(TooMuch(2000)));
    assert_eq!(why.to_string(), "2000 is too much");
}

#[test]
fn k3_what_is_sent_to_what_is_not_there_yet_goes_at_once() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let peer = vats.peer(1);
    let sum = vats.answer(1, |cx| enliven::<Counter>(cx, &peer, &uri).another(cx).another(cx).add(cx, 4));
    assert_eq!(sum, Ok(4));
}

#[test]
fn no_error_is_told_to_nobody_where_nothing_goes_wrong() {
    let mut vats = Vats::new(["bank", "shop"]);
    vats.sim(0).log_mut().turn_on();
    vats.sim(1).log_mut().turn_on();
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    assert_eq!(vats.answer(1, |cx| far.add(cx, 2)), Ok(3));
    for at in [0, 1] {
        let errors: Vec<_> = vats.sim(at).log().errors().collect();
        assert_eq!(format!("{errors:?}"), "[]");
    }
}
