//! Links between vats: each row of the protocol, on two threads.

use marketplace::Heard;
use marketplace::prelude::*;
use marketplace::vat::{Subscription, Vat, VatEvent, VatOptions};
use marketplace_drivers::vat_link::{self, LinkError};

#[derive(Message, Clone, Debug, PartialEq)]
struct News {
    of: Text,
    what: u32,
}

#[derive(Message, Clone, Debug, PartialEq)]
enum Seen {
    Presence(Text),
    Absence(Text, Text),
    Vacancy,
    Feedback(u32),
}

fn options() -> VatOptions {
    VatOptions { log: true, log_capacity: 10_000, ..VatOptions::default() }
}

fn empty() -> Vat {
    Vat::spawn(options(), |_| transition_no_state!()).unwrap()
}

/// A vat with a link to this one.
fn linked(far: &Vat) -> Vat {
    let far = far.clone();
    Vat::spawn(options(), move |_| transition_no_state!(vat_link::link(&far, topic!(News { .. })))).unwrap()
}

fn publisher(vat: &Vat, of: &str) -> Pid {
    let of = Text::from(of);
    vat.call(move |caller| {
        let said = of.clone();
        caller.act(publisher!(
            News { of, .. },
            match_conversation!(News { of, .. } =>
                on_presence!(send_message!(Seen::Presence(of))),
                on_absence!(send_message!(Seen::Absence(of, Text::from("gone"))))),
            on_message!(News { what, .. } => send_message!(Seen::Feedback(what))),
        ));
        caller.act(send_message!(("publishes", said)));
        caller.pid()
    })
    .unwrap()
}

/// A publisher of there, once so many subscribers of here are present to it.
fn wanted_publisher(vat: &Vat, of: &str, by: usize) -> Pid {
    let mut seen = vat.subscribe::<Seen>(topic!(Seen::Presence(_))).unwrap();
    let pid = publisher(vat, of);
    (0..by).for_each(|_| drop(message(&mut seen)));
    pid
}

fn next<M: Message + Send + 'static + std::fmt::Debug + PartialEq>(of: &mut Subscription<M>) -> VatEvent<M> {
    of.wait().unwrap().expect("the vat runs")
}

fn message<M: Message + Send + 'static + std::fmt::Debug + PartialEq>(of: &mut Subscription<M>) -> M {
    loop {
        if let VatEvent::Message(message) = next(of) {
            return message;
        }
    }
}

fn role(of: &str) -> Role {
    let of = Text::from(of);
    Role::publisher(topic!(News { of, .. }))
}

#[test]
fn publishers_of_there_are_present_here_and_absent_for_their_reason() {
    let far = empty();
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    let bbc = publisher(&far, "bbc");
    assert_eq!(next(&mut news), VatEvent::Presence(role("bbc")));
    let cnn = publisher(&far, "cnn");
    assert_eq!(next(&mut news), VatEvent::Presence(role("cnn")));
    let why = Reason::value(&"tired".to_string());
    let because = why.clone();
    far.inspect(move |debugger| debugger.kill(&[], bbc, because)).unwrap();
    assert_eq!(next(&mut news), VatEvent::Absence(role("bbc"), why));
    far.inspect(move |debugger| debugger.kill(&[], cnn, Reason::Normal)).unwrap();
    assert_eq!(next(&mut news), VatEvent::Absence(role("cnn"), Reason::Normal));
}

/// Two publishers with one topic are two presences (R29).
#[test]
fn presence_is_per_publisher() {
    let far = empty();
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    let first = publisher(&far, "bbc");
    publisher(&far, "bbc");
    assert_eq!(
        [next(&mut news), next(&mut news)],
        [VatEvent::Presence(role("bbc")), VatEvent::Presence(role("bbc"))]
    );
    far.inspect(move |debugger| debugger.kill(&[], first, Reason::Normal)).unwrap();
    assert_eq!(next(&mut news), VatEvent::Absence(role("bbc"), Reason::Normal));
}

