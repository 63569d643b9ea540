//! Clauses: the syntax of endpoint forms. Elsewhere each is a compile error that says so.

/// Clause: what to do with a message. `on_message!(pattern => body, ..)`.
///
/// The arms are tried in order. A pattern takes the message apart by position. Only the places that
/// it names are decoded, each as the type of its field; a place under `_` or `..` is not looked at.
/// Literals, ranges, `|`, `@`, constants and guards work as in a `match`; a string literal is
/// compared with text of any type. If a place has several alternatives (`|`), the guard is asked
/// about the first one that fits, and about no other. A pattern that binds the whole message says
/// the type: `v: Value`. A type holds for what is not named, too: `_: u64` is about numbers, and
/// `(_, n): (Text, u64)` about pairs of a text and a number. If a message does not fit the pattern,
/// the next arm is tried. A pattern that nothing on the endpoint's topic has is an error.
///
/// The body is actions, or inside `match_state!(s: S => ..)` a transition. It may use `?`, and
/// inside `match_state!(s: &mut S => ..)` it may change the state before it gives actions. Forms
/// perform nothing, they give actions: an action that the body does not give back is not performed.
/// Branches of an `if` or `match` give trees of one type: `actions![..]` in each, or
/// `condition.then(|| action)` where there is only one.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { who: Symbol, what: Text }
///
/// fn endpoint() -> AddEndpoint<()> {
///     subscriber!(_, on_message!(
///         Says { who: "tony" | "bob", what } if !what.is_empty() => {
///             let times: u64 = what.trim().parse()?;
///             send_message!(Says { who: "echo", what: times.to_string().into() })
///         }
///         Says { who, .. } => send_message!(who),
///         n @ 1..=9u8 => send_message!(n),
///         other: Value => send_message!((other, 1u8)),
///     ))
/// }
/// # let _ = endpoint();
/// ```
///
/// An arm expands to
///
/// ```text
/// 'clause: {
///     let Some(message) = event.body() else { break 'clause };
///     let Some(parts) = message.record("Says", 2) else { break 'clause };   // found out at compile time
///     let Some(who) = decode(parts.at(0)) else { break 'clause };           // as a `Symbol`
///     return turn.act(body);
/// }
/// ```
#[macro_export]
macro_rules! on_message {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_message)
    };
}

/// Clause: what to do when a peer appears. `on_presence!(actions..)`, once for each peer.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = subscriber!(_, on_presence!(send_message!("hello")));
/// ```
///
/// It expands to `if event.is_presence() { return turn.act(actions); }`.
#[macro_export]
macro_rules! on_presence {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_presence)
    };
}

/// Clause: what to do when a peer disappears, or refuses. `on_absence!(actions..)`, once for each
/// peer.
///
/// It applies to refusals too, unless an [`on_refusal!`](crate::on_refusal) that stands before it
/// applies. An absence to which no clause applies is ignored, whatever its reason; but a refusal to
/// which none applies ends the process with it.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = subscriber!(_, on_absence!(quit()));
/// ```
///
/// It expands to `if event.is_absence() { return turn.act(actions); }`.
#[macro_export]
macro_rules! on_absence {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_absence)
    };
}

/// Clause: what to do when a supplier refuses ([`refuse`](crate::refuse())).
/// `on_refusal!(actions..)`.
///
/// The clause applies to refusals only; [`on_absence!`](crate::on_absence) applies to absences and
/// refusals. The first of the two that applies runs. An event is a refusal because of its kind,
/// never because of its reason: a process that dies *of* a refusal leaves ordinary absences.
/// [`match_reason!`](crate::match_reason) looks at the reason.
///
/// Refusals are of publishers, so an endpoint on the publishers' side hears none. A refusal to
/// which no clause applies ends the process with it; an endpoint that hears everything may ignore
/// it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// fn reader() -> Transition<()> {
///     transition_no_state!(subscriber!(
///         "news",
///         match_reason!(Reason::Refused(why) => on_refusal!(send_message!(("refused", why)))),
///         on_absence!(send_message!(("the paper is gone", ()))),
///     ))
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(spawn!(reader())));
/// sim.run();
/// sim.spawn(spawn!(transition_no_state!(refuse(topic!("news"), "no paper today"))));
/// // This one is a peer, and then ends for the reason of a refusal: that is an absence.
/// sim.spawn(spawn!(transition_no_state!(
///     publisher!("news"),
///     quit().because(Reason::Refused("no ink".into())),
/// )));
/// sim.run();
/// assert_eq!(sim.messages_of::<(Text, Text)>(), [("refused".into(), "no paper today".into())]);
/// assert_eq!(sim.messages_of::<(Text, ())>(), [("the paper is gone".into(), ())]);
/// ```
///
/// It expands to `if event.is_refusal() { return turn.act(actions); }`.
#[macro_export]
macro_rules! on_refusal {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_refusal)
    };
}

