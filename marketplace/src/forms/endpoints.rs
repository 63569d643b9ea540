//! Forms that give an endpoint.

/// An endpoint that publishes: `publisher!(topic, clauses..)` gives an
/// [`AddEndpoint`](crate::AddEndpoint).
///
/// # Topics
///
/// A topic is written as a template: a constructor with `_` for a wildcard and `..` for "the rest
/// are wild"; `_` alone is any topic. rustc checks the names, the number and the types of the
/// places.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { who: Symbol, what: Text }
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Reply<T> { id: u64, body: T }
///
/// fn endpoints(me: &Symbol) -> ActionTree<()> {
///     actions![
///         publisher!(Says { who: me, .. }),
///         publisher!(Says { who: "tony", what: _ }),
///         publisher!((_, 7u8)),
///         publisher!(Reply::<Text> { id: 1, .. }), // nothing else says what `body` is
///         publisher!(topic = Says { who: me.clone(), what: "computed".into() }.to_value()),
///     ]
/// }
/// # assert_eq!(endpoints(&"me".into()).len(), 5);
/// ```
///
/// A place holds an expression. A variable, a field or a reference is a `T` or a `&T` (for text
/// also a `&str`), a string literal is text, any other expression is a `T`. After `topic =` stands
/// any expression that is a [`Topic`](crate::Topic) or a [`Value`](crate::Value).
///
/// # Clauses
///
/// [`on_message!`](crate::on_message), [`on_presence!`](crate::on_presence),
/// [`on_absence!`](crate::on_absence), [`on_refusal!`](crate::on_refusal),
/// [`on_vacancy!`](crate::on_vacancy), [`on_first_presence!`](crate::on_first_presence) and
/// [`on_last_absence!`](crate::on_last_absence) say what to do;
/// [`match_conversation!`](crate::match_conversation), [`match_state!`](crate::match_state),
/// [`match_reason!`](crate::match_reason), [`match_orientation!`](crate::match_orientation) and
/// [`match_interest_type!`](crate::match_interest_type) stand around others. They are tried in
/// order; the first that applies runs, alone.
///
/// All clauses together become one `Fn + Send + 'static` closure. Every plain variable in a
/// template of the form, be it in its topic or in a template inside a body, that nothing inside the
/// form binds is cloned into that closure. Everything else is captured by move, as in any Rust
/// closure: a variable that ordinary code in two endpoints uses is cloned by hand, or lives in the
/// state. A body may use `?` on any error: the process then ends with it.
///
/// # Expansion
///
/// `publisher!(Says { who: me, .. }, on_absence!(quit()))` is in essence
///
/// ```
/// # use marketplace::prelude::*;
/// # fn endpoint(me: &Symbol) -> AddEndpoint<()> {
/// AddEndpoint::new(
///     Role::publisher(Topic::record("Says", [me.to_value().into(), Topic::any()])),
///     |event, turn| {
///         if event.is_absence() {
///             return turn.act(quit());
///         }
///         turn.skip()
///     },
/// )
/// # }
/// ```
#[macro_export]
macro_rules! publisher { ($($form:tt)*) => { $crate::__private::publisher! { $crate; $($form)* } } }

/// An endpoint that subscribes; otherwise like [`publisher!`](crate::publisher).
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Ping(u32);
///
/// fn pong() -> AddEndpoint<()> {
///     subscriber!(Ping(_), on_message!(Ping(n) => send_message!(Ping(n + 1))))
/// }
/// # let _ = pong();
/// ```
#[macro_export]
macro_rules! subscriber { ($($form:tt)*) => { $crate::__private::subscriber! { $crate; $($form)* } } }

/// An endpoint on the subscribers' side that looks on: publishers do not hear of it. Otherwise like
/// [`publisher!`](crate::publisher).
///
/// ```
/// use marketplace::prelude::*;
///
/// fn count() -> AddEndpoint<u32> {
///     observe_publishers!(_,
///         match_state!(n: u32 => on_presence!(transition!(n + 1)), on_absence!(transition!(n - 1))))
/// }
/// # let _ = count();
/// ```
#[macro_export]
macro_rules! observe_publishers { ($($form:tt)*) => { $crate::__private::observe_publishers! { $crate; $($form)* } } }

/// An endpoint on the publishers' side that looks on: subscribers do not hear of it. Otherwise like
/// [`publisher!`](crate::publisher): this is how a driver learns of demand.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Listen(u16);
///
/// fn listener(_port: u16) -> Transition<()> {
///     transition_no_state!()
/// }
///
/// fn driver() -> AddEndpoint<()> {
///     observe_subscribers!(Listen(_),
///         match_conversation!(Listen(port) => on_first_presence!(spawn!(listener(port)))))
/// }
/// # let _ = driver();
/// ```
#[macro_export]
macro_rules! observe_subscribers { ($($form:tt)*) => { $crate::__private::observe_subscribers! { $crate; $($form)* } } }

/// Like [`observe_publishers!`](crate::observe_publishers), and it hears of observers, too.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> =
///     observe_publishers_everything!(_, match_interest_type!(InterestType::Observer => on_presence!(quit())));
/// ```
#[macro_export]
macro_rules! observe_publishers_everything {
    ($($form:tt)*) => { $crate::__private::observe_publishers_everything! { $crate; $($form)* } }
}

