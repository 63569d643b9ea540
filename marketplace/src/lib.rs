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
pub use data::driver::Driver;
pub use data::fresh::Fresh;
pub use data::message::Message;
pub use data::one_line::one_line;
pub use data::opaque::Opaque;
pub use data::reason::{Failure, IntoReason, Reason, SharedError};
pub use data::symbol::{Label, Symbol};
pub use data::text::Text;
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
    delete_endpoint, give, pass, peekable, quit, refuse, send_feedback, send_message, send_oriented,
    yield_now,
};
pub use process::action::meta_level::at_meta_level;
pub use process::action::{
    Action, AddEndpoint, IntoPreActions, Outcome, PreAction, Spawn, name_endpoint, name_process, once, spawn,
};
pub use process::error::VmError;
pub use process::limits::Limits;
pub use process::protocol;
pub use process::transition::{ActionTree, IntoActionTree, IntoTransition, Transition};
pub use process::{Exit, Fault, Turn, Twins, Unmet};
pub use record::log;
pub use record::trace::{Heard, Performed, Record, Trace, TurnOutcome, What};
pub use record::watched::{RunningTurn, SlowTurn, TurnWatch};
pub use vm::dump::{Dump, DumpedAction, DumpedEndpoint, DumpedOuter, DumpedProcess};
pub use vm::nested::{spawn_vm, spawn_vm_within};
pub use vm::{Stats, Vm};

/// The names that most programs use: `use marketplace::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "tokio")]
    pub use crate::ground_vm;
    pub use crate::{
        Action, ActionTree, AddEndpoint, Duct, Failure, Fresh, GroundError, InterestType, IntoActionTree,
        IntoTransition, Message, Orientation, Pid, PreAction, Reason, Role, Spawn, Symbol, Text, Topic,
        Transition, Value, delete_endpoint, give, name_endpoint, name_process, once, pass, peekable, quit,
        refuse, send_oriented,
    };
    // A macro and a function of one name come together.
    pub use crate::{
        actions, at_meta_level, build_endpoint, callee, let_fresh, match_conversation, match_duct,
        match_interest_type, match_orientation, match_reason, match_state, match_wire, observe_publishers,
        observe_publishers_everything, observe_subscribers, observe_subscribers_everything, on_absence,
        on_duct_absence, on_first_presence, on_last_absence, on_message, on_presence, on_refusal, on_reply,
        on_shutdown, on_vacancy, publisher, replies, send_feedback, send_message, sequence_actions, spawn,
        spawn_continue, spawn_vm, subscriber, topic, transition, transition_no_state, yield_now,
    };
}

/// A VM can be made on one thread and run on another.
const _: fn() = || {
    fn is_send<T: Send>() {}
    is_send::<GroundVm>();
    is_send::<sim::Sim>();
};
