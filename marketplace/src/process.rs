//! A process: its state, its handlers, and the turns it takes.

use std::any::Any;
use std::sync::Arc;

use crate::action::{
    Act, Action, Answered, Continuation, Done, EndpointSpec, Handler, On, Outcome, Pre, Progress, Relayed,
    Resume, TakeSnapshot, Watch, quit,
};
use crate::door;
use crate::duct::Duct;
use crate::error::VmError;
use crate::event::Event;
use crate::few::Few;
use crate::log::Snapshot;
use crate::nested::lift;
use crate::pid::Pid;
use crate::queue::{Ending, Lane, Under, Work};
use crate::reason::{Failed, Failure, Reason};
use crate::recorder::Recorder;
use crate::role::Role;
use crate::slots::{OneInline, Slots};
use crate::trace::Trace;
use crate::transition::{ActionTree, IntoActionTree, IntoTransition, Transition};
use crate::value::Value;
use crate::vm::Vm;

/// What goes down with a turn, from the outermost VM to whoever takes it.
pub(crate) struct Context {
    /// The turn that is running, the cause of what it does; and what caused it.
    pub(crate) turn: u64,
    pub(crate) cause: u64,
    /// The action that is being performed, and the turn that asked for it.
    pub(crate) action: (u64, u64),
    /// Logical time: the stamp of the last turn.
    pub(crate) stamp: u64,
    /// How many innermost actions may still be performed.
    pub(crate) budget: usize,
    pub(crate) recorder: Recorder,
    /// The processes that have ended, until the host asks.
    pub(crate) exits: Vec<Exit>,
}

impl Context {
    pub(crate) fn new(trace: Option<Trace>) -> Self {
        Self {
            turn: 0,
            cause: 0,
            action: (0, 0),
            stamp: 0,
            budget: 0,
            recorder: Recorder::new(trace),
            exits: Vec::new(),
        }
    }

    /// The stamp of a turn that begins.
    #[inline]
    pub(crate) fn tick(&mut self, turn: u64) -> u64 {
        self.stamp += 1;
        door::note_turn(turn, self.stamp);
        self.stamp
    }

    /// The turn behind a cause, which is the action that is being performed or the turn of a VM around.
    pub(crate) const fn turn_behind(&self, cause: u64) -> u64 {
        if cause == self.action.0 { self.action.1 } else { cause }
    }

    /// Does `work` as the turn of this number, with this cause.
    #[inline]
    pub(crate) fn turn<R>(&mut self, turn: u64, cause: u64, work: impl FnOnce(&mut Self) -> R) -> R {
        let (outer_turn, outer_cause) = (self.turn, self.cause);
        (self.turn, self.cause) = (turn, cause);
        let result = work(self);
        (self.turn, self.cause) = (outer_turn, outer_cause);
        result
    }
}

/// A process that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exit {
    /// The VMs around it, from the outside: empty for a process of the ground VM.
    pub vm: Arc<[Pid]>,
    /// Its PID.
    pub pid: Pid,
    /// Its debug name.
    pub name: Option<Value>,
    /// Why it ended.
    pub reason: Reason,
}

/// A process's turn, as its handler sees it: the state, and ways to answer.
///
/// A handler answers with one of [`Turn::act`], [`Turn::transition`] and [`Turn::skip`].
pub struct Turn<'t, S> {
    state: &'t mut Option<S>,
    pub(crate) context: &'t mut Context,
}

impl<'t, S> Turn<'t, S> {
    pub(crate) fn new(state: &'t mut Option<S>, context: &'t mut Context) -> Self {
        Self { state, context }
    }

    /// The process's state.
    #[must_use]
    pub fn state(&self) -> &S {
        self.state.as_ref().unwrap_or_else(|| unreachable!("a turn has a state"))
    }

    #[inline]
    pub(crate) fn state_and_context(&mut self) -> (&mut S, &mut Context) {
        let state = self.state.as_mut().unwrap_or_else(|| unreachable!("a turn has a state"));
        (state, self.context)
    }

