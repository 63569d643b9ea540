//! Two links, and what is between them.

use std::time::Duration;

use bytes::Bytes;
use marketplace::{Orientation, Reason, Role, Topic, Value};

use super::{Link, News};
use crate::lost::Lost;
use crate::settings::Settings;
use crate::wire::{Frame, Greeting, PROTOCOL, Packet};

const SECOND: Duration = Duration::from_secs(1);

fn link() -> Link {
    Link::new(Settings::default(), "1.0".into(), 0)
}

fn news(link: &mut Link) -> Vec<News> {
    std::iter::from_fn(|| link.poll_news()).collect()
}

/// Carries packets until there are none.
fn carry(now: Duration, a: &mut Link, b: &mut Link) {
    for _ in 0..10_000 {
        let (from_a, from_b) = (a.poll_packet(), b.poll_packet());
        if from_a.is_none() && from_b.is_none() {
            return;
        }
        from_a.iter().for_each(|packet| b.hear(now, packet));
        from_b.iter().for_each(|packet| a.hear(now, packet));
    }
    panic!("they answer each other without end");
}

/// Pushes a frame until the link does not stand.
fn overrun(link: &mut Link, frame: &Bytes) {
    let pushed = (0..1000).find(|_| {
        link.push(frame);
        !link.stands()
    });
    assert!(pushed.is_some(), "{:?}", link.shown());
}

fn message(n: u32) -> Bytes {
    Frame::message(0, Orientation::Publisher, &Value::from(n))
}

fn heard(n: u32) -> News {
    News::Frame(Frame::Message(Orientation::Publisher, n.into()), message(n).len())
}

/// Two links that stand.
fn standing() -> (Link, Link) {
    let (mut a, mut b) = (link(), link());
    a.up(Duration::ZERO);
    b.up(Duration::ZERO);
    carry(Duration::ZERO, &mut a, &mut b);
    assert_eq!(
        (news(&mut a), news(&mut b)),
        (vec![News::Stands("1.0".into())], vec![News::Stands("1.0".into())])
    );
    (a, b)
}

#[test]
fn c12_another_protocol_is_refused_with_text_on_both_sides() {
    let mut a = link();
    a.up(Duration::ZERO);
    let greeting = |protocol| {
        Packet::Greeting(Greeting { protocol, version: "2.0".into(), stream: 1, heard: 0, stood: false })
            .encode()
    };
    a.hear(Duration::ZERO, &greeting(PROTOCOL + 1));
    let why = "protocol 1 is spoken here, and 2 there";
    assert_eq!(news(&mut a), [News::Refused(why.into())]);
    let said: Vec<_> = std::iter::from_fn(|| a.poll_packet()).collect();
    assert_eq!(Packet::decode(&said[1]), Ok(Packet::Refusal(why.into())));
    assert_eq!(a.due(), None);
    // The other side is told.
    let mut b = link();
    b.up(Duration::ZERO);
    b.hear(Duration::ZERO, &said[1]);
    assert_eq!(news(&mut b), [News::Refused(why.into())]);
    assert_eq!(b.due(), None);
}

#[test]
fn c5_lost_greetings_are_said_again() {
    for lost in 0..2 {
        let (mut a, mut b) = (link(), link());
        a.up(Duration::ZERO);
        b.up(Duration::ZERO);
        // Neither hears the other, or only one does.
        let said = a.poll_packet();
        if lost == 1 {
            said.iter().for_each(|packet| b.hear(Duration::ZERO, packet));
        }
        while b.poll_packet().is_some() {}
        let quarter = a.due().unwrap_or_default();
        assert_eq!(quarter, SECOND * 5 / 4);
        a.tick(quarter);
        b.tick(quarter);
        carry(quarter, &mut a, &mut b);
        assert!(a.stands() && b.stands());
    }
}

