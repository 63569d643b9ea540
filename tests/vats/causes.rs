//! Cause and time go from vat to vat, whatever carries them (G18, G23, G26): there and back.

use std::sync::Arc;

use futures_util::StreamExt;
use marketplace::log::LoggedTurn;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatEvent, VatOptions};
use marketplace::{Ground, Heard, Source};

/// A vat with a log in which much has happened: its time is far ahead.
fn ahead(boot: impl FnOnce(Pid) -> Transition<()> + Send + 'static) -> Vat {
    let vat = logged(boot);
    (0..100).for_each(|_| vat.call(|_| ()).unwrap());
    vat
}

fn logged(boot: impl FnOnce(Pid) -> Transition<()> + Send + 'static) -> Vat {
    let options = VatOptions { log: true, log_capacity: 10_000, ..VatOptions::default() };
    Vat::spawn(options, boot).unwrap()
}

fn empty(_: Pid) -> Transition<()> {
    transition_no_state!()
}

/// Makes a source in a turn of the vat, hears its first item, or its end, and gives the trace of
/// that: what each turn heard, and in which vat it was.
fn traced(vat: &Vat, source: impl FnOnce() -> Source + Send + 'static) -> Vec<(u64, Heard)> {
    let mut ended = vat.subscribe::<Text>(topic!("heard it")).unwrap();
    vat.call(move |caller| {
        let source = source();
        caller.act(at_meta_level!(subscriber!(
            Ground::<Value>(source, _),
            on_message!(Ground::<Value>(..) => send_message!("heard it")),
            on_absence!(send_message!("heard it")),
        )));
    })
    .unwrap();
    while !matches!(ended.wait().unwrap(), Some(VatEvent::Message(_))) {}
    let is_it = |turn: &LoggedTurn| turn.to_string().contains("sends message \"heard it\"");
    let turn =
        vat.inspect(move |debugger| debugger.log().turns().find(|turn| is_it(turn)).unwrap().id).unwrap();
    let trace = vat.trace(turn).unwrap();
    let stamps: Vec<_> = trace.iter().map(|(_, turn)| turn.stamp).collect();
    assert!(stamps.is_sorted_by(|later, earlier| later > earlier), "{stamps:?}: {trace:#?}");
    trace.into_iter().map(|(vat, turn)| (vat, turn.heard)).collect()
}

fn of_vats(trace: &[(u64, Heard)]) -> Vec<u64> {
    trace.iter().map(|(vat, _)| *vat).collect()
}

#[test]
fn a_call_leads_there_and_back() {
    let (here, there) = (logged(empty), ahead(empty));
    let far = there.clone();
    let trace = traced(&here, move || Source::future(far.call_async(|_| 7u32)));
    assert_eq!(of_vats(&trace), [here.id(), there.id(), here.id()], "{trace:#?}");
    assert!(matches!(trace[0].1, Heard::Message(..)) && trace[1].1 == Heard::Boot, "{trace:#?}");
}

/// Also a call that fails, whose failure is the end of the source.
#[test]
fn so_does_a_call_that_fails() {
    let (here, there) = (logged(empty), ahead(empty));
    let far = there.clone();
    let trace = traced(&here, move || Source::future(far.call_async(|_| -> u8 { panic!("no") })));
    assert_eq!(of_vats(&trace), [here.id(), there.id(), here.id()], "{trace:#?}");
    assert!(matches!(trace[0].1, Heard::Absence(..)), "{trace:#?}");
}

/// A source asks only when it is on, and tells what came only later: the turn that turned it on is
/// the one that asked.
#[test]
fn so_does_a_future_that_asks_on_its_way() {
    let (here, there) = (logged(empty), ahead(empty));
    let far = there.clone();
    let trace = traced(&here, move || {
        Source::future(async move {
            let answer = far.call_async(|_| 7u32).await?;
            tokio::task::yield_now().await;
            Ok::<_, marketplace::vat::VatError>(answer)
        })
    });
    assert_eq!(of_vats(&trace), [here.id(), there.id(), here.id()], "{trace:#?}");
}

#[test]
fn a_look_inside_is_later_than_what_it_sees() {
    let (here, there) = (logged(empty), ahead(empty));
    let (far, ahead) = (there.clone(), there.inspect(|debugger| debugger.stamp()).unwrap());
    let trace = traced(&here, move || Source::future(far.inspect_async(|debugger| debugger.stamp())));
    assert_eq!(of_vats(&trace), [here.id()], "no turn led to it");
    assert!(here.inspect(|debugger| debugger.stamp()).unwrap() > ahead);
}

