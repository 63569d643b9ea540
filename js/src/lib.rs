//! JavaScript vats: unmodified SwingSet sources as processes of objects.
//!
//! A *vat* is a process whose objects are JavaScript. Its presences are far references, its system
//! calls are the actions of a turn. [`Program::read`] reads a source and what it imports, [`vat`]
//! makes a process of it; a vat hears the sends of any other object, and sends to any other.

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
