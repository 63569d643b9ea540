//! tarpc: calls of a service over TCP, with bincode.

mod links;

use std::process::ExitCode;

use harness::Work::{CanNot, Does};

/// It has nothing but calls of services.
const NO_PROCESSES: &str = "it has calls of services, and nothing else";

fn main() -> ExitCode {
    let mut works: Vec<_> = harness::WORKLOADS.map(|workload| (workload, CanNot(NO_PROCESSES))).into();
    for (workload, work) in &mut works {
        if *workload == "links" {
            *work = Does(links::run);
        }
    }
    harness::contend("tarpc", &works)
}
