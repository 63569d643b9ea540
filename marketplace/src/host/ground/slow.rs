//! Says which turn takes long. One thread looks at the turns of all ground VMs on tokio, while one
//! of them is at work.
//!
//! A thread, since a turn that blocks its VM also blocks the task that turns the VM over; and since
//! a turn that is timed by its VM would have to look at the clock twice, which takes 40 ns of a
//! message's 60. The file `record/watched.rs` says what a turn pays instead.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::data::lock::{lock, wait};
use crate::ground_vm::GroundVm;
use crate::host::ground::{log, thread};
use crate::record::watched::{RunningTurn, SlowTurn, TurnWatch};

/// How often it looks while a turn takes as long as it may.
const LOOKS: u32 = 4;

/// How much longer than it may take a turn takes before it is told that it is not over.
const VERY: u32 = 10;

/// After how many looks that find all VMs at rest it sleeps.
const AT_REST: u32 = 40;

/// A ground VM of which somebody tells that a turn takes long.
pub(super) struct Slow(Option<Looked>);

/// The VM, and where the thread is that looks at it.
struct Looked {
    vm: Arc<Vm>,
    lookout: &'static Lookout,
}

struct Vm {
    watch: TurnWatch,
    limit: Duration,
    /// The host is turning it over.
    is_at_work: AtomicBool,
    seen: Mutex<Seen>,
}

/// The VMs, and the thread that looks at them.
struct Lookout {
    vms: Mutex<Vms>,
    notified: Condvar,
    is_asleep: AtomicBool,
}

struct Vms {
    vms: Vec<Arc<Vm>>,
    has_thread: bool,
}

/// One for all VMs.
static LOOKOUT: Lookout = Lookout::new();

impl Slow {
    pub(super) fn new(vm: &mut GroundVm, limit: Option<Duration>) -> Self {
        Self::at(&LOOKOUT, vm, limit)
    }

    fn at(lookout: &'static Lookout, vm: &mut GroundVm, limit: Option<Duration>) -> Self {
        let Some(limit) = limit else { return Self(None) };
        let vm = Arc::new(Vm {
            watch: vm.watch_turns(),
            limit,
            is_at_work: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        lookout.add(vm.clone());
        Self(Some(Looked { vm, lookout }))
    }

    /// The host begins to turn the VM over.
    pub(super) fn work(&self) {
        if let Some(Looked { vm, lookout }) = &self.0 {
            // The thread that is about to sleep says so, and then looks who is at work. Here it is
            // the other way round. So one of the two sees what the other has said.
            vm.is_at_work.store(true, Ordering::SeqCst);
            if lookout.is_asleep.load(Ordering::SeqCst) {
                lookout.wake(&mut lookout.vms());
            }
        }
    }

    /// The host does something else.
    pub(super) fn rest(&self) {
        if let Some(Looked { vm, .. }) = &self.0 {
            vm.is_at_work.store(false, Ordering::Release);
        }
    }

    /// A turn that took long is over.
    pub(super) fn over(&self, turn: &SlowTurn) {
        if let Some(Looked { vm, .. }) = &self.0 {
            let took = lock(&vm.seen).took(turn.id, Instant::now()).unwrap_or(vm.limit);
            log::slow(turn, took);
        }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        if let Some(Looked { vm, lookout }) = &self.0 {
            let mut vms = lookout.vms();
            vms.vms.retain(|other| !Arc::ptr_eq(other, vm));
            lookout.wake(&mut vms);
        }
    }
}

impl Lookout {
    const fn new() -> Self {
        Self {
            vms: Mutex::new(Vms { vms: Vec::new(), has_thread: false }),
            notified: Condvar::new(),
            is_asleep: AtomicBool::new(false),
        }
    }

    fn vms(&self) -> MutexGuard<'_, Vms> {
        lock(&self.vms)
    }

    /// The caller has the lock, so the thread either sleeps or has not looked yet.
    fn wake(&self, _vms: &mut MutexGuard<'_, Vms>) {
        self.is_asleep.store(false, Ordering::SeqCst);
        self.notified.notify_all();
    }

    fn add(&'static self, vm: Arc<Vm>) {
        let mut vms = self.vms();
        vms.vms.push(vm);
        self.wake(&mut vms);
        if !std::mem::replace(&mut vms.has_thread, true) {
            drop(vms);
            let look = || {
                self.look();
                Ok(())
            };
            // That there is no thread is a warning already. The next VM tries again.
            if thread::start("slow-turns", look, |_| ()).is_err() {
                self.vms().has_thread = false;
            }
        }
    }

    /// Looks until there is no VM any more.
    fn look(&self) {
        let mut vms = self.vms();
        let mut at_rest = 0;
        while let Some(limit) = vms.vms.iter().map(|vm| vm.limit).min() {
            let looked_at = vms.vms.clone();
            drop(vms);
            let is_at_work = looked_at.iter().filter(|vm| vm.look()).count() > 0;
            drop(looked_at);
            at_rest = if is_at_work { 0 } else { at_rest + 1 };
            vms = self.vms();
            if at_rest < AT_REST {
                let pause = (limit / LOOKS).max(Duration::from_millis(1));
                let waited = self.notified.wait_timeout(vms, pause);
                vms = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            at_rest = 0;
            self.is_asleep.store(true, Ordering::SeqCst);
            while self.is_asleep.load(Ordering::SeqCst)
                && !vms.vms.iter().any(|vm| vm.is_at_work.load(Ordering::SeqCst))
            {
                vms = wait(&self.notified, vms);
            }
            self.is_asleep.store(false, Ordering::SeqCst);
        }
        vms.has_thread = false;
    }
}

impl Vm {
    /// Looks at its turn. Says whether it is at work.
    fn look(&self) -> bool {
        let running = self.watch.look();
        let turn = running.as_ref().map(|running| running.id);
        let sight = lock(&self.seen).look(turn, Instant::now(), self.limit);
        match (sight, running) {
            (Sight::Slow, Some(running)) => self.watch.tell_of(running.id),
            (Sight::VerySlow(time), Some(running)) => warn_of(&running, time),
            _ => {}
        }
        self.is_at_work.load(Ordering::Acquire)
    }
}

fn warn_of(running: &RunningTurn, time: Duration) {
    let _logs = log::on();
    log::still_slow(running, time);
}

/// The turns of a VM, as far as they have been seen.
#[derive(Default)]
struct Seen {
    /// The turn that was seen last, since when, and as what.
    last: Option<(u64, Instant, Sight)>,
    /// The last turn that was slow, and since when it was seen.
    slow: Option<(u64, Instant)>,
}

/// How a turn looks, if that is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Well,
    Slow,
    /// It has been seen for so long.
    VerySlow(Duration),
}

impl Seen {
    fn look(&mut self, turn: Option<u64>, now: Instant, limit: Duration) -> Sight {
        let Some(turn) = turn else {
            self.last = None;
            return Sight::Well;
        };
        let Some((_, since, sight)) = self.last.as_mut().filter(|(last, ..)| *last == turn) else {
            self.last = Some((turn, now, Sight::Well));
            return Sight::Well;
        };
        let time = now.saturating_duration_since(*since);
        let news = match *sight {
            Sight::Well if time >= limit => Sight::Slow,
            Sight::Slow if time >= limit.saturating_mul(VERY) => Sight::VerySlow(time),
            _ => return Sight::Well,
        };
        *sight = news;
        self.slow = Some((turn, *since));
        news
    }

