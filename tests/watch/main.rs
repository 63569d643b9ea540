//! Real files.

#[cfg(unix)]
mod links;
#[cfg(target_os = "linux")]
mod many;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::watch::{self, FileChange, FileChanged, WatchFailure};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

/// A directory of the test's own.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("marketplace-watch-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a directory");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A test may have removed it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug, PartialEq)]
enum News {
    Stands,
    Change(String, FileChange),
    Gone(Reason),
}

struct Inbox(UnboundedReceiver<News>);

impl Inbox {
    async fn next(&mut self) -> News {
        timeout(TOO_LONG, self.0.recv()).await.expect("there is news in time").expect("the program runs")
    }

    async fn stands(&mut self) {
        assert_eq!(self.next().await, News::Stands);
    }

    /// Waits until this has become of a path. (How often a file is modified when it is written is
    /// the system's affair.)
    async fn hears(&mut self, path: &Path, change: FileChange) {
        let expected = News::Change(text(path), change);
        loop {
            match self.next().await {
                news if news == expected => return,
                News::Change(_, FileChange::Modified | FileChange::Created) => {}
                other => panic!("{other:?} came before {expected:?}"),
            }
        }
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of ASCII").to_string()
}

fn hearer(watched: Text, tell: UnboundedSender<News>) -> AddEndpoint<()> {
    let (stands, changes, gone) = (tell.clone(), tell.clone(), tell);
    subscriber!(
        FileChanged { watched, .. },
        on_presence!({
            let _ = stands.send(News::Stands);
        }),
        on_message!(FileChanged { path, change, .. } => {
            let _ = changes.send(News::Change(path.to_string(), change));
        }),
        match_reason!(why: Reason => on_absence!({
            let _ = gone.send(News::Gone(why));
        })),
    )
}

/// Watches a path while a test changes things.
fn watching(path: &Path, test: impl AsyncFnOnce(&mut Inbox)) {
    let (tell, told) = unbounded_channel();
    let watched = Text::from(text(path));
    let boot = move |_| transition_no_state!(watch::driver(), hearer(watched, tell));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(ground::run(boot, async {
        test(&mut Inbox(told)).await;
    }));
    assert_eq!(ended, Ok(()));
}

#[test]
fn a_file_is_written_removed_and_made_again() {
    let scratch = Scratch::new();
    let file = scratch.path("file");
    fs::write(&file, "one").expect("a file");
    watching(&file, async |inbox| {
        inbox.stands().await;
        fs::write(&file, "two").expect("a file");
        inbox.hears(&file, FileChange::Modified).await;
        // Others in its directory are nobody's concern.
        fs::write(scratch.path("other"), "x").expect("a file");
        fs::remove_file(&file).expect("it is there");
        inbox.hears(&file, FileChange::Removed).await;
        fs::write(&file, "three").expect("a file");
        inbox.hears(&file, FileChange::Created).await;
    });
}

#[test]
fn a_file_that_is_replaced_is_watched_on() {
    let scratch = Scratch::new();
    let (file, draft) = (scratch.path("file"), scratch.path("draft"));
    fs::write(&file, "one").expect("a file");
    watching(&file, async |inbox| {
        inbox.stands().await;
        for round in ["two", "three"] {
            fs::write(&draft, round).expect("a file");
            fs::rename(&draft, &file).expect("as editors do");
            inbox.hears(&file, FileChange::Created).await;
        }
        fs::write(&file, "four").expect("a file");
        inbox.hears(&file, FileChange::Modified).await;
    });
}

#[test]
fn the_entries_of_a_directory_are_told_by_their_paths() {
    let scratch = Scratch::new();
    let (a, b) = (scratch.path("a"), scratch.path("b"));
    watching(&scratch.0, async |inbox| {
        inbox.stands().await;
        fs::write(&a, "one").expect("a file");
        inbox.hears(&a, FileChange::Created).await;
        fs::rename(&a, &b).expect("it is there");
        inbox.hears(&a, FileChange::Removed).await;
        inbox.hears(&b, FileChange::Created).await;
        fs::remove_file(&b).expect("it is there");
        inbox.hears(&b, FileChange::Removed).await;
        fs::create_dir(&a).expect("a directory");
        inbox.hears(&a, FileChange::Created).await;
    });
}

#[test]
fn a_directory_that_is_removed_is_told_and_the_watch_ends() {
    let scratch = Scratch::new();
    watching(&scratch.0, async |inbox| {
        inbox.stands().await;
        fs::remove_dir(&scratch.0).expect("it is empty");
        inbox.hears(&scratch.0, FileChange::Removed).await;
        assert_eq!(inbox.next().await, News::Gone(Reason::Normal));
    });
}

#[test]
fn a_file_whose_directory_is_removed_is_not_watched_any_more() {
    let scratch = Scratch::new();
    let dir = scratch.path("dir");
    fs::create_dir(&dir).expect("a directory");
    let file = dir.join("file");
    fs::write(&file, "one").expect("a file");
    watching(&file, async |inbox| {
        inbox.stands().await;
        fs::remove_dir_all(&dir).expect("it is there");
        inbox.hears(&file, FileChange::Removed).await;
        let News::Gone(Reason::Value(why)) = inbox.next().await else { panic!("it goes, with a reason") };
        assert_eq!(WatchFailure::from_value(&why).expect("why").kind.as_str(), "NotFound");
    });
}

#[test]
fn what_is_not_there_is_refused() {
    let scratch = Scratch::new();
    watching(&scratch.path("nothing"), async |inbox| {
        let News::Gone(Reason::Refused(why)) = inbox.next().await else { panic!("it is refused") };
        let why = WatchFailure::from_value(&why).expect("why");
        assert_eq!(why.kind.as_str(), "NotFound");
        assert!(why.text.contains("nothing"), "{why:?}");
    });
}

#[test]
fn a_flood_of_changes_is_told_or_said_to_be_missed() {
    let scratch = Scratch::new();
    watching(&scratch.0, async |inbox| {
        inbox.stands().await;
        for n in 0..20_000 {
            fs::write(scratch.path(&format!("f{n}")), "x").expect("a file");
        }
        let last = scratch.path("last");
        fs::write(&last, "x").expect("a file");
        let (mut created, mut missed) = (0, false);
        loop {
            match inbox.next().await {
                News::Change(path, FileChange::Created) if path == text(&last) => break,
                News::Change(_, FileChange::Created) => created += 1,
                News::Change(_, FileChange::Missed) => missed = true,
                _ => {}
            }
            if missed {
                // Anything may be missing now, the last one too.
                break;
            }
        }
        assert!(missed || created == 20_000, "{created} of 20,000 were told");
    });
}