#[test]
fn c5_a_last_number_that_did_not_come_is_a_gap() {
    let (mut a, mut b) = standing();
    a.push(&message(1));
    while a.poll_packet().is_some() {}
    a.tick(SECOND);
    assert_eq!(a.poll_packet(), None, "it is not time yet");
    let quarter = SECOND * 5 / 4;
    a.tick(quarter);
    carry(quarter, &mut a, &mut b);
    let reset = [News::Lost(Lost::LinkReset), News::Stands("1.0".into())];
    assert_eq!((news(&mut a), news(&mut b)), (reset.to_vec(), reset.to_vec()));
    a.push(&message(2));
    carry(quarter, &mut a, &mut b);
    assert_eq!(news(&mut b), [heard(2)]);
}

#[test]
fn c5_nothing_of_an_old_stream_is_taken_for_the_new_one() {
    let (mut a, mut b) = standing();
    a.push(&message(1));
    let old: Vec<_> = std::iter::from_fn(|| a.poll_packet()).collect();
    a.down(SECOND);
    a.up(SECOND);
    carry(SECOND, &mut a, &mut b);
    assert_eq!(news(&mut b), [News::Lost(Lost::LinkReset), News::Stands("1.0".into())]);
    news(&mut a);
    old.iter().for_each(|packet| b.hear(SECOND, packet));
    carry(SECOND, &mut a, &mut b);
    assert_eq!((news(&mut a), news(&mut b)), (vec![], vec![]));
    assert!(a.stands() && b.stands());
}

#[test]
fn c5_frames_that_come_twice_are_heard_once() {
    let (mut a, mut b) = standing();
    (0..3).for_each(|n| a.push(&message(n)));
    let packets: Vec<_> = std::iter::from_fn(|| a.poll_packet()).collect();
    for _ in 0..2 {
        packets.iter().for_each(|packet| b.hear(SECOND, packet));
    }
    assert_eq!(news(&mut b), [heard(0), heard(1), heard(2)]);
    // Some of them have come, and some have not.
    let numbers = b.hears().unwrap_or_else(|| panic!("it stands"));
    let frames = vec![message(1), message(2), message(3)].into();
    b.hear(SECOND, &Packet::Frames { numbers, first: 2, taken: 0, frames }.encode());
    assert_eq!(news(&mut b), [heard(3)]);
}

#[test]
fn c7_silence_for_a_lease_is_the_end() {
    let (mut a, _) = standing();
    let mut now = Duration::ZERO;
    for _ in 0..10 {
        if a.stands() {
            now = a.due().unwrap_or_default();
            a.judge(now, now);
            a.tick(now);
        }
    }
    assert_eq!((now, news(&mut a)), (SECOND * 5, vec![News::Lost(Lost::Unreachable)]));
}

#[test]
fn c10_a_window_bounds_what_is_under_way_and_credit_opens_it() {
    let (mut a, mut b) = standing();
    for n in 0..10_000 {
        a.push(&message(n));
    }
    let packets: Vec<_> = std::iter::from_fn(|| a.poll_packet()).collect();
    packets.iter().for_each(|packet| b.hear(SECOND, packet));
    assert_eq!(news(&mut b).len(), 4096);
    carry(SECOND, &mut a, &mut b);
    let rest = news(&mut b);
    assert_eq!((rest.len(), rest.last()), (10_000 - 4096, Some(&heard(9_999))));
    // A frame that is larger than the window goes alone, when all that came before is taken.
    b.tick(SECOND * 2);
    carry(SECOND * 2, &mut a, &mut b);
    let large = Frame::message(0, Orientation::Publisher, &Value::from("x".repeat(5 << 20)));
    a.push(&large);
    a.push(&message(1));
    carry(SECOND * 2, &mut a, &mut b);
    assert_eq!(news(&mut b).len(), 2);
}

