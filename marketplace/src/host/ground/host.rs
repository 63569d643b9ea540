//! The host that turns a ground VM over on tokio.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::task::coop::has_budget_remaining;
use tokio::time::sleep;

use crate::data::door;
use crate::data::hash::Map;
use crate::data::numbers::{self, TurnId};
use crate::data::one_line::one_line;
use crate::data::reason::Reason;
use crate::data::slots::{Slot, Slots};
use crate::ground_vm::GroundError;
use crate::ground_vm::source::{AtHost, Source};
use crate::ground_vm::{Asked, GroundVm, Output};
use crate::host::ground::busy::Busy;
use crate::host::ground::ending::Ending;
use crate::host::ground::engine::Engine;
use crate::host::ground::hints::Hints;
use crate::host::ground::options::Warnings;
use crate::host::ground::ready::{Key, Ready};
use crate::host::ground::slow::Slow;
use crate::host::ground::turned_on::{Closing, Running};
use crate::host::ground::{GRACE, log};
use crate::host::vat::{Askers, here, note};
use crate::process::objects::asks::{Asker, Told};
use crate::record::log::Origin;

/// How many actions are performed before sources are asked again, if the VM is never idle.
const SLICE: usize = 4096;

/// How many sources are asked in turn when the VM is idle, before it performs what their items lead
/// to; and before tokio's other tasks get a turn. If the VM is not idle, each slice ends with one.
/// The feedback for the sources is written then. Tokio lends a task 128 operations: as a rule that
/// is enough for 64 items and 64 answers.
///
/// The code of an ask, and then that of the VM, is found in the caches: a TCP round trip with 50
/// connections misses the instruction cache 20 times, and 350 times if the VM performs after each
/// item what that leads to. With 1,000 connections it takes 10 % less time.
const IN_TURN: usize = 64;

/// A ground VM and the sources that it has turned on.
pub(crate) struct Host {
    pub(crate) vm: GroundVm,
    running: Slots<Running, AtHost>,
    closing: Slots<Closing>,
    still_closing: usize,
    ready: Arc<Ready>,
    /// The sources that are being asked in turn.
    turn: Vec<Key>,
    /// Sources that were given something and are to be flushed.
    unflushed: Vec<Slot<AtHost>>,
    /// The host goes on when the VM is idle and listens to no source.
    pub(crate) goes_on_when_idle: bool,
    /// No action is performed and no source is asked; sources are flushed all the same.
    paused: bool,
    /// How often the host was told to stop, to go on or to end. Code that steps it for a while sees
    /// by this whether somebody else has decided otherwise.
    orders: u64,
    /// Sources that may be able to go on, to be asked when the host goes on.
    held: VecDeque<Slot<AtHost>>,
    /// The callers outside that wait for answers to messages that they have passed.
    pub(crate) askers: Askers,
    /// The places in other vats from which the next items of some sources were sent: those that
    /// have received one and not given it yet.
    arrived: Map<Slot<AtHost>, Origin>,
    /// The vats from which anything has arrived; they know of it.
    senders: BTreeSet<u64>,
    ending: Ending,
    hints: Hints,
    busy: Busy,
    slow: Slow,
}

impl Host {
    pub(crate) fn new(mut vm: GroundVm, warnings: Warnings) -> Self {
        let warnings = warnings.or_as_the_environment_says();
        let slow = Slow::new(&mut vm, warnings.slow_turn);
        Self {
            vm,
            running: Slots::new(),
            closing: Slots::new(),
            still_closing: 0,
            ready: Arc::new(Ready::default()),
            turn: Vec::new(),
            unflushed: Vec::new(),
            goes_on_when_idle: false,
            paused: false,
            orders: 0,
            held: VecDeque::new(),
            askers: Askers::default(),
            arrived: Map::default(),
            senders: BTreeSet::new(),
            ending: Ending::default(),
            hints: Hints::default(),
            busy: Busy::new(warnings),
            slow,
        }
    }

