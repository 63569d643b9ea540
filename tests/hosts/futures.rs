//! Answers are futures: tasks wait for several at once.

use std::future::{Future, pending};
use std::task::Poll;
use std::thread;

use futures_util::FutureExt;
use futures_util::future::{Either, join_all, select};
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

use crate::{processes, with_counter};

fn in_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_task_awaits_an_answer() {
    let (vat, far) = with_counter();
    in_a_runtime(async {
        assert_eq!(vat.ask(|cx| far.add(cx, 3)).await, Ok(3));
        let another = vat.ask(|cx| far.another(cx)).await.unwrap();
        assert_eq!(vat.ask(|cx| another.count(cx)).await, Ok(0));
    });
}

#[test]
fn many_answers_are_awaited_at_once() {
    let (vat, far) = with_counter();
    let counts = in_a_runtime(join_all((0..100).map(|_| vat.ask(|cx| far.add(cx, 1)))));
    assert_eq!(counts, (1..=100).map(Ok).collect::<Vec<_>>());
}

#[test]
fn the_first_of_two_is_taken_and_the_other_waited_for_later() {
    let (vat, far) = with_counter();
    in_a_runtime(async {
        let (late, early) = (vat.ask(|cx| far.later(cx)), vat.ask(|cx| far.add(cx, 1)));
        let late = match select(late, early).await {
            Either::Right((early, late)) => {
                assert_eq!(early, Ok(1));
                late
            }
            Either::Left((late, _)) => panic!("nobody has answered it: {late:?}"),
        };
        vat.tell(|cx| far.now(cx)).unwrap();
        assert_eq!(late.await, Ok(1));
    });
}

#[test]
fn a_branch_of_select_is_dropped_and_the_object_has_been_asked() {
    let (vat, far) = with_counter();
    in_a_runtime(async {
        let mut ticks = 0;
        let later = vat.ask(|cx| far.later(cx));
        tokio::pin!(later);
        let counted = loop {
            tokio::select! {
                counted = &mut later => break counted,
                added = vat.ask(|cx| far.add(cx, 1)) => {
                    ticks = added.unwrap();
                    if ticks == 5 {
                        vat.tell(|cx| far.now(cx)).unwrap();
                    }
                }
            }
        };
        assert_eq!(counted, Ok(5), "{ticks}");
    });
}

/// Thousands of questions under way, from eight tasks on four threads.
#[test]
fn thousands_are_under_way() {
    const EACH: u64 = 2_000;
    let (vat, far) = with_counter();
    let before = processes(&vat);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                in_a_runtime(join_all((0..2).map(|_| async {
                    // All are asked before the first is answered to this task.
                    let asked: Vec<_> = (0..EACH).map(|_| vat.ask(|cx| far.add(cx, 0))).collect();
                    let later: Vec<_> = (0..EACH).map(|_| vat.ask(|cx| far.later(cx))).collect();
                    vat.tell(|cx| far.now(cx)).unwrap();
                    assert!(join_all(asked).await.iter().all(|count| *count == Ok(0)));
                    assert!(join_all(later).await.iter().all(|count| *count == Ok(0)));
                })))
            });
        }
    });
    assert_eq!(processes(&vat), before);
}

/// The runtime of the task turns the vat, too.
#[test]
fn a_vat_in_a_task_is_asked_by_tasks() {
    in_a_runtime(async {
        let vat = Vat::task(VatOptions::default(), |_| transition_no_state!()).unwrap();
        let far = vat.spawn_object(crate::counter()).unwrap();
        let counts = join_all((0..8).map(|_| vat.ask(|cx| far.add(cx, 1)))).await;
        assert_eq!(counts.last(), Some(&Ok(8)));
        // A task that waited as a thread does would wait for itself.
        assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Err(VatError::SameThread));
        let waits = vat.ask(|cx| far.later(cx));
        vat.halt();
        assert_eq!(waits.await, Err(VatError::NotRunning));
    });
}

/// A limit of the runtime gives up waiting; the question is not taken back.
#[test]
fn a_task_gives_up_waiting() {
    let (vat, far) = with_counter();
    in_a_runtime(async {
        tokio::time::pause();
        let waited = tokio::time::timeout(crate::LIMIT, vat.ask(|cx| far.later(cx)));
        assert!(waited.await.is_err());
        vat.tell(|cx| far.now(cx)).unwrap();
        assert_eq!(vat.ask(|cx| far.add(cx, 1)).await, Ok(1));
    });
}

/// A future that is polled is woken when the answer is there, wherever it is polled next.
#[test]
fn a_future_is_woken_where_it_was_polled_last() {
    let (vat, far) = with_counter();
    let mut later = vat.ask(|cx| far.later(cx));
    assert_eq!((&mut later).now_or_never(), None);
    let woken = thread::spawn(move || {
        in_a_runtime(async {
            let never = pending::<()>();
            tokio::pin!(never);
            std::future::poll_fn(|cx| match later.poll_unpin(cx) {
                Poll::Pending => never.as_mut().poll(cx).map(|()| Ok(0)),
                ready => ready,
            })
            .await
        })
    });
    vat.tell(|cx| far.now(cx)).unwrap();
    assert_eq!(woken.join().unwrap(), Ok(0));
}
