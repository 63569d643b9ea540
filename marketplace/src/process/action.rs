//! The action that a process asks its VM to perform.

pub(crate) mod act;
mod held;
pub(crate) mod meta_level;
mod name;
mod parts;
pub(crate) mod peekable;
mod pre_action;
mod shown;
mod to_boot;

use std::mem;

use crate::conversation::called::Called;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::role::Role;
use crate::conversation::topic::Topic;
use crate::data::door;
use crate::data::fresh::Fresh;
use crate::data::reason::{Failed, Reason};
use crate::data::spare::Spare;
use crate::data::value::Value;
use crate::data::value::from::IntoValue;
use crate::network::heeds::Heeds;
use crate::process::transition::{ActionTree, IntoTransition};
use crate::process::{Booted, Turn};

pub(crate) use self::act::{Act, Ask};
pub use self::act::{Action, PreAction};
pub use self::held::Outcome;
pub(crate) use self::held::{
    Answered, Continuation, Done, Handler, Held, Outside, Progress, Rehold, Resume, Stored, TakeSnapshot,
    Typed, Watch,
};
pub use self::meta_level::IntoPreActions;
pub(crate) use self::name::as_name;
pub use self::parts::Addressed;
pub(crate) use self::parts::{Address, Deletion, Ending, Given, Giving, Onto, Passing, Relayed};
pub(crate) use self::to_boot::SpawnSpec;

/// An endpoint to be, without its handler.
pub(crate) struct EndpointSpec {
    pub(crate) name: Option<Value>,
    pub(crate) role: Role,
    pub(crate) once: bool,
    pub(crate) counted: bool,
    /// The handler has something to say to messages.
    pub(crate) messages: bool,
    /// The events about peers for which the handler has a clause.
    pub(crate) heeds: Heeds,
    /// It takes every message that is passed to its process.
    pub(crate) callee: bool,
    /// Tells it from other endpoints that have had its name, if it is further out and for one
    /// message.
    pub(crate) ticket: Option<Fresh>,
}

/// How many boxes of them are kept: for as many as a host may well ask for at once.
const MOST_SPECS: usize = 128;

thread_local! {
    /// Nothing is in them that would have to be dropped. An endpoint takes 200 instructions less.
    static SPARE: Spare<Box<EndpointSpec>, MOST_SPECS> = const { Spare::new() };
}

impl EndpointSpec {
    /// In a box, which may have been that of another one.
    #[inline]
    pub(crate) fn boxed(role: Role) -> Box<Self> {
        match SPARE.try_with(Spare::take) {
            Ok(Some(mut spec)) => {
                mem::forget(mem::replace(&mut *spec, Self::new(role)));
                spec
            }
            _ => Box::new(Self::new(role)),
        }
    }

    /// Keeps the box of one whose name and topic have been taken out.
    #[inline]
    pub(crate) fn retire(mut self: Box<Self>) {
        (self.name, self.role.topic) = (None, Topic::any());
        // A thread that is ending adds no endpoint any more.
        let _ = SPARE.try_with(|spare| spare.put(self));
    }

    #[inline]
    pub(crate) const fn new(role: Role) -> Self {
        Self {
            name: None,
            role,
            once: false,
            counted: false,
            messages: true,
            heeds: Heeds::PEERS,
            callee: false,
            ticket: None,
        }
    }
}

/// The action that adds an endpoint to the acting process.
///
/// The forms `publisher!`, `subscriber!` and their kin make one; by hand it is a role and a
/// handler:
///
/// ```
/// use marketplace::{AddEndpoint, Message, Role, Symbol, quit};
/// let ping = Symbol::new("ping");
/// let endpoint: AddEndpoint<()> = AddEndpoint::new(Role::subscriber(ping.to_value()), |event, turn| {
///     if event.is_absence() { turn.act(quit()) } else { turn.skip() }
/// });
/// ```
#[must_use = "an action does nothing unless it is returned: several are one tree, `actions![a, b]`"]
pub struct AddEndpoint<S> {
    pub(crate) spec: Box<EndpointSpec>,
    pub(crate) handler: Handler<S>,
}

impl<S> AddEndpoint<S> {
    /// An endpoint with this role and handler. The handler answers through its [`Turn`].
    pub fn new(
        role: Role,
        handler: impl Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static,
    ) -> Self {
        let handler =
            move |event: &Event<'_>, turn: &mut Turn<'_, S>| handler(event, turn).map_err(Failed::from);
        Self { spec: EndpointSpec::boxed(role), handler: Box::new(handler) }
    }

