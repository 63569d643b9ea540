//! A network that several machines share over [Zenoh](https://zenoh.io): an engine for
//! [`marketplace_cluster`].
//!
//! Zenoh finds machines, keeps connections to them, and forwards what they say, where that is
//! wanted. So a cluster over it can be larger than one over links, and its machines need not reach
//! each other: routers can stand between them.
//!
//! [`Zenoh`] makes the part of a machine in such a cluster, [`from_env`] makes it of variables of
//! the environment. All else is as over any engine: see [`marketplace_cluster::join`].
//!
//! ```no_run
//! use marketplace::prelude::*;
//! use marketplace_cluster as cluster;
//! use marketplace_cluster_zenoh as zenoh;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = zenoh::from_env()?.share(topic!(("said", _, _)));
//!     Ok(ground_vm!(cluster::join(config, spawn!(transition_no_state!(publisher!(("said", _, _))))))?)
//! }
//! ```
//!
//! This is a package, and not a feature of `marketplace-cluster`: Zenoh brings more than 200
//! crates. They are in the lock file of those who want them, and in nobody's build with all
//! features.
//!
//! Before a host polls the engine nothing happens. Zenoh may wait where it takes bytes, and does so
//! on threads of its own: no turn waits for a machine.

#[cfg(feature = "tls")]
mod certificates;
mod engine;
mod environment;
mod error;
mod inbox;
mod keys;
mod list;
mod log_words;
mod machine;
mod missing;
mod plan;
mod session;
#[cfg(test)]
mod tests;
mod ways;

#[cfg(feature = "tls")]
pub use self::certificates::Certificates;
pub use self::environment::from_env;
pub use self::error::ZenohError;
pub use self::machine::Zenoh;
