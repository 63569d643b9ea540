//! A vat as a process of objects.
//!
//! A message to one of its objects is a turn of the process: the language runs until it has no jobs
//! left, and what it has called for is handed out as the actions of the turn, in that order. A turn
//! that fails hands out nothing, and ends the process.

mod desk;
mod reasons;
mod slots;

use std::sync::{Arc, Mutex};

use marketplace::im::OrdMap;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{View, object_of};

use self::desk::Desk;
pub use self::reasons::{Thrown, VatEnded};
use crate::engine::Engine;
use crate::error::LoadError;
use crate::marshal;
use crate::options::Options;
use crate::sources::Program;
use crate::tables::{Tables, VatId};
use crate::wall::{Body, Input, Settled, Shared, Wall, lock};

/// The result of a line of a shell.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The value or the error, as node shows it; empty, if nothing is to be shown.
    pub text: Text,
    /// The commands for which the line called, and which come before the next prompt, in order:
    /// `step`, `run`.
    pub wanted: Vec<Text>,
}

/// Makes a vat of a program: the process, and the reference of its root.
///
/// The module is evaluated here and now. The root hears ordinary sends.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_js::{Options, Program, vat};
///
/// # let dir = std::env::temp_dir().join(format!("marketplace-js-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let path = dir.join("vat-adder.js");
/// std::fs::write(&path, "
///     import { Far } from '@endo/far';
///     export const buildRootObject = () => Far('adder', { add: (a, b) => a + b });
/// ")?;
/// let program = Program::read("adder", &path, &dir)?;
/// let (adder, root) = vat(&program, &Options::default())?;
///
/// let mut sim = Sim::new(|_| transition_no_state!(adder));
/// let sum = sim.ask(|cx| send(cx, &root, "add", (3, 4)));
/// sim.run();
/// assert_eq!(sum.answer(), Some(Ok(7.to_value())));
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the module cannot be evaluated, or is no vat.
pub fn vat<S>(program: &Program, options: &Options) -> Result<(Spawn<S>, Reference), LoadError> {
    load(&Arc::new(program.clone()), options, false)
}

/// Makes the vat of a shell. It hears `["adopt", vats]`, or `["adopt", vats, peer]` where `peer`
/// hears `enliven` for its `captp(address)`, and then lines, `["eval", line]`, each of
/// which it answers with [`Shown`].
pub fn shell_vat<S>(options: &Options) -> (Spawn<S>, Reference) {
    let program = Program::of_text("shell", include_str!("prelude/shell_vat.js"));
    load(&Arc::new(program), options, true)
        .unwrap_or_else(|error| unreachable!("its source is our own: {error}"))
}

/// The message that starts a program: `bootstrap`, the words of the command line, the roots of the
/// other vats by name, and an empty record.
#[must_use]
pub fn bootstrap(argv: &[String], vats: impl IntoIterator<Item = (String, Reference)>) -> Vec<Value> {
    let argv = Value::sequence(argv.iter().map(|word| Text::from(word.as_str()).into()));
    let vats = vats.into_iter().map(|(name, root)| (Value::from(Text::from(name)), Value::from(root)));
    let record = |entries| Value::map(entries).unwrap_or_else(|_| unreachable!("it is flat"));
    vec![Symbol::new("bootstrap").into(), argv, record(vats.collect()), record(OrdMap::new())]
}

fn load<S>(
    program: &Arc<Program>,
    options: &Options,
    is_shell: bool,
) -> Result<(Spawn<S>, Reference), LoadError> {
    let (root, here) = reference::<()>();
    let id = options.tables.add_vat(program.name(), root.as_ref());
    let desk = Arc::new(Mutex::new(Desk::new(id, options.tables.clone(), &root)));
    let engine = Engine::load(program, options, &(desk.clone() as Shared<_>), is_shell)?;
    if let Some(why) = lock(&desk).illegal.take() {
        let place = program.entry().to_string();
        return Err(LoadError::NoVat { vat: program.name().into(), place, what: why });
    }
    let name = program.name().to_string();
    let called = Symbol::new(&name);
    let vat = Vat {
        name,
        engine: Box::new(engine),
        desk,
        is_shell,
        most: options.memory,
        _ends: Ends { tables: options.tables.clone(), id },
    };
    let process = spawn(move |_| {
        let asked = lock(&vat.desk).take_asked();
        transition!(vat, object(here, "o+0".into(), 0), asked)
    });
    Ok((name_process(called, process), root.into()))
}

