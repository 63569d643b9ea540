//! Looks into the vat while a page is open, and tells all pages the news.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{Instant as AskedAt, sleep, timeout};

use crate::data::lock::lock;
use crate::host::inspector::shown::{DumpedVat, ShownDump, ShownTurn, json};
use crate::host::vat::{Debugger, Looking, Pace, Vat, VatError, VatFuture};
use crate::record::log::{Log, LoggedTurn};

/// How long it waits between two looks.
const PACE: Duration = Duration::from_millis(100);

/// How long it waits between two dumps, at least.
const DUMP_PACE: Duration = Duration::from_millis(500);

/// How many turns one look tells at most, and how many bytes of them: the batch ends with the first
/// turn that passes this.
const BATCH: Bounds = Bounds { turns: 500, bytes: 128 * 1024 };

/// The turns of the past that a page is told when it opens.
const HISTORY: Bounds = Bounds { turns: 2_000, bytes: 1024 * 1024 };

/// How many batches wait for slow pages: 1 MiB, for all together.
const BATCHES: usize = 8;

/// After this long without an answer, pages are told.
const PATIENCE: Duration = Duration::from_secs(1);

struct Bounds {
    turns: usize,
    bytes: usize,
}

/// The hub through which pages are told the news.
pub(super) struct Hub {
    /// The vat's number. It is not a handle, so that the vat can end while the inspector lives.
    vat: u64,
    pace: Pace,
    /// When the vat was asked for a look that it has not given yet.
    asked: Mutex<Option<AskedAt>>,
    /// A dump that has been asked for and has not begun.
    next_dump: Mutex<Option<Asked>>,
    /// New turns.
    pub(super) turns: broadcast::Sender<Batch>,
    /// The state of the vat: a page that reads late gets the last one only.
    pub(super) news: watch::Sender<News>,
    /// Notified when a page opens, or when somebody has acted on the vat.
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

/// A dump as JSON, once there is one.
type Asked = watch::Receiver<Option<Result<Arc<str>, VatError>>>;

/// The first event of a page.
pub(super) struct Opening {
    pub(super) dump: Arc<str>,
    pub(super) history: Batch,
}

impl Hub {
    pub(super) fn new(vat: &Vat) -> Self {
        Self {
            vat: vat.id(),
            pace: vat.pace(),
            asked: Mutex::default(),
            next_dump: Mutex::default(),
            turns: broadcast::Sender::new(BATCHES),
            news: watch::Sender::new(News::None),
            look: Notify::new(),
        }
    }

    /// Looks until the vat ends.
    pub(super) async fn watch(self: &Arc<Self>) {
        let mut seen = Seen::default();
        loop {
            if self.news.receiver_count() == 0 {
                self.look.notified().await;
                continue;
            }
            match self.look(seen).await {
                Ok(now) => seen = now,
                Err(_) => {
                    self.news.send_replace(News::Over);
                    return;
                }
            }
            // A person who has acted on the vat wants to see the result soon.
            let _ = timeout(PACE, self.look.notified()).await;
        }
    }

    /// Tells pages the news since the state that was seen, and gives the state that is seen now.
    async fn look(self: &Arc<Self>, seen: Seen) -> Result<Seen, VatError> {
        let mut looking = Box::pin(self.inspect(move |name, debugger| seen.look(name, debugger)));
        let mut stale = false;
        let look = loop {
            tokio::select! {
                look = &mut looking => break look?,
                () = sleep(PATIENCE), if !stale => {
                    stale = self.is_kept_waiting();
                    if stale {
                        self.news.send_replace(News::Busy);
                    }
                }
            }
        };
        let look = Look { stale, ..look };
        if !look.turns.is_empty() {
            // Without pages there is nobody to be told.
            let _ = self.turns.send(Batch::new(&look.turns, look.seen.logged));
        }
        if let Some(dump) = &look.dump {
            self.news.send_replace(News::Dump(json(&ShownDump::from(dump)).into()));
        }
        Ok(if look.stale && look.dump.is_none() { Seen { dumped: None, ..look.seen } } else { look.seen })
    }

    /// A dump of the vat, and its last turns. The turns come first: a look at them is short, so the
    /// page need not wait for the program's share of a dump before it is shown anything.
    pub(super) async fn opening(self: &Arc<Self>) -> Result<Opening, VatError> {
        let look = |_, debugger: &mut Debugger<'_>| {
            (shown(debugger.log().turns().rev(), HISTORY), debugger.log().logged())
        };
        let (turns, logged) = self.inspect(look).await?;
        let dump = self.dump().await?;
        Ok(Opening { dump, history: Batch::new(&turns, logged) })
    }

    /// A dump of the vat, as JSON. One look serves all callers that ask before it begins.
    pub(super) async fn dump(self: &Arc<Self>) -> Result<Arc<str>, VatError> {
        let mut asked = self.next_dump().get_or_insert_with(|| self.begin_dump()).clone();
        match asked.wait_for(Option::is_some).await.ok().and_then(|dump| dump.clone()) {
            Some(dump) => dump,
            // The inspector ends.
            None => Err(VatError::NotRunning),
        }
    }

