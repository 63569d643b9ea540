//! The supervisor's process.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn, VmError, one_line};
use tracing::{info, warn};

use crate::lifeline::{End, Lifeline, gone};
use crate::supervisor::history::{History, Pace, Verdict};
use crate::supervisor::messages::{GaveUp, Supervised};
use crate::supervisor::strategy::{Restart, Strategy};
use crate::timer::{TimerExpired, When};

/// The state of a supervisor: the type of the spawns that
/// [`Child::new`](crate::supervisor::Child::new) is to give. It has no public parts.
pub struct Supervisor {
    name: Value,
    strategy: Strategy,
    pace: Pace,
    children: Vec<Slot>,
    /// Nobody else has this name, so nobody else can name the lifelines.
    key: Fresh,
    /// A child is being started: the next one has to wait for it.
    starting: bool,
}

/// The lifeline of a supervisor and the incarnations of a child. The supervisor is there for all of
/// them, and fills its place with the key.
fn lifeline(key: Fresh, child: usize) -> Lifeline {
    Lifeline { label: "SupervisorLifeline", key, about: child as u64 }
}

/// The ends of a lifeline.
const INCARNATION: End = End::First;
const SUPERVISOR: End = End::Second;

/// Makes a child, each time that it starts.
pub(super) type Make = Box<dyn Fn() -> Spawn<Supervisor> + Send>;

/// A child, and what has become of it.
pub(super) struct Slot {
    name: Text,
    restart: Restart,
    make: Make,
    status: Status,
    /// How often it was started.
    starts: u64,
    history: History,
    /// The timers that it waits for: to be restarted, and to have run for a period. A new one has a
    /// new name.
    wait: Option<Fresh>,
    calm: Option<Fresh>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    /// To be started as soon as nothing that concerns it waits.
    Down,
    /// Its boot has not been called yet.
    Starting,
    /// Its boot has not been called yet, and it has to end at once because another child has ended.
    Doomed,
    Running(Pid),
    /// It has ended for good.
    Ended,
}

pub(super) fn spawn<S>(name: Value, strategy: Strategy, pace: Pace, children: Vec<Slot>) -> Spawn<S> {
    name_process(name.clone(), spawn!(boot(name, strategy, pace, children)))
}

fn boot(name: Value, strategy: Strategy, pace: Pace, children: Vec<Slot>) -> Transition<Supervisor> {
    let key = Fresh::new();
    // Endpoints go in the order in which they came: so the last child is the first to hear that the
    // supervisor ends.
    let watches: Vec<_> = (0..children.len()).rev().map(|child| watch(key, child)).collect();
    let supervisor = Supervisor { name, strategy, pace, children, key, starting: false };
    Transition::new(supervisor, watches).then(Supervisor::go_on)
}

/// The endpoint that hears a child end.
fn watch(key: Fresh, child: usize) -> AddEndpoint<Supervisor> {
    let topic = lifeline(key, child).end(SUPERVISOR, &key);
    AddEndpoint::new(Role::publisher(topic), move |event: &Event<'_>, turn: &mut Turn<'_, Supervisor>| {
        let Some((incarnation, reason)) = gone(event, INCARNATION) else { return turn.act(()) };
        let failed = turn.is_told_of_failure();
        match u64::from_value(&incarnation) {
            Some(incarnation) => {
                turn.transition(|supervisor| supervisor.gone(child, incarnation, reason, failed))
            }
            None => turn.act(()),
        }
    })
}

impl Supervisor {
    /// Starts the next child that is to be started; ends the supervisor when there will never be
    /// one.
    fn go_on(mut self) -> Transition<Self> {
        if self.children.iter().all(|slot| slot.status == Status::Ended) {
            info!(supervisor = %self.name, "no child is left");
            return transition!(self, quit());
        }
        let next = (0..self.children.len()).find(|child| self.is_due(*child));
        match next {
            Some(child) if !self.starting => {
                let start = self.start(child);
                transition!(self, start)
            }
            _ => transition!(self),
        }
    }

