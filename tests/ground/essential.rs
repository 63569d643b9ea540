//! A program that ends with one of its processes.

use marketplace::prelude::*;
use marketplace::{Ground, Source};

#[derive(Message, Clone, Debug, PartialEq)]
struct Serves;

/// The program is nothing without it.
fn server(says: &'static str, boots: bool) -> Transition<()> {
    assert!(boots, "it cannot begin");
    let asked = Source::future(async move { Ok::<_, Failure>(Text::from(says)) });
    transition_no_state!(
        publisher!(Serves),
        at_meta_level!(subscriber!(
            Ground::<Text>(asked, _),
            on_message!(Ground::<Text>(_, n) => { n.parse::<u64>()?; }),
            on_absence!(quit()),
        )),
    )
}

/// As the guide has it, in "Failure and supervision".
fn program(says: &'static str, boots: bool) -> Result<(), GroundError> {
    ground_vm!(
        observe_publishers!(
            Serves,
            match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
        ),
        spawn_continue!(child: server(says, boots), parent: |(), booted: Result<Pid, Reason>| {
            booted.map(|_| transition_no_state!())
        }),
    )
}

#[test]
fn a_program_that_watches_a_process_fails_if_that_fails() {
    assert!(program("twelve", true).is_err(), "it fails later");
    assert!(program("12", false).is_err(), "its boot fails");
    assert_eq!(program("12", true), Ok(()), "it ends well");
}
