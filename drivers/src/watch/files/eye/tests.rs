//! The eye with a system that the tests control: its limits, and the directories that it may not
//! look at. The files are real.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use marketplace::{Message, Reason, Text};
use notify::event::{CreateKind, Flag, RemoveKind};
use notify::{Config, ErrorKind, Event, EventHandler, EventKind, RecursiveMode, Watcher, WatcherKind};

use crate::watch::files::changes::{Changes, Teller};
use crate::watch::files::eye::{Eye, Id};
use crate::watch::halves::FromWatch;
use crate::watch::messages::{FileChange, WatchFailure};

/// The directories that the system was told to look at, how many there may be, and which it may not
/// look at.
#[derive(Default)]
struct State {
    looks: BTreeSet<PathBuf>,
    limit: Option<usize>,
    closed: BTreeSet<PathBuf>,
}

#[derive(Clone, Default)]
struct System(Arc<Mutex<State>>);

impl Watcher for System {
    fn new<F: EventHandler>(_: F, _: Config) -> notify::Result<Self> {
        Ok(Self::default())
    }
    fn watch(&mut self, path: &Path, _: RecursiveMode) -> notify::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.closed.contains(path) {
            return Err(notify::Error::io(std::io::ErrorKind::PermissionDenied.into()));
        }
        if state.limit.is_some_and(|limit| state.looks.len() >= limit) {
            return Err(notify::Error::new(ErrorKind::MaxFilesWatch));
        }
        assert!(state.looks.insert(path.to_owned()), "{path:?} is looked at already");
        Ok(())
    }
    fn unwatch(&mut self, path: &Path) -> notify::Result<()> {
        assert!(self.0.lock().unwrap().looks.remove(path), "{path:?} is not looked at");
        Ok(())
    }
    fn kind() -> WatcherKind {
        WatcherKind::NullWatcher
    }
}

impl System {
    fn eye(&self) -> Eye<Self> {
        let system = self.clone();
        Eye::new(move || Ok(system.clone()))
    }

    fn looks(&self) -> usize {
        self.0.lock().unwrap().looks.len()
    }
}

