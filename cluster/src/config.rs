//! The part of a machine in a cluster.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::time::Duration;

use marketplace::{Text, Topic};

use crate::engine::Engine;
use crate::policy::Policy;
use crate::settings::Settings;

/// The least lease, and the longest time.
const SHORTEST: Duration = Duration::from_millis(10);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How large a message may be at most.
const LARGEST: usize = 1 << 30;

/// The part of a machine in a cluster: its name, whom it waits for, and what it shares.
///
/// Nothing is shared by default: each topic that is, is named. A topic with wildcards at an
/// endpoint is shared as far as it lies in those.
pub struct Config {
    pub(crate) name: Text,
    pub(crate) epoch: u64,
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) version: Text,
    pub(crate) peers: BTreeSet<Text>,
    pub(crate) policy: Policy,
    /// The first two shared topics that meet.
    pub(crate) overlap: Option<ConfigError>,
    pub(crate) settings: Settings,
}

/// Why a machine cannot join a cluster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Two shared topics have conversations in common.
    #[error("the shared topics {0} and {1} meet")]
    Overlap(Topic, Topic),
    /// A bound or a time cannot be heeded.
    #[error("the setting `{setting}` is {value}: it is {bounds}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// The values that it can have.
        bounds: &'static str,
    },
    /// A machine cannot listen there.
    #[error("cannot listen at {address}: {why}")]
    Listen {
        /// The address, as it was given.
        address: String,
        /// The cause.
        why: String,
    },
    /// Links without keys are for the programs of one machine.
    #[error(
        "{0} can be reached from other machines, or is one: without keys, where nobody proves who he is, \
         links are between the loopback addresses of one machine. Give each machine a key (feature `tls`)"
    )]
    NotLoopback(SocketAddr),
    /// The list has a key for a machine, and this one has none of its own.
    #[error("the list has a key for {0}, and this machine has no key of its own")]
    NoOwnKey(Text),
    /// This machine has a key, and the list has none for a machine, which may be this one.
    #[error("the list has no key for {name}; this machine, {this}, has the key {own}")]
    NoKey {
        /// The machine.
        name: Text,
        /// This machine.
        this: Text,
        /// The designator of its key.
        own: String,
    },
    /// The feature `tls` is off.
    #[error("machines have keys, and this program was built without the feature `tls`")]
    NoTls,
    /// The key of this machine cannot be had.
    #[error("{0}")]
    KeyFile(String),
    /// A variable of the environment is missing, or is no text.
    #[error("{variable} is not set: it is {says}")]
    Unset {
        /// Its name.
        variable: &'static str,
        /// The things that it says.
        says: &'static str,
    },
    /// The list of machines cannot be read.
    #[error("the list {list} cannot be read: {why}")]
    List {
        /// Its path.
        list: String,
        /// The cause.
        why: String,
    },
    /// A line of a list is none.
    #[error("{list}, line {line}: {why}")]
    Line {
        /// The path of the list.
        list: String,
        /// The number of the line, from 1.
        line: usize,
        /// The cause.
        why: String,
    },
    /// This machine is not in the list.
    #[error("`{name}` is not in {list}, which has {known}")]
    NotListed {
        /// This machine.
        name: Text,
        /// The path of the list.
        list: String,
        /// The names that are in it.
        known: String,
    },
    /// A key of the list is none.
    #[error("the key of {name}: {why}")]
    BadKey {
        /// The machine.
        name: Text,
        /// The cause.
        why: String,
    },
    /// The list has another key for this machine than it has.
    #[error("the key of {name} is {own}, and the list has {listed}")]
    OtherKey {
        /// This machine.
        name: Text,
        /// The designator of the key in the list.
        listed: String,
        /// That of the key that it has.
        own: String,
    },
    /// A machine's name is empty or too long.
    #[error("`{0}` is no name of a machine: it has 1 to 255 bytes")]
    Name(Text),
}

impl Config {
    /// A machine with this name, in the cluster that this engine reaches. Its epoch is random.
    pub fn new(name: impl Into<Text>, engine: impl Engine + 'static) -> Self {
        // The keys of the standard library's hash maps are random.
        let epoch = RandomState::new().build_hasher().finish();
        Self::with_epoch(name.into(), epoch, Box::new(engine))
    }

    pub(crate) fn with_epoch(name: Text, epoch: u64, engine: Box<dyn Engine>) -> Self {
        Self {
            name,
            epoch,
            engine,
            version: "".into(),
            peers: BTreeSet::new(),
            policy: Policy::default(),
            overlap: None,
            settings: Settings::default(),
        }
    }

    /// The version of the program, as text. Other machines see it, and nothing depends on it.
    #[must_use]
    pub fn version(mut self, version: impl Into<Text>) -> Self {
        self.version = version.into();
        self
    }

    /// The names of machines for whose pictures the program waits. This machine's own name may be
    /// among them.
    #[must_use]
    pub fn peers<T: Into<Text>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.peers.extend(names.into_iter().map(Into::into));
        self
    }

    /// Shares the conversations of this topic. If it meets another shared topic, the boot of the
    /// gateway fails with [`ConfigError::Overlap`].
    #[must_use]
    pub fn share(mut self, topic: impl Into<Topic>) -> Self {
        let topic = topic.into();
        if let Err(other) = self.policy.share(topic.clone()) {
            self.overlap.get_or_insert(ConfigError::Overlap(other, topic));
        }
        self
    }

    /// The bounds and times. If one cannot be heeded, the boot of the gateway fails with
    /// [`ConfigError::Setting`].
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The same machine under another name.
    #[must_use]
    pub fn renamed(mut self, name: impl Into<Text>) -> Self {
        self.name = name.into();
        self
    }

    /// The name of the machine.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.name
    }
}

/// # Errors
/// With the first of these settings that cannot be heeded.
pub(crate) fn check(settings: &Settings) -> Result<(), ConfigError> {
    let wrong = |setting, value, bounds| Err(ConfigError::Setting { setting, value, bounds });
    let Settings { lease, patience, message_bytes, .. } = settings;
    if !(SHORTEST..=DAY).contains(lease) {
        return wrong("lease", format!("{lease:?}"), "from 10 ms to a day");
    }
    if *patience > DAY {
        return wrong("patience", format!("{patience:?}"), "at most a day");
    }
    if *message_bytes > LARGEST {
        return wrong("message_bytes", message_bytes.to_string(), "at most 1 GiB");
    }
    Ok(())
}
