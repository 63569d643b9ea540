//! The way on which answers go back.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

use crate::door;
use crate::message::Message;
use crate::opaque::Opaque;
use crate::pid::Pid;
use crate::value::{Value, View};

/// How many hops a duct may have. Passing on a longer one ends the process.
pub const MAX_HOPS: usize = 256;

/// The way back to whoever asked: a stack of hops, on which [`pass`](crate::pass()) pushes one and [`give`](crate::give()) pops one.
///
/// A process that is passed something finds the duct in the event ([`Event::duct`](crate::Event::duct)) and gives on it no answer, one, or
/// many: now, or later, if it keeps the duct. It may hand the duct to another process, which then answers in its place. What is on it, a
/// process cannot see: only [`DebugAuthority`](crate::log::DebugAuthority) shows it. Two ducts are equal if the same processes wait for
/// answers on the same wires.
///
/// The empty duct leads nowhere: it is that of an event to which no answer is expected.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// // Answers whoever asks with the double.
/// fn doubler() -> Transition<()> {
///     transition_no_state!(subscriber!(_, match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))))
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
pub struct Duct(Option<Arc<Node>>);

/// The top of a duct and what is below it.
pub(crate) struct Node {
    hop: Hop,
    rest: Duct,
    hops: usize,
}

/// Where an answer goes.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) to: Back,
    /// What the answer is told by.
    pub(crate) wire: Value,
    /// The process's name: for people.
    pub(crate) name: Option<Value>,
    pub(crate) site: Arc<Site>,
}

/// Where a VM stands.
pub(crate) struct Site {
    /// One for all VMs of a tower.
    tower: Arc<()>,
    /// The names of the VMs around its processes, itself included: for people.
    shown: String,
}

impl Site {
    /// That of a ground VM.
    pub(crate) fn ground() -> Arc<Self> {
        Arc::new(Self { tower: Arc::new(()), shown: String::new() })
    }

    /// That of a nested VM in a VM that stands here.
    pub(crate) fn nested(&self, pid: Pid, name: Option<&Value>) -> Arc<Self> {
        let mut shown = format!("{}/", self.shown);
        write_name(&mut shown, pid, name);
        Arc::new(Self { tower: self.tower.clone(), shown })
    }

    pub(crate) fn is_of_tower(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.tower, &other.tower)
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Back {
    Host,
    Process { vm: Arc<[Pid]>, pid: Pid },
}

impl Duct {
    /// The duct that leads nowhere.
    pub const EMPTY: Self = Self(None);

    /// Whether it leads nowhere.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// This duct with one hop more; `None` if it has [`MAX_HOPS`] already.
    pub(crate) fn push(self, hop: Hop) -> Option<Self> {
        let hops = self.0.as_ref().map_or(0, |node| node.hops) + 1;
        (hops <= MAX_HOPS).then(|| Self(Some(Arc::new(Node { hop, rest: self, hops }))))
    }

    /// The top hop and what is below it.
    pub(crate) fn top(&self) -> Option<(&Hop, &Self)> {
        self.0.as_ref().map(|node| (&node.hop, &node.rest))
    }

    /// Does not keep it.
    pub(crate) fn watch(&self) -> Watched {
        Watched(self.0.as_ref().map_or_else(Weak::new, Arc::downgrade))
    }

    /// The hops, from the top.
    pub(crate) fn hops(&self) -> impl Iterator<Item = &Hop> {
        std::iter::successors(self.top(), |(_, rest)| rest.top()).map(|(hop, _)| hop)
    }
}

/// A duct that somebody else keeps.
pub(crate) struct Watched(Weak<Node>);

impl Watched {
    /// Whether anybody can still give on it.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub(crate) fn get(&self) -> Option<Duct> {
        self.0.upgrade().map(|node| Duct(Some(node)))
    }
}

impl Clone for Duct {
    /// A clone for somebody who only looks on does not count as one with which an answer could be given.
    fn clone(&self) -> Self {
        match &self.0 {
            Some(node) if door::looks_on() => {
                let Node { hop, rest, hops } = &**node;
                Self(Some(Arc::new(Node { hop: hop.clone(), rest: rest.clone(), hops: *hops })))
            }
            node => Self(node.clone()),
        }
    }
}

impl PartialEq for Hop {
    fn eq(&self, other: &Self) -> bool {
        self.site.is_of_tower(&other.site) && self.to == other.to && self.wire == other.wire
    }
}

impl PartialEq for Duct {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.hops == b.hops && a.hop == b.hop && a.rest == b.rest,
            _ => false,
        }
    }
}

impl Eq for Duct {}

impl Hash for Duct {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some((hop, _)) = self.top() {
            hop.to.hash(state);
            hop.wire.hash(state);
        }
    }
}

impl fmt::Debug for Duct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "no duct" } else { "duct" })
    }
}

/// A duct in a message is an [opaque](Opaque) value.
impl Message for Duct {
    fn to_value(&self) -> Value {
        Opaque::new(self.clone()).into()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Opaque(opaque) => opaque.downcast_ref().cloned(),
            _ => None,
        }
    }
}

/// As `/vm/process/wire`; of the host, `//wire`.
impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = format!("{}/", self.site.shown);
        if let Back::Process { pid, .. } = &self.to {
            write_name(&mut shown, *pid, self.name.as_ref());
        }
        shown.push('/');
        write_word(&mut shown, &self.wire);
        f.write_str(&shown)
    }
}

fn write_name(shown: &mut String, pid: Pid, name: Option<&Value>) {
    match name {
        Some(name) => write_word(shown, name),
        None => shown.push_str(&pid.to_string()),
    }
}

/// Text and symbols as they are.
fn write_word(shown: &mut String, value: &Value) {
    match value.view() {
        View::Text(text) => shown.push_str(text),
        View::Symbol(symbol) => shown.push_str(symbol.as_str()),
        _ => shown.push_str(&value.to_string()),
    }
}
