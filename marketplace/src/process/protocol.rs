//! A protocol: the types of the values that two processes exchange over a duct.

use std::any::type_name;

use crate::conversation::duct::Duct;
use crate::conversation::pid::Pid;
use crate::data::message::Message;
use crate::data::text::Text;
use crate::data::value::Value;
use crate::data::value::from::IntoValue;
use crate::process::action::PreAction;
use crate::process::action::act::{give, pass};

/// A request and the answers to it: what one process [passes](crate::pass()) and another
/// [gives](crate::give()), checked by the compiler on both sides.
///
/// A value is the same for the process that sends it and for the process that gets it:
/// `decode(encode(request)) == request`, as for every [`Message`]. Any process can still pass any
/// value to a process. So the receiver reads what it gets, and an unexpected value is an error, not
/// a crash:
///
/// | Who | What | Does |
/// |-|-|-|
/// | the caller | [`pass`](Self::pass) | passes a request |
/// | the callee | [`request`](Self::request) | reads what it was passed |
/// | the callee | [`give`](Self::give) | gives an answer: as often as it wants, now or later |
/// | the callee | [`reject`](Self::reject) | says that it was passed something else than a request |
/// | the caller | [`reply`](Self::reply) | reads what it was given |
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::protocol::{Protocol, WrongCard};
/// use marketplace::sim::Sim;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Divide(i64, i64);
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// enum Divided { Is(i64), ByZero }
///
/// struct Division;
///
/// impl Protocol for Division {
///     type Request = Divide;
///     type Reply = Divided;
/// }
///
/// fn callee() -> Transition<()> {
///     transition_no_state!(callee!(match_duct!(duct => on_message!(card: Value => match Division::request(&card) {
///         Ok(Divide(_, 0)) => Division::give(&duct, &Divided::ByZero),
///         Ok(Divide(a, b)) => Division::give(&duct, &Divided::Is(a / b)),
///         Err(wrong) => Division::reject(&duct, &wrong),
///     }))))
/// }
///
/// fn caller(callee: Pid) -> Transition<()> {
///     transition_no_state!(
///         Division::pass(callee, "halves", &Divide(42, 2)),
///         pass(callee, "nonsense", &Symbol::new("please")),
///         replies!(on_reply!(wire: Text, card: Value => match Division::reply(&card) {
///             Ok(Divided::Is(n)) => send_message!((wire, n)),
///             Ok(Divided::ByZero) => send_message!((wire, "by zero")),
///             Err(WrongCard { card, .. }) => send_message!((wire, "not understood", card)),
///         })),
///     )
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(spawn_continue!(
///     child: callee(),
///     parent: |(): (), callee: Result<Pid, Reason>| transition_no_state!(callee.ok().map(|pid| spawn!(caller(pid)))),
/// )));
/// sim.run();
/// assert_eq!(sim.messages_of::<(Text, i64)>(), [("halves".into(), 21)]);
/// let rejected = ("nonsense".into(), "not understood".into(), "please".into());
/// assert_eq!(sim.messages_of::<(Text, Text, Symbol)>(), [rejected]);
/// ```
///
/// Something else than a request does not compile:
///
/// ```compile_fail,E0308
/// # use marketplace::prelude::*;
/// # use marketplace::protocol::Protocol;
/// # struct Length;
/// # impl Protocol for Length { type Request = Text; type Reply = u64; }
/// fn ask(callee: Pid) -> PreAction<()> {
///     Length::pass(callee, "length", &7u64)
/// }
/// ```
pub trait Protocol {
    /// The message that the caller passes.
    type Request: Message;
    /// The message that the callee gives, each time.
    type Reply: Message;

    /// Passes a request to a process: see [`pass`](crate::pass()).
    fn pass<S>(to: Pid, wire: impl IntoValue, request: &Self::Request) -> PreAction<S> {
        pass(to, wire, request)
    }

    /// Answers a request: see [`give`](crate::give()).
    fn give<S>(duct: &Duct, reply: &Self::Reply) -> PreAction<S> {
        give(duct, reply)
    }

    /// Tells the caller that its message was no request.
    fn reject<S>(duct: &Duct, wrong: &WrongCard) -> PreAction<S> {
        give(duct, wrong)
    }

    /// Reads the message that was passed.
    ///
    /// # Errors
    /// If it is not a request of this protocol.
    fn request(card: &Value) -> Result<Self::Request, WrongCard> {
        Self::Request::from_value(card).ok_or_else(|| WrongCard::new::<Self>(Side::Callee, card))
    }

    /// Reads the answer that was given.
    ///
    /// # Errors
    /// If it is not an answer of this protocol, or if the callee [says](Self::reject) that it was
    /// passed no request: [`WrongCard::side`] tells them apart.
    fn reply(card: &Value) -> Result<Self::Reply, WrongCard> {
        if let Some(rejected) = WrongCard::from_value(card) {
            return Err(rejected);
        }
        Self::Reply::from_value(card).ok_or_else(|| WrongCard::new::<Self>(Side::Caller, card))
    }
}

/// A value that came over a duct and is not of the [`Protocol`].
#[derive(marketplace_macros::Message, Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} of {protocol}: {card}", match .side { Side::Callee => "not a request", Side::Caller => "not a reply" })]
pub struct WrongCard {
    /// The protocol: the name of its type, for people.
    pub protocol: Text,
    /// The side that could not read it.
    pub side: Side,
    /// The value that came.
    pub card: Value,
}

/// An end of a duct.
#[derive(marketplace_macros::Message, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The process that passes, and is given answers.
    Caller,
    /// The process to which something is passed, and which gives answers.
    Callee,
}

impl WrongCard {
    fn new<P: Protocol + ?Sized>(side: Side, card: &Value) -> Self {
        Self { protocol: type_name::<P>().into(), side, card: card.clone() }
    }
}
