//! Reads messages: finds what their descriptors stand for, and changes the tables once a message
//! was read as a whole.

use bytes::Bytes;
use marketplace::objects::{Far, Reference, promise};
use marketplace::{Reason, Value};

use crate::session::answers::Answers;
use crate::session::exports::{Exported, Exports, Settles};
use crate::session::imports::{Imports, Mentions};
use crate::session::{Heard, Part, Session, SessionError, Target, World};
use crate::syrup::{Kind, Limits, Reader, SyrupError};
use crate::value::{self, Descriptor, Refer, Unreadable};
use crate::wire::{Args, Import, Op, Signed, To};

/// The thing to which a message speaks.
enum Spoken {
    Reference(Reference),
    /// The export at this position, which is a resolver.
    Resolver(u64),
}

/// A word of the peer to a resolver.
enum Word {
    Fulfill,
    Break,
    Other,
}

impl Session {
    pub(super) fn hear_op(&mut self, op: Op<'_>, world: &mut impl World) -> Result<Heard, SessionError> {
        match op {
            Op::Start(_) => Err(SessionError::Begun),
            Op::Deliver { to, args, answer, resolver } => match self.spoken(to)? {
                Spoken::Reference(to) => self.hear_deliver(to, args, answer, resolver, world),
                Spoken::Resolver(position) => self.hear_settled(position, args, answer, resolver, world),
            },
            Op::Listen { to, listener } => {
                let to = self.spoken(to)?;
                let mut referrer = Referrer::new(self, world);
                let listener = referrer.awaits(listener)?;
                let mentions = referrer.mentions;
                self.imports.mentioned(mentions);
                Ok(Heard::Listen { to: self.reference(to), listener })
            }
            Op::Get { of, field, answer } => self.hear_select(of, Part::Field(field.to_string()), answer),
            Op::Index { of, at, answer } => self.hear_select(of, Part::Item(at), answer),
            Op::Untag { of, tag, answer } => self.hear_select(of, Part::Tagged(tag.to_string()), answer),
            Op::GcExports(released) => {
                let abandoned = self.exports.release(&released)?;
                let targets: Vec<_> =
                    abandoned.into_iter().filter_map(|settles| self.settles(settles)).collect();
                Ok(if targets.is_empty() { Heard::Nothing } else { Heard::Abandoned(targets) })
            }
            Op::GcAnswers(released) => {
                self.answers.release(&released)?;
                Ok(Heard::Nothing)
            }
            Op::Abort(reason) => Ok(Heard::Aborted(reason)),
        }
    }

    fn hear_deliver(
        &mut self,
        to: Reference,
        args: Args<'_>,
        answer: Option<u64>,
        resolver: Option<Import>,
        world: &mut impl World,
    ) -> Result<Heard, SessionError> {
        let limits = self.bounds.message;
        let read = |referrer: &mut Referrer<'_, _>| read_parts(args, limits, referrer);
        let (parts, resolver) = self.read_all(answer, resolver, world, read)?;
        Ok(Heard::Deliver { to, parts, answer, resolver })
    }

    /// The peer speaks to the resolver at this position.
    fn hear_settled(
        &mut self,
        position: u64,
        args: Args<'_>,
        answer: Option<u64>,
        resolver: Option<Import>,
        world: &mut impl World,
    ) -> Result<Heard, SessionError> {
        let limits = self.bounds.message;
        let word = word(args, limits)?;
        if let Word::Other = word {
            let to = self.reference(Spoken::Resolver(position));
            let heard = self.hear_deliver(to, args, answer, resolver, world)?;
            // Nobody wants to know that a resolver hears no such thing.
            let wanted = answer.is_some() || resolver.is_some();
            return Ok(if wanted { heard } else { Heard::Nothing });
        }
        let (result, resolver) =
            self.read_all(answer, resolver, world, |referrer| read_result(&word, args, limits, referrer))?;
        let target = self.exports.spend(position).and_then(|settles| self.settles(settles));
        if let Some(answer) = answer {
            let nobody = self.nobody();
            self.answers.put(answer, nobody);
        }
        if let Some(resolver) = resolver {
            self.say_settled(resolver, Ok(&Value::UNIT), world);
        }
        Ok(target.map_or(Heard::Nothing, |promise| Heard::Settled { promise, result }))
    }

