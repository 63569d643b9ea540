//! The look at the peers that are there, for threads and async tasks.

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

use crate::{empty_vat, settled};

#[derive(Message, Clone, Debug, PartialEq)]
struct Says {
    user: Symbol,
    what: u8,
}

fn publisher_of(user: &str) -> AddEndpoint<()> {
    let user = Symbol::new(user);
    publisher!(Says { user, .. })
}

fn users(present: &[Role]) -> Vec<String> {
    present.iter().map(|role| role.field::<Symbol>(0).unwrap().as_str().into()).collect()
}

/// Publishers of the topic, in creation order; not its subscribers, not observers.
#[test]
fn the_peers_of_a_subscriber_are_told_in_creation_order() {
    let vat = empty_vat(VatOptions::default());
    let says = || topic!(Says { .. });
    assert_eq!(vat.present(says()), Ok(vec![]));
    vat.call(move |caller| {
        caller.act((
            publisher_of("bob"),
            publisher!("another topic"),
            subscriber!(Says { .. }),
            observe_subscribers!(Says { .. }),
            build_endpoint!("ann", Role::publisher(topic!(Says { user: Symbol::new("ann"), what: 1 }))),
            publisher_of("cleo"),
        ));
    })
    .unwrap();
    assert_eq!(users(&vat.present(says()).unwrap()), ["bob", "ann", "cleo"]);
    let ones = vat.present(topic!(Says { what: 1, .. })).unwrap();
    assert_eq!(users(&ones), ["bob", "ann", "cleo"], "they may say that");
    let shared = ones.iter().map(Role::decode::<Says>).collect::<Vec<_>>();
    let says_one = |user| Some(Says { user: Symbol::new(user), what: 1 });
    assert_eq!(shared, ["bob", "ann", "cleo"].map(says_one), "a role has the shared topic");
}

/// A look would come before all of it.
#[tokio::test]
async fn the_answer_comes_after_all_that_was_asked_before() {
    let boot = |_| transition_no_state!(subscriber!("go", on_message!(_ => publisher_of("bob"))));
    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    pump.pump();
    vat.send(&"go".to_string()).unwrap();
    let called = vat.call_async(|caller| caller.act(publisher_of("ann")));
    let present = vat.present_async(topic!(Says { .. }));
    pump.pump();
    called.await.unwrap();
    assert_eq!(users(&present.await.unwrap()), ["bob", "ann"]);
}

/// It adds no endpoint, leaves no process, and no peer hears of it.
#[test]
fn nobody_hears_of_the_question() {
    let vat = settled(
        Vat::spawn(VatOptions::default(), |_| {
            transition_no_state!(publisher!("news", on_presence!(send_message!("come"))))
        })
        .unwrap(),
    );
    let mut come = vat.subscribe::<Text>(topic!("come")).unwrap();
    let stats = |vat: &Vat| {
        let stats = vat.inspect(|debugger| debugger.stats()).unwrap();
        (stats.processes, stats.endpoints)
    };
    vat.present(topic!("news")).unwrap();
    let before = stats(&vat);
    assert_eq!(vat.present(topic!("news")), Ok(vec![Role::publisher(topic!("news"))]));
    assert_eq!(stats(&vat), before);
    let role = Role::publisher(topic!("come"));
    let present = vat.inspect(move |debugger| debugger.present(&[], &role)).unwrap();
    assert_eq!(present, [Role::subscriber(topic!("come"))], "the other side, for those who look");
    vat.halt();
    assert_eq!(come.wait(), Ok(None), "nothing was said");
}

/// In a task, and on the thread that turns the vat over, where nobody may wait.
#[tokio::test]
async fn the_answer_is_a_future_too() {
    let boot = |_| transition_no_state!(publisher_of("ann"));
    let vat = Vat::task(VatOptions::default(), boot).unwrap();
    assert_eq!(users(&vat.present_async(topic!(Says { .. })).await.unwrap()), ["ann"]);

    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    pump.pump();
    assert_eq!(vat.present(topic!(_)), Err(VatError::SameThread));
    let present = vat.present_async(topic!(Says { .. }));
    assert!(pump.pump());
    assert_eq!(users(&present.await.unwrap()), ["ann"]);
    let present = vat.present_async(topic!(Says { .. }));
    vat.halt();
    pump.pump();
    assert_eq!(present.await, Err(VatError::NotRunning));
}
