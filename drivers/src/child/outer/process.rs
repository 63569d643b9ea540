//! The process that the operating system runs.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::time::{Sleep, sleep};

use crate::child::halves::Wants;
use crate::child::messages::{ChildExit, Command};

/// A process, in a process group of its own. It is killed when this is dropped, with its group, unless it has ended.
pub(super) struct Process {
    child: Child,
    status: Option<ExitStatus>,
    patience: Patience,
}

/// What is waited for, and for how long.
enum Patience {
    /// Nothing.
    Any,
    /// For its pipes to be closed, now that it has ended itself; or for it to end, now that it was asked to.
    Until(Pin<Box<Sleep>>),
    /// It is over.
    None,
}

/// It has ended.
pub(super) struct Ended {
    /// How, if not well.
    pub(super) exit: Option<ChildExit>,
    /// So long ago that nobody waits any more for its pipes to be closed: somebody else holds them open.
    pub(super) is_overdue: bool,
}

/// Our ends of the pipes that were wanted.
pub(super) struct Pipes {
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
}

impl Process {
    pub(super) fn start(command: &Command, wants: Wants) -> io::Result<(Self, Pipes)> {
        let piped = |wanted: bool, or: fn() -> Stdio| if wanted { Stdio::piped() } else { or() };
        let mut start = tokio::process::Command::new(command.program.as_str());
        start
            .args(command.args.iter().map(|arg| arg.as_str()))
            .envs(command.env.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .stdin(piped(wants.stdin, Stdio::null))
            .stdout(piped(wants.stdout, Stdio::null))
            .stderr(piped(wants.stderr, Stdio::inherit))
            .kill_on_drop(true);
        if let Some(dir) = &command.dir {
            start.current_dir(dir.as_str());
        }
        // What it starts is ended together with it.
        #[cfg(unix)]
        start.process_group(0);
        let mut child = start.spawn()?;
        let pipes =
            Pipes { stdin: child.stdin.take(), stdout: child.stdout.take(), stderr: child.stderr.take() };
        Ok((Self { child, status: None, patience: Patience::Any }, pipes))
    }

    /// Ready when it has ended; then it is no zombie any more.
    pub(super) fn poll_ended(&mut self, cx: &mut Context<'_>, grace: Duration) -> Poll<io::Result<Ended>> {
        let status = ready!(self.poll_status(cx))?;
        if let Patience::Any = self.patience {
            self.patience = Patience::Until(Box::pin(sleep(grace)));
        }
        let is_overdue = self.poll_patience(cx).is_ready();
        Poll::Ready(Ok(Ended { exit: exit(status), is_overdue }))
    }

    /// Asks it to end and, if it takes longer than this, kills it. Ready when it has ended.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>, grace: Duration) -> Poll<()> {
        // What goes wrong with waiting for it is no reason to let it live.
        if let Poll::Ready(Ok(_)) = self.poll_status(cx) {
            return Poll::Ready(());
        }
        if let Patience::Any = self.patience {
            self.terminate();
            self.patience = Patience::Until(Box::pin(sleep(grace)));
        }
        if let Patience::Until(_) = self.patience
            && self.poll_patience(cx).is_ready()
        {
            self.kill();
        }
        self.poll_status(cx).map(|_| ())
    }

    fn poll_status(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        if let Some(status) = self.status {
            return Poll::Ready(Ok(status));
        }
        let status = ready!(pin!(self.child.wait()).poll(cx))?;
        self.status = Some(status);
        Poll::Ready(Ok(status))
    }

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Patience::Until(sleep) = &mut self.patience {
            ready!(sleep.as_mut().poll(cx));
            self.patience = Patience::None;
        }
        Poll::Ready(())
    }

    #[cfg(unix)]
    fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    #[cfg(not(unix))]
    fn terminate(&mut self) {
        self.kill();
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        self.patience = Patience::None;
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
        // That it has ended already is as good.
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
    }

    /// To its group. As long as its status was not taken the number is its own.
    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let pid =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let (Some(pid), None) = (pid, self.status) {
            // That all of it has ended already is as good.
            let _ = rustix::process::kill_process_group(pid, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.kill();
        }
    }
}

/// How it ended, if not well.
fn exit(status: ExitStatus) -> Option<ChildExit> {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Some(ChildExit::Signal(signal));
    }
    status.code().filter(|code| *code != 0).map(ChildExit::Code)
}
