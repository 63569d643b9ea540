//! How often a child has failed of late, and so whether and when it starts again: no process, no
//! clock.

use std::time::Duration;

/// The settings of a supervisor that say when and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) at_once: usize,
    pub(super) period: Duration,
    pub(super) first_wait: Duration,
    pub(super) longest_wait: Duration,
    /// So many failures within such a time are too many.
    pub(super) give_up: Option<(usize, Duration)>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            at_once: 1,
            period: Duration::from_secs(5),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            give_up: None,
        }
    }
}

/// The next step for a child that ended and is to run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    AtOnce,
    After(Duration),
    /// The child has failed so often, which is too often.
    GiveUp(usize),
}

/// The failures and waits of a child that count. The timers of the supervisor say when one is
/// forgotten.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Restarts at once in the last period.
    restarts: usize,
    failures: usize,
    /// Waits since it last ran for a period.
    waits: u32,
}

impl History {
    pub(super) fn ended(&mut self, failed: bool, pace: &Pace) -> Verdict {
        if let Some((too_many, _)) = pace.give_up
            && failed
        {
            self.failures += 1;
            if self.failures >= too_many {
                return Verdict::GiveUp(self.failures);
            }
        }
        if self.waits == 0 && self.restarts < pace.at_once {
            self.restarts += 1;
            return Verdict::AtOnce;
        }
        let wait = pace.first_wait.saturating_mul(2u32.saturating_pow(self.waits));
        self.waits = self.waits.saturating_add(1);
        Verdict::After(wait.min(pace.longest_wait))
    }

    /// Forgets a restart at once, as a period has passed since.
    pub(super) fn forget_restart(&mut self) {
        self.restarts = self.restarts.saturating_sub(1);
    }

    /// Forgets a failure, as the time in which failures are counted has passed since.
    pub(super) fn forget_failure(&mut self) {
        self.failures = self.failures.saturating_sub(1);
    }

    /// Whether it has waited, and has to run for a period before the wait is forgotten.
    pub(super) fn has_waited(&self) -> bool {
        self.waits > 0
    }

    /// Forgets the waits, as it has run for a period.
    pub(super) fn calm(&mut self) {
        self.waits = 0;
    }
}
