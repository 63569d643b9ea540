//! A host for tests: virtual time, scripted sources, and a record of everything.
//!
//! A test plays the part of everything that is not under test. Processes that it spawns are the
//! peers, [`Sim::send`] sends their messages, and a scripted source stands for the outer half of a
//! driver. An outer half that knows what it would do may bring a [`StandIn`] of its own: the timer
//! driver does, so that [`Sim::advance`] moves timers. The results are in [`Sim::messages`],
//! [`Sim::feedback`], [`Sim::exits`] and, line by line, in [`Sim::trace`]:
//! `println!("{}", sim.trace())`.
//!
//! ```
//! use std::time::Duration;
//!
//! use marketplace::prelude::*;
//! use marketplace::sim::Sim;
//! use marketplace::{Ground, Source};
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Tick(u64);
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Count(u64);
//!
//! /// Under test: says each tick, as long as somebody hears.
//! fn clock(source: Source) -> Transition<()> {
//!     transition_no_state!(
//!         publisher!(Tick(_), on_absence!(quit())),
//!         at_meta_level!(subscriber!(
//!             Ground::<u64>(source, _),
//!             on_message!(Ground::<u64>(_, n) => send_message!(Tick(n))),
//!         )),
//!     )
//! }
//!
//! /// Under test: counts.
//! fn counter() -> Transition<u64> {
//!     transition!(0, subscriber!(
//!         Tick(_),
//!         match_state!(n: u64 => on_message!(_ => transition!(n + 1, send_message!(Count(n + 1))))),
//!     ))
//! }
//!
//! let second = Duration::from_secs(1);
//! let source = Sim::timeline([(second, 1u64), (second * 2, 2)], Reason::Normal);
//! let scripted = source.clone();
//! let mut sim = Sim::new(move |_boot_pid| transition!(None::<Pid>,
//!     spawn!(clock(scripted)),
//!     spawn_continue!(child: counter(), parent: |_: Option<Pid>, child: Result<Pid, Reason>| transition!(child.ok())),
//!     subscriber!("stop", match_state!(counter: &Option<Pid> =>
//!         on_message!(_ => counter.map(|pid| quit().pid(pid))))),
//! ));
//! sim.advance(second);
//! assert_eq!(sim.messages(), [Tick(1).to_value(), Count(1).to_value()]);
//! assert!(sim.is_on(&source));
//!
//! sim.send(&"stop".to_string());
//! sim.run();
//! assert_eq!(sim.exits().len(), 2, "the clock saw the counter go: {}", sim.trace());
//! assert!(!sim.is_on(&source));
//! ```

mod asked;
mod hints;
mod looking;
mod running;
mod stand_in;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::conversation::pid::Pid;
use crate::data::message::Message;
use crate::data::reason::{IntoReason, Reason};
use crate::data::value::Value;
use crate::data::value::from::IntoValue;
use crate::ground_vm::source::Source;
use crate::ground_vm::{GroundVm, Output};
pub use crate::host::sim::asked::Asked;
use crate::host::sim::hints::{Hints, test_fails};
use crate::host::sim::running::{Running, Script};
pub use crate::host::sim::stand_in::StandIn;
use crate::process::Exit;
use crate::process::action::Spawn;
use crate::process::limits::Limits;
use crate::process::objects::Object;
use crate::process::objects::asks::{Asker, Told};
use crate::process::objects::far::{Far, Promise};
use crate::process::transition::IntoTransition;
#[cfg(feature = "tokio")]
use crate::record::trace::{Record, What};

/// A ground VM under test. Nothing in it waits, sleeps or opens anything; the same test gives the
/// same trace every time.
///
/// ```
/// use marketplace::sim::Sim;
/// use marketplace::{AddEndpoint, Message, Role, Symbol, Transition, send_message};
///
/// let ping = || Symbol::new("ping").to_value();
/// let mut sim = Sim::new(move |_| {
///     let endpoint = AddEndpoint::new(Role::subscriber(ping()), |event, turn| match event.body() {
///         Some(_) => turn.act(send_message(&Symbol::new("pong"))),
///         None => turn.skip(),
///     });
///     Transition::new((), endpoint)
/// });
/// sim.send(&Symbol::new("ping"));
/// sim.run();
/// assert_eq!(sim.messages(), [Symbol::new("ping").to_value(), Symbol::new("pong").to_value()]);
/// ```
///
/// If it is dropped by a panic, as by an `assert!` of the test that fails, it says on the standard
/// error stream which processes failed in it, which errors reached nobody, which processes wanted
/// something of the outside for which there is no script, whether actions wait for a
/// [`run`](Sim::run), and, if no time has passed, when something is due. In a debug build, it
/// also says which messages were [missed](GroundVm::take_missed) (but not those of processes for
/// which there is no listener at all: they may be what the test looks at), which types are one
/// message, which names of endpoints are not as meant, and which promises wait for each other.
pub struct Sim {
    vm: GroundVm,
    now: Duration,
    running: BTreeMap<Source, Running>,
    last_asked: Option<Source>,
    hints: Hints,
    feedback: Vec<(Source, Value)>,
    exits: Vec<Exit>,
    replies: Vec<(Value, Result<Value, Reason>)>,
    verb: Vec<String>,
}

