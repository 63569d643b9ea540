//! Concurrent programs as conversations.
//!
//! A *process* is a state and some *endpoints*. An endpoint publishes or subscribes to a *topic*:
//! data with wildcards. The process answers *events* with *transitions* (a new state, and actions);
//! besides messages, the events are the *presence* and *absence* of matching peers. A *VM* runs
//! processes, one action at a time, in one deterministic order, and is itself a process: VMs nest.
//!
//! ```text
//!   the host: tokio, or a sim        sources of events; the meta level of the ground VM
//!  ┌───────────────────────────────────────────────────────────────────┐
//!  │ ground VM                                                         │
//!  │   tcp driver      event relay     ┌───────────────────────────┐   │
//!  │       ↕                           │ nested VM: a process here │   │
//!  │   ────┴───── its network ─────────┤   chat     chat     log   │   │
//!  │       at_meta_level!(..) reaches ─┤     ↕        ↕       ↕    │   │
//!  │       this network from inside    │   ──┴─ its network ──┴──  │   │
//!  │                                   └───────────────────────────┘   │
//!  └───────────────────────────────────────────────────────────────────┘
//! ```
//!
//! This program has a room in which everybody is greeted; start-up order does not matter, and
//! nobody keeps a list:
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::sim::Sim;
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Here { who: Symbol }
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! enum Host { Welcome(Symbol), Goodbye(Symbol) }
//!
//! fn host() -> Transition<()> {
//!     transition_no_state!(subscriber!(
//!         Here { .. },
//!         match_conversation!(Here { who } =>
//!             on_presence!(send_message!(Host::Welcome(who))),
//!             on_absence!(send_message!(Host::Goodbye(who)))),
//!     ))
//! }
//!
//! fn guest(who: &str) -> Transition<()> {
//!     let who = Symbol::new(who);
//!     transition_no_state!(
//!         publisher!(Here { who }),
//!         subscriber!(Host::Welcome(who), on_message!(_ => quit())),
//!     )
//! }
//!
//! let mut sim = Sim::new(|_boot_pid| {
//!     transition_no_state!(spawn!(guest("ann")), spawn!(host()), spawn!(guest("bob")))
//! });
//! sim.run();
//! let (ann, bob) = (Symbol::new("ann"), Symbol::new("bob"));
//! let heard: Vec<_> = sim.messages().iter().filter_map(Host::from_value).collect();
//! assert!(heard.contains(&Host::Welcome(ann.clone())) && heard.contains(&Host::Goodbye(bob.clone())));
//! assert_eq!(heard.len(), 4);
//! ```
//!
//! # Where to go next
//!
//! * Write programs: the [`prelude`], the forms (section Macros below; start with [`subscriber!`]
//!   and [`transition!`]), [`Message`].
//! * Call things by reference: [`objects`].
//! * Test them: [`sim`].
//! * Run them: [`ground_vm!`], or [`ground::run`] in a runtime of yours; "Writing a driver" in
//!   [`ground`].
//! * Look underneath: [`AddEndpoint`], [`Turn`] and [`Event`] are what the forms expand to;
//!   [`Value`] and [`Topic`] what messages and patterns become, [`notation`] how those are written;
//!   [`GroundVm`] is the whole kernel for a host of your own.
//!
//! # Features
//!
//! `tokio` (default): [`ground`] and [`ground_vm!`]. Without it the crate is the kernel: no I/O, no
//! clock, no thread, no runtime.
//!
//! `shell`: module `shell`, a prompt at which one stops a program, steps it and looks around.
//!
//! `inspector`: module `inspector`, a page for the browser that shows a running vat.
#![forbid(unsafe_code)]

extern crate self as marketplace;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod conversation;
mod data;
mod forms;
mod ground_vm;
mod host;
mod network;
mod process;
mod record;
mod vm;

