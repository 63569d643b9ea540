//! Drivers and standard processes for [`marketplace`]: drivers connect the processes inside a
//! program with the world outside.
//!
//! Each driver has two halves. The process half is a process like any other: it hears which peers
//! want what, and sends messages. The outer half is a source of ground events, the only part that
//! knows sockets, tokio and threads. Nothing in a driver blocks the VM. A VM has one driver of a
//! kind at most: the second ends with
//! [`VmError::AlreadyThere`](marketplace::VmError::AlreadyThere), and the first goes on
//! undisturbed.
//!
//! Each module but [`demand`] is a cargo feature of the same name, and all are on by default. The
//! third column says what else is built for it, beside what the kernel and tokio need.
//!
//! | driver | about | needs |
//! |---|---|---|
//! | [`child`] | other programs, started when they are wanted | |
//! | [`console`] | lines in, text out | `futures-util`, `memchr` |
//! | [`signals`] | what the operating system says | |
//! | [`tcp`] | connections, in and out | `futures-util`, `memchr` |
//! | [`timer`] | timers, relative and absolute | |
//! | [`udp`] | datagrams, in and out | `socket2` |
//! | [`vat_link`] | topics of another vat | |
//! | [`watch`] | files that change | `futures-util`, `notify` |
//!
//! The standard processes have one half only:
//!
//! | process | about | needs |
//! |---|---|---|
//! | [`demand`] | one supplier for each thing that anybody wants | |
//! | [`gate`] | references that stand before others: revocable, a membrane, so many questions at a time | |
//! | [`request`] | a question, a time limit, and an answer or a reason | `timer` |
//! | [`spy`] | shows what is said, and who is there | |
//! | [`supervisor`] | starts processes again that have failed | `timer` |
//!
//! A TCP server needs no more than this:
//!
//! ```toml
//! marketplace-drivers = { version = "0.1", default-features = false, features = ["tcp"] }
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "default"),
    allow(dead_code, reason = "a driver alone does not use all that drivers share")
)]

#[cfg(any(feature = "child", feature = "console", feature = "spy", feature = "tcp", feature = "udp"))]
mod action;
#[cfg(any(feature = "tcp", feature = "udp"))]
mod addresses;
#[cfg(feature = "child")]
pub mod child;
#[cfg(feature = "console")]
pub mod console;
pub mod demand;
#[cfg(any(feature = "child", feature = "console", feature = "tcp", feature = "udp", feature = "watch"))]
mod failure;
#[cfg(feature = "gate")]
pub mod gate;
mod lifeline;
#[cfg(any(feature = "console", feature = "tcp"))]
mod lines;
#[cfg(any(test, feature = "console", feature = "request", feature = "spy", feature = "watch"))]
mod lock;
#[cfg(any(feature = "tcp", feature = "udp"))]
mod open;
#[cfg(feature = "request")]
pub mod request;
#[cfg(test)]
mod script;
#[cfg(feature = "signals")]
pub mod signals;
#[cfg(feature = "spy")]
pub mod spy;
#[cfg(feature = "supervisor")]
pub mod supervisor;
#[cfg(feature = "tcp")]
pub mod tcp;
// All drivers.
#[cfg(all(test, feature = "default"))]
mod tests;
#[cfg(feature = "timer")]
pub mod timer;
#[cfg(feature = "udp")]
pub mod udp;
#[cfg(feature = "vat_link")]
pub mod vat_link;
#[cfg(feature = "watch")]
pub mod watch;

/// The code of the guide, its tables and the README is compiled and run.
#[cfg(all(doctest, feature = "default"))]
mod documents {
    #[doc = include_str!("../../docs/guide.md")]
    struct Guide;
    #[doc = include_str!("../../docs/coming-from.md")]
    struct ComingFrom;
    #[doc = include_str!("../../README.md")]
    struct Readme;
}
