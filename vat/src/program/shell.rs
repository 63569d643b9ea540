//! `vat shell`: a prompt beside the vats.

use std::error::Error;
use std::process::ExitCode;

use marketplace_captp::netlayer::tcp_testing_only;
use vat::Container;

use crate::program::command::Command;
use crate::program::lines::{Line, Lines};
use crate::program::open::is_open;
use crate::program::{print, scan, tell_ended, to_stderr};

const PROMPT: &str = "vat> ";
/// Before a line that continues another one.
const MORE: &str = "...  ";

pub(crate) fn shell(command: &Command) -> Result<ExitCode, Box<dyn Error>> {
    let basedir = scan(command)?.netlayer(tcp_testing_only::netlayer()?).shell();
    let mut container = Container::load(basedir, &command.argv)?;
    let mut lines = Lines::new()?;
    let (mut text, mut ended) = (String::new(), 0);
    loop {
        match lines.next(if text.is_empty() { PROMPT } else { MORE })? {
            Line::Text(line) => {
                text.push_str(&line);
                text.push('\n');
                if is_open(&text) {
                    continue;
                }
            }
            Line::Wrong(why) => to_stderr(why),
            Line::Interrupted => text.clear(),
            Line::End if text.is_empty() => return Ok(ExitCode::SUCCESS),
            Line::End => {}
        }
        if text.trim().is_empty() {
            text.clear();
            continue;
        }
        let Some(shown) = container.evaluate(&std::mem::take(&mut text)) else {
            tell_ended(&container, ended);
            return Err("the vat behind the prompt has ended".into());
        };
        if !shown.is_empty() {
            print(format_args!("{shown}\n"));
        }
        ended = tell_ended(&container, ended);
    }
}
