//! The direction in on real sockets: credit, modes, and which side keeps the other waiting, with
//! paused time.

mod skips;
mod together;

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};

use marketplace::ground::{OuterHalf, Stream};
use marketplace::{Failure, Message, Reason, Value};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::*;
use crate::tcp::halves::{FromSocket, IDLE, LINE_TOO_LONG, ToSocket, UNTAKEN, symbol};
use crate::tcp::messages::{TcpMode, TcpPacket};
use crate::tcp::sockets::socket::CONGESTED;

const HOUR: Duration = Duration::from_secs(60 * 60);
const LIMIT: usize = 100;

fn options() -> Options {
    Options {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        take_up: Duration::from_secs(10),
        write_limit: 1024 * 1024,
        acknowledge_every: None,
        line_limit: LIMIT,
        max_connections: 1,
        idle: HOUR,
        connect_within: HOUR,
    }
}

/// A peer, and the socket half that hears it.
struct Pair {
    peer: TcpStream,
    socket: Socket,
}

impl Pair {
    async fn new(options: Options) -> Self {
        Self::taken_within(Some(options.take_up), options).await
    }

    async fn taken_within(take_up: Option<Duration>, options: Options) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        peer.writable().await.unwrap();
        let stream = listener.accept().await.unwrap().0;
        Self { peer, socket: Socket::new(stream, &options, take_up) }
    }

    /// As the process half does: the socket is polled again in any case.
    fn tell(&mut self, told: ToSocket) {
        self.socket.give(told.to_value(), &mut Context::from_waker(Waker::noop())).unwrap();
    }

    fn want(&mut self, wanted: bool) {
        self.tell(if wanted { ToSocket::Read } else { ToSocket::Rest });
    }

    fn extend(&mut self, more: u64) {
        self.tell(ToSocket::Credit(more));
    }

    fn switch(&mut self, mode: TcpMode) {
        self.tell(ToSocket::Mode(mode));
    }

    /// So many bytes wait to be written, as if the kernel took none.
    fn add_waiting(&mut self, bytes: usize) {
        self.socket.parts().1.add_waiting(bytes);
    }

    /// The kernel has taken so many of them.
    fn wrote(&mut self, bytes: usize) {
        self.socket.parts().1.wrote(bytes, &Context::from_waker(Waker::noop()));
    }

    fn kept(&mut self) -> usize {
        self.socket.parts().0.kept()
    }

    async fn next(&mut self) -> Option<Result<Value, Failure>> {
        poll_fn(|cx| self.socket.poll_next(cx)).await
    }

    async fn packet(&mut self) -> Result<TcpPacket, Value> {
        match self.next().await.expect("no end before the other direction's") {
            Ok(item) => Ok(TcpPacket::from_value(&item).expect("a packet")),
            Err(Failure(Reason::Value(why))) => Err(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The item that there is to hear now. A peer on the same machine is heard at once: a turn of
    /// the runtime finds it.
    async fn now(&mut self) -> Option<Result<TcpPacket, Value>> {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            packet = self.packet() => Some(packet),
            () = std::future::ready(()) => None,
        }
    }

    fn say(&self, bytes: &[u8]) {
        assert_eq!(self.peer.try_write(bytes).unwrap(), bytes.len());
    }

    /// The time and the reason for which the connection is given up, if it is.
    async fn given_up(&mut self) -> Option<(Duration, Value)> {
        let began = Instant::now();
        match timeout(HOUR * 100, self.packet()).await {
            Ok(Err(why)) => Some((began.elapsed(), why)),
            Ok(Ok(packet)) => panic!("{packet:?}"),
            Err(_) => None,
        }
    }
}

fn data(text: &'static str) -> Result<TcpPacket, Value> {
    Ok(TcpPacket::from(text))
}

fn assert_idle(given_up: Option<(Duration, Value)>) {
    let (after, why) = given_up.expect("it is given up");
    assert_eq!(why, symbol(&IDLE));
    assert!(after >= HOUR && after <= HOUR * 5 / 4 + Duration::from_secs(1), "{after:?}");
}

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

async fn shut(peer: &mut TcpStream) {
    tokio::io::AsyncWriteExt::shutdown(peer).await.unwrap();
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

#[tokio::test]
async fn no_byte_is_read_beyond_the_credit() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    pair.extend(0);
    pair.say(b"0123456789");
    assert_eq!(pair.now().await, None);
    pair.extend(2);
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("012")));
    assert_eq!(pair.now().await, None);
    assert!(pair.reader_is_empty(), "the rest is in the kernel");
    pair.extend(u64::MAX);
    pair.extend(u64::MAX);
    assert_eq!(pair.now().await, Some(data("3456789")));
}

impl Pair {
    fn reader_is_empty(&mut self) -> bool {
        self.kept() == 0
    }
}

#[tokio::test]
async fn pause_holds_whatever_the_credit_and_credit_holds_after_it() {
    let mut pair = Pair::new(options()).await;
    pair.extend(3);
    pair.want(false);
    pair.say(b"01234");
    assert_eq!(pair.now().await, None);
    pair.want(true);
    assert_eq!(pair.now().await, Some(data("012")));
    assert_eq!(pair.now().await, None);
}

