//! Requests of a thread or a task to a vat.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::runtime::{self, Handle, worker_index};
use tokio::sync::oneshot;

use crate::conversation::pid::Pid;
use crate::conversation::role::{Orientation, Role};
use crate::conversation::topic::Topic;
use crate::data::lock::lock;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::from::IntoValue;
use crate::ground_vm::caller::Caller;
use crate::host::ground::host::Host;
use crate::host::ground::log;
use crate::host::vat::across::PATIENCE;
use crate::host::vat::envelope::{Content, Envelope};
use crate::host::vat::here::is_turned;
use crate::host::vat::{Answers, Debugger, Subscription, Vat, VatError, arriving, here, streams, wait};
use crate::record::log::{DebugAuthority, Origin};

/// Talking to a vat.
impl Vat {
    /// Sends a message in the vat's ground network, as if from outside every process. Messages of
    /// one thread stay in order. The call does not wait until the message is heard; on an ordinary
    /// thread it waits for room in the vat's inbox.
    ///
    /// # Errors
    /// If the vat is not running; if its inbox has no room and the caller must not wait for any: a
    /// turn, an async task, the thread that turns the vat over.
    pub fn send(&self, message: &impl Message) -> Result<(), VatError> {
        self.put(Content::Message(message.to_value(), Orientation::Publisher))
    }

    /// Sends feedback in the vat's ground network.
    ///
    /// # Errors
    /// As [`Vat::send`].
    pub fn send_feedback(&self, message: &impl Message) -> Result<(), VatError> {
        self.put(Content::Message(message.to_value(), Orientation::Subscriber))
    }

