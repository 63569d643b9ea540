//! Supervisors in a sim, with virtual timers.

mod backoff;
mod nested;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::supervisor::{Child, GaveUp, Restart, Strategy, Supervised, Supervision, Supervisor};
use crate::timer::{TimerExpired, When};

/// An order to a worker.
#[derive(Message, Clone, Debug, PartialEq)]
enum Order {
    Fail(Text),
    End(Text),
}

/// A child that obeys orders.
fn worker(name: &'static str) -> Spawn<Supervisor> {
    let me = Text::from(name);
    spawn!(transition_no_state!(
        subscriber!(
            Order::Fail(me),
            on_message!(_ => { Err::<(), _>(Failure::value(&"flaky".to_string()))?; }),
        ),
        subscriber!(Order::End(me), on_message!(_ => quit())),
    ))
}

fn child(name: &'static str) -> Child {
    Child::new(name, move || worker(name))
}

/// The timers that are set, and the observations of the children, with the time in milliseconds.
#[derive(Default)]
struct Seen {
    now: u64,
    timers: Vec<(u64, Value, When)>,
    children: Vec<(u64, String)>,
}

struct Stage {
    sim: Sim,
    seen: Arc<Mutex<Seen>>,
}

impl Stage {
    fn of(plan: Supervision) -> Self {
        Self::with(plan.spawn())
    }

    fn with(spawn: Spawn<()>) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (clock, eyes) = (clock(&seen), eyes(&seen));
        let mut sim = Sim::new(move |_| transition_no_state!(clock, eyes, spawn));
        sim.run();
        Self { sim, seen }
    }

    fn tell(&mut self, order: &Order) {
        self.sim.send(order);
        self.sim.run();
    }

    fn fail(&mut self, child: &str) {
        self.tell(&Order::Fail(child.into()));
    }

    fn end(&mut self, child: &str) {
        self.tell(&Order::End(child.into()));
    }

    /// Lets time pass; each timer expires at its own time.
    fn wait(&mut self, ms: u64) {
        let until = self.seen.lock().unwrap().now + ms;
        loop {
            let mut seen = self.seen.lock().unwrap();
            let first = (0..seen.timers.len()).min_by_key(|at| seen.timers[*at].0);
            let Some(first) = first.filter(|at| seen.timers[*at].0 <= until) else {
                seen.now = until;
                return;
            };
            let (now, label, when) = seen.timers.remove(first);
            seen.now = now;
            drop(seen);
            self.sim.send(&TimerExpired { label, when, now });
            self.sim.run();
        }
    }

    /// The observations since the last look.
    fn look(&self) -> Vec<String> {
        self.seen.lock().unwrap().children.drain(..).map(|(_, what)| what).collect()
    }

    fn look_with_times(&self) -> Vec<(u64, String)> {
        self.seen.lock().unwrap().children.drain(..).collect()
    }

    fn timers(&self) -> usize {
        self.seen.lock().unwrap().timers.len()
    }

    fn exit_of(&self, name: &str) -> Reason {
        let is_it = |value: &Value| *value == name.to_string().to_value();
        let exit = self.sim.exits().iter().rfind(|exit| exit.name.as_ref().is_some_and(is_it));
        exit.unwrap_or_else(|| panic!("{name} ends: {:?}", self.sim.exits())).reason.clone()
    }
}

fn clock(seen: &Arc<Mutex<Seen>>) -> Spawn<()> {
    let (sets, unsets) = (seen.clone(), seen.clone());
    spawn!(transition_no_state!(publisher!(
        TimerExpired { .. },
        match_conversation!(TimerExpired { label, when, .. } =>
            on_presence!({
                let mut seen = sets.lock().unwrap();
                let When::After(ms) = when else { panic!("a supervisor has no clock") };
                let due = seen.now + ms;
                seen.timers.push((due, label, when));
            }),
            on_absence!(unsets.lock().unwrap().timers.retain(|timer| timer.1 != label)),
        ),
    )))
}

fn eyes(seen: &Arc<Mutex<Seen>>) -> Spawn<()> {
    let (comes, goes) = (seen.clone(), seen.clone());
    spawn!(transition_no_state!(observe_publishers!(
        Supervised { .. },
        match_conversation!(Supervised { child, incarnation, .. } =>
            on_presence!(see(&comes, format!("+{child}{incarnation}"))),
            on_absence!(see(&goes, format!("-{child}{incarnation}"))),
        ),
    )))
}

fn see(seen: &Mutex<Seen>, what: String) {
    let mut seen = seen.lock().unwrap();
    let now = seen.now;
    seen.children.push((now, what));
}

fn three() -> Supervision {
    Supervision::new("boss").child(child("a")).child(child("b")).child(child("c"))
}

#[test]
fn children_start_in_order_and_one_that_fails_starts_again_alone() {
    let mut stage = Stage::of(three());
    assert_eq!(stage.look(), ["+a0", "+b0", "+c0"]);
    stage.fail("b");
    assert_eq!(stage.look(), ["-b0", "+b1"]);
    stage.end("a");
    assert_eq!(stage.look(), ["-a0"], "it ended normally");
}

