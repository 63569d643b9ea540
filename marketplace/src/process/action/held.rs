//! How an action holds the closures that are called later.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::conversation::called::Called;
use crate::conversation::duct::Site;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::value::Value;
use crate::process::action::{Act, EndpointSpec};
use crate::process::transition::ActionTree;
use crate::process::{Context, Turn};
use crate::record::log::Snapshot;

/// How an action holds the closures that are called later. A type that implements it is only a
/// name: it has no values.
pub(crate) trait Held {
    /// Hears the events of an endpoint.
    type Handler;
    /// Waits until an endpoint has been deleted.
    type Done;
    /// Waits for a child.
    type Continuation;
    /// How the action holds them on its way to the level further out.
    type Outside: Held<Outside = Self::Outside>;
}

/// The action holds it itself: a closure that is called with a process whose state is an `S`.
pub(crate) struct Typed<S>(PhantomData<fn(S)>);

impl<S> Held for Typed<S> {
    type Handler = Handler<S>;
    type Done = Done<S>;
    // Few processes wait for a child: the closure is boxed once more, so that an action stays
    // small.
    type Continuation = Box<Continuation<S>>;
    type Outside = Self;
}

/// The acting process keeps the closures, in slots.
pub(crate) struct Stored;

/// Takes the closures out of an action that holds them as `H` says, and holds them as `To` says:
/// see [`Act::rehold`].
pub(crate) trait Rehold<H: Held> {
    type To: Held;

    fn handler(&mut self, spec: &mut EndpointSpec, handler: H::Handler) -> <Self::To as Held>::Handler;
    fn done(&mut self, done: Option<H::Done>) -> Option<<Self::To as Held>::Done>;
    fn continuation(&mut self, parent: H::Continuation) -> <Self::To as Held>::Continuation;
    /// An action that is to be performed one level further out.
    fn outside(&mut self, act: Act<H::Outside>) -> Act<<Self::To as Held>::Outside>;
}

/// A handler that does not see the state: it may say why the process is to end.
pub(crate) type Watch = Box<dyn Fn(&Event<'_>) -> Option<Reason> + Send>;

/// A handler's answer: the actions of the clause that applied, `None` if none did.
pub type Outcome<S> = Result<Option<ActionTree<S>>, Failure>;

/// A handler's answer, no larger than an action.
pub(crate) type Answered<S> = Result<Option<ActionTree<S>>, Failed>;

pub(crate) type Handler<S> = Box<dyn Fn(&Event<'_>, &mut Turn<'_, S>) -> Answered<S> + Send>;
pub(crate) type Resume<S> =
    Box<dyn FnMut(&mut Turn<'_, S>) -> Result<(ActionTree<S>, Progress), Failure> + Send>;
pub(crate) type TakeSnapshot<S> = fn(&S) -> Snapshot;
/// Called when an endpoint further out has been deleted.
pub(crate) type Done<S> = Box<dyn FnOnce(&mut S, &mut Context) -> ActionTree<S> + Send>;
pub(crate) type Continuation<S> =
    Box<dyn FnOnce(&mut Turn<'_, S>, Result<Pid, Reason>) -> Result<ActionTree<S>, Failure> + Send>;

/// Where a process boots.
pub(crate) struct Outside<'a> {
    /// The VMs around it, from the outside.
    pub(crate) path: &'a Arc<[Pid]>,
    pub(crate) site: &'a Arc<Site>,
    /// Its own name, and the code that boots it.
    pub(crate) name: Option<&'a Value>,
    pub(crate) called: Called,
}

/// How far a resumed process got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A continuation ran.
    Done,
    /// A nested VM's turn is over. Its actions for the level outside are in its outbox.
    VmDone,
    /// As `VmDone`, and there will be another turn: it asks for another place.
    VmAgain,
    /// A nested VM's turn is not over: it keeps its place.
    VmMore,
}
