//! The process half, with scripted watches. Real files are in `tests/watch`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Failure, Source};

use crate::script::{NEVER, leave, leaves};
use crate::watch::driver;
use crate::watch::halves::{FromWatch, Watches};
use crate::watch::{FileChange, FileChanged, WatchFailure};

/// Gives out prepared sources, by path.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<BTreeMap<String, Source>>>);

impl Watches for Script {
    fn watch(&self, path: &Text) -> Source {
        self.0.lock().unwrap().remove(&**path).expect("it is prepared")
    }
}

const SOON: Duration = Duration::from_secs(1);

fn changed(path: &str, change: FileChange) -> FromWatch {
    FromWatch::Changed { path: path.into(), change }
}

/// Stands, and says these a second later; then ends so, or not at all.
fn standing(changes: impl IntoIterator<Item = FromWatch>, end: Option<Reason>) -> Source {
    let changes = changes.into_iter().map(|change| (SOON, change));
    let never = end.is_none().then_some((NEVER, FromWatch::Standing));
    let items = [(Duration::ZERO, FromWatch::Standing)].into_iter().chain(changes).chain(never);
    Sim::timeline(items.collect::<Vec<_>>(), end.unwrap_or(Reason::Normal))
}

#[derive(Message, Clone, Debug, PartialEq)]
enum Log {
    Stands(Text),
    Change(Text, FileChange),
    Gone(Reason),
}

fn watches(path: &str, name: u8) -> Transition<()> {
    let watched = Text::from(path);
    transition_no_state!(
        subscriber!(
            FileChanged { watched, .. },
            on_presence!(send_message!(Log::Stands(watched))),
            on_message!(FileChanged { path, change, .. } => send_message!(Log::Change(path, change))),
            match_reason!(why: Reason => on_absence!(send_message!(Log::Gone(why)))),
        ),
        leaves(name),
    )
}

fn sim(sources: &[(&str, &Source)]) -> Sim {
    let sources = sources.iter().map(|(path, source)| ((*path).to_string(), (*source).clone()));
    let driver = driver::spawn(Arc::new(Script(Arc::new(Mutex::new(sources.collect())))));
    let mut sim = Sim::new(move |_| transition_no_state!(driver));
    sim.run();
    sim
}

fn join(sim: &mut Sim, path: &'static str, name: u8) {
    sim.spawn(spawn!(watches(path, name)));
    sim.run();
}

#[test]
fn a_path_is_watched_while_anybody_wants_it_and_only_then() {
    let (a, b) = (standing([], None), standing([], None));
    let mut sim = sim(&[("a", &a), ("b", &b)]);
    assert!(!sim.is_on(&a));
    join(&mut sim, "a", 1);
    join(&mut sim, "a", 2);
    assert!(sim.is_on(&a) && !sim.is_on(&b));
    leave(&mut sim, 1);
    assert!(sim.is_on(&a));
    leave(&mut sim, 2);
    assert!(!sim.is_on(&a), "{}", sim.trace());
    assert_eq!(sim.messages_of::<Log>(), [Log::Stands("a".into()), Log::Stands("a".into())]);
}

#[test]
fn who_leaves_the_path_open_watches_nothing() {
    let mut sim = sim(&[]);
    sim.spawn(spawn!(transition_no_state!(subscriber!(FileChanged { change: FileChange::Created, .. }))));
    sim.spawn(spawn!(transition_no_state!(observe_publishers!(FileChanged { watched: "a", .. }))));
    sim.run();
    assert_eq!(sim.exits().len(), 0, "{}", sim.trace());
}

#[test]
fn changes_are_said_to_all_who_want_the_path() {
    let changes = [changed("dir/a", FileChange::Created), changed("dir", FileChange::Missed)];
    let source = standing(changes, None);
    let mut sim = sim(&[("dir", &source)]);
    join(&mut sim, "dir", 1);
    join(&mut sim, "dir", 2);
    sim.advance(SOON);
    let told = sim.messages_of::<Log>();
    let (new, missed) =
        (Log::Change("dir/a".into(), FileChange::Created), Log::Change("dir".into(), FileChange::Missed));
    assert_eq!(told[2..], [new.clone(), new, missed.clone(), missed]);
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let why = WatchFailure { kind: "NotFound".into(), text: "cannot watch a".into() };
    let nothing: [(Duration, FromWatch); 0] = [];
    let source = Sim::timeline(nothing, Failure::value(&why).0);
    let mut sim = sim(&[("a", &source)]);
    join(&mut sim, "a", 1);
    assert_eq!(sim.messages_of::<Log>(), [Log::Gone(Reason::Refused(why.to_value()))]);
}

#[test]
fn the_end_of_a_watch_is_told() {
    let why = WatchFailure { kind: "NotFound".into(), text: "its directory is gone".into() };
    let failing = standing([], Some(Reason::value(&why)));
    let ending = standing([changed("dir", FileChange::Removed)], Some(Reason::Normal));
    let mut sim = sim(&[("file", &failing), ("dir", &ending)]);
    join(&mut sim, "dir", 1);
    sim.advance(SOON);
    let removed = Log::Change("dir".into(), FileChange::Removed);
    assert_eq!(sim.messages_of::<Log>()[1..], [removed, Log::Gone(Reason::Normal)]);
    join(&mut sim, "file", 2);
    sim.advance(SOON);
    let told = sim.messages_of::<Log>();
    assert!(told.contains(&Log::Gone(Reason::value(&why))), "{told:?}");
}
