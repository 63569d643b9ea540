//! An object asks for things while it is called.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use crate::conversation::pid::Pid;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::{OfObject, Target};
use crate::data::message::Message;
use crate::data::reason::{Failure, Reason};
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::process::Turn;
use crate::process::action::act::{Act, Action, Ask};
use crate::process::objects::act::entering;
use crate::process::objects::answers::{Awaited, Continues, read};
use crate::process::objects::asks::{Asks, Request};
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::forms::spawn_object;
use crate::process::objects::object::{ErasedObject, Heard, Housed, Object};
use crate::process::objects::pledge::{On, Pledge, Settled};
use crate::process::objects::resolver::{Resolver, promise};
use crate::process::objects::table::Objects;
use crate::process::transition::{ActionTree, IntoActionTree};

/// An object asks for things by this while it is called: it is the `cx` of its methods.
///
/// It is lent by shared reference, so that sends nest (`a.pay(cx, b.quote(cx))`) and stand in
/// iterators and closures.
pub struct Cx<'a, O: ?Sized> {
    core: &'a Core,
    me: &'a Reference,
    /// Where this object is.
    slot: Slot<OfObject>,
    object: PhantomData<fn(Box<O>)>,
}

/// A call of an object: what it asks for, and of whom.
pub(crate) struct Core {
    /// In one cell, so that rustc tells once, by this name, that a closure which runs later cannot
    /// have a `cx`.
    turn: RefCell<OnlyForThisTurn>,
    pid: Pid,
}

/// The other objects of the process, and what is asked for.
struct OnlyForThisTurn {
    objects: Option<Objects>,
    asked: ActionTree<Objects>,
    /// Set while an object is called whose errors undo the turn.
    undo: Option<Undo>,
    undoes: bool,
}

/// The objects as they were before the turn.
#[derive(Default)]
struct Undo {
    before: Vec<(Slot<OfObject>, Box<dyn ErasedObject>)>,
    made: Vec<Slot<OfObject>>,
}

/// A call of an object of the same process was not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotNear {
    /// The object is in another process.
    #[error("the object is in another process")]
    Elsewhere,
    /// The object is being called.
    #[error("the object is being called")]
    Busy,
    /// The object is not there yet, or has gone.
    #[error("the object is not there")]
    NotThere,
    /// The object is of another type.
    #[error("the object is of another type")]
    OfAnotherType,
}

impl Core {
    fn new(objects: Objects) -> Self {
        let pid = objects.pid();
        let turn =
            OnlyForThisTurn { objects: Some(objects), asked: ActionTree::new(), undo: None, undoes: false };
        Self { turn: RefCell::new(turn), pid }
    }

    fn with_objects<R>(&self, work: impl FnOnce(&mut Objects) -> R) -> R {
        match &mut self.turn.borrow_mut().objects {
            Some(objects) => work(objects),
            None => unreachable!("the objects are there while one is called"),
        }
    }

    pub(super) fn push(&self, ask: Ask<Objects>) {
        self.turn.borrow_mut().asked.0.push_to(Action(ask), || LIST.with(Cell::take));
    }

    pub(super) fn push_all(&self, actions: ActionTree<Objects>) {
        actions.append_to(&mut self.turn.borrow_mut().asked);
    }

    /// Notes an object as it is before it is called, if an error of it undoes the turn.
    pub(super) fn note_before(&self, slot: Slot<OfObject>, object: &dyn ErasedObject, outermost: bool) {
        let undoing = self.turn.borrow().undo.is_some();
        if (outermost || undoing)
            && let Some(before) = object.backup()
        {
            let mut turn = self.turn.borrow_mut();
            turn.undoes |= outermost;
            let undo = turn.undo.get_or_insert_default();
            if undo.before.iter().all(|(noted, _)| *noted != slot) {
                undo.before.push((slot, before));
            }
        }
    }

    /// Undoes the turn.
    fn undo(&self) {
        if !self.turn.borrow().undoes {
            return;
        }
        let asked = std::mem::take(&mut self.turn.borrow_mut().asked);
        drop(asked);
        let Some(Undo { before, made }) = self.turn.borrow_mut().undo.take() else { return };
        let dropped: Vec<_> = self.with_objects(|objects| {
            before.into_iter().for_each(|(slot, object)| objects.give_back(slot, object));
            made.into_iter().map(|slot| objects.unmake(slot)).collect()
        });
        drop(dropped);
    }
}

thread_local! {
    /// An empty list for what a call asks for, if it is more than one thing.
    static LIST: Cell<Vec<Action<Objects>>> = const { Cell::new(Vec::new()) };
}

