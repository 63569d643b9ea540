//! The surroundings of a session: the process that it asks for things and tells of others.

use marketplace::Value;
use marketplace::objects::Reference;

use crate::value::Unreadable;
use crate::wire::Signed;

/// The place of a thing of the peer to which somebody here speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// An object or a promise that was imported.
    Import(u64),
    /// The answer to a question.
    Question(u64),
}

/// How a reference that is in no table of a session is to be passed on.
pub enum Sort {
    /// It is an object of ours.
    Object,
    /// It is passed on as this object of ours, which stands for it.
    As(Reference),
    /// It is a promise of ours, which is not settled.
    Promise,
    /// It is a promise that is settled with this.
    Settled(Value),
    /// It is an object of a third machine, and this is its certificate.
    Foreign(Signed),
}

/// The process that a session is in, as it is asked while the session reads and writes values.
pub trait World {
    /// A new object that stands for the peer's object at this position. `number` tells it from
    /// those that stood there before: [`Session::released`](crate::session::Session::released) gets
    /// it back.
    fn import_object(&mut self, position: u64, number: u64) -> Reference;
    /// A reference to a promise that the peer decides.
    fn import_promise(&mut self, position: u64, number: u64) -> Reference;
    /// How this reference is to be passed on. It is in no table.
    fn sort(&mut self, reference: &Reference) -> Sort;
    /// The message in which references were passed on, since the last one, is not written after
    /// all.
    fn unwritten(&mut self) {}
    /// The peer hands off an object of a third machine.
    ///
    /// # Errors
    /// If the certificate is not for us.
    fn given(&mut self, give: Signed) -> Result<Value, Unreadable>;
}
