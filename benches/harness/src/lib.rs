//! The parts that all contenders share: their arguments, their sampling, their output.
//!
//! A contender is a program that does one workload and prints a [`Record`] for each row of it, as a
//! line of JSON:
//!
//! ```text
//! contender-tokio routing --samples 3 --scale 1 --max-n 10000
//! ```
//!
//! | argument | is |
//! |---|---|
//! | the workload | one of [`WORKLOADS`] |
//! | `--samples` | how many samples of a row at most; a row that has taken [`BUDGET`] takes no further one |
//! | `--scale` | how much of the usual number of operations a sample does |
//! | `--max-n` | rows with a larger N are left out |
//!
//! A program does one workload, so that what one leaves behind does not slow the next, and so that
//! memory can be measured.

mod bursts;
mod clock;
mod contender;
mod latch;
mod machine;
mod numbers;
mod record;
mod relay;
mod run;
mod workloads;

pub use bursts::{Bursts, block_on, settle};
pub use clock::{Sample, Stopwatch};
pub use contender::{OURS_ALONE, Work, contend, version_of};
pub use latch::Latch;
pub use machine::{Machine, available, resident};
pub use numbers::Numbers;
pub use record::{Line, Parameters, Record, Results, Unsupported};
pub use relay::{Relay, relay};
pub use run::{BUDGET, ROOM, Run, Samples};
pub use workloads::{
    ASKERS, CHAIN, CHAT, FANOUT, IN_FLIGHT, MANY, PIPELINE, PRESENCE, ROUTING, SHAPES, SPAWN_AMONG, WORKLOADS,
};