    fn begin_dump(self: &Arc<Self>) -> Asked {
        let (told, asked) = watch::channel(None);
        let hub = self.clone();
        tokio::spawn(async move {
            let looking = hub.pace.may_look().await;
            // A caller that asks from now on may want to see changes since: it waits for the next
            // look.
            hub.next_dump().take();
            let dump = hub.inspect_now(looking, DumpedVat::new).await;
            told.send_replace(Some(dump.map(|dump| json(&ShownDump::from(&dump)).into())));
        });
        asked
    }

    fn next_dump(&self) -> MutexGuard<'_, Option<Asked>> {
        lock(&self.next_dump)
    }

    /// Looks into the vat, when its pace allows it.
    pub(super) async fn inspect<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(Option<String>, &mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.inspect_now(self.pace.may_look().await, look).await
    }

    /// Whether the vat does not answer. While it has its share of the time, it is not asked.
    fn is_kept_waiting(&self) -> bool {
        lock(&self.asked).is_some_and(|at| at.elapsed() >= PATIENCE)
    }

    async fn inspect_now<T: Send + 'static>(
        self: &Arc<Self>,
        looking: Looking,
        look: impl FnOnce(Option<String>, &mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        let asked = self.act(move |name, debugger| {
            let began = Instant::now();
            (look(name, debugger), began.elapsed())
        })?;
        *lock(&self.asked) = Some(AskedAt::now());
        let hub = self.clone();
        // The caller may give up: the look takes its time all the same.
        let looked = tokio::spawn(async move {
            let answer = asked.await;
            *lock(&hub.asked) = None;
            let (seen, took) = answer?;
            looking.ended(took);
            Ok(seen)
        });
        looked.await.unwrap_or(Err(VatError::NotRunning))
    }

    /// Acts on the vat, or looks at next to nothing of it: at once.
    pub(super) fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(Option<String>, &mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<VatFuture<T>, VatError> {
        let vat = Vat::find(self.vat).ok_or(VatError::NotRunning)?;
        let name = vat.name().map(String::from);
        Ok(vat.inspect_async(move |debugger| act(name, debugger)))
    }
}

/// The results of the last looks.
#[derive(Default)]
struct Seen {
    version: (u64, u64),
    logged: u64,
    /// The turns that the log has, and whether they failed. A turn of a nested VM's process is
    /// logged before the VM's own, which has a lower number; and a process may fail once its turn
    /// is over.
    turns: HashSet<(u64, bool)>,
    /// The state of the last dump, and its time.
    dumped: Option<(State, Instant)>,
}

/// Equal for two times if their dumps are equal.
#[derive(Clone, Copy, PartialEq)]
struct State {
    version: (u64, u64),
    paused: bool,
    logging: bool,
}

struct Look {
    seen: Seen,
    turns: Vec<ShownTurn>,
    dump: Option<DumpedVat>,
    /// The last news of pages was something else than a dump.
    stale: bool,
}

impl Seen {
    fn look(mut self, name: Option<String>, debugger: &mut Debugger<'_>) -> Look {
        let version = debugger.version();
        let turns = self.new_turns(version, debugger.log());
        let state = State { version, paused: debugger.is_paused(), logging: debugger.log().is_on() };
        let dump = self.wants_dump(state).then(|| {
            self.dumped = Some((state, Instant::now()));
            DumpedVat::new(name, debugger)
        });
        Look { seen: self, turns, dump, stale: false }
    }

    fn new_turns(&mut self, version: (u64, u64), log: &Log) -> Vec<ShownTurn> {
        if (version, log.logged()) == (self.version, self.logged) {
            return Vec::new();
        }
        let is_new = |turn: &&LoggedTurn| !self.turns.contains(&key(turn));
        let new = shown(log.turns().rev().filter(is_new), BATCH);
        self.turns.clear();
        self.turns.extend(log.turns().map(key));
        (self.version, self.logged) = (version, log.logged());
        new
    }

    /// A change that a person makes is shown at once; a change that the program makes, at the pace
    /// of dumps.
    fn wants_dump(&self, state: State) -> bool {
        let Some((dumped, at)) = self.dumped else { return true };
        let by_hand = state.paused || (state.paused, state.logging) != (dumped.paused, dumped.logging);
        state != dumped && (by_hand || at.elapsed() >= DUMP_PACE)
    }
}

fn key(turn: &LoggedTurn) -> (u64, bool) {
    (turn.id, turn.failed.is_some())
}

/// Turns, given newest first: as many as may be.
fn shown<'l>(turns: impl Iterator<Item = &'l LoggedTurn>, bounds: Bounds) -> Vec<ShownTurn> {
    let mut shown = Vec::new();
    let mut left = bounds.bytes;
    for turn in turns.take(bounds.turns) {
        let turn = ShownTurn::from(turn);
        let bytes = turn.bytes();
        shown.push(turn);
        if bytes > left {
            break;
        }
        left -= bytes;
    }
    shown.reverse();
    shown
}

impl Batch {
    fn new(turns: &[ShownTurn], logged: u64) -> Self {
        Self { json: json(turns).into(), turns: turns.len() as u64, logged }
    }
}

#[cfg(test)]
mod tests;