    /// Makes a process in the vat's ground VM for one turn, and waits for the value that the turn
    /// returns. The actions that the turn asks for by [`Caller::act`] are performed afterwards.
    /// Then the process is gone, unless it has endpoints.
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
    /// If the vat is not running, or ends before the turn; if the turn panics; if the caller must
    /// not wait here.
    pub fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        self.wait_here(self.call_async(work))
    }

    /// [`Vat::call`] as a future, for async tasks; and for turns, by
    /// [`Source::future`](crate::Source::future).
    pub fn call_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    ) -> VatFuture<T> {
        let (told, result) = oneshot::channel();
        let answer = move |result: Result<T, (u64, Reason)>| {
            // The caller may have gone.
            let _ = told.send((result.map_err(|(turn, reason)| VatError::Failed { turn, reason }), here()));
        };
        let put = self.put_for_result(Content::Work(Box::new(move |host| host.vm.call(work, answer))));
        VatFuture(put.map(|()| result))
    }

    /// Subscribes to a topic of the vat's ground network, as a participant. Its events wait in a
    /// [`Subscription`]; when that is dropped, the participant leaves, and its peers hear the
    /// absence. If the subscription is read too slowly it says how many events were missed; the vat
    /// does not wait.
    ///
    /// # Errors
    /// If the vat is not running.
    pub fn subscribe<M: Message + Send + 'static>(
        &self,
        topic: impl Into<Topic>,
    ) -> Result<Subscription<M>, VatError> {
        streams::subscribe(self, topic.into())
    }

    /// Says who is there now, and waits for it: the roles in which a subscriber of this topic, in
    /// the vat's ground network, would hear of its peers if it came now, in the order in which
    /// these were created. Observers are not among them. Nobody hears of the question.
    ///
    /// The vat answers when it has performed what was asked of it before, as by [`Vat::send`] and
    /// [`Vat::call`] on this thread. The messages to which these led may still be
    /// on their way.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatOptions};
    /// # #[derive(Message, Clone, Debug, PartialEq)]
    /// # struct Says { user: Symbol, what: Text }
    /// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
    ///     publisher!(Says { user: "ann", .. }),
    ///     publisher!(Says { user: "bob", .. }),
    /// )).unwrap();
    /// let present = vat.present(topic!(Says { .. })).unwrap();
    /// let users: Vec<Symbol> = present.iter().filter_map(|role| role.field(0)).collect();
    /// assert_eq!(users, ["ann", "bob"].map(Symbol::new));
    /// ```
    ///
    /// # Errors
    /// If the vat is not running, or ends before it answers; if its inbox has no room and the
    /// caller must not wait for any; if the caller must not wait here.
    pub fn present(&self, topic: impl Into<Topic>) -> Result<Vec<Role>, VatError> {
        self.may_wait()?;
        self.wait_here(self.present_async(topic))
    }

    /// [`Vat::present`] as a future.
    pub fn present_async(&self, topic: impl Into<Topic>) -> VatFuture<Vec<Role>> {
        let (told, result) = oneshot::channel();
        let (vat, subscriber) = (self.clone(), Role::subscriber(topic));
        let look = move |host: &mut Host| {
            let _ = told.send((Ok(host.vm.present_in(&[], &subscriber)), here()));
        };
        // A turn comes after all that was queued before. If the vat has ended meanwhile, the look
        // is dropped, which tells the caller.
        let answer = move |_| drop(vat.order(look));
        let put = self.put_for_result(Content::Work(Box::new(move |host| host.vm.call(|_| (), answer))));
        VatFuture(put.map(|()| result))
    }

    /// Passes a message to one process of the vat's ground VM, and gives the answers to it: none,
    /// one or many. The answers end when the process has gone, and every process to which it has
    /// handed the duct. In a duct's print the last hop is `//wire`. Two messages that are passed on
    /// the same wire have different ducts, each with its own answers.
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
    /// If the vat is not running.
    pub fn pass(&self, to: Pid, wire: impl IntoValue, message: &impl Message) -> Result<Answers, VatError> {
        streams::pass(self, to, wire.into(), message.to_value())
    }

    /// Looks inside the vat, between two turns, also while it is stopped, and waits for the value
    /// that `look` returns. A look does not queue behind messages that were sent before: they may
    /// still wait. A stopped vat takes no messages that are sent; [`Debugger::send`] works.
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
    /// If the vat is not running; if the caller must not wait here.
    pub fn inspect<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        self.wait_here(self.inspect_async(look))
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

    /// The right to see the contents of its ducts.
    #[must_use]
    pub fn debug_authority(&self) -> DebugAuthority {
        self.0.authority.clone()
    }

    pub(super) fn order(&self, order: impl FnOnce(&mut Host) + Send + 'static) -> Result<(), VatError> {
        self.put_for_result(Content::Order(Box::new(order)))
    }

    /// Sends something of which nobody waits for a result.
    pub(super) fn put(&self, content: Content) -> Result<(), VatError> {
        self.send_in(Envelope::new(content, false))
    }

    /// Sends something for whose result the caller waits.
    pub(super) fn put_for_result(&self, content: Content) -> Result<(), VatError> {
        self.send_in(Envelope::new(content, true))
    }

    fn send_in(&self, envelope: Envelope) -> Result<(), VatError> {
        if !self.is_running() {
            return Err(VatError::NotRunning);
        }
        let sent = self.0.host.send(envelope);
        sent.map_err(|_| if self.is_running() { VatError::Full } else { VatError::NotRunning })
    }

    /// Waits on an ordinary thread for a future that this vat completes.
    pub(super) fn wait_for<F: Future>(&self, future: F) -> Result<F::Output, VatError> {
        self.may_wait()?;
        Ok(self.wait_here(future))
    }

    /// Waits on this thread, which may wait, for a future that this vat completes. A vat that
    /// nobody turns over completes nothing: that is told after a while, since it may be this thread
    /// that has its [`Pump`](super::Pump).
    pub(super) fn wait_here<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let is_new = || lock(&self.0.thread).is_none();
        if is_new() {
            if let Some(output) = wait::for_future_until(future.as_mut(), Instant::now() + PATIENCE) {
                return output;
            }
            if is_new() {
                let _logs = log::on();
                log::not_turned_over(self.id(), self.name());
            }
        }
        wait::for_future(future)
    }

    /// Whether the caller may wait for this vat.
    pub(super) fn may_wait(&self) -> Result<(), VatError> {
        if is_turned() {
            return Err(VatError::InsideVat);
        }
        let turned_here = *lock(&self.0.thread) == Some(std::thread::current().id());
        // A vat that was halted may still be about to end, and this thread would end it.
        let has_ended = lock(&self.0.outcome).is_some();
        if (turned_here || self.is_task_here()) && !has_ended { Err(VatError::SameThread) } else { Ok(()) }
    }

    /// It is a task of the runtime that this thread runs tasks of. That it was woken may be known
    /// here alone, and then no other thread of the runtime turns it over.
    fn is_task_here(&self) -> bool {
        let id = self.0.runtime.get();
        id.is_some_and(|id| worker_index().is_some() && Handle::try_current().is_ok_and(|it| it.id() == *id))
    }

    pub(super) fn note_runtime(&self, id: runtime::Id) {
        // A vat is a task of one runtime, and this is called once.
        let _ = self.0.runtime.set(id);
    }
}

/// The result of a request to a vat, as a future: see [`Vat::call_async`] and
/// [`Vat::inspect_async`]. If it is dropped, the vat does the work all the same.
#[must_use = "a future does nothing unless it is awaited; the vat has been asked all the same"]
#[derive(Debug)]
pub struct VatFuture<T>(pub(super) Result<oneshot::Receiver<Answered<T>>, VatError>);

/// The result of a request, and the place where it was told.
pub(super) type Answered<T> = (Result<T, VatError>, Option<Origin>);

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
