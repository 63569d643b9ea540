//! Writes messages: finds the descriptors of what is in them, and takes all back if one cannot
//! be written.

use std::convert::Infallible;
use std::mem;

use bytes::Bytes;
use marketplace::objects::Reference;
use marketplace::{MAX_DEPTH, Reason, Value};

use crate::session::exports::{Exported, Exports, Settles};
use crate::session::imports::Imports;
use crate::session::questions::Questions;
use crate::session::{Session, Sort, Target, World};
use crate::syrup::{Extent, Kind, Limits, SyrupError, Writer};
use crate::value::{self, Describe, Unpassable};
use crate::wire::{Import, To};

/// Values of settled promises in such values, at most. A deeper one is passed on as the promise
/// that it is, and so is what would make the whole nest too deep for its reader: no chain of
/// promises makes the stack grow.
const MAX_NESTED: usize = 8;

/// The most bytes for which room is kept.
const MAX_ROOM: usize = 1 << 16;

/// Room for what is written next, so that it does not have to grow from nothing each time.
#[derive(Default)]
pub(super) struct Rooms {
    args: Writer,
    message: Writer,
}

/// The parts of a message, which was not sent yet.
struct Draft {
    args: Writer,
    /// The exports of which it tells the peer, each as often as it does.
    told: Vec<u64>,
    /// Those from here on were new.
    next: u64,
}

impl Session {
    pub(super) fn say_deliver(
        &mut self,
        to: Target,
        parts: &[Value],
        wants_answer: bool,
        world: &mut impl World,
    ) -> Result<Option<u64>, Unpassable> {
        let to = match to {
            Target::Import(position) if self.imports.contains(position) => To::Export(position),
            Target::Question(question) if self.questions.contains(question) => To::Answer(question),
            Target::Import(_) | Target::Question(_) => {
                return Err(unpassable("a message to what was let go of"));
            }
        };
        if wants_answer && !self.questions.has_room() {
            return Err(unpassable("one more question"));
        }
        let mut draft = self.draft(world, |writer, references| {
            parts.iter().try_for_each(|part| references.part(part, writer))
        })?;
        let mut asked = None;
        if wants_answer {
            let (question, serial) = self.questions.next();
            let settles = Settles::Question { question, serial };
            let Ok(resolver) = self.exports.add(Exported::Resolver(settles)) else {
                self.take_back(&draft, world);
                return Err(full());
            };
            draft.told.push(resolver);
            asked = Some((question, resolver));
        }
        self.send(to, draft, asked, world)?;
        if wants_answer {
            self.questions.ask();
        }
        Ok(asked.map(|(question, _)| question))
    }

    pub(super) fn say_settled(
        &mut self,
        resolver: u64,
        result: Result<&Value, &Reason>,
        world: &mut impl World,
    ) {
        if !self.imports.hears(resolver) {
            return;
        }
        let said = match result {
            Ok(value) => self.try_fulfill(resolver, value, world),
            Err(reason) => self.try_break(resolver, reason, world),
        };
        let said = said.or_else(|cannot| self.try_break(resolver, &Reason::error(cannot), world));
        if said.is_err() {
            self.break_shortly(resolver);
        }
        self.imports.release(resolver);
    }

    fn try_fulfill(
        &mut self,
        resolver: u64,
        value: &Value,
        world: &mut impl World,
    ) -> Result<(), Unpassable> {
        let draft = self.draft(world, |writer, references| {
            writer.symbol("fulfill");
            references.part(value, writer)
        })?;
        self.send(To::Export(resolver), draft, None, world)
    }

    fn try_break(
        &mut self,
        resolver: u64,
        reason: &Reason,
        world: &mut impl World,
    ) -> Result<(), Unpassable> {
        let draft = self.draft(world, |writer, references| {
            writer.symbol("break");
            references.depth = match reason {
                Reason::Value(value) => value.depth(),
                _ => MAX_DEPTH,
            };
            value::write_reason(reason, writer, references)
        })?;
        self.send(To::Export(resolver), draft, None, world)
    }

    /// Breaks a promise whose reason is longer than a message may be.
    fn break_shortly(&mut self, resolver: u64) {
        let mut writer = Writer::new();
        let args = |writer: &mut Writer| {
            writer.open(Kind::List);
            writer.symbol("break");
            writer.open(Kind::Record);
            writer.symbol("desc:error");
            writer.text("the reason is too long");
            writer.close(Kind::Record);
            writer.close(Kind::List);
            Ok(())
        };
        let to = To::Export(resolver);
        let Ok(()) = self.spelling.deliver::<Infallible>(&mut writer, to, args, None, None);
        self.say(writer.into_bytes());
    }

