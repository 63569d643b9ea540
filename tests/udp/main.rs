//! The UDP driver on real sockets: every port chosen by the kernel, every wait for an event.

mod datagrams;
mod hostile;
mod problems;
mod support;
