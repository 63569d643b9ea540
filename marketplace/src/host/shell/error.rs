//! Why a command was not carried out.

use crate::conversation::pid::Pid;
use crate::data::reference::Reference;
use crate::data::value::TooDeep;
use crate::host::shell::command::CommandError;
use crate::host::vat::VatError;

/// Why a command was not carried out. The shell goes on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShellError {
    /// The line is not a command.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The vat does not answer.
    #[error(transparent)]
    Vat(#[from] VatError),
    /// There is no such VM (any more).
    #[error("there is no VM {0}")]
    NoVm(String),
    /// There is no such process (any more).
    #[error("there is no process {0} here")]
    NoProcess(Pid),
    /// Nothing that the vat sees prints as this reference.
    #[error("there is no {0:?} to be seen: `refs` and `promises` show what there is")]
    NoReference(Reference),
    /// It prints as something that is over.
    #[error("{0:?} is over: a promise that is settled, or an object that is gone")]
    Over(Reference),
    /// It prints as a promise to which nothing leads that the vat sees.
    #[error("{0:?} is out of reach: the vat sees who waits for it, but nothing that leads to it")]
    OutOfReach(Reference),
    /// Several references print so: one of them is of another vat.
    #[error("{0:?} is not one thing: the reference of another vat prints so, too")]
    Ambiguous(Reference),
    /// The prompt does not hold it.
    #[error("this prompt does not hold {0:?}")]
    NotHeld(Reference),
    /// A message nests too deep.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
    /// The log does not have this turn.
    #[error("the log has no turn {0}")]
    NoTurn(u64),
    /// The log has no turn of the VM that was entered.
    #[error("the log has no turn of this VM; `log on` turns it on")]
    NoTurns,
    /// No turn is being looked at.
    #[error("not looking at a turn: `debug` first")]
    NotDebugging,
    /// It goes no further this way.
    #[error("the log has no turn further {0}")]
    End(&'static str),
    /// There is no such process, or it does not show its state.
    #[error("{0} shows no state: there is no such process, or it is not peekable")]
    NotPeekable(Pid),
    /// The state is not kept.
    #[error("no snapshot: the process is not peekable, or the log was off")]
    NoSnapshot,
}

impl ShellError {
    pub(super) fn no_vm(vm: &[Pid]) -> Self {
        Self::NoVm(shown(vm))
    }
}

fn shown(vm: &[Pid]) -> String {
    let shown: String = vm.iter().map(|pid| format!("/{pid}")).collect();
    if shown.is_empty() { "/".into() } else { shown }
}
