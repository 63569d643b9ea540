//! The hosts that come with this crate: a thread, a task, and a loop of the user's.

use std::sync::{Arc, Mutex};

use tokio::runtime::{self, Builder, Handle};

use crate::conversation::pid::Pid;
use crate::data::lock::lock;
use crate::data::reason::SharedError;
use crate::ground_vm::GroundError;
use crate::host::ground::thread;
use crate::host::vat::churn::Churn;
use crate::host::vat::here::is_turned;
use crate::host::vat::post::{IfFull, Inbox, Sender, post};
use crate::host::vat::{Envelope, Vat, VatError, VatHost, VatOptions};
use crate::process::transition::IntoTransition;

/// A host that starts by handing the churn to somebody.
struct Posted<F> {
    post: Sender,
    start: Mutex<Option<(F, Inbox)>>,
    /// Told that there is something to do.
    notify: Option<Box<dyn Fn() + Send + Sync>>,
}

impl<F: FnOnce(Churn) + Send> VatHost for Posted<F> {
    fn start(&self, mut churn: Churn) {
        if let Some((start, inbox)) = lock(&self.start).take() {
            churn.inbox = Some(inbox);
            start(churn);
        }
    }

    /// The envelope that tells of it is on its way.
    fn halt(&self) {}

    fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
        // A turn and an async task must not wait for room; a thread does.
        let may_wait = !is_turned() && Handle::try_current().is_err();
        let put = self.post.put(envelope, if may_wait { IfFull::Wait } else { IfFull::Refuse });
        if let Some(notify) = &self.notify {
            notify();
        }
        put
    }
}

impl Vat {
    fn posted<T>(
        options: VatOptions,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
        start: impl FnOnce(Churn) + Send + 'static,
        notify: Option<Box<dyn Fn() + Send + Sync>>,
        runtime: Option<runtime::Id>,
    ) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let (post, inbox) = post(options.inbox);
        let vat =
            Self::with_host(options, boot, Posted { post, start: Mutex::new(Some((start, inbox))), notify });
        if let Some(runtime) = runtime {
            vat.note_runtime(runtime);
        }
        vat.start();
        vat
    }

    /// A vat on a thread of its own, running, with a runtime for its sources.
    ///
    /// # Errors
    /// If there can be no such thread or runtime.
    pub fn spawn<T>(
        options: VatOptions,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
    ) -> Result<Self, VatError>
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let host = |error: std::io::Error| VatError::Host(SharedError::new(error));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(host)?;
        let (sender, churns) = std::sync::mpsc::channel::<Churn>();
        let name = options.name.clone().unwrap_or_else(|| "vat".into());
        let turn = move || {
            if let Ok(churn) = churns.recv() {
                let outcome = runtime.block_on(churn);
                log_outcome(&outcome);
                // A runtime that is dropped would wait for its blocking calls, and the thread with
                // it.
                runtime.shutdown_background();
            }
            Ok(())
        };
        // A churn that is dropped tells the callers that wait for it.
        thread::start(&name, turn, |_| ()).map_err(host)?;
        let start = move |churn| {
            // The thread waits for the churn.
            let _ = sender.send(churn);
        };
        Ok(Self::posted(options, boot, start, None, None))
    }

    /// A vat in a task of the runtime that this is called in, running. Other tasks of that runtime
    /// await it, by [`Vat::call_async`] and so on, and do not wait for it.
    ///
    /// # Errors
    /// If this is not called in a tokio runtime.
    pub fn task<T>(
        options: VatOptions,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
    ) -> Result<Self, VatError>
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let runtime = Handle::try_current().map_err(|error| VatError::Host(SharedError::new(error)))?;
        let id = runtime.id();
        let start = move |churn: Churn| {
            runtime.spawn(async move {
                let outcome = churn.await;
                log_outcome(&outcome);
            });
        };
        Ok(Self::posted(options, boot, start, None, Some(id)))
    }

    /// A vat for an existing loop. The vat is running, and the owner of the [`Pump`] turns it over.
    /// `notify` is called, on any thread, when there is something to do: it may wake the loop.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::vat::{Vat, VatOptions};
    ///
    /// let (vat, mut pump) = Vat::manual(VatOptions::default(), |_| transition_no_state!(), || ());
    /// let asker = std::thread::spawn(move || vat.call(|_| 40 + 2));
    /// while !asker.is_finished() {
    ///     pump.pump_max(1_000);       // once a frame, say
    /// }
    /// assert_eq!(asker.join().unwrap(), Ok(42));
    /// ```
    pub fn manual<T>(
        options: VatOptions,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> (Self, Pump)
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let (vat, churn) = Self::handed_over(options, boot, Some(Box::new(notify)));
        (vat, Pump(churn))
    }

    /// A vat, running, and its churn for the caller to turn.
    pub(super) fn handed_over<T>(
        options: VatOptions,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
        notify: Option<Box<dyn Fn() + Send + Sync>>,
    ) -> (Self, Churn)
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let made = Arc::new(Mutex::new(None));
        let start = {
            let made = made.clone();
            move |churn| *lock(&made) = Some(churn)
        };
        let vat = Self::posted(options, boot, start, notify, None);
        let churn = lock(&made).take();
        match churn {
            Some(churn) => (vat, churn),
            None => unreachable!("the vat has been started"),
        }
    }
}

fn log_outcome(outcome: &Result<(), GroundError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "a vat has ended");
    }
}

/// Turns over a vat that was made by [`Vat::manual`]. One thread at a time has it. When it is
/// dropped, the vat is halted.
///
/// A thread that has turned the vat over cannot wait for it ([`VatError::SameThread`]). Before the
/// first turn nobody knows which thread that will be: one that waits a second is told so by a
/// warning.
pub struct Pump(Churn);

impl Pump {
    /// Turns the vat over until it has nothing to do. Says whether the vat goes on: once it does
    /// not, it is over.
    ///
    /// Sources that need a runtime need one here: enter it before, if the vat's processes use
    /// drivers with such sources.
    pub fn pump(&mut self) -> bool {
        self.0.pump()
    }

    /// Performs at most so many innermost actions. Says whether there is more to do now.
    pub fn pump_max(&mut self, max_steps: usize) -> bool {
        self.0.pump_max(max_steps)
    }

    /// How the vat ended, if it has.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Result<(), GroundError>> {
        self.0.outcome()
    }
}
