//! The timers that are set, in the order in which they expire. It has no clock: it is told the
//! time.

use std::collections::{BTreeMap, HashMap};

use marketplace::Value;

use crate::timer::halves::{Ask, Time};
use crate::timer::messages::{TimerExpired, When};

const NANOS: u64 = 1_000_000;

/// How many timers expire in one turn. More have to wait for the next, so that the processes that
/// hear of them get turns in between.
pub(super) const AT_ONCE: usize = 1024;

/// A conversation of the driver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Timer {
    pub(super) label: Value,
    pub(super) when: When,
}

/// All timers that are wanted.
#[derive(Default)]
pub(super) struct Schedule {
    timers: HashMap<Timer, Setting>,
    /// The timers of which it is not yet known when they were set, in the order set.
    unknown: BTreeMap<u64, Timer>,
    /// The others that have not expired, by deadline (in nanoseconds), then in the order set.
    known: BTreeMap<(u64, u64), Timer>,
    /// How many have been set so far.
    set: u64,
}

struct Setting {
    /// How many endpoints want it.
    by: usize,
    /// Its number in the order in which timers were set.
    serial: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Known(u64),
    Expired,
}

impl Schedule {
    /// One more endpoint wants this timer: if it is relative, or has expired, it is set anew.
    pub(super) fn set(&mut self, timer: Timer) {
        let setting =
            self.timers.entry(timer.clone()).or_insert(Setting { by: 0, serial: 0, state: State::Expired });
        setting.by += 1;
        let restarts = !matches!(timer.when, When::At(_)) || setting.state == State::Expired;
        if !restarts {
            return;
        }
        let before = (setting.state, setting.serial);
        setting.serial = self.set;
        self.set += 1;
        let serial = setting.serial;
        setting.state = match timer.when {
            When::After(_) | When::Every { .. } => State::Unknown,
            When::At(ms) => State::Known(ms.saturating_mul(NANOS)),
        };
        let state = setting.state;
        self.forget(before);
        match state {
            State::Known(deadline) => drop(self.known.insert((deadline, serial), timer)),
            _ => drop(self.unknown.insert(serial, timer)),
        }
    }

    /// One endpoint less wants this timer: the last one cancels it.
    pub(super) fn unset(&mut self, timer: &Timer) {
        let Some(setting) = self.timers.get_mut(timer) else { return };
        setting.by -= 1;
        if setting.by == 0 {
            let before = (setting.state, setting.serial);
            self.timers.remove(timer);
            self.forget(before);
        }
    }

    fn forget(&mut self, (state, serial): (State, u64)) {
        match state {
            State::Unknown => drop(self.unknown.remove(&serial)),
            State::Known(deadline) => drop(self.known.remove(&(deadline, serial))),
            State::Expired => {}
        }
    }

    /// The request to the clock for the next timer to expire; none, if no timer waits.
    pub(super) fn ask(&self) -> Option<Ask> {
        let next = self.known.keys().next().map(|(deadline, _)| *deadline);
        let at = if self.unknown.is_empty() { next? } else { 0 };
        Some(Ask { at, set: self.set })
    }

    /// Gives the timers that expire at this time, by deadline, then in the order set; at most
    /// [`AT_ONCE`].
    pub(super) fn expire(&mut self, time: Time) -> Vec<TimerExpired> {
        let later = self.unknown.split_off(&time.set);
        for (serial, timer) in std::mem::replace(&mut self.unknown, later) {
            let wait = match timer.when {
                When::After(ms) => ms.saturating_mul(NANOS),
                When::Every { nanos } => nanos,
                When::At(_) => unreachable!("it is known when an absolute timer expires"),
            };
            if let Some(setting) = self.timers.get_mut(&timer) {
                let deadline = time.now.saturating_add(wait);
                setting.state = State::Known(deadline);
                self.known.insert((deadline, serial), timer);
            }
        }
        let mut expired = Vec::new();
        while expired.len() < AT_ONCE
            && let Some(first) = self.known.first_entry()
            && first.key().0 <= time.now
        {
            let ((deadline, serial), timer) = first.remove_entry();
            expired.push(TimerExpired {
                label: timer.label.clone(),
                when: timer.when,
                now: time.now / NANOS,
            });
            let next = next(timer.when, deadline, time.now);
            if let Some(setting) = self.timers.get_mut(&timer) {
                setting.state = next.map_or(State::Expired, State::Known);
            }
            if let Some(next) = next {
                self.known.insert((next, serial), timer);
            }
        }
        expired
    }
}

/// The next deadline of a timer that comes again, after this one: the first after now. It lies a
/// whole number of periods after the deadlines before, so that the timer does not drift.
fn next(when: When, deadline: u64, now: u64) -> Option<u64> {
    let When::Every { nanos } = when else { return None };
    let missed = (now - deadline).checked_div(nanos)?;
    // After 584 years it does not come again.
    deadline.checked_add(nanos.checked_mul(missed + 1)?)
}
