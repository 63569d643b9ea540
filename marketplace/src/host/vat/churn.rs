//! The churn: the part of a vat that its host turns.

use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

use crate::data::door;
use crate::data::numbers::{self, TurnId};
use crate::ground_vm::GroundError;
use crate::host::ground::host::Host;
use crate::host::vat::envelope::{Content, Envelope};
use crate::host::vat::here::OnThread;
use crate::host::vat::post::{Inbox, Which};
use crate::host::vat::{Askers, Shared};

/// How many envelopes are opened in one poll.
const ROUNDS: usize = 64;

/// A vat's VM, with its sources: [`VatHost::start`](super::VatHost::start) is given it. One thread
/// at a time turns it, as the type says: it can be sent, but neither cloned nor shared.
///
/// Hand it each [`Envelope`] with [`Churn::feed`], then call [`Churn::pump`]. Or poll it: it is a
/// future that ends when the vat does. The hook [`VatHost::send`](super::VatHost::send) gets an
/// envelope, too, when a source may be able to go on, so that a loop that pumps after each envelope
/// misses nothing.
pub struct Churn {
    pub(super) host: Host,
    vat: Weak<Shared>,
    id: u64,
    waker: Waker,
    /// The inbox of a ready-made host.
    pub(super) inbox: Option<Inbox>,
    /// Every turn and action up to the last envelope has a number below this.
    last: u64,
    outcome: Option<Result<(), GroundError>>,
    /// One thread at a time.
    _not_sync: PhantomData<Cell<()>>,
}

impl Churn {
    pub(super) fn new(mut host: Host, vat: &Arc<Shared>) -> Self {
        host.goes_on_when_idle = true;
        host.vm.halt_when(vat.halted.clone());
        Self {
            host,
            vat: Arc::downgrade(vat),
            id: vat.id,
            waker: Arc::new(Bell(Arc::downgrade(vat))).into(),
            inbox: None,
            last: 0,
            outcome: None,
            _not_sync: PhantomData,
        }
    }

    /// Takes an envelope: an urgent one is carried out at once, another one by the next
    /// [`Churn::pump`]. If the vat is over, or has been halted, the envelope is dropped, and its
    /// sender hears that.
    pub fn feed(&mut self, envelope: Envelope) {
        let _here = self.enter();
        if self.outcome.is_none() && !self.host.vm.is_halted() {
            self.open(envelope);
        }
    }

    /// Turns the VM over until it has nothing to do. Says whether the vat goes on: once it does
    /// not, it is over.
    ///
    /// Sources that need a runtime need one here: enter it before, if the vat's processes use
    /// drivers with such sources.
    pub fn pump(&mut self) -> bool {
        while self.pump_max(usize::MAX) {}
        self.outcome.is_none()
    }

    /// Performs at most so many innermost actions, for a loop that has only so much time, and asks
    /// sources. Says whether there is more to do now.
    pub fn pump_max(&mut self, max_steps: usize) -> bool {
        let woken = Arc::new(Woken { waker: self.waker.clone(), during: AtomicU8::new(POLLING) });
        let waker = Waker::from(woken.clone());
        let over = self.poll_steps(&mut Context::from_waker(&waker), max_steps).is_ready();
        let rung = woken.during.swap(AFTER, Ordering::AcqRel) == RUNG;
        !over && rung
    }

