//! What a process asks its VM to do.

use std::fmt;
use std::sync::Arc;

use crate::duct::{Back, Duct, Site};
use crate::fresh::Fresh;
use crate::log::Snapshot;
use crate::message::Message;
use crate::pid::Pid;
use crate::process::Context;
use crate::process::{Booted, Turn};
use crate::reason::{Failure, Reason};
use crate::role::Role;
use crate::topic::Topic;
use crate::transition::{ActionTree, IntoTransition};
use crate::value::Value;
use crate::vm::{MAX_LEVELS, Vm};

/// One thing that a process with state `S` asks for.
pub struct Action<S>(pub(crate) Act<S>);

pub(crate) enum Act<S> {
    Pre(Pre<S>),
    Yield(Resume<S>),
    /// Passed on outward by a nested VM for one of its processes.
    Relayed(Box<Relayed<S>>),
    /// Let the log keep the state.
    Peekable(TakeSnapshot<S>),
}

/// An action that a process of a nested VM has at the meta level.
pub(crate) struct Relayed<S> {
    /// The process in the nested VM.
    pub(crate) pid: Pid,
    /// The action's number, and that of the action inside that handed it out.
    pub(crate) id: u64,
    pub(crate) cause: u64,
    pub(crate) pre: Pre<S>,
}

/// An action that can also be performed at the meta level: any but a yield.
pub struct PreAction<S>(pub(crate) Pre<S>);

pub(crate) enum Pre<S> {
    Add(Box<EndpointSpec>, Handler<S>),
    /// The last is called when it is done: for a VM that has to know.
    Delete(Box<Deletion>, Option<Done<S>>),
    Message(Value),
    Feedback(Value),
    Refuse(Box<(Topic, Value)>),
    /// What waits for it is few processes' and boxed once more, so that an action stays small.
    Spawn(Box<SpawnSpec>, Option<Box<Continuation<S>>>),
    Quit(Option<Pid>, Option<Box<Reason>>),
    Pass(Box<Passing>),
    Give(Box<Giving>),
    /// One level out, as drivers speak to their sources: without a box.
    MessageOut(Value),
    FeedbackOut(Value),
    /// Anything else one level out.
    Meta(Box<Self>),
}

/// An endpoint that is to go.
pub(crate) struct Deletion {
    pub(crate) name: Value,
    pub(crate) reason: Reason,
    /// Its process has ended.
    pub(crate) ended: bool,
}

/// What is passed to one process.
pub(crate) struct Passing {
    pub(crate) to: Pid,
    pub(crate) wire: Value,
    pub(crate) body: Value,
    pub(crate) on: On,
}

/// On which duct something is passed.
pub(crate) enum On {
    /// That of the event to which the process answers.
    Event,
    Duct(Duct),
    /// This one: the hop of the process that passes is on it already.
    Pushed(Duct),
}

/// What goes back on a duct.
pub(crate) struct Giving {
    pub(crate) duct: Duct,
    pub(crate) what: Given,
    /// Who gives it, once that is known.
    pub(crate) giver: Option<Back>,
}

impl Giving {
    /// It does not arrive: whoever gave it ends, or whoever brings it.
    pub(crate) fn lose(&self) {
        drop(self.duct.good());
    }
}

pub(crate) enum Given {
    Reply(Value),
    /// There will be no reply.
    Nothing(Reason),
    /// To the giver: its reply did not arrive.
    Returned(Reason),
}

