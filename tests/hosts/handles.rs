//! References on threads that turn no VM (O18).

use std::thread;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Asking, Vat};

use crate::{Counter, Life, next, processes, vat, watched};

/// The last handle is dropped on a thread: the object takes its last turn, and goes.
#[test]
fn o18_a_handle_dropped_on_a_thread_is_an_input_of_the_vat() {
    let vat = vat();
    let before = processes(&vat);
    let (counter, told) = watched();
    let far = vat.spawn_object(counter).unwrap();
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(0));
    let on_another_thread = far.clone();
    thread::spawn(move || drop(on_another_thread)).join().unwrap();
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(0), "somebody has it still");
    assert_eq!(processes(&vat), before + 1);
    thread::spawn(move || drop(far)).join().unwrap();
    assert_eq!(next(&told), Ok("released"));
    assert_eq!(next(&told), Ok("dropped"));
    assert_eq!(processes(&vat), before);
}

/// A vat that sleeps is woken by it.
#[test]
fn o18_a_handle_that_is_dropped_at_once_is_one_too() {
    let vat = vat();
    for _ in 0..20 {
        let (counter, told) = watched();
        drop(vat.spawn_object(counter).unwrap());
        assert_eq!(next(&told), Ok("released"));
        assert_eq!(next(&told), Ok("dropped"));
    }
}

/// Also one that is dropped in a turn of another vat.
#[test]
fn o18_a_handle_dropped_in_another_vat_is_one_too() {
    let (here, there) = (vat(), vat());
    let (counter, told) = watched();
    let far = here.spawn_object(counter).unwrap();
    assert_eq!(here.ask(|cx| far.count(cx)).wait(), Ok(0));
    there.call(move |_| drop(far)).unwrap();
    assert_eq!(next(&told), Ok("released"));
    assert_eq!(next(&told), Ok("dropped"));
}

/// A thread keeps an object by a promise that is settled with it, and by what waits at a promise.
#[test]
fn o18_a_promise_on_a_thread_keeps_what_it_is_settled_with() {
    struct Maker(Option<Life>);
    #[object]
    impl Maker {
        fn make(&mut self, cx: &Cx<Self>) -> Far<Counter> {
            cx.spawn(Counter { life: self.0.take(), ..crate::counter() })
        }
    }
    let vat = vat();
    let (counter, told) = watched();
    let maker = vat.spawn_object(Maker(counter.life)).unwrap();
    let mut made = None;
    vat.tell(|cx| made = Some(maker.make(cx))).unwrap();
    let made = made.unwrap();
    assert_eq!(vat.ask(|cx| made.add(cx, 2)).wait(), Ok(2));
    assert_eq!(vat.ask(|cx| made.add(cx, 2)).wait(), Ok(4), "it is there");
    drop(made);
    assert_eq!(next(&told), Ok("released"));
    assert_eq!(next(&told), Ok("dropped"));
}

/// The last resolver is dropped on a thread: the promise breaks.
#[test]
fn o15_a_resolver_dropped_on_a_thread_breaks_the_promise() {
    let vat = vat();
    let (later, resolver) = promise::<u64>();
    let asked = vat.ask(|_| later.clone());
    processes(&vat);
    thread::spawn(move || drop(resolver)).join().unwrap();
    assert_eq!(Broken::of(&crate::why(asked.wait())), Some(&Broken::Abandoned));
}

/// With its handles gone, and nobody who has its objects, a vat that listens to nothing is over.
#[test]
fn r61_the_vat_ends_when_it_is_done() {
    let vat = vat();
    let (counter, told) = watched();
    let far = vat.spawn_object(counter).unwrap();
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(0));
    let id = vat.id();
    drop(far);
    assert_eq!(next(&told), Ok("released"));
    assert_eq!(next(&told), Ok("dropped"));
    assert!(Vat::find(id).is_some());
    drop(vat);
    assert!(Vat::find(id).is_none());

    // References hold no ground VM open: whoever wants it open keeps its `Vat`.
    let vat = crate::vat();
    let (counter, told) = watched();
    let far = vat.spawn_object(counter).unwrap();
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Ok(0));
    drop(vat);
    assert_eq!(next(&told), Ok("dropped"), "it goes with its vat, and takes no last turn");
    assert_eq!(told.recv(), Err(std::sync::mpsc::RecvError));
    drop(far);
}

/// Handles that outlive their vat do nothing, wherever they are dropped.
#[test]
fn o18_handles_outlive_their_vat() {
    let (vat, far) = crate::with_counter();
    let (open, resolver) = promise::<u64>();
    let waits = vat.ask(|_| open.clone());
    let another = vat.ask(|cx| far.another(cx)).wait().unwrap();
    vat.halt();
    vat.join().unwrap().unwrap();
    assert_eq!(waits.wait(), Err(marketplace::vat::VatError::NotRunning));
    let copies = (far.clone(), another.clone());
    assert_eq!(copies.0, far, "they stay equal to themselves");
    drop((far, another, copies, open, resolver));
    let other = crate::vat();
    assert_eq!(other.call(|_| 1), Ok(1));
}

/// A host keeps references, promises and futures where it likes.
#[test]
fn handles_go_from_thread_to_thread() {
    const fn shared<T: Send + Sync + 'static>() {}
    const fn sent<T: Send + 'static>() {}
    shared::<Vat>();
    shared::<Far<Counter>>();
    shared::<Far<dyn Listener>>();
    shared::<WeakFar<Counter>>();
    shared::<Promise<Far<Counter>>>();
    shared::<Promise<Vec<u64>>>();
    shared::<Resolver<Far<dyn Listener>>>();
    shared::<Asking<Far<Counter>>>();
    sent::<Here>();
}

#[object]
trait Listener {
    fn told(&mut self, what: Text);
}
