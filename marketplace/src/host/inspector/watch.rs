//! Looks into the vat while a page is open, and tells all pages the news.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{sleep, timeout};

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
            next_dump: Mutex::default(),
            turns: broadcast::Sender::new(BATCHES),
            news: watch::Sender::new(News::None),
            look: Notify::new(),
        }
    }

    /// Looks until the vat ends.
    pub(super) async fn watch(&self) {
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
    async fn look(&self, seen: Seen) -> Result<Seen, VatError> {
        let mut looking = Box::pin(self.inspect(move |name, debugger| seen.look(name, debugger)));
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
            self.news.send_replace(News::Dump(json(&ShownDump::from(dump)).into()));
        }
        Ok(if look.stale && look.dump.is_none() { Seen { dumped: None, ..look.seen } } else { look.seen })
    }

    /// A dump of the vat, and its last turns.
    pub(super) async fn opening(self: &Arc<Self>) -> Result<Opening, VatError> {
        let dump = self.dump().await?;
        let look = |_, debugger: &mut Debugger<'_>| {
            (shown(debugger.log().turns().rev(), HISTORY), debugger.log().logged())
        };
        let (turns, logged) = self.inspect(look).await?;
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
        &self,
        look: impl FnOnce(Option<String>, &mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.inspect_now(self.pace.may_look().await, look).await
    }

    async fn inspect_now<T: Send + 'static>(
        &self,
        looking: Looking,
        look: impl FnOnce(Option<String>, &mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        let asked = self.act(move |name, debugger| {
            let began = Instant::now();
            (look(name, debugger), began.elapsed())
        })?;
        // The caller may give up: the look takes its time all the same.
        let looked = tokio::spawn(async move {
            let (seen, took) = asked.await?;
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
mod tests {
    use tokio::runtime::Builder;
    use tokio::task::{JoinHandle, yield_now};

    use super::*;
    use crate::host::vat::{Churn, Envelope, VatHost, VatOptions};
    use crate::prelude::*;

    /// A host whose vat the test turns.
    #[derive(Clone, Default)]
    struct ByHand {
        churn: Arc<Mutex<Option<Churn>>>,
        waiting: Arc<Mutex<Vec<Envelope>>>,
    }

    impl VatHost for ByHand {
        fn start(&self, churn: Churn) {
            *self.churn.lock().unwrap() = Some(churn);
        }

        fn halt(&self) {}

        fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
            self.waiting.lock().unwrap().push(envelope);
            Ok(())
        }
    }

    impl ByHand {
        /// Turns the vat. Gives how many of the envelopes since the last call had senders that wait
        /// for a result, which they have now.
        fn serve(&self) -> usize {
            let mut churn = self.churn.lock().unwrap();
            let churn = churn.as_mut().expect("it has been started");
            let waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
            let asked = waiting.iter().filter(|envelope| envelope.wants_result()).count();
            waiting.into_iter().for_each(|envelope| churn.feed(envelope));
            churn.pump();
            asked
        }
    }

    /// Waits until all tasks wait for something. (Each turn of the loop lets the others run.)
    async fn settle() {
        for _ in 0..1_000 {
            yield_now().await;
        }
    }

    #[test]
    fn a_look_is_shared_by_all_who_ask_before_it_begins() {
        let host = ByHand::default();
        let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
        vat.start();
        let hub = Arc::new(Hub::new(&vat));
        let ask = || -> Vec<JoinHandle<_>> {
            let ask = |_| {
                let hub = hub.clone();
                tokio::spawn(async move { hub.dump().await })
            };
            (0..100).map(ask).collect()
        };
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut first = ask();
            settle().await;
            // The first look has begun when these ask.
            let second = ask();
            settle().await;
            first.drain(50..).for_each(|asked| asked.abort());
            assert_eq!(host.serve(), 1);
            for asked in first {
                assert!(asked.await.unwrap().is_ok());
            }
            // The clock goes on by itself, through the program's share.
            let mut looks = 0;
            while looks == 0 {
                sleep(Duration::from_millis(1)).await;
                looks = host.serve();
            }
            assert_eq!(looks, 1);
            for asked in second {
                assert!(asked.await.unwrap().is_ok());
            }
            assert_eq!(host.serve(), 0);
        });
    }
}
