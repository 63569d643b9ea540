//! Concurrent programs as conversations.
#![forbid(unsafe_code)]

extern crate self as marketplace;

mod action;
mod door;
mod error;
mod event;
mod fresh;
#[allow(dead_code)]
mod index;
mod message;
mod nested;
mod opaque;
mod part;
mod pid;
mod process;
mod queue;
mod reason;
mod role;
mod slots;
mod symbol;
mod text;
mod topic;
mod trace;
mod transition;
mod value;

pub use action::{
    Action, AddEndpoint, IntoPreActions, Outcome, PreAction, Spawn, at_meta_level, delete_endpoint, name_endpoint,
    name_process, once, quit, refuse, send_feedback, send_message, spawn, spawn_vm, yield_now,
};
pub use error::VmError;
pub use event::Event;
pub use fresh::Fresh;
pub use im;
pub use message::Message;
pub use nested::Vm;
pub use opaque::Opaque;
pub use part::{Part, Parts};
pub use pid::Pid;
pub use process::Turn;
pub use reason::{Failure, Reason, SharedError};
pub use role::{InterestType, Orientation, Role};
pub use symbol::{Label, Symbol};
pub use text::Text;
pub use topic::{Topic, TopicView};
pub use transition::{ActionTree, IntoActionTree, IntoTransition, Transition};
pub use value::{MAX_DEPTH, TooDeep, Value, View};