    /// How long a slow turn took that is over now.
    fn took(&self, turn: u64, now: Instant) -> Option<Duration> {
        let (_, since) = self.slow.filter(|(slow, _)| *slow == turn)?;
        Some(now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(100);

    /// The sights of turns, each at a time in ms.
    fn sights(looks: &[(u64, Option<u64>)]) -> Vec<Sight> {
        let (mut seen, began) = (Seen::default(), Instant::now());
        let look =
            |&(at, turn): &(u64, Option<u64>)| seen.look(turn, began + Duration::from_millis(at), LIMIT);
        looks.iter().map(look).collect()
    }

    #[test]
    fn a_turn_that_is_seen_for_as_long_as_it_may_take_is_slow_once() {
        let looks = [(0, Some(7)), (99, Some(7)), (100, Some(7)), (125, Some(7)), (999, Some(7))];
        assert_eq!(sights(&looks), [Sight::Well, Sight::Well, Sight::Slow, Sight::Well, Sight::Well]);
    }

    #[test]
    fn a_turn_that_is_not_over_after_ten_times_as_long_is_told_once() {
        let looks = [(0, Some(7)), (500, Some(7)), (1_000, Some(7)), (1_500, Some(7)), (20_000, Some(7))];
        let very = Sight::VerySlow(Duration::from_secs(1));
        assert_eq!(sights(&looks), [Sight::Well, Sight::Slow, very, Sight::Well, Sight::Well]);
    }

    #[test]
    fn the_thread_sleeps_while_nobody_is_at_work_and_ends_with_the_last_vm() {
        let until = |what: &str, holds: &dyn Fn() -> bool| {
            let began = Instant::now();
            while !holds() {
                assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        let lookout: &'static Lookout = Box::leak(Box::new(Lookout::new()));
        let mut vm = GroundVm::new(|_| crate::transition_no_state!());
        let slow = Slow::at(lookout, &mut vm, Some(Duration::from_millis(1)));
        let is_asleep = || lookout.is_asleep.load(Ordering::SeqCst);
        until("it sleeps", &is_asleep);
        slow.work();
        assert!(!is_asleep());
        slow.rest();
        until("it sleeps again", &is_asleep);
        drop(slow);
        until("it ends", &|| !lookout.vms().has_thread);
    }

    #[test]
    fn each_turn_has_its_own_time() {
        let looks =
            [(0, Some(7)), (90, Some(8)), (180, Some(9)), (270, None), (360, Some(9)), (450, Some(9))];
        assert_eq!(sights(&looks), [Sight::Well; 6]);
    }

    #[test]
    fn how_long_a_turn_took_is_known_even_if_another_has_been_seen_since() {
        let (mut seen, began) = (Seen::default(), Instant::now());
        let at = |ms| began + Duration::from_millis(ms);
        for (ms, turn) in [(0, 7), (150, 7), (200, 8)] {
            seen.look(Some(turn), at(ms), LIMIT);
        }
        assert_eq!(seen.took(7, at(210)), Some(Duration::from_millis(210)));
        assert_eq!(seen.took(8, at(210)), None);
    }
}
