//! The process that the operating system runs.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::LOOK_INSIDE;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::time::{Sleep, sleep};

use crate::child::halves::Wants;
use crate::child::messages::{ChildExit, Command};
use crate::child::outer::group::Group;

/// How often to look whether the processes that a child has started have ended, too: no signal
/// tells of that.
const LOOK: Duration = Duration::from_millis(5);

/// A process, in a process group of its own. Processes of the group that have not ended are killed
/// when this is dropped.
pub(super) struct Process {
    child: Child,
    group: Group,
    status: Option<ExitStatus>,
    patience: Patience,
    /// It was asked to end, with all processes that it started.
    asked: bool,
    look: Option<Pin<Box<Sleep>>>,
}

/// The time limit of the present wait.
enum Patience {
    /// There is no limit.
    Any,
    /// Its pipes are to close by then, now that it has ended itself; or it is to end by then, now
    /// that it was asked to.
    Until(Pin<Box<Sleep>>),
    /// The time is over.
    None,
}

/// It has ended.
pub(super) struct Ended {
    /// How it ended, if not well.
    pub(super) exit: Option<ChildExit>,
    /// It ended so long ago that its pipes are not waited for any more: another process holds them
    /// open.
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
        for name in LOOK_INSIDE {
            start.env_remove(name);
        }
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
        // The processes that it starts are ended together with it.
        #[cfg(unix)]
        start.process_group(0);
        #[cfg(unix)]
        hear_of_ends()?;
        let mut child = start.spawn()?;
        let pipes =
            Pipes { stdin: child.stdin.take(), stdout: child.stdout.take(), stderr: child.stderr.take() };
        let group = Group::of(&child);
        let process = Self { child, group, status: None, patience: Patience::Any, asked: false, look: None };
        Ok((process, pipes))
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

    /// Ends it, unless it has ended by itself: asks it and the processes that it started to end,
    /// and kills those that take longer than this. Ready when all have ended.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>, grace: Duration) -> Poll<()> {
        // If it cannot be waited for, it is killed all the same.
        let mut ended = matches!(self.poll_status(cx), Poll::Ready(Ok(_)));
        if ended && !self.asked {
            return Poll::Ready(());
        }
        if !self.asked {
            self.asked = true;
            self.patience = Patience::Until(Box::pin(sleep(grace)));
            self.group.terminate();
        }
        if let Patience::Until(_) = self.patience
            && self.poll_patience(cx).is_ready()
        {
            self.kill();
        }
        if !ended {
            ended = self.poll_status(cx).is_ready();
        }
        ready!(if ended { self.poll_rest(cx) } else { Poll::Pending });
        self.asked = false;
        Poll::Ready(())
    }

    /// Ready when the processes that it has started have ended, or were killed.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Patience::Until(_) = self.patience
            && self.group.is_there()
        {
            let look = self.look.get_or_insert_with(|| Box::pin(sleep(LOOK)));
            ready!(look.as_mut().poll(cx));
            self.look = None;
        }
        Poll::Ready(())
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

    /// Ends it at once, and all processes that it started.
    pub(super) fn kill(&mut self) {
        self.asked = true;
        self.patience = Patience::None;
        self.group.kill();
        if self.status.is_none() {
            // If it has ended already, that is as good.
            let _ = self.child.start_kill();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status.is_none() || self.asked {
            self.kill();
        }
    }
}

/// This program may have been started with SIGCHLD ignored; then the status of a child is lost.
/// Listening to the signal ends that, even if nobody uses what is heard.
#[cfg(unix)]
fn hear_of_ends() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::child()).map(drop)
}

/// How it ended, if not well.
fn exit(status: ExitStatus) -> Option<ChildExit> {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Some(ChildExit::Signal(signal));
    }
    status.code().filter(|code| *code != 0).map(ChildExit::Code)
}