    /// The number of this turn, which is the cause of what it asks for.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.context.turn
    }

    /// The number of the action or turn that caused this turn; 0 for the host.
    #[must_use]
    pub fn cause(&self) -> u64 {
        self.context.cause
    }

    /// Answers with actions; the state stays.
    ///
    /// # Errors
    /// None: the type is that of every answer.
    pub fn act(&self, actions: impl IntoActionTree<S>) -> Outcome<S> {
        Ok(Some(actions.into_action_tree()))
    }

    /// Answers with a transition from the present state.
    ///
    /// # Errors
    /// With the reason, if there is no transition: the process ends with it.
    pub fn transition<T: IntoTransition<State = S>>(&mut self, next: impl FnOnce(S) -> T) -> Outcome<S> {
        let Transition { state, actions } = next(self.take()).into_transition()?;
        self.put(state);
        Ok(Some(actions))
    }

    /// Says that no clause applies.
    ///
    /// # Errors
    /// None: the type is that of every answer.
    pub fn skip(&self) -> Outcome<S> {
        Ok(None)
    }

    /// Moves the state out, for a handler that puts one back before it returns or fails.
    #[doc(hidden)]
    pub fn take(&mut self) -> S {
        self.state.take().unwrap_or_else(|| unreachable!("a turn has a state"))
    }

    #[doc(hidden)]
    pub fn put(&mut self, state: S) {
        *self.state = Some(state);
    }
}

