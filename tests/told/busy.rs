//! A VM that has more to do than it can says so.

use marketplace::ground::Warnings;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use tokio::runtime::Runtime;

use crate::{logs, told, told_with};

/// Says more and more.
fn flood() -> Transition<()> {
    transition_no_state!(
        subscriber!("more", on_message!(_ => actions![send_message!("more"), send_message!("more")])),
        send_message!("more"),
    )
}

#[test]
fn a_queue_that_grows_is_told_once_with_the_process_that_fills_it() {
    let told = told("busy::grows");
    let [line] = &logs(&told)[..] else { panic!("{told:#?}") };
    assert!(line.starts_with("WARN marketplace: 1"), "{line}");
    assert!(line.contains(" actions wait in the ground VM, "), "{line}");
    assert!(line.contains("; most are of flood(): 1"), "{line}");
}

#[test]
#[ignore = "run by other tests"]
fn grows() {
    let (_vat, mut pump) =
        Vat::manual(VatOptions::default(), |_| transition_no_state!(spawn!(flood())), || ());
    // On a busy machine this may take more than the 10 s after which there is another warning.
    paused().block_on(async {
        for _ in 0..200 {
            pump.pump_max(1000);
        }
    });
}

/// In it, time passes only as the test says.
fn paused() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Has always one thing more to do.
fn restless() -> Transition<()> {
    transition_no_state!(subscriber!("on", on_message!(_ => send_message!("on"))), send_message!("on"))
}

#[test]
fn a_process_that_sends_to_itself_without_end_is_told_once() {
    let line = "WARN marketplace: the VM has not been idle for 10s: room/restless() alone keeps it busy, \
                by what it sends to itself";
    assert_eq!(logs(&told("busy::goes_on")), [line]);
}

#[test]
fn processes_that_keep_each_other_busy_are_told_once() {
    let told = logs(&told("busy::both_go_on"));
    let [line] = &told[..] else { panic!("{told:#?}") };
    let (begins, ends) =
        line.split_once("; of the actions that wait, most are of ").unwrap_or_else(|| panic!("{line}"));
    assert_eq!(begins, "WARN marketplace: the VM has not been idle for 10s");
    assert!(["ping(): 1", "pong(): 1"].contains(&ends), "{line}");
}

#[test]
fn who_goes_on_with_what_another_has_sent_is_not_told_to_send_to_itself() {
    let told = logs(&told("busy::works_off"));
    let [line] = &told[..] else { panic!("{told:#?}") };
    assert!(!line.contains("alone"), "{line}");
}

#[test]
fn warnings_can_be_off_and_come_later() {
    let at = |warn| logs(&told_with("busy::goes_on", &[("MARKETPLACE_WARN", warn)])).len();
    assert_eq!(
        [at("off"), at("turn=off,busy=off"), at("turn=off,busy=1m"), at("turn=off,busy=11s")],
        [0, 0, 0, 1]
    );
    let at = |warn| logs(&told_with("busy::grows", &[("MARKETPLACE_WARN", warn)])).len();
    assert_eq!(
        [at("off"), at("turn=off,queue=off"), at("turn=off,queue=300000"), at("turn=off,queue=1000")],
        [0, 0, 0, 1]
    );
}

#[test]
fn a_variable_that_says_nothing_is_told() {
    let told = told_with("busy::goes_on", &[("MARKETPLACE_WARN", "turn=off,busy=1h")]);
    let line = "MARKETPLACE_WARN: expected off, or a list of turn, queue and busy, such as \
                `turn=250ms,queue=off,busy=1m`, not `busy=1h`; it does nothing";
    assert_eq!(told[0], line);
}

/// Each has a name of its own, and they are told by their boot.
fn breeds(generation: u64) -> Transition<()> {
    let next = generation + 1;
    transition_no_state!(subscriber!("food"), name_process(format!("child-{next}"), spawn!(breeds(next))))
}

fn rests() -> Transition<()> {
    transition_no_state!(subscriber!("nothing"))
}

/// How many processes more there are, and most of which kind, as this program says.
fn told_more(program: &str) -> (usize, String) {
    let told = logs(&told(program));
    let [line] = &told[..] else { panic!("{told:#?}") };
    let told = line.strip_prefix("WARN marketplace: the VM has not been idle for 10s, and has ").unwrap();
    let (told, _) = told.split_once("; of the actions that wait, ").unwrap();
    let (more, most) = told.split_once(" processes more than after half of that; most are ").unwrap();
    (more.parse().unwrap(), most.to_string())
}

