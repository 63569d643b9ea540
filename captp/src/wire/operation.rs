//! The operations.

use std::fmt;

use crate::syrup::{Kind, Limits, Reader, SyrupError, Writer};
use crate::wire::misfit::{Misfit, position};
use crate::wire::{Keys, Location, PublicKey, Signature};

const VERSION: &str = "1.0";

const EXPORT: &str = "desc:export";
const ANSWER: &str = "desc:answer";
const IMPORT_OBJECT: &str = "desc:import-object";
const IMPORT_PROMISE: &str = "desc:import-promise";

/// The operations that are understood, in all spellings.
const LABELS: [&str; 12] = [
    "op:abort",
    "op:deliver",
    "op:deliver-only",
    "op:gc-answer",
    "op:gc-answers",
    "op:gc-export",
    "op:gc-exports",
    "op:get",
    "op:index",
    "op:listen",
    "op:start-session",
    "op:untag",
];

/// The receiver of a message, as its receiver reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum To {
    /// An object or promise of the receiver.
    Export(u64),
    /// The answer that the receiver gives to a question.
    Answer(u64),
}

/// An object or a promise of the sender, as its receiver reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Import {
    /// An object.
    Object(u64),
    /// A promise.
    Promise(u64),
}

/// The arguments of a message: the bytes of a list, which nobody has looked into yet. `{:?}` does
/// not show them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Args<'a>(pub &'a [u8]);

/// The first message of each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The sender's key for this session.
    pub key: PublicKey,
    /// Where the sender can be reached.
    pub location: Location,
}

/// An operation, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// Begins the session. Version and signature were right.
    Start(Hello),
    /// A message.
    Deliver {
        /// Its receiver.
        to: To,
        /// Its parts.
        args: Args<'a>,
        /// The position at which the sender will speak of the answer.
        answer: Option<u64>,
        /// The sender's object that hears the answer.
        resolver: Option<Import>,
    },
    /// Asks to be told how a promise is settled.
    Listen {
        /// The promise.
        to: To,
        /// The sender's object that hears it.
        listener: Import,
    },
    /// A field of a struct that is still to be answered.
    Get {
        /// The struct.
        of: To,
        /// The name of the field.
        field: &'a str,
        /// The position of the answer.
        answer: u64,
    },
    /// An item of a list that is still to be answered.
    Index {
        /// The list.
        of: To,
        /// Its place, from 0 on.
        at: u64,
        /// The position of the answer.
        answer: u64,
    },
    /// The content of a tagged value that is still to be answered.
    Untag {
        /// The tagged value.
        of: To,
        /// The tag that it should have.
        tag: &'a str,
        /// The position of the answer.
        answer: u64,
    },
    /// The sender has let go of exports of the receiver, which it had been sent so often.
    GcExports(Vec<(u64, u64)>),
    /// The sender has let go of answers.
    GcAnswers(Vec<u64>),
    /// The session ends, for this reason.
    Abort(String),
}

