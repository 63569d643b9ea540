//! Actions about objects, for any process.

use crate::conversation::called::Called;
use crate::conversation::promise::falling::LetGo;
use crate::conversation::promise::owed::Owed;
use crate::data::message::Message;
use crate::data::reason::{Failure, Reason};
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::process::action::act::{Action, Ask};
use crate::process::action::{Spawn, SpawnSpec};
use crate::process::objects::Object;
use crate::process::objects::answers::{Awaited, GoesOn, read_answer};
use crate::process::objects::asks::{Asker, Told};
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::object::Housed;
use crate::process::objects::pledge::{On, Plan, Pledge, Settled};
use crate::process::objects::table::{Arriving, Objects};
use crate::process::transition::{ActionTree, Transition};
use crate::process::{Booted, Turn};

/// A new process with this object in it, and the reference of the object, which can be used at
/// once: what is sent to it waits until the object is there.
///
/// The process is there as long as somebody has a reference to one of its objects.
///
/// `S` is the state of the process that performs the action. If rustc cannot infer it, the action
/// is not among those that a process asks for, so there would be no object:
///
/// ```compile_fail,E0282
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
///
/// struct Bell;
/// #[object]
/// impl Bell {
///     fn ring(&self) {}
/// }
///
/// fn boot() -> Transition<()> {
///     let (spawn, bell) = spawn_object(Bell);
///     transition_no_state!(tell(|cx| bell.ring(cx))) // `spawn` is missing
/// }
/// ```
pub fn spawn_object<S, O: Object>(object: O) -> (Spawn<S>, Far<O>) {
    let reference = Reference::object_to_be();
    let far = Far::of(reference.clone());
    let arriving = Arriving::new(reference, LetGo::Spawn);
    let spec = SpawnSpec::new(Called::as_written(|| O::NAME), move |pid, outside, context| {
        let mut objects = Objects::new(outside.site.clone(), pid);
        let mut arrives_at = None;
        objects.put(Box::new(Housed(Some(object))), |place| {
            arrives_at = Some(place);
            arriving.reference().downgrade()
        });
        let boot = |_: &mut _| Ok(Transition { state: objects, actions: ActionTree::new() });
        let mut booted = Booted::new(pid, outside.called, context, boot)?;
        if let Some(place) = arrives_at {
            booted.rest.get_or_insert_default().arriving = Some((arriving, place));
        }
        Ok(booted)
    });
    (Spawn { spec, continuation: None }, far)
}

/// Sends a message, and calls `go_on` with the answer, in a later turn of the acting process.
///
/// `send` is called at once, so it may borrow; it may send more than one message. `go_on` is called
/// with the state, and with what the promise that `send` gives is settled with; it gives a
/// transition. As long as it waits, the process stays.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Counter(u64);
///
/// #[object]
/// impl Counter {
///     fn add(&mut self, n: u64) -> u64 {
///         self.0 += n;
///         self.0
///     }
/// }
///
/// let mut sim = Sim::new(|_| {
///     let (spawn, counter) = spawn_object(Counter(0));
///     transition!(
///         0u64,
///         spawn,
///         ask(
///             |cx| {
///                 counter.add(cx, 3);
///                 counter.add(cx, 4)
///             },
///             |_, sum| {
///                 let sum = sum?;
///                 Ok(transition!(sum, send_message!(("sum", sum))))
///             },
///         ),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<(Text, u64)>(), [("sum".into(), 7)]);
/// ```
pub fn ask<S, T, N>(
    send: impl FnOnce(&Asker) -> Promise<T>,
    go_on: impl FnOnce(S, Result<T, Reason>) -> N + Send + 'static,
) -> ActionTree<S>
where
    S: Send + 'static,
    T: Message,
    N: GoesOn<State = S>,
{
    let asker = Asker::new();
    let promise = send(&asker);
    let mut actions = asker.into_actions();
    actions.0.push(when(promise, go_on));
    actions
}

/// Sends messages whose answers nobody waits for. `send` is called at once, so it may borrow.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Bell;
///
/// #[object]
/// impl Bell {
///     fn ring(&self, cx: &Cx<Self>) {
///         cx.act(send_message!("ding"));
///     }
/// }
///
/// let mut sim = Sim::new(|_| {
///     let (spawn, bell) = spawn_object(Bell);
///     transition_no_state!(spawn, tell(|cx| bell.ring(cx)))
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<Text>(), ["ding"]);
/// ```
pub fn tell<S, R: Told>(send: impl FnOnce(&Asker) -> R) -> ActionTree<S> {
    let asker = Asker::new();
    let _ = send(&asker);
    asker.into_actions()
}

/// Calls `go_on` once, in a later turn of the acting process, when the promise is settled: with the
/// state, and with what the promise gives, or the reason for which it is broken. `go_on` gives a
/// transition. As long as it waits, the process stays. [`ask`] is sends and this, in one.
pub fn when<S, P, N>(
    promise: P,
    go_on: impl FnOnce(S, Result<P::Gives, Reason>) -> N + Send + 'static,
) -> Action<S>
where
    S: Send + 'static,
    P: Awaited,
    N: GoesOn<State = S>,
{
    let mut go_on = Some(go_on);
    pledge(promise.awaited(), false, move |turn, got| {
        let Some(go_on) = go_on.take() else { unreachable!("a continuation is called once") };
        let actions =
            turn.transition(|state| go_on(state, read_answer(got)).transition())?.unwrap_or_default();
        Ok(Settled::with(actions))
    })
}

/// Calls `go_on` once, in a later turn of the acting process, when the object is gone: with the
/// state and the reason. That does not keep the object; it keeps the process. An object that goes
/// because nobody has a reference to it any more breaks nothing: `go_on` is not called then.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Glass;
///
/// #[object]
/// impl Glass {
///     fn fall(&self, cx: &Cx<Self>) {
///         cx.act(quit().because(Reason::value(&"the floor is hard".to_string())));
///     }
/// }
///
/// let mut sim = Sim::new(|_| {
///     let (spawn, glass) = spawn_object(Glass);
///     transition!(
///         glass.clone(),
///         spawn,
///         when_broken(&glass, |glass, why| transition!(glass, send_message!(why.to_string()))),
///         tell(|cx| glass.fall(cx)),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<Text>(), ["it is gone (the floor is hard)"]);
/// ```
pub fn when_broken<S, T, N>(far: &Far<T>, go_on: impl FnOnce(S, Reason) -> N + Send + 'static) -> Action<S>
where
    S: Send + 'static,
    T: ?Sized + 'static,
    N: GoesOn<State = S>,
{
    let mut go_on = Some(go_on);
    pledge(far.to_value(), true, move |turn, got| {
        let (Some(go_on), Err(reason)) = (go_on.take(), got) else { return Ok(Settled::nothing()) };
        let reason = reason.clone();
        let actions = turn.transition(|state| go_on(state, reason).transition())?.unwrap_or_default();
        Ok(Settled::with(actions))
    })
}

fn pledge<S>(
    on: Value,
    only_broken: bool,
    run: impl FnMut(&mut Turn<'_, S>, &Result<Value, Reason>) -> Result<Settled<S>, Failure> + Send + 'static,
) -> Action<S> {
    let plan = Plan { on: On::Wanted(on), only_broken, keeps: Slot::NONE, owed: Owed::NOTHING };
    Action(Ask::When(Box::new(Pledge { plan, run })))
}
