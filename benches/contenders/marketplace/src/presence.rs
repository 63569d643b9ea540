//! Members that join a room and leave it, and hear of each other.

use std::collections::HashSet;
use std::sync::Arc;

use harness::{Latch, PRESENCE, Run, Samples, Stopwatch};
use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::listener::Says;
use crate::{churn, with};

#[derive(Message, Clone)]
struct Leave(u64);

/// The members that are there.
type Members = HashSet<u64>;

/// How a member is made.
type Member = fn(u64, Arc<Latch>) -> Spawn<()>;

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&PRESENCE) {
        let (join, leave) = room(run, n, member);
        run.record(&[("n", n.into()), ("phase", "join".into())], "notification", join);
        run.record(&[("n", n.into()), ("phase", "leave".into())], "notification", leave);
    }
}

/// The room, in which every member is the first of a conversation when it comes and the last when
/// it goes: this measures the counting.
pub(crate) fn counted(run: &Run) {
    for n in run.sizes(&PRESENCE) {
        let ways: [(&str, Member); 2] = [("plain", member), ("counted", counting_member)];
        for (how, member) in ways {
            let (join, leave) = room(run, n, member);
            for (phase, samples) in [("join", join), ("leave", leave)] {
                let parameters = [("n", n.into()), ("how", how.into()), ("phase", phase.into())];
                run.record(&parameters, "notification", samples);
            }
        }
    }
}

fn room(run: &Run, n: u64, member: Member) -> (Samples, Samples) {
    let (mut join, mut leave) = (run.samples(), run.samples());
    while join.more() {
        // A small room is over at once: the mean of many is taken.
        let rooms = (1_000 / n).max(1);
        let latch = Latch::new();
        let mut vms: Vec<_> = (0..rooms).map(|_| with([])).collect();
        let each = |vms: &mut Vec<GroundVm>, act: &dyn Fn(&mut GroundVm)| {
            let watch = Stopwatch::start();
            for vm in vms {
                latch.arm(n * n);
                act(vm);
                churn(vm);
                latch.is_done();
            }
            watch.each_of(rooms * n * n)
        };
        join.push(each(&mut vms, &|vm| (0..n).for_each(|who| vm.spawn(member(who, latch.clone())))));
        leave.push(each(&mut vms, &|vm| (0..n).for_each(|who| vm.send(&Leave(who)))));
    }
    (join, leave)
}

/// Is in the room until it is told to leave, and goes on listening.
fn member(who: u64, latch: Arc<Latch>) -> Spawn<()> {
    spawn!(transition!(
        Members::new(),
        name_endpoint("presence", publisher!(Says { topic: who, .. })),
        subscriber!(Leave(who), on_message!(_ => delete_endpoint("presence"))),
        observe_publishers!(
            Says { .. },
            match_state!(mut members: Members => match_conversation!(Says { topic, .. } =>
                on_presence!({
                    members.insert(topic);
                    latch.hit();
                    transition!(members)
                }),
                on_absence!({
                    members.remove(&topic);
                    latch.hit();
                    transition!(members)
                }),
            )),
        ),
    ))
}

fn counting_member(who: u64, latch: Arc<Latch>) -> Spawn<()> {
    spawn!(transition!(
        Members::new(),
        name_endpoint("presence", publisher!(Says { topic: who, .. })),
        subscriber!(Leave(who), on_message!(_ => delete_endpoint("presence"))),
        observe_publishers!(
            Says { .. },
            match_state!(mut members: Members => match_conversation!(Says { topic, .. } =>
                on_first_presence!({
                    members.insert(topic);
                    latch.hit();
                    transition!(members)
                }),
                on_last_absence!({
                    members.remove(&topic);
                    latch.hit();
                    transition!(members)
                }),
            )),
        ),
    ))
}
