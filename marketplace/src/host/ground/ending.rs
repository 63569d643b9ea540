//! Ends a program whose processes do not come to an end at its shutdown.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;

use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep};

use crate::ground_vm::GroundVm;
use crate::host::ground::GRACE;
use crate::vm::dump::Census;

/// How a shutdown gets on.
#[derive(Default)]
pub(super) struct Ending {
    /// The time until it is looked again, and how many processes there were.
    grace: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Ending {
    /// The shutdown is not over. A program of many processes may need its time, so it is cut short
    /// only if they do not become fewer.
    pub(super) fn look(&mut self, vm: &mut GroundVm, cx: &mut Context<'_>) {
        // Without a runtime no timer says when time is up.
        if Handle::try_current().is_err() {
            return;
        }
        let processes = vm.stats().processes;
        let (time, before) = self.grace.get_or_insert_with(|| (Box::pin(sleep(GRACE)), processes));
        if time.as_mut().poll(cx).is_pending() {
            return;
        }
        if processes < *before {
            self.grace = Some((Box::pin(sleep(GRACE)), processes));
            cx.waker().wake_by_ref();
            return;
        }
        tracing::warn!(
            target: "marketplace",
            "the shutdown is cut short after {}s: {processes} processes are left, as fast as they quit others are \
             spawned; most are {}",
            GRACE.as_secs(),
            vm.own_census().most_since(&Census::default()),
        );
        vm.cut_short();
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::conversation::role::Role;
    use crate::data::value::Value;
    use crate::process::action::{AddEndpoint, spawn};
    use crate::process::transition::Transition;

    fn waits(name: &str) -> Transition<()> {
        Transition::new((), AddEndpoint::new(Role::publisher(Value::from(name)), |_, turn| turn.skip()))
    }

    #[tokio::test(start_paused = true)]
    async fn processes_that_become_fewer_have_all_the_time_that_they_need() {
        let many = (0..10).map(|_| spawn(move |_| waits("one of many"))).collect::<Vec<_>>();
        let mut vm = GroundVm::new(move |_| Transition::new((), many));
        vm.run(usize::MAX);
        vm.shutdown();
        let (mut ending, mut cx) = (Ending::default(), Context::from_waker(Waker::noop()));
        let mut looks = 0;
        while vm.is_ending() {
            ending.look(&mut vm, &mut cx);
            let before = vm.stats().processes;
            while vm.is_ending() && vm.stats().processes == before {
                vm.run(1);
            }
            tokio::time::advance(GRACE).await;
            looks += 1;
        }
        assert!(looks > 5 && !vm.has_quit() && vm.stats().processes <= 1, "{looks} {:?}", vm.stats());
    }

    #[tokio::test(start_paused = true)]
    async fn processes_that_do_not_become_fewer_are_stopped_when_their_time_is_up() {
        let mut vm = GroundVm::new(|_| Transition::new((), spawn(|_| waits("alone"))));
        vm.run(usize::MAX);
        vm.shutdown();
        let (mut ending, mut cx) = (Ending::default(), Context::from_waker(Waker::noop()));
        ending.look(&mut vm, &mut cx);
        tokio::time::advance(GRACE / 2).await;
        ending.look(&mut vm, &mut cx);
        assert!(vm.is_ending());
        tokio::time::advance(GRACE).await;
        ending.look(&mut vm, &mut cx);
        assert!(!vm.is_ending() && vm.has_quit());
        assert_eq!(vm.outcome(), Ok(()));
    }
}