/// A process whose state's type is forgotten: the one place where it is.
pub(crate) trait ErasedProcess: Send {
    /// Calls a handler. Says whether a clause applied.
    fn hear(
        &mut self,
        handler: u32,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<bool, Failed>;
    /// Calls what a yield left, or a nested VM.
    fn resume(&mut self, kept: u32, lane: &mut Lane<'_>, context: &mut Context) -> Result<Progress, Failed>;
    /// Calls what waits for a child.
    fn proceed(
        &mut self,
        kept: u32,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed>;
    /// Calls what waits for a deletion: kernel code, so no turn.
    fn deleted(&mut self, kept: u32, lane: &mut Lane<'_>, context: &mut Context);
    /// Takes a handler that does not see the state.
    fn adopt(&mut self, watch: Watch) -> u32;
    /// Drops a handler, or what a yield or spawn left.
    fn release_handler(&mut self, handler: u32) -> Result<(), Failed>;
    fn release_kept(&mut self, kept: u32) -> Result<(), Failed>;
    /// Drops the state of a process that failed.
    fn release_state(&mut self) -> Result<(), Failed>;
    /// The state as it is now, if the process lets others look.
    fn snapshot(&self) -> Option<Snapshot>;
    fn as_any(&mut self) -> &mut dyn Any;
}

pub(crate) struct Process<S> {
    /// Empty once the process has failed.
    state: Option<S>,
    handlers: Slots<Handler<S>, OneInline<Handler<S>>>,
    kept: Slots<Kept<S>>,
    peek: Option<TakeSnapshot<S>>,
}

/// The duct of the event to which actions answer.
#[derive(Clone, Copy)]
struct AnswersOn<'d> {
    duct: &'d Duct,
    /// The same, if none of them gives an answer on it.
    unanswered: &'d Duct,
}

impl<'d> AnswersOn<'d> {
    const NOTHING: AnswersOn<'static> = AnswersOn { duct: &NO_DUCT, unanswered: &NO_DUCT };

    fn new<S>(duct: &'d Duct, actions: &[Action<S>]) -> Self {
        let gives = |Action(action): &Action<S>| match action {
            Act::Pre(Pre::Give(giving)) => giving.duct.identity() == duct.identity(),
            _ => false,
        };
        let unanswered = if duct.is_empty() || actions.iter().any(gives) { &NO_DUCT } else { duct };
        Self { duct, unanswered }
    }
}

/// That of turns to which no event led.
static NO_DUCT: Duct = Duct::EMPTY;

/// A transition's yields: they are queued behind its other actions, wherever in it they stand.
type Yields<S> = Few<Resume<S>>;

/// Called once, later.
enum Kept<S> {
    Resume(Resume<S>),
    Continuation(Continuation<S>),
    Done(Done<S>),
}

impl<S: Send + 'static> Process<S> {
    /// Calls user code, and leaves what it answers to the caller; [`ErasedProcess::hear`] is the other place where that is done.
    fn call<T>(
        state: &mut Option<S>,
        context: &mut Context,
        user: impl FnOnce(&mut Turn<'_, S>) -> Result<T, Failure>,
    ) -> Result<T, Failed> {
        door::enter(|| user(&mut Turn::new(state, context)))?.map_err(Failed::from)
    }

    /// A handler that came from elsewhere is called in this process. Says whether a clause applied.
    pub(crate) fn hear_with(
        &mut self,
        handler: &Handler<S>,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<bool, Failed> {
        let answered = door::enter(|| handler(event, &mut Turn::new(&mut self.state, context)))?;
        self.answer(answered, event.duct(), lane)
    }

    /// Queues what a handler answered. Says whether a clause applied.
    #[inline(always)]
    fn answer(&mut self, answered: Answered<S>, duct: &Duct, lane: &mut Lane<'_>) -> Result<bool, Failed> {
        match answered {
            // What most handlers answer goes the shortest way.
            Ok(Some(ActionTree(Few::One(Action(Act::Pre(Pre::Message(body))))))) => {
                match lane.push_message(body) {
                    Ok(()) => Ok(true),
                    Err(body) => self
                        .queue(ActionTree::one(Action(Act::Pre(Pre::Message(body)))), duct, lane)
                        .map(|()| true),
                }
            }
            Ok(Some(ActionTree(Few::None))) => Ok(true),
            Ok(Some(actions)) => self.queue(actions, duct, lane).map(|()| true),
            Ok(None) => Ok(false),
            Err(reason) => Err(reason),
        }
    }

    /// What waits for a deletion, here or elsewhere, is called with this process's state.
    pub(crate) fn deleted_with(&mut self, done: Done<S>, lane: &mut Lane<'_>, context: &mut Context) {
        let Some(state) = &mut self.state else { return };
        let actions = done(state, context);
        // A place in the queue at most, which is never too many.
        let _ = self.queue(actions, &NO_DUCT, lane);
    }

    /// Queues what the kernel asks for in the name of a VM.
    pub(crate) fn queue_place(&mut self, actions: ActionTree<S>, lane: &mut Lane<'_>) {
        // A place in the queue at most, which is never too many.
        let _ = self.queue(actions, &NO_DUCT, lane);
    }

    pub(crate) const fn state_mut(&mut self) -> Option<&mut S> {
        self.state.as_mut()
    }

    /// A continuation that came from elsewhere is called in this process.
    pub(crate) fn proceed_with(
        &mut self,
        continuation: Continuation<S>,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        let actions = Self::call(&mut self.state, context, |turn| continuation(turn, child))?;
        self.queue(actions, &NO_DUCT, lane)
    }

    /// `duct`: that of the event to which these actions answer.
    #[inline(never)]
    fn queue(&mut self, actions: ActionTree<S>, duct: &Duct, lane: &mut Lane<'_>) -> Result<(), Failed> {
        if let Err(limit) = lane.room_for(actions.len()) {
            door::dispose_each(actions.0.into_vec())?;
            return Err(Box::new(Reason::error(VmError::QueueFull { limit })));
        }
        let on = AnswersOn::new(duct, actions.0.as_slice());
        let mut yields = Yields::None;
        actions.0.each(|Action(action)| {
            if let Some(resume) = self.queue_one(action, on, lane) {
                yields.push(resume);
            }
        });
        yields.each(|resume| lane.push(self.keep(resume)));
        Ok(())
    }

    /// Queues an action; a yield comes back, since it is queued last.
    #[inline]
    fn queue_one(&mut self, action: Act<S>, on: AnswersOn<'_>, lane: &mut Lane<'_>) -> Option<Resume<S>> {
        match action {
            Act::Pre(pre) => lane.push(self.lower(pre, on, lane.pid)),
            Act::Yield(resume) => return Some(resume),
            Act::Peekable(peek) => self.peek = Some(peek),
            Act::Relayed(relayed) => {
                let Relayed { id, cause, pre, .. } = *relayed;
                let work = self.lower(pre, on, lane.pid);
                lane.push_numbered(id, cause, work);
            }
        }
        None
    }

    /// What a process does first.
    #[inline(never)]
    fn lower_all(&mut self, first: Few<Action<S>>, pid: Pid) -> Few<Work> {
        let (mut actions, mut yields) = (Few::None, Yields::None);
        first.each(|Action(action)| match action {
            Act::Pre(pre) => actions.push(self.lower(pre, AnswersOn::NOTHING, pid)),
            Act::Yield(resume) => yields.push(resume),
            Act::Peekable(peek) => self.peek = Some(peek),
            Act::Relayed(..) => unreachable!("a booting VM has performed nothing"),
        });
        yields.each(|resume| actions.push(self.keep(resume)));
        actions
    }

    fn keep(&mut self, resume: Resume<S>) -> Work {
        Work::Resume(Under::new(self.kept.insert(Kept::Resume(resume))), None)
    }

    /// Takes what is typed out of an action: handlers and continuations stay here.
    #[inline]
    fn lower(&mut self, pre: Pre<S>, on: AnswersOn<'_>, pid: Pid) -> Work {
        match pre {
            Pre::Message(body) => Work::Message(body),
            Pre::Feedback(body) => Work::Feedback(body),
            Pre::Add(spec, handler) => Work::Add(spec, Under::new(self.handlers.insert(handler))),
            Pre::Delete(delete, done) => {
                Work::Delete(delete, done.map(|done| Under::new(self.kept.insert(Kept::Done(done)))))
            }
            Pre::Refuse(refusal) => Work::Refuse(refusal),
            Pre::Spawn(spec, None) => Work::Spawn(spec, None),
            Pre::Spawn(spec, Some(parent)) => {
                Work::Spawn(spec, Some(Under::new(self.kept.insert(Kept::Continuation(*parent)))))
            }
            Pre::Quit(pid, reason) => {
                let instead = (pid.is_none() && !on.unanswered.is_empty()).then(|| on.unanswered.clone());
                let reason = reason.map(|reason| *reason);
                let says_more = reason.is_some() || instead.is_some();
                Work::Quit(pid, says_more.then(|| Box::new(Ending { reason, instead })))
            }
            Pre::Pass(mut passing) => {
                if let On::Event = passing.on {
                    passing.on = On::Duct(on.duct.clone());
                }
                Work::Pass(passing)
            }
            Pre::Give(giving) => Work::Give(giving),
            Pre::MessageOut(body) => Work::MessageOut(body),
            Pre::FeedbackOut(body) => Work::FeedbackOut(body),
            Pre::Meta(mut inner) => {
                let mut innermost = &mut *inner;
                while let Pre::Meta(next) = innermost {
                    innermost = next;
                }
                if let Pre::Pass(passing) = innermost
                    && let On::Event = passing.on
                {
                    passing.on = On::Duct(on.duct.clone());
                }
                Work::Meta(Box::new(lift(*inner, pid, 1)))
            }
        }
    }
}

impl<S: Send + 'static> ErasedProcess for Process<S> {
    #[inline]
    fn hear(
        &mut self,
        handler: u32,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<bool, Failed> {
        // What comes out of the door is small: the answer is taken apart where it is.
        door::enter(|| {
            let Some(handler) = self.handlers.get(handler) else {
                unreachable!("an endpoint's handler is there as long as the endpoint")
            };
            let answered = handler(event, &mut Turn::new(&mut self.state, context));
            self.answer(answered, event.duct(), lane)
        })?
    }

    fn resume(&mut self, kept: u32, lane: &mut Lane<'_>, context: &mut Context) -> Result<Progress, Failed> {
        let Some(Kept::Resume(resume)) = self.kept.get_mut(kept) else {
            unreachable!("a queued yield has its continuation")
        };
        let (actions, progress) = Self::call(&mut self.state, context, |turn| resume(turn))?;
        if progress != Progress::VmMore {
            self.release_kept(kept)?;
        }
        self.queue(actions, &NO_DUCT, lane).map(|()| progress)
    }

    fn proceed(
        &mut self,
        kept: u32,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed> {
        match self.kept.remove(kept) {
            Some(Kept::Continuation(continuation)) => self.proceed_with(continuation, child, lane, context),
            _ => unreachable!("a queued spawn has its continuation"),
        }
    }

    fn deleted(&mut self, kept: u32, lane: &mut Lane<'_>, context: &mut Context) {
        match self.kept.remove(kept) {
            Some(Kept::Done(done)) => self.deleted_with(done, lane, context),
            _ => unreachable!("a queued deletion has what waits for it"),
        }
    }

    fn adopt(&mut self, watch: Watch) -> u32 {
        self.handlers.insert(Box::new(move |event, _| {
            // Answers are for the process.
            if event.reply().is_some() || event.is_duct_absence() {
                return Ok(None);
            }
            Ok(match watch(event) {
                Some(reason) => Some(quit().because(reason).into_action_tree()),
                None => event.is_refusal().then(ActionTree::new),
            })
        }))
    }

    fn release_handler(&mut self, handler: u32) -> Result<(), Failed> {
        door::dispose(self.handlers.remove(handler))
    }

    fn release_kept(&mut self, kept: u32) -> Result<(), Failed> {
        door::dispose(self.kept.remove(kept))
    }

    fn release_state(&mut self) -> Result<(), Failed> {
        door::dispose(self.state.take())
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let (peek, state) = (self.peek?, self.state.as_ref()?);
        // A state that fails to be cloned is not kept: looking on changes nothing.
        door::look_on(|| peek(state)).ok()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl<S> Drop for Process<S> {
    /// Everything goes through the door by itself, so that several destructors can fail. The process has ended: they fail nobody.
    fn drop(&mut self) {
        let _ = door::dispose(self.state.take());
        if self.handlers.len() > 0 {
            let _ = door::dispose_each(self.handlers.drain());
        }
        if self.kept.len() > 0 {
            let _ = door::dispose_each(self.kept.drain());
        }
    }
}

/// A process that has booted, and its first actions, not queued yet.
pub(crate) struct Booted {
    pub(crate) body: Box<dyn ErasedProcess>,
    pub(crate) actions: Few<Work>,
    /// Endpoints that who spawns the process gives it.
    pub(crate) guests: Vec<Work>,
}

impl Booted {
    /// Calls a boot.
    pub(crate) fn new<S: Send + 'static>(
        pid: Pid,
        context: &mut Context,
        boot: impl FnOnce(&mut Context) -> Result<Transition<S>, Failure>,
    ) -> Result<Self, Reason> {
        let transition =
            door::enter(|| boot(context)).map_err(|failed| *failed)?.map_err(|Failure(reason)| reason)?;
        let mut process = Box::new(Process {
            state: Some(transition.state),
            handlers: Slots::new(),
            kept: Slots::new(),
            peek: None,
        });
        let actions = match transition.actions.0 {
            // What most processes begin with goes the shortest way.
            Few::One(Action(Act::Pre(pre))) => Few::One(process.lower(pre, AnswersOn::NOTHING, pid)),
            actions => process.lower_all(actions, pid),
        };
        Ok(Self { body: process, actions, guests: Vec::new() })
    }

    /// One more endpoint, of which the process knows nothing.
    pub(crate) fn add_guest(&mut self, role: Role, watch: Watch) {
        let handler = self.body.adopt(watch);
        self.guests.push(Work::Add(Box::new(EndpointSpec::new(role)), Under::new(handler)));
    }
}

/// A nested VM's process is one like any other.
const _: fn() = || {
    fn is_process<P: ErasedProcess>() {}
    is_process::<Process<Vm>>();
};