/// Somebody who comes late catches up here as there.
#[test]
fn who_subscribes_late_sees_those_who_are_there() {
    let far = empty();
    publisher(&far, "bbc");
    let near = linked(&far);
    let mut first = near.subscribe::<News>(topic!(News { .. })).unwrap();
    assert_eq!(next(&mut first), VatEvent::Presence(role("bbc")));
    let mut late = near.subscribe::<News>(topic!(News { .. })).unwrap();
    assert_eq!(next(&mut late), VatEvent::Presence(role("bbc")));
}

/// A message comes once, however many topics it matches; those in order.
#[test]
fn messages_come_once_and_in_order() {
    let far = empty();
    let near = linked(&far);
    let mut all = near.subscribe::<News>(topic!(News { .. })).unwrap();
    let of = Text::from("bbc");
    let mut some = near.subscribe::<News>(topic!(News { of, .. })).unwrap();
    wanted_publisher(&far, "bbc", 2);
    assert_eq!(
        [next(&mut all), next(&mut some)],
        [VatEvent::Presence(role("bbc")), VatEvent::Presence(role("bbc"))]
    );
    for what in 0..100 {
        far.send(&News { of: "bbc".into(), what }).unwrap();
        far.send(&News { of: "cnn".into(), what }).unwrap();
    }
    for what in 0..100 {
        assert_eq!(message(&mut all), News { of: "bbc".into(), what });
        assert_eq!(message(&mut all), News { of: "cnn".into(), what });
        assert_eq!(message(&mut some), News { of: "bbc".into(), what });
    }
}

/// Demand is seen there: a publisher hears of the subscribers of here, and of their going.
#[test]
fn subscribers_of_here_are_present_there() {
    let far = empty();
    let mut seen = far.subscribe::<Seen>(topic!(_)).unwrap();
    publisher(&far, "bbc");
    let near = linked(&far);
    let of = Text::from("bbc");
    let news = near.subscribe::<News>(topic!(News { of, .. })).unwrap();
    // The watcher of this test is a subscriber to everything; and then there is the one of there.
    assert_eq!(
        [message(&mut seen), message(&mut seen)],
        [Seen::Presence("bbc".into()), Seen::Presence("bbc".into())]
    );
    drop(news);
    assert_eq!(message(&mut seen), Seen::Absence("bbc".into(), "gone".into()));
}

#[test]
fn feedback_goes_back_once() {
    let far = empty();
    let mut seen = far.subscribe::<Seen>(topic!(Seen::Feedback(_))).unwrap();
    publisher(&far, "bbc");
    publisher(&far, "cnn");
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    next(&mut news);
    next(&mut news);
    near.send_feedback(&News { of: "bbc".into(), what: 7 }).unwrap();
    near.send_feedback(&News { of: "cnn".into(), what: 8 }).unwrap();
    assert_eq!([message(&mut seen), message(&mut seen)], [Seen::Feedback(7), Seen::Feedback(8)]);
}

#[test]
fn refusals_of_there_are_refusals_here() {
    let far = empty();
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    wanted_publisher(&far, "bbc", 1);
    next(&mut news);
    far.call(|caller| {
        let of = Text::from("bbc");
        caller.act(refuse(topic!(News { of, .. }), "no"));
    })
    .unwrap();
    assert_eq!(next(&mut news), VatEvent::Absence(role("bbc"), Reason::Refused("no".into())));
    far.send(&News { of: "bbc".into(), what: 1 }).unwrap();
    assert_eq!(message(&mut news).what, 1, "the link lives on");
}

/// Outside the link's topic nothing is carried.
#[test]
fn other_topics_are_not_carried() {
    let far = empty();
    let near = linked(&far);
    let mut texts = near.subscribe::<Text>(topic!(_)).unwrap();
    publisher(&far, "bbc");
    assert_eq!(next(&mut texts), VatEvent::Presence(role("bbc")), "within its own topic a wildcard is met");
    far.send(&"secret".to_string()).unwrap();
    far.call(|_| ()).unwrap();
    near.send(&"own".to_string()).unwrap();
    assert_eq!(message(&mut texts), "own");
}

