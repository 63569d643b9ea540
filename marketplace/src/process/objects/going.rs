//! An object goes on when a promise is settled, or when another object is gone.

use std::marker::PhantomData;
use std::mem;

use crate::conversation::promise::OfObject;
use crate::conversation::promise::owed::Owed;
use crate::data::door;
use crate::data::reason::{Failed, Reason};
use crate::data::reference::{Reference, WeakReference};
use crate::data::slots::Slot;
use crate::data::spare::SpareBoxes;
use crate::data::symbol::{Label, Symbol};
use crate::data::value::Value;
use crate::process::objects::core::call;
use crate::process::objects::cx::Cx;
use crate::process::objects::object::{Heard, Housed, Object};
use crate::process::objects::pledge::{On, Onward, Plan, Pledge};
use crate::process::objects::table::Objects;
use crate::process::queue::Lane;
use crate::process::{Context, Process};

thread_local! {
    /// The pledges of objects that have gone on.
    static SPARE: SpareBoxes = const { SpareBoxes::new() };
}

/// An object and its closure.
pub(super) struct Going<O, G> {
    /// Empty when it has gone on.
    me: Me,
    slot: Slot<OfObject>,
    go_on: Option<G>,
    object: PhantomData<fn(O)>,
}

/// The object that is to go on.
pub(super) enum Me {
    Kept(Reference),
    /// Waiting does not keep it.
    Weak(WeakReference),
    Nobody,
}

impl<O: Object, G> Going<O, G>
where
    G: FnOnce(&mut O, &Cx<'_, O>, &Result<Value, Reason>) -> Heard + Send + 'static,
{
    /// A pledge to go on.
    #[inline]
    pub(super) fn pledge(me: Me, slot: Slot<OfObject>, go_on: G) -> Box<Pledge<Self>> {
        let keeps = if let Me::Kept(_) = me { slot } else { Slot::NONE };
        let only_broken = keeps.is_none();
        let spare: Option<Box<Pledge<Self>>> = SPARE.try_with(SpareBoxes::take).ok().flatten();
        let Some(mut pledge) = spare else {
            let plan = Plan { on: On::Data, only_broken, keeps, owed: Owed::NOTHING };
            return Box::new(Pledge {
                plan,
                run: Self { me, slot, go_on: Some(go_on), object: PhantomData },
            });
        };
        (pledge.plan.only_broken, pledge.plan.keeps) = (only_broken, keeps);
        let run = &mut pledge.run;
        run.slot = slot;
        // Nothing is in it that would have to be dropped.
        mem::forget((mem::replace(&mut run.me, me), run.go_on.replace(go_on)));
        pledge
    }
}

impl<O: Object, G> Onward for Pledge<Going<O, G>>
where
    G: FnOnce(&mut O, &Cx<'_, O>, &Result<Value, Reason>) -> Heard + Send + 'static,
{
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn plan_mut(&mut self) -> &mut Plan {
        &mut self.plan
    }

    fn go_on(
        mut self: Box<Self>,
        process: &mut Process<Objects>,
        lane: &mut Lane<'_>,
        context: &mut Context,
        got: &Result<Value, Reason>,
    ) -> Result<(), Failed> {
        let told = process.in_turn(lane, |process, lane| {
            let Self { plan: Plan { owed, .. }, run: Going { me, slot, go_on, .. } } = &mut *self;
            let (me, go_on) = (mem::replace(me, Me::Nobody), go_on.take());
            let (Some(me), Some(go_on)) = (me.held(), go_on) else { return Ok(()) };
            enter(process, lane, &me, *slot, owed, |object, cx| go_on(object, cx, got))
        });
        if told.is_ok() {
            self.retire();
        } else {
            let answer = self.plan.owed.take().into_answer();
            // The things that the closure holds go through the door by themselves, if they have
            // not.
            let _ = door::dispose(self);
            context.owes(answer);
        }
        told
    }
}

impl<O: Object, G: Send + 'static> Pledge<Going<O, G>> {
    /// The object has gone on: the box is used again.
    #[inline]
    fn retire(mut self: Box<Self>) {
        self.plan.owed.forget();
        self.plan.on = On::Data;
        // A thread that is ending waits for nothing any more.
        let _ = SPARE.try_with(|spare| spare.put(self));
    }
}

impl Me {
    #[inline]
    fn held(self) -> Option<Reference> {
        match self {
            Self::Kept(me) => Some(me),
            Self::Weak(me) => me.upgrade(),
            Self::Nobody => None,
        }
    }
}

/// Lets an object go on in a turn of its process. If it has gone, there may be another one in its
/// place.
#[inline]
fn enter<O: Object>(
    process: &mut Process<Objects>,
    lane: &mut Lane<'_>,
    me: &Reference,
    slot: Slot<OfObject>,
    owed: &mut Owed,
    work: impl FnOnce(&mut O, &Cx<'_, O>) -> Heard,
) -> Result<(), Failed> {
    static WHEN: Label = Label::new("when");
    if !process.state().is_some_and(|objects| objects.is_at(slot, me)) {
        return process.answer_gone(owed, lane);
    }
    call(
        process,
        lane,
        slot,
        owed,
        || Symbol::from_label(&WHEN),
        |object, core| {
            if O::IS_TRANSACTIONAL {
                core.note_before(slot, object, true);
            }
            match object.as_any().downcast_mut::<Housed<O>>() {
                Some(Housed(Some(object))) => work(object, &Cx::new(core, me, slot)),
                _ => unreachable!("an object keeps its type, and is at home between its turns"),
            }
        },
    )
}