/// A handler that does not see the state: it may say why the process is to end.
pub(crate) type Watch = Box<dyn Fn(&Event<'_>) -> Option<Reason> + Send>;

/// What a handler answers: the actions of the clause that applied, `None` if none did.
pub type Outcome<S> = Result<Option<ActionTree<S>>, Failure>;

pub(crate) type Handler<S> = Box<dyn Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send>;
pub(crate) type Resume<S> =
    Box<dyn FnMut(&mut Turn<'_, S>) -> Result<(ActionTree<S>, Progress), Failure> + Send>;
pub(crate) type TakeSnapshot<S> = fn(&S) -> Snapshot;
/// Called when an endpoint further out has been deleted.
pub(crate) type Done<S> = Box<dyn FnOnce(&mut S, &mut Context) -> ActionTree<S> + Send>;
pub(crate) type Continuation<S> =
    Box<dyn FnOnce(&mut Turn<'_, S>, Result<Pid, Reason>) -> Result<ActionTree<S>, Failure> + Send>;
/// Takes the PID of the new process, and where it is to be. Called once.
pub(crate) type Boot = dyn FnMut(Pid, &Outside<'_>, &mut Context) -> Result<Booted, Reason> + Send;

/// Where a process boots.
pub(crate) struct Outside<'a> {
    /// The VMs around it, from the outside.
    pub(crate) path: &'a Arc<[Pid]>,
    pub(crate) site: &'a Arc<Site>,
    /// Its own name.
    pub(crate) name: Option<&'a Value>,
}

use crate::event::Event;

/// How far a resumed process got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A continuation ran.
    Done,
    /// A nested VM's turn is over.
    VmDone,
    /// A nested VM's turn is not over: it keeps its place.
    VmMore,
}

/// An endpoint to be, without its handler.
pub(crate) struct EndpointSpec {
    pub(crate) name: Option<Value>,
    pub(crate) role: Role,
    pub(crate) once: bool,
    pub(crate) counted: bool,
    /// The handler has something to say to messages.
    pub(crate) messages: bool,
    /// Which of the endpoints that had this name it is, if it is further out and for one message.
    pub(crate) ticket: Option<Fresh>,
}

impl EndpointSpec {
    pub(crate) const fn new(role: Role) -> Self {
        Self { name: None, role, once: false, counted: false, messages: true, ticket: None }
    }
}

/// A process to be, without its parent's continuation.
pub(crate) struct SpawnSpec<B: ?Sized = Boot> {
    pub(crate) name: Option<Value>,
    pub(crate) boot: B,
}

impl SpawnSpec {
    pub(crate) fn new(
        boot: impl FnOnce(Pid, &Outside<'_>, &mut Context) -> Result<Booted, Reason> + Send + 'static,
    ) -> Box<Self> {
        let mut boot = Some(boot);
        let boot = move |pid, outside: &Outside<'_>, context: &mut Context| match boot.take() {
            Some(boot) => boot(pid, outside, context),
            None => unreachable!("a process boots once"),
        };
        Box::new(SpawnSpec { name: None, boot })
    }
}

/// The action that adds an endpoint to the acting process.
///
/// The forms `publisher!`, `subscriber!` and their kin make one; by hand it is a role and a handler:
///
/// ```
/// use marketplace::{AddEndpoint, Message, Role, Symbol, quit};
/// let ping = Symbol::new("ping");
/// let endpoint: AddEndpoint<()> = AddEndpoint::new(Role::subscriber(ping.to_value()), |event, turn| {
///     if event.is_absence() { turn.act(quit()) } else { turn.skip() }
/// });
/// ```
#[must_use = "an action does nothing unless it is returned"]
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
        Self { spec: Box::new(EndpointSpec::new(role)), handler: Box::new(handler) }
    }

    /// Counts its peers per conversation, so that events say which presence is the first and which absence the last.
    pub fn counted(mut self) -> Self {
        self.spec.counted = true;
        self
    }

    /// Says that the handler has nothing to say to messages, or feedback: it is not called for them, so they cost nothing.
    ///
    /// The forms (`subscriber!` and its kin) know it from their clauses.
    ///
    /// ```
    /// use marketplace::{AddEndpoint, Role, Symbol, quit};
    /// let role = Role::observer_of_publishers(Symbol::new("ping"));
    /// let endpoint: AddEndpoint<()> = AddEndpoint::new(role, |event, turn| {
    ///     if event.is_absence() { turn.act(quit()) } else { turn.skip() }
    /// })
    /// .without_messages();
    /// ```
    pub fn without_messages(mut self) -> Self {
        self.spec.messages = false;
        self
    }
}

