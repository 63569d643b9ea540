//! Hosts: a loop with a frame budget, a tokio task, a thread with sockets; stopping and stepping.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatEvent, VatOptions};
use marketplace::{GroundError, Limits, Source};

use crate::{empty_vat, settled};

/// Counts itself up by a message to itself.
fn busy(_: Pid) -> Transition<u64> {
    transition!(
        0,
        subscriber!(
            "again",
            match_state!(n: u64 => on_message!(_ => transition!(n + 1, send_message!("again"))))
        ),
        send_message!("again"),
    )
}

/// Never idle, and it comes back all the same.
#[test]
fn a_frame_performs_at_most_so_many_actions() {
    let (vat, mut pump) = Vat::manual(VatOptions::default(), busy, || ());
    for _ in 0..3 {
        assert!(pump.pump_max(100), "there is always more");
    }
    let asked = vat.inspect_async(|debugger| debugger.stamp());
    pump.pump_max(100);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stamp = runtime.block_on(asked).unwrap();
    // Boot, relay, and a turn for each message after the first actions.
    assert!((290..410).contains(&stamp), "{stamp}");
}

/// Code that looks inside may step further than the frame has actions left.
#[test]
fn an_order_may_step_beyond_the_frame() {
    let (vat, mut pump) = Vat::manual(VatOptions::default(), busy, || ());
    let stepped = vat.inspect_async(|debugger| (0..50).all(|_| debugger.step()));
    pump.pump_max(1);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(stepped), Ok(true));
}

#[test]
fn whoever_pumps_cannot_wait_for_himself() {
    let (vat, mut pump) = Vat::manual(VatOptions::default(), |_| transition_no_state!(), || ());
    pump.pump();
    assert_eq!(vat.call(|_| ()), Err(VatError::SameThread));
    assert!(pump.pump(), "it goes on when idle");
    drop(pump);
    assert_eq!(vat.call(|_| ()), Err(VatError::NotRunning));
}

#[test]
fn a_loop_is_told_that_there_is_something_to_do() {
    let rung = Arc::new(AtomicUsize::new(0));
    let bell = rung.clone();
    let (vat, mut pump) = Vat::manual(
        VatOptions::default(),
        |_| transition_no_state!(),
        move || {
            bell.fetch_add(1, Ordering::SeqCst);
        },
    );
    pump.pump();
    let before = rung.load(Ordering::SeqCst);
    vat.send(&1u8).unwrap();
    assert!(rung.load(Ordering::SeqCst) > before);
}

/// A source that becomes ready on another thread wakes the loop.
#[test]
fn a_source_wakes_the_loop() {
    let (release, wait) = tokio::sync::oneshot::channel::<()>();
    let (ring, rung) = std::sync::mpsc::channel();
    let (vat, mut pump) = Vat::manual(
        VatOptions::default(),
        move |_| {
            let source = Source::future(async move {
                wait.await.unwrap();
                Ok::<_, std::convert::Infallible>(7u32)
            });
            transition_no_state!(at_meta_level!(subscriber!(
                marketplace::Ground::<u32>(source, _),
                on_message!(marketplace::Ground::<u32>(_, n) => send_message!(("got", n))),
            )))
        },
        move || {
            let _ = ring.send(());
        },
    );
    let mut got = vat.subscribe::<(Text, u32)>(topic!(("got", _))).unwrap();
    while rung.try_recv().is_ok() {}
    pump.pump();
    while rung.try_recv().is_ok() {}
    release.send(()).unwrap();
    rung.recv().unwrap();
    pump.pump();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(got.next()), Some(VatEvent::Message(("got".into(), 7))));
}

#[tokio::test]
async fn a_task_is_a_host() {
    let vat = Vat::task(VatOptions::default(), |_| transition_no_state!()).unwrap();
    assert_eq!(vat.call_async(|_| 6 * 7).await, Ok(42));
    let (early, dropped) = (vat.join_async(), vat.join_async());
    drop(dropped);
    vat.shutdown().unwrap();
    assert_eq!(early.await, Ok(Ok(())));
    assert_eq!(vat.join_async().await, Ok(Ok(())));
    assert_eq!(vat.call_async(|_| ()).await, Err(VatError::NotRunning));
}

/// The runtime is gone, and with it the task.
#[tokio::test]
async fn a_task_hears_of_the_end_of_a_vat_whose_runtime_falls() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let vat = {
        let _inside = runtime.enter();
        Vat::task(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap()
    };
    let ended = vat.join_async();
    assert_eq!(vat.call_async(|_| ()).await, Ok(()));
    runtime.shutdown_background();
    assert_eq!(ended.await, Ok(Ok(())));
}

#[test]
fn without_a_runtime_there_is_no_task() {
    let error = Vat::task(VatOptions::default(), |_| transition_no_state!()).unwrap_err();
    assert!(matches!(error, VatError::Host(_)), "{error}");
}

