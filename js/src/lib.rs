//! JavaScript vats: unmodified SwingSet sources as processes of objects.
//!
//! A *vat* is a process whose objects are JavaScript. Its presences are far references, its system
//! calls are the actions of a turn. [`Program::read`] reads a source and what it imports, [`vat`]
//! makes a process of it. A vat hears the sends of any other object, and sends to any other.
//!
//! # Sources
//!
//! A source exports `setup(syscall, state, helpers)` as its default, as sources did in 2019, or
//! `buildRootObject(vatPowers, vatParameters)`. In both `x~.m(a)` is an eventual send ([`tildot`]
//! lists its forms), and so is `E(x).m(a)`. Around them are `harden`, `E`, `Far`, `HandledPromise`,
//! `console` and `record`, and nothing that tells the time, draws numbers, or evaluates text.
//!
//! # Values
//!
//! A callable object goes by reference, data is copied; what mixes both is refused before anything
//! is sent. In a source with `setup` an object without properties goes by reference, and an object
//! of functions is callable. In one with `buildRootObject` objects are callable by `Far` only, and
//! an object without properties is data.
//!
//! | Rust | JavaScript |
//! |---|---|
//! | `()` | `undefined` |
//! | `bool`, [`Text`](marketplace::Text) | a boolean, a string |
//! | an integer | a number if it is a safe one, else a bigint |
//! | the record `mp:bigint(n)`, `n` a safe integer | a bigint |
//! | `f64` | a number; one without a fraction comes back as an integer |
//! | a [`Symbol`](marketplace::Symbol) | `Symbol.for(..)` |
//! | a sequence, a map whose keys are texts | an array, an object; keys arrive in their order |
//! | the record `null` | `null` |
//! | [`Thrown`], the records `desc:error(text, 'Name)` and `desc:error(text)` | an error |
//! | another record, `Says("ann")` | `record("Says", "ann")` |
//! | bytes | `record("mp:bytes", "00ff")` |
//! | a set, another map | `record("mp:set", [..])`, `record("mp:map", [[key, value], ..])` |
//! | a record with one of these four labels | `record("mp:record", "label", [..])` |
//! | an object, a promise | a presence, a promise |
//!
//! Refused are fresh names, host values, ducts and resolvers; half characters, accessors, arrays
//! with holes, keys that are no number, integers beyond 128 bits, and what contains itself.
//!
//! # Limits
//!
//! [`Options`] limit the memory, the stack, the work and the time of a vat. A turn that goes over a
//! limit ends the vat, with [`VatEnded`], which names the limit; nobody else notices but by what
//! breaks. Built-ins that run in one piece take lists of at most 2^20 items, and are charged for
//! long texts. The limits protect from mistakes. Against malice, give a vat a process of the
//! operating system.
//!
//! A vat keeps the objects that it was given until it ends, since JavaScript does not say when it
//! has let go of one; a promise goes when it is settled and told. So a vat that is given new
//! objects for ever grows; [`Tables::rows`] shows by how much.
//!
//! # Determinism
//!
//! The same sources with the same words have the same turns and the same tables in every run of one
//! build on one machine, but for the deadline of a turn. `Date` knows no zone but UTC.

mod beginning;
mod engine;
mod error;
mod marshal;
mod options;
mod prelude;
mod process;
mod sources;
mod tables;
mod tildot;
mod wall;

pub use self::error::LoadError;
pub use self::options::{Listener, Options};
pub use self::process::{Shown, Thrown, VatEnded, bootstrap, shell_vat, vat};
pub use self::sources::Program;
pub use self::tables::{PromiseRow, Tables};
pub use self::tildot::{TildotError, tildot};
