//! The outer half: the system's file events, by the `notify` crate, in a thread of its own.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use futures_util::task::AtomicWaker;
use marketplace::ground::Stream;
use marketplace::{Failure, Source, Text};
use notify::event::{ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::watch::halves::{FromWatch, Watches};
use crate::watch::messages::{FileChange, WatchFailure};

/// How many changes may wait for the program.
const WAITING: usize = 4096;

/// Real files.
pub(super) struct Files;

impl Watches for Files {
    fn watch(&self, path: &Text) -> Source {
        Source::stream(Watch { path: path.clone(), changes: Arc::default(), standing: Standing::No })
    }
}

/// Changes of one path, from its first poll on.
struct Watch {
    path: Text,
    changes: Arc<Changes>,
    standing: Standing,
}

enum Standing {
    No,
    /// Files may be far away: another thread begins.
    Begins(JoinHandle<Result<RecommendedWatcher, WatchFailure>>),
    /// Watched as long as this lives.
    Yes(#[expect(dead_code, reason = "it is its being there that counts")] RecommendedWatcher),
}

/// What waits to be told.
#[derive(Default)]
struct Changes {
    state: Mutex<State>,
    teller: AtomicWaker,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Text, FileChange)>,
    end: Option<Option<WatchFailure>>,
}

impl Changes {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn end(&self, why: Option<WatchFailure>) {
        self.state().end.get_or_insert(why);
        self.teller.wake();
    }
}

impl Stream for Watch {
    type Item = Result<FromWatch, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.standing {
                Standing::No => {
                    let (path, changes) = (self.path.clone(), self.changes.clone());
                    self.standing = Standing::Begins(spawn_blocking(|| begin(path, changes)));
                }
                Standing::Begins(beginning) => {
                    let begun = ready!(Pin::new(beginning).poll(cx))?;
                    self.standing = Standing::Yes(begun.map_err(|failure| Failure::value(&failure))?);
                    return Poll::Ready(Some(Ok(FromWatch::Standing)));
                }
                Standing::Yes(_) => break,
            }
        }
        self.changes.teller.register(cx.waker());
        let mut state = self.changes.state();
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

/// A directory is watched itself; a file by its directory, so that one that takes its place is seen.
fn begin(watched: Text, changes: Arc<Changes>) -> Result<RecommendedWatcher, WatchFailure> {
    let path = PathBuf::from(&*watched);
    let is_directory = fs::metadata(&path).map_err(|error| cannot(&watched, &(&error).into()))?.is_dir();
    let (directory, file) = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !is_directory => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            (parent.to_owned(), Some(name.to_owned()))
        }
        _ => (path, None),
    };
    let eye =
        Eye { watched: watched.clone(), directory: directory.clone(), file: file.map(Into::into), changes };
    let watch = || -> notify::Result<RecommendedWatcher> {
        let mut watcher = notify::recommended_watcher(move |event| eye.see(event))?;
        watcher.watch(&directory, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    };
    watch().map_err(|error| cannot(&watched, &(&error).into()))
}

fn cannot(path: &Text, why: &WatchFailure) -> WatchFailure {
    WatchFailure { text: format!("cannot watch {path}: {}", why.text).into(), ..why.clone() }
}

/// Looks at the system's events, in the watcher's thread.
struct Eye {
    watched: Text,
    directory: PathBuf,
    /// The one entry that is of interest, if not all are.
    file: Option<PathBuf>,
    changes: Arc<Changes>,
}

impl Eye {
    fn see(&self, event: notify::Result<Event>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => return self.changes.end(Some(cannot(&self.watched, &(&error).into()))),
        };
        if event.need_rescan() {
            return self.changes.add(&self.watched, self.watched.clone(), FileChange::Missed);
        }
        for path in &event.paths {
            if *path == self.directory {
                self.see_directory(event.kind);
            } else if let Some(name) = path.file_name()
                && self.file.as_ref().is_none_or(|file| file.as_os_str() == name)
                && let Some(change) = change(event.kind, path)
            {
                self.changes.add(&self.watched, self.path_of(name), change);
            }
        }
    }

    /// An entry's path is shown as the watched one was written.
    fn path_of(&self, name: &OsStr) -> Text {
        if self.file.is_some() {
            return self.watched.clone();
        }
        Path::new(&*self.watched).join(name).to_string_lossy().into_owned().into()
    }

    /// The directory itself is removed, or is elsewhere: nothing more is seen.
    fn see_directory(&self, kind: EventKind) {
        if !matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))) {
            return;
        }
        if self.file.is_some() {
            let text = "its directory is not there any more".into();
            return self
                .changes
                .end(Some(cannot(&self.watched, &WatchFailure { kind: "NotFound".into(), text })));
        }
        self.changes.add(&self.watched, self.watched.clone(), FileChange::Removed);
        self.changes.end(None);
    }
}

fn change(kind: EventKind, path: &Path) -> Option<FileChange> {
    match kind {
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
            Some(FileChange::Created)
        }
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            Some(FileChange::Removed)
        }
        // Each half of it is said, too.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => None,
        // Some systems do not say which half it is.
        EventKind::Modify(ModifyKind::Name(_)) => {
            Some(if path.exists() { FileChange::Created } else { FileChange::Removed })
        }
        EventKind::Modify(ModifyKind::Metadata(_)) | EventKind::Access(_) => None,
        EventKind::Modify(_) | EventKind::Any | EventKind::Other => Some(FileChange::Modified),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let told: Vec<_> = changes.state().waiting.drain(..).collect();
        assert_eq!(told, [(dir.clone(), FileChange::Missed), ("dir/1".into(), FileChange::Modified)]);
    }

    #[test]
    fn changes_of_one_path_keep_their_order() {
        let (changes, dir) = (Changes::default(), Text::from("dir"));
        let all = [FileChange::Created, FileChange::Modified, FileChange::Removed, FileChange::Created];
        all.into_iter().for_each(|change| changes.add(&dir, "dir/a".into(), change));
        let told: Vec<_> = changes.state().waiting.drain(..).map(|(_, change)| change).collect();
        assert_eq!(told, all);
    }
}