    fn is_due(&self, child: usize) -> bool {
        let mut waiting = self.children.iter().enumerate().filter(|(_, slot)| slot.wait.is_some());
        self.children[child].status == Status::Down
            && !waiting.any(|(other, _)| self.strategy.concerns(other, child))
    }

    fn start(&mut self, child: usize) -> Spawn<Self> {
        self.starting = true;
        let slot = &mut self.children[child];
        slot.status = Status::Starting;
        let incarnation = slot.starts;
        slot.starts += 1;
        let name = slot.name.clone();
        let lifeline = lifeline(self.key, child).end(INCARNATION, &incarnation);
        let shown = Supervised { supervisor: self.name.clone(), child: name.clone(), incarnation };
        let supervisor = self.name.clone();
        name_process(name.to_value(), (slot.make)())
            .with_endpoint(Role::publisher(shown.to_value()), |_| None)
            .with_endpoint(Role::subscriber(lifeline), move |event| {
                if event.is_vacancy() {
                    // The supervisor ended before the child could see it.
                    return Some(Reason::Killed(Some(supervisor.clone())));
                }
                gone(event, SUPERVISOR).map(|(_, reason)| reason.clone())
            })
            .then(move |supervisor: Self, booted| supervisor.booted(child, incarnation, booted))
    }

    fn booted(mut self, child: usize, incarnation: u64, booted: Result<Pid, Reason>) -> Transition<Self> {
        self.starting = false;
        let slot = &mut self.children[child];
        let doomed = slot.status == Status::Doomed;
        match booted {
            Ok(pid) if doomed => {
                slot.status = slot.again();
                transition!(self, quit().pid(pid).because(Reason::Shutdown)).then(Self::go_on)
            }
            Ok(pid) => {
                info!(supervisor = %self.name, child = &*slot.name, incarnation, "started");
                slot.status = Status::Running(pid);
                let calm = slot.history.has_waited().then(Fresh::new);
                slot.calm = calm;
                let period = self.pace.period;
                let calm =
                    calm.map(|name| timer(name, period, move |supervisor| supervisor.calm(child, name)));
                transition!(self, calm).then(Self::go_on)
            }
            Err(reason) => self.ended(child, &reason, true),
        }
    }

    /// An incarnation has ended. If it is not the present one, the supervisor has ended it.
    fn gone(self, child: usize, incarnation: u64, reason: &Reason, failed: bool) -> Transition<Self> {
        let slot = &self.children[child];
        if matches!(slot.status, Status::Running(_)) && slot.starts == incarnation + 1 {
            self.ended(child, reason, failed)
        } else {
            transition!(self)
        }
    }

    /// `by_fault`: it has not quit.
    fn ended(mut self, child: usize, reason: &Reason, by_fault: bool) -> Transition<Self> {
        let failed = !reason.is_normal();
        let pace = self.pace;
        let slot = &mut self.children[child];
        slot.log_end(&self.name, reason, by_fault);
        let calm = slot.calm.take().map(delete_endpoint);
        let again = match slot.restart {
            Restart::Always => true,
            Restart::OnFailure => failed,
            Restart::Never => false,
        };
        if !again {
            slot.status = Status::Ended;
            return transition!(self, calm).then(Self::go_on);
        }
        slot.status = Status::Down;
        let verdict = slot.history.ended(failed, &pace);
        let counted = pace.give_up.filter(|_| failed).map(|(_, within)| {
            timer(Fresh::new(), within, move |supervisor| supervisor.children[child].history.forget_failure())
        });
        let then = match verdict {
            Verdict::GiveUp(failures) => return self.give_up(child, failures, reason),
            Verdict::AtOnce => timer(Fresh::new(), pace.period, move |supervisor| {
                supervisor.children[child].history.forget_restart();
            }),
            Verdict::After(wait) => {
                info!(supervisor = %self.name, child = &*slot.name, ?wait, "waits");
                let name = Fresh::new();
                slot.wait = Some(name);
                timer(name, wait, move |supervisor| supervisor.children[child].wait = None)
            }
        };
        let ends = self.end_others(child);
        transition!(self, calm, counted, then, ends).then(Self::go_on)
    }

