//! A spy sees its VM in a sim, and no other process sees the spy.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::spy::{self, Observation};

#[derive(Message, Clone, Debug, PartialEq)]
struct Says(u8, Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct Leave;

type Seen = Arc<Mutex<Vec<String>>>;

fn noting(seen: &Seen) -> impl Fn(Observation) + Send + 'static {
    let seen = seen.clone();
    move |observation| seen.lock().unwrap().push(observation.to_string())
}

fn talker() -> Transition<()> {
    transition_no_state!(
        publisher!(Says(1, _)),
        subscriber!(Says(_, _), on_message!(Says(_, _) => send_feedback!(Says(1, "thanks")))),
        observe_publishers!(Says(2, _)),
        observe_subscribers!(Says(3, _)),
        subscriber!(Leave, on_message!(_ => quit())),
    )
}

fn sim(spies: impl FnOnce() -> Vec<Spawn<()>> + Send + 'static) -> Sim {
    let mut sim = Sim::new(move |_| transition_no_state!(spies(), spawn!(talker())));
    sim.run();
    sim.send(&Says(7, "hello".into()));
    sim.run();
    sim.send(&Leave);
    sim.run();
    sim
}

#[test]
fn no_secret_is_dumped() {
    let bytes = |word: &'static str| Value::from(Bytes::from_static(word.as_bytes()));
    let map = [(Value::secret("4711".into()), Value::secret("4712".into()))].into_iter().collect();
    let seen = Observation::Message(Value::sequence([
        Value::secret("4711".into()),
        bytes("open"),
        Value::map(map).unwrap(),
        Text::with_secret("4711", "..").into_value(),
    ]));
    let shown = format!("{seen:#}");
    assert!(shown.contains("|open|"), "{shown}");
    let secrets = ["4711", "4712", "34 37 31"];
    assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    assert!(!format!("{:#}", Observation::Feedback(Value::secret("4711".into()))).contains("4711"));
}

#[test]
fn it_sees_all_once_and_in_order() {
    let seen = Seen::default();
    let noting = noting(&seen);
    let sim = sim(move || vec![spy::spy().of(topic!(Says(_, _))).to(noting)]);
    let expected = [
        "+ publisher Says(1, _)",
        "+ subscriber Says(_, _)",
        "+ subscriber Says(2, _) as observer",
        "+ publisher Says(3, _) as observer",
        "> Says(7, \"hello\")",
        "< Says(1, \"thanks\")",
        "- publisher Says(1, _) (normal)",
        "- subscriber Says(_, _) (normal)",
        "- subscriber Says(2, _) as observer (normal)",
        "- publisher Says(3, _) as observer (normal)",
    ];
    assert_eq!(*seen.lock().unwrap(), expected, "{}", sim.trace());
}

#[test]
fn it_sees_who_was_there_before_it_and_refusals() {
    let seen = Seen::default();
    let noting = noting(&seen);
    let mut sim = sim(Vec::new);
    sim.spawn(spawn!(transition_no_state!(subscriber!("x", on_absence!()))));
    sim.run();
    sim.spawn(spy::spy().to(noting));
    sim.run();
    sim.spawn(spawn!(transition_no_state!(refuse(topic!("x"), "no"))));
    sim.run();
    let seen = seen.lock().unwrap();
    assert!(seen.contains(&"+ subscriber \"x\"".to_string()), "{seen:?}");
    let refused = seen.iter().filter(|line| *line == "- publisher \"x\" (refused: \"no\")");
    assert_eq!(refused.count(), 1, "{seen:?}");
}

#[test]
fn nobody_notices_it() {
    /// The lines of the trace that are about p9, which is no spy.
    fn trace(sim: &Sim) -> Vec<String> {
        let lines = sim.trace().to_string();
        lines.lines().filter_map(|line| line.strip_prefix("p9 ")).map(String::from).collect()
    }
    // So that each process has one PID, with and without spies.
    let idle = || (0..7).map(|_| spawn!(transition_no_state!())).collect();
    let spies = || (0..7).map(|_| spy::spy().to(|_| ())).collect();
    let (without, with) = (sim(idle), sim(spies));
    assert!(!trace(&without).is_empty());
    assert_eq!(trace(&without), trace(&with));
}

