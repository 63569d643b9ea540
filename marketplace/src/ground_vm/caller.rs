//! A process of one turn, for a request of the host.

use crate::conversation::called::Called;
use crate::conversation::pid::Pid;
use crate::data::door;
use crate::data::reason::Reason;
use crate::process::Booted;
use crate::process::action::SpawnSpec;
use crate::process::transition::{ActionTree, IntoActionTree, Transition};

/// The one turn of a process that a host has made, as the host's closure sees it: see
/// [`GroundVm::call`](crate::GroundVm::call) and `Vat::call`.
#[derive(Debug)]
pub struct Caller {
    pid: Pid,
    actions: ActionTree<()>,
}

impl Caller {
    /// The PID of the process.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Asks for these actions, too, after the turn. The process lives until they are performed; if
    /// they add endpoints, it lives on.
    pub fn act(&mut self, actions: impl IntoActionTree<()>) {
        actions.append_to(&mut self.actions);
    }
}

pub(crate) fn boot<T: 'static>(
    work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    answer: impl FnOnce(Result<T, (u64, Reason)>) + Send + 'static,
) -> Box<SpawnSpec> {
    SpawnSpec::new(Called::by(&work), move |pid, outside, context| {
        let turn = context.turn;
        let mut value = None;
        let booted = Booted::new(pid, outside.called, context, |_| {
            let mut caller = Caller { pid, actions: ActionTree::new() };
            value = Some(work(&mut caller));
            Ok(Transition { state: (), actions: caller.actions })
        });
        let result = match (&booted, value) {
            (Ok(_), Some(value)) => Ok(value),
            (Err(reason), _) => Err((turn.number(), reason.clone())),
            (Ok(_), None) => unreachable!("the turn is over"),
        };
        // The caller may be gone: then the value is dropped here.
        let _ = door::enter(|| answer(result));
        booted
    })
}