#[test]
fn c10_frames_that_are_queued_together_go_together_as_far_as_a_packet_holds_them() {
    let (mut a, mut b) = standing();
    (0..100).for_each(|n| a.push(&message(n)));
    let packets: Vec<_> = std::iter::from_fn(|| a.poll_packet()).collect();
    assert_eq!(packets.len(), 1);
    packets.iter().for_each(|packet| b.hear(SECOND, packet));
    assert_eq!(news(&mut b).len(), 100);
    let large = Frame::message(0, Orientation::Publisher, &Value::from("x".repeat(20_000)));
    (0..10).for_each(|_| a.push(&large));
    let sizes: Vec<_> = std::iter::from_fn(|| a.poll_packet()).map(|packet| packet.len()).collect();
    assert_eq!(sizes.len(), 4);
    assert!(sizes.iter().all(|size| *size < 64 << 10), "{sizes:?}");
}

#[test]
fn c10_too_many_bytes_that_wait_end_the_link_for_a_while_that_grows() {
    let (mut a, mut b) = standing();
    let large = Frame::message(0, Orientation::Publisher, &Value::from("x".repeat(1 << 20)));
    let mut now = Duration::ZERO;
    for pause in [1, 2, 4, 8, 16, 30, 30] {
        overrun(&mut a, &large);
        assert_eq!(news(&mut a), [News::Lost(Lost::Overrun)]);
        carry(now, &mut a, &mut b);
        assert!(news(&mut b).contains(&News::Lost(Lost::Overrun)));
        // The time is asked for first.
        assert_eq!(a.due(), Some(Duration::ZERO));
        a.tick(now);
        assert_eq!(a.due(), Some(now + SECOND * pause));
        now += SECOND * pause;
        a.tick(now - Duration::from_millis(1));
        carry(now, &mut a, &mut b);
        assert!(!a.stands());
        a.tick(now);
        b.tick(now);
        carry(now, &mut a, &mut b);
        assert!(a.stands() && b.stands());
        news(&mut a);
        news(&mut b);
    }
    // A link that has stood well begins with the shortest.
    now += SECOND * 60;
    a.down(now);
    a.up(now);
    carry(now, &mut a, &mut b);
    overrun(&mut a, &large);
    a.tick(now);
    assert_eq!(a.due(), Some(now + SECOND));
}

/// The next of many numbers.
fn next(random: &mut u64) -> usize {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*random >> 33) as usize
}

#[test]
fn c10_no_bytes_end_more_than_the_link() {
    let frames = [
        Frame::announce(0, 1, &crate::wire::encode_role(&Role::publisher(Topic::any())).unwrap_or_default()),
        Frame::withdraw(0, 1, &Reason::Shutdown),
        message(7),
        Frame::refuse(0, &Topic::any(), &Value::UNIT),
        Frame::picture(),
        Frame::leave(0, &Reason::Killed(None)),
    ];
    for mut seed in 0..2000u64 {
        let random = &mut seed;
        let (mut a, mut b) = standing();
        let mut now = Duration::ZERO;
        for _ in 0..10 {
            now += Duration::from_millis(next(random) as u64 % 2000);
            a.push(&frames[next(random) % frames.len()]);
            a.tick(now);
            b.tick(now);
            while let Some(packet) = a.poll_packet() {
                let mut bytes = packet.to_vec();
                match next(random) % 4 {
                    0 => bytes.truncate(next(random) % bytes.len()),
                    1 => {
                        let at = next(random) % bytes.len();
                        bytes[at] = next(random) as u8;
                    }
                    2 => bytes.insert(next(random) % bytes.len(), b"0123456789+:'[]<>"[next(random) % 17]),
                    _ => {}
                }
                b.hear(now, &bytes.into());
            }
            while let Some(packet) = b.poll_packet() {
                a.hear(now, &packet);
            }
        }
        // In the end they meet again.
        (0..120).for_each(|_| {
            now += SECOND;
            a.tick(now);
            b.tick(now);
            carry(now, &mut a, &mut b);
        });
        let over = |link: &mut Link| news(link).iter().any(|news| matches!(news, News::Refused(_)));
        assert!(a.stands() && b.stands() || over(&mut a) || over(&mut b), "seed {seed}");
    }
}
