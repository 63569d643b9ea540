//! A transition: a process's answer, which is a new state and actions.

mod iterators;

use std::fmt;

use crate::data::few::Few;
use crate::data::reason::Failure;
use crate::process::action::{Action, PreAction};

/// A new state and the actions that go with it.
///
/// ```
/// use marketplace::{ActionTree, Transition, send_message};
/// let actions = (send_message(&1u8), None::<ActionTree<u32>>, send_message(&2u8));
/// let transition: Transition<u32> = Transition::new(7, actions);
/// assert_eq!(transition.state, 7);
/// assert_eq!(transition.actions.len(), 2);
/// ```
#[must_use = "a transition does nothing unless it is returned: `sequence_actions!` goes on after one"]
pub struct Transition<S> {
    /// The new state.
    pub state: S,
    /// The actions to perform.
    pub actions: ActionTree<S>,
}

impl<S> Transition<S> {
    /// A transition to this state with these actions.
    pub fn new(state: S, actions: impl IntoActionTree<S>) -> Self {
        Self { state, actions: actions.into_action_tree() }
    }

    /// Appends actions.
    pub fn and(mut self, more: impl IntoActionTree<S>) -> Self {
        more.append_to(&mut self.actions);
        self
    }

    /// Goes on with the state: the state that `next` answers replaces it, and the actions come
    /// after those that are there already.
    pub fn then(self, next: impl FnOnce(S) -> Self) -> Self {
        let Self { state, mut actions } = self;
        let next = next(state);
        next.actions.append_to(&mut actions);
        Self { state: next.state, actions }
    }
}

impl<S: fmt::Debug> fmt::Debug for Transition<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transition").field("state", &self.state).field("actions", &self.actions).finish()
    }
}

/// A transition, or a failure to make one: the result of a boot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transition",
    label = "expected a `Transition`, or a `Result` of one",
    note = "`transition!(state, actions..)` and `transition_no_state!(actions..)` make transitions",
    note = "`spawn!` takes the first transition of a process, so a function that gives it is called: `spawn!(boot())`; an object is spawned by `spawn_object(object)`"
)]
pub trait IntoTransition {
    /// The state's type.
    type State;
    /// The transition.
    ///
    /// # Errors
    /// With the reason for which there is none.
    fn into_transition(self) -> Result<Transition<Self::State>, Failure>;
}

impl<S> IntoTransition for Transition<S> {
    type State = S;
    fn into_transition(self) -> Result<Self, Failure> {
        Ok(self)
    }
}

impl<T: IntoTransition, E: Into<Failure>> IntoTransition for Result<T, E> {
    type State = T::State;
    fn into_transition(self) -> Result<Transition<T::State>, Failure> {
        self.map_err(Into::into).and_then(T::into_transition)
    }
}

/// Actions in the order in which they are to be performed.
///
/// A single action converts by `into`, and so does a `Vec` of them; any other tree does so by
/// [`into_action_tree`](IntoActionTree::into_action_tree).
///
/// ```
/// use marketplace::prelude::*;
/// fn answer(asked: bool) -> ActionTree<()> {
///     if asked { send_message!("here").into() } else { ActionTree::new() }
/// }
/// assert_eq!((answer(true).len(), answer(false).len()), (1, 0));
/// let tree: ActionTree<()> = subscriber!("hello").into();
/// assert_eq!(tree.len(), 1);
///
/// let mut greetings = vec![];
/// for name in ["ann", "bob"] {
///     greetings.push(send_message!(("hello", name)));
/// }
/// let tree: ActionTree<()> = greetings.into();
/// assert_eq!(tree.len(), 2);
///
/// let last: Option<&str> = None;
/// let tree: ActionTree<()> = last.map(|name| send_message!(("goodbye", name))).into();
/// assert!(tree.is_empty());
/// ```
#[must_use = "actions do nothing unless they are returned: several trees are one, `actions![a, b]`"]
pub struct ActionTree<S>(pub(crate) Few<Action<S>>);

impl<S> ActionTree<S> {
    /// No actions.
    pub const fn new() -> Self {
        Self(Few::None)
    }

    pub(crate) const fn one(action: Action<S>) -> Self {
        Self(Few::One(action))
    }

    /// How many actions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<S> From<Action<S>> for ActionTree<S> {
    fn from(action: Action<S>) -> Self {
        Self::one(action)
    }
}

impl<S> From<PreAction<S>> for ActionTree<S> {
    fn from(action: PreAction<S>) -> Self {
        Self::one(action.into())
    }
}

impl<S, T: IntoActionTree<S>> From<Vec<T>> for ActionTree<S> {
    fn from(trees: Vec<T>) -> Self {
        trees.into_action_tree()
    }
}

impl<S, T: IntoActionTree<S>> From<Option<T>> for ActionTree<S> {
    fn from(tree: Option<T>) -> Self {
        tree.into_action_tree()
    }
}

impl<S> Default for ActionTree<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for ActionTree<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.as_slice()).finish()
    }
}

impl<S, T: IntoActionTree<S>> FromIterator<T> for ActionTree<S> {
    fn from_iter<I: IntoIterator<Item = T>>(trees: I) -> Self {
        let mut actions = Self::new();
        trees.into_iter().for_each(|tree| tree.append_to(&mut actions));
        actions
    }
}

