//! C1: gateways over links, on real sockets.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Heard, ground};
use marketplace_cluster::{self as cluster, Config, Links};

use crate::stage::*;

/// Two machines that know each other.
fn configs() -> [Config; 2] {
    let [a, b] = ["a", "b"].map(|name| Links::new(name).listen("127.0.0.1:0").expect("there is a port"));
    let [at_a, at_b] = [&a, &b].map(|links| links.address().expect("it listens"));
    [a.peer("b", at_b), b.peer("a", at_a)].map(|links| links.config().expect("all is on this machine"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there is a runtime")
}

/// Runs a program as a machine of a cluster, to its end.
async fn run(config: Config, program: Spawn<cluster::Gateway>) {
    let config = config.share(topic("x(_)")).share(topic("x(_, _)"));
    let boot = move |_| transition_no_state!(cluster::join(config, program));
    let ended =
        tokio::time::timeout(Duration::from_secs(60), ground::run(boot, std::future::pending())).await;
    assert!(matches!(ended, Ok(Ok(()))), "{ended:?}");
}

#[test]
fn c1_two_machines_with_a_link_meet_talk_and_leave() {
    let log = Log::default();
    let asks =
        log.doing("a", subscriber("x(_)"), |heard| matches!(heard, Heard::Message(..)).then(cluster::leave));
    let answers = log.doing("b", publisher("x(_)"), |heard| match heard {
        Heard::Presence(_) => send_message(&value("x(7)")).into(),
        Heard::Absence(..) => ActionTree::from(cluster::leave()),
        _ => ActionTree::new(),
    });
    let [a, b] = configs();
    runtime().block_on(async { tokio::join!(run(a, process(asks)), run(b, process(answers))) });
    let mut heard = log.take();
    heard.retain(|line| !line.contains("vacancy"));
    let told = |label: &str| heard.iter().filter(|line| line.starts_with(label)).cloned().collect::<Vec<_>>();
    assert_eq!(told("a")[..2], ["a: presence of publisher x(_)", "a: message x(7)"]);
    assert_eq!(told("b"), ["b: presence of subscriber x(_)", "b: absence of subscriber x(_) (normal)"]);
}

/// How many messages are counted, and how many of them are sent at a time.
const MANY: u64 = 100_000;
const BATCH: u64 = 10_000;

#[derive(Message, Clone, Debug)]
#[message(label = "x")]
struct Number(u64);

#[derive(Message, Clone, Debug)]
#[message(label = "x")]
struct Taken(u64, bool);

fn batch(from: u64) -> Vec<PreAction<()>> {
    (from..(from + BATCH).min(MANY)).map(|n| send_message!(Number(n))).collect()
}

#[test]
fn c5_many_messages_come_once_each_and_in_order() {
    let sends = spawn!(transition_no_state!(
        publisher!(Number(_)),
        // So many may be under way that the other machine is not overrun.
        observe_subscribers!(Number(_), on_presence!(actions![batch(0), batch(BATCH)])),
        subscriber!(
            Taken(_, _),
            on_message!(Taken(n, _) => actions![batch(n + BATCH), (n == MANY).then(cluster::leave)]),
        ),
    ));
    let counts = spawn!(transition!(
        0,
        publisher!(Taken(_, _)),
        subscriber!(
            Number(_),
            match_state!(count: &mut u64 => on_message!(Number(n) => {
                assert_eq!(n, *count);
                *count += 1;
                (*count % BATCH == 0).then(|| send_message!(Taken(*count, true)))
            })),
            on_absence!(cluster::leave()),
        ),
    ));
    let [a, b] = configs();
    runtime().block_on(async { tokio::join!(run(a, sends), run(b, counts)) });
}
