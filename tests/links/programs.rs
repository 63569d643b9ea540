//! The programs of machines, over any engine.

use std::io::Read;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, Config, Gateway, Member, Settings};

/// Somebody is there, or counts.
#[derive(Message, Clone, Debug)]
struct There(Text);

#[derive(Message, Clone, Debug)]
struct Number(u64, Text);

#[derive(Message, Clone, Debug)]
struct Taken(u64);

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"))
}

/// The program of a machine, as variables say. It gives when the machine is at its end.
pub(crate) fn run(config: Config) {
    let lease = Duration::from_millis(variable("LEASE").parse().expect("a number"));
    let me = config.name().clone();
    let config = config.settings(Settings { lease, ..Settings::default() });
    let config =
        config.version("1").share(topic!(There(_))).share(topic!(Number(_, _))).share(topic!(Taken(_)));
    let program: Spawn<Gateway> = match &*variable("PROGRAM") {
        "member" => spawn!(member(me)),
        "sends" => spawn!(sends()),
        "counts" => spawn!(counts()),
        "floods" => spawn!(floods()),
        "hangs" => spawn!(hangs()),
        other => panic!("there is no program {other}"),
    };
    let ended = ground_vm!(cluster::join(config, program));
    println!("ended {ended:?}");
}

/// Says who is there, and why others go.
fn member(me: Text) -> Transition<()> {
    println!("begins");
    transition_no_state!(
        publisher!(There(me)),
        observe_publishers!(
            There(_),
            match_conversation!(There(who) =>
                on_presence!(println!("there is {who}")),
                match_reason!(why: Reason => on_absence!(println!("gone is {who}: {why}")))),
        ),
        observe_publishers!(
            Member { .. },
            match_conversation!(Member { name, version } =>
                on_presence!(println!("up is {name} {version}")),
                match_reason!(why: Reason => on_absence!(println!("down is {name}: {why}")))),
        ),
    )
}

/// How many messages are sent at a time.
const BATCH: u64 = 10_000;

/// How many are counted.
fn many() -> u64 {
    variable("MANY").parse().expect("a number")
}

fn batch(from: u64, many: u64) -> Vec<PreAction<()>> {
    (from..(from + BATCH).min(many))
        .map(|n| send_message!(Number(n, "sixty-four bytes, more or less, as it is written")))
        .collect()
}

fn sends() -> Transition<()> {
    let many = many();
    transition_no_state!(
        // So many may be under way that the other machine is not overrun.
        observe_subscribers!(Number(_, _), on_presence!(actions![batch(0, many), batch(BATCH, many)])),
        subscriber!(Taken(_), on_message!(Taken(n) => batch(n + BATCH, many)),),
    )
}

fn counts() -> Transition<u64> {
    let many = many();
    transition!(
        0,
        publisher!(Taken(_)),
        subscriber!(
            Number(_, _),
            match_state!(count: &mut u64 => on_message!(Number(n, _) => {
                assert_eq!(n, *count);
                *count += 1;
                if *count == 1 {
                    println!("counts");
                }
                if *count == many {
                    println!("counted {count}");
                }
                (*count % BATCH == 0).then(|| send_message!(Taken(*count)))
            })),
        ),
    )
}

/// Sends without end, as long as somebody is there.
fn floods() -> Transition<bool> {
    transition!(
        false,
        observe_subscribers!(
            Number(_, _),
            match_state!(floods: bool =>
            on_presence!({
                println!("floods");
                if floods { transition!(floods) } else { transition!(true, flood()) }
            }),
            match_reason!(why: Reason => on_absence!({
                println!("gone: {why}");
                transition!(false)
            }))),
        )
    )
}

fn flood() -> ActionTree<bool> {
    let text = Text::from("x".repeat(1000));
    let some: Vec<PreAction<bool>> = (0..1000).map(|n| send_message!(Number(n, text))).collect();
    actions![
        some,
        yield_now!(|floods: bool| if floods { transition!(true, flood()) } else { transition!(false) })
    ]
}

/// Takes one message, and then nothing any more, until its input ends.
fn hangs() -> Transition<()> {
    transition_no_state!(subscriber!(
        Number(_, _),
        on_message!(Number(_, _) => {
            println!("hangs");
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        }),
    ))
}
