//! Actions of an object, as actions of its process.

use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::promise::{ObjectPlace, Target};
use crate::data::door;
use crate::data::few::Few;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::reference::Reference;
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::process::action::act::{Act, Action, Ask};
use crate::process::action::{Answered, Continuation, Done, EndpointSpec, Handler, Rehold, Typed};
use crate::process::objects::Object;
use crate::process::objects::clauses::Clauses;
use crate::process::objects::object::Housed;
use crate::process::objects::pledge::{On, Plan, Pledge, Settled};
use crate::process::objects::table::Objects;
use crate::process::transition::ActionTree;
use crate::process::{Context, Turn};

/// The actions of an object, whose handlers have it as their state, as actions of its process.
pub(super) fn entering<O: Object>(actions: ActionTree<O>, me: &Reference) -> ActionTree<Objects> {
    let mut entering = Few::None;
    actions.0.each(|action| {
        if let Some(action) = enter(action, me) {
            entering.push(action);
        }
    });
    ActionTree(entering)
}

/// `None`: the action says nothing about a process.
fn enter<O: Object>(Action(ask): Action<O>, me: &Reference) -> Option<Action<Objects>> {
    let me = me.clone();
    Some(Action(match ask {
        Ask::Act(mut act) => {
            name_within(&mut act, &me);
            Ask::Act(act.rehold(&mut Entering(me)))
        }
        Ask::Yield(mut resume) => Ask::Yield(Box::new(move |turn| {
            let entered = as_state::<O, _>(turn, &me, |turn| resume(turn))?;
            match entered {
                Some((actions, progress)) => Ok((entering(actions, &me), progress)),
                None => Ok((ActionTree::new(), crate::process::action::Progress::Done)),
            }
        })),
        // The states of objects are not looked at.
        Ask::Peekable(_) | Ask::PeekableNow(_) => return None,
        Ask::When(mut pledge) => {
            let Plan { on, only_broken, owed, .. } = &mut pledge.plan;
            let (on, only_broken, owed) = (std::mem::replace(on, On::Data), *only_broken, owed.take());
            let keeps = match me.place() {
                Some(ObjectPlace { target: Target::Object(slot), .. }) => slot,
                _ => Slot::NONE,
            };
            let run = move |turn: &mut Turn<'_, Objects>, got: &Result<Value, Reason>| {
                let entered = as_state::<O, _>(turn, &me, |turn| (pledge.run)(turn, got))?;
                Ok(match entered {
                    Some(Settled { actions, result }) => Settled { actions: entering(actions, &me), result },
                    None => Settled::nothing(),
                })
            };
            Ask::When(Box::new(Pledge { plan: Plan { on, only_broken, keeps, owed }, run }))
        }
        Ask::Object(clauses) => {
            let Clauses { arriving, handler, heeds_release } = *clauses;
            let handler = enter_handler(handler, me);
            Ask::Object(Box::new(Clauses { arriving, handler, heeds_release }))
        }
        Ask::Onward(_) => unreachable!("an object asks for that by its `cx`"),
    }))
}

/// The names of an object's endpoints are its own: another object of the process may have an
/// endpoint of the same name.
fn name_within<O>(act: &mut Act<Typed<O>>, me: &Reference) {
    let within = |name: &Value| Value::sequence([me.clone().into(), name.clone()]);
    match act {
        Act::Add(spec, _) => {
            if let Some(name) = &mut spec.name {
                *name = within(name);
            }
        }
        Act::Delete(delete, _) => delete.name = within(&delete.name),
        Act::Meta(inner) => name_within(inner, me),
        _ => {}
    }
}

/// Calls a closure whose state is the object. `None`: it is not there any more.
fn as_state<O: Object, R>(
    turn: &mut Turn<'_, Objects>,
    me: &Reference,
    work: impl FnOnce(&mut Turn<'_, O>) -> Result<R, Failure>,
) -> Result<Option<R>, Failure> {
    let Some(ObjectPlace { target: Target::Object(slot), .. }) = me.place() else { return Ok(None) };
    let (objects, context) = turn.state_and_context();
    let Some(object) = objects.lend(slot) else { return Ok(None) };
    // If the closure fails, the object goes with it, and the first failure is the reason.
    let mut object = door::Held::new(object);
    let Some(Housed(state)) = object.get_mut().as_any().downcast_mut::<Housed<O>>() else {
        unreachable!("an object keeps its type")
    };
    let result = work(&mut Turn::new(state, context))?;
    if let Some(object) = object.take() {
        objects.give_back(slot, object);
    }
    Ok(Some(result))
}

fn enter_handler<O: Object>(handler: Handler<O>, me: Reference) -> Handler<Objects> {
    Box::new(move |event: &Event<'_>, turn: &mut Turn<'_, Objects>| -> Answered<Objects> {
        let mut failed: Option<Failed> = None;
        let answered = as_state::<O, _>(turn, &me, |turn| match handler(event, turn) {
            Ok(answered) => Ok(answered),
            Err(reason) => {
                failed = Some(reason);
                Ok(None)
            }
        });
        match (failed, answered) {
            (Some(reason), _) => Err(reason),
            (None, Ok(answered)) => Ok(answered.flatten().map(|actions| entering(actions, &me))),
            (None, Err(failure)) => Err(failure.into()),
        }
    })
}

/// Wraps closures, so that they enter this object.
struct Entering(Reference);

impl<O: Object> Rehold<Typed<O>> for Entering {
    type To = Typed<Objects>;

    fn handler(&mut self, _: &mut EndpointSpec, handler: Handler<O>) -> Handler<Objects> {
        enter_handler(handler, self.0.clone())
    }

    fn done(&mut self, done: Option<Done<O>>) -> Option<Done<Objects>> {
        let me = self.0.clone();
        done.map(|done| -> Done<Objects> {
            Box::new(move |objects: &mut Objects, context: &mut Context| {
                let Some(ObjectPlace { target: Target::Object(slot), .. }) = me.place() else {
                    return ActionTree::new();
                };
                let Some(mut object) = objects.lend(slot) else { return ActionTree::new() };
                let actions = match object.as_any().downcast_mut::<Housed<O>>() {
                    Some(Housed(Some(state))) => done(state, context),
                    _ => unreachable!("an object keeps its type, and is at home between its turns"),
                };
                objects.give_back(slot, object);
                entering(actions, &me)
            })
        })
    }

    fn continuation(&mut self, parent: Box<Continuation<O>>) -> Box<Continuation<Objects>> {
        let me = self.0.clone();
        Box::new(Box::new(move |turn: &mut Turn<'_, Objects>, child: Result<Pid, Reason>| {
            let actions = as_state::<O, _>(turn, &me, |turn| parent(turn, child))?;
            Ok(actions.map(|actions| entering(actions, &me)).unwrap_or_default())
        }))
    }

    fn outside(&mut self, act: Act<Typed<O>>) -> Act<Typed<Objects>> {
        act.rehold(self)
    }
}