/// Like [`observe_subscribers!`](crate::observe_subscribers), and it hears of observers, too.
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = observe_subscribers_everything!(_, on_presence!(quit()));
/// ```
#[macro_export]
macro_rules! observe_subscribers_everything {
    ($($form:tt)*) => { $crate::__private::observe_subscribers_everything! { $crate; $($form)* } }
}

/// A named endpoint of any role: `build_endpoint!(name, role, clauses..)`. Any expression that is a
/// message, or a reference to one, is a name; a string literal names by symbol.
///
/// ```
/// use marketplace::prelude::*;
///
/// fn endpoint(role: Role) -> AddEndpoint<()> {
///     build_endpoint!("session", role, on_absence!(delete_endpoint(Symbol::new("session"))))
/// }
/// # let _ = endpoint(Role::publisher(Topic::any()));
/// ```
///
/// It expands to `name_endpoint(name, AddEndpoint::new(role, handler))`, where the name is made a
/// [`Value`](crate::Value).
#[macro_export]
macro_rules! build_endpoint { ($($form:tt)*) => { $crate::__private::build_endpoint! { $crate; $($form)* } } }

/// An endpoint that meets nobody: for answers to what the process has [passed](crate::pass()).
/// `replies!(clauses..)`, with clauses such as [`on_reply!`](crate::on_reply) and
/// [`on_duct_absence!`](crate::on_duct_absence).
///
/// ```
/// use marketplace::prelude::*;
/// let endpoint: AddEndpoint<()> = replies!(on_reply!("sum", sum: i64 => send_message!(sum)));
/// ```
///
/// It expands to `observe_publishers!(topic = a fresh name, clauses..)`: an observer, whom nobody
/// takes for a peer.
#[macro_export]
macro_rules! replies { ($($form:tt)*) => { $crate::__private::replies! { $crate; $($form)* } } }

/// An endpoint that meets nobody: for what is [passed](crate::pass()) to the process.
/// `callee!(clauses..)`, with clauses such as
/// `match_duct!(duct => on_message!(pattern => give(&duct, ..)))`.
///
/// It hears every message that is passed to its process, and no message that is sent. Like any
/// endpoint of the process, it hears answers and absences of ducts. No endpoint takes it for a
/// peer, so none waits for it to go.
///
/// A `subscriber!(topic, match_duct!(..))` hears passed messages, too, if its topic matches them.
/// But it takes part in the network: publishers that it meets hear its presence, and it hears
/// messages that are sent, to which a clause inside [`match_duct!`](crate::match_duct) does not
/// apply. A message that is passed goes to the first endpoint of the process, in creation order,
/// that takes it and has a clause for it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// fn doubler() -> Transition<()> {
///     transition_no_state!(callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))))
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(
///     // It ends when nobody listens any more. The doubler is nobody.
///     publisher!("news", on_last_absence!(quit())),
///     spawn!(doubler()),
///     spawn!(transition_no_state!(subscriber!("news", on_presence!(quit())))),
/// ));
/// sim.run();
/// assert_eq!(sim.exits().len(), 2);
/// ```
///
/// It expands to [`AddEndpoint::callee(handler)`](crate::AddEndpoint::callee).
#[macro_export]
macro_rules! callee { ($($form:tt)*) => { $crate::__private::callee! { $crate; $($form)* } } }

/// Makes an object of clauses: `object_of!(here, clauses..)` gives an [`Action`](crate::Action).
///
/// The acting process then has an object, which hears what is sent to its reference. The clauses
/// have the state of the process, as those of an endpoint have it. They answer a message by a
/// [`give`](crate::give()) on its duct, as often as they like. If the duct is dropped without that,
/// the promise of the answer breaks, with
/// [`Broken::Unanswered`](crate::objects::Broken::Unanswered).
///
/// `here` comes from [`reference`](crate::objects::reference), with the reference itself, which can
/// be used and sent at once. A message is a tuple. Its first place is the verb: a
/// [`Symbol`](crate::Symbol), for which a text stands in a pattern.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// #[object]
/// trait Counter {
///     fn add(&mut self, n: u64) -> u64;
/// }
///
/// let mut sim = Sim::new(|_| {
///     let (counter, here) = reference::<dyn Counter>();
///     transition!(
///         0u64,
///         object_of!(here,
///             match_duct!(duct => match_state!(sum: &mut u64 => on_message!(("add", n) => {
///                 let n: u64 = n;
///                 *sum += n;
///                 give(&duct, &*sum)
///             }))),
///             on_release!(send_message!("released"))),
///         tell(|cx| counter.add(cx, 3)),
///         ask(|cx| counter.add(cx, 4), |sum, added| {
///             Ok(transition!(sum, send_message!(("sum", added?))))
///         }),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<(Text, u64)>(), [("sum".into(), 7)]);
/// assert_eq!(sim.messages_of::<Text>(), ["released"]);
/// ```
///
/// An object with methods is a type with [`#[object]`](macro@crate::objects::object).
#[macro_export]
macro_rules! object_of { ($($form:tt)*) => { $crate::__private::object_of! { $crate; $($form)* } } }
