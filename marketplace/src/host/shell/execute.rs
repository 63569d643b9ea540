//! Commands, carried out.

use std::fmt::Write;
use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::conversation::pid::Pid;
use crate::data::hash::Map;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::host::ground::GRACE;
use crate::host::shell::answers::{Answers, Held};
use crate::host::shell::command::Command;
use crate::host::shell::error::ShellError;
use crate::host::shell::{looking, objects, stepping};
use crate::host::vat::{Debugger, PATIENCE, Vat};
use crate::record::log::Log;
use crate::vm::dump::Dump;

/// A prompt's state: the VM that was entered and the turn that is looked at. [The module](super)
/// lists the commands.
#[derive(Clone, Debug)]
pub struct Shell {
    vat: Vat,
    /// The VM that was entered.
    vm: Vec<Pid>,
    /// The turn that is looked at.
    turn: Option<u64>,
    /// The references that it keeps.
    held: Held,
    answers: Answers,
    /// It has let the program end.
    has_quit: bool,
}

impl Shell {
    /// A shell for this vat, in its ground VM.
    #[must_use]
    pub fn new(vat: &Vat) -> Self {
        let (held, answers) = (Held::default(), Answers::default());
        Self { vat: vat.clone(), vm: Vec::new(), turn: None, held, answers, has_quit: false }
    }

    /// The vat.
    #[must_use]
    pub const fn vat(&self) -> &Vat {
        &self.vat
    }

    /// The prompt that stands before a line: the name of the vat and the VM that was entered.
    #[must_use]
    pub fn prompt(&self) -> String {
        let vat = self.vat.name().map_or_else(|| format!("vat {}", self.vat.id()), ToString::to_string);
        let vm: String = self.vm.iter().map(|pid| format!("/{pid}")).collect();
        format!("{vat}{vm}> ")
    }

    /// Carries out a line, and gives its output, which ends with a line break unless it is empty.
    ///
    /// `step N` goes on as long as there are steps to make. Until then the vat serves others,
    /// between slices of a few milliseconds. Anybody who [stops](Debugger::pause) the vat, lets it
    /// [go on](Debugger::run) or ends it interrupts the steps.
    ///
    /// # Errors
    /// If the line is not a command, or the command cannot be carried out.
    pub fn execute(&mut self, line: &str) -> Result<String, ShellError> {
        self.execute_while(line, || true)
    }

    /// Whether the program has ended. After `quit` it is given time for that, so that no prompt
    /// comes between: if it takes long, one can look what is the matter.
    pub(super) fn is_over(&mut self) -> bool {
        let end = Instant::now() + GRACE;
        let quits = mem::take(&mut self.has_quit);
        while quits && self.vat.is_running() && Instant::now() < end {
            sleep(Duration::from_millis(1));
        }
        !self.vat.is_running()
    }

    /// Carries out a line for a client that may go away meanwhile.
    pub(super) fn execute_while(
        &mut self,
        line: &str,
        wanted: impl FnMut() -> bool,
    ) -> Result<String, ShellError> {
        let said = match Command::read(line)? {
            Some(Command::Step(n)) => stepping::step(&self.vat, &self.vm, n, wanted)?,
            Some(command) => self.carry_out(command)?,
            None => String::new(),
        };
        Ok(said + &self.answers.take_lines(&mut self.held))
    }