    /// An endpoint that takes whatever is [passed](crate::pass()) to the process, and hears nothing
    /// else but answers and absences of ducts (and [shutdown](Self::heeding_shutdown), if it
    /// wants): what [`callee!`](crate::callee) makes.
    ///
    /// It observes a name that nothing else has. So it meets nobody, no message finds it, and only
    /// endpoints that look for everything see it.
    ///
    /// ```
    /// use marketplace::{AddEndpoint, give};
    /// let doubler: AddEndpoint<()> = AddEndpoint::callee(|event, turn| match event.decode::<u32>() {
    ///     Some(n) => turn.act(give(event.duct(), &(2 * n))),
    ///     None => turn.skip(),
    /// });
    /// ```
    pub fn callee(handler: impl Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static) -> Self {
        let role = Role::observer_of_publishers(Value::from(Fresh::new()));
        let handler = move |event: &Event<'_>, turn: &mut Turn<'_, S>| match event.is_of_ducts()
            || event.is_shutdown()
        {
            true => handler(event, turn),
            false => turn.skip(),
        };
        let mut endpoint = Self::new(role, handler).without_messages().heeding(false, false, false);
        endpoint.spec.callee = true;
        endpoint
    }

    /// Counts its peers per conversation, so that events say which presence is the first and which
    /// absence the last.
    pub fn counted(mut self) -> Self {
        self.spec.counted = true;
        self
    }

    /// Says that the handler has no clause for messages or feedback. It is not called for them, so
    /// they cost nothing.
    ///
    /// The forms for observers (`observe_publishers!` and its kin) know it from their clauses.
    ///
    /// ```
    /// use marketplace::{AddEndpoint, Message, Role, Symbol, quit};
    /// let role = Role::observer_of_publishers(Symbol::new("ping").to_value());
    /// let endpoint: AddEndpoint<()> = AddEndpoint::new(role, |event, turn| {
    ///     if event.is_absence() { turn.act(quit()) } else { turn.skip() }
    /// })
    /// .without_messages();
    /// ```
    pub fn without_messages(mut self) -> Self {
        self.spec.messages = false;
        self
    }

    /// Says for which events about peers the handler has a clause. It is not called for the others.
    #[doc(hidden)]
    pub fn heeding(mut self, presence: bool, absence: bool, vacancy: bool) -> Self {
        self.spec.heeds = self.spec.heeds.with_peers(presence, absence, vacancy);
        self
    }

    /// Says that the handler is made of clauses: a debug build tells of messages that it hears and
    /// none of them takes.
    #[inline]
    #[cfg_attr(not(debug_assertions), allow(unused_mut))]
    pub(crate) fn of_clauses(mut self) -> Self {
        #[cfg(debug_assertions)]
        {
            self.spec.heeds = self.spec.heeds.with_leaves_out(false);
        }
        self
    }

    /// Says that the handler has no clause for the messages that it hears, as is meant then.
    #[doc(hidden)]
    #[inline]
    #[cfg_attr(not(debug_assertions), allow(unused_mut))]
    pub fn leaving_out_messages(mut self) -> Self {
        #[cfg(debug_assertions)]
        {
            self.spec.heeds = self.spec.heeds.with_leaves_out(true);
        }
        self
    }

    /// Says that the handler wants to hear that the program is about to end
    /// ([`Event::is_shutdown`](crate::Event::is_shutdown)). The clause
    /// [`on_shutdown!`](crate::on_shutdown) says it by itself.
    ///
    /// ```
    /// use marketplace::{AddEndpoint, Message, Role, Symbol, Text, send_message};
    /// let role = Role::subscriber(Symbol::new("ping").to_value());
    /// let endpoint: AddEndpoint<()> = AddEndpoint::new(role, |event, turn| {
    ///     if event.is_shutdown() { turn.act(send_message(&Text::from("goodbye"))) } else { turn.skip() }
    /// })
    /// .heeding_shutdown();
    /// ```
    pub fn heeding_shutdown(mut self) -> Self {
        self.spec.heeds = self.spec.heeds.with_shutdown(true);
        self
    }
}

