//! Actions by which a process lets its state be seen.

use std::fmt;

use crate::data::message::Message;
use crate::process::action::act::{Action, Ask};
use crate::record::log::Snapshot;

/// Lets the [log](crate::log::Log), while it is on, keep the acting process's state as it is before
/// each of its turns from now on, so that one can [look back](crate::log::Log::peek). Each costs a
/// clone of the state. If the clone shares data with the state, that data
/// [lives](crate::log::Snapshot) as long as the clone. [`peekable_data`] keeps nothing.
pub fn peekable<S: Clone + fmt::Debug + Send + Sync + 'static>() -> Action<S> {
    Action(Ask::Peekable(|state| Snapshot::new(state.clone())))
}

/// As [`peekable`], for a state that is a message: the log keeps a copy as data, in which
/// references are only shown, and ducts only looked at. So the copy keeps nothing of the process,
/// whatever it shares with the state: whoever waits at a reference or a duct that falls is told at
/// once, with the log on as without it. (A host value of your own, [`Opaque`](crate::Opaque), is
/// kept by the copy as by any clone.)
///
/// [`Snapshot::data`](crate::log::Snapshot::data) is the copy. It prints as the state does as a
/// message, so the state need not be `Debug`.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// #[derive(Message, Clone)]
/// struct Held { asked: u64, by: Option<Duct> }
///
/// /// Keeps the duct of the last question.
/// fn holder() -> Transition<Held> {
///     transition!(
///         Held { asked: 0, by: None },
///         peekable_data(),
///         callee!(match_duct!(duct => match_state!(held: Held => on_message!(_question: Text =>
///             transition!(Held { asked: held.asked + 1, by: Some(duct) }))))),
///     )
/// }
///
/// let mut sim = Sim::new(|_| holder());
/// sim.run();
/// sim.log_mut().turn_on();
/// for wire in ["first", "second"] {
///     sim.pass(Pid::BOOT, wire, &"why?".to_string());
///     sim.run();
/// }
/// // The second question took the place of the first, which nobody can answer any more.
/// assert_eq!(sim.replies().len(), 0, "as long as the holder lives, nobody is told");
/// let last = sim.log().turns().last().unwrap();
/// let before = last.snapshot.as_ref().unwrap().data().unwrap();
/// assert!(before.to_string().starts_with("Held(1, "), "{before}");
/// assert_eq!(Held::from_value(before).map(|held| held.asked), Some(1));
/// ```
pub fn peekable_data<S: Message>() -> Action<S> {
    Action(Ask::Peekable(|state| Snapshot::of_data(state)))
}

/// As [`peekable`], for a state that is not cloned: the log keeps what `V` shows of it.
///
/// ```
/// use marketplace::peekable_as;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Safe {
///     secret: u32,
///     opened: u32,
/// }
///
/// #[derive(Debug)]
/// struct Opened(u32);
///
/// impl From<&Safe> for Opened {
///     fn from(safe: &Safe) -> Self {
///         Self(safe.opened)
///     }
/// }
///
/// let safe = || transition!(Safe { secret: 7, opened: 0 }, peekable_as::<Safe, Opened>(),
///     subscriber!(_, match_state!(safe: &mut Safe => on_message!(key: u32 => {
///         safe.opened += u32::from(key == safe.secret);
///     }))));
/// let mut sim = Sim::new(move |_| safe());
/// sim.log_mut().turn_on();
/// for key in [7u32, 8] {
///     sim.send(&key);
/// }
/// sim.run();
/// let second = sim.log().turns().last().unwrap();
/// assert_eq!(format!("{:?}", sim.log().peek(second.id).unwrap()), "Opened(1)");
/// ```
pub fn peekable_as<S: 'static, V: for<'s> From<&'s S> + fmt::Debug + Send + Sync + 'static>() -> Action<S> {
    Action(Ask::Peekable(|state| Snapshot::new(V::from(state))))
}

/// Lets people who look at the acting process see what `V` shows of its state as it is then: the
/// shell by `peek p3`, a host by [`Debugger::peek`](crate::vat::Debugger::peek) and
/// [`Sim::peek`](crate::sim::Sim::peek). The log keeps nothing for it, so this may be much. Of a
/// [`peekable`] process they see what the log would keep, unless this says otherwise.
///
/// ```
/// use marketplace::peekable_now;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Cellar(Vec<Text>);
///
/// #[derive(Debug)]
/// struct Bottles(Vec<Text>);
///
/// impl From<&Cellar> for Bottles {
///     fn from(cellar: &Cellar) -> Self {
///         Self(cellar.0.clone())
///     }
/// }
///
/// let cellar = || transition!(Cellar(Vec::new()), peekable_now::<Cellar, Bottles>(),
///     subscriber!(_, match_state!(cellar: &mut Cellar => on_message!(wine: Text => {
///         cellar.0.push(wine);
///     }))));
/// let mut sim = Sim::new(move |_| cellar());
/// sim.send(&Text::from("Kadarka"));
/// sim.run();
/// assert_eq!(format!("{:?}", sim.peek(&[], Pid::BOOT).unwrap()), r#"Bottles(["Kadarka"])"#);
/// ```
pub fn peekable_now<S: 'static, V: for<'s> From<&'s S> + fmt::Debug + Send + Sync + 'static>() -> Action<S> {
    Action(Ask::PeekableNow(|state| Snapshot::new(V::from(state))))
}
