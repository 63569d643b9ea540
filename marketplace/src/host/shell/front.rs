//! The prompt on the terminal.

use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Stdin, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Behavior, Config, Editor};

use crate::data::reason::Failure;
use crate::host::ground::stdio::{self, Patient};
use crate::host::ground::{GRACE, LOOK_INSIDE, thread};
use crate::host::shell::Shell;
use crate::host::shell::lines::{self, Line};
use crate::host::vat::Vat;

/// The variable that asks for a prompt.
const VARIABLE: &str = LOOK_INSIDE[0];

/// Whether the program is to begin at a prompt.
pub(crate) fn wanted() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// A thread with the prompt.
pub(crate) struct Prompt {
    thread: JoinHandle<()>,
    /// The thread waits for a line.
    waits: Arc<AtomicBool>,
    terminal: Option<Terminal>,
}

impl Prompt {
    /// Reads and carries out lines until there are no more, or the program has ended. When the
    /// lines end, the program goes on.
    pub(crate) fn start(vat: Vat) -> io::Result<Self> {
        let terminal = Terminal::of_input();
        let waits = Arc::<AtomicBool>::default();
        let (waiting, held) = (waits.clone(), vat.clone());
        let prompt = move || {
            converse(&vat, &waiting)?;
            let_go(&vat);
            Ok(())
        };
        let thread = thread::start("prompt", prompt, move |why| {
            stdio::to_stderr(format_args!("the prompt has ended: {why}"));
            let_go(&held);
        })?;
        Ok(Self { thread, waits, terminal })
    }

    /// Ends the prompt, as the program has ended: the prompt may write for at most [`GRACE`], and
    /// the terminal is restored. A read of a line cannot be taken back: it is abandoned, and its
    /// thread ends with the operating-system process.
    pub(crate) fn end(self) {
        let end = Instant::now() + GRACE;
        while !self.thread.is_finished() && !self.waits_for_a_line() && Instant::now() < end {
            sleep(Duration::from_millis(1));
        }
        if let Some(terminal) = self.terminal
            && !self.thread.is_finished()
        {
            terminal.restore();
            // A prompt that is still writing has the output.
            if self.waits.load(Ordering::SeqCst) {
                // The escape sequence ends bracketed paste.
                stdio::to_stderr("\x1b[?2004l\nThe program has ended.");
            }
        }
    }

    fn waits_for_a_line(&self) -> bool {
        // A terminal is about to be prepared for the line.
        self.waits.load(Ordering::SeqCst) && self.terminal.as_ref().is_none_or(Terminal::is_edited)
    }
}

/// A terminal as it was before the prompt.
#[cfg(unix)]
struct Terminal(Termios);

#[cfg(unix)]
impl Terminal {
    fn of_input() -> Option<Self> {
        // An input that is no terminal has no such settings.
        tcgetattr(io::stdin()).ok().map(Self)
    }

    /// Whether a line is being edited on it.
    fn is_edited(&self) -> bool {
        tcgetattr(io::stdin()).is_ok_and(|now| now.local_modes != self.0.local_modes)
    }

    fn restore(self) {
        // If the terminal has gone, there is nothing to restore.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// There is nothing to restore here: the system does so.
#[cfg(not(unix))]
struct Terminal;

#[cfg(not(unix))]
impl Terminal {
    fn of_input() -> Option<Self> {
        None
    }

    fn is_edited(&self) -> bool {
        true
    }

    fn restore(self) {}
}

/// Lets the program go on, as nobody is at the prompt any more.
fn let_go(vat: &Vat) {
    // If it has ended, there is nothing to let go on.
    let _ = vat.inspect(|debugger| debugger.run());
}

fn converse(vat: &Vat, waits: &AtomicBool) -> Result<(), Failure> {
    let mut lines = Lines::new()?;
    let mut shell = Shell::new(vat);
    let mut out = stdio::stdout();
    writeln!(out, "The program is stopped before its first step. `help` lists the commands.")?;
    // A line that is typed on a terminal is seen there; a script's line is not.
    let is_script = !io::stdin().is_terminal();
    while !shell.is_over() {
        let prompt = shell.prompt();
        waits.store(true, Ordering::SeqCst);
        let line = lines.next(&prompt);
        waits.store(false, Ordering::SeqCst);
        let line = match line {
            Ok(Line::Text(line)) => line,
            Ok(Line::Wrong(why)) => {
                writeln!(out, "{why}")?;
                continue;
            }
            Err(ReadlineError::Interrupted) => "quit".into(),
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if is_script {
            writeln!(out, "{prompt}{line}")?;
        }
        match shell.execute(&line) {
            Ok(text) => out.write_all(text.as_bytes())?,
            Err(error) => writeln!(out, "{error}")?,
        }
    }
    writeln!(out, "The program has ended.")?;
    Ok(())
}

/// Where lines come from.
enum Lines {
    /// The terminal, with an editor.
    Edited(Box<Editor<(), MemHistory>>),
    /// The terminal of this process, opened anew with an editor: the standard streams do not wait.
    Anew(Box<Editor<(), MemHistory>>),
    /// The standard input as it is: a script, say.
    Plain(BufReader<Patient<Stdin>>),
}

impl Lines {
    fn new() -> rustyline::Result<Self> {
        if io::stdin().is_terminal() {
            return Ok(Self::Edited(editor(Behavior::default())?));
        }
        Ok(Self::plain())
    }

    fn plain() -> Self {
        Self::Plain(BufReader::new(stdio::stdin()))
    }

    fn next(&mut self, prompt: &str) -> rustyline::Result<Line> {
        loop {
            let line = match self {
                Self::Edited(editor) | Self::Anew(editor) => editor.readline(prompt),
                Self::Plain(input) => return read_plain(input, prompt),
            };
            match line {
                Err(error) if is_for_later(&error) => {}
                Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::InvalidData => {
                    return Ok(Line::Wrong(lines::NOT_UTF8));
                }
                line => return line.map(Line::Text),
            }
            // The editor cannot wait for a terminal that others have made non-blocking.
            *self = match self {
                Self::Edited(_) => Self::Anew(editor(Behavior::PreferTerm)?),
                _ => Self::plain(),
            };
        }
    }
}

fn editor(behavior: Behavior) -> rustyline::Result<Box<Editor<(), MemHistory>>> {
    let config = Config::builder().auto_add_history(true).behavior(behavior).build();
    Ok(Box::new(Editor::with_history(config, MemHistory::new())?))
}

fn is_for_later(error: &ReadlineError) -> bool {
    match error {
        ReadlineError::Io(error) => error.kind() == ErrorKind::WouldBlock,
        #[cfg(unix)]
        ReadlineError::Errno(error) => io::Error::from(*error).kind() == ErrorKind::WouldBlock,
        _ => false,
    }
}

fn read_plain(input: &mut impl BufRead, prompt: &str) -> rustyline::Result<Line> {
    if io::stdin().is_terminal() {
        let mut out = stdio::stdout();
        out.write_all(prompt.as_bytes())?;
        out.flush()?;
    }
    lines::next(input)?.ok_or(ReadlineError::Eof)
}
