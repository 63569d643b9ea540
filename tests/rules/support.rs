//! The tests share topics written as they print, endpoints that note what they hear, and readable
//! traces.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use marketplace::sim::Sim;
use marketplace::{
    ActionTree, AddEndpoint, Heard, IntoActionTree, Message, Performed, PreAction, Reason, Role, Source,
    Spawn, Topic, Transition, Value, What, send_feedback, send_message, spawn, yield_now,
};

/// A topic in the kernel's [notation](marketplace::notation).
pub(crate) fn topic(text: &str) -> Topic {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A value in the kernel's [notation](marketplace::notation).
pub(crate) fn value(text: &str) -> Value {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The action that sends this message.
pub(crate) fn send<S>(text: &str) -> PreAction<S> {
    send_message(&value(text))
}

/// The action that sends this feedback.
pub(crate) fn feedback<S>(text: &str) -> PreAction<S> {
    send_feedback(&value(text))
}

pub(crate) fn publisher(text: &str) -> Role {
    Role::publisher(topic(text))
}

pub(crate) fn subscriber(text: &str) -> Role {
    Role::subscriber(topic(text))
}

pub(crate) fn because(text: &str) -> Reason {
    Reason::Value(value(text))
}

/// The notes of endpoints and bodies, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    /// An endpoint that writes down what it hears under this label, and does nothing else.
    pub(crate) fn endpoint<S>(&self, label: &str, role: Role) -> AddEndpoint<S> {
        self.doing(label, role, |_| ActionTree::new())
    }

    /// An endpoint that writes down what it hears under this label, and then does what `answer`
    /// says to it.
    pub(crate) fn doing<S, T: IntoActionTree<S>>(
        &self,
        label: &str,
        role: Role,
        answer: impl Fn(&Heard) -> T + Send + 'static,
    ) -> AddEndpoint<S> {
        let (log, label) = (self.clone(), label.to_string());
        AddEndpoint::new(role, move |event, turn| {
            let heard = Heard::from(event);
            let edge = match (event.is_first_presence(), event.is_last_absence()) {
                (true, _) => " first",
                (_, true) => " last",
                _ => "",
            };
            log.note(format!("{label}: {}{edge}", heard.to_string().trim_start_matches("hears ")));
            turn.act(answer(&heard))
        })
    }

    /// The notes since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An endpoint that does something when it hears a message or feedback, and nothing else.
pub(crate) fn on_message<S, T: IntoActionTree<S>>(
    role: Role,
    answer: impl Fn(&Value) -> T + Send + 'static,
) -> AddEndpoint<S> {
    AddEndpoint::new(role, move |event, turn| match event.body() {
        Some(body) => turn.act(answer(body)),
        None => turn.skip(),
    })
}

/// An endpoint that hears everything and does nothing.
pub(crate) fn silent<S>(role: Role) -> AddEndpoint<S> {
    AddEndpoint::new(role, |_, turn| turn.skip())
}

/// A process without a state that starts with these actions.
pub(crate) fn process<S>(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<S> {
    spawn(move |_| Transition::new((), actions))
}

/// A sim whose boot process starts with these actions. Its PID is 0, the relay's is 1, so what it
/// spawns has 2, 3, ..
pub(crate) fn sim(actions: impl IntoActionTree<()> + Send + 'static) -> Sim {
    Sim::new(move |_| Transition::new((), actions))
}

/// A sim of these actions, run to its end.
pub(crate) fn run(actions: impl IntoActionTree<()> + Send + 'static) -> Sim {
    let mut sim = sim(actions);
    sim.run();
    sim
}

/// The messages and feedback sent at any level, in order.
pub(crate) fn sent(sim: &Sim) -> Vec<String> {
    let body = |what: &What| match what {
        What::Performed { action: Performed::Send(_, body), .. } => Some(body.to_string()),
        _ => None,
    };
    sim.trace().records().iter().filter_map(|record| body(&record.what)).collect()
}

/// The actions and events of a process (`p2`, or `p2/p0` in a nested VM), in order.
pub(crate) fn trace_of(sim: &Sim, process: &str) -> Vec<String> {
    let lines = sim.trace().records().iter().map(ToString::to_string);
    lines.filter_map(|line| Some(line.strip_prefix(process)?.strip_prefix(' ')?.to_string())).collect()
}

/// The processes of the ground VM that have ended, and why.
pub(crate) fn exits(sim: &Sim) -> Vec<String> {
    let path = |vm: &[marketplace::Pid]| vm.iter().map(|pid| format!("{pid}/")).collect::<String>();
    sim.exits().iter().map(|exit| format!("{}{}: {}", path(&exit.vm), exit.pid, exit.reason)).collect()
}

/// The PID of this number, as anybody may name it.
pub(crate) fn pid(number: u64) -> marketplace::Pid {
    marketplace::Pid::from_value(&number.to_value()).unwrap_or(marketplace::Pid::BOOT)
}

/// A process that stays, and does this.
pub(crate) fn staying(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<()> {
    process((silent(publisher("stays")), actions))
}

/// Counts its turns and is never idle.
pub(crate) fn spinner<S>(turns: &Arc<AtomicUsize>) -> Spawn<S> {
    fn spin(turns: Arc<AtomicUsize>) -> Transition<()> {
        // Far more than any bounded run performs, but not endless: a failing test should end.
        if turns.fetch_add(1, Ordering::Relaxed) > 1_000_000 {
            return Transition::new((), ());
        }
        Transition::new((), yield_now(move |()| spin(turns)))
    }
    let turns = turns.clone();
    spawn(move |_| spin(turns))
}

/// The topic of a source's items.
pub(crate) fn items_of(source: &Source) -> Topic {
    Topic::record("Ground", [source.to_value().into(), Topic::any()])
}

pub(crate) fn every_source() -> Topic {
    topic("Ground(_, _)")
}

/// The notes, without the sources' numbers.
pub(crate) fn told(log: &Log) -> Vec<String> {
    let lines = log.take().into_iter();
    lines
        .map(|line| match line.split_once("Ground(#") {
            Some((before, after)) => {
                format!("{before}{}", after.split_once(", ").unwrap().1.replacen(')', "", 1))
            }
            None => line,
        })
        .collect()
}

pub(crate) fn second(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The role of whoever listens to a source.
pub(crate) fn listener(source: &Source) -> Role {
    Role::subscriber(items_of(source))
}
