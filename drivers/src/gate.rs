//! Gates: references that stand before other references.
//!
//! A gate is a process with an object that hears what is meant for another one, and sends it on.
//! A program that has the reference of the gate can do what the gate lets through, and nothing
//! else.
//!
//! | gate | lets through |
//! |---|---|
//! | [`revocable`] | everything, until its [`Revoker`] takes that back |
//! | [`membrane`] | everything, and stands before each reference that passes, too: one revoker takes all back |
//! | [`window`] | so many questions at a time; the rest waits in order |
//!
//! | promise | |
//! |---|---|
//! | order | what one process sends to one gate arrives in that order |
//! | answers | one that nobody wants is not asked for behind the gate either |
//! | reasons | why there is no answer is told as it is |
//! | life | a gate keeps what it stands before, and goes when nobody has it any more |
//!
//! A message that is [passed](marketplace::pass()) to a gate has one answer at most, as a message
//! to a reference has.

mod answers;
mod membrane;
mod passages;
mod revocable;
mod revoker;
#[cfg(test)]
mod tests;
mod window;

pub use crate::gate::membrane::membrane;
pub use crate::gate::revocable::revocable;
pub use crate::gate::revoker::Revoker;
pub use crate::gate::window::{Window, window};
