//! Looking inside a ground VM, and acting in there out of turn.

use crate::conversation::called::Called;
use crate::conversation::pid::Pid;
use crate::conversation::role::{Orientation, Role};
use crate::data::message::Message;
use crate::data::numbers::TurnId;
use crate::data::reason::IntoReason;
#[cfg(feature = "shell")]
use crate::data::reference::ReferenceId;
use crate::ground_vm::GroundVm;
use crate::process::Context;
#[cfg(debug_assertions)]
use crate::process::WhyMissed;
use crate::process::action::{Act, Ending};
use crate::process::{Misnamed, Missed, NeverMet, Stuck, Twins, UnheardError, Unmet};
use crate::record::log::{DebugAuthority, Log, Snapshot};
use crate::record::trace::Trace;
use crate::record::watched::TurnWatch;
use crate::vm::Vm;
#[cfg(feature = "tokio")]
use crate::vm::dump::Census;
use crate::vm::dump::Dump;
#[cfg(feature = "shell")]
use crate::vm::dump::Numbered;

impl GroundVm {
    /// The trace so far.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.context.recorder.trace()
    }

    /// The last turns, as far as its log is [on](Log::turn_on).
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.context.recorder.log
    }

    /// The log, to turn it on and off, resize it and clear it.
    pub const fn log_mut(&mut self) -> &mut Log {
        &mut self.context.recorder.log
    }

    /// Turns verb on or off: a line for each action, indented by how deep its cause lies, as
    /// [`Output::Verb`](crate::Output::Verb). For people; off at first.
    pub fn set_verb(&mut self, on: bool) {
        self.context.recorder.set_verb(on);
    }

    /// Whether verb is on.
    #[must_use]
    pub const fn is_verb(&self) -> bool {
        self.context.recorder.is_verb()
    }

    /// Lets another thread look at its turns while they run.
    ///
    /// A turn takes 20 instructions, or 5 ns, more then.
    pub fn watch_turns(&mut self) -> TurnWatch {
        let watched = self.context.recorder.watched();
        if let Some(vm) = &self.vm {
            watched.know(&vm.processes.path, &vm.processes.site, Called::NOTHING);
        }
        watched.watch()
    }

    /// The right to see the contents of its ducts.
    #[must_use]
    pub fn debug_authority(&self) -> DebugAuthority {
        match &self.vm {
            Some(vm) => DebugAuthority::new(vm.processes.site.clone()),
            None => unreachable!("no handler is running"),
        }
    }

    /// The processes, endpoints and queues of the ground VM and of the VMs in it, as they are now.
    pub fn dump(&mut self) -> Dump {
        self.vm_mut().dump()
    }

    /// The process that has most actions waiting, [by names](crate::Exit::path), and how many; in
    /// nested VMs, too. Looks at every process.
    pub fn busiest(&mut self) -> Option<(String, usize)> {
        self.vm_mut().busiest()
    }

    /// The name of a process that is not in a nested VM, if it is there.
    #[cfg(feature = "tokio")]
    pub(crate) fn path_in_ground(&self, pid: Pid) -> Option<String> {
        let processes = &self.vm_ref().processes;
        processes.find(pid).map(|slot| processes.path_to(slot))
    }

    /// Counts the processes, in nested VMs, too. Looks at every process.
    #[cfg(feature = "tokio")]
    pub(crate) fn census(&self) -> Census {
        self.vm_ref().census()
    }

    /// Counts the processes that are not in nested VMs. Looks at each.
    #[cfg(feature = "tokio")]
    pub(crate) fn own_census(&self) -> Census {
        self.vm_ref().own_census()
    }

    /// The processes that wait for a [`Driver`](crate::Driver) that is not there: one for each
    /// driver and VM. Looks at every endpoint.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::{Driver, GroundVm};
    ///
    /// const LAMPS: Driver = Driver { kind: "lamp driver", action: "lamps::driver()", relay: None };
    ///
    /// #[derive(Message, Clone, Debug, PartialEq)]
    /// #[message(driver = LAMPS)]
    /// struct Lamp { on: bool }
    ///
    /// let switch = || transition_no_state!(publisher!(Lamp { .. }));
    /// let mut vm = GroundVm::new(move |_| switch());
    /// vm.run(usize::MAX);
    /// assert_eq!(vm.unmet()[0].driver, LAMPS);
    /// ```
    pub fn unmet(&mut self) -> Vec<Unmet> {
        let mut found = Vec::new();
        self.vm_mut().unmet(&mut Vec::new(), &mut found);
        found
    }

    /// The first errors since this was last called of which nobody has heard.
    /// [`Stats::unheard_errors`](crate::Stats::unheard_errors) counts all.
    ///
    /// ```
    /// use marketplace::GroundVm;
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    ///
    /// struct Nothing;
    /// #[object]
    /// impl Nothing {}
    ///
    /// let mut vm = GroundVm::new(|_| transition_no_state!());
    /// let nothing = vm.spawn_object(Nothing);
    /// vm.tell(|cx| {
    ///     send(cx, &nothing, "do", ());
    /// });
    /// vm.run(usize::MAX);
    /// let told = vm.take_unheard_errors()[0].to_string();
    /// assert!(told.starts_with("an error of Nothing() reached nobody: there is no method `do`"));
    /// ```
    pub fn take_unheard_errors(&mut self) -> Vec<UnheardError> {
        std::mem::take(&mut self.context.unheard_reasons)
    }

    /// The messages that were said since this was last called to drivers that are not there, and
    /// the processes that waited for one in a nested VM that is done: one for each driver.
    pub fn take_unheard(&mut self) -> Vec<Unmet> {
        let mut unheard = std::mem::take(&mut self.context.unheard);
        for unmet in &mut unheard {
            unmet.is_further_out |= unmet.depth > 0 && self.vm_mut().processes.has(unmet.driver.kind);
        }
        unheard
    }

    /// Whether there is any.
    #[must_use]
    pub const fn has_unheard(&self) -> bool {
        !self.context.unheard.is_empty()
    }

    /// The kinds of messages of which none was heard in its VM, in this VM and in all in it: each
    /// once, and at most 20. Those to which no process listens are left out:
    /// [`GroundVm::take_all_missed`] gives them, too. Looks at every endpoint. A release build
    /// notices none.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::GroundVm;
    ///
    /// let mut vm = GroundVm::new(|_| {
    ///     transition_no_state!(subscriber!(("to", "ann")), send_message!(("to", "bob")))
    /// });
    /// vm.run(usize::MAX);
    /// # if cfg!(debug_assertions) {
    /// let missed = &vm.take_missed()[0];
    /// assert_eq!((&*missed.kind, missed.message.to_string()), ("[\"to\", ..]", "[\"to\", \"bob\"]".into()));
    /// # }
    /// ```
    pub fn take_missed(&mut self) -> Vec<Missed> {
        self.missed_with(false)
    }

    /// As [`GroundVm::take_missed`], with those to which no process listens: they are worth a word
    /// when the program ends.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::GroundVm;
    ///
    /// let mut vm = GroundVm::new(|_| transition_no_state!(send_message!("to whom?")));
    /// vm.run(usize::MAX);
    /// assert!(vm.take_missed().is_empty());
    /// # if cfg!(debug_assertions) {
    /// assert_eq!(vm.take_all_missed().len(), 1);
    /// # }
    /// ```
    pub fn take_all_missed(&mut self) -> Vec<Missed> {
        self.missed_with(true)
    }

    fn missed_with(&mut self, nobody_too: bool) -> Vec<Missed> {
        self.context.has_missed = false;
        self.context.has_kept &= !nobody_too;
        #[cfg(debug_assertions)]
        {
            let mut found = std::mem::take(&mut self.context.missed);
            let done = found.len();
            self.vm_mut().take_missed(&mut found);
            let mut told = Vec::new();
            for (at, (vm, mut missed)) in found.into_iter().enumerate() {
                if matches!(missed.why, WhyMissed::Nobody | WhyMissed::OtherKind { .. }) {
                    missed.why = WhyMissed::Nobody;
                    self.vm_mut().look_at_levels(&vm, &mut missed);
                }
                if !missed.why.is_known() {
                    self.inside(&vm, |vm, _| vm.look_nearly(&mut missed));
                }
                let is_done = at < done;
                if !is_done && !nobody_too && !missed.why.is_known() {
                    self.inside(&vm, |vm, _| vm.keep_missed(missed));
                    continue;
                }
                if !is_done {
                    self.inside(&vm, |vm, _| vm.told_missed(&missed));
                }
                if self.context.has_not_told(&missed.kind) {
                    self.context.told_missed.push(missed.kind.clone());
                    told.push(missed);
                }
            }
            told
        }
        #[cfg(not(debug_assertions))]
        {
            let _ = nobody_too;
            Vec::new()
        }
    }

    /// Whether there is a new one of which somebody is known who was meant to hear it.
    #[must_use]
    pub const fn has_missed(&self) -> bool {
        self.context.has_missed || !self.context.missed.is_empty()
    }

    /// Whether there is one of which nobody is known who was meant to hear it.
    #[cfg(feature = "tokio")]
    pub(crate) const fn has_kept_missed(&self) -> bool {
        self.context.has_kept
    }

    /// The types that turned out, since this was last called, to be one message though their fields
    /// differ: once for each label and VM. A release build does not look for them.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::GroundVm;
    ///
    /// mod chat {
    ///     # use marketplace::prelude::*;
    ///     #[derive(Message, Clone)]
    ///     pub struct Joins(pub Text);
    /// }
    /// mod club {
    ///     # use marketplace::prelude::*;
    ///     #[derive(Message, Clone)]
    ///     pub struct Joins(pub u32);
    /// }
    ///
    /// let mut vm = GroundVm::new(|_| transition_no_state!(publisher!(chat::Joins(_)), publisher!(club::Joins(_))));
    /// vm.run(usize::MAX);
    /// # if cfg!(debug_assertions) {
    /// assert_eq!(vm.take_twins()[0].fields, ["0: Text", "0: u32"]);
    /// # }
    /// ```
    pub fn take_twins(&mut self) -> Vec<Twins> {
        std::mem::take(&mut self.context.twins)
    }

    /// The names of endpoints since this was last called that were most likely not meant as they
    /// are written: a process deletes an endpoint that it has never had, or one transition adds
    /// two endpoints of one name. At most 20; a release build does not look for them.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::GroundVm;
    ///
    /// let mut vm = GroundVm::new(|_| {
    ///     transition_no_state!(name_endpoint("tick", subscriber!("time")), delete_endpoint("tikc"))
    /// });
    /// vm.run(usize::MAX);
    /// # if cfg!(debug_assertions) {
    /// assert_eq!(vm.take_misnamed()[0].name, Symbol::new("tikc").into());
    /// # }
    /// ```
    pub fn take_misnamed(&mut self) -> Vec<Misnamed> {
        std::mem::take(&mut self.context.misnamed)
    }

    /// The processes that wait for promises which wait for each other, in this VM and in all in it:
    /// one for each ring. Looks at all that waits. A release build finds none.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::GroundVm;
    ///
    /// let mut vm = GroundVm::new(|_| {
    ///     let (promise, resolver) = promise::<u32>();
    ///     transition!(resolver, when(&promise, |resolver, _| transition!(resolver)))
    /// });
    /// vm.run(usize::MAX);
    /// assert_eq!(vm.stuck(), []);
    /// # if cfg!(debug_assertions) {
    /// assert!(vm.stuck_at_end()[0].to_string().contains("waits for a promise that nobody has settled"));
    /// # }
    /// ```
    pub fn stuck(&mut self) -> Vec<Stuck> {
        #[cfg(debug_assertions)]
        return self.vm_ref().stuck();
        #[cfg(not(debug_assertions))]
        Vec::new()
    }

    /// As [`GroundVm::stuck`], with the processes that wait for promises which nobody will settle
    /// when the program ends now.
    pub fn stuck_at_end(&mut self) -> Vec<Stuck> {
        #[cfg(debug_assertions)]
        return self.vm_ref().stuck_at_end();
        #[cfg(not(debug_assertions))]
        Vec::new()
    }

    /// The endpoints with a clause for presence, and none for vacancy, that have never met a peer:
    /// one for each topic, the first 20, also of nested VMs that are done. They may wait for
    /// somebody who is still to come, so this is for a program that ends by itself. Observers are
    /// meant to wait, unless their topic is of a driver. Looks at all endpoints. A release build
    /// finds none.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::GroundVm;
    ///
    /// let greets = || publisher!("hello", on_presence!(send_message!("hello")));
    /// let mut vm = GroundVm::new(move |_| transition_no_state!(greets()));
    /// vm.run(usize::MAX);
    /// # if cfg!(debug_assertions) {
    /// assert!(vm.never_met()[0].to_string().contains("waits for a subscriber to"));
    /// # }
    /// ```
    pub fn never_met(&mut self) -> Vec<NeverMet> {
        #[cfg(debug_assertions)]
        {
            let mut found = Vec::new();
            self.vm_mut().never_met(&mut found);
            self.context.never_met.iter().for_each(|ended| ended.clone().join(&mut found));
            found
        }
        #[cfg(not(debug_assertions))]
        Vec::new()
    }

    /// The references that print with this number, of objects that are there and of promises that
    /// the VMs see.
    #[cfg(feature = "shell")]
    pub(crate) fn references_numbered(&self, number: ReferenceId) -> Numbered {
        self.vm_ref().references_numbered(number)
    }

    /// Performs the front action of the queue of the VM at this path (empty: the ground VM), out of
    /// turn: a debugging act. If that is the place of a nested VM, the front action in there. Says
    /// whether there was one.
    ///
    /// The run after this may differ from what would have happened. [`GroundVm::step`] keeps to the
    /// order.
    pub fn step_in(&mut self, vm: &[Pid]) -> bool {
        self.inside(vm, |vm, context| {
            context.budget = 1;
            context.goes_on() && vm.step(context)
        })
        .unwrap_or(false)
    }

    /// Ends a process of the VM at this path. Says whether there is such a VM and process.
    pub fn kill_in(&mut self, vm: &[Pid], pid: Pid, reason: impl IntoReason) -> bool {
        let reason = reason.into_reason();
        let kill = |vm: &mut Vm| {
            let known = vm.processes.find(pid).is_some();
            if known {
                vm.inject(Act::Quit(Some(pid), Ending::because(reason)), TurnId::NONE);
            }
            known
        };
        let id = self.next.next_action();
        let killed = self.inside(vm, |vm, _| kill(vm)).unwrap_or(false);
        if killed {
            self.note_sender(id);
        }
        killed
    }

    /// Sends a message in the network of the VM at this path. Says whether there is such a VM.
    pub fn send_in(&mut self, vm: &[Pid], message: &impl Message) -> bool {
        let body = message.to_value();
        let id = self.next.next_action();
        let sent = self.inside(vm, |vm, _| vm.inject(Act::Message(body), TurnId::NONE)).is_some();
        if sent {
            self.note_sender(id);
        }
        sent
    }

    /// Whether anybody in the network of the VM at this path would hear such a message now.
    pub fn is_heard_in(&mut self, vm: &[Pid], message: &impl Message) -> bool {
        let body = message.to_value();
        self.inside(vm, |vm, _| vm.network.is_heard(&body, Orientation::Publisher)).unwrap_or(false)
    }

    /// The roles in which an endpoint of this role, in the network of the VM at this path, would
    /// hear of its peers if it came now, in the order in which these were created. Empty if there
    /// is no such VM.
    pub fn present_in(&mut self, vm: &[Pid], role: &Role) -> Vec<Role> {
        self.inside(vm, |vm, _| vm.present(role)).unwrap_or_default()
    }

    /// The state of a process of the VM at this path, as it is shown to who looks now: `None` if
    /// there is no such process, or it is not [`peekable`](crate::peekable).
    pub fn peek_in(&mut self, vm: &[Pid], pid: Pid) -> Option<Snapshot> {
        let peek = |vm: &mut Vm| vm.processes.get(vm.processes.find(pid)?)?.body.snapshot_now();
        self.inside(vm, |vm, _| peek(vm)).flatten()
    }

    fn inside<R>(&mut self, path: &[Pid], work: impl FnOnce(&mut Vm, &mut Context) -> R) -> Option<R> {
        let result = self.with_vm(|vm, context| vm.within(path, context, work));
        self.note_exits();
        result
    }
}
