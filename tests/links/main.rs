//! Machines of a cluster that are programs of their own: this test binary, run again for the test
//! `machine`, which is ignored otherwise. Between each two of them is a wire that a test can cut.
#![cfg(unix)]

mod faults;
#[cfg(feature = "tls")]
mod keys;
mod machine;
mod measure;
mod meet;
mod names;
mod program;
mod programs;
mod strangers;
mod streams;
mod wire;
