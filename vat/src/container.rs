//! A container: the vats of a basedir, loaded, and what turns them over.

mod error;
mod load;
#[cfg(feature = "js")]
mod queue;
#[cfg(feature = "js")]
mod shell;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use marketplace::Reason;
use marketplace::objects::{Far, Reference};
use marketplace::vat::{Debugger, Pump, Vat};
use marketplace_captp::Peer;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::timeout;

pub use self::error::{LoadError, PublishError};
use crate::basedir::{BOOTSTRAP, Basedir};

/// How long nothing comes from elsewhere, when a run ends.
const QUIET: Duration = Duration::from_millis(200);

/// The vats of a basedir in one VM.
///
/// Nothing runs but by [`Container::step`], [`Container::run`] and [`Container::serve`]. A
/// container has a tokio runtime of its own: in another one, `run` and `serve` panic, as does
/// dropping it.
pub struct Container {
    // Dropped in this order: sources need the runtime.
    pump: Pump,
    vat: Vat,
    runtime: Runtime,
    /// Rung when there is something to do.
    bell: Arc<Notify>,
    vats: Vec<Loaded>,
    ended: Arc<Mutex<Vec<Ended>>>,
    peer: Option<Far<dyn Peer>>,
    #[cfg(feature = "js")]
    options: marketplace_js::Options,
    #[cfg(feature = "js")]
    shell: Option<Reference>,
}

/// A vat that is loaded.
#[derive(Clone)]
struct Loaded {
    name: String,
    root: Reference,
}

/// A vat that ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ended {
    /// Its name.
    pub vat: String,
    /// Why it ended.
    pub reason: Reason,
}

impl Container {
    /// Loads every vat, and queues the message that begins: `bootstrap(argv, vats, {})`, where
    /// `vats` has the roots of the other vats by name.
    ///
    /// # Errors
    /// If there is no vat `bootstrap`, or a vat cannot be loaded. Then nothing has been queued.
    pub fn load(
        basedir: Basedir,
        argv: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, LoadError> {
        load::load(basedir, argv.into_iter().map(Into::into).collect())
    }

    /// Performs one action of the VM, and with it those before it which nobody hears. Says whether
    /// a vat heard anything.
    pub fn step(&mut self) -> bool {
        self.look(step).unwrap_or(false)
    }

    /// Runs until no action waits. If the vats speak to others elsewhere, it also waits for those,
    /// as long as something comes from there within a fifth of a second.
    ///
    /// # Panics
    /// If vats speak to others elsewhere, and this is called in a tokio runtime.
    pub fn run(&mut self) {
        self.look(|debugger| debugger.run());
        self.turn_over();
        let is_linked =
            self.look(|debugger| debugger.dump().processes.iter().any(|process| !process.outer.is_empty()));
        while is_linked == Some(true) && self.hears_more() {
            self.turn_over();
        }
        self.look(|debugger| debugger.pause());
    }

    /// Runs until no action waits.
    fn turn_over(&mut self) {
        let _runtime = self.runtime.enter();
        self.pump.pump();
    }

    /// Whether something comes from elsewhere before it has been quiet for long.
    fn hears_more(&self) -> bool {
        self.runtime.block_on(async { timeout(QUIET, self.bell.notified()).await.is_ok() })
    }

    /// Runs until `stop` is over: also what comes from elsewhere is heard.
    ///
    /// # Panics
    /// If this is called in a tokio runtime.
    pub fn serve<T>(&mut self, stop: impl Future<Output = T>) -> T {
        self.look(|debugger| debugger.run());
        let (pump, bell) = (&mut self.pump, &self.bell);
        let stopped = self.runtime.block_on(async {
            let mut stop = pin!(stop);
            let mut turn_over = pin!(async {
                while pump.pump() {
                    bell.notified().await;
                }
            });
            let mut is_over = false;
            poll_fn(|cx| {
                is_over = is_over || turn_over.as_mut().poll(cx).is_ready();
                stop.as_mut().poll(cx)
            })
            .await
        });
        self.look(|debugger| debugger.pause());
        stopped
    }

    /// Gives a root an address for vats elsewhere, and runs until there is one.
    ///
    /// # Errors
    /// If the container has no way to vats elsewhere, or there is no such vat, or no address.
    ///
    /// # Panics
    /// If this is called in a tokio runtime.
    pub fn publish(&mut self, name: &str) -> Result<String, PublishError> {
        let peer = self.peer.clone().ok_or(PublishError::NoNetlayer)?;
        let root = self.root(name).cloned().ok_or_else(|| PublishError::NoVat { name: name.into() })?;
        let published = self.vat.ask(|cx| peer.publish(cx, root));
        Ok(self.serve(published)?.as_str().to_string())
    }

    /// The names of the vats, in the order in which they were loaded: by name, `bootstrap` last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.vats.iter().map(|vat| &*vat.name)
    }

    /// The root of a vat.
    #[must_use]
    pub fn root(&self, name: &str) -> Option<&Reference> {
        self.vats.iter().find(|vat| vat.name == name).map(|vat| &vat.root)
    }

    /// The vats that have ended so far.
    #[must_use]
    pub fn ended(&self) -> Vec<Ended> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The vat of [`marketplace::vat`] in which they run: for a log, an inspector, a process of
    /// yours. It is stopped between two calls of this container.
    #[must_use]
    pub const fn vat(&self) -> &Vat {
        &self.vat
    }

    /// Looks inside, between two turns. `None` if one of the processes has ended the VM, or `look`
    /// panics.
    pub fn look<T: Send + 'static>(
        &mut self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = channel();
        // The vat is asked, also if nobody awaits the future.
        drop(self.vat.inspect_async(move |debugger| tell.send(look(debugger))));
        let _runtime = self.runtime.enter();
        self.pump.pump_max(0);
        told.try_recv().ok()
    }
}

/// Performs actions until somebody has heard one.
fn step(debugger: &mut Debugger<'_>) -> bool {
    let before = debugger.stamp();
    while debugger.step() {
        if debugger.stamp() > before {
            return true;
        }
    }
    debugger.stamp() > before
}

/// The roots of the vats other than the one that begins.
fn others(vats: &[Loaded]) -> impl Iterator<Item = &Loaded> {
    vats.iter().filter(|vat| vat.name != BOOTSTRAP)
}