    fn give_up(self, child: usize, failures: usize, last: &Reason) -> Transition<Self> {
        let gave_up = GaveUp {
            supervisor: self.name.clone(),
            child: self.children[child].name.clone(),
            failures: failures as u64,
            last: last.clone(),
        };
        warn!(supervisor = %self.name, child = &*gave_up.child, failures, "gives up");
        transition!(self, quit().because(gave_up))
    }

    /// Ends every child that is to start again with this one, the last one first.
    fn end_others(&mut self, child: usize) -> Vec<PreAction<Self>> {
        let strategy = self.strategy;
        let others = self.children.iter_mut().enumerate().rev();
        let others = others.filter(|(other, _)| *other != child && strategy.concerns(child, *other));
        let mut actions = Vec::new();
        for (_, slot) in others {
            match slot.status {
                Status::Running(pid) => {
                    slot.status = slot.again();
                    actions.extend(slot.calm.take().map(delete_endpoint));
                    actions.push(quit().pid(pid).because(Reason::Shutdown));
                }
                Status::Starting => slot.status = Status::Doomed,
                Status::Down | Status::Doomed | Status::Ended => {}
            }
        }
        actions
    }

    fn calm(&mut self, child: usize, name: Fresh) {
        let slot = &mut self.children[child];
        if slot.calm == Some(name) {
            slot.calm = None;
            slot.history.calm();
        }
    }
}

impl Slot {
    /// A child that has not started yet.
    pub(super) fn new(name: Text, restart: Restart, make: Make) -> Self {
        Self {
            name,
            restart,
            make,
            status: Status::Down,
            starts: 0,
            history: History::default(),
            wait: None,
            calm: None,
        }
    }

    /// The next status of a child that was ended because of another.
    fn again(&self) -> Status {
        if self.restart == Restart::Never { Status::Ended } else { Status::Down }
    }

    fn log_end(&self, supervisor: &Value, reason: &Reason, by_fault: bool) {
        let (child, incarnation) = (&*self.name, self.starts - 1);
        match reason {
            reason if reason.is_normal() => {
                info!(%supervisor, child, incarnation, reason = %one_line(reason), "ended");
            }
            // There is no process of which the host could warn.
            Reason::Error(error)
                if matches!(error.downcast_ref(), Some(VmError::TooManyProcesses { .. })) =>
            {
                warn!(%supervisor, child, incarnation, reason = %one_line(reason), "not started");
            }
            // The host warns of a process that has failed, and of one that ends for such a reason,
            // and knows more of it.
            reason if by_fault || is_a_warning_anyway(reason) => {
                info!(%supervisor, child, incarnation, reason = %one_line(reason), "failed");
            }
            _ => warn!(
                %supervisor, child, incarnation, reason = %one_line(reason), "ended, which counts as a failure"
            ),
        }
    }
}

/// Whether the host warns of a process that quits for this reason.
fn is_a_warning_anyway(reason: &Reason) -> bool {
    matches!(reason, Reason::Panic(_) | Reason::Error(_) | Reason::Killed(_) | Reason::Refused(_))
        && !reason.is_disconnect()
}

/// Does `then` when so much time has passed; the timer has this name until then.
fn timer(
    name: Fresh,
    after: Duration,
    expired: impl Fn(&mut Supervisor) + Send + 'static,
) -> AddEndpoint<Supervisor> {
    let (label, when) = (name.to_value(), When::after(after));
    let topic = topic!(TimerExpired { label, when, now: _ });
    let handler = move |event: &Event<'_>, turn: &mut Turn<'_, Supervisor>| -> Outcome<Supervisor> {
        if event.is_vacancy() {
            warn!(supervisor = %turn.state().name, "there is no timer driver here: it waits for one");
        }
        if event.body().is_none() {
            return turn.act(());
        }
        turn.transition(|mut supervisor| {
            expired(&mut supervisor);
            supervisor.go_on()
        })
    };
    name_endpoint(name, once(AddEndpoint::new(Role::subscriber(topic), handler)))
}