    fn hear_select(&mut self, of: To, part: Part, answer: u64) -> Result<Heard, SessionError> {
        let of = self.spoken(of)?;
        self.answers.is_free(answer)?;
        self.answers.reserve(answer);
        Ok(Heard::Select { of: self.reference(of), part, answer })
    }

    /// Reads the values of a message. The tables change if all of it could be read.
    fn read_all<T, W: World>(
        &mut self,
        answer: Option<u64>,
        resolver: Option<Import>,
        world: &mut W,
        read: impl FnOnce(&mut Referrer<'_, W>) -> Result<T, Unreadable>,
    ) -> Result<(T, Option<u64>), SessionError> {
        if let Some(answer) = answer {
            self.answers.is_free(answer)?;
        }
        let mut referrer = Referrer::new(self, world);
        let values = read(&mut referrer);
        if let Some(full) = referrer.full {
            return Err(SessionError::TooMany(full));
        }
        let values = values?;
        let resolver = resolver.map(|resolver| referrer.awaits(resolver)).transpose()?;
        let mentions = referrer.mentions;
        self.imports.mentioned(mentions);
        if let Some(answer) = answer {
            self.answers.reserve(answer);
        }
        Ok((values, resolver))
    }

    fn spoken(&self, to: To) -> Result<Spoken, SessionError> {
        match to {
            To::Export(position) => match self.exports.at(position) {
                Some(Exported::Object(reference) | Exported::Promise(reference)) => {
                    Ok(Spoken::Reference(reference.clone()))
                }
                Some(Exported::Resolver(_) | Exported::Spent) => Ok(Spoken::Resolver(position)),
                None => Err(SessionError::Nothing(format!("export {position}"))),
            },
            To::Answer(answer) => match self.answers.at(answer) {
                Some(promise) => Ok(Spoken::Reference(promise.clone())),
                None => Err(SessionError::Nothing(format!("answer {answer}"))),
            },
        }
    }

    fn reference(&mut self, spoken: Spoken) -> Reference {
        match spoken {
            Spoken::Reference(reference) => reference,
            Spoken::Resolver(_) => self.nobody(),
        }
    }

    /// Stands for a resolver of ours where it is spoken of as an object. Nobody hears what is sent
    /// to it: its answers break.
    fn nobody(&mut self) -> Reference {
        self.nobody.get_or_insert_with(new_nobody).clone()
    }

    /// The promise that the peer has settled, or never will, if somebody here may wait for it.
    fn settles(&mut self, settles: Settles) -> Option<Target> {
        match settles {
            Settles::Question { question, serial } => {
                let is_asked = self.questions.serial(question) == Some(serial);
                is_asked.then(|| {
                    self.questions.answered(question);
                    Target::Question(question)
                })
            }
            Settles::Import { position, number } => {
                (self.imports.number(position) == Some(number)).then_some(Target::Import(position))
            }
        }
    }
}

fn new_nobody() -> Reference {
    let (nobody, _) = promise::<Far<()>>();
    nobody.as_ref().clone()
}

fn word(args: Args<'_>, limits: Limits) -> Result<Word, SessionError> {
    let mut reader = Reader::new(args.0, limits);
    let mut read = || -> Result<Word, SyrupError> {
        reader.open(Kind::List)?;
        if reader.closes(Kind::List)? || reader.kind()? != Kind::Symbol {
            return Ok(Word::Other);
        }
        let word = match reader.symbol()? {
            "fulfill" => Word::Fulfill,
            "break" => Word::Break,
            _ => return Ok(Word::Other),
        };
        if reader.closes(Kind::List)? {
            return Ok(Word::Other);
        }
        reader.skip()?;
        Ok(if reader.closes(Kind::List)? { word } else { Word::Other })
    };
    read().map_err(|error| SessionError::Value(error.into()))
}

fn read_parts(args: Args<'_>, limits: Limits, references: &mut impl Refer) -> Result<Vec<Value>, Unreadable> {
    let mut reader = Reader::new(args.0, limits);
    let mut parts = Vec::new();
    reader.open(Kind::List)?;
    while !reader.closes(Kind::List)? {
        parts.push(value::read(&mut reader, references)?);
    }
    reader.finish()?;
    Ok(parts)
}

fn read_result(
    word: &Word,
    args: Args<'_>,
    limits: Limits,
    references: &mut impl Refer,
) -> Result<Result<Value, Reason>, Unreadable> {
    let mut reader = Reader::new(args.0, limits);
    reader.open(Kind::List)?;
    reader.symbol()?;
    let result = match word {
        Word::Break => Err(value::read_reason(&mut reader, references)?),
        Word::Fulfill | Word::Other => Ok(value::read(&mut reader, references)?),
    };
    reader.close(Kind::List)?;
    reader.finish()?;
    Ok(result)
}

/// Finds what descriptors stand for. It changes no table, but gathers what is mentioned.
struct Referrer<'a, W> {
    exports: &'a Exports,
    answers: &'a Answers,
    imports: &'a mut Imports,
    nobody: &'a mut Option<Reference>,
    world: &'a mut W,
    mentions: Mentions,
    /// Mentioned imports that are not in the table yet.
    new: usize,
    /// New promises: each will be listened to.
    promises: usize,
    /// The table that has no room for what the message mentions.
    full: Option<&'static str>,
}

