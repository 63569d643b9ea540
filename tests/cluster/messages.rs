//! C4, C9, C10: what is said, and where it is heard.

use marketplace::objects::{object, promise};
use marketplace::prelude::*;
use marketplace::{Heard, Opaque, Performed, Source, TurnOutcome, What};
use marketplace_captp::value::Secret;
use marketplace_cluster::{self as cluster, ClusterSim, Config, Lost, Settings, Warning};

use crate::stage::*;

/// How many messages the gateway of a machine, p2, has heard.
fn gateway_hears(sim: &mut ClusterSim, at: &str) -> usize {
    let is_heard = |what: &What| {
        matches!(what, What::Turn { heard: Heard::Message(_, body), outcome: TurnOutcome::Done { .. }, .. }
            if !body.to_string().starts_with("Ground"))
    };
    let trace = sim.at(at).trace();
    trace
        .records()
        .iter()
        .filter(|record| record.pid.is_some_and(|pid| pid.number() == 2) && is_heard(&record.what))
        .count()
}

fn warnings(sim: &mut ClusterSim, at: &str) -> Vec<(String, u64)> {
    let warnings = sim.at(at).messages_of::<Warning>();
    warnings.into_iter().map(|warning| (warning.text.to_string(), warning.count)).collect()
}

/// How often a message was sent in the network of a machine.
fn sent(sim: &mut ClusterSim, at: &str, text: &str) -> usize {
    let is_sent = |what: &What| matches!(what, What::Performed { action: Performed::Send(_, body), .. } if body.to_string() == text);
    sim.at(at).trace().records().iter().filter(|record| is_sent(&record.what)).count()
}

#[test]
fn c4_what_a_machine_sends_comes_in_order_with_what_it_announces() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    spawn_at(
        &mut sim,
        "a",
        (
            send_message(&value("x(1)")),
            name_endpoint("p", silent(publisher("x(2)"))),
            send_message(&value("x(3)")),
            delete_endpoint("p"),
            send_message(&value("x(4)")),
        ),
    );
    let heard = [
        "s: vacancy: no publisher x(_)",
        "s: message x(1)",
        "s: presence of publisher x(2)",
        "s: message x(3)",
        "s: absence of publisher x(2) (normal)",
        "s: message x(4)",
    ];
    assert_eq!(log.take(), heard);
}

#[test]
fn c9_a_message_goes_once_to_each_machine_in_which_something_matches_it() {
    let mut sim = machines(&["a", "b", "c"]);
    let log = Log::default();
    let hears = |log: &Log| {
        (
            log.endpoint("s", subscriber("x(_)")),
            log.endpoint("t", subscriber("x(1)")),
            silent(publisher("x(_)")),
        )
    };
    spawn_at(&mut sim, "b", hears(&log));
    spawn_at(&mut sim, "b", log.endpoint("u", subscriber("x(_)")));
    spawn_at(&mut sim, "c", log.endpoint("v", subscriber("x(2)")));
    log.take();
    send(&mut sim, "a", "x(1)");
    assert_eq!(log.take(), ["s: message x(1)", "t: message x(1)", "u: message x(1)"]);
    assert_eq!((sent(&mut sim, "b", "x(1)"), sent(&mut sim, "c", "x(1)")), (1, 0));
    // For each topic, one stand-in hears: those of `s` and `u` are one.
    assert_eq!(gateway_hears(&mut sim, "a"), 2);
    // A message that matches nothing costs no turn.
    send(&mut sim, "a", "x(1, 1)");
    assert_eq!(gateway_hears(&mut sim, "a"), 2);
    send(&mut sim, "a", "x(2)");
    assert_eq!((sent(&mut sim, "b", "x(2)"), sent(&mut sim, "c", "x(2)")), (1, 1));
    // It does not come back, nor go on.
    assert_eq!(sent(&mut sim, "a", "x(2)"), 1);
}