    /// The list of what `write` writes. If that cannot be written, no table has changed.
    fn draft<W: World>(
        &mut self,
        world: &mut W,
        write: impl FnOnce(&mut Writer, &mut Describer<'_, W>) -> Result<(), Unpassable>,
    ) -> Result<Draft, Unpassable> {
        let args = mem::take(&mut self.rooms.args);
        let mut draft = Draft { args, told: Vec::new(), next: self.exports.next() };
        let (imports, questions) = (&self.imports, &self.questions);
        let (exports, told) = (&mut self.exports, &mut draft.told);
        let limit = self.bounds.message.bytes;
        let (depth, nested) = (0, 0);
        let mut describer =
            Describer { exports, imports, questions, world: &mut *world, told, limit, depth, nested };
        draft.args.open(Kind::List);
        let written = write(&mut draft.args, &mut describer);
        draft.args.close(Kind::List);
        match written {
            Ok(()) => Ok(draft),
            Err(cannot) => {
                self.take_back(&draft, world);
                Err(cannot)
            }
        }
    }

    fn take_back(&mut self, draft: &Draft, world: &mut impl World) {
        self.exports.take_back(&draft.told, draft.next);
        world.unwritten();
    }

    /// Writes the message. If it is larger than a message may be, no table has changed.
    fn send(
        &mut self,
        to: To,
        draft: Draft,
        asked: Option<(u64, u64)>,
        world: &mut impl World,
    ) -> Result<(), Unpassable> {
        let (question, resolver) = asked.unzip();
        let mut writer = mem::take(&mut self.rooms.message);
        let args = |writer: &mut Writer| {
            writer.raw(draft.args.as_bytes());
            Ok(())
        };
        let resolver = resolver.map(Import::Object);
        let Ok(()) = self.spelling.deliver::<Infallible>(&mut writer, to, args, question, resolver);
        if let Err(cannot) = fits(writer.as_bytes(), self.bounds.message) {
            self.take_back(&draft, world);
            return Err(cannot);
        }
        self.say(writer.as_bytes().to_vec());
        self.rooms = Rooms { args: emptied(draft.args), message: emptied(writer) };
        Ok(())
    }

    pub(super) fn say(&mut self, message: Vec<u8>) {
        self.said += 1;
        self.written.push(Bytes::from(self.spelling.framed(message)));
    }
}

/// The room of what was written, for the next one, unless that was much.
fn emptied(mut writer: Writer) -> Writer {
    if writer.as_bytes().len() > MAX_ROOM {
        return Writer::new();
    }
    writer.truncate(0);
    writer
}

fn fits(message: &[u8], limits: Limits) -> Result<(), Unpassable> {
    Extent::new(limits).end(message).map_err(misfit)?;
    Ok(())
}

fn misfit(error: SyrupError) -> Unpassable {
    Unpassable { what: format!("the message ({error})") }
}

fn full() -> Unpassable {
    unpassable("one more object")
}

fn unpassable(what: &str) -> Unpassable {
    Unpassable { what: what.to_string() }
}

/// Finds the descriptors of what is in a message.
struct Describer<'a, W> {
    exports: &'a mut Exports,
    imports: &'a Imports,
    questions: &'a Questions,
    world: &'a mut W,
    /// The exports of which the message tells.
    told: &'a mut Vec<u64>,
    /// The most bytes that a message may have.
    limit: usize,
    /// How deep what is being written nests, at most.
    depth: usize,
    /// The settled promises whose values are being written, each in that of the one before it.
    nested: usize,
}

impl<W: World> Describe for Describer<'_, W> {
    fn describe(&mut self, reference: &Reference, writer: &mut Writer) -> Result<(), Unpassable> {
        if let Some(position) = self.imports.position(reference) {
            To::Export(position).write(writer);
            return Ok(());
        }
        if let Some(question) = self.questions.number(reference) {
            To::Answer(question).write(writer);
            return Ok(());
        }
        // A promise is what it is settled with, also if the peer has it: whoever wants an object
        // reads none from a promise that is to be listened to.
        if !self.exports.has_promise(reference) && self.again(reference, writer) {
            return Ok(());
        }
        match self.world.sort(reference) {
            Sort::Settled(value) if self.has_room(&value) => self.settled(&value, writer),
            Sort::As(object) if self.again(&object, writer) => Ok(()),
            Sort::As(object) => self.add(Exported::Object(object), writer),
            _ if self.again(reference, writer) => Ok(()),
            Sort::Object => self.add(Exported::Object(reference.clone()), writer),
            Sort::Promise | Sort::Settled(_) => self.add(Exported::Promise(reference.clone()), writer),
            Sort::Foreign(signed) => {
                writer.raw(&signed.0);
                Ok(())
            }
        }
    }
}

impl<W: World> Describer<'_, W> {
    fn part(&mut self, part: &Value, writer: &mut Writer) -> Result<(), Unpassable> {
        self.depth = part.depth();
        value::write(part, writer, self)
    }

    /// Writes the value with which a promise is settled.
    fn settled(&mut self, value: &Value, writer: &mut Writer) -> Result<(), Unpassable> {
        // One promise can stand in many places, and others in its value.
        let limit = self.limit;
        if writer.as_bytes().len() > limit {
            return Err(misfit(SyrupError::TooLong { limit }));
        }
        let depth = self.depth;
        self.depth += 1 + value.depth();
        self.nested += 1;
        let written = value::write(value, writer, self);
        self.nested -= 1;
        self.depth = depth;
        written
    }

    fn has_room(&self, value: &Value) -> bool {
        self.nested < MAX_NESTED && self.depth + 1 + value.depth() < MAX_DEPTH
    }

    /// Writes what is in the table already. Says whether it is.
    fn again(&mut self, reference: &Reference, writer: &mut Writer) -> bool {
        let import = self.exports.again(reference);
        import.inspect(|import| self.write_import(*import, writer)).is_some()
    }

    fn add(&mut self, what: Exported, writer: &mut Writer) -> Result<(), Unpassable> {
        let import = match what {
            Exported::Promise(_) => Import::Promise,
            _ => Import::Object,
        };
        let position = self.exports.add(what).map_err(|_| full())?;
        self.write_import(import(position), writer);
        Ok(())
    }

    fn write_import(&mut self, import: Import, writer: &mut Writer) {
        let (Import::Object(position) | Import::Promise(position)) = import;
        self.told.push(position);
        import.write(writer);
    }
}
