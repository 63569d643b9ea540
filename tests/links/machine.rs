//! The programs of machines.

use std::fs;
use std::io::Read;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, Gateway, Links, Member, Settings};

/// Somebody is there, or counts.
#[derive(Message, Clone, Debug)]
pub(crate) struct There(pub(crate) Text);

#[derive(Message, Clone, Debug)]
struct Number(u64, Text);

#[derive(Message, Clone, Debug)]
struct Taken(u64);

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"))
}

/// A machine of a cluster, as variables say.
#[test]
#[ignore = "run by the other tests"]
fn machine() {
    let name = variable("NAME");
    let list = fs::read_to_string(variable("LIST")).expect("there is a list");
    let links = Links::new(&*name).list(&list).expect("it is one").listen("127.0.0.1:0").expect("a port");
    println!("\nlistens at {}", links.address().expect("it listens"));
    #[cfg(feature = "tls")]
    let links = match std::env::var("KEY") {
        Ok(key) => links.key(cluster::key_file(key).expect("there is a key")),
        Err(_) => links,
    };
    let lease = Duration::from_millis(variable("LEASE").parse().expect("a number"));
    let config =
        links.config().expect("the list is right").settings(Settings { lease, ..Settings::default() });
    let config =
        config.version("1").share(topic!(There(_))).share(topic!(Number(_, _))).share(topic!(Taken(_)));
    let me = Text::from(name);
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

/// How many messages are counted, and how many of them are sent at a time.
pub(crate) const MANY: u64 = 100_000;
const BATCH: u64 = 10_000;

fn batch(from: u64) -> Vec<PreAction<()>> {
    (from..(from + BATCH).min(MANY))
        .map(|n| send_message!(Number(n, "sixty-four bytes, more or less, as it is written")))
        .collect()
}

fn sends() -> Transition<()> {
    transition_no_state!(
        // So many may be under way that the other machine is not overrun.
        observe_subscribers!(Number(_, _), on_presence!(actions![batch(0), batch(BATCH)])),
        subscriber!(Taken(_), on_message!(Taken(n) => batch(n + BATCH)),),
    )
}

fn counts() -> Transition<u64> {
    transition!(
        0,
        publisher!(Taken(_)),
        subscriber!(
            Number(_, _),
            match_state!(count: &mut u64 => on_message!(Number(n, _) => {
                assert_eq!(n, *count);
                *count += 1;
                if *count == MANY {
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