#[test]
fn spies_do_not_report_each_other() {
    let (first, second) = (Seen::default(), Seen::default());
    let (noting_first, noting_second) = (noting(&first), noting(&second));
    sim(move || vec![spy::spy().to(noting_first), spy::spy().to(noting_second)]);
    assert_eq!(*first.lock().unwrap(), *second.lock().unwrap());
    assert!(first.lock().unwrap().iter().all(|line| !line.contains("everything")), "{first:?}");
}

#[test]
fn it_sees_its_own_level_only() {
    let seen = Seen::default();
    let noting = noting(&seen);
    let mut sim = Sim::new(move |_| {
        transition_no_state!(spawn_vm!(
            spy::spy().to::<()>(noting),
            at_meta_level!(subscriber!(
                "go",
                on_message!(_ => actions![send_message!("inside"), at_meta_level!(send_message!("outside"))]),
            )),
        ))
    });
    sim.run();
    sim.send(&"go".to_string());
    sim.run();
    assert_eq!(*seen.lock().unwrap(), ["> \"inside\""]);
}

#[test]
fn what_ends_a_line_for_anybody_is_escaped() {
    let why = Reason::value(&"a\nb\u{85}c\u{2028}d\u{202e}e".to_string());
    let gone = Observation::Absent(Role::publisher(topic!("x")), why);
    assert_eq!(gone.to_string(), r#"- publisher "x" (a\nb\u{85}c\u{2028}d\u{202e}e)"#);
}

#[test]
fn long_lines_are_cut_and_so_are_dumps() {
    let long = Observation::Message(Says(1, "ü".repeat(1000).into()).to_value());
    assert!(long.to_string().len() < 510 && long.to_string().ends_with("ü .."));
    let bytes = Observation::Feedback((1u8, Bytes::from(vec![0x41; 1000])).to_value());
    let dumped = format!("{bytes:#}");
    let lines: Vec<_> = dumped.lines().skip(1).collect();
    assert_eq!(lines.len(), 33);
    let row = "41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41";
    assert_eq!(lines[31], format!("    000001f0  {row}  |AAAAAAAAAAAAAAAA|"));
    assert_eq!(lines[32], "    .. and 488 bytes more");
}

#[test]
fn what_has_more_lines_is_shown_in_one() {
    let said = Reason::Panic("left: 1\nright: 2\u{1b}[2J".into());
    let gone = Observation::Absent(Role::publisher(topic!(Says(1, _))), said);
    assert_eq!(gone.to_string(), r"- publisher Says(1, _) (panic: left: 1\nright: 2\u{1b}[2J)");
}

#[test]
fn many_pieces_are_dumped_no_longer_than_one() {
    let pieces = vec![Bytes::from(vec![0x41; 100]); 1000];
    let dumped = format!("{:#}", Observation::Message(pieces.to_value()));
    // Five whole ones, and twelve bytes of the sixth.
    assert_eq!(dumped.lines().count(), 1 + 5 * 7 + 1 + 1);
    assert_eq!(dumped.lines().last(), Some("    .. and 99488 bytes more"));
}

#[test]
fn it_is_not_counted() {
    #[derive(Message, Clone, Debug, PartialEq)]
    struct Counted(Text);
    let counter = || {
        spawn!(transition_no_state!(
            observe_subscribers!(
                Says(1, _),
                on_first_presence!(send_message!(Counted("first".into()))),
                on_last_absence!(send_message!(Counted("last".into()))),
            ),
            publisher!(Says(1, _), on_presence!(send_message!(Counted("participant".into())))),
            observe_publishers!(Says(1, _), on_presence!(send_message!(Counted("publisher".into())))),
        ))
    };
    let mut sim = Sim::new(move |_| transition_no_state!(counter()));
    sim.run();
    let counted =
        |sim: &Sim| sim.messages_of::<Counted>().into_iter().map(|Counted(what)| what).collect::<Vec<_>>();
    assert_eq!(counted(&sim), ["publisher"], "its own");
    sim.spawn(spy::spy().of(topic!(Says(1, _))).to(|_| ()));
    sim.run();
    assert_eq!(counted(&sim), ["publisher"]);
    sim.spawn(spawn!(transition_no_state!(once(subscriber!(Says(1, _))))));
    sim.run();
    sim.send(&Says(1, "go".into()));
    sim.run();
    assert_eq!(
        counted(&sim),
        ["publisher", "first", "participant", "last"].map(Text::from),
        "{}",
        sim.trace()
    );
}
