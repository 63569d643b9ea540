//! Looks into the vat while somebody has the page open, and tells all pages what is new.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{sleep, timeout};

use crate::dump::Dump;
use crate::inspector::shown::{ShownDump, ShownTurn, ShownVm};
use crate::log::{Log, LoggedTurn};
use crate::vat::{Debugger, Vat, VatError};

/// How long it waits between two looks.
const PACE: Duration = Duration::from_millis(100);

/// How long it waits between two dumps, at least.
const DUMP_PACE: Duration = Duration::from_millis(500);

/// So many times as long as a dump took, it waits until the next: the vat's time is the program's.
const DUMP_SHARE: u32 = 20;

/// How many turns one look tells at most.
const BATCH: usize = 500;

/// How many turns a page is told when it opens.
const HISTORY: usize = 2_000;

/// How many batches wait for a slow page.
const BATCHES: usize = 64;

/// After this long without an answer, pages are told.
const PATIENCE: Duration = Duration::from_secs(1);

/// What pages are told.
pub(super) struct Hub {
    /// New turns.
    pub(super) turns: broadcast::Sender<Batch>,
    /// How things are: the last word counts.
    pub(super) news: watch::Sender<News>,
    /// There is a page, or somebody has done something to the vat.
    pub(super) look: Notify,
}

/// Turns that are new.
#[derive(Clone)]
pub(super) struct Batch {
    /// A JSON array of turns, oldest first.
    pub(super) json: Arc<str>,
    pub(super) turns: u64,
    /// How many turns had ever been logged.
    pub(super) logged: u64,
}

#[derive(Clone)]
pub(super) enum News {
    /// None yet.
    None,
    /// A dump, as JSON.
    Dump(Arc<str>),
    /// The vat does not answer.
    Busy,
    /// The vat has ended.
    Over,
}

/// What a page is told when it opens.
pub(super) struct Opening {
    pub(super) dump: String,
    pub(super) history: Batch,
}

impl Hub {
    pub(super) fn new() -> Self {
        Self {
            turns: broadcast::Sender::new(BATCHES),
            news: watch::Sender::new(News::None),
            look: Notify::new(),
        }
    }

    /// Looks until the vat ends.
    pub(super) async fn watch(&self, vat: u64) {
        let mut seen = Seen::default();
        loop {
            if self.news.receiver_count() == 0 {
                self.look.notified().await;
                continue;
            }
            match self.look(vat, seen).await {
                Ok(now) => seen = now,
                Err(_) => {
                    self.news.send_replace(News::Over);
                    return;
                }
            }
            // Who did something wants to see what came of it.
            let _ = timeout(PACE, self.look.notified()).await;
        }
    }

    /// Tells what is new since what was seen, and gives what is seen now.
    async fn look(&self, vat: u64, seen: Seen) -> Result<Seen, VatError> {
        let mut looking = Box::pin(inspect(vat, move |name, debugger| seen.look(name, debugger)));
        let look = tokio::select! {
            look = &mut looking => look?,
            () = sleep(PATIENCE) => {
                self.news.send_replace(News::Busy);
                Look { stale: true, ..looking.await? }
            }
        };
        if !look.turns.is_empty() {
            // Without pages there is nobody to be told.
            let _ = self.turns.send(Batch::new(&look.turns, look.seen.logged));
        }
        if let Some(dump) = &look.dump {
            self.news.send_replace(News::Dump(json(dump).into()));
        }
        Ok(if look.stale && look.dump.is_none() { Seen { dumped: None, ..look.seen } } else { look.seen })
    }
}

/// The vat as it is, and what it did last.
pub(super) async fn opening(vat: u64) -> Result<Opening, VatError> {
    let (dump, turns, logged) = inspect(vat, |name, debugger| {
        let log = debugger.log();
        let turns = shown(log.turns().rev().take(HISTORY));
        let logged = log.logged();
        (dump(name, debugger), turns, logged)
    })
    .await?;
    Ok(Opening { dump: json(&dump), history: Batch::new(&turns, logged) })
}

