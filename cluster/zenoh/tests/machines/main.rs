//! Machines of a cluster over Zenoh that are programs of their own: this test binary, run again for
//! the test `machine`, which is ignored otherwise. Programs, wires and most tests are those of
//! links: what a program hears does not depend on the engine.
#![cfg(unix)]

#[cfg(feature = "tls")]
mod certified;
#[path = "../../../../tests/links/faults.rs"]
mod faults;
mod machine;
#[path = "../../../../tests/links/measure.rs"]
mod measure;
#[path = "../../../../tests/links/meet.rs"]
mod meet;
#[path = "../../../../tests/links/names.rs"]
mod names;
#[path = "../../../../tests/links/program.rs"]
mod program;
#[path = "../../../../tests/links/programs.rs"]
mod programs;
mod strangers;
#[path = "../../../../tests/links/streams.rs"]
mod streams;
#[path = "../../../../tests/links/wire.rs"]
mod wire;
