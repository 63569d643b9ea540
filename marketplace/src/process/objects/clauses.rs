//! Objects that are made of the clauses of an ordinary process.

use crate::conversation::event::Event;
use crate::conversation::promise::falling::LetGo;
use crate::data::reason::Failed;
use crate::data::reference::{Reference, WeakReference};
use crate::process::Turn;
use crate::process::action::act::{Action, Ask};
use crate::process::action::{Handler, Outcome};
use crate::process::objects::far::Far;
use crate::process::objects::table::Arriving;

/// The place of an object that is not there yet: [`reference()`] makes it, and
/// [`object_of!`](crate::object_of) puts the object there. If it is dropped, the object will never
/// be, and what waits for it is told so.
pub struct Here(Arriving);

/// A reference to an object that is not there yet, and its place. The reference can be used and
/// sent at once.
#[must_use]
pub fn reference<T: ?Sized>() -> (Far<T>, Here) {
    let reference = Reference::object_to_be();
    (Far::of(reference.clone()), Here(Arriving::new(reference, LetGo::Here)))
}

/// An object that the acting process makes of its clauses.
pub(crate) struct Clauses<S> {
    pub(crate) arriving: Arriving,
    pub(crate) handler: Handler<S>,
    /// A clause is about its last turn.
    pub(crate) heeds_release: bool,
}

/// Such an object in its process.
pub(crate) struct OfClauses<S> {
    pub(crate) handler: Handler<S>,
    pub(crate) heeds_release: bool,
    /// Its reference, when it is there.
    pub(crate) reference: Option<WeakReference>,
}

/// Makes an object of a handler, as [`object_of!`](crate::object_of) does.
pub(crate) fn object_of<S>(
    here: Here,
    heeds_release: bool,
    handler: impl Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static,
) -> Action<S> {
    let handler = move |event: &Event<'_>, turn: &mut Turn<'_, S>| handler(event, turn).map_err(Failed::from);
    let clauses = Clauses { arriving: here.0, handler: Box::new(handler), heeds_release };
    Action(Ask::Object(Box::new(clauses)))
}