/// A type that stands for actions: an action, `()` and `None` (none), and `Option`, `Vec`, arrays,
/// tuples and iterators of action trees.
///
/// Trees are walked left to right, depth first. The iterators are most of the standard
/// library's that end (`map`, `filter_map`, `chain`, ..), and boxed ones; any other is collected:
/// `.collect::<ActionTree<_>>()`.
///
/// ```
/// use marketplace::{ActionTree, IntoActionTree, send_message};
/// let inner = (send_message(&1u8), vec![send_message(&2u8)]);
/// let tree: ActionTree<()> = (inner, (), Some([send_message(&3u8)])).into_action_tree();
/// assert_eq!(tree.len(), 3);
/// let tree: ActionTree<()> = (1..=3u8).map(|n| send_message(&n)).into_action_tree();
/// assert_eq!(tree.len(), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an action tree of a process with the state `{S}`",
    label = "expected an action, `()`, or an `Option`, `Vec`, array, tuple or iterator of actions",
    note = "a transition is no action: `spawn!(boot())` starts the process whose first transition `boot()` gives; `spawn_object(o)` gives an action and a reference: `let (spawn, far) = spawn_object(o);`",
    note = "a value that is not wanted ends with `;`, and of a `Result` `?` takes what is in it",
    note = "with the state moved in (`match_state!(s: S => ..)`) a clause returns `transition!(state, actions..)`; otherwise it returns actions only",
    note = "actions are typed by the state of their process: an endpoint with `match_state!(s: S => ..)` stands in `transition!(s, ..)`, where `s` is an `S`"
)]
pub trait IntoActionTree<S>: Sized {
    /// Appends the actions, in order.
    fn append_to(self, actions: &mut ActionTree<S>);

    /// The actions, in order.
    fn into_action_tree(self) -> ActionTree<S> {
        let mut actions = ActionTree::new();
        self.append_to(&mut actions);
        actions
    }
}

impl<S> IntoActionTree<S> for ActionTree<S> {
    fn append_to(self, actions: &mut Self) {
        if actions.is_empty() {
            *actions = self;
        } else {
            self.0.each(|action| actions.0.push(action));
        }
    }
    fn into_action_tree(self) -> Self {
        self
    }
}

impl<S> IntoActionTree<S> for Action<S> {
    #[inline]
    fn append_to(self, actions: &mut ActionTree<S>) {
        actions.0.push(self);
    }
    #[inline]
    fn into_action_tree(self) -> ActionTree<S> {
        ActionTree::one(self)
    }
}

impl<S> IntoActionTree<S> for PreAction<S> {
    #[inline]
    fn append_to(self, actions: &mut ActionTree<S>) {
        actions.0.push(Action::from(self));
    }
    #[inline]
    fn into_action_tree(self) -> ActionTree<S> {
        ActionTree::one(Action::from(self))
    }
}

/// A body that never returns (`todo!()`) stands for any tree.
///
/// The impl is for this function type, and not for `Never`. So the compiler knows that no type of
/// another crate is meant, and those types can be action trees.
#[diagnostic::do_not_recommend]
impl<S, N> IntoActionTree<S> for N
where
    fn() -> N: ReturnsNever<N>,
{
    fn append_to(self, _: &mut ActionTree<S>) {
        unreachable!("there is no value of this type")
    }
}

/// A function that never returns. (`N` says whose type it is: a crate may know what is true of its
/// own types.)
#[doc(hidden)]
pub trait ReturnsNever<N> {}

impl<N> ReturnsNever<N> for fn() -> ! {}

/// The type `!`, by its name on stable Rust.
pub(crate) type Never = <fn() -> ! as Output>::Type;

#[doc(hidden)]
pub trait Output {
    type Type;
}

impl<T> Output for fn() -> T {
    type Type = T;
}

impl<S> IntoActionTree<S> for () {
    #[inline]
    fn append_to(self, _: &mut ActionTree<S>) {}
}

impl<S, T: IntoActionTree<S>> IntoActionTree<S> for Option<T> {
    fn append_to(self, actions: &mut ActionTree<S>) {
        if let Some(tree) = self {
            tree.append_to(actions);
        }
    }
}

impl<S, T: IntoActionTree<S>> IntoActionTree<S> for Vec<T> {
    fn append_to(self, actions: &mut ActionTree<S>) {
        for tree in self {
            tree.append_to(actions);
        }
    }
}

impl<S, T: IntoActionTree<S>, const N: usize> IntoActionTree<S> for [T; N] {
    fn append_to(self, actions: &mut ActionTree<S>) {
        for tree in self {
            tree.append_to(actions);
        }
    }
}

macro_rules! tuples {
    ($(($($type:ident)*))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<S, $($type: IntoActionTree<S>),*> IntoActionTree<S> for ($($type,)*) {
            #[inline]
            #[allow(non_snake_case, reason = "the variables are named after their types")]
            fn append_to(self, actions: &mut ActionTree<S>) {
                let ($($type,)*) = self;
                $($type.append_to(actions);)*
            }
        }
    )*};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
    (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}
