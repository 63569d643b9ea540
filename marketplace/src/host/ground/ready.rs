//! The sources that may be able to go on, in the order in which they said so.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Wake, Waker};

use crate::data::lock::lock;
use crate::data::slots::Slot;
use crate::host::ground::host::{Closing, Running};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Running(Slot<Running>),
    Closing(Slot<Closing>),
}

#[derive(Default)]
pub(super) struct Ready(Mutex<State>);

#[derive(Default)]
struct State {
    bells: VecDeque<Arc<Bell>>,
    host: Option<Waker>,
}

/// The bell of a source. Its waker rings it when the source may be able to go on. A bell that rings
/// twice before the host hears it is heard once.
pub(super) struct Bell {
    key: Key,
    rung: AtomicBool,
    /// A weak pointer: sources may keep bells for longer than the host runs.
    ready: Weak<Ready>,
}

impl Ready {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Says which task to wake when a bell rings.
    pub(super) fn register(&self, host: &Waker) {
        let mut state = self.state();
        match &mut state.host {
            Some(known) => known.clone_from(host),
            unknown => *unknown = Some(host.clone()),
        }
    }

    pub(super) fn next(&self) -> Option<Key> {
        let bell = self.state().bells.pop_front()?;
        // The swap acquires the work of every thread that found the bell rung already.
        bell.rung.swap(false, Ordering::AcqRel);
        Some(bell.key)
    }

    pub(super) fn bell(self: &Arc<Self>, key: Key) -> Arc<Bell> {
        Arc::new(Bell { key, rung: AtomicBool::new(false), ready: Arc::downgrade(self) })
    }
}

impl Bell {
    /// Rings without waking the host, which is awake.
    pub(super) fn ring(self: &Arc<Self>, ready: &Ready) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            ready.state().bells.push_back(self.clone());
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.rung.swap(true, Ordering::AcqRel) {
            return;
        }
        let Some(ready) = self.ready.upgrade() else { return };
        let mut state = ready.state();
        state.bells.push_back(self.clone());
        let host = state.host.clone();
        drop(state);
        if let Some(host) = host {
            host.wake();
        }
    }
}
