//! A peer that keeps the other side waiting is given up, and nobody else.

use super::*;

#[tokio::test]
async fn who_is_listened_to_and_says_nothing_is_idle() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    tokio::time::pause();
    assert_idle(pair.given_up().await);
}

#[tokio::test]
async fn who_says_something_now_and_then_is_not_idle() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    tokio::time::pause();
    for _ in 0..10 {
        assert!(timeout(HOUR * 9 / 10, pair.packet()).await.is_err());
        pair.say(b"x");
        assert_eq!(pair.packet().await, data("x"));
    }
    assert_idle(pair.given_up().await);
}

#[tokio::test]
async fn who_is_not_listened_to_is_not_idle() {
    let mut paused = Pair::new(options()).await;
    paused.want(false);
    let mut without_credit = Pair::new(options()).await;
    without_credit.want(true);
    without_credit.extend(0);
    let mut for_ever = Pair::new(Options { idle: Duration::MAX, ..options() }).await;
    for_ever.want(true);
    tokio::time::pause();
    assert_eq!(paused.given_up().await, None);
    assert_eq!(without_credit.given_up().await, None);
    assert_eq!(for_ever.given_up().await, None);
}

#[tokio::test]
async fn whose_end_was_heard_is_not_idle() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    shut(&mut pair.peer).await;
    assert_eq!(pair.packet().await, Ok(TcpPacket::Eof));
    tokio::time::pause();
    assert_eq!(pair.given_up().await, None);
}

#[tokio::test]
async fn who_takes_nothing_of_what_waits_for_it_is_idle() {
    let mut pair = Pair::new(options()).await;
    pair.want(false);
    pair.add_waiting(10);
    tokio::time::pause();
    assert_idle(pair.given_up().await);
}

/// The time in which nobody waited does not count, whenever the looks are.
#[tokio::test]
async fn the_time_counts_from_when_somebody_waits() {
    for how in 0..3 {
        let mut pair = Pair::new(options()).await;
        pair.want(how == 1);
        if how == 1 {
            pair.extend(0);
        }
        tokio::time::pause();
        assert!(timeout(HOUR * 49 / 100, pair.packet()).await.is_err());
        match how {
            0 => pair.want(true),
            1 => pair.extend(1),
            _ => pair.add_waiting(1),
        }
        assert_idle(pair.given_up().await);
        tokio::time::resume();
    }
}

#[tokio::test]
async fn who_is_not_taken_up_in_time_is_given_up() {
    let mut pair = Pair::new(options()).await;
    tokio::time::pause();
    let (after, why) = pair.given_up().await.unwrap();
    assert_eq!(why, symbol(&UNTAKEN));
    assert!(after.abs_diff(options().take_up) < Duration::from_millis(20), "{after:?}");
}
