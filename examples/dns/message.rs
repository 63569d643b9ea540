//! DNS messages: what is asked, what is known. No process, no clock.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::RData;

/// How big a datagram may be that we take or send.
const PAYLOAD: u16 = 1232;

/// How big an answer may be that is remembered.
const REMEMBERED: usize = 4096;

/// For how many seconds anything is good at most: RFC 8767 suggests a week.
const WEEK: u32 = 604_800;

/// How a client asks.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Via {
    Udp,
    Tcp,
}

/// A client's question.
#[derive(Clone)]
pub(crate) struct Query {
    message: Message,
    via: Via,
    /// The question as a query with id 0, ready to be numbered: the same bytes for all clients that
    /// ask it.
    pub(crate) question: Bytes,
}

/// Why a packet is no query that can be answered.
#[derive(Debug, PartialEq)]
pub(crate) enum Rejected {
    /// It is answered with an error.
    With(Bytes),
    Ignored,
}

impl Query {
    pub(crate) fn read(bytes: &[u8], via: Via) -> Result<Self, Rejected> {
        // A server that answers answers can be made to talk with itself.
        let [high, low, flags, _, ..] = *bytes else { return Err(Rejected::Ignored) };
        if bytes.len() < 12 || flags & 0x80 != 0 {
            return Err(Rejected::Ignored);
        }
        // A header alone: its id, its opcode, and whether recursion was desired.
        let reject = |why: ResponseCode| {
            Rejected::With(
                [high, low, 0x80 | flags & 0x79, why.low(), 0, 0, 0, 0, 0, 0, 0, 0].to_vec().into(),
            )
        };
        // A packet that is no query need not look like one.
        if flags & 0x78 != 0 {
            return Err(reject(ResponseCode::NotImp));
        }
        let message = Message::from_vec(bytes).map_err(|_| reject(ResponseCode::FormErr))?;
        let [asked] = &message.queries[..] else { return Err(reject(ResponseCode::FormErr)) };
        let mut asked = asked.clone();
        asked.name = asked.name.to_lowercase();
        let mut question = Message::new(0, MessageType::Query, OpCode::Query);
        question.metadata.recursion_desired = message.metadata.recursion_desired;
        question.metadata.checking_disabled = message.metadata.checking_disabled;
        question.edns = message.edns.as_ref().map(|edns| {
            let mut ours = Edns::new();
            ours.set_max_payload(PAYLOAD).set_dnssec_ok(edns.flags().dnssec_ok);
            ours
        });
        question.add_query(asked);
        Ok(Self { question: wire(&question), message, via })
    }

    /// The answer, as this client is to see it: under its id, to its question, no bigger than it
    /// can take.
    pub(crate) fn reply(&self, answer: &[u8]) -> Bytes {
        Message::from_vec(answer).map_or_else(|_| self.failed(), |answer| self.signed(answer))
    }

    pub(crate) fn failed(&self) -> Bytes {
        self.signed(Known::failure().message)
    }

    fn signed(&self, mut answer: Message) -> Bytes {
        answer.metadata.id = self.message.metadata.id;
        answer.queries.clone_from(&self.message.queries);
        let bytes = wire(&answer);
        match self.via {
            Via::Udp if bytes.len() > usize::from(self.message.max_payload().min(PAYLOAD)) => {
                wire(&answer.truncate())
            }
            // Where all of it would fit, a part is no answer.
            Via::Tcp if answer.metadata.truncation || bytes.len() > usize::from(u16::MAX) => self.failed(),
            _ => bytes,
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name_of(&self.question))
    }
}

/// An upstream's answer.
pub(crate) struct Known {
    message: Message,
    /// For how many seconds it is good.
    pub(crate) ttl: u32,
}

impl Known {
    /// An answer to this query; nothing else will do.
    pub(crate) fn read(bytes: &[u8], id: u16, question: &[u8]) -> Option<Self> {
        let message = Message::from_vec(bytes).ok()?;
        let asked = Message::from_vec(question).ok()?;
        let is_answer = message.metadata.message_type == MessageType::Response && message.metadata.id == id;
        let ttl = if bytes.len() > REMEMBERED { 0 } else { ttl(&message) };
        (is_answer && message.queries == asked.queries).then_some(Self { ttl, message })
    }

    /// Whether it is only what fitted into a datagram.
    pub(crate) const fn is_cut(&self) -> bool {
        self.message.metadata.truncation
    }

    pub(crate) fn failure() -> Self {
        let mut message = Message::error_msg(0, OpCode::Query, ResponseCode::ServFail);
        message.metadata.recursion_available = true;
        Self { message, ttl: 0 }
    }

    /// The answer, so many seconds later.
    pub(crate) fn after(&self, seconds: u64) -> Bytes {
        let mut message = self.message.clone();
        let passed = u32::try_from(seconds).unwrap_or(u32::MAX);
        let Message { answers, authorities, additionals, .. } = &mut message;
        for record in answers.iter_mut().chain(authorities).chain(additionals) {
            record.ttl = bounded(record.ttl).saturating_sub(passed);
        }
        wire(&message)
    }
}

/// The least TTL. An answer that is cut off or failed is not kept; an answer that a name does not
/// exist is kept for as long as the zone says.
fn ttl(message: &Message) -> u32 {
    let is_whole = !message.metadata.truncation
        && matches!(message.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain);
    let ttls = message.answers.iter().chain(&message.authorities).map(|record| match &record.data {
        RData::SOA(soa) => bounded(record.ttl).min(bounded(soa.minimum)),
        _ => bounded(record.ttl),
    });
    if is_whole { ttls.min().unwrap_or(0) } else { 0 }
}

/// A TTL as it counts: none if its highest bit is set (RFC 2181; RFC 8767 would take that for a
/// week), else a week at most.
fn bounded(ttl: u32) -> u32 {
    if ttl > u32::MAX / 2 { 0 } else { ttl.min(WEEK) }
}

/// A message as it goes over TCP: after its length.
pub(crate) fn framed(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(2 + message.len());
    // A message for TCP was made to fit into the frame.
    frame.put_u16(u16::try_from(message.len()).unwrap_or(u16::MAX));
    frame.put_slice(message);
    frame.freeze()
}

/// The first message of what was heard over TCP, if all of it is there.
pub(crate) fn take_frame(heard: &mut BytesMut) -> Option<Bytes> {
    let len = usize::from(u16::from_be_bytes(*heard.first_chunk()?));
    if heard.len() < 2 + len {
        return None;
    }
    heard.advance(2);
    Some(heard.split_to(len).freeze())
}

pub(crate) fn name_of(question: &[u8]) -> String {
    let question = Message::from_vec(question).ok().and_then(|message| message.queries.into_iter().next());
    question.map_or_else(String::new, |asked| format!("{} {}", asked.name, asked.query_type))
}

/// The question as a query with this id.
pub(crate) fn numbered(question: &[u8], id: u16) -> Bytes {
    let rest = question.get(2..).unwrap_or_default();
    id.to_be_bytes().iter().chain(rest).copied().collect()
}

/// Nobody outside can guess it: the standard library's hashers have secret keys.
pub(crate) fn random_id() -> u16 {
    RandomState::new().build_hasher().finish() as u16
}

/// The bytes of a message that we made. It can be written; if not, an empty packet is sent instead.
fn wire(message: &Message) -> Bytes {
    message.to_vec().map_or_else(|_| Bytes::new(), Bytes::from)
}