/// Gives an endpoint a name, by which it can be replaced and deleted.
///
/// A name is any message. One that is a text is the symbol of that text, so that there is one name
/// however it is written:
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| transition_no_state!(
///     name_endpoint(Symbol::new("door"), subscriber!("knock")),
///     delete_endpoint("door"),
/// ));
/// sim.run();
/// assert_eq!(sim.stats().endpoints, 1, "the event relay's");
/// ```
pub fn name_endpoint<S>(name: impl IntoValue, mut endpoint: AddEndpoint<S>) -> AddEndpoint<S> {
    endpoint.spec.name = Some(as_name(name));
    endpoint
}

/// Makes an endpoint that the first message that matches its topic takes: it leaves, hears that
/// message, and its peers hear its absence.
pub fn once<S>(mut endpoint: AddEndpoint<S>) -> AddEndpoint<S> {
    endpoint.spec.once = true;
    endpoint
}

/// The action that makes a new process.
#[must_use = "an action does nothing unless it is returned: several are one tree, `actions![a, b]`"]
pub struct Spawn<S> {
    pub(crate) spec: Box<SpawnSpec>,
    pub(crate) continuation: Option<Box<Continuation<S>>>,
}

/// Makes a new process: `boot` is called with its PID when the action is performed.
///
/// A boot that fails ends the new process at once; [`Spawn::then`] tells the parent.
pub fn spawn<S, T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Spawn<S>
where
    T: IntoTransition<State: Send + 'static>,
{
    let spec = SpawnSpec::new(Called::by(&boot), |pid, outside, context| {
        Booted::new(pid, outside.called, context, move |_| boot(pid).into_transition())
    });
    Spawn { spec, continuation: None }
}

impl<S> Spawn<S> {
    /// Calls `parent` in the acting process when the child has booted: with the child's PID, or
    /// with the reason for which its boot failed.
    pub fn then<T>(mut self, parent: impl FnOnce(S, Result<Pid, Reason>) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State = S>,
    {
        let continuation: Continuation<S> = Box::new(|turn, child| {
            turn.transition(|state| parent(state, child)).map(Option::unwrap_or_default)
        });
        self.continuation = Some(Box::new(continuation));
        self
    }

    /// Gives the new process one more endpoint, of which its boot knows nothing: added when the
    /// boot has been called, in the same step, and there as long as the process lives. `handler`
    /// hears its events; it does not see the state, and may end the process with a reason.
    ///
    /// So a process that spawns another can watch it, whatever it is: the absence of the endpoint
    /// says why the process ended. While it has this endpoint, the process is not dropped as one to
    /// which nothing can happen.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// // It ends when nobody is interested in it any more.
    /// let child = spawn!(transition!(7u32))
    ///     .with_endpoint(Role::publisher(topic!("alive")), |event| event.reason().cloned());
    /// let mut sim = Sim::new(move |_| transition_no_state!(
    ///     child,
    ///     name_endpoint(&1u8, subscriber!("alive", on_presence!(delete_endpoint(&1u8)))),
    /// ));
    /// sim.run();
    /// assert_eq!(sim.exits().len(), 1);
    /// ```
    pub fn with_endpoint(
        self,
        role: Role,
        handler: impl Fn(&Event<'_>) -> Option<Reason> + Send + 'static,
    ) -> Self {
        self.when_booted(move |booted| booted.add_guest(role, Box::new(handler)))
    }

    /// Gives the new process a value that it holds as long as it lives, and of which it knows
    /// nothing. The value does not keep it: a process to which nothing can happen is dropped.
    ///
    /// So a process learns of the end of one that it spawns, and why, whatever that is: by a
    /// [`Resolver`](crate::objects::Resolver), whose promise breaks with it.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let (life, holds) = promise::<()>();
    /// let mut sim = Sim::new(|_| transition_no_state!(
    ///     spawn!(transition_no_state!(subscriber!("end", on_message!(_ => quit().because("enough")))))
    ///         .holding(holds),
    ///     when(life, |(), end| transition_no_state!(send_message!(end.unwrap_err().to_string()))),
    /// ));
    /// sim.run();
    /// sim.send(&Text::from("end"));
    /// sim.run();
    /// assert!(sim.messages().contains(&"it is gone (enough)".into()));
    /// ```
    pub fn holding(self, value: impl Send + 'static) -> Self {
        self.when_booted(move |booted| booted.body.hold(Box::new(value)))
    }

    /// Gives something to the process when its boot has been called.
    fn when_booted(mut self, give: impl FnOnce(&mut Booted) + Send + 'static) -> Self {
        let (name, only, apart) = (self.spec.name.take(), self.spec.only, self.spec.apart);
        // The boot may fail, or be dropped: what is given goes by itself.
        let mut give = door::Held::new(give);
        let mut spec = SpawnSpec::new(self.spec.called, move |pid, outside, context| {
            let mut booted = self.spec.boot.boot(pid, outside, context)?;
            if let Some(give) = give.take() {
                give(&mut booted);
            }
            Ok(booted)
        });
        (spec.name, spec.only, spec.apart) = (name, only, apart);
        Self { spec, continuation: self.continuation }
    }

    /// Says which function boots it, as the form that made this read it.
    #[doc(hidden)]
    pub fn called(mut self, function: fn() -> &'static str) -> Self {
        self.spec.called = Called::as_written(function);
        self
    }

    /// Sees to it that at most one process of this kind lives in a VM. While one lives, the boot of
    /// a second is not called, but fails with
    /// [`VmError::AlreadyThere`](crate::VmError::AlreadyThere).
    ///
    /// It is for drivers: a second one would do all work twice. A nested VM may have a driver of
    /// its own.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let clock = || spawn!(transition_no_state!(send_message!("tick"), subscriber!("set"))).only("clock");
    /// let mut sim = Sim::new(move |_| transition_no_state!(clock(), clock()));
    /// sim.run();
    /// assert_eq!(sim.messages().len(), 1);
    /// assert!(sim.exits()[0].reason.to_string().starts_with("this VM has its clock already"));
    /// ```
    pub fn only(mut self, kind: &'static str) -> Self {
        self.spec.only = Some(kind);
        self
    }

    /// Sets the endpoints of the new process apart from each other: they do not meet, and do not
    /// hear what the process itself sends. Everybody else meets and hears them as always.
    ///
    /// It is for processes that stand for others on both sides of a conversation: what a relay
    /// brought into a network does not go out again on the same way. It is about the network in
    /// which the process is: what a process inside a nested VM does at the meta level is the VM's,
    /// so there it is the VM that is spawned apart.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let relay = spawn!(transition_no_state!(
    ///     publisher!("news", on_presence!(send_message!("news"))),
    ///     subscriber!("news", on_message!(_ => send_message!("heard"))),
    /// ));
    /// let mut sim = Sim::new(move |_| transition_no_state!(relay.apart()));
    /// sim.run();
    /// assert!(sim.messages().is_empty(), "nobody is there for the publisher");
    ///
    /// sim.spawn(spawn!(transition_no_state!(subscriber!("news"))));
    /// sim.run();
    /// assert_eq!(sim.messages_of::<Text>(), ["news"], "its own subscriber has not heard it");
    /// ```
    pub fn apart(mut self) -> Self {
        self.spec.apart = true;
        self
    }
}

/// Gives a process a debug name, which reasons and traces show.
///
/// ```
/// use marketplace::prelude::*;
/// let worker: Spawn<()> = name_process("worker", spawn!(transition_no_state!()));
/// ```
pub fn name_process<S>(name: impl IntoValue, mut spawn: Spawn<S>) -> Spawn<S> {
    spawn.spec.name = Some(name.into());
    spawn
}

impl<S> From<AddEndpoint<S>> for PreAction<S> {
    fn from(endpoint: AddEndpoint<S>) -> Self {
        Self(Act::Add(endpoint.spec, endpoint.handler))
    }
}

impl<S> From<Spawn<S>> for PreAction<S> {
    fn from(spawn: Spawn<S>) -> Self {
        Self(Act::Spawn(spawn.spec, spawn.continuation))
    }
}

impl<S> From<AddEndpoint<S>> for ActionTree<S> {
    fn from(endpoint: AddEndpoint<S>) -> Self {
        PreAction::from(endpoint).into()
    }
}

impl<S> From<Spawn<S>> for ActionTree<S> {
    fn from(spawn: Spawn<S>) -> Self {
        PreAction::from(spawn).into()
    }
}

impl<S> crate::process::transition::IntoActionTree<S> for AddEndpoint<S> {
    fn append_to(self, actions: &mut ActionTree<S>) {
        PreAction::from(self).append_to(actions);
    }
    fn into_action_tree(self) -> ActionTree<S> {
        PreAction::from(self).into_action_tree()
    }
}

impl<S> crate::process::transition::IntoActionTree<S> for Spawn<S> {
    fn append_to(self, actions: &mut ActionTree<S>) {
        PreAction::from(self).append_to(actions);
    }
    fn into_action_tree(self) -> ActionTree<S> {
        PreAction::from(self).into_action_tree()
    }
}

#[test]
fn the_box_of_an_endpoint_to_be_is_used_again_and_nothing_of_it_is_left() {
    let place = |spec: &EndpointSpec| std::ptr::from_ref(spec);
    let role = |text: &str| Role::publisher(Topic::from(Value::from(text)));
    let mut first = EndpointSpec::boxed(role("first"));
    let told = std::sync::Arc::new(());
    first.name = Some(crate::data::opaque::Opaque::new(told.clone()).into());
    (first.once, first.counted, first.messages) = (true, true, false);
    let old = place(&first);
    first.retire();
    assert_eq!(std::sync::Arc::strong_count(&told), 1);
    let second = EndpointSpec::boxed(role("second"));
    assert_eq!((place(&second), &second.role, &second.name), (old, &role("second"), &None));
    assert!(!second.once && !second.counted && second.messages && !second.callee && second.ticket.is_none());
}