impl<'a, W: World> Referrer<'a, W> {
    fn new(session: &'a mut Session, world: &'a mut W) -> Self {
        let Session { exports, answers, imports, nobody, .. } = session;
        let mentions = Mentions::new();
        Self { exports, answers, imports, nobody, world, mentions, new: 0, promises: 0, full: None }
    }

    /// The position of something that is to hear how something is settled.
    fn awaits(&mut self, import: Import) -> Result<u64, SessionError> {
        let (Import::Object(position) | Import::Promise(position)) = import;
        self.room_for(position).map_err(SessionError::TooMany)?;
        let mention = self.mentions.entry(position).or_default();
        mention.count += 1;
        mention.awaits += 1;
        Ok(position)
    }

    /// Makes sure that there will be a place for it.
    fn room_for(&mut self, position: u64) -> Result<(), &'static str> {
        if !self.imports.contains(position) && !self.mentions.contains_key(&position) {
            self.new += 1;
            if !self.imports.has_room(self.new) {
                return Err("imports");
            }
        }
        Ok(())
    }

    fn import(&mut self, import: Import) -> Result<Value, &'static str> {
        let (Import::Object(position) | Import::Promise(position)) = import;
        self.room_for(position)?;
        let mention = self.mentions.entry(position).or_default();
        mention.count += 1;
        if let Some(reference) = &mention.reference {
            return Ok(reference.clone().into());
        }
        if let Some(living) = self.imports.living(position) {
            return Ok(mention.reference.insert(living).clone().into());
        }
        let number = self.imports.new_number();
        mention.number = Some(number);
        let reference = match import {
            Import::Object(_) => self.world.import_object(position, number),
            Import::Promise(_) => {
                self.promises += 1;
                if !self.exports.has_room(self.promises) {
                    return Err("exports");
                }
                self.world.import_promise(position, number)
            }
        };
        Ok(mention.reference.insert(reference).clone().into())
    }
}

impl<W: World> Refer for Referrer<'_, W> {
    fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable> {
        let import = match descriptor {
            Descriptor::ImportObject(position) => Import::Object(position),
            Descriptor::ImportPromise(position) => Import::Promise(position),
            Descriptor::Export(position) => {
                return match self.exports.at(position) {
                    Some(Exported::Object(reference) | Exported::Promise(reference)) => {
                        Ok(reference.clone().into())
                    }
                    Some(Exported::Resolver(_) | Exported::Spent) => {
                        Ok(self.nobody.get_or_insert_with(new_nobody).clone().into())
                    }
                    None => Err(Unreadable::Nothing(format!("export {position}"))),
                };
            }
            Descriptor::Answer(answer) => {
                let promise = self.answers.at(answer);
                let promise = promise.ok_or_else(|| Unreadable::Nothing(format!("answer {answer}")));
                return Ok(promise?.clone().into());
            }
            Descriptor::Give(signed) => return self.world.given(Signed(Bytes::copy_from_slice(signed))),
        };
        self.import(import).map_err(|full| {
            self.full = Some(full);
            Unreadable::Nothing(format!("the end of the table of {full}"))
        })
    }
}
