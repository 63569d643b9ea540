//! Host values inside messages.

use crate::data::contained;
use crate::data::fresh::Fresh;
use std::any::Any;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A host value that messages carry without looking inside: compared by identity, shared when
/// cloned.
///
/// It is numbered when it is made, by the VM whose turn is running, so that it prints and sorts the
/// same in every run.
///
/// ```
/// use marketplace::Opaque;
/// let lock = Opaque::new(std::sync::Mutex::new(7));
/// assert_eq!(lock, lock.clone());
/// assert_ne!(lock, Opaque::new(std::sync::Mutex::new(7)));
/// assert_eq!(*lock.downcast_ref::<std::sync::Mutex<i32>>().unwrap().lock().unwrap(), 7);
/// ```
#[derive(Clone)]
pub struct Opaque(Arc<Inner>);

struct Inner {
    /// Printed and sorted by.
    name: Fresh,
    /// Empty only while it is being dropped.
    contents: Option<Box<dyn Any + Send + Sync>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(contents) = self.contents.take() {
            contained::drop_shared(contents);
        }
    }
}

impl Opaque {
    /// Wraps a host value.
    #[must_use]
    pub fn new(contents: impl Any + Send + Sync) -> Self {
        Self(Arc::new(Inner { name: Fresh::new(), contents: Some(Box::new(contents)) }))
    }

    /// The contents, if they are a `T`.
    #[must_use]
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.0.contents.as_ref()?.downcast_ref()
    }

    fn address(&self) -> *const Inner {
        Arc::as_ptr(&self.0)
    }
}

impl PartialEq for Opaque {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Opaque {}

impl Hash for Opaque {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.name.hash(hasher);
    }
}

impl PartialOrd for Opaque {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Opaque {
    /// By number. Two values that are made outside every VM, on different threads, can have one
    /// number; only such values are ordered by address.
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.name.cmp(&other.0.name).then_with(|| self.address().cmp(&other.address()))
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0.name.shown())
    }
}
