//! What a thread or a task asks of a vat.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use crate::conversation::pid::Pid;
use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::lock::lock;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::ground_vm::caller::Caller;
use crate::host::ground::host::Host;
use crate::host::vat::envelope::{Content, Envelope};
use crate::host::vat::here::is_turned;
use crate::host::vat::{Answers, Debugger, Subscription, Vat, VatError, arriving, here, streams, wait};
use crate::record::log::{DebugAuthority, Origin};

/// Talking to a vat.
impl Vat {
    /// Sends a message in its ground network, as if from outside every process. Messages of one
    /// thread stay in order. Does not wait for the message to be heard; on an ordinary thread, for
    /// room.
    ///
    /// # Errors
    /// If it is not running; if it has no room and the caller must not wait for any: a turn, an
    /// async task, the thread that turns it over.
    pub fn send(&self, message: &impl Message) -> Result<(), VatError> {
        self.put(Content::Message(message.to_value(), Orientation::Publisher), false)
    }

    /// Sends feedback in its ground network.
    ///
    /// # Errors
    /// As [`Vat::send`].
    pub fn send_feedback(&self, message: &impl Message) -> Result<(), VatError> {
        self.put(Content::Message(message.to_value(), Orientation::Subscriber), false)
    }

    /// Makes a process in its ground VM for one turn, and waits for what that returns. What the
    /// turn asks for by [`Caller::act`] is performed afterwards; then the process is gone, unless
    /// it has endpoints.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatError, VatOptions};
    /// # let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    /// let pid = vat.call(|caller| {
    ///     caller.act(send_message!("hello"));
    ///     caller.pid()
    /// });
    /// assert!(pid.is_ok());
    /// let failed = vat.call(|_| -> () { panic!("no") });
    /// assert!(matches!(failed, Err(VatError::Failed { .. })));
    /// assert_eq!(vat.call(|_| "it lives"), Ok("it lives"));
    /// ```
    ///
    /// # Errors
    /// If it is not running, or ends before the turn; if the turn panics; if the caller must not
    /// wait here.
    pub fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        wait::for_future(self.call_async(work))
    }

    /// [`Vat::call`] as a future, for async tasks; and for turns, by
    /// [`Source::future`](crate::Source::future).
    pub fn call_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    ) -> VatFuture<T> {
        let (told, result) = oneshot::channel();
        let answer = move |result: Result<T, (u64, Reason)>| {
            // Who asked may have gone.
            let _ = told.send((result.map_err(|(turn, reason)| VatError::Failed { turn, reason }), here()));
        };
        let put = self.put(Content::Work(Box::new(move |host| host.vm.call(work, answer))), true);
        VatFuture(put.map(|()| result))
    }

    /// Subscribes to a topic of its ground network, as a participant. What comes waits in a
    /// [`Subscription`]; dropped, that ends, and its peers hear the absence. If it is read too
    /// slowly it says how much was missed; the vat does not wait.
    ///
    /// # Errors
    /// If it is not running.
    pub fn subscribe<M: Message + Send + 'static>(
        &self,
        topic: impl Into<Topic>,
    ) -> Result<Subscription<M>, VatError> {
        streams::subscribe(self, topic.into())
    }

    /// Passes a message to one process of its ground VM, and gets the answers to it: none, one or
    /// many. They end when the process, and whoever it has handed the duct to, has gone. In a
    /// duct's print the last hop is `//wire`; but two that are passed on the same wire have
    /// different ducts, each with its own answers.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatOptions};
    /// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
    ///     callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))),
    /// )).unwrap();
    /// let mut answers = vat.pass(Pid::BOOT, "double", &21u32).unwrap();
    /// assert_eq!(answers.wait(), Ok(Some(Ok(42u32.to_value()))));
    /// ```
    ///
    /// # Errors
    /// If it is not running.
    pub fn pass(&self, to: Pid, wire: impl Into<Value>, message: &impl Message) -> Result<Answers, VatError> {
        streams::pass(self, to, wire.into(), message.to_value())
    }

    /// Looks inside, between two turns, also while it is stopped, and waits for what `look`
    /// returns. It does not queue behind what was sent before: that may still wait. A vat that is
    /// stopped takes nothing that is sent; [`Debugger::send`] does.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatOptions};
    /// # let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap();
    /// let processes = vat.inspect(|debugger| debugger.dump().processes.len()).unwrap();
    /// assert_eq!(processes, 2);
    /// ```
    ///
    /// # Errors
    /// If it is not running; if the caller must not wait here.
    pub fn inspect<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        wait::for_future(self.inspect_async(look))
    }

    /// [`Vat::inspect`] as a future.
    pub fn inspect_async<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> VatFuture<T> {
        let (told, result) = oneshot::channel();
        let put = self.order(move |host| {
            let seen = look(&mut Debugger::new(host));
            let _ = told.send((Ok(seen), here()));
        });
        VatFuture(put.map(|()| result))
    }

    /// The right to see what is on its ducts.
    #[must_use]
    pub fn debug_authority(&self) -> DebugAuthority {
        self.0.authority.clone()
    }

    pub(super) fn order(&self, order: impl FnOnce(&mut Host) + Send + 'static) -> Result<(), VatError> {
        self.put(Content::Order(Box::new(order)), true)
    }

    fn put(&self, content: Content, wants_result: bool) -> Result<(), VatError> {
        if !self.is_running() {
            return Err(VatError::NotRunning);
        }
        let sent = self.0.host.send(Envelope::new(content, wants_result));
        sent.map_err(|_| if self.is_running() { VatError::Full } else { VatError::NotRunning })
    }

    /// Waits on an ordinary thread for what comes out of this vat.
    pub(super) fn wait_for<F: Future>(&self, future: F) -> Result<F::Output, VatError> {
        self.may_wait()?;
        Ok(wait::for_future(future))
    }

    /// Whether the caller may wait for this vat.
    pub(super) fn may_wait(&self) -> Result<(), VatError> {
        if is_turned() {
            return Err(VatError::InsideVat);
        }
        let turned_here = *lock(&self.0.thread) == Some(std::thread::current().id());
        // One that was halted may still be about to end: this thread would do it.
        let has_ended = lock(&self.0.outcome).is_some();
        if turned_here && !has_ended { Err(VatError::SameThread) } else { Ok(()) }
    }
}

/// What a vat has been asked for, when it comes: see [`Vat::call_async`] and
/// [`Vat::inspect_async`]. Dropped, it is done all the same.
#[must_use = "a future does nothing unless it is awaited; the vat has been asked all the same"]
#[derive(Debug)]
pub struct VatFuture<T>(Result<oneshot::Receiver<Told<T>>, VatError>);

/// What comes of it, and where it was told.
type Told<T> = (Result<T, VatError>, Option<Origin>);

impl<T> Future for VatFuture<T> {
    type Output = Result<T, VatError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(result) => {
                let Ok((result, origin)) = ready!(Pin::new(result).poll(cx)) else {
                    return Poll::Ready(Err(VatError::NotRunning));
                };
                if let Some(origin) = origin {
                    arriving(origin);
                }
                Poll::Ready(result)
            }
            Err(error) => Poll::Ready(Err(error.clone())),
        }
    }
}