#[test]
fn c9_another_stand_in_hears_when_the_one_that_did_goes() {
    let mut sim = machines(&["a", "b", "c"]);
    let log = Log::default();
    let ends = |log: &Log, label: &str| {
        let end = AddEndpoint::new(subscriber("end"), |event, turn| turn.act(event.body().map(|_| quit())));
        (log.endpoint(label, subscriber("x(_)")), end)
    };
    spawn_at(&mut sim, "b", ends(&log, "s"));
    spawn_at(&mut sim, "b", log.endpoint("t", subscriber("x(_)")));
    spawn_at(&mut sim, "c", log.endpoint("u", Role::observer_of_publishers(topic("x(_)"))));
    log.take();
    send(&mut sim, "b", "end");
    send(&mut sim, "a", "x(1)");
    let mut heard = log.take();
    heard.sort();
    assert_eq!(heard, ["t: message x(1)", "u: message x(1)"]);
    sim.kill("b");
    sim.advance(SECOND);
    send(&mut sim, "a", "x(2)");
    assert_eq!(log.take(), ["u: message x(2)"]);
}

#[test]
fn c9_feedback_and_refusals_cross_and_once_is_spent_where_it_lives() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", (log.endpoint("p", publisher("x(1)")), log.endpoint("s", subscriber("x(_)"))));
    spawn_at(&mut sim, "b", once(log.endpoint("once", subscriber("x(9)"))));
    spawn_at(&mut sim, "a", log.endpoint("seen", Role::observer_of_subscribers(topic("x(9)"))));
    log.take();
    spawn_at(&mut sim, "a", send_feedback(&value("x(1)")));
    spawn_at(&mut sim, "a", refuse(topic("x(_)"), value("no")));
    send(&mut sim, "a", "x(9)");
    send(&mut sim, "a", "x(9)");
    let heard = [
        "p: feedback x(1)",
        "s: absence of publisher x(_) (refused: no)",
        "once: absence of publisher x(9) (refused: no)",
        "s: message x(9)",
        "once: message x(9)",
        "seen: absence of subscriber x(9) (normal)",
        "s: message x(9)",
    ];
    assert_eq!(log.take(), heard);
}

struct Nothing;
#[object]
impl Nothing {}

#[test]
fn c1_what_is_no_data_stays_on_its_machine_and_is_counted() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    log.take();
    let host = || Value::record("x", [Opaque::new(7u8).into()]);
    for _ in 0..12 {
        sim.at("a").send(&host());
    }
    settle(&mut sim);
    let told = warnings(&mut sim, "a");
    assert_eq!(told.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 10]);
    assert!(told[0].0.starts_with("a message is not sent: the host value"), "{told:?}");
    // A secret is no data here, though CapTP writes it. So it is with all that means something on
    // its machine only, however deep it lies.
    let far = sim.at("a").spawn_object(Nothing);
    let only_here = [
        Secret::from("swiss").into(),
        Fresh::new().into(),
        Source::future(async { Ok::<u8, Failure>(1) }).to_value(),
        far.to_value(),
        promise::<u8>().0.to_value(),
        Duct::EMPTY.to_value(),
    ];
    for thing in only_here {
        sim.at("a").send(&Value::record("x", [Value::sequence([1.into(), thing.clone()])]));
        settle(&mut sim);
        assert_eq!(log.take(), [""; 0], "{thing}");
    }
    // So it is with endpoints, which come and go as they like.
    let hidden = Role::publisher(Topic::from(host()));
    spawn_at(&mut sim, "a", (name_endpoint("it", silent(hidden)), delete_endpoint("it")));
    let told = warnings(&mut sim, "a");
    let hidden = "an endpoint is not announced: the host value";
    assert!(told.iter().any(|(text, _)| text.starts_with(hidden)), "{told:?}");
    assert_eq!(log.take(), [""; 0]);
    send(&mut sim, "a", "x(1)");
    assert_eq!(log.take(), ["s: message x(1)"]);
}

/// Machines with small limits.
fn small(config: Config) -> Spawn<()> {
    let settings = Settings { message_bytes: 1000, announcements: 3, queued: 100, ..Settings::default() };
    cluster::join(shares_x(config).settings(settings), nothing())
}

fn small_pair() -> ClusterSim {
    let mut sim = cluster::sim(3);
    sim.start("a", small);
    sim.start("b", small);
    sim.advance(SECOND);
    sim
}

