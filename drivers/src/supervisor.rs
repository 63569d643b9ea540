//! A supervisor starts processes, and starts them again when they have failed: first at once, then
//! after ever longer waits.
//!
//! A child is a name and a function that gives the [`Spawn`](marketplace::Spawn): of a process, or
//! of a whole nested VM. It need not know that it is supervised.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::sim::Sim;
//! use marketplace_drivers::supervisor::{Child, Supervised, Supervision};
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Divide(u32, u32);
//!
//! /// Fails when it is told to divide by zero.
//! fn divider() -> Transition<()> {
//!     transition_no_state!(subscriber!(
//!         Divide(..),
//!         on_message!(Divide(a, b) => send_message!(a / b)),
//!     ))
//! }
//!
//! let plan = Supervision::new("arithmetic").child(Child::new("divider", || spawn!(divider())));
//! let mut sim = Sim::new(move |_| transition_no_state!(plan.spawn()));
//! sim.run();
//! sim.send(&Divide(100, 0));
//! sim.run();
//! sim.send(&Divide(100, 5));
//! sim.run();
//! assert!(sim.messages().contains(&20u32.to_value()), "{}", sim.trace());
//! ```
//!
//! # An object as a child
//!
//! A new start makes a new object, to which old references do not lead. So the object is shown in a
//! topic, in which its users find the present one:
//!
//! ```
//! use marketplace::objects::*;
//! use marketplace::prelude::*;
//! use marketplace::sim::Sim;
//! use marketplace_drivers::supervisor::{Child, Supervision};
//!
//! struct Divider;
//!
//! #[object]
//! impl Divider {
//!     fn divide(&self, a: u32, b: u32) -> u32 { a / b }
//! }
//!
//! /// The divider that runs.
//! #[derive(Message, Clone, Debug)]
//! struct Dividing(Far<Divider>);
//!
//! /// The reference that others have. It sends on to the divider that runs.
//! #[derive(Default)]
//! struct Front { divider: Option<Far<Divider>> }
//!
//! #[object]
//! impl Front {
//!     fn open(&mut self, cx: &Cx<Self>) {
//!         cx.act(observe_publishers!(
//!             Dividing(_),
//!             match_conversation!(Dividing(divider) => match_state!(front: &mut Front =>
//!                 on_presence!(front.divider = Some(divider)),
//!                 on_absence!(front.divider = None),
//!             )),
//!         ));
//!     }
//!
//!     fn divide(&self, cx: &Cx<Self>, a: u32, b: u32) -> Result<Promise<u32>, Reason> {
//!         let divider = self.divider.as_ref().ok_or("no divider runs")?;
//!         Ok(divider.divide(cx, a, b))
//!     }
//! }
//!
//! let plan = Supervision::new("arithmetic").child(Child::new("divider", || {
//!     let (spawn, divider) = spawn_object(Divider);
//!     spawn.with_endpoint(Role::publisher(topic!(Dividing(divider))), |_| None)
//! }));
//! let mut sim = Sim::new(move |_| transition_no_state!(plan.spawn()));
//! let front = sim.spawn_object(Front::default());
//! sim.tell(|cx| front.open(cx));
//! sim.run();
//! let failed = sim.ask(|cx| front.divide(cx, 100, 0));
//! sim.run();
//! assert!(failed.answer().unwrap().is_err());
//! let answered = sim.ask(|cx| front.divide(cx, 100, 5));
//! sim.run();
//! assert_eq!(answered.answer(), Some(Ok(20)));
//! ```
//!
//! # Policies
//!
//! | [`Restart`] | a child that ended normally | a child that failed |
//! |---|---|---|
//! | `Always` | starts again | starts again |
//! | `OnFailure` (default) | stays ended | starts again |
//! | `Never` | stays ended | stays ended |
//!
//! | [`Strategy`] | what starts again with a child |
//! |---|---|
//! | `OneForOne` (default) | nothing |
//! | `OneForAll` | every other child: they are ended first, the last one first |
//! | `RestForOne` | the children after it, likewise |
//!
//! A child that has ended and is not restarted stays so, even if its siblings start again. A child
//! with `Never` that is ended with others stays ended, too.
//!
//! | setting | default | what it means |
//! |---|---|---|
//! | [`Supervision::at_once`] | 1 in 5 s | so many restarts of a child in such a period are made at once |
//! | [`Supervision::waits`] | 1 s to 30 s | then it waits before each restart: so long first, twice as long each time, and never longer than the second. When a child has run for a period, it starts afresh |
//! | [`Supervision::give_up`] | never | when a child has failed so often within such a time, the supervisor ends, and says why. The waits already bound the cost of a child that always fails, so this is for a supervisor whose end somebody handles |
//!
//! # What is told
//!
//! | to | be or do | what happens |
//! |---|---|---|
//! | know which children run | `observe_publishers!(Supervised { .. })` | the presence of a [`Supervised`] for each child that runs; its absence, with the reason for which the child ended |
//! | end a supervisor and its children | end its process | the children end with its reason, the last one first. A child that has booted and has no endpoints yet is killed by the supervisor |
//! | wait for all | look at the process | it ends, normally, when no child runs or is going to |
//!
//! Children start in the order in which they are given, each when the boot of the one before has
//! been called. Each start and end is logged as `info`. That a child fails is a warning of the
//! host; that it quits with a reason that is not normal, or that there is no room for it in the
//! VM, is one of the supervisor.
//!
//! | failure | how it is told |
//! |---|---|
//! | a child fails, is killed, or its boot fails | it counts as a failure: any end is one whose reason is not [normal](marketplace::Reason::is_normal). Absence of its `Supervised`, unless it did not boot |
//! | a child fails too often | the supervisor ends with a [`GaveUp`] as its reason |
//! | there is no timer driver in this VM (or [relay](crate::timer::relay), if it is nested) | a warning; a child that waits, waits until there is one |
//! | the function that gives the `Spawn` panics | the supervisor fails with it |
//!
//! A child that nothing can happen to is not dropped, as other processes are: it ends when it
//! quits. A nested VM does that with `at_meta_level!(quit())`.
//!
//! # Inside
//!
//! The child gets two endpoints of which it knows nothing
//! ([`Spawn::with_endpoint`](marketplace::Spawn::with_endpoint)). One subscribes to the
//! supervisor's lifeline, a topic that no other process can name: there the supervisor and the
//! child hear each other's end. The other publishes `Supervised`. The supervisor has no clock: it
//! counts restarts, and timers make it forget them again.

mod history;
mod messages;
mod plan;
mod process;
mod strategy;
#[cfg(test)]
mod tests;

pub use crate::supervisor::messages::{GaveUp, Supervised};
pub use crate::supervisor::plan::{Child, Supervision};
pub use crate::supervisor::process::Supervisor;
pub use crate::supervisor::strategy::{Restart, Strategy};
