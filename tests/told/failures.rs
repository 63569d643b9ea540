//! A process that fails says so, in one line.

use std::io::{Error, ErrorKind};

use marketplace::prelude::*;
use marketplace::{Ground, Source, ground};

use crate::{logs, told, told_with};

#[derive(Message, Clone, Debug, PartialEq)]
struct Says {
    who: Symbol,
    what: Text,
}

/// Fails when it is told something.
fn session() -> Transition<()> {
    transition_no_state!(subscriber!(
        Says { .. },
        on_message!(Says { what: "panic", .. } => panic!("boom at {}\nand more", 7)),
        on_message!(Says { what: "error", .. } => {
            "x".parse::<u8>()?;
        }),
    ))
}

fn says(what: &str) -> Spawn<()> {
    let what = Text::from(what);
    name_process("ann", spawn!(transition_no_state!(send_message!(Says { who: "ann".into(), what }))))
}

const PANIC_LINE: u32 = line!() - 12;

#[test]
fn a_panic_is_told_with_name_reason_place_and_what_was_heard_from_whom() {
    let told = told("failures::panics");
    let expected = format!(
        r#"WARN marketplace: a process failed process=irc/session() pid=p2/p1 reason=panic: boom at 7\nand more at={}:{PANIC_LINE}:"#,
        file!()
    );
    let [line] = &logs(&told)[..] else { panic!("{told:#?}") };
    assert!(line.starts_with(&expected), "{line}\n{expected}");
    assert!(line.ends_with(r#" heard=message Says('ann, "panic") from=irc/ann"#), "{line}");
}

#[test]
#[ignore = "run by other tests"]
fn panics() {
    assert_eq!(ground_vm!(spawn_vm!(name: "irc"; spawn!(session()), says("panic"))), Ok(()));
}

/// Such are those of the TCP driver: each client could fill the log.
#[test]
fn a_process_that_quits_since_a_peer_has_gone_is_no_warning() {
    assert_eq!(
        logs(&told("failures::disconnects")),
        ["WARN marketplace: a process ended process=quits_for() pid=p3 reason=connection refused"]
    );
    let all = logs(&told_with("failures::disconnects", &[("MARKETPLACE_LOG", "info")]));
    let line = "INFO marketplace: a process ended process=quits_for() pid=p2 reason=connection reset";
    assert!(all.iter().any(|told| told == line), "{all:#?}");
}

#[test]
#[ignore = "run by other tests"]
fn disconnects() {
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::ConnectionRefused, ErrorKind::BrokenPipe];
    assert_eq!(ground_vm!(kinds.map(|kind| spawn!(quits_for(kind)))), Ok(()));
}

fn quits_for(kind: ErrorKind) -> Transition<()> {
    transition_no_state!(quit().because(Reason::error(Error::from(kind))))
}

#[test]
fn an_error_is_told_and_a_process_without_a_name_goes_by_its_boot() {
    assert_eq!(
        logs(&told("failures::errors")),
        [
            r#"WARN marketplace: a process failed process=errors{} pid=p4 reason=no heard=boots from=boot"#,
            r#"WARN marketplace: a process failed process=session() pid=p2 reason=invalid digit found in string heard=message Says('ann, "error") from=ann"#,
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn errors() {
    let ended = ground_vm!(
        spawn!(session()),
        says("error"),
        spawn!({
            Err(Failure::value(&"no".to_string()))?;
            transition_no_state!()
        }),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn a_boot_of_a_program_that_fails_is_told() {
    let line = r#"WARN marketplace: a process failed process=boot pid=p0 reason=I cannot heard=boots"#;
    assert_eq!(logs(&told("failures::boot_fails")), [line]);
}

#[test]
#[ignore = "run by other tests"]
fn boot_fails() {
    let boot = |_| -> Result<Transition<()>, Failure> { Err(Failure::value(&"I cannot".to_string())) };
    assert!(ground::run_program(boot).is_err());
}

#[test]
fn a_kill_and_a_refusal_that_kills_are_told() {
    assert_eq!(
        logs(&told("failures::ends")),
        [
            r#"WARN marketplace: a process was killed process=victim pid=p4 reason=killed by "boss""#,
            r#"WARN marketplace: a process failed process=wants pid=p3 reason=refused: "not you" from=boot"#,
        ]
    );
}

/// Ends its child.
fn boss() -> Transition<()> {
    let child = spawn_continue!(
        child: transition_no_state!(subscriber!("die")),
        parent: |(), child: Result<Pid, Reason>| transition_no_state!(child.ok().map(|child| quit().pid(child))),
    );
    transition_no_state!(name_process("victim", child))
}

#[test]
#[ignore = "run by other tests"]
fn ends() {
    let ended = ground_vm!(
        name_process("boss", spawn!(boss())),
        name_process("wants", spawn!(transition_no_state!(subscriber!("gift")))),
        observe_subscribers!("gift", on_presence!(refuse(topic!("gift"), "not you".to_string()))),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn what_ends_well_is_told_nobody() {
    assert_eq!(told("failures::ends_well"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn ends_well() {
    let ended = ground_vm!(
        spawn!(transition_no_state!(quit())),
        spawn!(transition_no_state!(quit().because("enough"))),
        spawn!(transition_no_state!(quit().because(Reason::Shutdown))),
    );
    assert_eq!(ended, Ok(()));
}

#[test]
fn variables_say_what_is_told() {
    let failures = |variables: &[(&str, &str)]| logs(&told_with("failures::errors", variables)).len();
    assert_eq!(failures(&[("MARKETPLACE_LOG", "off")]), 0);
    assert_eq!(failures(&[("RUST_LOG", "off")]), 0);
    assert_eq!(failures(&[("RUST_LOG", "off"), ("MARKETPLACE_LOG", "warn")]), 2);
    assert_eq!(failures(&[("MARKETPLACE_LOG", "warn,marketplace=off")]), 0);
    assert_eq!(failures(&[("MARKETPLACE_LOG", "")]), 2);
    // Variables for a whole program keep our warnings, unless they speak of them.
    for kept in ["my_crate=debug", "my_crate", "error", "error,my_crate=off", "marketplace_shop=debug"] {
        assert_eq!(failures(&[("RUST_LOG", kept)]), 2, "{kept}");
    }
    for silent in
        ["marketplace=off", "my_crate=debug,marketplace=off", "off,my_crate=debug", "marketplace=error"]
    {
        assert_eq!(failures(&[("RUST_LOG", silent)]), 0, "{silent}");
    }
    assert_eq!(failures(&[("MARKETPLACE_LOG", "my_crate=debug")]), 0);
    let told = told_with("failures::errors", &[("MARKETPLACE_LOG", "inof,my_crate=debug")]);
    assert_eq!(
        told[0],
        "MARKETPLACE_LOG: `inof` is no level (off, error, warn, info, debug or trace), so all of a crate of that \
         name is shown, and warnings: write `inof=trace` if that is meant"
    );
    assert_eq!(logs(&told).len(), 2);
    assert!(told_with("failures::ends_well", &[("MARKETPLACE_LOG", "marketplace::verb")]).is_empty());
    let told = told_with("failures::errors", &[("RUST_LOG", "marketplace=loud")]);
    assert!(told[0].starts_with("RUST_LOG=marketplace=loud: expected off, error, "), "{told:#?}");
    assert_eq!(logs(&told).len(), 2);
}

#[test]
fn a_quiet_end_is_told_to_whoever_asks_for_it() {
    let told = told_with("failures::ends_well", &[("MARKETPLACE_LOG", "info")]);
    let line = "INFO marketplace: a process ended process=ends_well{} pid=p3 reason=enough";
    assert!(logs(&told).iter().any(|said| said == line), "{told:#?}");
}

/// A process that waits for others would not keep the program, and a stranger may ask why.
#[test]
fn an_end_with_processes_left_is_told_to_whoever_asks_for_it() {
    let told = told_with("failures::waits", &[("MARKETPLACE_LOG", "info")]);
    assert_eq!(
        logs(&told),
        ["INFO marketplace: the program is done: no process listens to the outside processes=2"]
    );
}

#[test]
#[ignore = "run by other tests"]
fn waits() {
    assert_eq!(ground_vm!(spawn!(transition_no_state!(subscriber!("x")))), Ok(()));
}

#[test]
fn a_program_that_has_logs_gets_them_and_nothing_is_told_beside() {
    let told = told("failures::has_logs");
    let [line, end] = &told[..] else { panic!("{told:#?}") };
    assert!(line.starts_with(" WARN a process failed"), "{line}");
    assert_eq!(end, " INFO the program is done: no process listens to the outside processes=1");
}

#[test]
#[ignore = "run by other tests"]
fn has_logs() {
    // Only once the program runs: a subscriber that comes late has its way, too.
    let never = Source::future(async { Ok::<_, std::convert::Infallible>(()) });
    let ended = ground_vm!(
        spawn!(transition_no_state!(at_meta_level!(subscriber!(
            Ground::<()>(never, _),
            on_message!(_ => {
                Err(Failure::value(&"late".to_string()))?;
            }),
        )))),
        {
            tracing_subscriber::fmt().without_time().with_target(false).with_writer(std::io::stderr).init();
        },
    );
    assert_eq!(ended, Ok(()));
}
