//! The bytes that an engine carries at a time.

use bytes::Bytes;
use marketplace::Text;
use marketplace_captp::syrup::{Kind, Reader, Writer};

use crate::lost::Lost;
use crate::wire::frame::number;
use crate::wire::frames::Frames;
use crate::wire::{BadBytes, PROTOCOL, limits};

/// The first words of a gateway, said again until they are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    pub(crate) protocol: u64,
    /// The version of the program.
    pub(crate) version: Text,
    /// The number of the stream that begins with it. A later stream has a greater number.
    pub(crate) stream: u64,
    /// The number of the other's stream, if it has been heard, or 0.
    pub(crate) heard: u64,
    /// Whether the speaker has already been part of the cluster.
    pub(crate) stood: bool,
}

/// The streams of a link: the sender's and the receiver's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// The times by which a machine measures how long a packet and its answer are under way. They are
/// counted in microseconds, by the clock of whoever says them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clocks {
    /// When this was said.
    pub(crate) said: u64,
    /// The time that was heard last from the receiver, or 0; and how long ago.
    pub(crate) heard: u64,
    pub(crate) since: u64,
}

/// The bytes that an engine carries at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    Greeting(Greeting),
    /// No link: the protocols do not fit.
    Refusal(Text),
    /// No link: another machine, of this epoch, has the receiver's name.
    Taken(u64),
    /// Frames, of which the first has this number; and how many of the receiver's were taken.
    Frames {
        numbers: Numbers,
        first: u64,
        taken: u64,
        frames: Frames,
    },
    /// The number of the last frame that was sent; and how many of the receiver's were taken.
    Last {
        numbers: Numbers,
        last: u64,
        taken: u64,
        clocks: Clocks,
    },
    /// The link of these streams has ended.
    Reset {
        numbers: Numbers,
        why: Lost,
    },
}

impl Packet {
    pub(crate) fn encode(&self) -> Bytes {
        let mut writer = Writer::new();
        writer.open(Kind::List);
        match self {
            Self::Greeting(Greeting { protocol, version, stream, heard, stood }) => {
                writer.symbol("hello");
                writer.int((*protocol).into());
                writer.text(version);
                writer.int((*stream).into());
                writer.int((*heard).into());
                writer.bool(*stood);
            }
            Self::Refusal(why) => {
                writer.symbol("refusal");
                writer.text(why);
            }
            Self::Taken(epoch) => {
                writer.symbol("taken");
                writer.int((*epoch).into());
            }
            Self::Frames { numbers, first, taken, frames } => {
                begin_frames(&mut writer, *numbers, *first, *taken);
                writer.raw(&frames.0);
            }
            Self::Last { numbers, last, taken, clocks: Clocks { said, heard, since } } => {
                writer.symbol("last");
                numbers.write(&mut writer);
                [last, taken, said, heard, since].into_iter().for_each(|n| writer.int((*n).into()));
            }
            Self::Reset { numbers, why } => {
                writer.symbol("reset");
                numbers.write(&mut writer);
                writer.bool(*why == Lost::Overrun);
            }
        }
        writer.close(Kind::List);
        writer.into_bytes().into()
    }

    /// The bytes before and after the frames of [`Packet::Frames`].
    pub(crate) fn around_frames(numbers: Numbers, first: u64, taken: u64) -> (Vec<u8>, u8) {
        let mut writer = Writer::new();
        writer.open(Kind::List);
        begin_frames(&mut writer, numbers, first, taken);
        (writer.into_bytes(), END)
    }

    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes, limits(bytes.len()));
        reader.open(Kind::List)?;
        let packet = match reader.symbol()? {
            "hello" => {
                let protocol = number(&mut reader)?;
                if protocol != PROTOCOL {
                    // Nothing is known of what follows.
                    let greeting =
                        Greeting { protocol, version: "".into(), stream: 0, heard: 0, stood: false };
                    return Ok(Self::Greeting(greeting));
                }
                Self::Greeting(Greeting {
                    protocol,
                    version: short(reader.text()?),
                    stream: number(&mut reader)?,
                    heard: number(&mut reader)?,
                    stood: reader.bool()?,
                })
            }
            "refusal" => Self::Refusal(short(reader.text()?)),
            "taken" => Self::Taken(number(&mut reader)?),
            "frames" => {
                let numbers = Numbers::read(&mut reader)?;
                let (first, taken) = (number(&mut reader)?, number(&mut reader)?);
                // Each is read once, when it is taken.
                let [frames @ .., END] = &bytes[reader.at()..] else { return Err(BadBytes::No("packet")) };
                return Ok(Self::Frames { numbers, first, taken, frames: Frames(bytes.slice_ref(frames)) });
            }
            "last" => Self::Last {
                numbers: Numbers::read(&mut reader)?,
                last: number(&mut reader)?,
                taken: number(&mut reader)?,
                clocks: Clocks {
                    said: number(&mut reader)?,
                    heard: number(&mut reader)?,
                    since: number(&mut reader)?,
                },
            },
            "reset" => Self::Reset {
                numbers: Numbers::read(&mut reader)?,
                why: if reader.bool()? { Lost::Overrun } else { Lost::LinkReset },
            },
            _ => return Err(BadBytes::No("packet")),
        };
        reader.close(Kind::List)?;
        reader.finish()?;
        Ok(packet)
    }
}

/// The end of a packet, as of any list.
const END: u8 = b']';

fn begin_frames(writer: &mut Writer, numbers: Numbers, first: u64, taken: u64) {
    writer.symbol("frames");
    numbers.write(writer);
    writer.int(first.into());
    writer.int(taken.into());
}

/// A text for people, as far as it is kept: others decide how long it is.
fn short(text: &str) -> Text {
    const BYTES: usize = 256;
    let end = (0..=BYTES.min(text.len())).rfind(|at| text.is_char_boundary(*at));
    text[..end.unwrap_or(0)].into()
}

impl Numbers {
    fn write(self, writer: &mut Writer) {
        writer.int(self.from.into());
        writer.int(self.to.into());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        Ok(Self { from: number(reader)?, to: number(reader)? })
    }
}
