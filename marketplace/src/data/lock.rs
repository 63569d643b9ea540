//! Locks that work on after a panic.
//!
//! A thread never leaves the contents of a lock half changed, not even between two statements. So
//! other threads need not know that a thread panicked while it had the lock: that panic is reported
//! elsewhere.

#[cfg(feature = "tokio")]
use std::sync::Condvar;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits until no other thread has the lock.
#[inline]
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until it is notified: the lock is open meanwhile.
#[cfg(feature = "tokio")]
pub(crate) fn wait<'m, T>(notified: &Condvar, locked: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    notified.wait(locked).unwrap_or_else(PoisonError::into_inner)
}
