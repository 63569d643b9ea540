//! The queue against a list, and against its limits.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::process::action::Act;

/// An operation on a queue, in the name of one of four processes.
#[derive(Clone, Copy, Debug)]
enum Step {
    Push(u32),
    /// With a text that is so long.
    Message(u32, usize),
    PutBack(u32),
    Pop,
    Forget(u32),
    /// Takes back so many actions that were pushed last.
    TakeBack(usize),
    Rewind,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4u32).prop_map(Step::Push),
        4 => (0..4u32, 0..50usize).prop_map(|(slot, bytes)| Step::Message(slot, bytes)),
        1 => (0..4u32).prop_map(Step::PutBack),
        6 => Just(Step::Pop),
        1 => (0..4u32).prop_map(Step::Forget),
        1 => (0..4usize).prop_map(Step::TakeBack),
        2 => Just(Step::Rewind),
    ]
}

fn pending(slot: u32, id: u64) -> Pending {
    Pending::new(
        Work::Act(Act::Quit(None, None)),
        Slot::numbered(slot),
        Pid(slot.into()),
        ActionId::of(id),
        Cause::HOST,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// However often its front goes round, and whenever it grows.
    #[test]
    fn a_queue_is_a_list(steps in proptest::collection::vec(step(), 1..200)) {
        let (mut queue, mut list) = (Queue::new(Limits::default()), VecDeque::new());
        // The action that was taken last, while that is known.
        let mut acting = None;
        for (id, step) in steps.into_iter().enumerate() {
            let id = id as u64;
            match step {
                Step::Push(slot) => {
                    queue.push_back(pending(slot, id));
                    list.push_back((slot, id, 0));
                }
                Step::Message(slot, bytes) => {
                    let (at, pid) = (Slot::numbered(slot), Pid(slot.into()));
                    let mut lane = Lane { queue: &mut queue, slot: at, pid, cause: Cause::HOST };
                    let body = Value::record("says", [Value::from(&*"x".repeat(bytes))]);
                    // A message that is not queued at once has changed nothing.
                    if lane.push_message(body).is_ok() {
                        let last = queue.since(list.len()).next().map(|pending| pending.id.number());
                        list.push_back((slot, last.unwrap(), 24 + bytes));
                    }
                }
                Step::PutBack(slot) => {
                    queue.put_back(pending(slot, id));
                    list.push_front((slot, id, 0));
                    acting = None;
                }
                Step::Pop => {
                    let popped = queue.pop_front().map(|pending| (pending.slot, pending.id.number()));
                    let first = list.pop_front().map(|(slot, id, _)| (slot, id));
                    prop_assert_eq!(popped, first.map(|(slot, id)| (Slot::numbered(slot), id)));
                    acting = first.or(acting);
                }
                Step::Forget(slot) => {
                    queue.forget(Slot::numbered(slot), Pid(slot.into()));
                    list.retain(|&(other, ..)| other != slot);
                }
                Step::TakeBack(actions) => {
                    let end = list.len().saturating_sub(actions);
                    let taken: Vec<_> = queue.drain_from(end).iter().map(|pending| pending.id.number()).collect();
                    let expected: Vec<_> = list.drain(end..).map(|(_, id, _)| id).collect();
                    prop_assert_eq!(taken, expected);
                }
                Step::Rewind => queue.rewind(),
            }
            if let Some((slot, id)) = acting {
                let popped = queue.popped().map(|(id, slot, pid)| (id.number(), slot, pid));
                prop_assert_eq!(popped, Some((id, Slot::numbered(slot), Pid(slot.into()))));
            }
            prop_assert_eq!((queue.end(), queue.len()), (list.len(), list.len()));
            prop_assert_eq!(queue.bytes(), list.iter().map(|&(.., bytes)| bytes).sum::<usize>());
            prop_assert_eq!(queue.front().map(|pending| pending.id.number()), list.front().map(|&(_, id, _)| id));
            for at in [0, list.len() / 2, list.len()] {
                let rest: Vec<_> = queue.since(at).map(|pending| pending.id.number()).collect();
                prop_assert!(rest.iter().eq(list.range(at..).map(|(_, id, _)| id)));
            }
        }
    }
}

#[test]
fn a_queue_that_was_empty_begins_where_it_began_before() {
    let mut queue = Queue::new(Limits::default());
    (0..1_000).for_each(|id| queue.push_back(pending(0, id)));
    for id in 0..500 {
        queue.rewind();
        queue.pop_front();
        assert_eq!(queue.front().map(|pending| pending.id.number()), Some(id + 1), "it was not empty");
    }
    while queue.pop_front().is_some() {}
    queue.rewind();
    let mut place = || {
        queue.push_back(pending(0, 0));
        let place: *const Pending = queue.front().unwrap();
        drop(queue.pop_front());
        queue.rewind();
        place
    };
    assert_eq!(place(), place());
}

fn push(queue: &mut Queue, body: Value) -> bool {
    Lane { queue, slot: Slot::numbered(0), pid: Pid::BOOT, cause: Cause::HOST }.push_message(body).is_ok()
}

#[test]
fn a_message_waits_for_room_as_all_else_does() {
    let mut queue = Queue::new(Limits { queued: 2, ..Limits::default() });
    let body = || Value::record("says", [1.into()]);
    assert!(!push(&mut queue, body()), "there is no place yet");
    queue.push_back(pending(0, 0));
    assert!(push(&mut queue, body()));
    assert!(!push(&mut queue, body()), "no more are allowed");
    assert_eq!((queue.len(), queue.end()), (2, 2));
    queue.set_limits(Limits { queued: 10, queued_bytes: 50, ..Limits::default() });
    assert!(push(&mut queue, body()));
    assert!(!push(&mut queue, body()), "no more bytes are allowed");
    assert_eq!((queue.len(), queue.bytes()), (3, 48));
}

#[test]
fn what_the_host_gives_can_be_more_than_there_may_be() {
    let mut queue = Queue::new(Limits { queued_bytes: 10, ..Limits::default() });
    let message = |bytes| Work::Act(Act::Message(Value::from(&*"x".repeat(bytes))));
    let mut lane = Lane { queue: &mut queue, slot: Slot::numbered(0), pid: Pid::BOOT, cause: Cause::HOST };
    lane.push(message(30));
    let (end, room) = (lane.queue.end(), lane.queue.room);
    assert!(!lane.is_too_much(room), "a turn that adds no bytes");
    lane.push(message(1));
    assert!(lane.is_too_much(room));
    lane.take_back(end);
    assert_eq!((queue.len(), queue.bytes()), (1, 30));
    queue.pop_front();
    assert_eq!(queue.bytes(), 0);
}