/// A list that is empty now may be used for another call.
#[inline]
pub(super) fn keep_list<S: 'static>(mut list: Vec<Action<S>>) {
    const LARGEST: usize = 64;
    if (1..=LARGEST).contains(&list.capacity())
        && let Some(list) = (&mut list as &mut dyn Any).downcast_mut::<Vec<Action<Objects>>>()
    {
        LIST.with(|kept| kept.set(std::mem::take(list)));
    }
}

/// Calls an object of a process: `slot` says which, `call` what it is to do. `None`: it is not
/// there.
#[inline]
pub(super) fn call<R>(
    state: &mut Option<Objects>,
    slot: Slot<OfObject>,
    call: impl FnOnce(&mut dyn ErasedObject, &Core) -> Result<R, Failure>,
) -> Option<(ActionTree<Objects>, Result<R, Failure>)> {
    let mut objects = state.take()?;
    let Some(mut object) = objects.lend(slot) else {
        *state = Some(objects);
        return None;
    };
    let mut lent = Lent { core: Core::new(objects), home: state };
    let result = call(&mut *object, &lent.core);
    lent.core.with_objects(|objects| objects.give_back(slot, object));
    if result.is_err() {
        lent.core.undo();
    }
    let asked = std::mem::take(&mut lent.core.turn.get_mut().asked);
    Some((asked, result))
}

/// The objects, while one is called. They go back also if the call panics.
struct Lent<'s> {
    core: Core,
    home: &'s mut Option<Objects>,
}

impl Drop for Lent<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.home = self.core.turn.get_mut().objects.take();
    }
}

impl<'a, O: ?Sized> Cx<'a, O> {
    #[inline]
    pub(super) const fn new(core: &'a Core, me: &'a Reference, slot: Slot<OfObject>) -> Self {
        Self { core, me, slot, object: PhantomData }
    }
}

impl<O: ?Sized> Asks for Cx<'_, O> {
    #[inline]
    fn request(&self, request: Request) {
        self.core.push(Ask::Act(Act::from(request)));
    }
}

