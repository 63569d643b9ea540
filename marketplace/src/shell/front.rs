//! The prompt on the terminal.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

use crate::shell::Shell;
use crate::vat::Vat;

/// The variable that asks for a prompt.
const VARIABLE: &str = "MARKETPLACE_SHELL";

/// Whether the program is to begin at a prompt.
pub(crate) fn wanted() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// A thread with the prompt.
pub(crate) struct Prompt {
    thread: JoinHandle<()>,
    /// It waits for a line.
    waits: Arc<AtomicBool>,
}

impl Prompt {
    /// Reads and carries out lines until there are no more, or the program has ended. When the lines end, the program goes on.
    pub(crate) fn start(vat: Vat) -> io::Result<Self> {
        let waits = Arc::<AtomicBool>::default();
        let waiting = waits.clone();
        let thread = thread::Builder::new().name("prompt".into()).spawn(move || {
            if let Err(error) = converse(&vat, &waiting) {
                eprintln!("the prompt has ended: {error}");
            }
            // If it has ended, there is nothing to let go on.
            let _ = vat.inspect(|debugger| debugger.run());
        })?;
        Ok(Self { thread, waits })
    }

    /// The program has ended: what the prompt has to say is said, and it gives the terminal back.
    pub(crate) fn end(self) {
        if io::stdin().is_terminal() {
            eprintln!("The program has ended: press Enter.");
            // A prompt that panicked has said so.
            let _ = self.thread.join();
            return;
        }
        while !self.thread.is_finished() && !self.waits.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn converse(vat: &Vat, waits: &AtomicBool) -> rustyline::Result<()> {
    let config = Config::builder().auto_add_history(true).build();
    let mut editor = Editor::<(), MemHistory>::with_history(config, MemHistory::new())?;
    let mut shell = Shell::new(vat);
    println!("The program is stopped before its first step. `help` lists the commands.");
    // What is typed on a terminal is seen there; a script's lines are not.
    let is_script = !io::stdin().is_terminal();
    while vat.is_running() {
        let prompt = shell.prompt();
        waits.store(true, Ordering::SeqCst);
        let line = editor.readline(&prompt);
        waits.store(false, Ordering::SeqCst);
        let line = match line {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => "quit".into(),
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error),
        };
        if is_script {
            println!("{prompt}{line}");
        }
        match shell.execute(&line) {
            Ok(text) => print!("{text}"),
            Err(error) => println!("{error}"),
        }
    }
    println!("The program has ended.");
    Ok(())
}