    /// Takes hold of what prints as this.
    fn resolve(&mut self, shown: Reference) -> Result<String, ShellError> {
        let known = self.held.get(&shown);
        let look = move |debugger: &mut Debugger<'_>| {
            let reference = known.map_or_else(|| objects::find(debugger, &shown), Ok)?;
            Ok::<_, ShellError>((reference, debugger.dump()))
        };
        let (reference, dump) = self.vat.look(look)??;
        let text = objects::taken(&dump, &reference);
        self.held.hold(reference);
        Ok(text)
    }

    /// Sends a message to what prints as this. The references in the message are found in
    /// the same look.
    fn send_to(&mut self, to: Reference, message: &Value) -> Result<String, ShellError> {
        let (held, parts) = (self.held.clone(), objects::parts_of(message));
        let (number, answer) = self.answers.expect();
        let is_stopped = self.vat.inspect(move |debugger| {
            let find = |shown: &Reference| held.get(shown).map_or_else(|| objects::find(debugger, shown), Ok);
            let (to, parts) = (find(&to)?, objects::made_live(&parts, find)?);
            debugger.send_to(&to, parts, answer)?;
            Ok::<_, ShellError>(debugger.is_paused())
        })??;
        if is_stopped {
            return Ok(format!("sent as message {number}; it is heard when the program runs\n"));
        }
        Ok(match self.answers.comes_soon(number) {
            true => String::new(),
            false => format!("sent as message {number}; it is not answered yet\n"),
        })
    }

    fn carry_out(&mut self, command: Command) -> Result<String, ShellError> {
        match command {
            Command::Vms => self.vms(),
            Command::Enter(vm) => self.enter(vm),
            Command::Dump => Ok(self.dump()?.to_string()),
            Command::Processes => Ok(looking::processes(&self.dump()?)),
            Command::Endpoints(pid) => looking::endpoints(&self.dump()?, pid),
            Command::Pause => self.act(|debugger| {
                debugger.pause();
                "stopped\n".into()
            }),
            Command::Run => self.act(|debugger| {
                debugger.run();
                "running\n".into()
            }),
            Command::Step(n) => stepping::step(&self.vat, &self.vm, n, || true),
            Command::Kill(pid, why) => self.kill(pid, why),
            Command::SendTo(to, message) => self.send_to(to, &message),
            Command::Refs(pid) => objects::refs(&self.dump()?, pid),
            Command::Promises => Ok(objects::promises(&self.dump()?)),
            Command::Resolve(shown) => self.resolve(shown),
            Command::Release(shown) => match self.held.let_go(&shown) {
                true => Ok(String::new()),
                false => Err(ShellError::NotHeld(shown)),
            },
            Command::Send(value) => self.send(value),
            Command::LogOn => self.set_log("the log is on\n", Log::turn_on),
            Command::LogOff => self.set_log("the log is off\n", Log::turn_off),
            Command::LogResize(n) => {
                self.set_log(format!("the log keeps {n} turns\n"), move |log| log.resize(n))
            }
            Command::LogClear => self.set_log("", Log::clear),
            Command::Verb(on) => self.act(move |debugger| {
                debugger.set_verb(on);
                let verb = if on { "on" } else { "off" };
                format!("verb is {verb}\n")
            }),
            Command::Tail(n) => self.tail(n),
            Command::Errors => self.errors(),
            Command::Trace(turn) => self.trace(turn),
            Command::Tree(turn) => self.tree(turn),
            Command::Graph(turn) => self.of_turn(turn, |debugger, turn| {
                let tree = debugger.log().tree(turn).ok_or(ShellError::NoTurn(turn))?;
                Ok(tree.to_dot())
            }),
            Command::Duct(turn) => self.of_turn(turn, |debugger, turn| {
                let logged = debugger.log().get(turn).ok_or(ShellError::NoTurn(turn))?;
                Ok(if logged.duct.is_empty() { "nobody waits\n".into() } else { logged.duct.to_string() })
            }),
            Command::Peek(turn) => self.of_turn(turn, |debugger, turn| {
                let snapshot = debugger.log().peek(turn).ok_or(ShellError::NoSnapshot)?;
                Ok(format!("{snapshot:#?}\n"))
            }),
            Command::PeekAt(pid) => self.act_here(move |debugger, vm| {
                let snapshot = debugger.peek(vm, pid).ok_or(ShellError::NotPeekable(pid))?;
                Ok(format!("{snapshot:#?}\n"))
            }),
            Command::Debug(turn) => {
                let turn = self.turn_or_last(turn)?;
                self.look_at(turn)
            }
            Command::Jump(turn) => self.look_at(turn),
            Command::Up => self.go("up", |log, turn| log.previous(turn).map(|turn| turn.id)),
            Command::Down => self.go("down", |log, turn| log.next(turn).next().map(|turn| turn.id)),
            Command::Top => self.go("up", |log, turn| log.trace(turn).last().map(|turn| turn.id)),
            Command::Bottom => self.go("down", last_led_to),
            Command::Help => Ok(looking::help()),
            Command::Quit => {
                self.vat.shutdown()?;
                self.has_quit = true;
                Ok("ending\n".into())
            }
        }
    }

    fn kill(&self, pid: Pid, why: Option<Value>) -> Result<String, ShellError> {
        self.act_here(move |debugger, vm| {
            let reason = why.map_or(Reason::Killed(None), Reason::Value);
            if debugger.kill(vm, pid, reason) { Ok(String::new()) } else { Err(ShellError::NoProcess(pid)) }
        })
    }

    fn send(&self, message: Value) -> Result<String, ShellError> {
        self.act_here(move |debugger, vm| {
            let is_heard = debugger.is_heard(vm, &message);
            match debugger.send(vm, &message) {
                true if is_heard => Ok(String::new()),
                true => Ok("nobody hears it: no endpoint of this VM matches it now\n".into()),
                false => Err(ShellError::no_vm(vm)),
            }
        })
    }

    /// Changes the log, and says so.
    fn set_log(
        &self,
        said: impl Into<String>,
        set: impl FnOnce(&mut Log) + Send + 'static,
    ) -> Result<String, ShellError> {
        self.vat.inspect(|debugger| set(debugger.log_mut()))?;
        Ok(said.into())
    }

    /// The last turns in the VM that was entered, at most so many.
    fn tail(&self, most: usize) -> Result<String, ShellError> {
        self.here(move |debugger, vm| {
            let mut last: Vec<_> = looking::turns_in(debugger.log(), vm).rev().take(most).collect();
            last.reverse();
            Ok(last.into_iter().map(looking::line).collect())
        })
    }

    /// The turns in the VM that was entered that have failed.
    fn errors(&self) -> Result<String, ShellError> {
        self.here(|debugger, vm| {
            let turns = looking::turns_in(debugger.log(), vm);
            Ok(turns.filter(|turn| turn.failed.is_some()).map(looking::line).collect())
        })
    }

    /// The turn and its causes, in whatever vats they were.
    fn trace(&self, turn: Option<u64>) -> Result<String, ShellError> {
        let turn = self.turn_or_last(turn)?;
        let (trace, own) = (self.vat.trace(turn)?, self.vat.id());
        let lines = trace.iter().map(|(vat, turn)| match *vat == own {
            true => looking::line(turn),
            false => format!("vat {vat}: {}", looking::line(turn)),
        });
        Ok(lines.collect())
    }

    /// The turn and all to which it led.
    fn tree(&self, turn: Option<u64>) -> Result<String, ShellError> {
        let turn = self.turn_or_last(turn)?;
        let tree = self.vat.tree(turn)?.ok_or(ShellError::NoTurn(turn))?;
        Ok(looking::tree(&tree, self.vat.id(), turn))
    }

    fn vms(&self) -> Result<String, ShellError> {
        let dump = self.vat.look(|debugger| debugger.dump())?;
        let asked: Vec<_> = Vat::all().into_iter().map(|vat| (state_of(&vat), vat)).collect();
        let end = Instant::now() + PATIENCE;
        let mut text = String::new();
        for (state, vat) in asked {
            let state = match state.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(state) => state,
                Err(RecvTimeoutError::Timeout) => "does not answer".into(),
                Err(RecvTimeoutError::Disconnected) => "not running".into(),
            };
            let own = vat == self.vat;
            let name = vat.name().map(|name| format!(" {name:?}")).unwrap_or_default();
            let _ = writeln!(text, "{} vat {}{name}: {state}", if own { '*' } else { ' ' }, vat.id());
        }
        Ok(text + &looking::vms(&dump))
    }

    fn enter(&mut self, vm: Vec<Pid>) -> Result<String, ShellError> {
        let path = vm.clone();
        self.vat.look(move |debugger| looking::vm(debugger, &path).map(drop))??;
        if self.vm != vm {
            self.turn = None;
        }
        self.vm = vm;
        Ok(String::new())
    }

    /// A dump of the VM that was entered. It becomes text here, not in the vat's time.
    fn dump(&self) -> Result<Dump, ShellError> {
        let vm = self.vm.clone();
        self.vat.look(move |debugger| looking::vm(debugger, &vm))?
    }

    /// Calls `look` with the VM that was entered.
    fn here(
        &self,
        look: impl FnOnce(&mut Debugger<'_>, &[Pid]) -> Result<String, ShellError> + Send + 'static,
    ) -> Result<String, ShellError> {
        let vm = self.vm.clone();
        self.vat.look(move |debugger| look(debugger, &vm))?
    }

    /// Acts on the VM that was entered, at once: acting costs next to nothing.
    fn act_here(
        &self,
        act: impl FnOnce(&mut Debugger<'_>, &[Pid]) -> Result<String, ShellError> + Send + 'static,
    ) -> Result<String, ShellError> {
        let vm = self.vm.clone();
        self.vat.inspect(move |debugger| act(debugger, &vm))?
    }

    /// Acts on the vat, at once.
    fn act(
        &self,
        act: impl FnOnce(&mut Debugger<'_>) -> String + Send + 'static,
    ) -> Result<String, ShellError> {
        Ok(self.vat.inspect(act)?)
    }

    /// The turn that was named; else the one that is looked at; else the last in the VM that was
    /// entered.
    fn turn_or_last(&self, turn: Option<u64>) -> Result<u64, ShellError> {
        let vm = self.vm.clone();
        let last = move |debugger: &mut Debugger<'_>| {
            looking::turns_in(debugger.log(), &vm).next_back().map(|turn| turn.id)
        };
        match turn.or(self.turn) {
            Some(turn) => Ok(turn),
            None => self.vat.look(last)?.ok_or(ShellError::NoTurns),
        }
    }

    fn of_turn(
        &self,
        turn: Option<u64>,
        look: impl FnOnce(&mut Debugger<'_>, u64) -> Result<String, ShellError> + Send + 'static,
    ) -> Result<String, ShellError> {
        let turn = self.turn_or_last(turn)?;
        self.vat.look(move |debugger| look(debugger, turn))?
    }

    fn look_at(&mut self, turn: u64) -> Result<String, ShellError> {
        let text = self.vat.inspect(move |debugger| looking::turn(debugger.log(), turn))??;
        self.turn = Some(turn);
        Ok(text)
    }

    fn go(
        &mut self,
        way: &'static str,
        next: impl FnOnce(&Log, u64) -> Option<u64> + Send + 'static,
    ) -> Result<String, ShellError> {
        let turn = self.turn.ok_or(ShellError::NotDebugging)?;
        let next = self.vat.look(move |debugger| next(debugger.log(), turn))?;
        self.look_at(next.ok_or(ShellError::End(way))?)
    }
}

/// The end of the way from this turn, each time by the last turn to which one led.
fn last_led_to(log: &Log, turn: u64) -> Option<u64> {
    // One look at the log, however long it is.
    let last: Map<u64, u64> = log.turns().map(|turn| (turn.cause, turn.id)).collect();
    std::iter::successors(Some(turn), |turn| last.get(turn).copied()).last()
}

/// Asks a vat for its state. The text comes when the vat is between two turns; none comes if it is
/// not running.
fn state_of(vat: &Vat) -> Receiver<String> {
    let (tell, told) = channel();
    // The vat is asked, even if nobody awaits the future.
    drop(vat.inspect_async(move |debugger| {
        let state = if debugger.is_paused() { "stopped" } else { "running" };
        let log = if debugger.log().is_on() { "on" } else { "off" };
        // The caller may have lost patience.
        let _ = tell.send(format!("{state}, log {log}"));
    }));
    told
}
