//! Demand matching: one supplier for each thing that is wanted, for as long as it is wanted.
//!
//! A [`Demand`] is the state of a process. The process's endpoints observe who wants what, and say
//! [`wanted`](Demand::wanted) and [`unwanted`](Demand::unwanted). The demand starts a supplier when
//! the first peer wants a thing, and ends it when the last one has gone.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::sim::Sim;
//! use marketplace_drivers::demand::Demand;
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Quote { of: Symbol, price: u64 }
//!
//! /// One feed for each name that anybody wants to hear of.
//! fn exchange() -> Transition<Demand<Symbol>> {
//!     transition!(
//!         Demand::new(|of: &Symbol| {
//!             let of = of.clone();
//!             spawn!(feed(of))
//!         }),
//!         observe_subscribers!(
//!             Quote { .. },
//!             match_conversation!(Quote { of, .. } => match_state!(demand: Demand<Symbol> =>
//!                 on_presence!(demand.wanted(of)),
//!                 on_absence!(demand.unwanted(&of)),
//!             )),
//!         ),
//!     )
//! }
//!
//! fn feed(of: Symbol) -> Transition<()> {
//!     transition_no_state!(publisher!(Quote { of, .. }, on_presence!(send_message!(Quote { of, price: 42 }))))
//! }
//!
//! fn reader(of: &str) -> Transition<()> {
//!     let of = Symbol::new(of);
//!     transition_no_state!(subscriber!(Quote { of, .. }, on_message!(Quote { .. } => quit())))
//! }
//!
//! let mut sim = Sim::new(|_| {
//!     transition_no_state!(spawn!(exchange()), spawn!(reader("gold")), spawn!(reader("gold")))
//! });
//! sim.run();
//! assert_eq!(sim.exits().len(), 3, "two readers, and the feed that nobody wants any more");
//! ```
//!
//! # What happens when
//!
//! | | then |
//! |---|---|
//! | the first peer comes that wants a thing | its supplier is started |
//! | one more peer comes, or one of several goes | nothing |
//! | the last peer goes | the supplier ends, with reason [`Reason::Normal`] |
//! | the last peer goes before the supplier has started | it ends as soon as it has |
//! | somebody wants it again while the old supplier still ends | a new one starts |
//! | the process ends whose state the demand is | its suppliers end, with its reason |
//! | a supplier ends by itself, or its boot fails, while it is wanted | the peers see its endpoints go; [`Demand::on_loss`] is called. The next peer that comes to want the thing makes a new one start |
//!
//! A supplier need not know any of this: it gets one endpoint more than it asks for
//! ([`Spawn::with_endpoint`](marketplace::Spawn::with_endpoint)). To have one that fails started
//! again, let it be a [supervisor](crate::supervisor)'s child.

use std::collections::BTreeMap;
use std::fmt;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::lifeline::{End, Lifeline, gone};

/// Which things are wanted, and their suppliers. [The module](self) shows how it is used.
pub struct Demand<K> {
    /// Nobody else has this name, so nobody else can name the lifelines.
    key: Fresh,
    wants: BTreeMap<K, Want>,
    next_serial: u64,
    supplier: Box<Supplier<K>>,
    on_loss: Box<OnLoss<K>>,
}

type Supplier<K> = dyn Fn(&K) -> Spawn<Demand<K>> + Send;
type OnLoss<K> = dyn Fn(&K, &Reason) -> ActionTree<Demand<K>> + Send;

struct Want {
    /// How many want it.
    by: usize,
    /// The supplier, if it has not ended.
    serial: Option<u64>,
}

