//! The answers of clauses, and endpoints among other actions: checked where they stand, because the
//! type of the state is known there.

use std::marker::PhantomData;

use crate::conversation::event::Event;
use crate::data::reason::Failure;
use crate::process::action::{IntoPreActions, Outcome};
use crate::process::objects::{self, Here};
use crate::process::transition::{ActionTree, IntoActionTree, Never, Transition};
use crate::{Action, AddEndpoint, Role, Spawn, Turn};

/// Knows the type of a process's state, so that what a clause gives is checked where it stands.
pub struct Acts<S>(PhantomData<fn(S)>);

/// An endpoint with this role and handler. The type that is expected of the whole is known when the
/// handler is looked at, because the first argument says it.
#[inline]
pub fn add_endpoint<S>(
    _: Acts<S>,
    role: Role,
    handler: impl Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static,
) -> AddEndpoint<S> {
    AddEndpoint::new(role, handler).of_clauses()
}

/// An endpoint with this handler for what is passed to the process.
#[inline]
pub fn add_callee<S>(
    _: Acts<S>,
    handler: impl Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static,
) -> AddEndpoint<S> {
    AddEndpoint::callee(handler)
}

/// An object that is made of clauses.
#[inline]
pub fn object_of<S>(
    _: Acts<S>,
    here: Here,
    heeds_release: bool,
    handler: impl Fn(&Event<'_>, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static,
) -> Action<S> {
    objects::object_of(here, heeds_release, handler)
}

/// This spawn. For `_state` see [`Acts::new`].
#[inline]
pub fn spawned<S>(_state: impl FnOnce() -> S, spawn: Spawn<S>) -> Spawn<S> {
    spawn
}

/// A value that knows the state of the process that takes this turn.
#[inline]
pub const fn acts<S>(_: &Turn<'_, S>) -> Acts<S> {
    Acts(PhantomData)
}

impl<S> Acts<S> {
    /// `_state` is never called, and would never return. So if nothing says what the state is,
    /// rustc takes any type, and can tell that an action is dropped.
    #[inline]
    pub fn new(_state: impl FnOnce() -> S) -> Self {
        Self(PhantomData)
    }

    /// A clause's answer while the state stays.
    #[inline]
    pub fn act(&self, actions: impl IntoActionTree<S>) -> Outcome<S> {
        Ok(Some(actions.into_action_tree()))
    }

    /// No actions yet.
    #[inline]
    pub fn tree(&self) -> ActionTree<S> {
        ActionTree::new()
    }

    /// This endpoint.
    #[inline]
    pub fn endpoint(&self, endpoint: AddEndpoint<S>) -> AddEndpoint<S> {
        endpoint
    }
}

/// The state, taken as the type that a `match_state!` gives.
impl<S> Acts<S> {
    #[inline]
    pub fn state<'t, T: StateOf<S>>(&self, turn: &'t Turn<'_, S>) -> &'t T {
        T::lent(turn.state())
    }

    #[inline]
    pub fn state_mut<'t, T: StateOf<S>>(&self, turn: &'t mut Turn<'_, S>) -> &'t mut T {
        T::lent_mutably(turn.state_mut())
    }

    #[inline]
    pub fn take<T: StateOf<S>>(&self, turn: &mut Turn<'_, S>) -> T {
        T::taken(turn.take())
    }

    #[inline]
    pub fn put<T: StateOf<S>>(&self, turn: &mut Turn<'_, S>, state: T) {
        turn.put(state.given_back());
    }

    #[inline]
    pub fn answer<T: StateOf<S>>(&self, turn: &mut Turn<'_, S>, answer: impl Answer<T>) -> Outcome<S> {
        let Transition { state, actions } = answer.into_answer()?;
        turn.put(state.given_back());
        Ok(Some(T::actions(actions)))
    }
}

/// The type of the state of a process whose state is an `S`: that type, and no other.
#[diagnostic::on_unimplemented(
    message = "the state of this process is `{S}`, not `{Self}`",
    label = "expected `{S}`",
    note = "an endpoint with `match_state!(s: S => ..)` is one of a process with the state `S`: it stands in `transition!(s, ..)`, where `s` is an `S`"
)]
pub trait StateOf<S>: Sized {
    #[doc(hidden)]
    fn lent(state: &S) -> &Self;
    #[doc(hidden)]
    fn lent_mutably(state: &mut S) -> &mut Self;
    #[doc(hidden)]
    fn taken(state: S) -> Self;
    #[doc(hidden)]
    fn given_back(self) -> S;
    #[doc(hidden)]
    fn actions(actions: ActionTree<Self>) -> ActionTree<S>;
}

