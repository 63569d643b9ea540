//! Vats in memory, as their processes see them.

use std::future::poll_fn;
use std::task::{Context, Waker};

use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Symbol};

use super::line::End;
use super::*;
use crate::netlayer::{FromLine, ToLine};

fn ends() -> (End, End) {
    let network = Network::scripted(1);
    line::ends(network.seed().unwrap(), network.seed().unwrap())
}

async fn next(end: &mut End) -> Option<Result<FromLine, Failure>> {
    let item = poll_fn(|cx| end.poll_next(cx)).await;
    item.map(|item| item.map(|item| FromLine::from_value(&item).expect("an item")))
}

fn say(end: &mut End, bytes: Bytes) -> Result<(), Failure> {
    tell(end, ToLine::Say(bytes))
}

fn tell(end: &mut End, said: ToLine) -> Result<(), Failure> {
    OuterHalf::give(end, said.into_value(), &mut Context::from_waker(Waker::noop()))
}

/// The seeds of both ends are told apart.
async fn connected() -> (End, End) {
    let (mut near, mut far) = ends();
    let (here, there) = (next(&mut near).await, next(&mut far).await);
    assert!(matches!(here, Some(Ok(FromLine::Connected(_)))));
    assert_ne!(here, there);
    (near, far)
}

#[tokio::test]
async fn what_is_said_is_heard_and_then_the_end() {
    let (mut near, mut far) = connected().await;
    say(&mut near, Bytes::from_static(b"hello")).unwrap();
    tell(&mut near, ToLine::Close).unwrap();
    assert_eq!(next(&mut near).await, None);
    assert_eq!(next(&mut far).await, Some(Ok(FromLine::Heard(Bytes::from_static(b"hello")))));
    assert_eq!(next(&mut far).await, Some(Ok(FromLine::Ended)));
    say(&mut far, Bytes::from_static(b"nobody hears it")).unwrap();
}

#[tokio::test]
async fn an_end_that_is_dropped_has_ended() {
    let (near, mut far) = connected().await;
    drop(near);
    assert_eq!(next(&mut far).await, Some(Ok(FromLine::Ended)));
    let poll = far.poll_next(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending(), "the process closes it");
}

#[tokio::test]
async fn whoever_waits_is_woken() {
    let (mut near, mut far) = connected().await;
    let hears = tokio::spawn(async move { next(&mut far).await });
    tokio::task::yield_now().await;
    say(&mut near, Bytes::from_static(b"hello")).unwrap();
    assert_eq!(hears.await.unwrap(), Some(Ok(FromLine::Heard(Bytes::from_static(b"hello")))));
}

#[tokio::test]
async fn k10_more_than_may_wait_ends_it_with_overrun() {
    let (mut near, _far) = connected().await;
    let much = Bytes::from(vec![7; 16 * 1024 * 1024]);
    for _ in 0..4 {
        say(&mut near, much.clone()).unwrap();
    }
    let overrun = say(&mut near, Bytes::from_static(b"."));
    assert_eq!(overrun, Err(Failure::value(&Symbol::new("overrun"))));
}

#[test]
fn a_name_is_given_to_one_vat_at_a_time() {
    let network = Network::new();
    let bank = network.join("bank").unwrap();
    assert_eq!(
        network.join("bank").err().as_deref(),
        Some("there is a vat with the name `bank` in this network already")
    );
    drop(bank);
    assert!(network.join("bank").is_ok());
}

#[test]
fn where_nobody_listens_nobody_is_reached() {
    let network = Network::new();
    let shop = network.netlayer("shop");
    let dial = |transport, name| shop.dial(&Location::new(transport, name, &[]), None).err();
    let nobody = "nobody listens under the name `bank` in this network";
    assert_eq!(dial("memory", "bank").as_deref(), Some(nobody));
    assert_eq!(dial("tls", "bank").as_deref(), Some("there is no way from `memory` to `tls`"));
    let _bank = network.join("bank").unwrap();
    assert_eq!(dial("memory", "bank"), None);
    let elsewhere = Network::new().netlayer("shop").dial(&Location::new("memory", "bank", &[]), None);
    assert_eq!(elsewhere.err().as_deref(), Some(nobody));
}

#[test]
fn k10_so_many_wait_to_be_accepted() {
    let network = Network::new();
    let _bank = network.join("bank").unwrap();
    let shop = network.netlayer("shop");
    let dialled = (0..200).filter(|_| shop.dial(&Location::new("memory", "bank", &[]), None).is_ok());
    assert_eq!(dialled.count(), 128);
}

#[test]
fn k16_in_a_scripted_network_each_seed_is_another_and_always_the_same() {
    let seeds = || {
        let network = Network::scripted(7);
        [network.seed(), network.seed()]
    };
    let [one, other] = seeds();
    assert_ne!(one, other);
    assert_eq!(seeds(), [one, other]);
    assert_ne!(Network::scripted(8).seed(), Network::scripted(7).seed());
}
