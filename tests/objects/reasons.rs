//! What falls has the reason for which it fell, and not that of another one (O15).

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::deeds::{Keeper, keeper, told, waiting};

/// It is in a message to an object that is gone.
#[test]
fn o15_a_message_to_nobody_gives_its_reason_to_the_promises_that_it_held() {
    let (mut sim, notes, held) = waiting(0);
    let here = keeper(&mut sim, 0, "here", &notes);
    told(&mut sim, |cx| drop(here.quit(cx)));
    told(&mut sim, move |cx| drop(here.keep(cx, held.to_value())));
    assert_eq!(notes.take(), ["here drops", "it: broken: it is gone (left)"]);
}

/// It is in a message that waits at a promise, of which nothing comes.
#[test]
fn o15_a_message_that_waits_in_vain_gives_its_reason_to_the_promises_that_it_held() {
    let (mut sim, notes, held) = waiting(0);
    let (later, resolver) = promise::<Far<Keeper>>();
    told(&mut sim, move |cx| drop(later.keep(cx, held.to_value())));
    assert!(notes.take().is_empty());
    let breaks = resolver.break_because(Reason::value(&Text::from("broken off")));
    sim.spawn(spawn!(transition_no_state!(breaks)));
    sim.run();
    assert_eq!(notes.take(), ["it: broken: it is gone (broken off)"]);
}