#[tokio::test]
async fn a_mode_change_keeps_what_is_buffered_both_ways() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    pair.extend(1);
    pair.switch(TcpMode::Lines);
    pair.say(b"one\r\ntwo\nthree");
    assert_eq!(pair.now().await, Some(data("one")));
    assert_eq!(pair.now().await, None);
    pair.switch(TcpMode::Bytes);
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("t")));
    pair.switch(TcpMode::Lines);
    pair.extend(3);
    assert_eq!(pair.now().await, Some(data("wo")));
    assert_eq!(pair.now().await, None);
    pair.say(b"\r");
    assert_eq!(pair.now().await, None);
    pair.say(b"\n\nlast");
    assert_eq!(pair.now().await, Some(data("three")));
    assert_eq!(pair.now().await, Some(data("")));
    shut(&mut pair.peer).await;
    assert_eq!(pair.now().await, None, "the last line needs credit");
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("last")));
    assert_eq!(pair.now().await, None, "so does the end");
    pair.extend(1);
    assert_eq!(pair.now().await, Some(Ok(TcpPacket::Eof)));
}

#[tokio::test]
async fn acknowledgements_come_for_as_many_bytes_as_was_said() {
    let mut pair = Pair::new(Options { acknowledge_every: Some(10), ..options() }).await;
    pair.want(true);
    pair.add_waiting(100);
    pair.wrote(9);
    assert_eq!(pair.now_item().await, None);
    pair.wrote(2);
    assert_eq!(pair.now_item().await, Some(FromSocket::Written(11)));
    assert_eq!(pair.now_item().await, None);
}

impl Pair {
    async fn now_item(&mut self) -> Option<FromSocket> {
        tokio::select! {
            biased;
            item = self.next() => Some(FromSocket::from_value(&item?.ok()?).expect("no packet")),
            () = std::future::ready(()) => None,
        }
    }
}

/// Counts how often its task is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// The host asks for the next item when the waker was called, and otherwise not.
#[tokio::test]
async fn whatever_changes_what_there_is_to_say_wakes_the_task_and_nothing_else_does() {
    let mut pair = Pair::new(Options { acknowledge_every: Some(200_000), ..options() }).await;
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    let mut cx = Context::from_waker(&waker);
    for told in [ToSocket::Read, ToSocket::Rest, ToSocket::Credit(1), ToSocket::Mode(TcpMode::Lines)] {
        pair.socket.give(told.to_value(), &mut cx).unwrap();
        assert_eq!(woken.0.swap(0, Relaxed), 1, "{told:?}");
    }
    let wakes = |pair: &mut Pair, wrote| {
        pair.socket.parts().1.wrote(wrote, &Context::from_waker(&waker));
        woken.0.swap(0, Relaxed) == 1
    };
    pair.add_waiting(CONGESTED + 200_000);
    assert!(!wakes(&mut pair, 199_999), "still congested, and nothing to acknowledge");
    assert!(wakes(&mut pair, 1), "both are over");
    assert_eq!(pair.socket.parts().1.acknowledge(), Some(200_000));
    assert!(!wakes(&mut pair, CONGESTED), "neither");
    pair.add_waiting(CONGESTED + 1);
    assert!(wakes(&mut pair, 1), "it may be read again");
    pair.socket.parts().1.wrote(CONGESTED, &Context::from_waker(Waker::noop()));
    pair.socket.give(TcpPacket::from("x").to_value(), &mut cx).unwrap();
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(woken.0.load(Relaxed), 0, "what was written is told later");
    pair.socket.give(TcpPacket::Eof.to_value(), &mut cx).unwrap();
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(woken.0.swap(0, Relaxed), 1, "that may be the end");
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(woken.0.load(Relaxed), 0, "once is enough");
}