#[test]
fn a_process_ends_its_vat() {
    let vat = Vat::spawn(VatOptions::default(), |_| {
        transition_no_state!(subscriber!(
            "end",
            on_message!(_ => {
                at_meta_level!(quit().because("enough"))
            })
        ))
    })
    .unwrap();
    vat.send(&"end".to_string()).unwrap();
    assert!(matches!(vat.join().unwrap(), Err(GroundError::Quit(_))));
    assert!(!vat.is_running());
}

/// When nobody can talk to it any more it ends as a program does.
#[test]
fn a_vat_without_handles_ends_when_it_is_idle() {
    struct Told(std::sync::mpsc::Sender<()>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (sender, dropped) = std::sync::mpsc::channel();
    let told = Told(sender);
    let vat = Vat::spawn(VatOptions::default(), move |_| transition!(Some(told), subscriber!("x"))).unwrap();
    vat.call(|_| ()).unwrap();
    drop(vat);
    dropped.recv().unwrap();
}

/// S6 and S7 of a vat: stopped, nothing happens by itself; a step is one action.
#[test]
fn a_stopped_vat_is_stepped_and_goes_on() {
    let boot = |_| {
        transition!(
            0u32,
            subscriber!(
                "up",
                match_state!(n: u32 => on_message!(_ =>
            transition!(n + 1, send_message!(("now", n + 1)))))
            )
        )
    };
    let vat = Vat::spawn(VatOptions::default(), boot).unwrap();
    let mut now = vat.subscribe::<(Text, u32)>(topic!(("now", _))).unwrap();
    vat.call(|_| ()).unwrap();
    vat.inspect(|debugger| debugger.pause()).unwrap();
    vat.send(&"up".to_string()).unwrap();
    assert!(vat.inspect(|debugger| debugger.is_paused()).unwrap());
    vat.inspect(|debugger| debugger.send(&[], &"up".to_string())).unwrap();
    let queued = |vat: &Vat| vat.inspect(|debugger| debugger.dump().queued).unwrap();
    assert_eq!(queued(&vat), 1, "the other one waits outside");
    assert!(vat.inspect(|debugger| debugger.step()).unwrap());
    assert!(vat.inspect(|debugger| debugger.step()).unwrap());
    assert!(!vat.inspect(|debugger| debugger.step()).unwrap(), "nothing is left");
    assert_eq!(now.wait().unwrap(), Some(VatEvent::Message(("now".into(), 1))));
    vat.inspect(|debugger| debugger.run()).unwrap();
    assert_eq!(now.wait().unwrap(), Some(VatEvent::Message(("now".into(), 2))));
}

/// A killed process is gone; one in a nested VM, too; and one that is not there is said not to be.
#[test]
fn processes_are_killed_at_any_level() {
    let vat = settled(
        Vat::spawn(VatOptions::default(), |_| {
            transition_no_state!(
                spawn_vm!(
                    at_meta_level!(publisher!("out")),
                    spawn!(transition_no_state!(at_meta_level!(publisher!("out too")))),
                ),
                subscriber!("x")
            )
        })
        .unwrap(),
    );
    let inner = |vat: &Vat| {
        vat.inspect(|debugger| {
            let dump = debugger.dump();
            let vm = dump.processes.iter().find_map(|process| process.inside.clone())?;
            Some((vm.vm.to_vec(), vm.processes.len()))
        })
        .unwrap()
    };
    let (path, processes) = inner(&vat).unwrap();
    assert_eq!(processes, 2);
    let at = path.clone();
    assert!(vat.inspect(move |debugger| debugger.kill(&at, Pid::BOOT, Reason::Normal)).unwrap());
    let at = path.clone();
    assert!(!vat.inspect(move |debugger| debugger.kill(&at, Pid::BOOT, Reason::Normal)).unwrap());
    assert_eq!(inner(&vat).map(|(_, processes)| processes), Some(1));
}

#[test]
fn r18_a_vat_has_limits_that_can_be_changed_while_it_runs() {
    let limits = Limits { processes: 3, ..Limits::default() };
    let waits = || spawn!(transition_no_state!(subscriber!("never")));
    let vat = empty_vat(VatOptions { limits, ..VatOptions::default() });
    // The process of a call is one, too, and a call is never refused.
    let spawns = |vat: &Vat| {
        vat.call(move |caller| caller.act(waits())).unwrap();
        vat.call(|_| ()).unwrap();
        vat.inspect(|debugger| debugger.stats().processes).unwrap()
    };
    let processes = spawns(&vat);
    assert_eq!(processes, 2, "the relay and one that waits");
    assert_eq!(spawns(&vat), 3 - 1, "the process of the call failed");
    vat.inspect(|debugger| debugger.set_limits(Limits::default())).unwrap();
    assert_eq!(spawns(&vat), 3);
}
