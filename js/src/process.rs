//! A vat as a process.

use marketplace::objects::{Far, Reference, reference};
use marketplace::prelude::*;

use crate::error::LoadError;
use crate::options::Options;
use crate::sources::Program;

/// Why a vat has ended: it went over a limit, or named what it was never given.
#[derive(Message, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[error("vat {vat} was ended: {why}")]
pub struct VatEnded {
    /// The vat.
    pub vat: Text,
    /// The reason.
    pub why: Text,
}

/// An error that JavaScript threw, as the reason of a broken promise.
#[derive(Message, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[error("{name}: {message}")]
pub struct Thrown {
    /// The name of its type, such as `TypeError`.
    pub name: Text,
    /// What it says.
    pub message: Text,
}

/// What a line of a shell came to.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The value or the error, as node shows it; empty, if nothing is to be shown.
    pub text: Text,
    /// What the line called that is to be done before the next prompt, in order: `step`, `run`.
    pub wanted: Vec<Text>,
}

/// Makes a vat of a program: the process, and the reference of its root.
///
/// The module is evaluated here and now. The root hears ordinary sends.
///
/// # Errors
/// If the module cannot be evaluated, or is no vat.
pub fn vat<S>(program: &Program, _options: &Options) -> Result<(Spawn<S>, Reference), LoadError> {
    let (far, here): (Far<()>, _) = reference();
    let _ = program.name();
    Ok((
        spawn(move |_| {
            drop(here);
            transition_no_state!()
        }),
        far.into(),
    ))
}

/// Makes the vat of a shell. It hears `["adopt", vats]`, and then lines, `["eval", line]`, each of
/// which it answers with [`Shown`].
#[must_use]
pub fn shell_vat<S>(_options: &Options) -> (Spawn<S>, Reference) {
    let (far, here): (Far<()>, _) = reference();
    (
        spawn(move |_| {
            drop(here);
            transition_no_state!()
        }),
        far.into(),
    )
}

/// The message that starts a program: `bootstrap`, the words of the command line, the roots of the
/// other vats by name, and an empty record.
#[must_use]
pub fn bootstrap(argv: &[String], vats: impl IntoIterator<Item = (String, Reference)>) -> Vec<Value> {
    let argv = Value::sequence(argv.iter().map(|word| Text::from(word.as_str()).into()));
    let vats =
        vats.into_iter().map(|(name, root)| (Value::from(Text::from(name)), Value::from(root))).collect();
    let record = |entries| Value::map(entries).unwrap_or_else(|_| unreachable!("it is flat"));
    vec![Symbol::new("bootstrap").into(), argv, record(vats), record(marketplace::im::OrdMap::new())]
}
