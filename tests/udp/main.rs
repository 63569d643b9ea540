//! The UDP driver on real sockets: every port chosen by the kernel, every wait for an event.

#[path = "../beside.rs"]
mod beside;
mod datagrams;
mod hostile;
mod problems;
mod support;
