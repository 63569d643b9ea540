//! The sources that may be able to go on, in the order in which they said so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Wake, Waker};

use crate::data::lock::lock;
use crate::data::slots::Slot;
use crate::ground_vm::source::AtHost;
use crate::host::ground::turned_on::Closing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Running(Slot<AtHost>),
    Closing(Slot<Closing>),
}

#[derive(Default)]
pub(super) struct Ready(Mutex<State>);

#[derive(Default)]
struct State {
    keys: VecDeque<Key>,
    /// Whether a running and a closing source of this place are among the keys.
    rung: Vec<[bool; 2]>,
    /// Wakes the host while it rests.
    host: Option<Waker>,
}

impl State {
    /// Whether the source is among the keys.
    fn is_rung(&mut self, key: Key) -> &mut bool {
        let (place, kind) = match key {
            Key::Running(slot) => (slot.number() as usize, 0),
            Key::Closing(slot) => (slot.number() as usize, 1),
        };
        if place >= self.rung.len() {
            self.rung.resize(place + 1, [false; 2]);
        }
        &mut self.rung[place][kind]
    }

    /// Says whether it is news.
    fn ring(&mut self, key: Key) -> bool {
        let is_news = !std::mem::replace(self.is_rung(key), true);
        if is_news {
            self.keys.push_back(key);
        }
        is_news
    }
}

impl Ready {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Notes that a source may be able to go on. The host, which says so, is awake.
    pub(super) fn ring(&self, key: Key) {
        self.state().ring(key);
    }

    /// Takes the first sources, at most so many.
    pub(super) fn take(&self, most: usize, turn: &mut Vec<Key>) {
        let mut state = self.state();
        while turn.len() < most
            && let Some(key) = state.keys.pop_front()
        {
            *state.is_rung(key) = false;
            turn.push(key);
        }
    }

    /// Whether the host rests: no source may be able to go on. Its waker is called when one is.
    pub(super) fn rests(&self, host: &Waker) -> bool {
        let mut state = self.state();
        let rests = state.keys.is_empty();
        if rests {
            state.host = Some(host.clone());
        }
        rests
    }

    /// The host is gone. Sources may keep their bells for longer.
    pub(super) fn forget_host(&self) {
        self.state().host = None;
    }

    /// The waker of a source.
    pub(super) fn bell(self: &Arc<Self>, key: Key) -> Waker {
        Arc::new(Bell { key, ready: self.clone() }).into()
    }
}

/// The bell of a source. Its waker rings it when the source may be able to go on. A bell that rings
/// twice before the host hears it is heard once.
struct Bell {
    key: Key,
    ready: Arc<Ready>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.ready.state();
        // A host that is awake, or has been woken, looks by itself.
        let host = if state.ring(self.key) { state.host.take() } else { None };
        drop(state);
        if let Some(host) = host {
            host.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    #[derive(Default)]
    struct Host(AtomicUsize);

    impl Wake for Host {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    fn taken(ready: &Ready, most: usize) -> Vec<Key> {
        let mut turn = Vec::new();
        ready.take(most, &mut turn);
        turn
    }

    #[test]
    fn sources_are_heard_in_the_order_in_which_they_rang_and_once_each() {
        let ready = Arc::new(Ready::default());
        let key = |place| Key::Running(Slot::numbered(place));
        let closing = Key::Closing(Slot::numbered(7));
        for key in [key(7), closing, key(0), key(7), closing] {
            ready.bell(key).wake();
        }
        assert_eq!(taken(&ready, 2), [key(7), closing]);
        ready.ring(key(7));
        assert_eq!(taken(&ready, 9), [key(0), key(7)]);
        assert_eq!(taken(&ready, 9), []);
    }

    #[test]
    fn a_host_that_rests_is_woken_once_and_one_that_is_awake_never() {
        let (ready, host) = (Arc::new(Ready::default()), Arc::new(Host::default()));
        let woken = || host.0.load(Relaxed);
        let bell = |place| ready.bell(Key::Running(Slot::numbered(place)));
        bell(0).wake();
        assert!(!ready.rests(&host.clone().into()), "a source may be able to go on");
        taken(&ready, 1);
        assert!(ready.rests(&host.clone().into()));
        assert_eq!(woken(), 0);
        bell(0).wake();
        bell(1).wake();
        assert_eq!(woken(), 1);
        taken(&ready, 2);
        bell(1).wake();
        assert_eq!(woken(), 1);
        taken(&ready, 1);
        assert!(ready.rests(&host.clone().into()));
        ready.forget_host();
        bell(1).wake();
        assert_eq!((woken(), Arc::strong_count(&host)), (1, 1));
    }
}
