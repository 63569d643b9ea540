//! The words with which a connection begins, before it carries packets.

use bytes::{BufMut, Bytes, BytesMut};
use marketplace::Text;
use marketplace_captp::syrup::{Kind, Limits, Reader, SyrupError, Writer};

use crate::links::refused::{Cause, Refused};

/// The number of this way to begin.
const VERSION: u64 = 1;

/// Why a word is none.
const NONE: &str = "what it says is no greeting of a machine";

/// How long a word may be, in bytes.
pub(super) const LONGEST: usize = 4096;

/// How long a machine's name may be, in bytes.
pub(super) const NAME: usize = 255;

/// A word with which a connection begins. The machine that has dialled says hello, and hears hello
/// or a refusal. Then one of them says welcome: packets go on this connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Hello(Hello),
    Welcome,
    /// No packets go here, for this reason.
    Refusal(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hello {
    /// The speaker.
    pub(super) name: Text,
    pub(super) epoch: u64,
    /// The machine that it believes to be at the other end.
    pub(super) to: Text,
}

impl Word {
    /// Writes it, with its length.
    pub(super) fn write(&self, out: &mut BytesMut) {
        let mut writer = Writer::new();
        writer.open(Kind::List);
        match self {
            Self::Hello(Hello { name, epoch, to }) => {
                writer.symbol("machine");
                writer.int(VERSION.into());
                writer.text(name);
                writer.int((*epoch).into());
                writer.text(to);
            }
            Self::Welcome => writer.symbol("welcome"),
            Self::Refusal(why) => {
                writer.symbol("refusal");
                writer.text(&why.chars().take(LONGEST / 8).collect::<String>());
            }
        }
        writer.close(Kind::List);
        put(out, writer.as_bytes());
    }

    /// # Errors
    /// If it is none.
    pub(super) fn read(bytes: &Bytes) -> Result<Self, Refused> {
        let none = |error: SyrupError| Cause::Greeting.because(format!("{NONE}: {error}"));
        let mut reader = Reader::new(bytes, Limits { bytes: LONGEST, depth: 2 });
        reader.open(Kind::List).map_err(none)?;
        let word = match reader.symbol().map_err(none)? {
            "machine" => {
                let version = reader.int().map_err(none)?;
                if version != VERSION.into() {
                    let why = format!("it begins as version {version} does, and here is {VERSION}");
                    return Err(Cause::Version.because(why));
                }
                let name = reader.text().map_err(none)?.into();
                let epoch = u64::try_from(reader.int().map_err(none)?);
                let epoch =
                    epoch.map_err(|_| Cause::Greeting.because("its epoch is no number of 64 bits"))?;
                Self::Hello(Hello { name, epoch, to: reader.text().map_err(none)?.into() })
            }
            "welcome" => Self::Welcome,
            "refusal" => Self::Refusal(reader.text().map_err(none)?.to_string()),
            _ => return Err(Cause::Greeting.because(NONE)),
        };
        reader.close(Kind::List).map_err(none)?;
        reader.finish().map_err(none)?;
        Ok(word)
    }
}

/// Writes these bytes, after their number.
pub(super) fn put(out: &mut BytesMut, bytes: &[u8]) {
    // Packets are bounded far below 4 GiB: the other side says no to longer ones.
    out.reserve(4 + bytes.len());
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.put_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_were_written() {
        let hello = Hello { name: "ann".into(), epoch: u64::MAX, to: "bob".into() };
        for word in [Word::Hello(hello), Word::Welcome, Word::Refusal("the name is taken".into())] {
            let mut out = BytesMut::new();
            word.write(&mut out);
            let length = u32::from_be_bytes(out[..4].try_into().unwrap());
            let bytes = out.split_off(4).freeze();
            assert_eq!((length as usize, Word::read(&bytes)), (bytes.len(), Ok(word)));
        }
    }

    #[test]
    fn a_word_that_is_none_says_why() {
        for bytes in [&b""[..], b"GET / HTTP/1.1", b"[", b"[5'hallo]", b"[7'machine1+]", b"[7'welcome]x"] {
            assert!(Word::read(&Bytes::from_static(bytes)).is_err(), "{bytes:?}");
        }
        let later = Word::read(&Bytes::from_static(b"[7'machine2+3\"ann7+3\"bob]")).unwrap_err();
        assert_eq!(later, Cause::Version.because("it begins as version 2 does, and here is 1"));
        let epoch = Word::read(&Bytes::from_static(b"[7'machine1+3\"ann7-3\"bob]")).unwrap_err();
        assert_eq!(epoch, Cause::Greeting.because("its epoch is no number of 64 bits"));
    }
}
