//! A network that several machines share.
//!
//! A program that runs in a nested VM, or as a process, has a network around it. With a *gateway*
//! in that network, it is shared with other machines: the gateway has a stand-in there for each
//! endpoint of theirs, and announces ours to them. Presence, absence with reasons, vacancy,
//! messages, feedback, refusals and role changes are then those of any network.
//!
//! [`join`] starts the gateway, and the program behind it. [`Config`] says which machines there are
//! and which conversations are shared: nothing is, by default. [`Member`] tells programs which
//! machines are up, and [`Lost`] why others are gone. A thing that stays on its machine, because it
//! is no data or is too large, is a [`Warning`].
//!
//! An [`Engine`] finds machines and carries bytes between them. [`sim`](sim()) has several machines
//! in one sim, over an engine in memory that delays, loses and cuts: a program can be tried against
//! partitions there.
//!
//! Things that hold on one machine and not across several: see `docs/cluster.md`.

mod config;
mod crossing;
mod engine;
mod gateway;
mod half;
mod link;
mod links;
mod lost;
mod memory;
mod policy;
mod settings;
mod sim;
mod wire;

pub use self::config::{Config, ConfigError};
pub use self::crossing::{Crossing, crossings};
pub use self::engine::{Engine, EngineEvent, Sending};
pub use self::gateway::{
    ClusterMetrics, ClusterState, Gateway, Member, PeerState, Warning, join, leave, measure,
};
pub use self::links::{Links, from_env};
pub use self::lost::Lost;
pub use self::memory::Faults;
pub use self::settings::Settings;
pub use self::sim::{ClusterSim, sim};
#[cfg(feature = "tls")]
pub use marketplace_captp::transport::tls::{Key, KeyError, key_file};

/// The code of the page is compiled and run.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../docs/cluster.md")]
    struct Page;
}
