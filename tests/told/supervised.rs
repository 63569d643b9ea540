//! A child of a supervisor that fails is told once.

use std::io::{Error, ErrorKind};

use marketplace::Limits;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_drivers::supervisor::{Child, Restart, Supervision};

use crate::{logs, told, told_with};

fn panics() -> Transition<()> {
    panic!("boom")
}

fn gives_data() -> Transition<()> {
    transition_no_state!(yield_now!(|()| Err::<Transition<()>, _>(Failure::value(&Text::from("flaky")))))
}

fn boots_badly() -> Result<Transition<()>, Failure> {
    Err(Failure::value(&Text::from("flaky")))
}

fn goes() -> Transition<()> {
    transition_no_state!(quit().because("enough"))
}

fn runs<T: IntoTransition<State = ()> + 'static>(boot: fn() -> T) {
    let child = Child::new("child", move || spawn!(boot())).restart(Restart::Never);
    assert_eq!(ground_vm!(Supervision::new("boss").child(child).spawn()), Ok(()));
}

#[test]
fn a_child_that_panics_is_told_once() {
    let [line] = &logs(&told("supervised::child_panics"))[..] else { panic!("one line") };
    assert!(line.starts_with("WARN marketplace: a process failed process=child pid="), "{line}");
    let all = logs(&told_with("supervised::child_panics", &[("MARKETPLACE_LOG", "info")]));
    let of_supervisor = all.iter().filter(|line| line.contains("supervisor::process: failed"));
    assert_eq!(of_supervisor.count(), 1, "{all:#?}");
}

#[test]
#[ignore = "run by other tests"]
fn child_panics() {
    runs(panics);
}

/// Data is a reason as of a process that quits, of which the host does not warn.
#[test]
fn a_child_that_fails_with_data_is_told_once() {
    for case in ["supervised::child_gives_data", "supervised::child_boots_badly"] {
        let [line] = &logs(&told(case))[..] else { panic!("one line of {case}") };
        assert!(line.starts_with("WARN marketplace: a process failed process=child pid="), "{line}");
        let all = logs(&told_with(case, &[("MARKETPLACE_LOG", "info")]));
        let of_supervisor = all.iter().filter(|line| line.contains("supervisor::process: failed"));
        assert_eq!(of_supervisor.count(), 1, "{all:#?}");
    }
}

#[test]
#[ignore = "run by other tests"]
fn child_gives_data() {
    runs(gives_data);
}

#[test]
#[ignore = "run by other tests"]
fn child_boots_badly() {
    runs(boots_badly);
}

/// There is no process of which the host could warn.
#[test]
fn a_child_for_which_there_is_no_room_is_told() {
    let [line] = &logs(&told("supervised::no_room"))[..] else { panic!("one line") };
    let told = "WARN marketplace_drivers::supervisor::process: not started supervisor=\"boss\" child=\"child\" \
                incarnation=0 reason=too many processes: 3 are there already";
    assert_eq!(line, told);
}

#[test]
#[ignore = "run by other tests"]
fn no_room() {
    let options =
        VatOptions { limits: Limits { processes: 3, ..Limits::default() }, ..VatOptions::default() };
    let child = Child::new("child", || spawn!(goes())).restart(Restart::Never);
    let boss = Supervision::new("boss").child(child);
    let boot = move |_| transition_no_state!(subscriber!("it stays"), boss.spawn());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (_vat, mut pump) = Vat::manual(options, boot, || ());
    runtime.block_on(async { pump.pump_max(1_000) });
}

/// The host does not warn of a process that quits.
#[test]
fn a_child_that_quits_with_a_reason_that_is_not_normal_is_told() {
    let line = "WARN marketplace_drivers::supervisor::process: ended, which counts as a failure supervisor=\"boss\" child=\"child\" incarnation=0 reason=";
    assert_eq!(logs(&told("supervised::child_goes")), [format!("{line}enough")]);
    assert_eq!(logs(&told("supervised::child_loses_its_peer")), [format!("{line}broken pipe")]);
}

#[test]
#[ignore = "run by other tests"]
fn child_loses_its_peer() {
    runs(|| transition_no_state!(quit().because(Reason::error(Error::from(ErrorKind::BrokenPipe)))));
}

#[test]
#[ignore = "run by other tests"]
fn child_goes() {
    runs(goes);
}
