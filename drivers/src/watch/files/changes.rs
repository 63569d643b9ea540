//! The changes of one watched path that wait to be told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use marketplace::{Failure, Text};

use crate::lock::lock;
use crate::watch::halves::FromWatch;
use crate::watch::messages::{FileChange, WatchFailure};

/// How many changes may wait for the program.
const WAITING: usize = 4096;

#[derive(Default)]
pub(super) struct Changes {
    state: Mutex<State>,
    teller: AtomicWaker,
}

#[derive(Default)]
struct State {
    stands: bool,
    waiting: VecDeque<(Text, FileChange)>,
    end: Option<Option<WatchFailure>>,
}

impl Changes {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn add(&self, watched: &Text, path: Text, change: FileChange) {
        let mut state = self.state();
        let last = state.waiting.iter().rev().find(|waits| waits.0 == path);
        if last.is_some_and(|last| last.1 == change) {
            return;
        }
        if state.waiting.len() < WAITING {
            state.waiting.push_back((path, change));
        } else {
            state.waiting.clear();
            state.waiting.push_back((watched.clone(), FileChange::Missed));
        }
        drop(state);
        self.teller.wake();
    }

    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Result<FromWatch, Failure>>> {
        self.teller.register(cx.waker());
        let mut state = self.state();
        if std::mem::take(&mut state.stands) {
            return Poll::Ready(Some(Ok(FromWatch::Standing)));
        }
        if let Some((path, change)) = state.waiting.pop_front() {
            return Poll::Ready(Some(Ok(FromWatch::Changed { path, change })));
        }
        match &state.end {
            None => Poll::Pending,
            Some(None) => Poll::Ready(None),
            Some(Some(failure)) => Poll::Ready(Some(Err(Failure::value(failure)))),
        }
    }
}

/// Tells the changes of a path. If it is dropped before it was told to stop, that is told, too.
pub(super) struct Teller {
    pub(super) watched: Text,
    pub(super) changes: Arc<Changes>,
}

impl Teller {
    /// It is watched.
    pub(super) fn stands(&self) {
        self.changes.state().stands = true;
        self.changes.teller.wake();
    }

    /// Tells a change of the path itself.
    pub(super) fn tell(&self, change: FileChange) {
        self.changes.add(&self.watched, self.watched.clone(), change);
    }

    /// Tells a change of an entry, which is shown by this path.
    pub(super) fn tell_of(&self, path: Text, change: FileChange) {
        self.changes.add(&self.watched, path, change);
    }

    /// Tells the end: nothing is told after it.
    pub(super) fn end(&self, why: Option<&WatchFailure>) {
        let why = why.map(|why| WatchFailure {
            text: format!("cannot watch {}: {}", self.watched, why.text).into(),
            ..why.clone()
        });
        self.changes.state().end.get_or_insert(why);
        self.changes.teller.wake();
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.end(Some(&WatchFailure { kind: "Other".into(), text: "it is not looked at any more".into() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_waiting(changes: &Changes) -> Vec<(Text, FileChange)> {
        changes.state().waiting.drain(..).collect()
    }

    #[test]
    fn what_waits_is_bounded_and_says_that_something_is_missed() {
        let (changes, dir) = (Changes::default(), Text::from("dir"));
        let add = |n: usize, change| changes.add(&dir, format!("dir/{n}").into(), change);
        for n in 0..WAITING {
            add(n, FileChange::Modified);
            add(n, FileChange::Modified);
        }
        assert_eq!(changes.state().waiting.len(), WAITING, "what is said already is not said again");
        add(0, FileChange::Removed);
        add(1, FileChange::Modified);
        let expected = [(dir.clone(), FileChange::Missed), ("dir/1".into(), FileChange::Modified)];
        assert_eq!(take_waiting(&changes), expected);
    }

    #[test]
    fn changes_of_one_path_keep_their_order() {
        let (changes, dir) = (Changes::default(), Text::from("dir"));
        let all = [FileChange::Created, FileChange::Modified, FileChange::Removed, FileChange::Created];
        all.into_iter().for_each(|change| changes.add(&dir, "dir/a".into(), change));
        assert!(take_waiting(&changes).into_iter().map(|(_, change)| change).eq(all));
    }

    #[test]
    fn who_stops_telling_says_so() {
        let changes = Arc::<Changes>::default();
        drop(Teller { watched: "a".into(), changes: changes.clone() });
        let end = changes.state().end.clone();
        let why = end.flatten().expect("a reason");
        assert_eq!(&*why.text, "cannot watch a: it is not looked at any more");
    }
}
