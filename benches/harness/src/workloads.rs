//! The workloads and their sizes, which are the same for all contenders.

/// Every workload, in the order of the table.
///
/// | workload | is | rows |
/// |---|---|---|
/// | `pingpong` | two processes say a number to each other, one less each time | `message`: an integer, a record of 5 fields, 64 KiB of bytes |
/// | `fanout` | every message goes to N processes | `n`, `message` |
/// | `routing` | N processes, each with a topic of its own; every message goes to one | `n` |
/// | `wildcard` | the same, for half of them the last place is open; every message goes to two | `n` |
/// | `shapes` | N topics with their literals in different places; every message goes to one process | `n` |
/// | `presence` | N processes join a room, then leave it and go on listening; each keeps a set of who is there. N * N notifications each | `n`, `phase` |
/// | `spawn` | a process is made, hears one message and ends | `n` others that are there all the time |
/// | `idle`, `subscribed` | the memory of [`MANY`] processes that wait, without a topic and with one each | |
/// | `chat` | a room of [`CHAT`] in which each says one thing, and hears everybody's | `n` |
/// | `ask` | N callers ask one object; each goes on when it has the answer | `n` |
/// | `tell` | two objects send a number to each other, one less each time, without an answer | |
/// | `pipeline` | [`PIPELINE`] messages, each to the answer of the one before; the last answer is waited for | |
/// | `chain` | [`CHAIN`] promises, each settled by the one before | `link` |
/// | `held` | the memory of what objects are made of | `of` |
/// | `links` | one machine calls another over TCP, each on a thread of its own | `of` |
/// | `nesting` | a process in a VM at some depth says something that a process outside all of them hears | `depth` |
/// | `counted` | N publishers join and leave; an observer hears each, or the first and the last only | `n`, `how`, `phase` |
/// | `log` | what being watched costs | `how`, `of` |
/// | `timers` | a million timers, pending at once | `phase` |
/// | `vats` | two VMs in threads; talking to one from outside | `of` |
pub const WORKLOADS: [&str; 21] = [
    "pingpong",
    "fanout",
    "routing",
    "wildcard",
    "shapes",
    "presence",
    "spawn",
    "idle",
    "subscribed",
    "chat",
    "ask",
    "tell",
    "pipeline",
    "chain",
    "held",
    "links",
    "nesting",
    "counted",
    "log",
    "timers",
    "vats",
];

/// N of `fanout`.
pub const FANOUT: [u64; 4] = [1, 10, 100, 1_000];
/// N of `routing` and `wildcard`.
pub const ROUTING: [u64; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
/// N of `shapes`.
pub const SHAPES: [u64; 5] = [1, 4, 16, 64, 256];
/// N of `presence` and `counted`.
pub const PRESENCE: [u64; 3] = [10, 100, 1_000];
/// N of `spawn`.
pub const SPAWN_AMONG: [u64; 3] = [10, 1_000, 100_000];
/// N of `chat`.
pub const CHAT: u64 = 1_000;
/// N of `ask`.
pub const ASKERS: [u64; 2] = [1, 1_000];
/// How many messages a `pipeline` has.
pub const PIPELINE: u64 = 10;
/// How many calls of `links` are in flight at once.
pub const IN_FLIGHT: u64 = 1_000;
/// How many promises a `chain` has.
pub const CHAIN: u64 = 10_000;
/// How many processes there are when memory is measured.
pub const MANY: u64 = 100_000;