/// Looks into a vat of which this holds no handle: it ends when the program wants.
pub(super) async fn inspect<T: Send + 'static>(
    vat: u64,
    look: impl FnOnce(Option<String>, &mut Debugger<'_>) -> T + Send + 'static,
) -> Result<T, VatError> {
    let looking = {
        let vat = Vat::find(vat).ok_or(VatError::NotRunning)?;
        let name = vat.name().map(String::from);
        vat.inspect_async(move |debugger| look(name, debugger))
    };
    looking.await
}

pub(super) fn dump(vat: Option<String>, debugger: &mut Debugger<'_>) -> ShownDump {
    let dump: Dump = debugger.dump();
    ShownDump {
        vat,
        paused: debugger.is_paused(),
        logging: debugger.log().is_on(),
        turns: debugger.log().logged(),
        vm: ShownVm::new(&dump, None),
    }
}

/// What the last looks saw.
#[derive(Default)]
struct Seen {
    version: (u64, u64),
    logged: u64,
    /// The turns that the log has, and whether they failed. A turn of a nested VM's process is logged before the VM's own, which has a lower
    /// number; and a process may fail once its turn is over.
    turns: HashSet<(u64, bool)>,
    dumped: Option<Dumped>,
}

#[derive(Clone, Copy)]
struct Dumped {
    state: State,
    at: Instant,
    took: Duration,
}

/// Equal if a dump would be.
#[derive(Clone, Copy, PartialEq)]
struct State {
    version: (u64, u64),
    paused: bool,
    logging: bool,
}

struct Look {
    seen: Seen,
    turns: Vec<ShownTurn>,
    dump: Option<ShownDump>,
    /// Pages have been told something else than a dump.
    stale: bool,
}

impl Seen {
    fn look(mut self, name: Option<String>, debugger: &mut Debugger<'_>) -> Look {
        let version = debugger.version();
        let turns = self.new_turns(version, debugger.log());
        let state = State { version, paused: debugger.is_paused(), logging: debugger.log().is_on() };
        let dump = self.wants_dump(state).then(|| {
            let at = Instant::now();
            let dump = dump(name, debugger);
            self.dumped = Some(Dumped { state, at, took: at.elapsed() });
            dump
        });
        Look { seen: self, turns, dump, stale: false }
    }

    fn new_turns(&mut self, version: (u64, u64), log: &Log) -> Vec<ShownTurn> {
        if (version, log.logged()) == (self.version, self.logged) {
            return Vec::new();
        }
        let is_new = |turn: &&LoggedTurn| !self.turns.contains(&key(turn));
        let new = shown(log.turns().rev().filter(is_new).take(BATCH));
        self.turns.clear();
        self.turns.extend(log.turns().map(key));
        (self.version, self.logged) = (version, log.logged());
        new
    }

    /// What somebody did to the vat is shown at once; what the program does, at its pace.
    fn wants_dump(&self, state: State) -> bool {
        let Some(dumped) = self.dumped else { return true };
        let by_hand =
            state.paused || (state.paused, state.logging) != (dumped.state.paused, dumped.state.logging);
        let pace = DUMP_PACE.max(dumped.took * DUMP_SHARE);
        state != dumped.state && (by_hand || dumped.at.elapsed() >= pace)
    }
}

fn key(turn: &LoggedTurn) -> (u64, bool) {
    (turn.id, turn.failed.is_some())
}

/// Turns, given newest first.
fn shown<'l>(turns: impl Iterator<Item = &'l LoggedTurn>) -> Vec<ShownTurn> {
    let mut shown: Vec<_> = turns.map(ShownTurn::from).collect();
    shown.reverse();
    shown
}

impl Batch {
    fn new(turns: &[ShownTurn], logged: u64) -> Self {
        Self { json: json(turns).into(), turns: turns.len() as u64, logged }
    }
}

pub(super) fn json(what: &(impl serde::Serialize + ?Sized)) -> String {
    match serde_json::to_string(what) {
        Ok(json) => json,
        // It consists of structs, lists, texts and numbers.
        Err(error) => unreachable!("{error}"),
    }
}