#[test]
fn who_starts_again_is_said_by_the_child() {
    let plan = Supervision::new("boss")
        .child(child("a").restart(Restart::Always))
        .child(child("b").restart(Restart::OnFailure))
        .child(child("c").restart(Restart::Never));
    let mut stage = Stage::of(plan);
    stage.look();
    for name in ["a", "b", "c"] {
        stage.end(name);
    }
    assert_eq!(stage.look(), ["-a0", "+a1", "-b0", "-c0"]);
    stage.wait(6000);
    stage.fail("a");
    assert_eq!(stage.look(), ["-a1", "+a2"]);
    let mut stage = Stage::of(Supervision::new("boss").child(child("c").restart(Restart::Never)));
    stage.fail("c");
    stage.wait(100_000);
    assert_eq!(stage.look(), ["+c0", "-c0"]);
    assert_eq!(stage.exit_of("boss"), Reason::Normal, "no child is left");
}

#[test]
fn one_for_all_ends_the_others_backwards_and_starts_all_in_order() {
    let mut stage = Stage::of(three().strategy(Strategy::OneForAll));
    stage.look();
    stage.fail("b");
    assert_eq!(stage.look(), ["-b0", "-c0", "-a0", "+a1", "+b1", "+c1"]);
    stage.fail("a");
    assert_eq!(stage.look(), ["-a1", "-c1", "-b1", "+a2", "+b2", "+c2"], "a has had no restart");
    stage.fail("b");
    assert_eq!(stage.look(), ["-b2", "-c2", "-a2"]);
    stage.wait(999);
    assert_eq!(stage.look(), [""; 0]);
    stage.wait(1);
    assert_eq!(stage.look(), ["+a3", "+b3", "+c3"]);
}

#[test]
fn rest_for_one_concerns_the_later_ones_and_never_starts_one_that_waits_early() {
    let mut stage = Stage::of(three().strategy(Strategy::RestForOne));
    stage.look();
    stage.fail("b");
    assert_eq!(stage.look(), ["-b0", "-c0", "+b1", "+c1"]);
    stage.fail("b");
    assert_eq!(stage.look(), ["-b1", "-c1"]);
    stage.wait(500);
    stage.fail("a");
    assert_eq!(stage.look(), ["-a0", "+a1"], "b waits, and c for b");
    stage.wait(499);
    assert_eq!(stage.look(), [""; 0]);
    stage.wait(1);
    assert_eq!(stage.look(), ["+b2", "+c2"]);
}

#[test]
fn one_that_is_never_restarted_and_ends_with_others_stays_ended() {
    let plan = Supervision::new("boss").strategy(Strategy::OneForAll).child(child("a"));
    let mut stage = Stage::of(plan.child(child("b").restart(Restart::Never)));
    stage.look();
    stage.fail("a");
    assert_eq!(stage.look(), ["-a0", "-b0", "+a1"]);
}

#[test]
fn a_boot_that_fails_is_a_failure() {
    let boots = Arc::new(Mutex::new(0));
    let counted = boots.clone();
    let fails = Child::new("a", move || {
        let boots = counted.clone();
        spawn!({
            *boots.lock().unwrap() += 1;
            Err::<(), _>(Failure::value(&"no boot".to_string()))?;
            transition_no_state!()
        })
    });
    let plan = Supervision::new("boss").give_up(4, Duration::from_secs(60)).child(fails).child(child("b"));
    let mut stage = Stage::of(plan);
    assert_eq!((*boots.lock().unwrap(), stage.look()), (2, vec!["+b0".into()]));
    stage.wait(1000);
    assert_eq!(*boots.lock().unwrap(), 3);
    stage.wait(1999);
    assert_eq!(*boots.lock().unwrap(), 3);
    stage.wait(1);
    assert_eq!((*boots.lock().unwrap(), stage.look()), (4, vec!["-b0".into()]));
    let last = Reason::value(&"no boot".to_string());
    let gave_up = GaveUp { supervisor: "boss".into(), child: "a".into(), failures: 4, last };
    assert_eq!(stage.exit_of("boss"), Reason::value(&gave_up));
}

#[test]
fn it_gives_up_with_a_reason_and_its_children_end_with_that() {
    let mut stage = Stage::of(three().at_once(9, Duration::from_secs(5)).give_up(3, Duration::from_secs(10)));
    stage.fail("a");
    stage.fail("b");
    stage.wait(10_000);
    stage.fail("a");
    stage.fail("a");
    assert!(!stage.look().contains(&"-c0".to_string()), "the first is forgotten, and b is another");
    stage.fail("a");
    assert_eq!(stage.look(), ["-a3", "-c0", "-b1"]);
    let reason = stage.exit_of("boss");
    assert!(reason.to_string().contains("flaky"), "{reason}");
    assert_eq!((stage.exit_of("b"), stage.exit_of("c")), (reason.clone(), reason));
    assert_eq!(stage.timers(), 0);
}