#[test]
fn what_is_passed_leads_there_and_answers_lead_back() {
    let doubler = |_| {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))
        ))
    };
    let (here, there) = (logged(empty), ahead(doubler));
    let far = there.clone();
    let trace = traced(&here, move || Source::stream(far.pass(Pid::BOOT, "double", &7u32).unwrap()));
    assert_eq!(of_vats(&trace), [here.id(), there.id(), here.id()], "{trace:#?}");
    assert_eq!(trace[1].1, Heard::Message(Orientation::Publisher, 7u32.to_value()));
    // There will be no answer: no turn leads to that, but it is not before it was asked for.
    let far = there.clone();
    let nobody = Pid::from_value(&99u8.to_value()).unwrap();
    let here = logged(empty);
    traced(&here, move || Source::stream(far.pass(nobody, "w", &7u32).unwrap()));
    let stamp = |vat: &Vat| vat.inspect(|debugger| debugger.stamp()).unwrap();
    assert!(stamp(&here) > stamp(&there));
}

#[test]
fn a_subscription_leads_there_and_what_it_hears_leads_back() {
    let greeter =
        |_| transition_no_state!(publisher!(("hello", _), on_presence!(send_message!(("hello", 7u32)))));
    let (here, there) = (logged(empty), ahead(greeter));
    let far = there.clone();
    let trace = traced(&here, move || {
        let events = far.subscribe::<(Text, u32)>(topic!(("hello", _))).unwrap();
        Source::stream(
            events
                .filter_map(async |event| match event {
                    VatEvent::Message(message) => Some(Ok::<_, std::convert::Infallible>(message)),
                    _ => None,
                })
                .boxed(),
        )
    });
    let (here, there) = (here.id(), there.id());
    assert_eq!(of_vats(&trace), [here, there, there, there, here], "{trace:#?}");
    assert!(matches!(trace[2].1, Heard::Presence(_)) && trace[3].1 == Heard::Boot, "{trace:#?}");
}

/// Code that looks inside in the name of a turn acts in its name.
#[test]
fn what_a_look_inside_does_is_because_of_who_looks() {
    let (here, there) = (logged(empty), logged(|_| transition_no_state!(subscriber!("hello"))));
    let far = there.clone();
    drop(here.call(move |_| far.inspect_async(|debugger| debugger.send(&[], &Text::from("hello")))).unwrap());
    let heard = Heard::Message(Orientation::Publisher, Text::from("hello").to_value());
    let origin = loop {
        let heard = heard.clone();
        let found = there.inspect(move |debugger| {
            debugger.log().turns().find(|turn| turn.heard == heard).map(|turn| turn.origin)
        });
        if let Some(origin) = found.unwrap() {
            break origin;
        }
    };
    assert_eq!(origin.map(|origin| origin.vat), Some(here.id()));
}

/// A source that sends something on without a turn of its own does not do so in the name of any
/// other that ran last, in whatever vat.
#[tokio::test]
async fn vats_on_one_thread_are_told_apart() {
    let (ring, rung) = tokio::sync::oneshot::channel::<()>();
    let options = || VatOptions { log: true, ..VatOptions::default() };
    let to = Vat::task(options(), |_| transition_no_state!(subscriber!("late"))).unwrap();
    let late = to.clone();
    let from = Vat::task(options(), move |_| {
        let source = Source::future(async move {
            let _ = rung.await;
            late.send(&Text::from("late")).unwrap();
            Ok::<_, std::convert::Infallible>(())
        });
        transition_no_state!(at_meta_level!(subscriber!(Ground::<()>(source, _))))
    })
    .unwrap();
    from.call_async(|_| ()).await.unwrap();
    let busy = Vat::task(options(), |_| transition_no_state!()).unwrap();
    for _ in 0..50 {
        busy.call_async(|_| ()).await.unwrap();
    }
    ring.send(()).unwrap();
    let origin = loop {
        let found =
            to.inspect_async(|debugger| debugger.log().turns().find_map(|turn| turn.origin)).await.unwrap();
        if let Some(origin) = found {
            break origin;
        }
        tokio::task::yield_now().await;
    };
    let stamp = from.inspect_async(|debugger| debugger.stamp()).await.unwrap();
    assert_eq!(origin.vat, from.id());
    assert!(origin.stamp <= stamp, "it is a time of the vat that sent it");
    assert_eq!(origin.turn, 1, "the boot process turned it on");
}