/// Gives an endpoint a name, by which it can be replaced and deleted.
pub fn name_endpoint<S>(name: impl Into<Value>, mut endpoint: AddEndpoint<S>) -> AddEndpoint<S> {
    endpoint.spec.name = Some(name.into());
    endpoint
}

/// Makes an endpoint that the first message that matches its topic takes: it leaves, hears that message, and its peers hear its absence.
pub fn once<S>(mut endpoint: AddEndpoint<S>) -> AddEndpoint<S> {
    endpoint.spec.once = true;
    endpoint
}

/// The action that makes a new process.
#[must_use = "an action does nothing unless it is returned"]
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
    let spec =
        SpawnSpec::new(|pid, _, context| Booted::new(pid, context, move |_| boot(pid).into_transition()));
    Spawn { spec, continuation: None }
}

/// Makes a nested VM: a process whose state is a VM. `boot` is called with the PID of the VM in its container, and with that of
/// the boot process inside.
pub fn spawn_vm<S, T>(boot: impl FnOnce(Pid, Pid) -> T + Send + 'static) -> Spawn<S>
where
    T: IntoTransition<State: Send + 'static>,
{
    let spec = SpawnSpec::new(|vm_pid, outside, context| {
        let boot = move |boot_pid| boot(vm_pid, boot_pid);
        Booted::new(vm_pid, context, |context| Vm::nested(outside, vm_pid, context, boot))
    });
    Spawn { spec, continuation: None }
}

impl<S> Spawn<S> {
    /// Calls `parent` in the acting process when the child has booted: with the child's PID, or with the reason for which its boot
    /// failed.
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

    /// Gives the new process one more endpoint, of which its boot knows nothing: added when the boot has been called, in the same step, and
    /// there as long as the process lives.
    /// `handler` hears its events; it does not see the state, and may end the process with a reason.
    ///
    /// So who makes a process can watch it, whatever it is: the absence of the endpoint says why the process ended. The process
    /// is no longer dropped when nothing else can happen to it.
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
        mut self,
        role: Role,
        handler: impl Fn(&Event<'_>) -> Option<Reason> + Send + 'static,
    ) -> Self {
        let name = self.spec.name.take();
        let mut spec = SpawnSpec::new(move |pid, outside, context| {
            let mut booted = (self.spec.boot)(pid, outside, context)?;
            booted.add_guest(role, Box::new(handler));
            Ok(booted)
        });
        spec.name = name;
        Self { spec, continuation: self.continuation }
    }
}

/// Gives a process a debug name, which reasons and traces show.
///
/// ```
/// use marketplace::prelude::*;
/// let worker: Spawn<()> = name_process("worker", spawn!(transition_no_state!()));
/// ```
pub fn name_process<S>(name: impl Into<Value>, mut spawn: Spawn<S>) -> Spawn<S> {
    spawn.spec.name = Some(name.into());
    spawn
}

/// Sends a message to every endpoint on the subscribers' side whose topic matches it.
#[must_use = "an action does nothing unless it is returned"]
pub fn send_message<S>(message: &impl Message) -> PreAction<S> {
    PreAction(Pre::Message(message.to_value()))
}

/// Sends feedback to every endpoint on the publishers' side whose topic matches it.
#[must_use = "an action does nothing unless it is returned"]
pub fn send_feedback<S>(message: &impl Message) -> PreAction<S> {
    PreAction(Pre::Feedback(message.to_value()))
}

/// Passes a message to one process, which can answer: the answers come back to the acting process alone, as events that only
/// [`on_reply!`](crate::on_reply) clauses hear, with this wire.
///
/// The message is heard by the process `to` of the same VM (at the meta level: of the container), in the first of its endpoints, in creation
/// order, that subscribes to it and has a clause for it. With it goes the duct of the event to which the acting process answers, with
/// one hop more; [`PreAction::onto`] takes another duct. If nobody hears it, or whoever could answer has gone, the acting process hears the
/// [absence of the duct](crate::Event::is_duct_absence), and why. If it has no clause for that, whoever waits for it on the duct below is told.
#[must_use = "an action does nothing unless it is returned"]
pub fn pass<S>(to: Pid, wire: impl Into<Value>, body: &impl Message) -> PreAction<S> {
    let (wire, body) = (wire.into(), body.to_value());
    PreAction(Pre::Pass(Box::new(Passing { to, wire, body, on: On::Event })))
}

/// Answers on a duct: its top hop is popped, and the process that pushed it hears the answer, wherever in the tower of VMs it is. If it has gone,
/// the acting process hears the [absence of the duct](crate::Event::is_duct_absence).
///
/// The last hop is the host's: what is given on it is the host's to do.
#[must_use = "an action does nothing unless it is returned"]
pub fn give<S>(duct: &Duct, body: &impl Message) -> PreAction<S> {
    let what = Given::Reply(body.to_value());
    PreAction(Pre::Give(Box::new(Giving { duct: duct.clone(), what, giver: None })))
}

/// Ends the acting process, or with [`PreAction::pid`] another one; [`PreAction::because`] says why.
#[must_use = "an action does nothing unless it is returned"]
pub const fn quit<S>() -> PreAction<S> {
    PreAction(Pre::Quit(None, None))
}

/// Deletes the acting process's endpoint of this name; [`PreAction::because`] says why. Does nothing if there is none.
#[must_use = "an action does nothing unless it is returned"]
pub fn delete_endpoint<S>(name: impl Into<Value>) -> PreAction<S> {
    let (name, reason) = (name.into(), Reason::Normal);
    PreAction(Pre::Delete(Box::new(Deletion { name, reason, ended: false }), None))
}

/// Says no to everyone who would see a publisher of this topic: they hear its absence, refused, without any presence before. Who has no clause
/// for it ends with that reason.
#[must_use = "an action does nothing unless it is returned"]
pub fn refuse<S>(topic: impl Into<Topic>, why: impl Into<Value>) -> PreAction<S> {
    PreAction(Pre::Refuse(Box::new((topic.into(), why.into()))))
}

/// Lets every other process have its turn first: `next` is called after everything that is queued by then.
#[must_use = "an action does nothing unless it is returned"]
pub fn yield_now<S, T>(next: impl FnOnce(S) -> T + Send + 'static) -> Action<S>
where
    T: IntoTransition<State = S>,
{
    let mut next = Some(next);
    Action(Act::Yield(Box::new(move |turn| match next.take() {
        Some(next) => Ok((turn.transition(next)?.unwrap_or_default(), Progress::Done)),
        None => unreachable!("a continuation is resumed once"),
    })))
}

/// Lets the [log](crate::log::Log), while it is on, keep the acting process's state as it is before each of its turns from now on, so that one
/// can [look back](crate::log::Log::peek). Each costs a clone of the state.
#[must_use = "an action does nothing unless it is returned"]
pub fn peekable<S: Clone + fmt::Debug + Send + Sync + 'static>() -> Action<S> {
    Action(Act::Peekable(|state| Snapshot::new(state.clone())))
}

/// Performs these actions at the meta level: in the network that the acting process's VM is itself a process of.
#[must_use = "an action does nothing unless it is returned"]
pub fn at_meta_level<S>(actions: impl IntoPreActions<S>) -> ActionTree<S> {
    let mut tree = ActionTree::new();
    actions.each(&mut |action| tree.0.push(action.at_meta_level().into()));
    tree
}

impl<S> PreAction<S> {
    /// Says why: for [`quit`] and [`delete_endpoint`], of which absences tell the reason.
    ///
    /// # Panics
    /// If the action ends nothing and so has no reason.
    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self(match self.0 {
            Pre::Quit(pid, _) => Pre::Quit(pid, Some(Box::new(reason))),
            Pre::Delete(mut delete, done) => {
                delete.reason = reason;
                Pre::Delete(delete, done)
            }
            Pre::Meta(inner) => Pre::Meta(Box::new(Self(*inner).because(reason).0)),
            other => {
                panic!("{other:?} ends nothing: only `quit` and `delete_endpoint` have a reason")
            }
        })
    }

    /// Says which process is to end, for [`quit`].
    ///
    /// # Panics
    /// If the action is not a quit.
    #[must_use]
    pub fn pid(self, pid: Pid) -> Self {
        Self(match self.0 {
            Pre::Quit(_, reason) => Pre::Quit(Some(pid), reason),
            Pre::Meta(inner) => Pre::Meta(Box::new(Self(*inner).pid(pid).0)),
            other => panic!("{other:?} ends no process: only `quit` has a PID"),
        })
    }

    /// Says on which duct a [`pass`] goes, instead of that of the event at hand; on [`Duct::EMPTY`] it starts a new one.
    ///
    /// # Panics
    /// If the action passes nothing.
    #[must_use]
    pub fn onto(self, duct: &Duct) -> Self {
        Self(match self.0 {
            Pre::Pass(mut passing) => {
                passing.on = On::Duct(duct.clone());
                Pre::Pass(passing)
            }
            Pre::Meta(inner) => Pre::Meta(Box::new(Self(*inner).onto(duct).0)),
            other => panic!("{other:?} goes on no duct: only `pass` does"),
        })
    }

    /// This action one level further out. Calls nest: n calls act n levels out.
    ///
    /// # Panics
    /// If no VM is so deep that it could be performed: further out than [`MAX_LEVELS`] and the host.
    #[must_use]
    pub fn at_meta_level(self) -> Self {
        assert!(
            self.0.levels() <= MAX_LEVELS,
            "an action goes at most {MAX_LEVELS} levels out, and to the host"
        );
        Self(match self.0 {
            Pre::Message(body) => Pre::MessageOut(body),
            Pre::Feedback(body) => Pre::FeedbackOut(body),
            other => Pre::Meta(Box::new(other)),
        })
    }
}