pub use conversation::duct::{Duct, MAX_HOPS, PassId};
pub use conversation::event::Event;
pub use conversation::notation;
pub use conversation::part::{Part, Parts};
pub use conversation::pid::{MAX_LEVELS, Pid};
pub use conversation::role::{InterestType, Orientation, Role};
pub use conversation::topic::{Topic, TopicView};
pub use data::bounded::MAX_TEXT;
pub use data::driver::Driver;
pub use data::fresh::Fresh;
pub use data::message::Message;
pub use data::one_line::one_line;
pub use data::opaque::Opaque;
pub use data::reason::{Failure, IntoReason, Reason, SharedError};
pub use data::symbol::{Label, Symbol};
pub use data::text::Text;
pub use data::value::from::IntoValue;
pub use data::value::{MAX_DEPTH, TooDeep, Value, View};
pub use ground_vm::caller::Caller;
pub use ground_vm::event_relay::event_relay;
pub use ground_vm::source::{Credit, Ground, Source};
pub use ground_vm::{GroundError, GroundVm, Output, Reply};
pub use host::exports;
#[cfg(feature = "tokio")]
pub use host::ground;
#[cfg(feature = "inspector")]
pub use host::inspector;
#[cfg(feature = "shell")]
pub use host::shell;
pub use host::sim;
#[cfg(feature = "tokio")]
pub use host::vat;
pub use im;
pub use marketplace_macros::Message;
pub use process::action::act::{
    delete_endpoint, give, pass, quit, refuse, send_feedback, send_message, send_oriented, yield_now,
};
pub use process::action::meta_level::at_meta_level;
pub use process::action::peekable::{peekable, peekable_as, peekable_data, peekable_now};
pub use process::action::{
    Action, AddEndpoint, Addressed, IntoPreActions, Outcome, PreAction, Spawn, name_endpoint, name_process,
    once, spawn,
};
pub use process::error::VmError;
pub use process::limits::Limits;
pub use process::protocol;
pub use process::transition::{ActionTree, IntoActionTree, IntoTransition, Transition};
pub use process::{
    Exit, Fault, Level, Misnamed, Missed, NeverMet, Stuck, StuckOn, Turn, Twins, UnheardError, Unmet,
    WhyMisnamed, WhyMissed,
};
pub use record::log;
pub use record::trace::{Heard, Performed, Record, Trace, TurnOutcome, What};
pub use record::watched::{RunningTurn, SlowTurn, TurnWatch};
pub use vm::dump::{
    Dump, DumpedAction, DumpedDecider, DumpedEndpoint, DumpedObject, DumpedOuter, DumpedPlace, DumpedProcess,
    DumpedPromise, DumpedWaiter,
};
pub use vm::nested::{spawn_vm, spawn_vm_within};
pub use vm::{ObjectStats, Stats, Vm};