    /// Turns the VM over until it has nothing to do, or has performed so many innermost actions. In
    /// the second case the waker is called at once.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, max_steps: usize) -> Poll<Result<(), GroundError>> {
        self.slow.work();
        let polled = self.turn_over(cx, max_steps);
        self.slow.rest();
        polled
    }

    fn turn_over(&mut self, cx: &mut Context<'_>, max_steps: usize) -> Poll<Result<(), GroundError>> {
        if self.vm.is_ending() && !self.paused {
            self.ending.look(&mut self.vm, cx);
        }
        let end = self.vm.steps().saturating_add(max_steps as u64);
        let mut asked = 0;
        loop {
            if !self.paused {
                let left = usize::try_from(end - self.vm.steps()).unwrap_or(usize::MAX);
                self.busy.run(&mut self.vm, SLICE.min(left));
            }
            self.serve();
            if self.vm.is_halted() {
                break;
            }
            if self.is_done() {
                return self.finish(cx);
            }
            let idle = self.paused || self.vm.is_idle();
            match idle {
                true => self.busy.rest(),
                false => self.busy.work(&mut self.vm),
            }
            let spent = self.vm.steps() >= end;
            if asked >= IN_TURN {
                break;
            }
            match self.ask_in_turn(if idle { IN_TURN - asked } else { 1 }) {
                0 if !self.unflushed.is_empty() => {
                    asked += 1;
                    self.flush_all();
                }
                0 if idle => {
                    if !self.paused {
                        self.hints.idle(&mut self.vm, cx);
                    }
                    if self.ready.rests(cx.waker()) {
                        return Poll::Pending;
                    }
                }
                more => asked += more,
            }
            // Sources that are asked when tokio lends the task no more all say that they are not
            // ready, and have to be asked again.
            if !idle || spent || !has_budget_remaining() {
                break;
            }
        }
        self.flush_all();
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Asks sources that may be able to go on, in turn, but no more than this. Says how many.
    fn ask_in_turn(&mut self, most: usize) -> usize {
        let mut turn = std::mem::take(&mut self.turn);
        self.ready.take(most, &mut turn);
        let asked = turn.len();
        for key in turn.drain(..) {
            match key {
                _ if self.vm.is_halted() => {}
                Key::Running(key) if self.paused => self.hold(key),
                Key::Running(key) => self.ask(key),
                Key::Closing(key) => self.close(key),
            }
        }
        // The vector's room is used again.
        self.turn = turn;
        asked
    }

    /// Says in which vat, if in any, the items were sent that are given to the VM from now on,
    /// until the next call.
    pub(crate) fn sent_from(&mut self, sender: Option<Origin>) {
        if let Some(origin) = sender
            && note(&mut self.senders, origin.vat)
        {
            here::note_arrival(origin);
        }
        self.vm.sent_from(sender);
    }

    /// Whether there is nothing left to do but flush.
    fn is_done(&self) -> bool {
        !self.paused && (self.vm.has_quit() || !self.goes_on_when_idle && self.vm.is_done())
    }

    pub(crate) const fn is_paused(&self) -> bool {
        self.paused
    }

    pub(crate) const fn orders(&self) -> u64 {
        self.orders
    }

    pub(crate) fn pause(&mut self) {
        self.orders += 1;
        self.paused = true;
    }

    pub(crate) fn go_on(&mut self) {
        self.orders += 1;
        self.paused = false;
        for key in std::mem::take(&mut self.held) {
            if self.running.get(key).is_some() {
                self.ready.ring(Key::Running(key));
            }
        }
    }

    /// Performs the next innermost action; when there is none, takes an item of a source that has
    /// one. Says whether anything happened.
    pub(crate) fn step(&mut self) -> bool {
        let mut stepped = self.vm.step();
        self.serve();
        while !stepped
            && !self.vm.is_halted()
            && let Some(key) = self.held.pop_front()
        {
            let before = self.vm.counter();
            self.ask(key);
            stepped = self.vm.counter() > before;
        }
        self.flush_all();
        stepped
    }

    /// Delivers messages to objects before all that waits.
    pub(crate) fn tell_now<R: Told>(&mut self, send: impl FnOnce(&Asker) -> R) {
        self.vm.tell_now(send);
        self.serve();
    }

    /// The processes quit, the youngest first; after that the host is done.
    pub(crate) fn shutdown(&mut self) {
        self.vm.shutdown();
        self.goes_on_when_idle = false;
        self.go_on();
    }

    fn hold(&mut self, key: Slot<AtHost>) {
        self.flush(key);
        if self.running.get(key).is_some() && !self.held.contains(&key) {
            self.held.push_back(key);
        }
    }

    /// Handles the outputs of the VM.
    fn serve(&mut self) {
        while let Some(output) = self.vm.poll() {
            match output {
                Output::Start(source, engine) => match engine.downcast::<Engine>() {
                    Ok(engine) => self.start(source, *engine),
                    Err(engine) => {
                        let _ = door::dispose(engine);
                        self.vm.end(&source, &Reason::error(NotForTokio));
                    }
                },
                Output::Stop(source) => {
                    tracing::debug!(?source, "source off");
                    if let Some(running) = self.find(&source).and_then(|key| self.take_out(key)) {
                        self.turn_off(running.engine);
                    }
                }
                Output::Ask(source) => {
                    if let Some(key) = self.find(&source) {
                        self.ready.ring(Key::Running(key));
                    }
                }
                Output::Feedback(source, value) => {
                    let turn = TurnId::of(self.vm.feedback_cause());
                    numbers::note_turn(turn, self.vm.time());
                    if let Some(key) = self.find(&source)
                        && let Some(running) = self.running.get_mut(key)
                    {
                        running.cause = turn;
                        if running.engine.give(value, &mut Context::from_waker(&running.waker)) {
                            self.unflushed.push(key);
                        }
                    }
                }
                Output::Exit(exit) => log::exit(&exit),
                Output::Verb(line) => log::verb(&line),
                Output::SlowTurn(turn) => self.slow.over(&turn),
                Output::Reply(reply) => {
                    numbers::note_turn(TurnId::of(reply.cause()), self.vm.time());
                    if let Some(nobodys) = self.askers.hand_over(reply) {
                        self.vm.give_back(nobodys);
                    }
                }
            }
        }
    }

    /// The place of a source that is running.
    fn find(&self, source: &Source) -> Option<Slot<AtHost>> {
        let place = source.at_host();
        self.running.get(place).is_some_and(|running| running.source == *source).then_some(place)
    }

    fn flush_all(&mut self) {
        let mut unflushed = std::mem::take(&mut self.unflushed);
        for key in unflushed.drain(..) {
            // Most sources were flushed when they were asked.
            if self.running.get(key).is_some_and(|running| running.engine.is_given()) {
                self.flush(key);
            }
        }
        // The vector's room is used again.
        self.unflushed = unflushed;
    }

    fn start(&mut self, source: Source, engine: Engine) {
        tracing::debug!(?source, "source on");
        let ready = &self.ready;
        let cause = self.vm.turned_on_by(&source);
        let key = self.running.insert_with(|key| {
            let key = Key::Running(key);
            ready.ring(key);
            Running { source: source.clone(), engine, waker: ready.bell(key), cause }
        });
        source.set_at_host(key);
    }

    /// A source does not run any more.
    fn take_out(&mut self, key: Slot<AtHost>) -> Option<Running> {
        self.arrived.remove(&key);
        self.running.remove(key)
    }

    /// Lets a source write its feedback. If it fails to, the source ends.
    fn flush(&mut self, key: Slot<AtHost>) {
        let Some(running) = self.running.get_mut(key) else { return };
        if let Err(reason) = running.flush(self.vm.time()) {
            self.end(key, &reason);
        }
    }

    /// Asks a source that may be able to go on: it flushes and, if an item is wanted, gives one.
    // The place is looked up once, and not again for the flush.
    fn ask(&mut self, key: Slot<AtHost>) {
        let Some(running) = self.running.get_mut(key) else { return };
        if let Err(reason) = running.flush(self.vm.time()) {
            return self.end(key, &reason);
        }
        match self.vm.asks(&running.source) {
            Asked::Not => return,
            Asked::Later => return self.ready.ring(Key::Running(key)),
            Asked::Now => {}
        }
        let mut cx = Context::from_waker(&running.waker);
        // An arrival that another source has noted on this thread is not this source's.
        here::take_arrival();
        let polled = running.engine.poll_next(&mut cx);
        let arrived = here::take_arrival();
        let Poll::Ready(item) = polled else {
            if let Some(origin) = arrived {
                self.vm.observe(origin.stamp);
                self.arrived.insert(key, origin);
            }
            return;
        };
        let before = || if self.arrived.is_empty() { None } else { self.arrived.remove(&key) };
        if let Some(origin) = arrived.or_else(before) {
            if note(&mut self.senders, origin.vat) {
                here::note_arrival(origin);
            }
            self.vm.from_origin(origin);
        }
        match item {
            Ok(item) => {
                self.vm.item(&running.source, item);
                if !running.engine.is_waiting() {
                    self.ready.ring(Key::Running(key));
                }
            }
            Err(reason) => self.end(key, &reason),
        }
    }

    /// A source ends by itself.
    fn end(&mut self, key: Slot<AtHost>, reason: &Reason) {
        let Some(Running { source, engine, .. }) = self.take_out(key) else { return };
        tracing::debug!(?source, reason = %one_line(reason), "source ended");
        self.vm.end(&source, reason);
        self.turn_off(engine);
    }

    fn turn_off(&mut self, engine: Engine) {
        // Without a runtime no timer says when time is up.
        if Handle::try_current().is_err() {
            return engine.dispose();
        }
        let ready = &self.ready;
        let key = self.closing.insert_with(|key| Closing {
            engine,
            grace: None,
            waker: ready.bell(Key::Closing(key)),
        });
        self.still_closing += 1;
        self.close(key);
    }

    /// A source flushes and closes, or runs out of time.
    fn close(&mut self, key: Slot<Closing>) {
        let Some(Closing { engine, grace, waker }) = self.closing.get_mut(key) else { return };
        let mut cx = Context::from_waker(waker);
        let closed = engine.poll_close(&mut cx).is_ready();
        if closed || grace.get_or_insert_with(|| Box::pin(sleep(GRACE))).as_mut().poll(&mut cx).is_ready() {
            self.still_closing -= 1;
            if let Some(closing) = self.closing.remove(key) {
                closing.engine.dispose();
            }
        }
    }

    /// Drops all sources as they are: their sockets, for example, are closed when this returns.
    pub(crate) fn close_sources(&mut self) {
        self.held.clear();
        self.unflushed.clear();
        self.arrived.clear();
        self.still_closing = 0;
        let running = self.running.drain().map(|running| running.engine);
        running.chain(self.closing.drain().map(|closing| closing.engine)).for_each(Engine::dispose);
    }

    /// The VM is done: feedback that sources still hold is flushed.
    fn finish(&mut self, cx: &Context<'_>) -> Poll<Result<(), GroundError>> {
        self.hints.done(&mut self.vm);
        let mut turn = Vec::new();
        self.ready.take(usize::MAX, &mut turn);
        for key in turn {
            if let Key::Closing(key) = key {
                self.close(key);
            }
        }
        if self.still_closing == 0 {
            return Poll::Ready(self.vm.outcome());
        }
        // A source may ring its bell as it is asked, until another task has done something, or
        // until tokio lends more: so the others go first.
        if !self.ready.rests(cx.waker()) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.close_sources();
        self.ready.forget_host();
    }
}

/// Why a source that is not made for tokio ends there.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this source is for another host than tokio")]
struct NotForTokio;
