//! Observations of a spy, and their text.

use std::fmt::{self, Write};

use marketplace::{Event, InterestType, Orientation, Reason, Role, Value, View, one_line};

/// A line is cut when it has so many bytes.
const LINE: usize = 500;

/// So many bytes of an observation are dumped.
const DUMPED: usize = 512;

/// Something that a [spy](crate::spy) sees.
///
/// It is shown as one line, and with `{:#}` as a line and a hex dump of the bytes in it, but for
/// those with a secret ([`Value::secret`]).
///
/// ```
/// use bytes::Bytes;
/// use marketplace::Message;
/// use marketplace_drivers::spy::Observation;
///
/// let seen = Observation::Message(Bytes::from("GET /").to_value());
/// assert_eq!(seen.to_string(), r#"> b"GET /""#);
/// assert_eq!(
///     format!("{seen:#}").lines().last(),
///     Some("    00000000  47 45 54 20 2f                                    |GET /|"),
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Observation {
    /// An endpoint is there.
    Present(Role),
    /// An endpoint has gone, or somebody refused.
    Absent(Role, Reason),
    /// A message was sent.
    Message(Value),
    /// Feedback was sent.
    Feedback(Value),
}

impl Observation {
    /// The observation of an event of others than spies.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        if let Some(body) = event.body() {
            let sent = body.clone();
            return Some(match event.orientation() {
                Orientation::Publisher => Self::Message(sent),
                Orientation::Subscriber => Self::Feedback(sent),
            });
        }
        if event.is_vacancy() || event.interest_type() == InterestType::Everything {
            return None;
        }
        Some(match event.reason() {
            Some(reason) => Self::Absent(event.role(), reason.clone()),
            None => Self::Present(event.role()),
        })
    }

    fn value(&self) -> Option<&Value> {
        match self {
            Self::Message(value) | Self::Feedback(value) => Some(value),
            Self::Present(_) | Self::Absent(..) => None,
        }
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Short { text: String::new(), is_cut: false };
        // The only error is that the line is full.
        let _ = match self {
            Self::Present(role) => write!(line, "+ {}", one_line(role)),
            Self::Absent(role, reason) => write!(line, "- {} ({})", one_line(role), one_line(reason)),
            Self::Message(value) => write!(line, "> {}", one_line(value)),
            Self::Feedback(value) => write!(line, "< {}", one_line(value)),
        };
        f.write_str(&line.text)?;
        if line.is_cut {
            f.write_str(" ..")?;
        }
        match self.value() {
            Some(value) if f.alternate() => {
                let mut dump = Dump { f, room: DUMPED, left_out: 0 };
                dump.value(value)?;
                match dump.left_out {
                    0 => Ok(()),
                    more => write!(f, "\n    .. and {more} bytes more"),
                }
            }
            _ => Ok(()),
        }
    }
}

/// A text that takes no more than so many bytes.
struct Short {
    text: String,
    is_cut: bool,
}

impl Write for Short {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        more.chars().try_for_each(|char| self.push(char))
    }
}

impl Short {
    fn push(&mut self, char: char) -> fmt::Result {
        if self.text.len() + char.len_utf8() > LINE {
            self.is_cut = true;
            return Err(fmt::Error);
        }
        self.text.push(char);
        Ok(())
    }
}

/// A dump of all bytes in a value, wherever they are in it, while there is room.
struct Dump<'f, 'a> {
    f: &'f mut fmt::Formatter<'a>,
    room: usize,
    left_out: usize,
}

impl Dump<'_, '_> {
    fn value(&mut self, value: &Value) -> fmt::Result {
        match value.view() {
            View::Bytes(_) if value.is_secret() => Ok(()),
            View::Bytes(bytes) => {
                let (shown, left_out) = bytes.split_at(bytes.len().min(self.room));
                self.room -= shown.len();
                self.left_out += left_out.len();
                self.bytes(shown)
            }
            View::Record(_, fields) => fields.iter().try_for_each(|field| self.value(field)),
            View::Sequence(items) => items.iter().try_for_each(|item| self.value(item)),
            View::Set(items) => items.iter().try_for_each(|item| self.value(item)),
            View::Map(entries) => {
                entries.iter().try_for_each(|(key, value)| self.value(key).and_then(|()| self.value(value)))
            }
            _ => Ok(()),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> fmt::Result {
        const WIDTH: usize = 16;
        let f = &mut *self.f;
        for (row, bytes) in bytes.chunks(WIDTH).enumerate() {
            write!(f, "\n    {:08x} ", row * WIDTH)?;
            for place in 0..WIDTH {
                f.write_str(if place == WIDTH / 2 { "  " } else { " " })?;
                match bytes.get(place) {
                    Some(byte) => write!(f, "{byte:02x}")?,
                    None => f.write_str("  ")?,
                }
            }
            f.write_str("  |")?;
            for byte in bytes {
                f.write_char(if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })?;
            }
            f.write_char('|')?;
        }
        Ok(())
    }
}