#[test]
fn c10_a_message_over_the_limit_and_endpoints_beyond_it_stay_on_their_machine() {
    let mut sim = small_pair();
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    sim.at("a").send(&Value::record("x", ["y".repeat(2000).into()]));
    send(&mut sim, "a", "x(1)");
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)", "s: message x(1)"]);
    assert!(warnings(&mut sim, "a")[0].0.ends_with("bytes is not sent: the limit is 1000"));
    // The fourth and the fifth stay.
    for n in 1..=5 {
        spawn_at(&mut sim, "a", silent(publisher(&format!("x({n})"))));
    }
    assert_eq!(log.take(), [1, 2, 3].map(|n| format!("s: presence of publisher x({n})")));
    let too_many = "an endpoint is not announced: there are too many".to_string();
    assert_eq!(warnings(&mut sim, "a")[1], (too_many, 1));
    // One that stays goes unseen, too; one that is announced leaves room.
    let pids: Vec<_> = sim.at("a").dump().processes.iter().map(|process| process.pid).collect();
    let [.., first, _, _, fourth, _] = pids[..] else { panic!("{pids:?}") };
    for pid in [fourth, first] {
        sim.at("a").kill(pid, Reason::Normal);
        settle(&mut sim);
    }
    spawn_at(&mut sim, "a", silent(publisher("x(6)")));
    assert_eq!(log.take(), ["s: absence of publisher x(1) (normal)", "s: presence of publisher x(6)"]);
}

#[test]
fn c10_topics_and_reasons_have_bounds_too() {
    let mut sim = cluster::sim(3);
    // There is room for pictures of 2,000 bytes.
    let little = |config| {
        let settings = Settings { message_bytes: 1000, queued_bytes: 4000, ..Settings::default() };
        cluster::join(shares_x(config).settings(settings), nothing())
    };
    sim.start("a", little);
    sim.start("b", little);
    sim.advance(SECOND);
    let log = Log::default();
    spawn_at(&mut sim, "b", log.endpoint("s", Role::observer_of_publishers(topic("x(_)"))));
    log.take();
    let large = |bytes| Role::publisher(Topic::from(Value::record("x", ["y".repeat(bytes).into()])));
    spawn_at(&mut sim, "a", silent(large(1000)));
    for _ in 0..3 {
        spawn_at(&mut sim, "a", silent(large(900)));
    }
    assert_eq!(log.take().len(), 2);
    let told: Vec<_> = warnings(&mut sim, "a").into_iter().map(|(text, _)| text).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("an endpoint is not announced: it has 1"), "{told:?}");
    let ends = quit().because("z".repeat(1000).as_str());
    spawn_at(&mut sim, "a", (silent(publisher("x(1)")), ends));
    let heard =
        ["s: presence of publisher x(1)", "s: absence of publisher x(1) (a reason that is too large)"];
    assert_eq!(log.take(), heard);
}

#[test]
fn c10_whoever_does_not_keep_up_is_lost_on_both_sides_for_a_while() {
    let mut sim = small_pair();
    let (here, there) = (Log::default(), Log::default());
    spawn_at(&mut sim, "a", here.endpoint("p", publisher("x(_)")));
    spawn_at(&mut sim, "b", there.endpoint("s", Role::observer_of_publishers(topic("x(_)"))));
    spawn_at(&mut sim, "b", silent(subscriber("x(_)")));
    for pause in [1, 2, 4] {
        here.take();
        there.take();
        // More than may be under way and may wait together.
        for n in 0..5000u32 {
            sim.at("a").send(&Value::record("x", [n.into()]));
        }
        settle(&mut sim);
        let lost = Reason::from(Lost::Overrun);
        assert_eq!(here.take(), [format!("p: absence of subscriber x(_) ({lost})")]);
        let told = there.take();
        assert_eq!(told.last(), Some(&format!("s: absence of publisher x(_) ({lost})")));
        // The messages before are those that were sent first, without a gap.
        let messages = told.iter().filter(|line| line.contains("message")).cloned();
        assert!(messages.eq((0..told.len() - 1).map(|n| format!("s: message x({n})"))), "{told:?}");
        sim.advance(SECOND * pause - SECOND / 5);
        assert_eq!(here.take(), [""; 0], "after {pause} s");
        sim.advance(SECOND * 2);
        assert_eq!(here.take(), ["p: presence of subscriber x(_)"], "after {pause} s");
    }
}

#[test]
fn c13_limits_have_defaults() {
    let Settings { lease, patience, message_bytes, announcements, queued, queued_bytes } =
        Settings::default();
    assert_eq!((lease, patience), (SECOND * 5, SECOND));
    assert_eq!((message_bytes, announcements, queued, queued_bytes), (1 << 20, 10_000, 64 << 10, 16 << 20));
}
