//! Clauses around clauses: they look at the event, or at the state, and lend it.

/// Clause around clauses: the event's [duct](crate::Duct), on which an answer goes.
/// `match_duct!(duct => clauses..)`.
///
/// It applies if there is somebody to answer: to a message that was [passed](crate::pass()) to this
/// process, and to a reply while somebody waits for this process in turn.
/// [`callee!`](crate::callee) is an endpoint for nothing else.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(n + 1)))));
/// ```
#[macro_export]
macro_rules! match_duct {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_duct)
    };
}

/// Clause around clauses: the wire of a reply, or of its absence.
/// `match_wire!(pattern => clauses..)`.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = replies!(match_wire!("sum" => on_duct_absence!(quit())));
/// ```
#[macro_export]
macro_rules! match_wire {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_wire)
    };
}

/// Clause around clauses: the state, moved in or lent. `match_state!(s: S => clauses..)`,
/// `match_state!(s: &S => clauses..)` or `match_state!(s: &mut S => clauses..)`.
///
/// - A state that is moved in (`S`): the body is a transition that puts a state back.
/// - A state that is lent (`&S`), as it is without this clause: the body is actions, and the state
///   stays.
/// - A state that is lent mutably (`&mut S`): the body changes it in place, and its value is
///   actions. A body that fails, by a panic or a `?`, takes the process with it: nobody sees a
///   change that is half done.
///
/// The type may be left out where a constructor names it: `Session::Busy { n, .. }` moves. With `&`
/// or `&mut` before it, and before each alternative, or `: &Session` or `: &mut Session` after it,
/// it lends. The state is looked at last: a clause that does not apply has moved and changed
/// nothing. Guards see the state, and cannot change it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Shop { open: bool, sold: u64 }
///
/// fn shop() -> Transition<Shop> {
///     transition!(Shop { open: true, sold: 0 }, subscriber!(_,
///         match_state!(shop: &mut Shop if shop.open => on_message!(
///             ("buy", n) => {
///                 let n: u64 = n;
///                 shop.sold += n;
///                 send_message!(("sold so far", shop.sold))
///             }
///             "close" => shop.open = false,
///         )),
///         on_message!(("buy", _) => send_message!("we are closed")),
///     ))
/// }
///
/// let mut sim = Sim::new(|_| shop());
/// sim.run();
/// for n in [2u64, 3] {
///     sim.send(&(Text::from("buy"), n));
/// }
/// sim.send(&Text::from("close"));
/// sim.send(&(Text::from("buy"), 1u64));
/// sim.run();
/// let sold = |n: u64| (Text::from("sold so far"), n);
/// assert_eq!(sim.messages_of::<(Text, u64)>()[3..], [sold(2), sold(5)]);
/// assert_eq!(sim.messages_of::<Text>().last(), Some(&"we are closed".into()));
/// ```
///
/// A state that is an enum is often moved in, since a clause makes one variant of another:
///
/// ```
/// use marketplace::prelude::*;
///
/// enum Session { Idle, Busy { jobs: Vec<u64> } }
///
/// fn endpoint() -> AddEndpoint<Session> {
///     subscriber!(_,
///         match_state!(Session::Busy { mut jobs } =>
///             on_message!(job: u64 => {
///                 jobs.push(job);
///                 transition!(Session::Busy { jobs }, send_message!("queued"))
///             })),
///         match_state!(Session::Busy { jobs } if jobs.is_empty() => on_absence!(transition!(Session::Idle, quit()))),
///         match_state!(session: &Session => on_presence!(matches!(session, Session::Idle).then(quit))),
///     )
/// }
/// # let _ = endpoint();
/// ```
///
/// It expands, moved, to
/// `match turn.take() { pattern if guard => return answer(turn, body), other => turn.put(other) }`
/// inside the other clauses; lent mutably, to
/// `match turn.state_mut() { pattern if guard => return turn.act(body), _ => {} }`.
#[macro_export]
macro_rules! match_state {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_state)
    };
}

/// Clause around clauses: what the event is about. `match_conversation!(pattern => clauses..)`.
///
/// For a presence or an absence, the conversation is what the endpoint and its peer have in common;
/// for a message, it is the message. Patterns are those of [`on_message!`](crate::on_message). A
/// named place that is wild does not match; a place under `_` may be wild.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { who: Symbol, what: Text }
///
/// fn endpoint() -> AddEndpoint<()> {
///     subscriber!(Says { .. }, match_conversation!(Says { who, .. } if who.as_str() != "me" =>
///         on_presence!(send_message!(("arrived", who))),
///         on_absence!(send_message!(("departed", who))),
///     ))
/// }
/// # let _ = endpoint();
/// ```
#[macro_export]
macro_rules! match_conversation {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_conversation)
    };
}

/// Clause around clauses: the peer's side. `match_orientation!(pattern => clauses..)`.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> =
///     subscriber!(_, match_orientation!(Orientation::Publisher => on_absence!(quit())));
/// ```
#[macro_export]
macro_rules! match_orientation {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_orientation)
    };
}

/// Clause around clauses: the peer's interest type. `match_interest_type!(pattern => clauses..)`.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> =
///     observe_publishers_everything!(_, match_interest_type!(InterestType::Observer => on_presence!(quit())));
/// ```
#[macro_export]
macro_rules! match_interest_type {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_interest_type)
    };
}

/// Clause around clauses: why a peer is gone. `match_reason!(pattern => clauses..)`.
///
/// The pattern is of type [`Reason`](crate::Reason), or of any message type: then it matches a
/// reason that is such a value, as in `match_reason!("deleted" => ..)`. It is matched whole.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Timeout(u32);
///
/// let endpoint: AddEndpoint<()> = subscriber!(_,
///     match_reason!(Reason::Refused(why) => on_refusal!(send_message!(("no", why)))),
///     match_reason!("moved" | "renamed" => on_absence!()),
///     match_reason!(Timeout(seconds) => on_absence!(send_message!(seconds))),
///     match_reason!(reason: Reason => on_absence!(quit().because(reason))),
/// );
/// ```
#[macro_export]
macro_rules! match_reason {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(match_reason)
    };
}
