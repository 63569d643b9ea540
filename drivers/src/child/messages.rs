//! The messages between the child driver and its users.

use std::fmt;
use std::io;

use bytes::Bytes;
use marketplace::{IntoValue, Message, Symbol, Text, Value};

use crate::failure;

/// A program to run, and how: the name of the child that runs it.
///
/// Equal commands are one child. An [`id`](Self::id) tells apart commands that are otherwise equal.
///
/// ```
/// use marketplace_drivers::child::Command;
///
/// let sort = Command::new("sort").arg("-r").env("LC_ALL", "C").dir("/tmp");
/// assert_eq!(sort.to_string(), "sort -r");
/// assert_ne!(sort, sort.clone().id(2));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Command {
    /// The program: a path, or a name that is looked for in `PATH`.
    pub program: Text,
    /// Its arguments. No shell looks at them.
    pub args: Vec<Text>,
    /// Variables added to the environment of this program: names and values. The variables by which
    /// a user asks to [look inside](marketplace::ground::LOOK_INSIDE) this program are not passed
    /// to the child, unless they are added here.
    pub env: Vec<(Text, Text)>,
    /// The directory in which it runs: the program's own, if this is `None`.
    pub dir: Option<Text>,
    /// Any value that tells it from other commands: unit, unless [`Command::id`] was set.
    pub id: Value,
}

impl Command {
    /// This program, without arguments.
    pub fn new(program: impl Into<Text>) -> Self {
        Self { program: program.into(), args: Vec::new(), env: Vec::new(), dir: None, id: Value::UNIT }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<Text>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With these arguments, too.
    ///
    /// ```
    /// # use marketplace_drivers::child::Command;
    /// assert_eq!(Command::new("head").args(["-n", "1"]).to_string(), "head -n 1");
    /// ```
    #[must_use]
    pub fn args<T: Into<Text>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With this in its environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// In this directory.
    #[must_use]
    pub fn dir(mut self, dir: impl Into<Text>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Told from others by this: a [`Fresh`](marketplace::Fresh) name, say.
    #[must_use]
    pub fn id(mut self, id: impl IntoValue) -> Self {
        self.id = id.into();
        self
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

/// A packet of a child's output.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::child::{ChildOutput, ChildPacket, ChildStream, Command};
///
/// let date = Command::new("date");
/// let reader: AddEndpoint<()> = subscriber!(
///     ChildOutput(date, ChildStream::Stdout, _),
///     on_message!(ChildOutput(_, _, ChildPacket::Data(bytes)) => send_message!(bytes)),
///     on_absence!(quit()),
/// );
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::child::DRIVER)]
pub struct ChildOutput(
    /// The child.
    pub Command,
    /// The stream on which it came.
    pub ChildStream,
    /// The packet.
    pub ChildPacket,
);

/// A packet for a child, on its standard input.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::child::{ChildInput, ChildPacket, Command};
///
/// let sort = Command::new("sort");
/// let writer: AddEndpoint<()> = publisher!(
///     ChildInput(sort, _),
///     on_presence!((
///         send_message!(ChildInput(sort.clone(), ChildPacket::from("b\na\n"))),
///         send_message!(ChildInput(sort, ChildPacket::Eof)),
///     )),
/// );
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::child::DRIVER)]
pub struct ChildInput(
    /// The child.
    pub Command,
    /// The packet.
    pub ChildPacket,
);

/// A stream that a child writes.
///
/// ```
/// use marketplace_drivers::child::ChildStream;
/// assert!(ChildStream::Stdout < ChildStream::Stderr);
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChildStream {
    /// Its standard output.
    Stdout,
    /// Its standard error stream.
    Stderr,
}

/// A piece of a stream, or its end.
///
/// ```
/// use marketplace_drivers::child::ChildPacket;
/// assert_eq!(ChildPacket::from("hello"), ChildPacket::Data("hello".into()));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub enum ChildPacket {
    /// Bytes. Where one packet ends and the next begins means nothing.
    Data(Bytes),
    /// End of file: nothing follows on this stream.
    Eof,
}

impl<B: Into<Bytes>> From<B> for ChildPacket {
    fn from(bytes: B) -> Self {
        Self::Data(bytes.into())
    }
}

/// Feedback about a [`ChildInput`]: so many more bytes of it have gone to the kernel. On the wire
/// between processes it is a `ChildInput` with a number in place of the packet.
///
/// It comes for each quarter of the write limit: a process that never has more than half of the
/// limit outstanding never overruns it.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::child::{ChildInput, ChildWritten, Command};
///
/// let sort = Command::new("sort");
/// let writer: AddEndpoint<()> =
///     publisher!(ChildInput(sort, _), on_message!(ChildWritten(_, bytes) => send_message!(("may say more", bytes))));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(label = ChildInput)]
pub struct ChildWritten(
    /// The child.
    pub Command,
    /// How many bytes.
    pub u64,
);

/// How a child ended that did not end well: the reason of its absence.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::child::{ChildExit, ChildOutput, ChildStream, Command};
///
/// let make = Command::new("make");
/// let reader: AddEndpoint<()> = subscriber!(
///     ChildOutput(make, ChildStream::Stdout, _),
///     match_reason!(ChildExit::Code(code) => on_absence!(send_message!(("make failed", code)))),
///     on_absence!(send_message!("all is made")),
/// );
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildExit {
    /// It ended itself, with this status, which is not 0.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}

/// Why the driver refuses to start a child.
///
/// ```
/// use marketplace_drivers::child::ChildFailure;
/// let failure = ChildFailure::from(&std::io::Error::from(std::io::ErrorKind::NotFound));
/// assert_eq!(failure.kind.as_str(), "NotFound");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct ChildFailure {
    /// The kind of failure: the name of an [`io::ErrorKind`], such as `NotFound` or
    /// `PermissionDenied`.
    pub kind: Symbol,
    /// The failure as a text, for people.
    pub text: Text,
}

impl ChildFailure {
    /// A failure to start this.
    pub(crate) fn to_start(command: &Command, error: &io::Error) -> Self {
        let place = command.dir.as_ref().map_or(String::new(), |dir| format!(" in {dir}"));
        let text = failure::cannot(format_args!("start {}{place}", command.program), error);
        Self { text, ..Self::from(error) }
    }
}

impl From<&io::Error> for ChildFailure {
    fn from(error: &io::Error) -> Self {
        let (kind, text) = failure::kind_and_text(error);
        Self { kind, text }
    }
}