#[test]
fn when_the_far_vat_is_halted_its_publishers_are_absent() {
    let far = empty();
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    publisher(&far, "bbc");
    assert_eq!(next(&mut news), VatEvent::Presence(role("bbc")));
    far.halt();
    far.join().unwrap().unwrap();
    assert_eq!(next(&mut news), VatEvent::Absence(role("bbc"), Reason::error(LinkError::Lost)));
}

#[test]
fn a_link_to_a_vat_that_is_not_running_says_so() {
    let far = empty();
    far.halt();
    far.join().unwrap().unwrap();
    let near = linked(&far);
    near.call(|_| ()).unwrap();
    while near.inspect(|debugger| debugger.dump().queued > 0).unwrap() {}
    let failed =
        near.inspect(|debugger| debugger.log().errors().next().and_then(|turn| turn.failed.clone())).unwrap();
    assert_eq!(failed.map(|reason| reason.to_string()).as_deref(), Some("the vat is not running"));
}

/// When the link ends here, nobody stands there for the subscribers any more.
#[test]
fn when_the_link_ends_its_subscribers_are_absent_there() {
    let far = empty();
    let mut seen = far.subscribe::<Seen>(topic!(Seen::Absence(_, _))).unwrap();
    publisher(&far, "bbc");
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    assert_eq!(next(&mut news), VatEvent::Presence(role("bbc")));
    near.halt();
    assert_eq!(message(&mut seen), Seen::Absence("bbc".into(), "gone".into()));
}

/// The far vat stands still, and more is said to it than may wait.
#[test]
fn when_one_side_is_too_far_ahead_both_hear_why_the_link_ends() {
    let far = empty();
    let mut left = far.subscribe::<(Text, Text)>(topic!(("left", _))).unwrap();
    far.call(|caller| {
        caller.act(publisher!(
            News { of: Text::from("bbc"), .. },
            on_presence!(),
            match_reason!(why: Reason => on_absence!(send_message!(("left", Text::from(why.to_string()))))),
        ));
    })
    .unwrap();
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    assert_eq!(next(&mut news), VatEvent::Presence(role("bbc")));
    let (goes_on, waits) = std::sync::mpsc::channel::<()>();
    let (stands, stopped) = std::sync::mpsc::channel::<()>();
    drop(far.call_async(move |_| (stands.send(()), waits.recv())));
    stopped.recv().unwrap();
    for _ in 0..=vat_link::WAITING / 1000 {
        near.call(|caller| {
            (0..1000).for_each(|what| caller.act(send_feedback!(News { of: "bbc".into(), what })));
        })
        .unwrap();
    }
    let overrun = Reason::error(LinkError::Overrun);
    assert_eq!(next(&mut news), VatEvent::Absence(role("bbc"), overrun.clone()));
    goes_on.send(()).unwrap();
    assert_eq!(message(&mut left), ("left".into(), overrun.to_string().into()));
}

/// The log follows a message over the link, and time goes on.
#[test]
fn g26_a_trace_leads_over_a_link() {
    let far = empty();
    let near = linked(&far);
    let mut news = near.subscribe::<News>(topic!(News { .. })).unwrap();
    wanted_publisher(&far, "bbc", 1);
    next(&mut news);
    far.call(|caller| caller.act(send_message!(News { of: "bbc".into(), what: 7 }))).unwrap();
    assert_eq!(message(&mut news).what, 7);
    let heard = Heard::Message(Orientation::Publisher, News { of: "bbc".into(), what: 7 }.to_value());
    let last = near
        .inspect(move |debugger| {
            debugger.log().turns().rev().find(|turn| turn.heard == heard).map(|turn| turn.id)
        })
        .unwrap()
        .unwrap();
    let trace = near.trace(last).unwrap();
    let vats: Vec<_> = trace.iter().map(|(vat, _)| *vat).collect();
    let (here, there) = (near.id(), far.id());
    assert_eq!(
        vats,
        [here, here, there, there],
        "heard here, from the link; heard there by the link, from the call: {trace:#?}"
    );
    assert!(trace.windows(2).all(|pair| pair[0].1.stamp > pair[1].1.stamp));
}