impl Drop for Sim {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let due = self.now.is_zero().then(|| self.due(self.now)).flatten();
            test_fails(&mut self.vm, &self.exits, due, &self.hints);
        }
    }
}

impl Sim {
    /// A sim with this boot process, whose boot is called with its PID. The event relay is PID 1.
    /// Only the boot has run yet.
    pub fn new<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let vm = GroundVm::recorded(boot);
        Self {
            vm,
            now: Duration::ZERO,
            running: BTreeMap::new(),
            last_asked: None,
            hints: Hints::default(),
            feedback: Vec::new(),
            exits: Vec::new(),
            replies: Vec::new(),
            verb: Vec::new(),
        }
    }

    /// A source that gives these items as fast as they are asked for, and ends normally.
    pub fn source<M: Message>(items: impl IntoIterator<Item = M>) -> Source {
        Self::timeline(items.into_iter().map(|item| (Duration::ZERO, item)), Reason::Normal)
    }

    /// A source that gives each item when the given time has passed since it was turned on, and
    /// ends with this reason.
    pub fn timeline<M: Message>(
        items: impl IntoIterator<Item = (Duration, M)>,
        end: impl IntoReason,
    ) -> Source {
        Source::new(Self::script(items, end.into_reason()))
    }

    /// A source like [`Sim::timeline`] that gives items only while it has credit.
    pub fn credited<M: Message>(
        items: impl IntoIterator<Item = (Duration, M)>,
        end: impl IntoReason,
    ) -> Source {
        Self::timeline(items, end).credited()
    }

    fn script<M: Message>(items: impl IntoIterator<Item = (Duration, M)>, end: Reason) -> Script {
        let items = items.into_iter().map(|(at, item)| (at, item.to_value())).collect();
        Script { items, end, started: Duration::ZERO }
    }

    /// Runs until nothing more can happen at this time: the VM is idle and no source has an item or
    /// end to give.
    ///
    /// If that takes very many steps, the standard error stream is told, once, which process has
    /// most to do: perhaps the run has no end.
    pub fn run(&mut self) {
        loop {
            if self.vm.run(hints::MANY_STEPS) {
                self.hints.goes_on(&mut self.vm);
            }
            self.serve();
            if self.vm.is_idle() && !self.ask_sources() {
                return;
            }
        }
    }

    /// Performs at most so many innermost actions, asking sources whenever the VM is idle. Says
    /// whether work is left.
    pub fn run_steps(&mut self, max_steps: usize) -> bool {
        self.vm.run(max_steps);
        self.serve();
        !self.vm.is_idle() || self.ask_sources()
    }

    /// Performs the next innermost action; when there is none, asks a source. Says whether anything
    /// happened.
    pub fn step(&mut self) -> bool {
        let stepped = self.vm.step();
        self.serve();
        stepped || self.ask_sources()
    }

    /// Lets time pass, running everything that falls due on the way at its own time: the items of
    /// scripts and, where there is a timer driver, timers.
    ///
    /// If time passes while a process waits for a driver that is not there, the standard error
    /// stream is told, once: `cargo test` shows it with a test that fails.
    pub fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        self.run();
        if !by.is_zero() {
            self.hints.time_passes(&mut self.vm);
        }
        loop {
            self.run();
            // An item that is due already waits for something else than time.
            let Some(due) = self.due(self.now).filter(|due| *due <= until) else { break };
            self.now = due;
        }
        self.now = until;
        self.run();
    }

    /// When the next thing falls due after this time, by the passing of time alone, if nothing else
    /// happens before: whoever moves several sims in one time moves them to the earliest.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    /// use marketplace::Ground;
    ///
    /// let second = Duration::from_secs(1);
    /// let source = Sim::timeline([(second, 1u8), (second * 3, 2)], Reason::Normal);
    /// let mut sim = Sim::new(move |_| transition_no_state!(
    ///     at_meta_level!(subscriber!(Ground::<u8>(source, _))),
    /// ));
    /// sim.run();
    /// assert_eq!(sim.due(sim.now()), Some(second));
    /// ```
    #[must_use]
    pub fn due(&self, after: Duration) -> Option<Duration> {
        self.running.values().filter_map(Running::due).filter(|due| after < *due).min()
    }

    /// How much time has passed.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Handles the outputs of the VM.
    fn serve(&mut self) {
        while let Some(output) = self.vm.poll() {
            match output {
                Output::Start(source, engine) => match Running::new(engine, self.now) {
                    Ok(running) => drop(self.running.insert(source, running)),
                    Err(reason) => {
                        self.hints.is_not_scripted(self.turned_on_by(&source));
                        self.vm.end(&source, &reason);
                    }
                },
                Output::Stop(source) => {
                    self.running.remove(&source);
                }
                Output::Ask(_) => {}
                Output::Feedback(source, feedback) => {
                    if let Some(Running::StandIn(stand_in)) = self.running.get_mut(&source) {
                        stand_in.give(&feedback, self.now);
                    }
                    self.feedback.push((source, feedback));
                }
                Output::Exit(exit) => self.exits.push(exit),
                Output::Reply(reply) => self.replies.push((reply.wire().clone(), reply.into_answer())),
                Output::Verb(line) => self.verb.push(line),
                // Nobody watches: here time is what the test says.
                Output::SlowTurn(_) => {}
            }
        }
    }

    /// The process that has turned this source on, if it is there.
    #[cfg(feature = "tokio")]
    fn turned_on_by(&self, source: &Source) -> Option<String> {
        let by = self.vm.turned_on_by(source).number();
        let is_by = |record: &&Record| matches!(record.what, What::Turn { id, .. } if id == by);
        let turn = self.trace().records().iter().rev().find(is_by)?;
        self.vm.path_in_ground(turn.pid.filter(|_| turn.vm.is_empty())?)
    }

    #[cfg(not(feature = "tokio"))]
    fn turned_on_by(&self, _: &Source) -> Option<String> {
        None
    }

    /// Lets the next source that has an item, or has ended, give it: the sources take turns. Says
    /// whether one did.
    fn ask_sources(&mut self) -> bool {
        let mut sources: Vec<_> = self.running.keys().cloned().collect();
        if let Some(last) = &self.last_asked {
            let later = sources.partition_point(|source| source <= last);
            sources.rotate_left(later);
        }
        for source in sources {
            if self.ask_one(&source) {
                self.last_asked = Some(source);
                self.serve();
                return true;
            }
        }
        false
    }

    fn ask_one(&mut self, source: &Source) -> bool {
        let Some(running) = self.running.get_mut(source) else {
            return false;
        };
        if let Running::Script(Script { items, end, .. }) = running
            && items.is_empty()
        {
            let reason = end.clone();
            self.running.remove(source);
            self.vm.end(source, &reason);
            return true;
        }
        if running.due().is_none_or(|due| due > self.now) || !self.vm.wants(source) {
            return false;
        }
        if let Some(item) = running.item(self.now) {
            self.vm.item(source, item);
        }
        true
    }

    /// Sends a message in the ground VM's network, as if from outside every process.
    pub fn send(&mut self, message: &impl Message) {
        self.vm.send(message);
    }

    /// Sends feedback in the ground VM's network.
    pub fn send_feedback(&mut self, message: &impl Message) {
        self.vm.send_feedback(message);
    }

    /// Passes a message to one process of the ground VM, as a host does: [`Sim::replies`] has the
    /// answers.
    pub fn pass(&mut self, to: Pid, wire: impl IntoValue, message: &impl Message) {
        self.vm.pass(to, wire, message);
    }

    /// The answers to the messages that were [passed](Sim::pass), with their wires, in order; or
    /// why none came.
    pub fn replies(&self) -> &[(Value, Result<Value, Reason>)] {
        &self.replies
    }

    /// Makes an object in a process of its own, in the ground VM. The reference can be used at
    /// once.
    pub fn spawn_object<O: Object>(&mut self, object: O) -> Far<O> {
        self.vm.spawn_object(object)
    }

    /// Sends what `send` asks for, as a host does. The answer is there when the sim has been run,
    /// if somebody has given one.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// struct Doubler;
    ///
    /// #[object]
    /// impl Doubler {
    ///     fn double(&self, n: u32) -> u32 {
    ///         2 * n
    ///     }
    /// }
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!());
    /// let doubler = sim.spawn_object(Doubler);
    /// let asked = sim.ask(|cx| doubler.double(cx, 21));
    /// assert_eq!(asked.answer(), None);
    /// sim.run();
    /// assert_eq!(asked.answer(), Some(Ok(42)));
    /// ```
    pub fn ask<T: Message>(&mut self, send: impl FnOnce(&Asker) -> Promise<T>) -> Asked<T> {
        let asked = Asked::new();
        self.vm.ask(send, asked.hears());
        asked
    }

    /// Sends what `send` asks for, as a host does.
    pub fn tell<R: Told>(&mut self, send: impl FnOnce(&Asker) -> R) {
        self.vm.tell(send);
    }

    /// Makes a process in the ground VM.
    pub fn spawn(&mut self, spawn: Spawn<()>) {
        self.vm.spawn(spawn);
    }

    /// Ends a process of the ground VM.
    pub fn kill(&mut self, pid: Pid, reason: impl IntoReason) {
        self.vm.kill(pid, reason);
    }

    /// Ends the program, as a signal does: first [`on_shutdown!`](crate::on_shutdown) is heard,
    /// then processes quit, the youngest first. Run the sim to see it happen.
    pub fn shutdown(&mut self) {
        self.vm.shutdown();
    }

    /// Limits how much there may be in the ground VM from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.vm.set_limits(limits);
    }
}
