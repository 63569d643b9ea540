//! By hand on tokio: a task for each process, unbounded channels, a map of senders, and the
//! bookkeeping.

mod asking;
mod chat;
mod fanout;
mod listener;
mod memory;
mod messages;
mod pingpong;
mod presence;
mod routing;
mod spawn;
mod wildcard;

use std::process::ExitCode;

use harness::Work::{CanNot, Does};

fn main() -> ExitCode {
    harness::contend(
        "tokio",
        &[
            ("pingpong", Does(pingpong::run)),
            ("fanout", Does(fanout::run)),
            ("routing", Does(routing::run)),
            ("wildcard", Does(wildcard::run)),
            ("shapes", CanNot("a trie by hand has the places in one order")),
            ("presence", Does(presence::run)),
            ("spawn", Does(spawn::run)),
            ("idle", Does(memory::idle)),
            ("subscribed", Does(memory::subscribed)),
            ("chat", Does(chat::run)),
            ("ask", Does(asking::ask)),
            ("tell", Does(asking::tell)),
            ("pipeline", Does(asking::pipeline)),
            ("chain", Does(asking::chain)),
        ],
    )
}
