//! Counts processes by the code that boots them: what leaks has one boot, as a rule, though each of
//! its processes may have a name of its own.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::conversation::called::Called;
use crate::conversation::duct::Site;
use crate::data::hash::Map;
use crate::data::one_line::one_line;
use crate::process::Process;
use crate::vm::Vm;

/// How many processes there are, of which kinds.
#[derive(Default)]
pub(crate) struct Census {
    all: usize,
    kinds: Map<Kind, Count>,
}

/// The place of the code that boots a process, and whether the process is a VM.
type Kind = (usize, bool);

struct Count {
    called: Called,
    all: usize,
    /// The VM in which most of them are, and how many those are.
    home: Arc<Site>,
    there: usize,
}

impl Vm {
    /// Counts the processes of this VM.
    pub(crate) fn own_census(&self) -> Census {
        let mut census = Census::default();
        self.count(&mut census, false);
        census
    }

    /// Counts the processes of this VM and of those in it. It looks at each: a million take 50 ms.
    pub(crate) fn census(&self) -> Census {
        let mut census = Census::default();
        self.count(&mut census, true);
        census
    }

    fn count(&self, census: &mut Census, inside: bool) {
        let mut here = Map::<Kind, (Called, usize)>::default();
        for entry in self.processes.entries() {
            let vm = entry.body.as_any_ref().downcast_ref::<Process<Self>>();
            let called = entry.body.called();
            here.entry((called.address(), vm.is_some())).or_insert((called, 0)).1 += 1;
            if let Some(vm) = vm.filter(|_| inside).and_then(Process::state) {
                vm.count(census, inside);
            }
        }
        census.all += self.processes.len();
        for (kind, (called, there)) in here {
            let site = &self.processes.site;
            let count = census.kinds.entry(kind).or_insert_with(|| Count {
                called,
                all: 0,
                home: site.clone(),
                there: 0,
            });
            count.all += there;
            if there > count.there {
                (count.home, count.there) = (site.clone(), there);
            }
        }
    }
}

impl Census {
    /// How many more there are than there were.
    pub(crate) fn more_than(&self, before: &Self) -> usize {
        self.all.saturating_sub(before.all)
    }

    /// The kind of which there are most more than there were, and how many more; for people.
    pub(crate) fn most_since(&self, before: &Self) -> String {
        let more = self.kinds.iter().map(|(kind, count)| {
            let before = before.kinds.get(kind).map_or(0, |count| count.all);
            (count.all.saturating_sub(before), kind, count)
        });
        // Of as many, VMs, which bring the others; or else the kind that comes first by name.
        let most = more
            .map(|(more, &(_, is_vm), count)| ((more, is_vm, Reverse(count.name(is_vm))), count))
            .max_by(|(kind, _), (other, _)| kind.cmp(other));
        let Some(((more, _, Reverse(name)), count)) = most else { return "none".to_string() };
        match count.home.path() {
            home if count.there * 2 > count.all && !home.is_empty() => {
                format!("{} in {}: {more}", one_line(name), one_line(home))
            }
            _ => format!("{}: {more}", one_line(name)),
        }
    }
}

impl Count {
    fn name(&self, is_vm: bool) -> String {
        match self.called.to_string() {
            called if !called.is_empty() => called,
            _ if is_vm => "nested VMs".to_string(),
            _ => "boot processes".to_string(),
        }
    }
}