/// A listener with one place left waits for the kernel, and not for itself.
#[tokio::test]
async fn the_last_place_is_waited_for_in_peace() {
    let mut listening = Listening::new("127.0.0.1:0".parse().unwrap(), options());
    poll_fn(|cx| Pin::new(&mut listening).poll_next(cx)).await.unwrap().unwrap();
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    assert!(Pin::new(&mut listening).poll_next(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(woken.0.load(Relaxed), 0);
}

#[derive(Clone, Debug)]
enum Move {
    Say(Vec<u8>),
    Credit(u64),
    Mode(TcpMode),
    Want(bool),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let byte = prop_oneof![2 => Just(b'\n'), 2 => Just(b'\r'), 8 => Just(b'a'), 1 => any::<u8>()];
    let say = prop_oneof![6 => vec(byte, 1..20), 1 => vec(Just(b'b'), 1..250)];
    let mode = prop_oneof![Just(TcpMode::Lines), Just(TcpMode::ShortLines), Just(TcpMode::Bytes)];
    let one = prop_oneof![
        5 => say.prop_map(Move::Say),
        3 => prop_oneof![0..6u64, Just(u64::MAX)].prop_map(Move::Credit),
        2 => mode.prop_map(Move::Mode),
        1 => any::<bool>().prop_map(Move::Want),
    ];
    vec(one, 0..40)
}

/// The bytes that were sent, how many of them were heard, and how many may be.
struct Model {
    said: Vec<u8>,
    heard: usize,
    credit: Option<u64>,
    mode: TcpMode,
    wanted: bool,
}

impl Model {
    fn hear(&mut self, data: &[u8]) {
        assert!(self.wanted, "nothing is heard in a pause");
        let rest = &self.said[self.heard..];
        let (bytes, cost) = match (self.mode, rest.iter().position(|byte| *byte == b'\n')) {
            (TcpMode::Bytes, _) => {
                assert!(!data.is_empty() && rest.starts_with(data));
                (data.len(), data.len() as u64)
            }
            (TcpMode::Lines | TcpMode::ShortLines, Some(feed)) => {
                assert!(data.len() <= LIMIT);
                assert_eq!(data, rest[..feed].strip_suffix(b"\r").unwrap_or(&rest[..feed]));
                (feed + 1, 1)
            }
            (TcpMode::Lines | TcpMode::ShortLines, None) => {
                assert_eq!(data, rest, "a last line");
                (rest.len(), 1)
            }
        };
        self.pass(bytes, cost);
    }

    fn skip(&mut self, len: usize) {
        assert!(self.wanted && len > LIMIT);
        let rest = &self.said[self.heard..];
        let feed = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..feed.unwrap_or(rest.len())];
        let bytes = match (self.mode, feed) {
            (TcpMode::Lines, _) => panic!("nothing is skipped"),
            (TcpMode::Bytes, _) => {
                assert!(len <= line.len(), "the beginning of a line");
                len
            }
            (TcpMode::ShortLines, Some(feed)) => {
                assert_eq!(len, line.strip_suffix(b"\r").unwrap_or(line).len());
                feed + 1
            }
            (TcpMode::ShortLines, None) => {
                assert_eq!(len, line.len(), "a last line");
                len
            }
        };
        self.pass(bytes, 1);
    }

    fn pass(&mut self, bytes: usize, cost: u64) {
        self.heard += bytes;
        if let Some(credit) = &mut self.credit {
            *credit = credit.checked_sub(cost).expect("nothing is heard beyond the credit");
        }
    }

    /// Whether the next line to be heard is too long.
    fn is_stuck(&self) -> bool {
        let rest = &self.said[self.heard..];
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let unended = rest.len() > LIMIT && !rest.contains(&b'\n');
        self.mode == TcpMode::Lines && (unended || line.strip_suffix(b"\r").unwrap_or(line).len() > LIMIT)
    }
}

async fn play(moves: Vec<Move>, reset: bool) {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    let mut model = Model { said: Vec::new(), heard: 0, credit: None, mode: TcpMode::Bytes, wanted: true };
    let end = [Move::Want(true), Move::Credit(u64::MAX)];
    for one in moves.into_iter().chain(end) {
        match one {
            Move::Say(bytes) => {
                pair.say(&bytes);
                model.said.extend(bytes);
            }
            Move::Credit(more) => {
                pair.extend(more);
                model.credit = Some(model.credit.unwrap_or(0).saturating_add(more));
            }
            Move::Mode(mode) => {
                pair.switch(mode);
                model.mode = mode;
            }
            Move::Want(wanted) => {
                pair.want(wanted);
                model.wanted = wanted;
            }
        }
        while let Some(packet) = pair.now().await {
            match packet {
                Ok(TcpPacket::Data(bytes)) => model.hear(&bytes),
                Ok(TcpPacket::Skipped(len)) => model.skip(len.try_into().unwrap()),
                Ok(TcpPacket::Eof) => panic!("nobody said that this is all"),
                Err(why) => {
                    assert!(why == symbol(&LINE_TOO_LONG) && model.is_stuck(), "{why:?}");
                    return;
                }
            }
            assert!(pair.kept() <= 64 * 1024 + LIMIT);
        }
    }
    if reset {
        pair.peer.set_zero_linger().unwrap();
        drop(pair.peer);
        // Whether or not the rest is heard first, an end comes, and no panic.
        let socket = &mut pair.socket;
        while let Some(Ok(_)) = poll_fn(|cx| socket.poll_next(cx)).await {}
        return;
    }
    shut(&mut pair.peer).await;
    loop {
        match pair.packet().await {
            Ok(TcpPacket::Data(bytes)) => model.hear(&bytes),
            Ok(TcpPacket::Skipped(len)) => model.skip(len.try_into().unwrap()),
            Ok(TcpPacket::Eof) => break,
            Err(why) => {
                assert!(why == symbol(&LINE_TOO_LONG) && model.is_stuck(), "{why:?}");
                return;
            }
        }
    }
    assert_eq!(model.heard, model.said.len());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn what_is_heard_is_what_was_said_whatever_anybody_does(moves in moves(), reset in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(moves, reset));
    }
}
