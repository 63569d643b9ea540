//! The TCP driver on real sockets: every port chosen by the kernel, every wait for an event.

#[path = "../beside.rs"]
mod beside;
mod echo;
mod ends;
mod flow;
mod leftovers;
mod outgoing;
mod pressure;
mod refusals;
mod skips;
mod support;
