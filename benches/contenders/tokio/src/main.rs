//! By hand on tokio: a task for each process, unbounded channels, a map of senders, and the bookkeeping.

mod pingpong;

use std::future::Future;
use std::process::ExitCode;

use harness::Work::{CanNot, Does};

fn main() -> ExitCode {
    harness::contend(
        "tokio",
        &[
            ("pingpong", Does(pingpong::run)),
            ("shapes", CanNot("no topics: one writes a trie for the shapes that one has")),
        ],
    )
}

/// Runs it in a task of a runtime with one thread.
fn block_on<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let done = runtime.block_on(async { tokio::spawn(work).await.expect("no contender panics") });
    runtime.shutdown_background();
    done
}
