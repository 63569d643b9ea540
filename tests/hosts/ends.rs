//! A vat has ended, ends meanwhile, is halted or paused: nobody waits for ever.

use std::sync::mpsc::channel;
use std::thread;

use futures_util::FutureExt;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

use crate::{LIMIT, counter, processes, with_counter};

/// Waits for an answer, but not for ever.
fn told<T: Message>(asking: marketplace::vat::Asking<T>) -> Result<T, VatError> {
    let (tell, told) = channel();
    thread::spawn(move || tell.send(asking.wait()));
    told.recv_timeout(LIMIT).expect("whoever waits is told")
}

#[test]
fn a_vat_that_has_ended_says_so() {
    let (vat, far) = with_counter();
    vat.halt();
    assert_eq!(told(vat.ask(|cx| far.count(cx))), Err(VatError::NotRunning));
    assert_eq!(vat.tell(|cx| far.add(cx, 1)), Err(VatError::NotRunning));
    assert_eq!(vat.spawn_object(counter()), Err(VatError::NotRunning));
    vat.join().unwrap().unwrap();
    assert_eq!(told(vat.ask(|cx| far.count(cx))), Err(VatError::NotRunning));
}

#[test]
fn a_vat_that_has_not_begun_says_so() {
    let host = crate::loops::Loop::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host);
    assert_eq!(vat.spawn_object(counter()), Err(VatError::NotRunning));
}

/// It is asked, and ends before it answers: in order, halted, or by itself.
#[test]
fn a_vat_that_ends_meanwhile_says_so() {
    for way in ["shut down", "halt", "fail"] {
        let (vat, far) = with_counter();
        let waits = vat.ask(|cx| far.later(cx));
        assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(0), "it has been asked");
        match way {
            "shut down" => vat.shutdown().unwrap(),
            "halt" => vat.halt(),
            _ => vat.call(|caller| caller.act(at_meta_level!(quit().because("enough")))).unwrap(),
        }
        match told(waits) {
            Err(VatError::NotRunning) => (),
            // Its processes quit first, if there is time.
            Err(VatError::Broken { reason }) if way != "halt" => {
                assert!(matches!(Broken::of(&reason), Some(Broken::Gone(_))), "{way}: {reason}");
            }
            other => panic!("{way}: {other:?}"),
        }
    }
}

/// The promise is the thread's own, so the end of the vat does not break it: whoever has asked is
/// told all the same. So is who waits for an answer to what waits there.
#[test]
fn whoever_waits_for_a_promise_of_his_own_is_told_that_the_vat_has_ended() {
    let (vat, far) = with_counter();
    let (number, of_number) = promise::<u64>();
    let (object, of_object) = promise::<Far<crate::Counter>>();
    let asked = [
        vat.ask(|_| number.clone()),
        vat.ask(|cx| object.add(cx, 1)),
        vat.ask(|cx| all(cx, [number.clone(), far.count(cx)]).into_first(cx)),
    ];
    processes(&vat);
    vat.halt();
    for asking in asked {
        assert_eq!(told(asking), Err(VatError::NotRunning));
    }
    drop((number, of_number, object, of_object));
}

/// The first of several, as a promise.
trait IntoFirst {
    fn into_first(self, cx: &impl Asks) -> Promise<u64>;
}

impl IntoFirst for Promise<Vec<u64>> {
    fn into_first(self, cx: &impl Asks) -> Promise<u64> {
        let (first, resolver) = promise::<u64>();
        spawn_with(
            cx,
            spawn!(transition_no_state!(when(self, move |(), several| Ok(transition_no_state!(
                resolver.fulfill(several?[0])
            ))))),
        );
        first
    }
}

/// A vat that stands still answers when it goes on.
#[test]
fn a_paused_vat_answers_when_it_goes_on() {
    let (vat, far) = with_counter();
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(0));
    vat.inspect(|debugger| debugger.pause()).unwrap();
    let mut asked = vat.ask(|cx| far.add(cx, 1));
    vat.tell(|cx| far.add(cx, 1)).unwrap();
    assert!(vat.inspect(|debugger| debugger.is_paused()).unwrap());
    assert_eq!((&mut asked).now_or_never(), None);
    vat.inspect(|debugger| debugger.run()).unwrap();
    assert_eq!(asked.wait(), Ok(1));
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(2));
}

#[test]
fn a_paused_vat_that_is_halted_says_so() {
    let (vat, far) = with_counter();
    vat.inspect(|debugger| debugger.pause()).unwrap();
    let asked = vat.ask(|cx| far.add(cx, 1));
    vat.halt();
    assert_eq!(told(asked), Err(VatError::NotRunning));
}

/// A full inbox: a thread waits for room, a turn and a task do not.
#[test]
fn a_full_inbox_is_told() {
    let options = VatOptions { inbox: 2, ..VatOptions::default() };
    let (vat, mut pump) = Vat::manual(options, |_| transition_no_state!(), || ());
    pump.pump();
    // The thread that pumps must not wait for itself.
    let far = vat.spawn_object(counter()).unwrap();
    let first = vat.ask(|cx| far.add(cx, 1));
    assert_eq!(vat.ask(|cx| far.add(cx, 1)).now_or_never(), Some(Err(VatError::Full)));
    assert_eq!(vat.tell(|cx| far.add(cx, 1)), Err(VatError::Full));
    assert_eq!(vat.spawn_object(counter()), Err(VatError::Full));
    // Nor does a task.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let asks = (vat.clone(), far.clone());
    let in_a_task =
        thread::spawn(move || runtime.block_on(async move { asks.0.ask(|cx| asks.1.count(cx)).await }));
    assert_eq!(in_a_task.join().unwrap(), Err(VatError::Full));
    // A thread does.
    let asks = (vat.clone(), far.clone());
    let on_a_thread = thread::spawn(move || asks.0.ask(|cx| asks.1.add(cx, 10)).wait());
    while !on_a_thread.is_finished() {
        pump.pump();
        thread::yield_now();
    }
    assert_eq!(on_a_thread.join().unwrap(), Ok(11));
    assert_eq!(first.now_or_never(), Some(Ok(1)));
    // A handle that is dropped needs no room.
    vat.tell(|cx| far.add(cx, 1)).unwrap();
    vat.tell(|cx| far.add(cx, 1)).unwrap();
    drop(far);
    pump.pump();
    assert_eq!(vat.inspect_async(|debugger| debugger.stats().processes).now_or_never(), None);
}

/// O20: too much waits at one object. The sender is told.
#[test]
fn o20_too_many_wait_where_nobody_answers() {
    let (vat, _far) = with_counter();
    let (object, resolver) = promise::<Far<crate::Counter>>();
    let filled = vat.tell(|cx| {
        for _ in 0..1_000_000 {
            object.add(cx, 1);
        }
    });
    filled.unwrap();
    let too_many = crate::why(vat.ask(|cx| object.add(cx, 1)).wait());
    assert_eq!(Broken::of(&too_many), Some(&Broken::TooMany));
    drop(resolver);
}
