//! An object asks for things while it is called.

use std::marker::PhantomData;

use crate::conversation::pid::Pid;
use crate::conversation::promise::OfObject;
use crate::data::door;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::process::action::act::{Action, Ask};
use crate::process::objects::act::entering;
use crate::process::objects::answers::{Awaited, Continues, read_answer};
use crate::process::objects::asks::{Asks, Request};
use crate::process::objects::core::Core;
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::forms::spawn_object;
use crate::process::objects::going::{Going, Me};
use crate::process::objects::object::{Housed, Object};
use crate::process::objects::resolver::{Resolver, promise};
use crate::process::transition::{ActionTree, IntoActionTree};

/// An object asks for things by this while it is called: it is the `cx` of its methods.
///
/// It is lent by shared reference, so that sends nest (`a.pay(cx, b.quote(cx))`) and stand in
/// iterators and closures.
pub struct Cx<'a, O: ?Sized> {
    core: &'a Core<'a>,
    me: &'a Reference,
    /// Where this object is.
    slot: Slot<OfObject>,
    object: PhantomData<fn(Box<O>)>,
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

impl<'a, O: ?Sized> Cx<'a, O> {
    #[inline]
    pub(super) const fn new(core: &'a Core<'a>, me: &'a Reference, slot: Slot<OfObject>) -> Self {
        Self { core, me, slot, object: PhantomData }
    }
}

impl<O: ?Sized> Asks for Cx<'_, O> {
    #[inline]
    fn request(&self, request: Request) {
        match request.into_sending() {
            Ok(sending) => self.core.send(sending),
            Err(other) => self.core.ask(ActionTree::one(Action(Ask::Act(other)))),
        }
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
        Far::of(self.core.make(Box::new(Housed(Some(object)))))
    }

    /// Makes an object in a process of its own.
    pub fn spawn<P: Object>(&self, object: P) -> Far<P> {
        let (spawn, far) = spawn_object(object);
        self.core.ask(spawn.into());
        far
    }

    /// Calls `go_on` when the promise is settled, in a later turn: with what it gives, or with the
    /// reason for which it is broken. Gives a promise of what `go_on` returns.
    ///
    /// As long as it waits, this object stays.
    #[inline]
    pub fn when<P, R>(
        &self,
        promise: P,
        go_on: impl FnOnce(&mut O, &Cx<'_, O>, Result<P::Gives, Reason>) -> R + Send + 'static,
    ) -> Promise<R::Gives>
    where
        P: Awaited,
        R: Continues,
    {
        let me = Me::Kept(self.me.clone());
        let mut pledge = Going::pledge(me, self.slot, |object: &mut O, cx: &Cx<'_, O>, got: &_| {
            go_on(object, cx, read_answer(got)).go_on()
        });
        let result = pledge.plan.owed.promise();
        self.core.wait(promise.awaited(), pledge);
        Promise::of(result)
    }

    /// Calls `go_on` once, when the object is gone: with the reason for which it is. That keeps
    /// neither of the two objects.
    pub fn when_broken<T: ?Sized + 'static>(
        &self,
        far: &Far<T>,
        go_on: impl FnOnce(&mut O, &Cx<'_, O>, Reason) + Send + 'static,
    ) {
        let me = Me::Weak(self.me.downgrade());
        let pledge = Going::pledge(me, self.slot, |object: &mut O, cx: &Cx<'_, O>, got: &_| {
            if let Err(reason) = got {
                go_on(object, cx, Reason::clone(reason));
            }
            Ok(Value::UNIT)
        });
        self.core.wait(far.to_value(), pledge);
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
        let (slot, object) = self.core.lend(&place)?;
        // If the call panics, the object is dropped meanwhile.
        let mut held = door::Held::new(object);
        let object = held.get_mut();
        let result = match object.as_any().is::<Housed<P>>() {
            true => {
                if P::IS_TRANSACTIONAL {
                    self.core.note_before(slot, &**object, false);
                }
                let Some(Housed(Some(near))) = object.as_any().downcast_mut::<Housed<P>>() else {
                    unreachable!("it is of this type, and at home")
                };
                Ok(call(near, &Cx::new(self.core, &reference, slot)))
            }
            false => Err(NotNear::OfAnotherType),
        };
        if let Some(object) = held.take() {
            self.core.give_back(slot, object);
        }
        result
    }

    /// Asks for what a process with this object as its state may ask for: endpoints, a quit,
    /// actions at the meta level.
    ///
    /// An endpoint keeps the object until it is deleted; its handlers have the object as their
    /// state. The names of its endpoints are its own: other objects of the process may use the
    /// same. A quit ends the process, with all its objects.
    pub fn act(&self, actions: impl IntoActionTree<O>) {
        self.core.ask(entering(actions.into_action_tree(), self.me));
    }

    /// The PID of the process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.core.pid()
    }
}
