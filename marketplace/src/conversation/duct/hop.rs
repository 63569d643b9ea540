//! One hop of a duct: the receiver of an answer, and the text that shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::conversation::called::Called;
use crate::conversation::duct::Loss;
use crate::conversation::duct::tower::Tower;
use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Fallen;
use crate::data::numbers::TowerId;
use crate::data::reference::Reference;
use crate::data::value::{Value, View};

/// Where an answer goes.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) to: Back,
    /// The wire with which the answer is told.
    pub(crate) wire: Value,
    /// The process's name: for people.
    pub(crate) name: Option<Value>,
    pub(crate) site: Arc<Site>,
}

/// The number of a message that a host has [passed](crate::GroundVm::pass): no two of one ground VM
/// have the same, even on the same wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PassId(pub(crate) u64);

/// The number of a VM among all that there are in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SiteNumber(u32);

impl SiteNumber {
    /// No VM has it. When all numbers have been given, VMs are made without one.
    pub(crate) const NONE: Self = Self(0);

    /// The number of a new VM.
    pub(crate) fn fresh() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(SiteNumber::NONE.0);
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| last.checked_add(1));
        last.map_or(Self::NONE, |last| Self(last + 1))
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

/// Where a VM stands.
pub(crate) struct Site {
    number: SiteNumber,
    pub(super) tower: Arc<Tower>,
    /// The VMs around its processes, from the outside, itself included.
    vm: Arc<[Pid]>,
    /// The names of the VMs around its processes, itself included: for people.
    shown: String,
    /// The VM has ended: nothing in it can be told anything any more.
    is_over: AtomicBool,
}

impl Site {
    /// The site of a ground VM.
    pub(crate) fn ground(id: TowerId) -> Arc<Self> {
        Self::of(Arc::new(Tower::new(id)), Arc::default(), String::new())
    }

    /// The site of a nested VM in a VM that stands here.
    pub(crate) fn nested(&self, pid: Pid, name: Option<&Value>) -> Arc<Self> {
        let mut shown = format!("{}/", self.shown);
        write_name(&mut shown, pid, name);
        let vm = self.vm.iter().copied().chain([pid]).collect();
        Self::of(self.tower.clone(), vm, shown)
    }

    fn of(tower: Arc<Tower>, vm: Arc<[Pid]>, shown: String) -> Arc<Self> {
        Arc::new(Self { number: SiteNumber::fresh(), tower, vm, shown, is_over: AtomicBool::new(false) })
    }

    #[inline]
    pub(crate) const fn number(&self) -> SiteNumber {
        self.number
    }

    /// The VM has ended.
    pub(crate) fn set_over(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether the VM has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// The VMs around its processes, from the outside, itself included.
    #[inline]
    pub(crate) const fn vm(&self) -> &Arc<[Pid]> {
        &self.vm
    }

    /// The way to a process of this VM, from the outermost VM: a process without a name goes by the
    /// code that boots it, the boot process is `boot`.
    pub(crate) fn path_of(&self, pid: Pid, name: Option<&Value>, called: Called) -> String {
        let mut shown = format!("{}/", self.shown);
        match (name, called.to_string()) {
            (None, called) if !called.is_empty() => shown.push_str(&called),
            (None, _) if pid == Pid::BOOT => shown.push_str("boot"),
            (name, _) => write_name(&mut shown, pid, name),
        }
        shown.split_off(1)
    }

    /// The way to the VM by names, from the outermost VM; empty for that.
    #[cfg(feature = "tokio")]
    pub(crate) fn path(&self) -> &str {
        self.shown.strip_prefix('/').unwrap_or_default()
    }

    /// Whether [`Site::take_fallen`] has losses to give.
    #[inline]
    pub(crate) fn has_fallen(&self) -> bool {
        self.tower.has_fallen()
    }

    /// Takes the losses of ducts, anywhere in the tower, whose last holder only looked on.
    pub(crate) fn take_fallen(&self) -> Vec<Loss> {
        self.tower.take_fallen()
    }

    /// Lets something fall, as an input of the tower.
    pub(crate) fn let_fall(&self, fallen: Fallen) {
        self.tower.let_fall(fallen);
    }

    /// The tower has ended: what falls from now on is of no account.
    pub(crate) fn close(&self) {
        self.tower.close();
    }

    /// Takes the references that fell on other threads.
    pub(crate) fn take_fallen_references(&self) -> Vec<Fallen> {
        self.tower.take_fallen_references()
    }

    /// Sets the closure that is called when there is such a loss, on whatever thread that is.
    #[cfg(feature = "tokio")]
    pub(crate) fn on_fall(&self, bell: impl Fn() + Send + Sync + 'static) {
        self.tower.set_bell(Box::new(bell));
    }

    /// The number of the tower.
    #[inline]
    pub(crate) fn tower_id(&self) -> TowerId {
        self.tower.id
    }

    pub(crate) fn is_of_tower(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.tower, &other.tower)
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Back {
    Host(PassId),
    Process {
        vm: Arc<[Pid]>,
        pid: Pid,
    },
    /// An answer settles the promise whose decider this is.
    Promise(Reference),
}

impl PartialEq for Hop {
    fn eq(&self, other: &Self) -> bool {
        self.site.is_of_tower(&other.site) && self.to == other.to && self.wire == other.wire
    }
}

impl Hop {
    /// Whether the host waits there.
    pub(crate) const fn is_hosts(&self) -> bool {
        matches!(self.to, Back::Host(_))
    }

    /// The hop for somebody who only looks on: it keeps nothing.
    pub(crate) fn seen(&self) -> Self {
        let to = match &self.to {
            Back::Promise(resolver) => Back::Promise(resolver.shown()),
            to => to.clone(),
        };
        let name = self.name.as_ref().map(Value::seen);
        Self { to, wire: self.wire.seen(), name, site: self.site.clone() }
    }

    /// The hop as `/vm/process/wire`; a host's as `//wire`. It is not shown at a site in another
    /// tower.
    pub(crate) fn shown_at(&self, site: &Site) -> String {
        if !self.site.is_of_tower(site) {
            return "of another tower".to_string();
        }
        let mut shown = format!("{}/", self.site.shown);
        if let Back::Process { pid, .. } = &self.to {
            write_name(&mut shown, *pid, self.name.as_ref());
        }
        shown.push('/');
        write_word(&mut shown, &self.wire);
        shown
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
        View::Text(text) => shown.push_str(text.shown()),
        View::Symbol(symbol) => shown.push_str(symbol.shown()),
        _ => shown.push_str(&value.to_string()),
    }
}
