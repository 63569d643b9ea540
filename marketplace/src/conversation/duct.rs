//! Ducts: the way on which answers go back.

mod classes;
mod falling;
mod hands;
mod hop;
mod node;
#[cfg(test)]
mod tests;
mod tower;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::conversation::duct::classes::DuctClass;
pub(crate) use crate::conversation::duct::falling::{Ended, Loss, fall};
pub(crate) use crate::conversation::duct::hands::{
    LetGo, Noting, Touched, hand_on, let_go_in_turn, letting_go, note_asked, note_wait, settle, take_touched,
    touch,
};
pub use crate::conversation::duct::hop::PassId;
pub(crate) use crate::conversation::duct::hop::{Back, Hop, Site, SiteNumber};
use crate::conversation::duct::node::Node;
pub(crate) use crate::conversation::duct::node::Pushed;
use crate::data::door;
use crate::data::message::Message;
use crate::data::numbers::ActionId;
use crate::data::opaque::Opaque;
use crate::data::value::{Value, View};

/// How many hops a duct may have. Passing on a longer one ends the process.
pub const MAX_HOPS: usize = 256;

/// The way back to the process that asked: a stack of hops. [`pass`](crate::pass()) pushes a hop,
/// and [`give`](crate::give()) pops one.
///
/// A process to which a message is passed finds the duct in the event
/// ([`Event::duct`](crate::Event::duct)) and gives on it no answer, one, or many: now, or later, if
/// it keeps the duct. It may hand the duct to another process, which then answers in its place.
///
/// A process holds a duct in its state, in its endpoints, and in the actions that it has asked for.
/// When it ends and nobody else holds the duct, the process that waits hears the [absence of the
/// duct](crate::Event::is_duct_absence), with the reason for which the holder ended. It hears the
/// absence too when a process ends through which the answer would come. When a living process lets
/// go of a duct, nobody is told. A message does not keep a duct that is in it: the process that
/// takes it out holds it.
///
/// An answer to a process that has gone, or that is of another tower, comes back to the giver: it
/// hears an absence of the duct, without a wire, with the reason `'gone`, whatever that process
/// ended of. If several ducts are lost at once, their absences are told in the order in which they
/// were passed.
///
/// A process cannot see the contents of a duct, neither by printing nor by hashing it: only the
/// [`DebugAuthority`](crate::log::DebugAuthority) of its tower shows them. Two ducts are equal if
/// the same processes wait for answers on the same wires.
///
/// The empty duct leads nowhere: an event to which no answer is expected has it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// // Answers whoever asks with the double.
/// fn doubler() -> Transition<()> {
///     transition_no_state!(callee!(match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))))
/// }
///
/// fn client() -> Transition<()> {
///     transition_no_state!(
///         spawn_continue!(child: doubler(), parent: |(): (), doubler: Result<Pid, Reason>|
///             transition_no_state!(doubler.ok().map(|doubler| pass(doubler, "doubled", &21u32)))),
///         replies!(on_reply!("doubled", n: u32 => send_message!(("answer", n)))),
///     )
/// }
///
/// let mut sim = Sim::new(|_| client());
/// sim.run();
/// assert_eq!(sim.messages_of::<(Text, u32)>(), [("answer".into(), 42)]);
/// ```
#[derive(Default)]
pub struct Duct {
    top: Option<Arc<Node>>,
    /// Whether it counts as held. A duct counts where somebody can give on it, and does not count
    /// in a message or where somebody only looks on.
    held: bool,
}

impl Duct {
    /// The duct that leads nowhere.
    pub const EMPTY: Self = Self { top: None, held: false };