#[test]
fn processes_that_become_ever_more_are_told_with_their_number() {
    let (more, most) = told_more("busy::becomes_more");
    assert!(more >= 1_000, "{more}");
    assert_eq!(most, format!("breeds(): {more}"));
}

#[test]
#[ignore = "run by other tests"]
fn becomes_more() {
    for_a_while_of(1_000, |_| breeds(0));
}

#[test]
fn processes_that_become_ever_more_in_a_nested_vm_are_told_with_its_name() {
    let (more, most) = told_more("busy::becomes_more_inside");
    assert!(more >= 1_000, "{more}");
    assert_eq!(most, format!("breeds() in house/room: {more}"));
}

#[test]
#[ignore = "run by other tests"]
fn becomes_more_inside() {
    let room = || spawn_vm!(name: "room"; spawn!(breeds(0)));
    let rest = || (0..500).map(|_| spawn!(rests())).collect::<Vec<_>>();
    for_a_while_of(1_000, move |_| transition_no_state!(rest(), spawn_vm!(name: "house"; rest(), room())));
}

/// Keeps its room.
fn guest() -> Transition<()> {
    transition_no_state!(at_meta_level!(subscriber!("nothing")))
}

/// Opens a room, for one, and another one when it has heard that.
fn opens_rooms(room: u64) -> Transition<()> {
    transition_no_state!(
        subscriber!(
            "next",
            on_message!(_ => {
                actions![spawn_vm!(name: format!("room-{room}"); spawn!(guest())), send_message!("next")]
            })
        ),
        send_message!("next"),
    )
}

#[test]
fn vms_that_become_ever_more_are_told_as_such() {
    let (more, most) = told_more("busy::opens_room_after_room");
    assert!(more >= 1_000, "{more}");
    assert_eq!(most, format!("nested VMs: {}", more / 2));
}

#[test]
#[ignore = "run by other tests"]
fn opens_room_after_room() {
    for_a_while_of(3_000, |_| transition_no_state!(spawn!(opens_rooms(0)), spawn!(pong()), spawn!(ping())));
}

/// They are there before half of the time is over, and others keep the VM busy.
#[test]
fn processes_with_which_a_program_begins_are_not_told() {
    let [line] = &logs(&told("busy::begins_with_many"))[..] else { panic!("one line") };
    assert!(line.contains("; of the actions that wait, most are of "), "{line}");
    assert!(!line.contains("rests"), "{line}");
}

#[test]
#[ignore = "run by other tests"]
fn begins_with_many() {
    let rest = || (0..2_000).map(|_| spawn!(rests())).collect::<Vec<_>>();
    for_a_while_of(1_500, move |_| transition_no_state!(rest(), spawn!(pong()), spawn!(ping())));
}

fn for_a_while(boot: impl FnOnce(Pid) -> Transition<()> + Send + 'static) {
    for_a_while_of(10, boot);
}

/// For 22 s of a clock that stands still while the vat works, with so many actions in each.
fn for_a_while_of(steps: usize, boot: impl FnOnce(Pid) -> Transition<()> + Send + 'static) {
    let options =
        VatOptions { warnings: Warnings { slow_turn: None, ..Warnings::default() }, ..VatOptions::default() };
    let (_vat, mut pump) = Vat::manual(options, boot, || ());
    paused().block_on(async {
        for _ in 0..22 {
            pump.pump_max(steps);
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
        }
    });
}

#[test]
#[ignore = "run by other tests"]
fn goes_on() {
    for_a_while(|_| transition_no_state!(spawn_vm!(name: "room"; spawn!(restless()))));
}

fn ping() -> Transition<()> {
    transition_no_state!(subscriber!("pong", on_message!(_ => send_message!("ping"))), send_message!("ping"))
}

fn pong() -> Transition<()> {
    transition_no_state!(subscriber!("ping", on_message!(_ => send_message!("pong"))))
}

#[test]
#[ignore = "run by other tests"]
fn both_go_on() {
    for_a_while(|_| transition_no_state!(spawn!(pong()), spawn!(ping())));
}

/// Says a lot, and nobody hears it.
fn says_a_lot() -> Transition<()> {
    transition_no_state!((0..20_000).map(|_| send_message!("much")).collect::<Vec<_>>())
}

#[test]
#[ignore = "run by other tests"]
fn works_off() {
    let warnings = Warnings { slow_turn: None, busy: Some(std::time::Duration::ZERO), ..Warnings::default() };
    let options = VatOptions { warnings, ..VatOptions::default() };
    let (_vat, mut pump) = Vat::manual(options, |_| transition_no_state!(spawn!(says_a_lot())), || ());
    for _ in 0..200 {
        pump.pump_max(100);
    }
}