/// A directory of the test's own, by its path without links.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let temporary = std::env::temp_dir().canonicalize().unwrap();
        let path = temporary.join(format!("marketplace-eye-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        for dir in ["one", "two"] {
            std::fs::create_dir(path.join(dir)).unwrap();
            std::fs::write(path.join(dir).join("file"), dir).unwrap();
        }
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn begin(eye: &mut Eye<System>, id: Id, path: &Path) -> Arc<Changes> {
    let changes = Arc::<Changes>::default();
    let watched = Text::from(path.to_str().unwrap());
    eye.begin(id, Teller { watched, changes: changes.clone() });
    changes
}

#[derive(Debug, PartialEq)]
enum News {
    Stands,
    Change(FileChange),
    Failed(String),
    Ended,
}

fn take_news(changes: &Changes) -> Vec<News> {
    let mut told = Vec::new();
    while let Poll::Ready(next) = changes.poll_next(&Context::from_waker(Waker::noop())) {
        told.push(match next {
            Some(Ok(FromWatch::Standing)) => News::Stands,
            Some(Ok(FromWatch::Changed { change, .. })) => News::Change(change),
            Some(Err(failure)) => {
                let Reason::Value(why) = failure.0 else { panic!("{failure:?}") };
                News::Failed(WatchFailure::from_value(&why).unwrap().kind.to_string())
            }
            None => News::Ended,
        });
        if let Some(News::Failed(_) | News::Ended) = told.last() {
            break;
        }
    }
    told
}

fn event(kind: EventKind, path: &Path) -> notify::Result<Event> {
    Ok(Event::new(kind).add_path(path.to_owned()))
}

#[test]
fn each_directory_is_looked_at_once_and_as_long_as_anybody_needs_it() {
    let (scratch, system) = (Scratch::new("once"), System::default());
    let (mut eye, depth) = (system.eye(), scratch.0.components().count());
    begin(&mut eye, 1, &scratch.0.join("one/file"));
    begin(&mut eye, 2, &scratch.0.join("one"));
    begin(&mut eye, 3, &scratch.0.join("one/../two/file"));
    assert_eq!(system.looks(), depth + 2);
    eye.end(3);
    assert_eq!(system.looks(), depth + 1);
    eye.end(1);
    assert_eq!(system.looks(), depth + 1);
    begin(&mut eye, 4, &scratch.0);
    eye.end(2);
    assert_eq!(system.looks(), depth);
}

#[test]
fn a_limit_is_a_refusal_that_leaves_nothing_and_later_there_is_room_again() {
    let (scratch, system) = (Scratch::new("limit"), System::default());
    let (mut eye, depth) = (system.eye(), scratch.0.components().count());
    system.0.lock().unwrap().limit = Some(depth + 1);
    let one = begin(&mut eye, 1, &scratch.0.join("one/file"));
    let two = begin(&mut eye, 2, &scratch.0.join("two/file"));
    assert_eq!(
        (take_news(&one), take_news(&two)),
        (vec![News::Stands], vec![News::Failed("TooManyWatches".into())])
    );
    assert_eq!(system.looks(), depth + 1);
    eye.end(2);
    eye.end(1);
    let two = begin(&mut eye, 2, &scratch.0.join("two/file"));
    assert_eq!(take_news(&two), [News::Stands]);
}

#[cfg(unix)]
#[test]
fn a_directory_on_the_way_that_may_not_be_looked_at_is_passed_but_no_link_in_it() {
    let (scratch, system) = (Scratch::new("closed"), System::default());
    let mut eye = system.eye();
    std::os::unix::fs::symlink("one", scratch.0.join("link")).unwrap();
    system.0.lock().unwrap().closed.insert(scratch.0.clone());
    let paths = ["one/file", "one", "link/file", "link", "../"].map(|path| scratch.0.join(path));
    let changes: Vec<_> = paths.iter().zip(1..).map(|(path, id)| begin(&mut eye, id, path)).collect();
    let told: Vec<_> = changes.iter().flat_map(|changes| take_news(changes)).collect();
    let refused = || News::Failed("PermissionDenied".into());
    assert_eq!(told, [News::Stands, News::Stands, refused(), refused(), News::Stands]);
}

#[test]
fn what_the_system_has_lost_is_looked_at_again() {
    let (scratch, system) = (Scratch::new("lost"), System::default());
    let mut eye = system.eye();
    let [one, two] =
        [1, 2].map(|id| begin(&mut eye, id, &scratch.0.join(["one", "two/file"][id as usize - 1])));
    assert_eq!((take_news(&one), take_news(&two)), (vec![News::Stands], vec![News::Stands]));
    let looks = system.looks();
    std::fs::remove_file(scratch.0.join("two/file")).unwrap();
    eye.see(&Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
    let missed = || News::Change(FileChange::Missed);
    assert_eq!(take_news(&one), [missed()]);
    assert_eq!(take_news(&two), [missed(), News::Change(FileChange::Removed)]);
    assert_eq!(system.looks(), looks);
}

#[test]
fn a_directory_that_takes_the_place_of_another_is_another_whatever_its_number() {
    let (scratch, system) = (Scratch::new("number"), System::default());
    let (mut eye, dir) = (system.eye(), scratch.0.join("one"));
    let changes = begin(&mut eye, 1, &dir);
    // The directory was removed and made again before the event is seen: this one is the very same.
    eye.see(&event(EventKind::Remove(RemoveKind::Folder), &dir));
    eye.see(&event(EventKind::Create(CreateKind::Folder), &dir));
    assert_eq!(take_news(&changes), [News::Stands, News::Change(FileChange::Created)]);
}

#[test]
fn a_file_that_was_there_for_a_moment_comes_and_goes() {
    let (scratch, system) = (Scratch::new("moment"), System::default());
    let (mut eye, file) = (system.eye(), scratch.0.join("one/file"));
    let changes = begin(&mut eye, 1, &file);
    std::fs::remove_file(&file).unwrap();
    eye.see(&event(EventKind::Remove(RemoveKind::File), &file));
    eye.see(&event(EventKind::Create(CreateKind::File), &file));
    eye.see(&event(EventKind::Remove(RemoveKind::File), &file));
    let [came, went] = [FileChange::Created, FileChange::Removed].map(News::Change);
    assert_eq!(take_news(&changes), [News::Stands, News::Change(FileChange::Removed), came, went]);
}

#[test]
fn when_it_cannot_look_any_more_all_are_told() {
    let (scratch, system) = (Scratch::new("fails"), System::default());
    let mut eye = system.eye();
    let [one, two] =
        [1, 2].map(|id| begin(&mut eye, id, &scratch.0.join(["one", "two/file"][id as usize - 1])));
    eye.see(&Err(notify::Error::io(std::io::ErrorKind::OutOfMemory.into())));
    for changes in [one, two] {
        assert_eq!(take_news(&changes), [News::Stands, News::Failed("OutOfMemory".into())]);
    }
}