/// The state of the process.
pub(crate) struct Vat {
    name: String,
    engine: Box<dyn Wall>,
    desk: Shared<Desk>,
    is_shell: bool,
    /// The greatest length of a body that comes in.
    most: usize,
    _ends: Ends,
}

/// Takes a vat from the tables when it ends, in whatever way.
struct Ends {
    tables: Tables,
    id: VatId,
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.tables.end(self.id);
    }
}

/// An object of the vat, as an object of its process.
fn object(here: Here, slot: String, generation: u64) -> Action<Vat> {
    let released = slot.clone();
    object_of!(
        here,
        match_duct!(duct => match_state!(vat: &mut Vat => on_message!(
            message: Value => vat.deliver(&slot, &message, &duct),
        ))),
        match_state!(vat: &mut Vat => on_release!({
            lock(&vat.desk).released(&released, generation);
            ActionTree::new()
        })),
    )
}

impl Vat {
    /// A message to one of its objects.
    fn deliver(&mut self, target: &str, message: &Value, duct: &Duct) -> ActionTree<Self> {
        let parts = match message.view() {
            View::Sequence(parts) => parts,
            _ => std::slice::from_ref(message),
        };
        let (method, arguments) = match parts.split_first().map(|(first, rest)| (first.view(), rest)) {
            Some((View::Symbol(verb), rest)) => (Some(verb.as_str().to_string()), rest),
            _ => (None, parts),
        };
        let arguments = match self.incoming(arguments) {
            Ok(arguments) => arguments,
            Err(why) => return refuse(duct, why),
        };
        let (mut given, mut result) = (None, None);
        if let Some((promise, resolver)) = duct.resolver() {
            let mut desk = lock(&self.desk);
            // The answers to its lines are no part of what a shell shows.
            let is_line = self.is_shell && method.as_deref() == Some("eval");
            result = Some(if is_line {
                desk.decide_unshown(&promise, resolver)
            } else {
                desk.decide(&promise, resolver)
            });
        } else if duct.is_wanted() {
            let (promise, resolver) = promise::<Value>();
            given = Some(give(duct, &promise));
            result = Some(lock(&self.desk).decide(&promise, resolver));
        }
        let turned = self.turn(Input::Deliver { target: target.into(), method, arguments, result });
        actions![given, turned]
    }

    /// News of a promise.
    fn notify(&mut self, promise: &str, settled: Result<Value, Reason>) -> ActionTree<Self> {
        let (news, body) = {
            let mut desk = lock(&self.desk);
            desk.note_settled(promise, &settled);
            let mut slot = |reference: &Reference| desk.slot_of(reference);
            match settled {
                Ok(value) => match reference_in(&value) {
                    Some(object) => {
                        (Settled::Presence, Body { slots: vec![slot(object)], text: String::new() })
                    }
                    None => match marshal::write(&value, self.most, &mut slot) {
                        Ok(body) => (Settled::Data, body),
                        Err(why) => (Settled::Rejected, reasons::error_body("TypeError", &why.to_string())),
                    },
                },
                Err(reason) => (Settled::Rejected, reasons::body(&reason, self.most, &mut slot)),
            }
        };
        self.turn(Input::Notify { promise: promise.into(), news, body })
    }

    fn incoming(&mut self, arguments: &[Value]) -> Result<Body, Reason> {
        let mut desk = lock(&self.desk);
        marshal::write_list(arguments, self.most, &mut |reference| desk.slot_of(reference)).map_err(|why| {
            let is_wrong = |part| marshal::write(part, self.most, &mut |_| String::new()).is_err();
            let place = arguments.iter().position(is_wrong).map_or(0, |at| at + 1);
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            Broken::NotPassable { place, what: why.to_string().into() }.into()
        })
    }

    fn turn(&mut self, input: Input) -> ActionTree<Self> {
        let ran = self.engine.turn(input);
        let mut desk = lock(&self.desk);
        let illegal = desk.illegal.take();
        match ran.err().or(illegal) {
            None => desk.take_asked(),
            Some(why) => {
                let ended = Reason::error(VatEnded { vat: self.name.as_str().into(), why: why.into() });
                let broken = desk.end(&ended);
                actions![broken, quit().because(ended)]
            }
        }
    }
}

/// The reference that a value is.
fn reference_in(value: &Value) -> Option<&Reference> {
    match value.view() {
        View::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// Breaks the answer that is to be given on the duct. If nobody wants it, that is recorded (O17).
fn refuse(duct: &Duct, why: Reason) -> ActionTree<Vat> {
    let (promise, resolver) = promise::<Value>();
    actions![resolver.break_because(why), give(duct, &promise)]
}
