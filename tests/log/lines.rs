//! A line stays one line, whatever text is in it.

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Reason, one_line};

/// Characters that end a line for some reader, move a terminal's cursor, are invisible, or turn the
/// direction of writing.
const HOSTILE: &str = "a\nb\rc\u{b}d\u{c}e\u{1c}f\u{85}g\u{2028}h\u{2029}i\u{1b}[2Jj\u{202e}k\u{200b}l\0";

fn is_shown(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
}

fn fail() {
    panic!("{HOSTILE}")
}

/// One process fails with it, its peer hears why, another ends with it and has it as a name and in
/// its topics.
fn hostile() -> Sim {
    let hostile = HOSTILE.to_string();
    let mut sim = Sim::new(move |_| {
        transition_no_state!(
            subscriber!("bye", on_absence!()),
            publisher!("go"),
            name_process(
                HOSTILE,
                spawn!(transition_no_state!(
                    publisher!("bye"),
                    name_endpoint(HOSTILE, subscriber!(hostile)),
                    subscriber!("go", on_message!(_ => Err::<(), _>(std::io::Error::other(HOSTILE))?)),
                ))
            ),
            name_process(
                Symbol::new(HOSTILE),
                spawn!(transition_no_state!(
                    publisher!("bye"),
                    subscriber!("go", on_message!(_ => quit().because(HOSTILE))),
                ))
            ),
            spawn!(transition_no_state!(publisher!("bye"), subscriber!("go", on_message!(_ => fail())),)),
        )
    });
    sim.run();
    sim.log_mut().turn_on();
    sim.set_verb(true);
    sim
}

#[test]
fn whatever_is_told_in_a_line_stays_in_it() {
    let mut sim = hostile();
    let dump = sim.dump();
    let dump = dump.to_string();
    assert!(dump.lines().all(is_shown), "{dump}");
    sim.send(&"go".to_string());
    sim.run();
    let verb = sim.verb();
    assert!(verb.iter().all(|line| is_shown(line)), "{verb:#?}");
    assert!(verb.iter().any(|line| line.contains(r"(a\nb\rc\u{b}")), "{verb:#?}");
    let log: Vec<_> = sim.log().turns().map(ToString::to_string).collect();
    assert!(log.iter().all(|turn| is_shown(turn)), "{log:#?}");
    assert_eq!(
        log.iter().filter(|turn| turn.contains("hears absence") && turn.contains(r"g\u{2028}h")).count(),
        6,
        "{log:#?}"
    );
    let trace = sim.trace();
    for record in trace.records() {
        assert!(is_shown(&record.to_string()), "{record}");
    }
    assert!(trace.to_string().split('\n').all(is_shown));
    assert_eq!(trace.to_string().split('\n').count(), trace.records().len() + 1);
    // A reason by itself is for people, as it is.
    assert_eq!(Reason::value(&HOSTILE.to_string()).to_string(), HOSTILE);
    let escaped = one_line(HOSTILE).to_string();
    assert!(is_shown(&escaped));
    assert_eq!(one_line(&escaped).to_string(), escaped, "what is shown is not escaped again");
}