/// Clause: what to do when the new endpoint is shown no peer, so that a process that came too late
/// can go. `on_vacancy!(actions..)`.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = subscriber!(_, on_absence!(quit()), on_vacancy!(quit()));
/// ```
#[macro_export]
macro_rules! on_vacancy {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_vacancy)
    };
}

/// Clause: what to do when the program is about to end, on a signal or by
/// [`Vat::shutdown`](crate::vat::Vat::shutdown): the last word of a session.
/// `on_shutdown!(actions..)`.
///
/// Each endpoint with this clause hears it once, those of the youngest process first. Actions that
/// the processes ask for then are performed, with their effects, until none is left or 10,000 steps
/// were taken. Then the processes quit, with the reason `shutdown`, the youngest first.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| transition_no_state!(
///     subscriber!("order", on_shutdown!(send_message!("the kitchen is closed")))
/// ));
/// sim.run();
/// sim.shutdown();
/// sim.run();
/// assert_eq!(sim.messages_of::<Text>(), [Text::from("the kitchen is closed")]);
/// ```
///
/// It expands to `if event.is_shutdown() { return turn.act(actions); }`.
#[macro_export]
macro_rules! on_shutdown {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_shutdown)
    };
}

/// Clause: what to do when nobody has a reference to an object any more.
/// `on_release!(actions..)`, in [`object_of!`](crate::object_of).
///
/// It is the last turn of the object. A reference that comes into being in that turn does not save
/// it.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| {
///     let (object, here) = reference::<()>();
///     transition_no_state!(
///         object_of!(here, on_message!(_ => ()), on_release!(send_message!("nobody is left"))),
///         tell(move |cx| {
///             send(cx, &object, "hello", ());
///         }),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<Text>(), ["nobody is left"]);
/// ```
///
/// It expands to `if event.is_release() { return turn.act(actions); }`.
#[macro_export]
macro_rules! on_release {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_release)
    };
}

/// Clause: what to do when the first peer of a conversation appears.
/// `on_first_presence!(actions..)`. An endpoint with this clause counts its peers per conversation.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> =
///     observe_subscribers!((_, 1u8), on_first_presence!(send_message!("somebody is there")));
/// ```
#[macro_export]
macro_rules! on_first_presence {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_first_presence)
    };
}

/// Clause: what to do when the last peer of a conversation disappears.
/// `on_last_absence!(actions..)`. An endpoint with this clause counts its peers per conversation.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = observe_subscribers!((_, 1u8), on_last_absence!(quit()));
/// ```
#[macro_export]
macro_rules! on_last_absence {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_last_absence)
    };
}

/// Clause: what to do with an answer to what the process has [passed](crate::pass()).
/// `on_reply!(wire pattern, pattern => body, ..)`.
///
/// The first pattern is for the wire that was named in the pass, the second one for the answer;
/// both are written as in [`on_message!`](crate::on_message). A process may have this clause in any
/// of its endpoints: an answer goes to the process, whatever the topics of its endpoints are.
/// [`replies!`](crate::replies) is an endpoint for answers only.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// enum Sum { Is(i64), Overflows }
///
/// let endpoint: AddEndpoint<()> = replies!(on_reply!(
///     "sum", Sum::Is(sum) => send_message!(("the sum is", sum)),
///     ("sum of", name), Sum::Is(sum) if sum > 0 => {
///         let name: Text = name;
///         send_message!((name, sum))
///     }
///     _, Sum::Overflows => quit(),
/// ));
/// ```
///
/// While the clause runs, the event's duct is the rest below the process's own hop. A `pass` goes
/// onto that rest; by [`match_duct!`](crate::match_duct), a `give` on it answers the process that
/// waits for this one.
#[macro_export]
macro_rules! on_reply {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_reply)
    };
}

/// Clause: what to do when no answer will come to what the process has [passed](crate::pass()), or
/// when an answer that it gave did not arrive. `on_duct_absence!(actions..)`.
///
/// In the first case [`match_wire!`](crate::match_wire) gives the wire of the pass. In the second,
/// [`match_duct!`](crate::match_duct) gives the duct on which the process answered.
/// [`match_reason!`](crate::match_reason) says why.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = replies!(
///     match_wire!(wire: Text => match_reason!(reason: Reason =>
///         on_duct_absence!(send_message!((wire, reason.to_string()))))),
///     // The process that asked has gone.
///     on_duct_absence!(quit()),
/// );
/// ```
#[macro_export]
macro_rules! on_duct_absence {
    ($($clause:tt)*) => {
        $crate::__clause_elsewhere!(on_duct_absence)
    };
}

/// A clause outside an endpoint.
#[doc(hidden)]
#[macro_export]
macro_rules! __clause_elsewhere {
    ($clause:ident) => {
        ::core::compile_error!(::core::concat!(
            "`",
            ::core::stringify!($clause),
            "!` is a clause: it stands in an endpoint form, as in `subscriber!(topic, ",
            ::core::stringify!($clause),
            "!(..))`",
        ))
    };
}