/// Objects: things in processes that are spoken to by reference.
///
/// A type becomes an object by [`#[object]`](macro@objects::object) on an `impl` block, a process
/// makes one of its clauses by [`object_of!`]. [`Far<T>`](objects::Far) is a reference, and has the
/// methods of `T` as sends: each takes a `cx` behind `self`, and gives a
/// [`Promise`](objects::Promise) of the answer at once. The guide has a chapter, "Objects".
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
/// struct Desk;
///
/// #[object]
/// impl Desk {
///     fn counter(&self, cx: &Cx<Self>) -> Far<Counter> {
///         cx.make(Counter(0))
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let desk = sim.spawn_object(Desk);
/// // Two calls: the second goes to what the first will answer.
/// let sum = sim.ask(|cx| desk.counter(cx).add(cx, 7));
/// sim.run();
/// assert_eq!(sum.answer(), Some(Ok(7)));
/// ```
///
/// | to | one writes |
/// |---|---|
/// | make an object in a process of its own | [`spawn_object`](objects::spawn_object), [`Cx::spawn`](objects::Cx::spawn) |
/// | make one beside this one | [`Cx::make`](objects::Cx::make) |
/// | make a process, where there is a `cx` | [`spawn_with`](objects::spawn_with) |
/// | call, and go on with the answer | [`ask`](objects::ask), [`when`](objects::when), [`Cx::when`](objects::Cx::when) |
/// | call without an answer | [`tell`](objects::tell); in a method, a call whose promise nobody keeps |
/// | make an object of clauses | [`object_of!`], with [`reference`](objects::reference) |
/// | answer in a clause with what a promise gives | [`give_when`](objects::give_when) |
/// | wait for several | [`all`](objects::all), [`race`](objects::race) |
/// | settle a promise oneself | [`promise`](objects::promise), [`Resolver`](objects::Resolver) |
/// | hear that an object is gone | [`when_broken`](objects::when_broken), [`Cx::when_broken`](objects::Cx::when_broken) |
/// | have a reference that keeps nothing | [`weak`](objects::weak) |
/// | have a reference that can be taken back | [`forwarded`](objects::forwarded) |
/// | call an object of the same process now | [`Cx::near`](objects::Cx::near) |
/// | do what a process does | [`Cx::act`](objects::Cx::act) |
/// | say which methods an object has | [`cast`](objects::cast), `#[object]` on a trait |
/// | call without types | [`send`](objects::send), [`send_parts`](objects::send_parts), [`pass`](pass()) |
/// | look at a reference | [`settlement`](objects::settlement), [`process_of`](objects::process_of), [`same_process`](objects::same_process), [`Reference::shown`](objects::Reference::shown) |
/// | call from a thread, in a test | `Vat::ask`, [`Sim::ask`](sim::Sim::ask) |
pub mod objects {
    pub use crate::conversation::promise::broken::Broken;
    pub use crate::data::reference::Reference;
    pub use crate::object_of;
    pub use crate::process::objects::answers::{Answers, Awaited, Continues, GoesOn};
    pub use crate::process::objects::asks::{Asker, Asks, Told, all, race, send, send_parts, spawn_with};
    pub use crate::process::objects::far::{Far, Promise, WeakFar, cast, weak};
    pub use crate::process::objects::forms::{ask, spawn_object, tell, when, when_broken};
    pub use crate::process::objects::looking::{Settlement, process_of, same_process, settlement};
    pub use crate::process::objects::{
        Cx, Here, NotNear, Object, Promised, Resolver, Settles, forwarded, give_when, promise, reference,
    };
    /// Makes a type an object, whose methods others call by reference.
    ///
    /// On an `impl` block each function with `&self` or `&mut self` is a method. Others may call
    /// all that stands in the block; helpers stand in another `impl` block.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// struct Purse { balance: u64 }
    ///
    /// #[derive(Message, Clone, Debug, thiserror::Error)]
    /// #[message(error)]
    /// #[error("only {0} left")]
    /// struct Overdrawn(u64);
    ///
    /// #[object]
    /// impl Purse {
    ///     fn withdraw(&mut self, amount: u64) -> Result<(), Overdrawn> {
    ///         self.balance = self.balance.checked_sub(amount).ok_or(Overdrawn(self.balance))?;
    ///         Ok(())
    ///     }
    ///
    ///     /// Answers when the other purse has paid.
    ///     fn deposit(&mut self, cx: &Cx<Self>, amount: u64, from: Far<Self>) -> Promise<u64> {
    ///         let paid = from.withdraw(cx, amount);
    ///         cx.when(paid, move |purse, _cx, paid| {
    ///             paid?;
    ///             purse.balance += amount;
    ///             Ok(purse.balance)
    ///         })
    ///     }
    /// }
    ///
    /// let mut sim = Sim::new(|_| {
    ///     let (spawn_a, a) = spawn_object(Purse { balance: 10 });
    ///     let (spawn_b, b) = spawn_object(Purse { balance: 0 });
    ///     transition_no_state!(
    ///         spawn_a,
    ///         spawn_b,
    ///         ask(|cx| b.deposit(cx, 3, &a), |(), balance| {
    ///             Ok(transition_no_state!(send_message!(balance?)))
    ///         }),
    ///         ask(|cx| b.deposit(cx, 30, &a), |(), balance| {
    ///             let Err(reason) = balance else { panic!("there is not so much") };
    ///             transition_no_state!(send_message!(reason.to_string()))
    ///         }),
    ///     )
    /// });
    /// sim.run();
    /// assert_eq!(sim.messages_of::<u64>(), [3]);
    /// assert_eq!(sim.messages_of::<Text>(), ["only 7 left"]);
    /// ```
    ///
    /// # Methods
    ///
    /// A method takes `&self` or `&mut self`, then `cx: &Cx<Self>` if it wants to send or to ask
    /// for something, then messages. It returns a message, nothing, a `Promise`, or a `Result` of
    /// one of these with any error.
    ///
    /// A [`Far<Purse>`](Far) and a [`Promise<Far<Purse>>`](Promise) have the methods of `Purse`.
    /// Each takes a `cx`, which says where the message is sent from, then the arguments, and gives
    /// a promise of the answer. Where the type of an argument is written as `Text`, `Symbol`,
    /// `Value`, `Reference`, `Far<..>` or `Promise<..>`, they take whatever can be turned into one:
    /// a `&str`, a `&Far<T>`, a plain `T` for a `Promise<T>`.
    ///
    /// - `#[method(name = "getBalance")]`: the verb by which it is called, if it is not the name of
    ///   the function.
    /// - `#[method(bare)]`: it takes the messages without a verb, which do not begin with a symbol.
    /// - `#[method(released)]`: the last turn of the object, when nobody has a reference to it any
    ///   more. It takes `&mut self` and `cx: &Cx<Self>`. Nobody calls it.
    ///
    /// The names of methods that every reference has, such as `clone` and `into`, are errors. A
    /// type parameter stands at the `impl` block: `impl<T: Message> Cell<T>`.
    ///
    /// # Traits
    ///
    /// On a trait it says only what can be called, for a `Far<dyn Counter>`. The object may be of
    /// any type, made of clauses by [`object_of!`](crate::object_of), or written in another
    /// language. [`cast`] says that an object is one.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// #[object]
    /// trait Counter {
    ///     #[method(name = "addUp")]
    ///     fn add_up(&mut self, n: u64) -> u64;
    /// }
    ///
    /// struct Sum(u64);
    ///
    /// #[object]
    /// impl Sum {
    ///     #[method(name = "addUp")]
    ///     fn plus(&mut self, n: u64) -> u64 {
    ///         self.0 += n;
    ///         self.0
    ///     }
    /// }
    ///
    /// let mut sim = Sim::new(|_| {
    ///     let (spawn, sum) = spawn_object(Sum(1));
    ///     let counter: Far<dyn Counter> = cast(&sum);
    ///     transition_no_state!(
    ///         spawn,
    ///         ask(move |cx| counter.add_up(cx, 2), |(), sum| {
    ///             Ok(transition_no_state!(send_message!(sum?)))
    ///         }),
    ///     )
    /// });
    /// sim.run();
    /// assert_eq!(sim.messages_of::<u64>(), [3]);
    /// ```
    ///
    /// # Options
    ///
    /// - `#[object(transactional)]`: an `Err` that a method or a continuation answers undoes the
    ///   turn. All that was asked for is dropped, and the object is as before. It must be `Clone`.
    /// - `#[object(crate = path)]`: the path of `marketplace` in this crate, if it was renamed.
    ///
    /// # What it expands to
    ///
    /// The block as it is written, an implementation of [`Object`], and one of `Deref` of
    /// references, to a hidden trait object `dyn __PurseFace` that has the methods.
    pub use marketplace_macros::object;
}

