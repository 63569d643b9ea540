//! Reads the transcripts. `README.md` beside it says what they are and how they are written.
#![allow(dead_code, reason = "each test reads what it needs")]

use marketplace_captp::wire::Spelling;

/// All that was said in one test of the suite.
#[derive(Clone, Debug)]
pub(crate) struct Transcript {
    /// The name of the test.
    pub test: &'static str,
    /// The spelling that both sides write.
    pub spelling: Spelling,
    /// All that happened, in order.
    pub steps: Vec<Step>,
}

/// Something that happened at a connection.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The number of the connection, from 1 on.
    pub connection: usize,
    /// The kind of step.
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// This side opens the connection.
    Dialled(Side),
    /// This side says this message, which has no length before it.
    Said(Side, Vec<u8>),
    /// The suite reads the end of what the peer says.
    PeerEnded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Suite,
    Peer,
}

const FILES: [(Spelling, &str); 10] = [
    (Spelling::Framed, include_str!("framed/op_deliver.txt")),
    (Spelling::Framed, include_str!("framed/op_gc.txt")),
    (Spelling::Framed, include_str!("framed/op_listen.txt")),
    (Spelling::Framed, include_str!("framed/op_start_session.txt")),
    (Spelling::Framed, include_str!("framed/third_party_handoffs.txt")),
    (Spelling::Snapshot, include_str!("snapshot/op_deliver.txt")),
    (Spelling::Snapshot, include_str!("snapshot/op_gc.txt")),
    (Spelling::Snapshot, include_str!("snapshot/op_listen.txt")),
    (Spelling::Snapshot, include_str!("snapshot/op_start_session.txt")),
    (Spelling::Snapshot, include_str!("snapshot/third_party_handoffs.txt")),
];

/// All transcripts.
pub(crate) fn all() -> Vec<Transcript> {
    FILES.iter().flat_map(|(spelling, file)| transcripts(*spelling, file)).collect()
}

/// The transcript of this test in this spelling.
pub(crate) fn of(spelling: Spelling, test: &str) -> Transcript {
    let mut all = all().into_iter();
    all.find(|transcript| transcript.spelling == spelling && transcript.test == test)
        .unwrap_or_else(|| panic!("there is no transcript of {test} in {spelling:?}"))
}

/// Each message that somebody says, with the spelling of it.
pub(crate) fn messages() -> Vec<(Spelling, Vec<u8>)> {
    let steps = all().into_iter().flat_map(|transcript| {
        transcript.steps.into_iter().map(move |step| (transcript.spelling, step.what))
    });
    steps
        .filter_map(|(spelling, what)| match what {
            What::Said(_, message) => Some((spelling, message)),
            _ => None,
        })
        .collect()
}

/// All that one side says at one connection, for each, as it comes over the wire.
pub(crate) fn streams() -> Vec<Vec<u8>> {
    let mut streams = Vec::new();
    for Transcript { spelling, steps, .. } in all() {
        let mut said: Vec<((usize, Side), Vec<u8>)> = Vec::new();
        for Step { connection, what } in steps {
            let What::Said(side, message) = what else { continue };
            let at = said.iter().position(|(by, _)| *by == (connection, side)).unwrap_or_else(|| {
                said.push(((connection, side), Vec::new()));
                said.len() - 1
            });
            if spelling == Spelling::Framed {
                said[at].1.extend(format!("{}:", message.len()).into_bytes());
            }
            said[at].1.extend(message);
        }
        streams.extend(said.into_iter().map(|(_, bytes)| bytes));
    }
    streams
}

fn transcripts(spelling: Spelling, file: &'static str) -> Vec<Transcript> {
    let mut transcripts: Vec<Transcript> = Vec::new();
    for line in file.lines().filter(|line| !line.is_empty()) {
        if let Some(test) = line.strip_prefix("test ") {
            transcripts.push(Transcript { test, spelling, steps: Vec::new() });
        } else {
            let test = transcripts.last_mut().expect("a file begins with the name of a test");
            test.steps.push(step(line).unwrap_or_else(|| panic!("no line of a transcript: {line}")));
        }
    }
    transcripts
}

fn step(line: &str) -> Option<Step> {
    let (connection, rest) = line.split_once(' ')?;
    let what = match rest.split_once(' ')? {
        ("dialled-by", "suite") => What::Dialled(Side::Suite),
        ("dialled-by", "peer") => What::Dialled(Side::Peer),
        (">", message) => What::Said(Side::Suite, bytes(message)?),
        ("<", message) => What::Said(Side::Peer, bytes(message)?),
        ("ended-by", "peer") => What::PeerEnded,
        _ => return None,
    };
    Some(Step { connection: connection.parse().ok()?, what })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let (byte, behind) = match (first, behind) {
            (b'\\', [b'\\', behind @ ..]) => (b'\\', behind),
            (b'\\', [b'x', digits @ ..]) => {
                let (digits, behind) = digits.split_at_checked(2)?;
                (u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?, behind)
            }
            (b'\\', _) => return None,
            (plain, behind) => (*plain, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    Some(bytes)
}
