//! The means that a vat may use, and whom it speaks to besides objects.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::tables::Tables;

/// A function that hears lines: the name of the vat, and the line.
pub type Listener = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The limits of a vat, and where its lines go. A turn that goes over a limit ends the vat.
///
/// ```
/// use marketplace_js::Options;
///
/// let options = Options { memory: 8 << 20, ..Options::default() };
/// assert_eq!(options.jobs, 1_000_000);
/// ```
#[derive(Clone)]
pub struct Options {
    /// Bytes of memory: 64 MiB.
    pub memory: usize,
    /// Bytes of stack: 1 MiB. The thread that turns the VM has to have more.
    pub stack: usize,
    /// How often a turn may call or jump backwards: 100 million times.
    pub polls: u64,
    /// How many jobs a turn may have: a million.
    pub jobs: u64,
    /// How long a turn may take: five seconds. The one limit that depends on time.
    pub deadline: Duration,
    /// Hears what `console.log` and its like say. Nobody, by default.
    pub console: Listener,
    /// Hears what `helpers.log` says, which tests of vats look at. Nobody, by default.
    pub log: Listener,
    /// Hears of errors that nobody takes: of promises that were rejected, of messages without an
    /// answer. Of more than 1,000 promises that are rejected in one turn, the rest are one line.
    /// Nobody, by default.
    pub unheard: Listener,
    /// The words of the command line, if this vat is the one that is bootstrapped. A source that
    /// exports `buildRootObject` finds them in `vatParameters.argv`, and its `bootstrap` takes the
    /// vats first.
    pub argv: Option<Vec<String>>,
    /// Where it is noted which name each vat has for what: one for all vats.
    pub tables: Tables,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            stack: 1 << 20,
            polls: 100_000_000,
            jobs: 1_000_000,
            deadline: Duration::from_secs(5),
            console: Arc::new(|_, _| {}),
            log: Arc::new(|_, _| {}),
            unheard: Arc::new(|_, _| {}),
            argv: None,
            tables: Tables::default(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("memory", &self.memory)
            .field("stack", &self.stack)
            .field("polls", &self.polls)
            .field("jobs", &self.jobs)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
