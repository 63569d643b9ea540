//! One session with one peer, without I/O: its tables, what it says, and what it hears.
//!
//! | table | place | what is there |
//! |---|---|---|
//! | exports | chosen here, from 1 on | ours that the peer has, and how often it was told of each |
//! | imports | chosen there | the peer's that somebody here has, and how often we were told |
//! | questions | chosen here, from 0 on | answers that we want |
//! | answers | chosen there | answers that the peer may speak to |
//!
//! Export 0 and import 0 are the bootstrap objects, which are there from the start.

mod answers;
mod exports;
mod heard;
mod hearing;
mod imports;
mod inbox;
mod questions;
mod saying;
mod tables;
#[cfg(test)]
mod tests;
mod world;

use std::mem;

use bytes::Bytes;
use marketplace::objects::Reference;
use marketplace::{Reason, Value};

use self::answers::Answers;
use self::exports::{Exported, Exports, Settles};
pub use self::heard::{Heard, Part, SessionError};
use self::imports::{Imports, Mention, Mentions};
pub use self::inbox::Inbox;
use self::questions::Questions;
use self::saying::Rooms;
pub use self::tables::{Row, Tables};
pub use self::world::{Sort, Target, World};
use crate::syrup::{Limits, Writer};
use crate::value::Unpassable;
use crate::wire::{Import, Op, Spelling, To};

/// The most that a session may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The size of a message.
    pub message: Limits,
    /// Objects and promises in the table of exports.
    pub exports: usize,
    /// Objects and promises in the table of imports.
    pub imports: usize,
    /// Questions of ours that are not answered.
    pub questions: usize,
    /// Answers that the peer has not let go of.
    pub answers: usize,
}

impl Default for Bounds {
    /// Messages of 4 MiB, a million places in each table.
    fn default() -> Self {
        let places = 1_000_000;
        Self {
            message: Limits::default(),
            exports: places,
            imports: places,
            questions: places,
            answers: places,
        }
    }
}

/// One session, after both hellos.
///
/// Its owner gives it messages to hear and calls to say, and takes what it has written. Here
/// Alice tells Bob, who is the bootstrap object of the other side, of Carol.
///
/// ```
/// use marketplace::objects::{Reference, reference};
/// use marketplace::{Symbol, Value};
/// use marketplace_captp::session::{Bounds, Heard, Session, Sort, Target, World};
/// use marketplace_captp::value::Unreadable;
/// use marketplace_captp::wire::{Signed, Spelling};
///
/// fn object() -> Reference {
///     reference::<()>().0.as_ref().clone()
/// }
///
/// /// All that it has are objects, which do nothing.
/// struct Still;
/// impl World for Still {
///     fn import_object(&mut self, _position: u64, _number: u64) -> Reference {
///         object()
///     }
///     fn import_promise(&mut self, _position: u64, _number: u64) -> Reference {
///         object()
///     }
///     fn sort(&mut self, _reference: &Reference) -> Sort {
///         Sort::Object
///     }
///     fn given(&mut self, _give: Signed) -> Result<Value, Unreadable> {
///         Err(Unreadable::Malformed("hand-off to us"))
///     }
/// }
///
/// let (bob, carol) = (object(), object());
/// let mut of_alice = Session::new(Spelling::Next, Bounds::default(), object());
/// let mut of_bob = Session::new(Spelling::Next, Bounds::default(), bob.clone());
///
/// of_alice.deliver(Target::Import(0), &[Symbol::new("foo").into(), carol.into()], false, &mut Still)?;
/// let written = of_alice.take_written();
/// assert_eq!(written, ["<10'op:deliver<11'desc:export0+>[3'foo<18'desc:import-object1+>]ff>"]);
///
/// let heard = of_bob.hear(&written[0], &mut Still)?;
/// let Heard::Deliver { to, parts, answer: None, resolver: None } = heard else { panic!() };
/// assert_eq!((to, parts.len()), (bob, 2));
/// assert_eq!((of_alice.sizes().exports, of_bob.sizes().imports), (1, 1));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    spelling: Spelling,
    bounds: Bounds,
    exports: Exports,
    imports: Imports,
    questions: Questions,
    answers: Answers,
    /// Stands for our resolvers where the peer speaks of them as objects, once it did.
    nobody: Option<Reference>,
    written: Vec<Bytes>,
    /// Room for the parts of the next message, and for the message.
    rooms: Rooms,
    said: u64,
    heard: u64,
}

impl Session {
    /// A session in which `bootstrap` is our export 0.
    #[must_use]
    pub fn new(spelling: Spelling, bounds: Bounds, bootstrap: Reference) -> Self {
        Self {
            spelling,
            bounds,
            exports: Exports::new(bootstrap, bounds.exports),
            imports: Imports::new(bounds.imports),
            questions: Questions::new(bounds.questions),
            answers: Answers::new(bounds.answers),
            nobody: None,
            written: Vec::new(),
            rooms: Rooms::default(),
            said: 0,
            heard: 0,
        }
    }

    /// Import 0, the bootstrap object of the peer: nobody has to be told of it.
    pub fn bootstrap(&mut self, world: &mut impl World) -> Reference {
        if let Some(bootstrap) = self.imports.living(0) {
            return bootstrap;
        }
        let number = self.imports.new_number();
        let bootstrap = world.import_object(0, number);
        let (reference, number) = (Some(bootstrap.clone()), Some(number));
        let mention = Mention { reference, number, ..Mention::default() };
        self.imports.mentioned(Mentions::from([(0, mention)]));
        bootstrap
    }