impl<S> Pre<S> {
    /// How many levels out it is to be performed.
    fn levels(&self) -> usize {
        match self {
            Self::Meta(inner) => inner.levels() + 1,
            Self::MessageOut(_) | Self::FeedbackOut(_) => 1,
            _ => 0,
        }
    }

    /// What is to be performed there.
    pub(crate) fn innermost(&self) -> &Self {
        match self {
            Self::Meta(inner) => inner.innermost(),
            here => here,
        }
    }
}

/// Whatever can stand for actions at the meta level: like [`IntoActionTree`](crate::IntoActionTree), without yields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be performed at the meta level",
    label = "expected an action that is not a yield, or an `Option`, `Vec`, array or tuple of such actions",
    note = "a process yields to the other processes of its own VM"
)]
pub trait IntoPreActions<S>: Sized {
    /// Calls `each` with every action, in order.
    fn each(self, each: &mut dyn FnMut(PreAction<S>));
}

impl<S> IntoPreActions<S> for PreAction<S> {
    fn each(self, each: &mut dyn FnMut(Self)) {
        each(self);
    }
}

impl<S> IntoPreActions<S> for AddEndpoint<S> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        each(self.into());
    }
}

impl<S> IntoPreActions<S> for Spawn<S> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        each(self.into());
    }
}

