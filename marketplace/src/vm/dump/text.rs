//! Dumps as text.

use std::fmt::{self, Write};

use crate::conversation::pid::Pid;
use crate::data::one_line::{OneLine, one_line};
use crate::record::trace::Call;
use crate::vm::dump::objects::{DumpedDecider, DumpedObject, DumpedPlace, DumpedPromise, DumpedWaiter};
use crate::vm::dump::{Dump, DumpedAction, DumpedEndpoint, DumpedOuter, DumpedProcess};

impl Dump {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        for process in &self.processes {
            process.write(f, indent)?;
        }
        for promise in &self.promises {
            writeln!(f, "{:indent$}{}", "", promise.within(&self.vm))?;
        }
        let more = self.promise_count.saturating_sub(self.promises.len());
        if more > 0 {
            writeln!(f, "{:indent$}{more} more promises", "")?;
        }
        for action in &self.queue {
            writeln!(f, "{:indent$}queued: {action}", "")?;
        }
        let more = self.queued.saturating_sub(self.queue.len());
        if more > 0 { writeln!(f, "{:indent$}queued: {more} more", "") } else { Ok(()) }
    }
}

impl DumpedProcess {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        write!(f, "{:indent$}{}", "", self.pid)?;
        match (&self.name, &self.function) {
            (Some(name), _) => write!(f, " {}", one_line(name))?,
            (None, Some(function)) => write!(f, " {function}")?,
            (None, None) => {}
        }
        if self.inside.is_some() {
            f.write_str(" (a VM)")?;
        }
        if self.failed {
            f.write_str(" (failed)")?;
        }
        writeln!(f)?;
        let inner = indent + 2;
        for endpoint in &self.endpoints {
            writeln!(f, "{:inner$}{endpoint}", "")?;
        }
        for DumpedOuter { levels, name, .. } in &self.outer {
            let name = one_line(name);
            match levels {
                1 => writeln!(f, "{:inner$}outside: {name}", "")?,
                levels => writeln!(f, "{:inner$}{levels} levels outside: {name}", "")?,
            }
        }
        for object in &self.objects {
            writeln!(f, "{:inner$}object {object}", "")?;
        }
        let more = self.object_count.saturating_sub(self.objects.len());
        if more > 0 {
            writeln!(f, "{:inner$}{more} more objects", "")?;
        }
        match self.awaits {
            0 => {}
            1 => writeln!(f, "{:inner$}waits for a promise, or the end of an object", "")?,
            more => writeln!(f, "{:inner$}waits for {more} promises, or ends of objects", "")?,
        }
        self.inside.as_ref().map_or(Ok(()), |vm| vm.write(f, inner))
    }
}

/// Its reference and its type, and how many handles hold it: of these, where those are that the VM
/// sees.
impl fmt::Display for DumpedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}, held by {}", self.reference, self.kind, self.held)?;
        let places = [
            (self.queued, "in the queue"),
            (self.promised, "at promises"),
            (self.named, "in topics and names"),
            (self.waits, "as it waits for promises"),
            (self.unseen(), "out of sight (states, closures, hosts)"),
        ];
        let mut between = ": ";
        for (count, place) in places {
            if count > 0 {
                write!(f, "{between}{count} {place}")?;
                between = ", ";
            }
        }
        Ok(())
    }
}

/// Its reference, who settles it, who waits for it, and how many messages wait there. The processes
/// are those of the ground VM, or are named with the VMs around them.
impl fmt::Display for DumpedPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.within(&[]).fmt(f)
    }
}

impl DumpedPromise {
    /// The promise as text, for somebody in this VM.
    pub(crate) const fn within<'d>(&'d self, vm: &'d [Pid]) -> Within<'d, Self> {
        Within(self, vm)
    }
}

/// Something as somebody in this VM sees it.
pub(crate) struct Within<'d, T>(&'d T, &'d [Pid]);

impl fmt::Display for Within<'_, DumpedPromise> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(&mut OneLine(f), self.1)
    }
}

