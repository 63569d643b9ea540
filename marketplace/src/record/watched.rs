//! The turn that is running, as another thread sees it.
//!
//! A host that knows the time looks from another thread, a few times a second. So a turn that never
//! ends is seen, too, and no turn looks at a clock: it stores five words and reads one. On the
//! machine where this was chosen a message between two processes took 62 ns. Two looks at the clock
//! would take 40 ns more, and a mutex around the words 15 ns; the words take 5 ns, with all that
//! they are made of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::conversation::called::Called;
use crate::conversation::duct::Site;
use crate::conversation::pid::Pid;
use crate::data::lock::lock;
use crate::data::numbers::TurnId;
use crate::record::trace::Heard;

/// Looks at the turns of a ground VM while they run, from any thread.
///
/// A VM knows no clock. A host that does can tell with this which turn takes long:
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::{GroundVm, Output};
///
/// fn thinker() -> Transition<()> {
///     transition_no_state!(subscriber!("think", on_message!(_ => quit())))
/// }
///
/// let mut vm = GroundVm::new(|_| transition_no_state!(spawn!(thinker())));
/// let watch = vm.watch_turns();
/// vm.run(usize::MAX);
/// assert!(watch.look().is_none(), "no turn is running");
///
/// // Another thread does this: whenever it finds the same turn as before, time has passed.
/// let looker = std::thread::spawn(move || {
///     while let Some(turn) = watch.look() {
///         watch.tell_of(turn.id);
///     }
/// });
/// vm.send(&"think".to_string());
/// vm.run(usize::MAX);
/// looker.join().unwrap();
/// while let Some(output) = vm.poll() {
///     if let Output::SlowTurn(turn) = output {
///         println!("{} has taken long to answer {}", turn.process, turn.heard);
///     }
/// }
/// ```
#[derive(Clone)]
pub struct TurnWatch(Arc<Running>);

/// A turn that was running when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunningTurn {
    /// The turn's number.
    pub id: u64,
    /// The VMs around the process, from the outside.
    pub vm: Arc<[Pid]>,
    /// The PID of the process.
    pub pid: Pid,
    /// The way to the process [by names](crate::Exit::path). The process itself goes by the code
    /// that booted it, even if it has a name.
    pub process: String,
}

/// A turn that is over, of which somebody wanted to be told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SlowTurn {
    /// The turn's number.
    pub id: u64,
    /// The VMs around the process, from the outside.
    pub vm: Arc<[Pid]>,
    /// The PID of the process.
    pub pid: Pid,
    /// The way to the process [by names](crate::Exit::path).
    pub process: String,
    /// The event that it heard.
    pub heard: Heard,
    /// The process whose action it was told of, as in [`Fault::from`](crate::Fault::from).
    pub from: Option<String>,
}

/// The words that a VM writes for those who look. They are not one: whoever reads them reads the
/// turn before and after.
#[derive(Default)]
struct Running {
    /// 0: none.
    turn: AtomicU64,
    pid: AtomicU64,
    site: AtomicUsize,
    code: AtomicUsize,
    /// The turn of which somebody wants to be told when it is over.
    asked: AtomicU64,
    known: Mutex<Known>,
}

/// The things for which the words stand.
#[derive(Default)]
struct Known {
    /// As long as an entry is here, no other site gets its address.
    sites: BTreeMap<usize, (Weak<Site>, Arc<[Pid]>)>,
    codes: BTreeMap<usize, Called>,
    /// When there are more sites, those that are gone are removed.
    room: usize,
}

impl TurnWatch {
    /// The turn that is running now, if one is.
    #[must_use]
    pub fn look(&self) -> Option<RunningTurn> {
        let Running { turn, pid, site, code, known, .. } = &*self.0;
        let id = turn.load(Ordering::Acquire);
        let words = (pid.load(Ordering::Acquire), site.load(Ordering::Acquire), code.load(Ordering::Acquire));
        if id == 0 || turn.load(Ordering::Relaxed) != id {
            return None;
        }
        let (pid, site, code) = words;
        let pid = Pid(pid);
        let known = lock(known);
        let called = known.codes.get(&code).copied().unwrap_or(Called::NOTHING);
        let (site, vm) = known.sites.get(&site)?;
        let process = site.upgrade()?.path_of(pid, None, called);
        Some(RunningTurn { id, vm: vm.clone(), pid, process })
    }

    /// Asks for an [`Output::SlowTurn`](crate::Output::SlowTurn) when this turn is over. A VM is
    /// asked for one turn at a time. If the turn is over already, nothing is told; nor if it ends
    /// by a panic, which takes as long as it takes to print a backtrace.
    pub fn tell_of(&self, turn: u64) {
        self.0.asked.store(turn, Ordering::Relaxed);
    }
}

impl fmt::Debug for TurnWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnWatch").finish_non_exhaustive()
    }
}

/// The other end of a [`TurnWatch`]: a VM writes what is seen there.
pub(crate) struct Watched {
    running: Arc<Running>,
    /// The boot of the last process, and where it ran: most are like the one before.
    last: (usize, usize),
}

impl Watched {
    pub(crate) fn new() -> Self {
        Self { running: Arc::default(), last: (0, 0) }
    }

    pub(crate) fn watch(&self) -> TurnWatch {
        TurnWatch(self.running.clone())
    }

    /// Notes what a process is called, and where it is.
    pub(crate) fn know(&mut self, vm: &Arc<[Pid]>, site: &Arc<Site>, called: Called) {
        let words = (Arc::as_ptr(site).addr(), called.address());
        if self.last == words {
            return;
        }
        self.last = words;
        let known = &mut *lock(&self.running.known);
        known.codes.insert(words.1, called);
        known.sites.entry(words.0).or_insert_with(|| (Arc::downgrade(site), vm.clone()));
        if known.sites.len() > known.room {
            known.sites.retain(|_, (site, _)| site.strong_count() > 0);
            known.room = known.sites.len() * 2;
        }
    }

    /// A turn begins.
    #[inline]
    pub(crate) fn begins(&self, turn: TurnId, pid: Pid, site: &Arc<Site>, called: Called) {
        let running = &*self.running;
        // On x86 these are plain stores. As they are releases, nobody who sees one of them takes
        // the turn before for this one.
        running.pid.store(pid.number(), Ordering::Release);
        running.site.store(Arc::as_ptr(site).addr(), Ordering::Release);
        running.code.store(called.address(), Ordering::Release);
        running.turn.store(turn.number(), Ordering::Release);
    }

    /// A turn is over. Says whether somebody wants to be told.
    #[inline]
    pub(crate) fn ends(&self, turn: TurnId) -> bool {
        self.running.turn.store(0, Ordering::Relaxed);
        self.running.asked.load(Ordering::Relaxed) == turn.number()
    }
}