impl<O: Object> Cx<'_, O> {
    /// This object.
    #[must_use]
    pub fn me(&self) -> Far<O> {
        Far::of(self.me.clone())
    }

    /// Makes an object beside this one, in the same process.
    pub fn make<P: Object>(&self, object: P) -> Far<P> {
        let (slot, reference) = self.core.with_objects(|objects| {
            let mut made = None;
            let slot = objects.put(object, |place| made.insert(Reference::object(place)).downgrade());
            let Some(reference) = made else { unreachable!("it was made for its place") };
            (slot, reference)
        });
        if let Some(undo) = &mut self.core.turn.borrow_mut().undo {
            undo.made.push(slot);
        }
        Far::of(reference)
    }

    /// Makes an object in a process of its own.
    pub fn spawn<P: Object>(&self, object: P) -> Far<P> {
        let (spawn, far) = spawn_object(object);
        self.core.push_all(spawn.into());
        far
    }

    /// Calls `go_on` when the promise is settled, in a later turn: with what it gives, or with the
    /// reason for which it is broken. Gives a promise of what `go_on` returns.
    ///
    /// As long as it waits, this object stays.
    pub fn when<P, R>(
        &self,
        promise: P,
        go_on: impl FnOnce(&mut O, &Cx<'_, O>, Result<P::Gives, Reason>) -> R + Send + 'static,
    ) -> Promise<R::Gives>
    where
        P: Awaited,
        R: Continues,
    {
        let (result, decider) = Reference::promise();
        let (me, slot, mut go_on) = (self.me.clone(), self.slot, Some(go_on));
        let run = move |turn: &mut Turn<'_, Objects>, got: &Result<_, _>| {
            let Some(go_on) = go_on.take() else { unreachable!("a continuation is called once") };
            enter(turn, &me, slot, |object: &mut O, cx| go_on(object, cx, read(got)).go_on())
        };
        self.pledge(promise.awaited(), false, AnswerTo::Promise(decider), run);
        Promise::of(result)
    }

    /// Calls `go_on` once, when the object is gone: with the reason for which it is. That keeps
    /// neither of the two objects.
    pub fn when_broken<T: ?Sized + 'static>(
        &self,
        far: &Far<T>,
        go_on: impl FnOnce(&mut O, &Cx<'_, O>, Reason) + Send + 'static,
    ) {
        let (me, slot, mut go_on) = (self.me.downgrade(), self.slot, Some(go_on));
        let run = move |turn: &mut Turn<'_, Objects>, got: &Result<_, Reason>| {
            let (Some(go_on), Some(me), Err(reason)) = (go_on.take(), me.upgrade(), got) else {
                return Ok(Settled::nothing());
            };
            enter(turn, &me, slot, |object: &mut O, cx| {
                go_on(object, cx, reason.clone());
                Ok(Value::UNIT)
            })
        };
        self.pledge(far.as_ref().clone().into(), true, AnswerTo::Nobody, run);
    }

    fn pledge(
        &self,
        on: Value,
        only_broken: bool,
        answer: AnswerTo,
        run: impl FnMut(&mut Turn<'_, Objects>, &Result<Value, Reason>) -> Result<Settled<Objects>, Failure>
        + Send
        + 'static,
    ) {
        let keeps = if only_broken { Slot::NONE } else { self.slot };
        self.core.push(Ask::When(Box::new(Pledge { on: On::Wanted(on), only_broken, keeps, answer, run })));
    }

    /// A promise, and what settles it.
    #[must_use]
    pub fn promise<T: Message>(&self) -> (Promise<T>, Resolver<T>) {
        promise()
    }

    /// Calls another object of the same process, now. `call` has the whole type, also what no
    /// reference can call.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// struct Store(Vec<u32>);
    /// struct Reader(Far<Store>);
    ///
    /// #[object]
    /// impl Store {
    ///     fn reader(&self, cx: &Cx<Self>) -> Far<Reader> {
    ///         cx.make(Reader(cx.me()))
    ///     }
    /// }
    ///
    /// #[object]
    /// impl Reader {
    ///     fn sum(&self, cx: &Cx<Self>) -> Result<u32, NotNear> {
    ///         cx.near(&self.0, |store, _| store.0.iter().sum())
    ///     }
    /// }
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!());
    /// let store = sim.spawn_object(Store(vec![3, 4]));
    /// let sum = sim.ask(|cx| store.reader(cx).sum(cx));
    /// sim.run();
    /// assert_eq!(sum.answer(), Some(Ok(7)));
    /// ```
    ///
    /// # Errors
    /// If the object is in another process, is being called, is not there, or is of another type.
    pub fn near<P: Object, R>(
        &self,
        far: &Far<P>,
        call: impl FnOnce(&mut P, &Cx<'_, P>) -> R,
    ) -> Result<R, NotNear> {
        let reference = far.as_ref().as_object().ok_or(NotNear::NotThere)?;
        let place = reference.place().ok_or(NotNear::NotThere)?;
        let slot = match place.target {
            Target::Object(slot) if self.core.with_objects(|objects| objects.has(&place)) => slot,
            _ => return Err(NotNear::Elsewhere),
        };
        let lent = self.core.with_objects(|objects| objects.lend(slot));
        let mut object = lent.ok_or(NotNear::Busy)?;
        let result = match object.as_any().is::<Housed<P>>() {
            true => {
                if P::IS_TRANSACTIONAL {
                    self.core.note_before(slot, &*object, false);
                }
                let Some(Housed(Some(near))) = object.as_any().downcast_mut::<Housed<P>>() else {
                    unreachable!("it is of this type, and at home")
                };
                Ok(call(near, &Cx::new(self.core, &reference, slot)))
            }
            false => Err(NotNear::OfAnotherType),
        };
        self.core.with_objects(|objects| objects.give_back(slot, object));
        result
    }

    /// Asks for what a process with this object as its state may ask for: endpoints, a quit,
    /// actions at the meta level.
    ///
    /// An endpoint keeps the object until it is deleted; its handlers have the object as their
    /// state. The names of its endpoints are its own: other objects of the process may use the
    /// same. A quit ends the process, with all its objects.
    pub fn act(&self, actions: impl IntoActionTree<O>) {
        self.core.push_all(entering(actions.into_action_tree(), self.me));
    }

    /// The PID of the process.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.core.pid
    }
}

/// Lets an object go on in a turn of its process.
#[inline]
fn enter<O: Object>(
    turn: &mut Turn<'_, Objects>,
    me: &Reference,
    slot: Slot<OfObject>,
    work: impl FnOnce(&mut O, &Cx<'_, O>) -> Heard,
) -> Result<Settled<Objects>, Failure> {
    let called = call(turn.place(), slot, |object, core| {
        if O::IS_TRANSACTIONAL {
            core.note_before(slot, object, true);
        }
        match object.as_any().downcast_mut::<Housed<O>>() {
            Some(Housed(Some(object))) => work(object, &Cx::new(core, me, slot)),
            _ => unreachable!("an object keeps its type, and is at home between its turns"),
        }
    });
    Ok(match called {
        Some((actions, result)) => Settled { actions, result },
        None => Settled::nothing(),
    })
}
