//! Threads and tasks speak to the objects of a vat.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::data::message::Message;
use crate::data::numbers;
use crate::ground_vm::asking::Asked;
use crate::host::vat::envelope::Content;
use crate::host::vat::{Vat, VatError, VatFuture, here};
use crate::process::objects::Object;
use crate::process::objects::answers::read_answer;
use crate::process::objects::asks::{Asker, Told};
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::forms::spawn_object;

impl Vat {
    /// Makes an object in a process of its own, in the vat's ground VM. The reference can be used
    /// at once. The object is there as long as somebody has a reference to it, on whatever thread.
    ///
    /// # Errors
    /// If the vat is not running; if its inbox has no room and the caller must not wait for any.
    pub fn spawn_object<O: Object>(&self, object: O) -> Result<Far<O>, VatError> {
        // A turn of another vat may ask for it.
        let (spawn, far) = numbers::outside(|| spawn_object(object));
        // Another vat may be the first to use it.
        far.as_ref().is_of_tower(self.0.tower);
        self.put(Content::Work(Box::new(move |host| host.vm.spawn(spawn))))?;
        Ok(far)
    }

    /// Sends a message to an object of the vat, and gives the answer as a future; [`Asking::wait`]
    /// waits for it on a thread. In a turn, of this vat or of another one, the future is a
    /// [`Source::future`](crate::Source::future), and the answer comes as an event.
    ///
    /// `send` is called at once, on this thread, so it may borrow; it may send more than one
    /// message. All that it sends goes to the vat together.
    ///
    /// The answer is an error at once if the vat is not running, or if its inbox has no room and
    /// the caller must not wait for any: a turn, an async task, the thread that turns the vat over.
    /// On an ordinary thread this waits for room.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::vat::{Vat, VatOptions};
    ///
    /// struct Counter(u64);
    ///
    /// #[object]
    /// impl Counter {
    ///     fn add(&mut self, n: u64) -> u64 {
    ///         self.0 += n;
    ///         self.0
    ///     }
    /// }
    ///
    /// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap();
    /// let counter = vat.spawn_object(Counter(0)).unwrap();
    /// assert_eq!(vat.ask(|cx| counter.add(cx, 3)).wait(), Ok(3));
    /// ```
    pub fn ask<T: Message>(&self, send: impl FnOnce(&Asker) -> Promise<T>) -> Asking<T> {
        let asked = numbers::outside(|| Asked::new(send));
        let (told, result) = oneshot::channel();
        let answer = move |result| {
            let result = read_answer(&result).map_err(|reason| VatError::Broken { reason });
            // The caller may have gone.
            let _ = told.send((result, here()));
        };
        let put = self.put_for_result(Content::Work(Box::new(move |host| host.vm.asked(asked, answer))));
        Asking { vat: self.clone(), future: VatFuture(put.map(|()| result)) }
    }

    /// Sends messages to objects of the vat whose answers nobody waits for. `send` is called at
    /// once, on this thread.
    ///
    /// # Errors
    /// If the vat is not running; if its inbox has no room and the caller must not wait for any.
    pub fn tell<R: Told>(&self, send: impl FnOnce(&Asker) -> R) -> Result<(), VatError> {
        let asked = numbers::outside(|| Asked::without_answer(send));
        self.put(Content::Work(Box::new(move |host| host.vm.asked(asked, drop))))
    }
}

/// An answer of an object, as a future: see [`Vat::ask`]. If it is dropped, what was sent is heard
/// all the same.
#[must_use = "a future does nothing unless it is awaited; the object has been asked all the same"]
#[derive(Debug)]
pub struct Asking<T> {
    vat: Vat,
    future: VatFuture<T>,
}

impl<T> Asking<T> {
    /// Waits for the answer, on an ordinary thread.
    ///
    /// # Errors
    /// With [`VatError::Broken`] if there is no answer; if the vat is not running, or ends before;
    /// if the caller must not wait here.
    pub fn wait(self) -> Result<T, VatError> {
        self.vat.wait_for(self.future)?
    }
}

impl<T> Future for Asking<T> {
    type Output = Result<T, VatError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.future).poll(cx)
    }
}