/// The names that most programs use: `use marketplace::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "tokio")]
    pub use crate::ground_vm;
    pub use crate::{
        Action, ActionTree, AddEndpoint, Duct, Failure, Fresh, GroundError, InterestType, IntoActionTree,
        IntoTransition, Message, Orientation, Pid, PreAction, Reason, Role, Spawn, Symbol, Text, Topic,
        Transition, Value, delete_endpoint, give, name_endpoint, name_process, once, pass, peekable,
        peekable_data, quit, refuse, send_oriented,
    };
    // A macro and a function of one name come together.
    pub use crate::{
        actions, at_meta_level, build_endpoint, callee, let_fresh, match_conversation, match_duct,
        match_interest_type, match_orientation, match_reason, match_state, match_wire, observe_publishers,
        observe_publishers_everything, observe_subscribers, observe_subscribers_everything, on_absence,
        on_duct_absence, on_first_presence, on_last_absence, on_message, on_presence, on_refusal, on_release,
        on_reply, on_shutdown, on_vacancy, publisher, replies, send_feedback, send_message, sequence_actions,
        spawn, spawn_continue, spawn_vm, subscriber, topic, transition, transition_no_state, yield_now,
    };
}

/// A VM can be made on one thread and run on another.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<GroundVm>();
    is_send::<sim::Sim>();
};
