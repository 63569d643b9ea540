//! Vats in a basedir: SwingSet's user face, on marketplace.
//!
//! A **vat** here is a process of objects with a root, to which it is spoken first. A **basedir**
//! is a folder with the sources of vats; a vat may also be written in Rust. A **container** runs
//! them: it loads every vat, and then tells the vat `bootstrap` its arguments and the roots of the
//! others. Nobody else has a reference to anything at first.
//!
//! The program `vat` of this package does that from a command line, with a prompt, and with roots
//! that others can reach by CapTP: `vat run DIR`, `vat shell DIR`, `vat serve DIR`.

pub mod basedir;
pub mod container;

pub use self::basedir::{Basedir, BasedirError};
pub use self::container::{Container, Ended, LoadError};
