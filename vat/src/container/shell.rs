//! Lines of a prompt, evaluated beside the vats.

use std::collections::BTreeMap;

use marketplace::log::LoggedTurn;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::Debugger;
use marketplace::{Message, Performed};
use marketplace_js::Shown;

use crate::container::queue::run_queue;
use crate::container::{Container, LoadError};

/// Evaluates lines.
impl Container {
    /// Tells the vat behind the prompt the roots of all vats.
    pub(super) fn introduce_shell(&mut self) -> Result<(), LoadError> {
        let Some(shell) = self.shell.clone() else { return Ok(()) };
        let roots = self.vats.iter().map(|vat| (Text::from(&*vat.name), vat.root.clone()));
        let roots: BTreeMap<_, _> = roots.collect();
        let peer = self.peer.clone();
        self.vat.tell(|cx| match peer {
            Some(peer) => send(cx, &shell, "adopt", (roots, peer)),
            None => send(cx, &shell, "adopt", (roots,)),
        })?;
        self.turn_over();
        Ok(())
    }

    /// Evaluates a line at the [prompt](crate::Basedir::shell): at once, before what waits in the
    /// queue. Then does what the line asked for by `step()` and `run()`. Gives what is to be shown,
    /// which is empty if nothing is; `None`, if there is no prompt, or its vat has ended.
    pub fn evaluate(&mut self, line: &str) -> Option<String> {
        let shell = self.shell.clone()?;
        let tables = self.options.tables.clone();
        let line = Text::from(line);
        let hears = shell.clone();
        let (shown, answer) = self.look(move |debugger| {
            tables.set_run_queue(run_queue(&debugger.dump(), &tables));
            answer_at_once(debugger, &hears, line)
        })?;
        let Shown { text, wanted } = match shown {
            Some(shown) => shown,
            None => self.answer_later(&shell, &answer?)?,
        };
        for wanted in wanted {
            match wanted.as_str() {
                "step" => drop(self.step()),
                _ => self.run(),
            }
        }
        Some(text.as_str().to_string())
    }

    /// The result of a line that awaits something: all runs until that is there.
    fn answer_later(&mut self, shell: &Reference, answer: &Reference) -> Option<Shown> {
        self.run();
        match settlement(answer) {
            Settlement::Data(value) => Shown::from_value(&value),
            _ if process_of(shell).is_none() => None,
            _ => Some(Shown { text: "Promise { <pending> }".into(), wanted: Vec::new() }),
        }
    }
}

/// Lets the vat behind the prompt hear a line out of turn, and reads its answer, which is only
/// given when the queue comes to it, in the log.
fn answer_at_once(
    debugger: &mut Debugger<'_>,
    shell: &Reference,
    line: Text,
) -> (Option<Shown>, Option<Reference>) {
    let before = debugger.stamp();
    debugger.log_mut().turn_on();
    // As long as somebody has the promise, there is an answer.
    let mut promise = None;
    debugger.tell_now(|cx| promise = Reference::from_value(&send(cx, shell, "eval", (line,)).to_value()));
    let turns = debugger.log().turns().rev().take_while(|turn| turn.stamp > before);
    (turns.flat_map(answers).next(), promise)
}

fn answers(turn: &LoggedTurn) -> impl Iterator<Item = Shown> {
    turn.produced.iter().filter_map(|produced| match &produced.action {
        Performed::Answer(_, Ok(value)) | Performed::Give(Ok(value)) => Shown::from_value(value),
        _ => None,
    })
}
