//! DNS messages: what is asked, what is known. No process, no clock.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::Bytes;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::RData;

/// How big an answer may be that we take.
const PAYLOAD: u16 = 1232;

/// What a client asks.
#[derive(Clone)]
pub(crate) struct Query {
    message: Message,
    /// The same for all who ask the same: a query with id 0, ready to be numbered.
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
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Rejected> {
        // Who answers answers can be made to talk with itself.
        let [high, low, flags, _, ..] = *bytes else { return Err(Rejected::Ignored) };
        if bytes.len() < 12 || flags & 0x80 != 0 {
            return Err(Rejected::Ignored);
        }
        let id = u16::from_be_bytes([high, low]);
        let reject = |why| Rejected::With(wire(&Message::error_msg(id, OpCode::Query, why)));
        let message = Message::from_vec(bytes).map_err(|_| reject(ResponseCode::FormErr))?;
        if message.metadata.op_code != OpCode::Query {
            return Err(reject(ResponseCode::NotImp));
        }
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
        Ok(Self { question: wire(&question), message })
    }

    /// The answer, as this client is to see it: under its id, to its question, no bigger than it can take.
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
        let most = usize::from(self.message.max_payload());
        if bytes.len() > most { wire(&answer.truncate()) } else { bytes }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name_of(&self.question))
    }
}

/// What an upstream answered.
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
        (is_answer && message.queries == asked.queries).then(|| Self { ttl: ttl(&message), message })
    }

    pub(crate) fn failure() -> Self {
        let mut message = Message::error_msg(0, OpCode::Query, ResponseCode::ServFail);
        message.metadata.recursion_available = true;
        Self { message, ttl: 0 }
    }

    /// The same, so many seconds later.
    pub(crate) fn after(&self, seconds: u64) -> Bytes {
        let mut message = self.message.clone();
        let passed = u32::try_from(seconds).unwrap_or(u32::MAX);
        let Message { answers, authorities, additionals, .. } = &mut message;
        for record in answers.iter_mut().chain(authorities).chain(additionals) {
            record.ttl = record.ttl.saturating_sub(passed);
        }
        wire(&message)
    }
}

/// The least TTL. What is cut off or failed is not kept; that something does not exist is good for as long as the zone says.
fn ttl(message: &Message) -> u32 {
    let is_whole = !message.metadata.truncation
        && matches!(message.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain);
    let ttls = message.answers.iter().chain(&message.authorities).map(|record| match &record.data {
        RData::SOA(soa) => record.ttl.min(soa.minimum),
        _ => record.ttl,
    });
    if is_whole { ttls.min().unwrap_or(0) } else { 0 }
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

/// What we make can be written; if not, an empty packet is what is said instead.
fn wire(message: &Message) -> Bytes {
    message.to_vec().map_or_else(|_| Bytes::new(), Bytes::from)
}
