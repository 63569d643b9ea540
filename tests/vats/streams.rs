//! Subscriptions and answers: what comes out of a vat.

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatEvent, VatOptions};

#[derive(Message, Clone, Debug, PartialEq)]
struct Count(u32);

fn counter(vat: &Vat, to: u32) {
    vat.call(move |caller| caller.act((0..to).map(|n| send_message!(Count(n))).collect::<ActionTree<()>>()))
        .unwrap();
}

#[test]
fn messages_presence_and_absence_come_in_order() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let mut counts = vat.subscribe::<Count>(topic!(Count(_))).unwrap();
    let publisher = vat
        .call(|caller| {
            caller.act((publisher!(Count(_)), send_message!(Count(1))));
            caller.pid()
        })
        .unwrap();
    vat.inspect(move |debugger| debugger.kill(&[], publisher, Reason::value(&"over".to_string()))).unwrap();
    let role = Role::publisher(topic!(Count(_)));
    assert_eq!(counts.wait().unwrap(), Some(VatEvent::Presence(role.clone())));
    assert_eq!(counts.wait().unwrap(), Some(VatEvent::Message(Count(1))));
    assert_eq!(counts.wait().unwrap(), Some(VatEvent::Absence(role, Reason::value(&"over".to_string()))));
    vat.halt();
    assert_eq!(counts.wait().unwrap(), None, "it ends with the vat");
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Says {
    user: Symbol,
    what: Text,
}

/// Of a topic with wildcards the other places are read; of one without, the message.
#[test]
fn presence_is_read_by_the_types_of_the_messages() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let mut said = vat.subscribe::<Says>(topic!(Says { .. })).unwrap();
    let ann = Says { user: Symbol::new("ann"), what: "hello".into() };
    let first = ann.clone();
    vat.call(move |caller| {
        caller.act((
            build_endpoint!("whole", Role::publisher(first.to_value())),
            build_endpoint!("part", Role::publisher(topic!(Says { user: Symbol::new("bob"), .. }))),
            delete_endpoint("whole"),
        ));
    })
    .unwrap();
    let mut next = move || said.wait().unwrap().unwrap();
    let VatEvent::Presence(whole) = next() else { panic!("ann comes first") };
    assert_eq!(whole.decode(), Some(ann.clone()));
    assert_eq!((whole.field(0), whole.field::<Text>(1)), (Some(ann.user.clone()), Some(ann.what.clone())));
    assert_eq!(whole.decode::<Count>(), None, "it is no count");
    let VatEvent::Presence(part) = next() else { panic!("bob comes second") };
    assert_eq!(part.decode::<Says>(), None, "there is a wildcard in it");
    assert_eq!(part.field(0), Some(Symbol::new("bob")));
    assert_eq!((part.field::<u8>(0), part.field::<Text>(1), part.field::<Text>(2)), (None, None, None));
    let VatEvent::Absence(gone, _) = next() else { panic!("ann goes") };
    assert_eq!(gone.decode(), Some(ann));
}

/// A slow reader is told how much it has missed; the vat does not wait for it.
#[test]
fn a_slow_reader_is_told_that_it_lags() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let mut counts = vat.subscribe::<Count>(topic!(Count(_))).unwrap();
    counter(&vat, 5_000);
    vat.call(|_| ()).unwrap();
    let mut heard = 0;
    let missed = loop {
        match counts.wait().unwrap() {
            Some(VatEvent::Message(Count(n))) => {
                assert_eq!(n, heard);
                heard += 1;
            }
            Some(VatEvent::Lagged(missed)) => break missed,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(u64::from(heard) + missed, 5_000, "nothing is lost silently");
    counter(&vat, 1);
    assert_eq!(counts.wait().unwrap(), Some(VatEvent::Message(Count(0))), "it goes on");
}

/// The number of missed events is told where they were missed.
#[test]
fn a_gap_is_told_before_what_comes_after_it() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let mut counts = vat.subscribe::<Count>(topic!(Count(_))).unwrap();
    counter(&vat, 2_000);
    vat.call(|_| ()).unwrap();
    assert_eq!(counts.wait().unwrap(), Some(VatEvent::Message(Count(0))));
    assert_eq!(counts.wait().unwrap(), Some(VatEvent::Message(Count(1))));
    // There is room for the gap and for one message.
    counter(&vat, 1);
    vat.call(|_| ()).unwrap();
    let rest: Vec<_> = std::iter::from_fn(|| counts.wait().unwrap()).take(1_024).collect();
    assert_eq!(rest[1_022], VatEvent::Lagged(976));
    assert_eq!(rest[1_023], VatEvent::Message(Count(0)));
}

/// Dropped, its peers hear the absence.
#[test]
fn a_dropped_subscription_is_absent() {
    let vat = Vat::spawn(VatOptions::default(), |_| {
        transition_no_state!(publisher!(
            "news",
            on_presence!(send_message!("come")),
            on_absence!(send_message!("gone"))
        ),)
    })
    .unwrap();
    let mut seen = vat.subscribe::<Text>(topic!(_)).unwrap();
    let mut next = move || loop {
        if let Some(VatEvent::Message(text)) = seen.wait().unwrap() {
            break text;
        }
    };
    assert_eq!(next(), "come", "it sees itself come");
    let news = vat.subscribe::<Text>(topic!("news")).unwrap();
    assert_eq!(next(), "come");
    drop(news);
    assert_eq!(next(), "gone");
}

/// It is a `Stream`, too, and ends with the vat.
#[tokio::test]
async fn subscriptions_are_streams() {
    use futures_util::StreamExt;
    let vat = Vat::task(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let counts = vat.subscribe::<Count>(topic!(Count(_))).unwrap();
    vat.call_async(|caller| caller.act((0..3).map(|n| send_message!(Count(n))).collect::<ActionTree<()>>()))
        .await
        .unwrap();
    vat.shutdown().unwrap();
    let heard: Vec<_> = counts.collect().await;
    assert_eq!(heard, [0, 1, 2].map(|n| VatEvent::Message(Count(n))));
}

/// Answers end when nobody is left who could give one.
#[test]
fn answers_end_with_an_absence() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let nobody = Pid::from_value(&99u8.to_value()).unwrap();
    let mut answers = vat.pass(nobody, "w", &1u8).unwrap();
    assert!(matches!(answers.wait().unwrap(), Some(Err(_))));
    assert_eq!(answers.wait().unwrap(), None);
}