    /// Sends a message. If an answer is wanted, gives the number of the question; then
    /// [`Session::asks_with`] puts the promise there, before anything else is said.
    ///
    /// # Errors
    /// If a part cannot be passed on: then nothing was written, and no table has changed.
    pub fn deliver(
        &mut self,
        to: Target,
        parts: &[Value],
        wants_answer: bool,
        world: &mut impl World,
    ) -> Result<Option<u64>, Unpassable> {
        self.say_deliver(to, parts, wants_answer, world)
    }

    /// The promise of the answer to a question: when it is sent to the peer, it is that answer.
    pub fn asks_with(&mut self, question: u64, promise: &Reference) {
        self.questions.asked_with(question, promise);
    }

    /// Asks to be told how an imported promise is settled. If nobody has it any more, nothing is
    /// asked.
    pub fn listen(&mut self, promise: u64) {
        self.listen_again(Target::Import(promise));
    }

    /// Whether it stands for an import, or for the answer to a question: what is sent to it goes to
    /// the peer.
    #[must_use]
    pub fn goes_to_peer(&self, reference: &Reference) -> bool {
        self.imports.position(reference).is_some() || self.questions.number(reference).is_some()
    }

    /// Asks once more to be told how a promise is settled: behind all that was sent to it.
    pub fn listen_again(&mut self, promise: Target) {
        let (to, settles) = match promise {
            Target::Import(position) => {
                let Some(number) = self.imports.number(position) else { return };
                (To::Export(position), Settles::Import { position, number })
            }
            Target::Question(question) => {
                let Some(serial) = self.questions.serial(question) else { return };
                (To::Answer(question), Settles::Question { question, serial })
            }
        };
        // `hear` has made sure of a place for each promise. A peer that listens once more may take
        // one too much: then the next message is the last.
        let listener = self.exports.add_anyway(Exported::Resolver(settles));
        let mut writer = Writer::new();
        self.spelling.listen(&mut writer, to, Import::Object(listener));
        self.say(writer.into_bytes());
    }

    /// Tells the peer's object how a promise of ours is settled. A value that cannot be passed on
    /// breaks the promise.
    pub fn settle(&mut self, resolver: u64, result: Result<&Value, &Reason>, world: &mut impl World) {
        self.say_settled(resolver, result, world);
    }

    /// The promise of an answer that the peer may speak to.
    pub fn answers_with(&mut self, answer: u64, promise: Reference) {
        self.answers.put(answer, promise);
    }

    /// Nobody here has the object or promise of this number any more that stood for this import.
    pub fn released(&mut self, position: u64, number: u64) {
        self.imports.fell(position, number);
    }

    /// Nobody here has the promise of this question any more, or it is settled. (The place is free
    /// again when both it was answered and this was said.)
    pub fn question_released(&mut self, question: u64) {
        self.questions.released(question);
    }

    /// Whether [`Session::write_releases`] has something to write.
    #[must_use]
    pub fn has_releases(&self) -> bool {
        self.imports.has_released() || self.questions.has_over()
    }

    /// Writes what nobody here has any more. All else that is written has this written before it
    /// was begun, or behind it: at once is not needed.
    pub fn write_releases(&mut self) {
        // A position and a count have at most 42 bytes, so no message is too large.
        let most = (self.bounds.message.bytes / 64).max(1);
        for released in self.imports.take_released().chunks(most) {
            let mut writer = Writer::new();
            self.spelling.gc_exports(&mut writer, released);
            self.say(writer.into_bytes());
        }
        for over in self.questions.take_over().chunks(most) {
            let mut writer = Writer::new();
            self.spelling.gc_answers(&mut writer, over);
            self.say(writer.into_bytes());
        }
    }

    /// Writes the end of the session.
    pub fn abort(&mut self, reason: &str) {
        let mut writer = Writer::new();
        self.spelling.abort(&mut writer, reason);
        self.say(writer.into_bytes());
    }

    /// Takes what was written since the last call: each is one message, as it goes out.
    pub fn take_written(&mut self) -> Vec<Bytes> {
        mem::take(&mut self.written)
    }

    /// Hears one message.
    ///
    /// # Errors
    /// If it cannot be: the session is to be aborted with this as its reason. No table has changed.
    pub fn hear(&mut self, message: &[u8], world: &mut impl World) -> Result<Heard, SessionError> {
        if !self.exports.has_room(0) {
            return Err(SessionError::TooMany("exports"));
        }
        let op = Op::read(message, self.bounds.message)?;
        let heard = self.hear_op(op, world)?;
        self.heard += 1;
        Ok(heard)
    }

    /// How many operations were written. So an operation has a number in its session, which is the
    /// same at both ends: how many were written, or heard, before it.
    #[must_use]
    pub const fn said(&self) -> u64 {
        self.said
    }

    /// How many operations were heard.
    #[must_use]
    pub const fn heard(&self) -> u64 {
        self.heard
    }

    /// The things in the tables.
    #[must_use]
    pub fn tables(&self) -> Tables {
        Tables {
            exports: self.exports.rows(),
            imports: self.imports.rows(),
            questions: self.questions.rows(),
            answers: self.answers.rows(),
            released: self.imports.released(),
            over: self.questions.over(),
        }
    }

    /// The size of the tables.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes {
            exports: self.exports.len(),
            imports: self.imports.len(),
            questions: self.questions.len(),
            answers: self.answers.len(),
        }
    }
}

/// How many places of the tables of a session are in use. The two bootstrap objects do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Exports.
    pub exports: usize,
    /// Imports.
    pub imports: usize,
    /// Questions.
    pub questions: usize,
    /// Answers.
    pub answers: usize,
}