    /// Whether it leads nowhere.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.top.is_none()
    }

    fn of(top: Option<Arc<Node>>) -> Self {
        if let Some(node) = &top {
            node.hand();
        }
        Self { held: top.is_some(), top }
    }

    /// The duct, for a holder that can give on it.
    pub(crate) fn held(&self) -> Self {
        if self.top.is_some() {
            touch();
        }
        Self::of(self.top.clone())
    }

    /// The duct, for somebody who only looks on.
    pub(crate) fn seen(&self) -> Self {
        Self { top: self.top.clone(), held: false }
    }

    /// Notes that an answer on the duct does not arrive, because the process that was to bring it
    /// ends. The duct need not be held.
    pub(crate) fn lose(&self) {
        if let Some(node) = &self.top {
            LetGo::new(node).hand_on();
        }
    }

    /// Notes the same of the word that no answer comes: the process that waits has not heard it.
    pub(crate) fn lose_nothing(&self) {
        if let Some(node) = &self.top {
            node.set_untold();
        }
        self.lose();
    }

    /// Notes that the process which waits is being told that no answer comes. It is told once: so
    /// this is true the first time, and if a holder of the duct ends afterwards, that is no news.
    pub(crate) fn tell_nothing(&self) -> bool {
        self.top.as_ref().is_some_and(|node| node.note_telling())
    }

    /// An answer is under way on it, so it is not held any more. The giver lives on.
    pub(crate) fn answered(&mut self) {
        *self = self.seen();
    }

    #[cfg(test)]
    fn is_held(&self) -> bool {
        self.top.as_ref().is_some_and(|node| node.is_held())
    }

    /// This duct with one hop more, which the action of this number pushes. A duct that has
    /// [`MAX_HOPS`] already comes back as it is.
    pub(crate) fn push(self, hop: Hop, action: ActionId) -> Result<Self, Self> {
        let hops = self.top.as_ref().map_or(0, |node| node.hops) + 1;
        if hops > MAX_HOPS {
            return Err(self);
        }
        Ok(Self::of(Some(Arc::new(Node::new(hop, action, self.seen(), hops)))))
    }

    /// The top hop and what is below it.
    pub(crate) fn top(&self) -> Option<(&Hop, &Self)> {
        self.top.as_ref().map(|node| (&node.hop, &node.rest))
    }

    /// The top hop, if somebody waits for its process in turn.
    pub(crate) fn pushed(&self) -> Option<Pushed> {
        self.top.as_ref().filter(|node| !node.rest.is_empty()).map(Pushed::on)
    }

    /// Ends it: no answer gets past the top hop.
    pub(crate) fn end(&self) {
        if let Some(node) = &self.top {
            node.end();
        }
    }

    /// The identity of the duct, which tells it from every other one, equal ones included.
    pub(crate) fn identity(&self) -> Option<*const Node> {
        self.top.as_ref().map(Arc::as_ptr)
    }

    /// The hops, from the top.
    pub(crate) fn hops(&self) -> impl Iterator<Item = &Hop> {
        std::iter::successors(self.top(), |(_, rest)| rest.top()).map(|(hop, _)| hop)
    }
}

impl Clone for Duct {
    fn clone(&self) -> Self {
        if self.held && !door::looks_on() { self.held() } else { self.seen() }
    }
}

impl Drop for Duct {
    fn drop(&mut self) {
        if self.held
            && let Some(node) = &self.top
        {
            node.let_go();
        }
    }
}

impl PartialEq for Duct {
    fn eq(&self, other: &Self) -> bool {
        match (&self.top, &other.top) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Duct {}

/// Equal ducts have equal hashes; the hash says nothing else of their contents.
impl Hash for Duct {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.top.as_ref().map_or(DuctClass::EMPTY, Node::class).number());
    }
}

impl fmt::Debug for Duct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "no duct" } else { "duct" })
    }
}

/// A duct in a message is an [opaque](Opaque) value. The process that takes it out holds it; a
/// message alone does not keep it.
impl Message for Duct {
    type Gives = Self;
    fn to_value(&self) -> Value {
        Opaque::new(self.seen()).into()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Opaque(opaque) => {
                let duct: &Self = opaque.downcast_ref()?;
                Some(if door::looks_on() { duct.seen() } else { duct.held() })
            }
            _ => None,
        }
    }
}
