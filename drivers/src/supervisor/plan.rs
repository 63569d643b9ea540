//! The settings of a supervisor, and its children.

use std::time::Duration;

use marketplace::IntoValue;
use marketplace::prelude::*;

use crate::supervisor::history::Pace;
use crate::supervisor::process::{self, Make, Slot, Supervisor};
use crate::supervisor::strategy::{Restart, Strategy};

/// A child to be: its name, how to make it, and whether it starts again.
#[must_use = "a child does nothing unless a supervisor has it"]
pub struct Child {
    name: Text,
    restart: Restart,
    make: Make,
}

impl Child {
    /// A child that starts again if it failed. `make` gives a [`Spawn`], as `spawn!` and
    /// `spawn_vm!` do; the supervisor calls it for each start. The name is the debug name of the
    /// process, too. If the spawn has a [`Spawn::then`], that is not called.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace_drivers::supervisor::{Child, Restart};
    ///
    /// let _process = Child::new("cell", || spawn!(transition!(0u8, subscriber!("set"))));
    /// let _vm = Child::new("room", || spawn_vm!(subscriber!("enter"))).restart(Restart::Always);
    /// ```
    pub fn new(name: impl Into<Text>, make: impl Fn() -> Spawn<Supervisor> + Send + 'static) -> Self {
        Self { name: name.into(), restart: Restart::default(), make: Box::new(make) }
    }

    /// Says whether it starts again.
    pub fn restart(self, restart: Restart) -> Self {
        Self { restart, ..self }
    }
}

/// A supervisor to be.
///
/// ```
/// use std::time::Duration;
/// use marketplace::prelude::*;
/// use marketplace_drivers::supervisor::{Child, Strategy, Supervision};
///
/// let second = Duration::from_secs(1);
/// let supervisor: Spawn<()> = Supervision::new("shop")
///     .strategy(Strategy::RestForOne)
///     .at_once(3, second * 10)
///     .waits(second, second * 60)
///     .give_up(10, second * 600)
///     .child(Child::new("stock", || spawn!(transition_no_state!(subscriber!("buy")))))
///     .child(Child::new("till", || spawn!(transition_no_state!(subscriber!("pay")))))
///     .spawn();
/// ```
#[must_use = "a supervisor does nothing unless the action of its `spawn` is returned"]
pub struct Supervision {
    name: Value,
    strategy: Strategy,
    pace: Pace,
    children: Vec<Child>,
}

impl Supervision {
    /// A supervisor of this name with the defaults of [the module](super), and no children.
    pub fn new(name: impl IntoValue) -> Self {
        let (strategy, pace) = (Strategy::default(), Pace::default());
        Self { name: name.into(), strategy, pace, children: Vec::new() }
    }

    /// Sets which children start again together.
    pub fn strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// How many restarts of a child are made at once in such a period. With 0 it always waits.
    pub fn at_once(mut self, restarts: usize, period: Duration) -> Self {
        (self.pace.at_once, self.pace.period) = (restarts, period);
        self
    }

    /// How long a child waits, at first and at most: at least a millisecond.
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        let first = first.max(Duration::from_millis(1));
        (self.pace.first_wait, self.pace.longest_wait) = (first, longest.max(first));
        self
    }

    /// How many failures of a child within such a time are too many. With 0 or 1 the first is one
    /// too many.
    pub fn give_up(mut self, failures: usize, within: Duration) -> Self {
        self.pace.give_up = Some((failures, within));
        self
    }

    /// Adds one more child, to be started after those before.
    pub fn child(mut self, child: Child) -> Self {
        self.children.push(child);
        self
    }

    /// The action that starts it.
    pub fn spawn<S>(self) -> Spawn<S> {
        let Self { name, strategy, pace, children } = self;
        let slot = |Child { name, restart, make }: Child| Slot::new(name, restart, make);
        process::spawn(name, strategy, pace, children.into_iter().map(slot).collect())
    }
}
