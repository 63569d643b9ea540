//! The way on which answers go back.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
/// many: now, or later, if it keeps the duct. It may hand the duct to another process, which then answers in its place.
///
/// A process has a duct in its state, in its endpoints, and in the actions that it has asked for. When it ends and nobody else has the duct, whoever
/// waits hears the [absence of the duct](crate::Event::is_duct_absence), with the reason for which the process ended; so too when a process ends through which the
/// answer would come. A living process that lets go of a duct has nothing to say: that is told to nobody. A message does not keep a duct that is
/// in it: whoever takes it out has it.
///
/// What is on it, a process cannot see: only [`DebugAuthority`](crate::log::DebugAuthority) shows it. Two ducts are equal if the same processes wait for
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
pub struct Duct {
    top: Option<Arc<Node>>,
    /// Whether it is in the hands of somebody who could give on it: not of one who only looks on, and not in a message.
    good: bool,
}

/// The top of a duct and what is below it.
pub(crate) struct Node {
    hop: Hop,
    /// Not good by itself.
    rest: Duct,
    hops: usize,
    /// How many ducts with this top are good, those below the hop of a living process included.
    good: AtomicUsize,
    /// It counts for the duct below it: there may be an answer, with which its process gets that back.
    holds: AtomicBool,
    /// Its process has gone, or knows that there will be none.
    over: AtomicBool,
    /// A process that ends has let go of it: what comes of that is not settled yet.
    pending: AtomicBool,
    /// Its process is being told that there will be no answer.
    told: AtomicBool,
}

