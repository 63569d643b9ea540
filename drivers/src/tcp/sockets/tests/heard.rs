//! All that was said is heard, and nothing else, whatever anybody does meanwhile: against a model.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::*;

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
