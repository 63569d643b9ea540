//! Concurrent programs as conversations.
#![forbid(unsafe_code)]

extern crate self as marketplace;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod action;
mod door;
mod endpoint;
mod error;
mod event;
mod event_relay;
mod forms;
mod fresh;
#[cfg(feature = "tokio")]
pub mod ground;
mod ground_vm;
mod hash;
mod index;
mod message;
mod nested;
mod opaque;
mod part;
mod pid;
mod process;
mod processes;
mod queue;
mod reason;
mod role;
pub mod sim;
mod slots;
mod source;
mod symbol;
mod text;
mod topic;
mod trace;
mod transition;
mod value;
mod vm;

pub use action::{
    Action, AddEndpoint, IntoPreActions, Outcome, PreAction, Spawn, at_meta_level, delete_endpoint,
    name_endpoint, name_process, once, quit, refuse, send_feedback, send_message, spawn, spawn_vm, yield_now,
};
pub use error::{GroundError, VmError};
pub use event::Event;
pub use event_relay::event_relay;
pub use fresh::Fresh;
pub use ground_vm::{GroundVm, Output};
pub use im;
pub use marketplace_macros::Message;
pub use message::Message;
pub use opaque::Opaque;
pub use part::{Part, Parts};
pub use pid::Pid;
pub use process::{Exit, Turn};
pub use reason::{Failure, Reason, SharedError};
pub use role::{InterestType, Orientation, Role};
pub use source::{Credit, Ground, Source};
pub use symbol::{Label, Symbol};
pub use text::Text;
pub use topic::{Topic, TopicView};
pub use trace::{Heard, Performed, Record, Trace, TurnOutcome, What};
pub use transition::{ActionTree, IntoActionTree, IntoTransition, Transition};
pub use value::{MAX_DEPTH, TooDeep, Value, View};
pub use vm::{QUEUE_LIMIT, Stats, Vm};

/// What most programs use: `use marketplace::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "tokio")]
    pub use crate::ground_vm;
    pub use crate::{
        Action, ActionTree, AddEndpoint, Failure, Fresh, GroundError, InterestType, IntoActionTree,
        IntoTransition, Message, Orientation, Pid, PreAction, Reason, Role, Spawn, Symbol, Text, Topic,
        Transition, Value, delete_endpoint, name_endpoint, name_process, once, quit, refuse,
    };
    // A macro and a function of one name come together.
    pub use crate::{
        actions, at_meta_level, build_endpoint, let_fresh, match_conversation, match_interest_type,
        match_orientation, match_reason, match_state, observe_publishers, observe_publishers_everything,
        observe_subscribers, observe_subscribers_everything, on_absence, on_first_presence, on_last_absence,
        on_message, on_presence, on_vacancy, publisher, send_feedback, send_message, sequence_actions, spawn,
        spawn_continue, spawn_vm, subscriber, transition, transition_no_state, yield_now,
    };
}