#[test]
fn when_it_is_ended_its_children_end_backwards_with_its_reason() {
    let boss = three().spawn();
    let mut stage = Stage::with(spawn!(transition!(
        None,
        boss.then(|_: Option<Pid>, boss| transition!(boss.ok())),
        subscriber!(
            "stop",
            match_state!(boss: &Option<Pid> => on_message!(_ =>
                boss.map(|pid| quit().pid(pid).because("enough")))),
        ),
    )));
    stage.fail("a");
    stage.fail("a");
    assert_eq!(stage.look(), ["+a0", "+b0", "+c0", "-a0", "+a1", "-a1"]);
    assert_eq!(stage.timers(), 2, "one is to be forgotten, and a waits");
    stage.sim.send(&"stop".to_string());
    stage.sim.run();
    assert_eq!(stage.look(), ["-c0", "-b0"]);
    assert_eq!((stage.timers(), stage.exit_of("b")), (0, Reason::value(&"enough".to_string())));
}

#[test]
fn a_child_that_is_killed_has_failed() {
    let pids = Arc::new(Mutex::new(Vec::new()));
    let told = pids.clone();
    let lives = Child::new("a", move || {
        let told = told.clone();
        spawn!(pid => {
            told.lock().unwrap().push(pid);
            transition_no_state!()
        })
    });
    let mut stage = Stage::of(Supervision::new("boss").child(lives));
    let pid = pids.lock().unwrap()[0];
    stage.sim.kill(pid, Reason::Killed(None));
    stage.sim.run();
    assert_eq!(stage.look(), ["+a0", "-a0", "+a1"], "a child with nothing to do is not dropped");
}

#[test]
fn who_looks_at_everything_is_neither_child_nor_supervisor() {
    let mut stage = Stage::of(three());
    stage.look();
    stage.sim.spawn(spawn!(transition_no_state!(
        publisher!(_),
        subscriber!(_),
        yield_now!(|(): ()| transition_no_state!(quit().because(Reason::Killed(None)))),
    )));
    let refused =
        Topic::record("SupervisorLifeline", [Topic::any(), Topic::any(), Topic::any(), Topic::any()]);
    stage.sim.spawn(spawn!(transition_no_state!(refuse(refused, "no"))));
    stage.sim.run();
    assert_eq!(stage.look(), [""; 0]);
    stage.fail("a");
    assert_eq!(stage.look(), ["-a0", "+a1"]);
}

#[test]
fn one_that_is_being_started_when_another_fails_starts_again_too() {
    let boots = Arc::new(Mutex::new(0));
    let hasty = Child::new("a", move || {
        *boots.lock().unwrap() += 1;
        let fails = *boots.lock().unwrap() == 1;
        let flaky = Reason::value(&"flaky".to_string());
        spawn!(transition_no_state!(fails.then(|| quit().because(flaky))))
    });
    let plan = Supervision::new("boss").strategy(Strategy::OneForAll).child(hasty);
    let stage = Stage::of(plan.child(child("b")).child(child("c")));
    let seen = stage.look();
    assert_eq!(seen[..4], ["+a0", "+b0", "-a0", "+c0"], "c was being started: {seen:?}");
    assert_eq!(seen[seen.len() - 3..], ["+a1", "+b1", "+c1"], "{seen:?}");
    assert_eq!(stage.sim.stats().processes, Stage::of(three()).sim.stats().processes);
}

#[test]
fn a_function_that_panics_ends_the_supervisor_and_the_children() {
    let broken = Child::new("b", || -> Spawn<Supervisor> { panic!("no spawn") });
    let stage = Stage::of(Supervision::new("boss").child(child("a")).child(broken));
    assert_eq!(stage.exit_of("boss"), Reason::Panic("no spawn".into()));
    assert_eq!(stage.exit_of("a"), Reason::Panic("no spawn".into()));
}

#[test]
fn a_supervisor_without_children_ends() {
    assert_eq!(Stage::of(Supervision::new("boss")).exit_of("boss"), Reason::Normal);
}

#[test]
fn who_waits_waits_until_there_is_a_timer_driver() {
    let plan = Supervision::new("boss").at_once(0, Duration::from_secs(5)).child(child("a"));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let eyes = eyes(&seen);
    let mut stage = Stage { sim: Sim::new(move |_| transition_no_state!(eyes, plan.spawn())), seen };
    stage.sim.run();
    stage.fail("a");
    stage.wait(100_000);
    assert_eq!(stage.look(), ["+a0", "-a0"]);
    stage.sim.spawn(clock(&stage.seen));
    stage.sim.run();
    stage.wait(999);
    assert_eq!(stage.look(), [""; 0]);
    stage.wait(1);
    assert_eq!(stage.look(), ["+a1"]);
}