/// A vat that a turn makes is later than that turn, from its boot on.
#[test]
fn a_vat_that_a_turn_makes_is_later() {
    let here = ahead(empty);
    let noted = Arc::new(std::sync::Mutex::new(None));
    let note = noted.clone();
    let made = here
        .call(move |_| {
            Vat::spawn(VatOptions::default(), move |_| {
                *note.lock().unwrap() = marketplace::vat::here();
                empty(Pid::BOOT)
            })
            .unwrap()
        })
        .unwrap();
    let booted = noted.lock().unwrap().take().unwrap();
    assert_eq!(booted.vat, made.id());
    assert!(booted.stamp > here.inspect(|debugger| debugger.stamp()).unwrap());
}

/// A program that is no vat of its own has a time, too.
#[tokio::test]
async fn a_program_goes_on_from_the_time_of_a_vat() {
    let there = Vat::task(VatOptions::default(), empty).unwrap();
    for _ in 0..100 {
        there.call_async(|_| ()).await.unwrap();
    }
    let (asked, noted) = (there.clone(), Arc::new(std::sync::Mutex::new(None)));
    let note = noted.clone();
    let boot = move |_| {
        let answer = Source::future(asked.call_async(|_| 7u32));
        transition_no_state!(at_meta_level!(subscriber!(
            Ground::<u32>(answer, _),
            on_message!(Ground::<u32>(..) => {
                *note.lock().unwrap() = marketplace::vat::here();
                at_meta_level!(quit())
            }),
        )))
    };
    marketplace::ground::run(boot, std::future::pending()).await.unwrap();
    let heard = noted.lock().unwrap().take().unwrap();
    assert!(heard.stamp > there.inspect_async(|debugger| debugger.stamp()).await.unwrap());
}

/// G26: everything to which a turn led, in whatever vat, from whichever of its turns one asks.
#[test]
fn g26_a_tree_crosses_vats_there_and_back() {
    let doubler = |_| {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))
        ))
    };
    let (here, there, other) = (logged(empty), ahead(doubler), ahead(empty));
    let mut heard = here.subscribe::<Text>(topic!("both")).unwrap();
    let (far, further) = (there.clone(), other.clone());
    let first = here
        .call(move |caller| {
            let answers = Source::stream(far.pass(Pid::BOOT, "double", &7u32).unwrap());
            caller.act(at_meta_level!(subscriber!(
                Ground::<u32>(answers, _),
                on_message!(Ground::<u32>(_, n) => {
                    let called = Source::future(further.call_async(move |_| n));
                    at_meta_level!(subscriber!(
                        Ground::<u32>(called, _),
                        on_message!(Ground::<u32>(..) => send_message!("both")),
                    ))
                }),
            )));
            marketplace::vat::here().unwrap().turn
        })
        .unwrap();
    while !matches!(heard.wait().unwrap(), Some(VatEvent::Message(_))) {}
    let tree = here.tree(first).unwrap().unwrap();
    let turns = tree.turns();
    assert_eq!((turns[0].1, turns[0].2.id), (here.id(), first));
    let depth = |vat: u64, heard: &dyn Fn(&Heard) -> bool| {
        turns.iter().filter(|(_, of, turn)| *of == vat && heard(&turn.heard)).map(|(depth, ..)| *depth).max()
    };
    let message = |heard: &Heard| matches!(heard, Heard::Message(..));
    assert_eq!(depth(there.id(), &message), Some(1), "{turns:#?}");
    assert_eq!(depth(other.id(), &|heard| *heard == Heard::Boot), Some(3), "{turns:#?}");
    let both = Heard::Message(Orientation::Publisher, Text::from("both").to_value());
    assert_eq!(depth(here.id(), &|heard| *heard == both), Some(5), "{turns:#?}");
    // From there it is the same tree.
    let theirs = turns.iter().find(|(_, vat, _)| *vat == there.id()).unwrap().2.id;
    assert_eq!(there.tree(theirs).unwrap().unwrap(), tree);
    assert_eq!(here.tree(1 << 40), Ok(None));
    // A vat that is gone is a leaf, with all that lies behind it.
    there.halt();
    let left = here.tree(first).unwrap().unwrap();
    assert!(left.turns().iter().all(|(_, vat, _)| *vat == here.id()), "{left:#?}");
}
