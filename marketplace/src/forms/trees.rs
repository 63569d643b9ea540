//! Forms that give actions and transitions.

/// Actions as one tree: `actions![..]` gives an [`ActionTree`](crate::ActionTree). Each item is
/// whatever can stand for actions: see [`IntoActionTree`](crate::IntoActionTree).
///
/// ```
/// use marketplace::prelude::*;
/// let tree: ActionTree<()> = actions![send_message!("one"), None::<PreAction<()>>, vec![quit(), quit()]];
/// assert_eq!(tree.len(), 3);
/// ```
///
/// It expands to `IntoActionTree::into_action_tree((items..))`.
#[macro_export]
macro_rules! actions { ($($form:tt)*) => { $crate::__private::actions! { $crate; $($form)* } } }

/// A new state and actions: `transition!(state, trees..)` gives a
/// [`Transition`](crate::Transition).
///
/// ```
/// use marketplace::prelude::*;
/// let transition: Transition<u32> = transition!(7, send_message!("seven"), quit());
/// assert_eq!((transition.state, transition.actions.len()), (7, 2));
/// ```
///
/// It expands to `Transition::new(state, (trees..))`. The state is evaluated first.
#[macro_export]
macro_rules! transition { ($($form:tt)*) => { $crate::__private::transition! { $crate; $($form)* } } }

/// Actions of a process whose state is `()`: `transition_no_state!(trees..)`.
///
/// ```
/// use marketplace::prelude::*;
/// let transition: Transition<()> = transition_no_state!(quit());
/// ```
///
/// It expands to `Transition::new((), (trees..))`.
#[macro_export]
macro_rules! transition_no_state { ($($form:tt)*) => { $crate::__private::transition_no_state! { $crate; $($form)* } } }

/// A transition, one thing after the other: `sequence_actions!(transition, items..)`. An item
/// written as a closure is a function of the state that gives a transition; anything else is a
/// tree.
///
/// ```
/// use marketplace::prelude::*;
/// let transition = sequence_actions!(
///     transition!(1u32, send_message!("one")),
///     send_message!("more"),
///     |n| transition!(n + 1, send_message!("two")),
/// );
/// assert_eq!((transition.state, transition.actions.len()), (2, 3));
/// ```
///
/// It expands to `transition.and(tree).then(|n| ..)`.
#[macro_export]
macro_rules! sequence_actions { ($($form:tt)*) => { $crate::__private::sequence_actions! { $crate; $($form)* } } }

/// Sends a message: `send_message!(template)` gives a [`PreAction`](crate::PreAction). The function
/// of the same name takes a `&impl Message`.
///
/// Every subscriber and every observer of publishers whose topic matches hears the message, the
/// sender's own endpoints too. Nobody else hears it, and an endpoint that comes later does not. The
/// sender needs no endpoint: a publisher is for being seen, and for hearing who is there and
/// feedback.
///
/// The template is that of a topic ([`publisher!`](crate::publisher)), without wildcards. The
/// message is made place by place, not by way of the Rust value. A variable keeps its value: it is
/// borrowed.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { who: Symbol, what: Text }
///
/// fn say(who: &Symbol, what: &str) -> PreAction<()> {
///     send_message!(Says { who, what })
/// }
/// assert_eq!(format!("{:?}", say(&"tony".into(), "hello")), r#"send message Says('tony, "hello")"#);
/// ```
///
/// It expands to `send_message(&Value::record("Says", [who.to_value(), ..]))`, the label found out
/// at compile time.
#[macro_export]
macro_rules! send_message { ($($form:tt)*) => { $crate::__private::send_message! { $crate; $($form)* } } }

/// Sends feedback, from the subscribers' side to the publishers'; otherwise like
/// [`send_message!`](crate::send_message!). Where the side is computed there is
/// [`send_oriented`](crate::send_oriented()).
///
/// ```
/// use marketplace::prelude::*;
/// let action: PreAction<()> = send_feedback!(("more", 3u8));
/// ```
#[macro_export]
macro_rules! send_feedback { ($($form:tt)*) => { $crate::__private::send_feedback! { $crate; $($form)* } } }

/// The topic that a template is: for [`refuse`](crate::refuse()), and wherever a topic is made by
/// hand.
///
/// ```
/// use marketplace::prelude::*;
/// #[derive(Message, Clone)]
/// struct Says { who: Symbol, what: Text }
/// fn closed() -> PreAction<()> {
///     refuse(topic!(Says { .. }), &"nobody talks here".to_string())
/// }
/// assert_eq!(topic!(Says { who: "tony", .. }).to_string(), "Says('tony, _)");
/// ```
#[macro_export]
macro_rules! topic { ($($form:tt)*) => { $crate::__private::topic! { $crate; $($form)* } } }

/// Actions one level further out: `at_meta_level!(a, b, ..)` gives an
/// [`ActionTree`](crate::ActionTree). Its actions are performed in the network that the acting
/// process's VM is itself a process of, in order, before the next turn of that VM begins. It nests.
/// A yield there is a type error.
///
/// ```
/// use marketplace::prelude::*;
/// let tree: ActionTree<()> = at_meta_level!(
///     send_message!("to the container"),
///     at_meta_level!(send_message!("to the container's container")),
/// );
/// assert_eq!(tree.len(), 2);
/// ```
///
/// It expands to the calls of [`PreAction::at_meta_level`](crate::PreAction::at_meta_level) on each
/// action, once for each level.
#[macro_export]
macro_rules! at_meta_level { ($($form:tt)*) => { $crate::__private::at_meta_level! { $crate; $($form)* } } }

/// New names: `let_fresh!(a, b => expression)` gives the expression, in which each name is a
/// [`Fresh`](crate::Fresh) that nothing else has. For use inside a turn.
///
/// ```
/// use marketplace::prelude::*;
///
/// fn replaceable() -> ActionTree<()> {
///     let_fresh!(name => actions![
///         name_endpoint(name, subscriber!(_)),
///         delete_endpoint(name),
///     ])
/// }
/// # assert_eq!(replaceable().len(), 2);
/// ```
///
/// It expands to `{ let a = Fresh::new(); let b = Fresh::new(); expression }`.
#[macro_export]
macro_rules! let_fresh { ($($form:tt)*) => { $crate::__private::let_fresh! { $crate; $($form)* } } }
