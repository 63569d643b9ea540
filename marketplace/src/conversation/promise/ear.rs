//! The host waits for promises.
//!
//! A promise may be the host's own, and outlive the VM that was asked. So the VM knows who waits,
//! and lets go of them when it ends.

use std::sync::{Arc, Mutex, Weak};

use crate::data::door;
use crate::data::lock::lock;
use crate::data::reason::Reason;
use crate::data::value::Value;

type Hear = Box<dyn FnOnce(Result<Value, Reason>) + Send>;

/// The host's closure for when a promise is settled.
pub(crate) struct HostEar(Arc<Mutex<Option<Hear>>>);

impl HostEar {
    /// Calls the closure, unless the VM has ended.
    pub(crate) fn hear(self, result: Result<Value, Reason>) {
        let hear = lock(&self.0).take();
        if let Some(hear) = hear {
            hear(result);
        }
    }
}

/// All closures of the host of a tower that wait. They are dropped with it.
#[derive(Default)]
pub(crate) struct HostEars(Vec<Weak<Mutex<Option<Hear>>>>);

impl HostEars {
    /// One more, to be kept by the promise.
    pub(crate) fn open(&mut self, hear: impl FnOnce(Result<Value, Reason>) + Send + 'static) -> HostEar {
        if self.0.len() == self.0.capacity() {
            self.0.retain(|ear| ear.strong_count() > 0);
            // So there are as many calls until the next time.
            self.0.reserve(self.0.len() + 1);
        }
        let ear = Arc::new(Mutex::new(Some(Box::new(hear) as Hear)));
        self.0.push(Arc::downgrade(&ear));
        HostEar(ear)
    }
}

impl Drop for HostEars {
    fn drop(&mut self) {
        for ear in self.0.drain(..).filter_map(|ear| ear.upgrade()) {
            let hear = lock(&ear).take();
            // A panic of what it holds has nobody to be told to.
            let _ = door::dispose(hear);
        }
    }
}
