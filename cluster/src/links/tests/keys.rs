//! C11: a name is that of the machine that has its key.

use std::sync::Arc;

use super::*;
use crate::links::meeting::Vm;

fn key(number: u8) -> Key {
    Key::of_seed(&[number; 32])
}

/// A machine that has this key, and knows another one: at this address, by its key.
fn me(vm: Vm, own: &Key, other: &str, at: SocketAddr, others: &Key) -> Arc<Me> {
    let listed = Listed { address: Some(at.to_string()), key: Some(others.designator()) };
    let list = [(other.into(), listed)].into();
    Arc::new(Me { vm, list, side: Some(Side::new(own.clone(), PROTOCOL)), patience: TOO_LONG })
}

/// Lets `bob` dial `ann`: each has a key, and believes the other to have one. Gives the results of
/// ann and of bob.
async fn meet(anns: [&Key; 2], bobs: [&Key; 2]) -> [Result<Vm, String>; 2] {
    let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = listener.local();
    let ann = me(("ann".into(), 7), anns[0], "bob", at, anns[1]);
    let bob = me(("bob".into(), 7), bobs[0], "ann", at, bobs[1]);
    let accepts = async {
        let (stream, at) = poll_fn(|cx| listener.poll_accept(cx)).await;
        ann.accept(stream, at).await.map(|met| met.vm).map_err(|refused| refused.why)
    };
    let dials = async { bob.dial("ann".into()).await.map(|met| met.vm) };
    tokio::join!(accepts, dials).into()
}

#[tokio::test]
async fn c11_a_machine_is_the_one_that_has_the_key_of_its_name() {
    let [ann, bob] = [key(1), key(2)];
    let met = meet([&ann, &bob], [&bob, &ann]).await;
    assert_eq!(met, [Ok(("bob".into(), 7)), Ok(("ann".into(), 7))]);
}

#[tokio::test]
async fn c11_a_wrong_key_is_refused_with_words_on_both_sides() {
    let [ann, bob, eve] = [key(1), key(2), key(66)];
    // Somebody calls itself bob and has another key.
    let [at_ann, at_eve] = meet([&ann, &bob], [&eve, &ann]).await.map(Result::unwrap_err);
    let why = "the key of `bob` is another one in the list of `ann`";
    assert_eq!(at_ann, why);
    assert!(at_eve.ends_with(&format!(": it refuses: {why}")), "{at_eve}");
    // Somebody is where ann should be.
    let [at_eve, at_bob] = meet([&eve, &bob], [&bob, &ann]).await.map(Result::unwrap_err);
    assert_eq!(at_eve, "the peer expected another key than ours");
    assert!(at_bob.ends_with(": another key is there than the one in the address"), "{at_bob}");
}

#[tokio::test]
async fn c11_another_machine_with_the_own_name_has_the_own_key() {
    let [ann, eve] = [key(1), key(66)];
    for (own, is_ann) in [(&ann, true), (&eve, false)] {
        let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let at = listener.local();
        let first = me(("ann".into(), 7), &ann, "bob", at, &eve);
        let second = me(("ann".into(), 8), own, "ann", at, &ann);
        let accepts = async {
            let (stream, at) = poll_fn(|cx| listener.poll_accept(cx)).await;
            first.accept(stream, at).await.map(|met| met.vm)
        };
        let (accepted, dialled) = tokio::join!(accepts, second.dial("ann".into()));
        assert_eq!(accepted.is_ok(), is_ann, "{accepted:?}");
        assert_eq!(dialled.is_ok(), is_ann);
    }
}

#[tokio::test]
async fn c1_packets_go_over_tls() {
    let keys = [key(1), key(2)];
    let links = ["ann", "bob"].map(|name| Links::new(name).listen("127.0.0.1:0").unwrap());
    let [at_ann, at_bob] = [0, 1].map(|one: usize| links[one].address().unwrap());
    let [ann, bob] = links;
    let ann = ann.key(keys[0].clone()).peer("bob", at_bob).peer_key("bob", keys[1].designator());
    let bob = bob.key(keys[1].clone()).peer("ann", at_ann).peer_key("ann", keys[0].designator());
    let (mut ann, mut bob) = (opened(ann, 7), opened(bob, 7));
    tokio::join!(next(&mut ann), next(&mut bob));
    let packet = Bytes::from(vec![7; 100_000]);
    assert_eq!(ann.send(&"bob".into(), 7, &packet), Sending::Taken);
    let heard = tokio::select!(event = next(&mut bob) => event, event = next(&mut ann) => event);
    assert_eq!(heard, EngineEvent::From("ann".into(), 7, packet));
}

#[test]
fn c11_each_machine_has_a_key_or_none_has() {
    let [ann, bob] = [key(1), key(2)];
    let one = |links: Links| links.config().err();
    let why = one(Links::new("ann").key(ann.clone()).peer("bob", "192.0.2.7:7")).unwrap().to_string();
    let own = ann.designator();
    assert_eq!(why, format!("the list has no key for bob; this machine, ann, has the key {own}"));
    let listed = Links::new("ann").peer("bob", "192.0.2.7:7").peer_key("bob", bob.designator());
    assert_eq!(one(listed), Some(ConfigError::NoOwnKey("bob".into())));
    let whole = Links::new("ann").key(ann).peer("bob", "192.0.2.7:7").peer_key("bob", bob.designator());
    assert_eq!(one(whole.listen("0.0.0.0:0").unwrap()), None);
}
