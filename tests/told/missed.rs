//! A program of whose messages of one kind none is heard is told why, once for each kind.
#![cfg(debug_assertions)]

use marketplace::Opaque;
use marketplace::prelude::*;

use crate::{logs, told};

#[derive(Message, Clone, Debug, PartialEq)]
struct To(Symbol);

#[derive(Message, Clone, Debug, PartialEq)]
struct Note {
    text: Text,
}

fn ann() -> Transition<()> {
    transition_no_state!(subscriber!(To(Symbol::new("ann")), on_message!(To(_) => ())))
}

fn anybody() -> Transition<()> {
    transition_no_state!(subscriber!(To(_), on_message!(To(_) => ())))
}

fn says(who: &str) -> Transition<()> {
    transition_no_state!(send_message!(To(Symbol::new(who))))
}

#[test]
fn a_message_beside_the_topic_is_told() {
    assert_eq!(
        logs(&told("missed::beside_the_topic")),
        [
            "WARN marketplace: nobody has heard To('bob) of says(): ann() subscribes to To('ann), which does not match it"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn beside_the_topic() {
    assert_eq!(ground_vm!(spawn!(ann()), spawn!(says("bob")), spawn!(says("eve"))), Ok(()));
}

#[test]
fn a_message_that_is_sent_before_anybody_listens_is_told() {
    assert_eq!(
        logs(&told("missed::too_early")),
        [
            "WARN marketplace: nobody has heard To('bob) of says(): anybody() subscribes to it only since then; \
          send it in `on_presence!`"
        ]
    );
}

/// It is no host.
#[test]
fn a_process_that_is_named_host_is_told_as_any() {
    assert_eq!(
        logs(&told("missed::named_host")),
        ["WARN marketplace: nobody has heard To('bob) of host: anybody() subscribes to it only since then; \
          send it in `on_presence!`"]
    );
}

#[test]
#[ignore = "run by other tests"]
fn named_host() {
    let host = name_process("host", spawn!(says("bob")));
    assert_eq!(ground_vm!(spawn!(ann()), host, spawn!(anybody())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn too_early() {
    assert_eq!(ground_vm!(spawn!(ann()), spawn!(says("bob")), spawn!(anybody())), Ok(()));
}

#[test]
fn a_message_on_the_wrong_level_is_told() {
    assert_eq!(
        logs(&told("missed::around")),
        [
            "WARN marketplace: nobody has heard To('bob) of room/says(): anybody() subscribes to it, in a VM around; \
          send it `at_meta_level!(..)`"
        ]
    );
    assert_eq!(
        logs(&told("missed::inside")),
        [
            "WARN marketplace: nobody has heard To('bob) of says(): room/anybody() subscribes to it, in a VM inside; \
          let that process listen `at_meta_level!(..)`"
        ]
    );
    assert_eq!(
        logs(&told("missed::beside")),
        [
            "WARN marketplace: nobody has heard To('bob) of hall/says(): room/anybody() subscribes to it, in a VM beside; \
          let both speak `at_meta_level!(..)`"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn around() {
    assert_eq!(ground_vm!(spawn!(anybody()), spawn_vm!(name: "room"; spawn!(says("bob")))), Ok(()));
}

/// The level is looked at when the program is idle or done, and a VM without an endpoint outside is
/// done before that.
fn open_room() -> Spawn<()> {
    spawn_vm!(name: "room"; spawn!(anybody()), at_meta_level!(subscriber!("close", on_message!(_ => ()))))
}

#[test]
#[ignore = "run by other tests"]
fn inside() {
    assert_eq!(ground_vm!(open_room(), spawn!(says("bob"))), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn beside() {
    assert_eq!(ground_vm!(open_room(), spawn_vm!(name: "hall"; spawn!(says("bob")))), Ok(()));
}

#[test]
fn a_message_out_of_the_ground_vm_is_told() {
    assert_eq!(
        logs(&told("missed::outermost")),
        [
            "WARN marketplace: nobody has heard Note(\"hi\") of shouts(): only sources are outside the ground VM; \
          send it without `at_meta_level!(..)`"
        ]
    );
}

fn shouts() -> Transition<()> {
    transition_no_state!(at_meta_level!(send_message!(Note { text: "hi".into() })))
}

#[test]
#[ignore = "run by other tests"]
fn outermost() {
    assert_eq!(ground_vm!(spawn!(shouts()), spawn!(shouts())), Ok(()));
}

#[test]
fn a_message_to_which_nobody_listens_is_told_at_the_end_of_the_program() {
    assert_eq!(
        logs(&told("missed::nobody")),
        [
            "WARN marketplace: nobody has heard [\"log\", \"begin\"] of logs_twice(): no process subscribes to [\"log\", ..]",
            "WARN marketplace: nobody has heard Note(\"thanks\") of logs_twice(): no process publishes Note(..)",
            "WARN marketplace: nobody has heard 'over of logs_twice(): no process subscribes to 'over",
        ]
    );
}

fn logs_twice() -> Transition<()> {
    transition_no_state!(
        send_message!(("log", "begin")),
        send_message!(("log", "end")),
        send_feedback!(Note { text: "thanks".into() }),
        send_message!(Symbol::new("over")),
    )
}

#[test]
#[ignore = "run by other tests"]
fn nobody() {
    assert_eq!(ground_vm!(spawn!(logs_twice())), Ok(()));
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Answer(u32);

#[derive(Message, Clone, Debug, PartialEq)]
struct Answr(u32);

fn answers() -> Transition<()> {
    transition_no_state!(send_message!(Answr(3)))
}

fn asks() -> Transition<()> {
    transition_no_state!(subscriber!(Answer(_), on_message!(Answer(_) => ())))
}

const MISSPELT: &str = "nobody has heard Answr(3) of answers(): no process subscribes to Answr(..), \
                        but asks() subscribes to Answer(_): one of the two may be misspelt";

/// Also if the process that listens to that comes later.
#[test]
fn a_message_whose_kind_is_misspelt_is_told() {
    for program in ["missed::misspelt", "missed::misspelt_before"] {
        assert_eq!(logs(&told(program)), [format!("WARN marketplace: {MISSPELT}")]);
    }
}

#[test]
#[ignore = "run by other tests"]
fn misspelt() {
    assert_eq!(ground_vm!(spawn!(asks()), spawn!(answers())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn misspelt_before() {
    assert_eq!(ground_vm!(spawn!(answers()), spawn!(asks())), Ok(()));
}

#[test]
fn a_text_for_a_symbol_is_told() {
    assert_eq!(
        logs(&told("missed::text_for_symbol")),
        ["WARN marketplace: nobody has heard \"go\" of goes(): no process subscribes to \"go\", \
          but waits() subscribes to 'go: one of the two may be misspelt"]
    );
}

#[test]
#[ignore = "run by other tests"]
fn text_for_symbol() {
    fn waits() -> Transition<()> {
        transition_no_state!(subscriber!(Symbol::new("go"), on_message!(_ => quit())))
    }
    fn goes() -> Transition<()> {
        transition_no_state!(send_message!("go"))
    }
    assert_eq!(ground_vm!(spawn!(waits()), spawn!(goes())), Ok(()));
}

#[test]
fn a_message_whose_kind_is_misspelt_is_told_when_a_program_is_idle() {
    let mut vm = marketplace::GroundVm::new(|_| transition_no_state!(spawn!(asks()), spawn!(answers())));
    vm.run(usize::MAX);
    assert!(vm.has_missed());
    let told: Vec<_> = vm.take_missed().iter().map(ToString::to_string).collect();
    assert_eq!(told, [MISSPELT]);
}

/// The program goes on, and time is virtual.
#[test]
fn a_message_to_which_nobody_listens_for_a_while_is_told() {
    assert_eq!(
        logs(&told("missed::goes_on")),
        ["WARN marketplace: nobody has heard Note(\"hi\") of tells(): no process subscribes to Note(..)"]
    );
    assert_eq!(told("missed::is_heard_in_time"), Vec::<String>::new());
}

fn tells() -> Transition<()> {
    transition_no_state!(send_message!(Note { text: "hi".into() }))
}

/// It is stopped in the middle: an end would tell, too.
async fn runs_for_ten_seconds(boot: fn() -> Transition<()>) {
    use marketplace::{Ground, Source, ground};
    let ear = Source::future(std::future::pending::<Result<Value, Failure>>());
    let listens = move || at_meta_level!(subscriber!(Ground::<Value>(ear, _)));
    let boot = move |_| transition_no_state!(boot().actions, listens());
    let ended = ground::run(boot, std::future::pending());
    assert!(tokio::time::timeout(std::time::Duration::from_secs(10), ended).await.is_err());
}

#[tokio::test(start_paused = true)]
#[ignore = "run by other tests"]
async fn goes_on() {
    runs_for_ten_seconds(|| transition_no_state!(spawn!(tells()))).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "run by other tests"]
async fn is_heard_in_time() {
    fn notes() -> Transition<()> {
        transition_no_state!(subscriber!(Note { .. }, on_message!(Note { .. } => ())))
    }
    fn boot() -> Transition<()> {
        transition_no_state!(spawn!(tells()), spawn!(notes()), spawn!(tells()))
    }
    runs_for_ten_seconds(boot).await;
}

#[test]
fn messages_of_a_kind_of_which_one_was_heard_are_not_told() {
    assert_eq!(logs(&told("missed::heard_later")), Vec::<String>::new());
    assert_eq!(logs(&told("missed::heard_before")), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn heard_later() {
    let says_again = || transition_no_state!(send_message!(To("bob".into())));
    assert_eq!(ground_vm!(spawn!(says("bob")), spawn!(anybody()), spawn!(says_again())), Ok(()));
}

#[test]
#[ignore = "run by other tests"]
fn heard_before() {
    assert_eq!(ground_vm!(spawn!(ann()), spawn!(says("ann")), spawn!(says("bob"))), Ok(()));
}

#[test]
fn a_long_message_is_told_by_its_beginning() {
    let told = logs(&told("missed::long"));
    let begins = format!("WARN marketplace: nobody has heard \"{}… of boot: no process", "x".repeat(199));
    assert!(told[0].starts_with(&begins) && told[0].len() < 500, "{told:?}");
}

#[test]
#[ignore = "run by other tests"]
fn long() {
    assert_eq!(ground_vm!(send_message!(Text::from("x".repeat(100_000)))), Ok(()));
}

/// A program sees when its opaque values are dropped.
#[test]
fn a_message_with_an_opaque_value_is_dropped_as_in_a_release_build() {
    let told = std::sync::Arc::new(());
    let held = told.clone();
    let mut vm = marketplace::GroundVm::new(move |_| {
        let opaque = || Value::from(Opaque::new(held.clone()));
        transition_no_state!(
            send_message!(("job", 1, vec![opaque()])),
            send_message!(Value::record("Job", [opaque()])),
            at_meta_level!(send_message!(("job out", opaque()))),
            subscriber!(("job", opaque())),
            drop(held),
        )
    });
    vm.run(usize::MAX);
    vm.take_all_missed();
    assert_eq!(std::sync::Arc::strong_count(&told), 2, "the test's own, and that of the endpoint");
}

#[test]
fn a_kind_that_many_nested_vms_miss_is_told_once() {
    let room = || {
        spawn_vm!(
            spawn!(ann()),
            spawn!(says("bob")),
            at_meta_level!(send_message!(Note { text: "x".into() }))
        )
    };
    let mut vm = marketplace::GroundVm::new(move |_| transition_no_state!(room(), room()));
    vm.run(usize::MAX);
    assert_eq!(vm.take_all_missed().len(), 2);
    vm.spawn(room());
    vm.run(usize::MAX);
    assert!(!vm.has_missed() && vm.take_all_missed().is_empty());

    // Two that live on.
    let open = || {
        spawn_vm!(
            spawn!(ann()),
            spawn!(says("bob")),
            at_meta_level!(subscriber!("close", on_message!(_ => ())))
        )
    };
    let mut vm = marketplace::GroundVm::new(move |_| transition_no_state!(open(), open()));
    vm.run(usize::MAX);
    assert_eq!(vm.take_all_missed().len(), 1);
}

#[test]
fn a_program_with_many_kinds_of_messages_is_told_of_some() {
    assert_eq!(logs(&told("missed::many")).len(), 20);
}

#[test]
#[ignore = "run by other tests"]
fn many() {
    let says = || transition_no_state!((0..50).map(|n| send_message!(Symbol::new(&format!("n{n}")))));
    assert_eq!(ground_vm!(spawn!(says())), Ok(()));
}
