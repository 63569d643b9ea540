//! Messages for one process, which can answer.

use std::sync::Arc;

use crate::action::{Given, Giving, On, Passing};
use crate::duct::{Back, Duct, Hop, Site};
use crate::error::VmError;
use crate::event::Event;
use crate::pid::Pid;
use crate::process::Context;
use crate::processes::{Answer, Entry, HOST};
use crate::reason::Reason;
use crate::role::Orientation;
use crate::symbol::Symbol;
use crate::vm::Vm;

impl Passing {
    /// Pushes the hop of the process that passes, if that has not been done further in.
    pub(crate) fn push(&mut self, entry: &Entry, vm: &Arc<[Pid]>, site: &Arc<Site>) -> Result<(), VmError> {
        let back = Back::Process { vm: vm.clone(), pid: entry.pid };
        self.push_hop(back, entry.name.as_deref(), site)
    }

    fn push_hop(
        &mut self,
        to: Back,
        name: Option<&crate::value::Value>,
        site: &Arc<Site>,
    ) -> Result<(), VmError> {
        let below = match &mut self.on {
            On::Pushed(_) => return Ok(()),
            On::Duct(duct) => std::mem::take(duct),
            On::Event => Duct::EMPTY,
        };
        let hop = Hop { to, wire: self.wire.clone(), name: name.cloned(), site: site.clone() };
        self.on = On::Pushed(below.push(hop).ok_or(VmError::DuctTooLong)?);
        Ok(())
    }
}

impl Vm {
    /// The first endpoint of the process that understands the message hears it.
    pub(super) fn pass(&mut self, acting: u32, mut passing: Passing, id: u64, context: &mut Context) {
        let pushed = match self.processes.get(acting) {
            Some(entry) => passing.push(entry, &self.processes.path, &self.processes.site),
            None => passing.push_hop(Back::Host, None, &self.processes.site),
        };
        if let Err(error) = pushed {
            if acting != HOST {
                self.processes.fail_between_turns(acting, Reason::error(error), id, context);
            }
            return;
        }
        let Passing { to, body, on: On::Pushed(duct), .. } = passing else { unreachable!("it was pushed") };
        let why = match self.processes.find(to) {
            None => Reason::value(&Symbol::new("gone")),
            Some(slot) => {
                if self.hear_passed(slot, &Event::passed(&body, &duct), id, context) {
                    return;
                }
                Reason::Refused(Symbol::new("unknown").into())
            }
        };
        self.route(Giving { duct, what: Given::Nothing(why), giver: None }, id, context);
    }

    /// Says whether any endpoint had a clause for it.
    fn hear_passed(&mut self, slot: u32, event: &Event<'_>, id: u64, context: &mut Context) -> bool {
        let Some(body) = event.body() else { return false };
        if let Some(entry) = self.processes.get_mut(slot) {
            entry.owe(event.duct());
        }
        for endpoint in self.endpoints_of(slot) {
            let Some(ear) = self.network.endpoints.get(endpoint) else { continue };
            if ear.role.orientation != Orientation::Subscriber || !ear.role.topic.matches(body) {
                continue;
            }
            if ear.once {
                self.spend(endpoint, event, id, context);
                return true;
            }
            let handler = ear.handler;
            match self.processes.hear(slot, handler, event, id, context) {
                Answer::Applied => return true,
                Answer::Skipped => {}
                Answer::Gone => return false,
            }
        }
        false
    }

    /// The endpoints of a process, in creation order.
    pub(crate) fn endpoints_of(&self, slot: u32) -> Vec<u32> {
        let Some(entry) = self.processes.get(slot) else { return Vec::new() };
        let mut endpoints: Vec<_> = entry.endpoints.to_vec();
        endpoints
            .sort_unstable_by_key(|slot| self.network.endpoints.get(*slot).map(|endpoint| endpoint.order));
        endpoints
    }
}