/// Why a message cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// It is not Syrup.
    #[error(transparent)]
    Syrup(#[from] SyrupError),
    /// An operation that nobody knows.
    #[error("there is no operation `{0}`")]
    Unknown(String),
    /// An operation whose fields are not as they should be.
    #[error("`{0}` does not have the fields that it should have")]
    Malformed(&'static str),
    /// A hello of another version.
    #[error("version `{0}` is not spoken here, but `1.0` is")]
    Version(String),
    /// The signature of a hello is not that of its key.
    #[error("the location is not signed by the key")]
    Unsigned,
    /// The length before a message is no number, or too large.
    #[error("the length of a message is wrong")]
    Length,
}

impl To {
    /// Writes the descriptor, which is one of the reader's object or answer.
    pub fn write(self, writer: &mut Writer) {
        match self {
            Self::Export(position) => descriptor(writer, EXPORT, position),
            Self::Answer(position) => descriptor(writer, ANSWER, position),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Misfit> {
        match read_descriptor(reader)? {
            (EXPORT, position) => Ok(Self::Export(position)),
            (ANSWER, position) => Ok(Self::Answer(position)),
            _ => Err(Misfit::Fields),
        }
    }
}

impl Import {
    /// Writes the descriptor, which is one of the writer's object or promise.
    pub fn write(self, writer: &mut Writer) {
        match self {
            Self::Object(position) => descriptor(writer, IMPORT_OBJECT, position),
            Self::Promise(position) => descriptor(writer, IMPORT_PROMISE, position),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Misfit> {
        match read_descriptor(reader)? {
            (IMPORT_OBJECT, position) => Ok(Self::Object(position)),
            (IMPORT_PROMISE, position) => Ok(Self::Promise(position)),
            _ => Err(Misfit::Fields),
        }
    }
}

fn descriptor(writer: &mut Writer, label: &str, position: u64) {
    writer.open(Kind::Record);
    writer.symbol(label);
    writer.int(position.into());
    writer.close(Kind::Record);
}

fn read_descriptor<'a>(reader: &mut Reader<'a>) -> Result<(&'a str, u64), Misfit> {
    reader.open(Kind::Record)?;
    let read = (reader.symbol()?, position(reader)?);
    reader.close(Kind::Record)?;
    Ok(read)
}

impl<'a> Op<'a> {
    /// Reads one, in whatever spelling.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(bytes: &'a [u8], limits: Limits) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes, limits);
        reader.open(Kind::Record)?;
        let label = reader.symbol()?;
        let known = LABELS.iter().find(|known| **known == label);
        let known = known.ok_or_else(|| WireError::Unknown(beginning(label)))?;
        let read = match *known {
            "op:start-session" => return Hello::read(reader).map(Self::Start),
            known => Self::read_fields(known, &mut reader),
        };
        let op = read.map_err(|misfit| misfit_of(known, misfit))?;
        end(known, &mut reader)?;
        Ok(op)
    }

    fn read_fields(label: &str, reader: &mut Reader<'a>) -> Result<Self, Misfit> {
        Ok(match label {
            "op:deliver" => Self::Deliver {
                to: To::read(reader)?,
                args: Args::read(reader)?,
                answer: unless_false(reader, position)?,
                resolver: unless_false(reader, Import::read)?,
            },
            "op:deliver-only" => {
                let (to, args) = (To::read(reader)?, Args::read(reader)?);
                Self::Deliver { to, args, answer: None, resolver: None }
            }
            "op:listen" => {
                let (to, listener) = (To::read(reader)?, Import::read(reader)?);
                // Whether promises count as settlements. Older drafts of the protocol have that.
                if reader.kind() == Ok(Kind::Bool) {
                    reader.bool()?;
                }
                Self::Listen { to, listener }
            }
            "op:get" => Self::Get { of: To::read(reader)?, field: reader.text()?, answer: position(reader)? },
            "op:index" => {
                Self::Index { of: To::read(reader)?, at: position(reader)?, answer: position(reader)? }
            }
            "op:untag" => {
                Self::Untag { of: To::read(reader)?, tag: reader.text()?, answer: position(reader)? }
            }
            "op:gc-exports" | "op:gc-export" => {
                let (positions, counts) = (positions(reader)?, positions(reader)?);
                if positions.len() != counts.len() {
                    return Err(Misfit::Fields);
                }
                Self::GcExports(positions.into_iter().zip(counts).collect())
            }
            "op:gc-answers" | "op:gc-answer" => Self::GcAnswers(positions(reader)?),
            "op:abort" => Self::Abort(reader.text()?.to_string()),
            _ => unreachable!("each label that is known is read here, or is that of a hello"),
        })
    }
}

impl<'a> Args<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Misfit> {
        if reader.kind()? == Kind::List { Ok(Self(reader.skip()?)) } else { Err(Misfit::Fields) }
    }
}

impl fmt::Debug for Args<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // There may be a swiss number among them.
        write!(f, "Args({} bytes)", self.0.len())
    }
}

impl Hello {
    /// Writes the operation, with the location signed.
    pub fn write(location: &Location, keys: &Keys, writer: &mut Writer) {
        writer.open(Kind::Record);
        writer.symbol("op:start-session");
        writer.text(VERSION);
        keys.public().write(writer);
        writer.raw(location.as_bytes());
        keys.sign(&my_location(location)).write(writer);
        writer.close(Kind::Record);
    }

    /// Reads what is behind the label.
    fn read(mut reader: Reader<'_>) -> Result<Self, WireError> {
        const LABEL: &str = "op:start-session";
        let misfit = |misfit| misfit_of(LABEL, misfit);
        // Another version may have other fields.
        let version = reader.text().map_err(|error| misfit(error.into()))?;
        if version != VERSION {
            return Err(WireError::Version(beginning(version)));
        }
        let key = PublicKey::read(&mut reader).map_err(misfit)?;
        let location = Location::read(&mut reader).map_err(misfit)?;
        let signature = Signature::read(&mut reader).map_err(misfit)?;
        end(LABEL, &mut reader)?;
        if key.has_signed(&my_location(&location), &signature) {
            Ok(Self { key, location })
        } else {
            Err(WireError::Unsigned)
        }
    }
}

/// The bytes that are signed: the record around the location keeps the signature from being one of
/// something else.
fn my_location(location: &Location) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.open(Kind::Record);
    writer.symbol("my-location");
    writer.raw(location.as_bytes());
    writer.close(Kind::Record);
    writer.into_bytes()
}

/// Reads the end of an operation.
fn end(label: &'static str, reader: &mut Reader<'_>) -> Result<(), WireError> {
    reader.close(Kind::Record).map_err(|error| misfit_of(label, error.into()))?;
    Ok(reader.finish()?)
}

const fn misfit_of(label: &'static str, misfit: Misfit) -> WireError {
    match misfit {
        Misfit::Syrup(error) => WireError::Syrup(error),
        Misfit::Fields => WireError::Malformed(label),
    }
}

fn unless_false<'a, T>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Misfit>,
) -> Result<Option<T>, Misfit> {
    match reader.kind()? {
        Kind::Bool if reader.bool()? => Err(Misfit::Fields),
        Kind::Bool => Ok(None),
        _ => read(reader).map(Some),
    }
}

fn positions(reader: &mut Reader<'_>) -> Result<Vec<u64>, Misfit> {
    let mut positions = Vec::new();
    reader.open(Kind::List)?;
    while !reader.closes(Kind::List)? {
        positions.push(position(reader)?);
    }
    Ok(positions)
}

/// As much of a text of somebody else as an error shows.
fn beginning(text: &str) -> String {
    text.chars().take(64).collect()
}