#[diagnostic::do_not_recommend]
impl<S> StateOf<S> for S {
    #[inline]
    fn lent(state: &S) -> &Self {
        state
    }
    #[inline]
    fn lent_mutably(state: &mut S) -> &mut Self {
        state
    }
    #[inline]
    fn taken(state: S) -> Self {
        state
    }
    #[inline]
    fn given_back(self) -> S {
        self
    }
    #[inline]
    fn actions(actions: ActionTree<Self>) -> ActionTree<S> {
        actions
    }
}

/// A transition with this endpoint.
#[inline]
pub fn with_endpoint<S>(state: S, endpoint: AddEndpoint<S>) -> Transition<S> {
    Transition::new(state, endpoint)
}

/// A clause's answer after the state was moved out.
#[inline]
pub fn answer<S, A: Answer<S>>(turn: &mut Turn<'_, S>, answer: A) -> Outcome<S> {
    let Transition { state, actions } = answer.into_answer()?;
    turn.put(state);
    Ok(Some(actions))
}

/// The type of a clause's body when the state was moved in: a transition.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transition, and the state was moved into this clause",
    label = "expected `transition!(state, actions..)`, which puts a state back",
    note = "to return actions only, lend the state: `match_state!(s: &S => ..)`, or `s: &mut S` to change it"
)]
pub trait Answer<S> {
    #[doc(hidden)]
    fn into_answer(self) -> Result<Transition<S>, Failure>;
}

#[diagnostic::do_not_recommend]
impl<S> Answer<S> for Transition<S> {
    #[inline]
    fn into_answer(self) -> Result<Self, Failure> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S, A: Answer<S>, E: Into<Failure>> Answer<S> for Result<A, E> {
    fn into_answer(self) -> Result<Transition<S>, Failure> {
        self.map_err(Into::into).and_then(A::into_answer)
    }
}

/// A body that never returns (`todo!()`) answers anything.
#[diagnostic::do_not_recommend]
impl<S> Answer<S> for Never {
    fn into_answer(self) -> Result<Transition<S>, Failure> {
        self
    }
}

/// Appends actions.
#[inline]
pub fn append<S>(tree: &mut ActionTree<S>, actions: impl IntoActionTree<S>) {
    actions.append_to(tree);
}

/// These actions, and then those.
#[inline]
pub fn and<S>(mut tree: ActionTree<S>, actions: impl IntoActionTree<S>) -> ActionTree<S> {
    actions.append_to(&mut tree);
    tree
}

/// These actions, and then this endpoint.
#[inline]
pub fn and_endpoint<S>(tree: ActionTree<S>, endpoint: AddEndpoint<S>) -> ActionTree<S> {
    and(tree, endpoint)
}

/// Appends an endpoint.
#[inline]
pub fn append_endpoint<S>(tree: &mut ActionTree<S>, endpoint: AddEndpoint<S>) {
    append(tree, endpoint);
}

/// Appends actions, so many levels further out.
pub fn append_outward<S>(tree: &mut ActionTree<S>, levels: usize, actions: impl IntoPreActions<S>) {
    actions
        .each(&mut |action| tree.0.push((0..levels).fold(action, |action, _| action.at_meta_level()).into()));
}
