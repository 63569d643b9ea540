//! Rule O4 between vats: references of another vat can be held, compared and handed back, and
//! nothing that is done with them here reaches anybody there, or anybody else here.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::notes::{Doer, Notes, Scribe, act, answer, empty, reason, spawned};

/// Two vats that have been the same so far: an object has the same place in each.
fn twins() -> [(Sim, Far<Scribe>, Notes); 2] {
    [(); 2].map(|()| {
        let (mut sim, notes) = (empty(), Notes::default());
        let scribe = spawned(&mut sim, 0, notes.scribe());
        (sim, scribe, notes)
    })
}

fn is_foreign(why: &Reason) -> bool {
    Broken::of(why) == Some(&Broken::Foreign)
}

#[test]
fn o4_what_waits_at_a_promise_that_is_settled_with_a_foreign_object_breaks() {
    let [(mut here, own, notes), (_there, foreign, their_notes)] = twins();
    let (later, resolver) = promise::<Far<Scribe>>();
    let asked = [here.ask(|cx| later.note(cx, "one")), here.ask(|cx| later.note(cx, "two"))];
    let given = here.ask(|_| later.clone());
    here.run();
    let target = foreign.clone();
    act(&mut here, move || actions!(resolver.fulfill(&target)));
    for asked in asked {
        let why = asked.answer().unwrap().unwrap_err();
        assert!(is_foreign(&why), "{why:?}");
    }
    assert_eq!(given.answer(), Some(Ok(foreign)), "it can be held");
    assert_eq!((notes.take(), their_notes.take()), (vec![], vec![]));
    answer(&mut here, |cx| own.note(cx, "hello")).unwrap();
}

#[test]
fn o4_a_promise_that_is_settled_in_another_vat_breaks_for_those_who_wait_at_home() {
    let [(mut home, ..), (mut abroad, ..)] = twins();
    let (later, resolver) = promise::<u32>();
    let (never, _kept) = promise::<u32>();
    // A process waits in each vat, at the same place.
    let (notes, their_notes) = (Notes::default(), Notes::default());
    for (sim, promise, notes) in [(&mut home, later.clone(), &notes), (&mut abroad, never, &their_notes)] {
        let told = notes.clone();
        act(sim, move || {
            actions!(when(promise, move |(): (), got: Result<u32, Reason>| {
                told.add(format!("{got:?}"));
                transition_no_state!()
            }))
        });
    }
    act(&mut abroad, move || actions!(resolver.fulfill(7u32)));
    assert_eq!((notes.take(), their_notes.take()), (vec![], vec![]), "nobody's turn is taken there");
    home.run();
    assert_eq!(notes.take(), ["Err(Error(Foreign))"]);
    assert!(is_foreign(&reason(&mut home, |_| later)));
}

#[test]
fn o4_a_promise_of_another_vat_cannot_be_waited_for_here() {
    let [(mut home, ..), (mut abroad, ..)] = twins();
    let (later, resolver) = promise::<u32>();
    let at_home = home.ask(|_| later.clone());
    home.run();
    assert!(is_foreign(&reason(&mut abroad, |_| later.clone())));
    // Nor can a promise of here follow it, and a method answer with it.
    let (own, follows) = promise::<u32>();
    let foreign = later.clone();
    act(&mut abroad, move || actions!(follows.follow(&foreign)));
    assert!(is_foreign(&reason(&mut abroad, |_| own)));
    let foreign = later.clone();
    let doer = spawned(&mut abroad, 0, Doer::new(move |_| Ok(foreign.to_value())));
    assert!(is_foreign(&reason(&mut abroad, |cx| doer.go(cx))));
    act(&mut home, move || actions!(resolver.fulfill(7u32)));
    assert_eq!(at_home.answer(), Some(Ok(7)), "at home nothing has happened to it");
}

#[test]
fn o4_the_end_of_a_foreign_object_cannot_be_waited_for() {
    let [(mut home, foreign, _), (mut abroad, ..)] = twins();
    let notes = Notes::default();
    let told = notes.clone();
    let watched = foreign.clone();
    act(&mut abroad, move || {
        actions!(when_broken(&watched, move |(): (), why| {
            told.add(format!("{why}"));
            transition_no_state!()
        }))
    });
    assert_eq!(notes.take(), [Broken::Foreign.to_string()]);
    reason(&mut home, |cx| foreign.panic(cx, "at the disco"));
    abroad.run();
    assert_eq!(notes.take(), [""; 0]);
}

#[test]
fn o4_a_foreign_object_is_not_near() {
    let [(mut here, ..), (mut there, ..)] = twins();
    let (ours, theirs) = (Notes::default(), Notes::default());
    let foreign = spawned(&mut there, 0, Doer::quiet(move |_| theirs.add("called")));
    let told = ours.clone();
    let doer = spawned(
        &mut here,
        0,
        Doer::quiet(move |cx| {
            assert_eq!(cx.near(&foreign, |_, _| ()), Err(NotNear::Elsewhere));
            told.add("elsewhere");
        }),
    );
    answer(&mut here, |cx| doer.go(cx)).unwrap();
    assert_eq!(ours.take(), ["elsewhere"]);
}

#[test]
fn o4_a_message_cannot_be_passed_to_a_foreign_object() {
    let [(mut here, _, notes), (mut there, foreign, their_notes)] = twins();
    let told = notes.clone();
    act(&mut here, move || {
        actions!(
            replies!(match_reason!(reason: Reason => on_duct_absence!(told.add(reason.to_string())))),
            pass(&foreign, "w", &(Symbol::new("note"), Text::from("hello"))),
        )
    });
    there.run();
    assert_eq!(notes.take(), [Broken::Foreign.to_string()]);
    assert_eq!(their_notes.take(), [""; 0]);
}

/// A message that has waited at a promise which follows a forwarded one goes the way of those that
/// are sent later: to nobody, if an object or a promise of another vat hears for it. The object is
/// in a nested VM, of which there is none here.
#[test]
fn o4_nobody_here_or_there_hears_what_has_waited_for_somebody_of_another_vat() {
    for (depth, is_promised, is_settled) in
        [(0, false, false), (1, false, false), (0, true, false), (0, false, true), (1, false, true)]
    {
        let [(mut here, own, notes), (mut there, _, their_notes)] = twins();
        let foreign = spawned(&mut there, depth, their_notes.scribe());
        let (promised, decides) = promise::<Far<Scribe>>();
        there.ask(|_| promised.clone());
        there.run();
        // A promise for which the foreign one hears, or that is settled with that before what has
        // waited is heard by the object here.
        let (elsewhere, settles) = match (is_promised, is_settled) {
            (true, _) => forwarded(&promised),
            (_, false) => forwarded(&foreign),
            (_, true) => forwarded(&own),
        };
        let (later, follows) = promise::<Far<Scribe>>();
        let asked = [here.ask(|cx| later.note(cx, "one")), here.ask(|cx| later.note(cx, "two"))];
        here.run();
        let is_settled = is_settled.then(|| settles.fulfill(&foreign));
        here.spawn(spawn!(transition_no_state!(follows.follow(elsewhere), is_settled)));
        here.run_steps(1_000);
        assert!(!here.run_steps(1), "it comes to an end");
        let target = foreign.clone();
        act(&mut there, move || actions!(decides.fulfill(&target)));
        let answers = asked.map(|asked| asked.answer().map(|got| is_foreign(&got.unwrap_err())));
        assert_eq!(answers, [Some(true); 2], "{depth} {is_promised}");
        assert_eq!((notes.take(), their_notes.take()), (vec![], vec![]));
        drop(settles);
    }
}
