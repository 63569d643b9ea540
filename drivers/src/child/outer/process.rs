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

/// How often it is looked whether what a child has started has ended, too: nobody tells us.
const LOOK: Duration = Duration::from_millis(5);

/// A process, in a process group of its own. What has not ended of it is killed when this is
/// dropped.
pub(super) struct Process {
    child: Child,
    group: Group,
    status: Option<ExitStatus>,
    patience: Patience,
    /// It was asked to end, and all that it started.
    asked: bool,
    look: Option<Pin<Box<Sleep>>>,
}

/// What is waited for, and for how long.
enum Patience {
    /// Nothing.
    Any,
    /// For its pipes to be closed, now that it has ended itself; or for it to end, now that it was
    /// asked to.
    Until(Pin<Box<Sleep>>),
    /// It is over.
    None,
}

/// It has ended.
pub(super) struct Ended {
    /// How, if not well.
    pub(super) exit: Option<ChildExit>,
    /// So long ago that nobody waits any more for its pipes to be closed: somebody else holds them
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
        // What it starts is ended together with it.
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

    /// Unless it has ended by itself: asks it to end, with all that it started, and kills what
    /// takes longer than this. Ready when all of it has ended.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>, grace: Duration) -> Poll<()> {
        // What goes wrong with waiting for it is no reason to let it live.
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

    /// Ready when what it has started has ended, or was killed.
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

    /// Ends it at once, and all that it started.
    pub(super) fn kill(&mut self) {
        self.asked = true;
        self.patience = Patience::None;
        self.group.kill();
        if self.status.is_none() {
            // That it has ended already is as good.
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

/// Where the signal that says that a child has ended is ignored, as this program may have been
/// started, how it ended cannot be known. So the signal is listened to, if to nobody's profit.
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