impl<S> IntoPreActions<S> for () {
    fn each(self, _: &mut dyn FnMut(PreAction<S>)) {}
}

impl<S, T: IntoPreActions<S>> IntoPreActions<S> for Option<T> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        if let Some(actions) = self {
            actions.each(each);
        }
    }
}

impl<S, T: IntoPreActions<S>> IntoPreActions<S> for Vec<T> {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        self.into_iter().for_each(|actions| actions.each(each));
    }
}

impl<S, T: IntoPreActions<S>, const N: usize> IntoPreActions<S> for [T; N] {
    fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
        self.into_iter().for_each(|actions| actions.each(each));
    }
}

macro_rules! tuples {
    ($(($($type:ident)*))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<S, $($type: IntoPreActions<S>),*> IntoPreActions<S> for ($($type,)*) {
            #[allow(non_snake_case, reason = "the variables are named after their types")]
            fn each(self, each: &mut dyn FnMut(PreAction<S>)) {
                let ($($type,)*) = self;
                $($type.each(each);)*
            }
        }
    )*};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
    (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

impl<S> From<AddEndpoint<S>> for PreAction<S> {
    fn from(endpoint: AddEndpoint<S>) -> Self {
        Self(Pre::Add(endpoint.spec, endpoint.handler))
    }
}

impl<S> From<Spawn<S>> for PreAction<S> {
    fn from(spawn: Spawn<S>) -> Self {
        Self(Pre::Spawn(spawn.spec, spawn.continuation))
    }
}

impl<S> From<PreAction<S>> for Action<S> {
    #[inline]
    fn from(action: PreAction<S>) -> Self {
        Self(Act::Pre(action.0))
    }
}

impl<S> crate::transition::IntoActionTree<S> for AddEndpoint<S> {
    fn append_to(self, actions: &mut ActionTree<S>) {
        PreAction::from(self).append_to(actions);
    }
}

impl<S> crate::transition::IntoActionTree<S> for Spawn<S> {
    fn append_to(self, actions: &mut ActionTree<S>) {
        PreAction::from(self).append_to(actions);
    }
}

impl<S> fmt::Debug for Pre<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(spec, _) => write!(f, "add endpoint {spec:?}"),
            Self::Delete(delete, _) => write!(f, "delete endpoint {} ({})", delete.name, delete.reason),
            Self::Message(body) => write!(f, "send message {body}"),
            Self::Feedback(body) => write!(f, "send feedback {body}"),
            Self::Refuse(refusal) => write!(f, "refuse {} ({})", refusal.0, refusal.1),
            Self::Spawn(spec, _) => write!(f, "spawn {spec:?}"),
            Self::Quit(pid, reason) => {
                f.write_str("quit")?;
                if let Some(pid) = pid {
                    write!(f, " {pid}")?;
                }
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Self::Pass(passing) => write!(f, "{passing:?}"),
            Self::Give(giving) => write!(f, "{giving:?}"),
            Self::MessageOut(body) => write!(f, "at meta level: send message {body}"),
            Self::FeedbackOut(body) => write!(f, "at meta level: send feedback {body}"),
            Self::Meta(inner) => write!(f, "at meta level: {inner:?}"),
        }
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pass {} to {} on {}", self.body, self.to, self.wire)
    }
}

impl fmt::Debug for Giving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Given::Reply(body) => write!(f, "give {body}"),
            Given::Nothing(reason) => write!(f, "give no reply ({reason})"),
            Given::Returned(reason) => write!(f, "return a reply that did not arrive ({reason})"),
        }
    }
}

impl fmt::Debug for EndpointSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name} ")?;
        }
        if self.once {
            f.write_str("once ")?;
        }
        fmt::Display::fmt(&self.role, f)
    }
}

impl fmt::Debug for SpawnSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => fmt::Debug::fmt(name, f),
            None => f.write_str("process"),
        }
    }
}

impl<S> fmt::Debug for Action<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Act::Pre(pre) => fmt::Debug::fmt(pre, f),
            Act::Relayed(relayed) => fmt::Debug::fmt(&relayed.pre, f),
            Act::Yield(_) => f.write_str("yield"),
            Act::Peekable(_) => f.write_str("peekable"),
        }
    }
}

impl<S> fmt::Debug for PreAction<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<S> fmt::Debug for AddEndpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.spec, f)
    }
}

impl<S> fmt::Debug for Spawn<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.spec, f)
    }
}
