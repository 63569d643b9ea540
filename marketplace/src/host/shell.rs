//! A prompt at which one looks inside a running program: stops it, steps it, sees what happened and
//! why.
//!
//! Any program of [`ground_vm!`](crate::ground_vm) has it (feature `shell`):
//!
//! | variable | what |
//! |---|---|
//! | `MARKETPLACE_SHELL=1` | a prompt on the terminal. The program is stopped before its first step, and its log is on; sockets stay open meanwhile |
//! | `MARKETPLACE_SHELL_SOCKET=path` | a prompt for each client that connects to this Unix socket, which only the socket's owner can use. The program runs |
//!
//! Other vats get a prompt by [`Shell::new`]: it takes a line as a text and gives the output as a
//! text, so the caller chooses where lines come from.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::shell::Shell;
//! use marketplace::vat::{Vat, VatOptions};
//!
//! let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
//!     name_process("clerk", spawn!(transition_no_state!(
//!         subscriber!("order", on_message!(_ => send_message!("done"))),
//!     ))),
//! )).unwrap();
//! let mut shell = Shell::new(&vat);
//! shell.execute("log on").unwrap();
//! shell.execute("pause").unwrap();
//! shell.execute("send \"order\"").unwrap();
//! shell.execute("step 100").unwrap();
//! assert!(shell.execute("tail 1").unwrap().contains(r#"p2 "clerk" hears message "order", sends message "done""#));
//! assert!(shell.execute("nonsense").is_err());
//! ```
//!
//! # Commands
//!
#![doc = include_str!("shell/help.md")]

mod answers;
mod command;
mod error;
mod execute;
mod front;
mod lines;
mod looking;
mod objects;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod socket;
mod stepping;

pub use crate::host::shell::command::{Command, CommandError};
pub use crate::host::shell::error::ShellError;
pub use crate::host::shell::execute::Shell;
pub(crate) use crate::host::shell::front::{Prompt, wanted};
#[cfg(unix)]
pub use crate::host::shell::socket::ShellSocket;
