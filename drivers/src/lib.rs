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
//! - [`child`]: other programs, started when they are wanted.
//! - [`console`]: lines in, text out.
//! - [`signals`]: what the operating system says.
//! - [`tcp`]: connections, in and out.
//! - [`timer`]: timers, relative and absolute.
//! - [`udp`]: datagrams, in and out.
//! - [`vat_link`]: topics of another vat.
//! - [`watch`]: files that change.
//!
//! The standard processes have one half only:
//!
//! - [`demand`]: one supplier for each thing that anybody wants.
//! - [`request`]: a question, a time limit, and an answer or a reason.
//! - [`spy`]: shows what is said, and who is there.
//! - [`supervisor`]: starts processes again that have failed.
#![forbid(unsafe_code)]

mod action;
pub mod child;
pub mod console;
pub mod demand;
mod failure;
mod lifeline;
mod lines;
mod lock;
mod open;
pub mod request;
#[cfg(test)]
mod script;
pub mod signals;
pub mod spy;
pub mod supervisor;
pub mod tcp;
#[cfg(test)]
mod tests;
pub mod timer;
pub mod udp;
pub mod vat_link;
pub mod watch;

/// The code of the guide and of the README is compiled and run.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../docs/guide.md")]
    struct Guide;
    #[doc = include_str!("../../README.md")]
    struct Readme;
}