impl<K: Ord + Clone + Send + 'static> Demand<K> {
    /// Nobody wants anything yet. `supplier` gives the process, or the nested VM, that supplies a
    /// thing.
    ///
    /// To be called in a turn: of a process, or in its boot. A continuation of the spawn is not
    /// called.
    pub fn new(supplier: impl Fn(&K) -> Spawn<Self> + Send + 'static) -> Self {
        Self {
            key: Fresh::new(),
            wants: BTreeMap::new(),
            next_serial: 0,
            supplier: Box::new(supplier),
            on_loss: Box::new(|_, _| ActionTree::new()),
        }
    }

    /// Sets the actions for when a supplier ends, for whatever reason, while the thing is wanted:
    /// none unless this says otherwise.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace_drivers::demand::Demand;
    ///
    /// # fn file(_: &Text) -> Spawn<Demand<Text>> { spawn!(transition_no_state!()) }
    /// let boot = || {
    ///     transition!(Demand::new(file)
    ///         .on_loss(|name: &Text, why| actions![send_message!((name, why.to_string()))]))
    /// };
    /// # let _: Spawn<()> = spawn!(boot());
    /// ```
    #[must_use]
    pub fn on_loss(mut self, actions: impl Fn(&K, &Reason) -> ActionTree<Self> + Send + 'static) -> Self {
        self.on_loss = Box::new(actions);
        self
    }

    /// How many things are wanted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wants.len()
    }

    /// Whether nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wants.is_empty()
    }

    /// Whether anybody wants this.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace_drivers::demand::Demand;
    ///
    /// /// Says no to more than a hundred different things.
    /// fn on_demand(demand: Demand<u64>, thing: u64) -> Transition<Demand<u64>> {
    ///     if demand.len() < 100 || demand.is_wanted(&thing) {
    ///         demand.wanted(thing)
    ///     } else {
    ///         transition!(demand, refuse(topic!(("supply", thing)), "busy"))
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_wanted(&self, thing: &K) -> bool {
        self.wants.contains_key(thing)
    }

    /// Counts one more peer that wants this.
    pub fn wanted(mut self, thing: K) -> Transition<Self> {
        let want = self.wants.entry(thing.clone()).or_insert(Want { by: 0, serial: None });
        want.by += 1;
        if want.serial.is_some() {
            return transition!(self);
        }
        let serial = self.next_serial;
        want.serial = Some(serial);
        self.next_serial += 1;
        let supplier = (self.supplier)(&thing)
            .with_endpoint(Role::subscriber(self.lifeline(serial, SUPPLIER)), |event| {
                gone(event, DEMAND).map(|(_, reason)| reason.clone())
            })
            .then({
                let thing = thing.clone();
                move |demand: Self, booted| match booted {
                    Ok(_) => transition!(demand),
                    Err(reason) => demand.ended(&thing, serial, &reason),
                }
            });
        let watch = name_endpoint(serial, self.watch(thing, serial));
        transition!(self, watch, supplier)
    }

    /// Counts one peer less that wants this. (If none did, nothing changes.)
    pub fn unwanted(mut self, thing: &K) -> Transition<Self> {
        let Some(want) = self.wants.get_mut(thing) else { return transition!(self) };
        want.by -= 1;
        if want.by > 0 {
            return transition!(self);
        }
        let supplier = want.serial;
        self.wants.remove(thing);
        transition!(self, supplier.map(delete_endpoint))
    }

    /// An endpoint that sees which things peers want. `things` gives the things that the peer of an
    /// event wants. It is not called for a refusal: then no peer goes, but some process refuses it.
    pub(crate) fn look<T: IntoIterator<Item = K> + 'static>(
        role: Role,
        things: fn(&Event<'_>) -> T,
    ) -> AddEndpoint<Self> {
        let look = move |event: &Event<'_>, turn: &mut Turn<'_, Self>| -> Outcome<Self> {
            let comes = event.is_presence();
            if !comes && (!event.is_absence() || event.is_refusal()) {
                return turn.act(());
            }
            turn.transition(|demand| {
                things(event).into_iter().fold(transition!(demand), |so_far, thing| {
                    so_far.then(
                        move |demand: Self| {
                            if comes { demand.wanted(thing) } else { demand.unwanted(&thing) }
                        },
                    )
                })
            })
        };
        AddEndpoint::new(role, look).without_messages()
    }

    /// Holds a supplier, and hears when it ends.
    fn watch(&self, thing: K, serial: u64) -> AddEndpoint<Self> {
        let topic = self.lifeline(serial, DEMAND);
        AddEndpoint::new(Role::publisher(topic), move |event: &Event<'_>, turn: &mut Turn<'_, Self>| {
            match gone(event, SUPPLIER) {
                Some((_, reason)) => turn.transition(|demand| demand.ended(&thing, serial, reason)),
                None => turn.act(()),
            }
        })
    }

    /// A supplier has ended, by itself or because nobody wants the thing any more.
    fn ended(mut self, thing: &K, serial: u64, reason: &Reason) -> Transition<Self> {
        let lost = match self.wants.get_mut(thing) {
            Some(want) if want.serial == Some(serial) => {
                want.serial = None;
                (self.on_loss)(thing, reason)
            }
            _ => ActionTree::new(),
        };
        transition!(self, delete_endpoint(serial), lost)
    }

    /// The topic that only the two ends of this supply share.
    fn lifeline(&self, serial: u64, end: End) -> Topic {
        Lifeline { label: "Supply", key: self.key, about: serial }.end(end, &serial)
    }
}

/// The two ends of a supply.
const DEMAND: End = End::First;
const SUPPLIER: End = End::Second;

impl<K: fmt::Debug> fmt::Debug for Demand<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.wants.iter().map(|(thing, want)| (thing, want.by))).finish()
    }
}

#[cfg(test)]
mod tests;