impl DumpedPromise {
    fn write(&self, f: &mut impl Write, vm: &[Pid]) -> fmt::Result {
        let kind = if self.is_object { "object to come" } else { "promise" };
        write!(f, "{kind} {:?}: ", self.reference)?;
        self.decider.write(f, vm)?;
        for (at, waiter) in self.waits.iter().enumerate() {
            f.write_str(if at == 0 { "; for it waits " } else { ", " })?;
            waiter.write(f, vm)?;
        }
        let more = self.waiters.saturating_sub(self.waits.len());
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        match (self.messages, &self.first) {
            (0, _) => Ok(()),
            (1, Some(first)) => write!(f, "; a message waits at it: {}", Call(first)),
            (messages, Some(first)) => {
                write!(f, "; {messages} messages wait at it, the first is {}", Call(first))
            }
            (messages, None) => write!(f, "; {messages} messages wait at it"),
        }
    }
}

impl DumpedDecider {
    fn write(&self, f: &mut impl Write, vm: &[Pid]) -> fmt::Result {
        match self {
            Self::Message { to, by: Some(by) } => {
                write!(f, "{} is to answer a queued message to {to:?}", by.within(vm))
            }
            Self::Message { to, by: None } => write!(f, "the answer to a queued message to {to:?}"),
            Self::Waiting(at) => write!(f, "the answer to a message that waits at {at:?}"),
            Self::Answer => f.write_str("its answer is queued"),
            Self::When { by, on: Some(on) } => {
                write!(f, "{} settles it, and waits for {on:?} before", by.within(vm))
            }
            Self::When { by, on: None } => write!(f, "{} settles it", by.within(vm)),
            Self::Follows(next) => write!(f, "follows {next:?}"),
            Self::Several { .. } => f.write_str("settled when several others are"),
            Self::Drains(to) => write!(f, "settled with {to:?}; what has waited is being delivered"),
            Self::Forwarded(here) => {
                write!(f, "somebody else settles it; till then {here:?} hears what is sent to it")
            }
            Self::Arrives(place) => write!(f, "{} is about to make it", place.within(vm)),
            Self::Unseen => f.write_str("somebody settles it whom the VM does not see"),
        }
    }
}

impl DumpedWaiter {
    fn write(&self, f: &mut impl Write, vm: &[Pid]) -> fmt::Result {
        match self {
            Self::Process(place) => write!(f, "{}", place.within(vm)),
            Self::Promise(promise) => write!(f, "{promise:?}"),
            Self::Duct(Some(place)) => write!(f, "{} by a duct", place.within(vm)),
            Self::Duct(None) => f.write_str("somebody by a duct"),
            Self::Host => f.write_str("the host"),
        }
    }
}

impl DumpedPlace {
    const fn within<'d>(&'d self, vm: &'d [Pid]) -> Within<'d, Self> {
        Within(self, vm)
    }
}

/// The process by its PID, if it is in this VM; or else with the VMs around it.
impl fmt::Display for Within<'_, DumpedPlace> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(DumpedPlace { vm, pid }, here) = self;
        if **vm != **here {
            f.write_char('/')?;
            vm.iter().try_for_each(|pid| write!(f, "{pid}/"))?;
        }
        write!(f, "{pid}")
    }
}

/// As `p3` in the ground VM, or as `/p3/p1`.
impl fmt::Display for DumpedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.within(&[]).fmt(f)
    }
}

/// Each process on a line, with its name or else the function that booted it; its endpoints and, if
/// it is a VM, its processes indented below it; then the queue.
impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl fmt::Display for DumpedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        write!(f, "endpoint {}", self.id)?;
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        write!(f, ": {}", self.role)?;
        let mut first = true;
        for peer in &self.peers {
            write!(f, "{} {peer}", if first { ", hears" } else { "," })?;
            first = false;
        }
        let more = self.present - self.peers.len();
        if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
    }
}

impl fmt::Display for DumpedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "{pid} {}", self.action),
            None => write!(f, "host {}", self.action),
        }
    }
}
