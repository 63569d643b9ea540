//! Locks, whatever happened to a thread that had one.
//!
//! What a lock holds here is whole between any two statements. So nobody has to know that a thread
//! panicked while it had the lock: that thread's panic is told where it belongs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Waits until no other thread has the lock.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until it is notified: the lock is open meanwhile.
pub(crate) fn wait<'m, T>(notified: &Condvar, locked: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    notified.wait(locked).unwrap_or_else(PoisonError::into_inner)
}