thread_local! {
    /// Whether a process that ends lets go of ducts, and of how many there have been in all the ends that are under way.
    static LETS_GO: Cell<bool> = const { Cell::new(false) };
    static LOST_SO_FAR: Cell<usize> = const { Cell::new(0) };
    static LOST: RefCell<Vec<Duct>> = const { RefCell::new(Vec::new()) };
    static TOUCHED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a duct has come into somebody's hands since this was last asked.
#[inline]
pub(crate) fn was_touched() -> bool {
    TOUCHED.replace(false)
}

/// Whoever is made next may have got a duct from who makes it.
pub(crate) fn touch() {
    TOUCHED.set(true);
}

/// A process has let go of these and goes on: what is below them nobody has.
pub(crate) fn settle(let_go: &[Duct]) {
    for duct in let_go {
        if let Some(node) = &duct.top
            && !duct.is_kept()
        {
            node.let_go_quietly();
        }
    }
}

/// Does this in the name of a process that ends. Gives the ducts of which it lets go: somebody else may still have them.
#[inline]
pub(crate) fn letting_go<R>(work: impl FnOnce() -> R) -> (R, Vec<Duct>) {
    let (outer, before) = (LETS_GO.replace(true), LOST_SO_FAR.get());
    let result = work();
    LETS_GO.set(outer);
    let lost = match LOST_SO_FAR.replace(before) {
        now if now == before => Vec::new(),
        _ => LOST.with_borrow_mut(|lost| lost.split_off(before)),
    };
    (result, lost)
}

impl Node {
    /// One more duct with this top is good.
    fn count(&self) {
        if self.good.fetch_add(1, Ordering::AcqRel) == 0
            && !self.over.load(Ordering::Acquire)
            && let Some(below) = &self.rest.top
            && !self.holds.swap(true, Ordering::AcqRel)
        {
            below.count();
        }
    }

    fn let_go(&self) {
        if self.holds.swap(false, Ordering::AcqRel) {
            self.rest.release();
        }
    }

    /// Nobody has it, and nobody is told.
    fn let_go_quietly(&self) {
        if !self.pending.load(Ordering::Acquire) {
            self.let_go();
        }
    }

    fn end(&self) {
        self.over.store(true, Ordering::Release);
        self.let_go();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// A hop that a process has pushed on a duct: for whoever waits for the process in turn.
pub(crate) struct Pushed(Weak<Node>);

impl Pushed {
    pub(crate) fn is_there(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl Drop for Pushed {
    /// The process has ended: no answer gets past it.
    fn drop(&mut self) {
        if let Some(node) = self.0.upgrade() {
            node.end();
        }
    }
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
    pub const EMPTY: Self = Self { top: None, good: false };

    /// Whether it leads nowhere.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.top.is_none()
    }

    fn of(top: Option<Arc<Node>>) -> Self {
        if let Some(node) = &top {
            node.count();
        }
        Self { good: top.is_some(), top }
    }

    /// The same, for somebody who could give on it.
    pub(crate) fn good(&self) -> Self {
        TOUCHED.set(self.top.is_some() || TOUCHED.get());
        Self::of(self.top.clone())
    }

    /// The same, for somebody who only looks on.
    pub(crate) fn shown(&self) -> Self {
        Self { top: self.top.clone(), good: false }
    }

    /// Whether anybody could give on it.
    pub(crate) fn is_kept(&self) -> bool {
        self.top.as_ref().is_some_and(|node| node.good.load(Ordering::Acquire) > 0)
    }

    /// Whether it is time to tell whoever waits that nobody can give on it any more: once.
    pub(crate) fn is_over(&self) -> bool {
        let told = |node: &Arc<Node>| node.told.swap(true, Ordering::AcqRel);
        !self.is_kept() && self.top.as_ref().is_some_and(|node| !told(node))
    }

    /// This duct with one hop more; `None` if it has [`MAX_HOPS`] already.
    pub(crate) fn push(self, hop: Hop) -> Option<Self> {
        let hops = self.top.as_ref().map_or(0, |node| node.hops) + 1;
        (hops <= MAX_HOPS).then(|| {
            Self::of(Some(Arc::new(Node {
                hop,
                rest: self.shown(),
                hops,
                good: AtomicUsize::new(0),
                holds: AtomicBool::new(false),
                over: AtomicBool::new(false),
                pending: AtomicBool::new(false),
                told: AtomicBool::new(false),
            })))
        })
    }

    /// The top hop and what is below it.
    pub(crate) fn top(&self) -> Option<(&Hop, &Self)> {
        self.top.as_ref().map(|node| (&node.hop, &node.rest))
    }

    /// The top hop, if somebody waits for its process in turn.
    pub(crate) fn pushed(&self) -> Option<Pushed> {
        self.top.as_ref().filter(|node| !node.rest.is_empty()).map(|node| Pushed(Arc::downgrade(node)))
    }

    /// A process that ends has let go of it, and will be gone soon; or that is settled.
    pub(crate) fn set_pending(&self, pending: bool) {
        if let Some(node) = &self.top {
            node.pending.store(pending, Ordering::Release);
        }
    }

    /// Whoever pushed the top hop has been told that no answer comes.
    pub(crate) fn let_go_below(&self) {
        if let Some(node) = &self.top {
            node.end();
        }
    }

    /// What tells it from every other one, equal ones included.
    pub(crate) fn identity(&self) -> Option<*const Node> {
        self.top.as_ref().map(Arc::as_ptr)
    }

    fn release(&self) {
        if let Some(node) = &self.top {
            let last = node.good.fetch_sub(1, Ordering::AcqRel) == 1;
            // Nobody has it: whoever is told of a process's end may get back what is below; otherwise nobody does.
            let noted = || LOST.try_with(|lost| lost.borrow_mut().push(self.shown())).is_ok();
            if LETS_GO.get() && noted() {
                LOST_SO_FAR.set(LOST_SO_FAR.get() + 1);
            } else if last {
                node.let_go_quietly();
            }
        }
    }

    /// The hops, from the top.
    pub(crate) fn hops(&self) -> impl Iterator<Item = &Hop> {
        std::iter::successors(self.top(), |(_, rest)| rest.top()).map(|(hop, _)| hop)
    }
}

impl Clone for Duct {
    fn clone(&self) -> Self {
        if self.good && !door::looks_on() { self.good() } else { self.shown() }
    }
}

impl Drop for Duct {
    fn drop(&mut self) {
        if self.good {
            self.release();
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
        match (&self.top, &other.top) {
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

/// A duct in a message is an [opaque](Opaque) value. Whoever takes it out has it; a message alone does not keep it.
impl Message for Duct {
    fn to_value(&self) -> Value {
        Opaque::new(self.shown()).into()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Opaque(opaque) => {
                let duct: &Self = opaque.downcast_ref()?;
                Some(if door::looks_on() { duct.shown() } else { duct.good() })
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn duct() -> Duct {
        let hop = Hop { to: Back::Host, wire: Value::UNIT, name: None, site: Site::ground() };
        Duct::EMPTY.push(hop).unwrap_or_default()
    }

    #[test]
    fn each_end_has_what_was_let_go_of_in_it() {
        let ducts: [Duct; 6] = std::array::from_fn(|_| duct());
        let known = ducts.each_ref().map(Duct::identity);
        let [before, first, inner, innermost, second, after] = ducts;
        drop(before);
        let (inside, outside) = letting_go(|| {
            drop(first);
            let (deepest, inside) = letting_go(|| {
                let ((), deepest) = letting_go(|| drop(innermost));
                drop(inner);
                deepest
            });
            assert!(letting_go(|| ()).1.is_empty());
            drop(second);
            [deepest, inside]
        });
        drop(after);
        let let_go = [inside, [outside, letting_go(|| ()).1]].concat();
        let let_go = let_go.iter().map(|ducts| ducts.iter().map(Duct::identity).collect::<Vec<_>>());
        let [_, first, inner, innermost, second, _] = known;
        let expected = [vec![innermost], vec![inner], vec![first, second], vec![]];
        assert!(let_go.eq(expected));
    }
}