    /// How the vat ended, if it has.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Result<(), GroundError>> {
        self.outcome.as_ref()
    }

    fn enter(&self) -> OnThread {
        if let Some(vat) = self.vat.upgrade() {
            vat.note_thread();
        }
        OnThread::enter(self.id, self.host.vm.time())
    }

    fn open(&mut self, envelope: Envelope) {
        let urgent = envelope.is_urgent();
        self.host.sent_from(envelope.origin());
        match envelope.content {
            Content::Message(body, orientation) => self.host.vm.deposit(body, orientation),
            Content::Work(work) => work(&mut self.host),
            Content::Order(order) => {
                numbers::note_turn(TurnId::NONE, self.host.vm.time());
                // An order is the caller's code: if it panics, the caller is told, by getting no
                // result.
                let _ = door::enter(|| order(&mut self.host));
            }
            Content::Wake => {}
        }
        self.host.sent_from(None);
        if !urgent {
            self.last = self.host.vm.counter();
        }
    }

    fn poll_steps(&mut self, cx: &mut Context<'_>, max_steps: usize) -> Poll<Result<(), GroundError>> {
        let _here = self.enter();
        let end = self.host.vm.steps().saturating_add(max_steps as u64);
        for _ in 0..ROUNDS {
            if let Some(outcome) = &self.outcome {
                return Poll::Ready(outcome.clone());
            }
            if self.host.vm.is_halted() {
                return self.finish(Ok(()));
            }
            let nothing_waits = self.take_envelope(cx);
            // An order may have stepped the VM beyond the end of this slice.
            let left = usize::try_from(end.saturating_sub(self.host.vm.steps())).unwrap_or(usize::MAX);
            match self.host.poll(cx, left) {
                // It may have been halted in the last of its turns.
                _ if self.host.vm.is_halted() => return self.finish(Ok(())),
                Poll::Ready(outcome) => return self.finish(outcome),
                Poll::Pending if nothing_waits => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Opens the next envelope: an urgent one or, when the last one has been handled, any. Says
    /// whether it is known that none waits.
    fn take_envelope(&mut self, cx: &Context<'_>) -> bool {
        let Some(inbox) = &self.inbox else { return true };
        let seen_to = self.host.vm.is_past(self.last);
        let which = if seen_to && !self.host.is_paused() { Which::Any } else { Which::Urgent };
        match inbox.poll_take(which, cx) {
            Poll::Ready(Some(envelope)) => {
                self.open(envelope);
                false
            }
            Poll::Ready(None) => {
                // No handle is left: the vat ends as a program does.
                self.host.goes_on_when_idle = false;
                true
            }
            Poll::Pending => seen_to || self.host.is_paused(),
        }
    }

    fn finish(&mut self, outcome: Result<(), GroundError>) -> Poll<Result<(), GroundError>> {
        self.end(outcome.clone());
        Poll::Ready(outcome)
    }

    /// Ends the vat: no envelope can be put into it any more, and its waiting envelopes and its
    /// contents are dropped, so that their senders hear that.
    fn end(&mut self, outcome: Result<(), GroundError>) {
        let vat = self.vat.upgrade();
        if let Some(vat) = &vat {
            vat.stop();
        }
        self.inbox = None;
        self.host.askers = Askers::default();
        self.host.vm.end_all();
        // The caller of `join` may open the same sockets at once.
        self.host.close_sources();
        if let Some(vat) = &vat {
            vat.end(&outcome);
        }
        self.outcome = Some(outcome);
    }
}

/// The future ends when the vat does.
impl Future for Churn {
    type Output = Result<(), GroundError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_steps(cx, usize::MAX)
    }
}

impl Drop for Churn {
    /// A churn that is dropped before the vat has ended halts the vat.
    fn drop(&mut self) {
        if self.outcome.is_none() {
            let _here = self.enter();
            self.end(Ok(()));
        }
    }
}

/// Tells a vat's host that there is something to do.
struct Bell(Weak<Shared>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if let Some(vat) = self.0.upgrade() {
            vat.wake();
        }
    }
}

/// The waker of a pump. If it is woken while the pump is at work, the pump's caller looks again;
/// later, the host is told.
struct Woken {
    waker: Waker,
    during: AtomicU8,
}

const POLLING: u8 = 0;
const RUNG: u8 = 1;
const AFTER: u8 = 2;

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let rung = self.during.compare_exchange(POLLING, RUNG, Ordering::AcqRel, Ordering::Acquire);
        if rung == Err(AFTER) {
            self.waker.wake_by_ref();
        }
    }
}
