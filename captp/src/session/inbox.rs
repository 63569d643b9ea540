//! Bytes that come in, until a message is there as a whole.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::syrup::{Extent, Limits, SyrupError};
use crate::wire::WireError;

/// The digits of the longest length: that of a `u64`.
const MAX_DIGITS: usize = 20;

/// Bytes that have come, and messages in them. The first byte says whether messages come behind
/// their lengths.
///
/// ```
/// use marketplace_captp::session::Inbox;
/// use marketplace_captp::syrup::Limits;
///
/// let mut inbox = Inbox::new(Limits::default());
/// inbox.push("11:<8'op:ab".into());
/// assert_eq!(inbox.next(), Ok(None));
/// inbox.push("ort>".into());
/// assert_eq!(inbox.next().unwrap().as_deref(), Some(&b"<8'op:abort>"[..11]));
/// ```
pub struct Inbox {
    limits: Limits,
    bytes: BytesMut,
    messages: Messages,
}

/// How messages follow each other.
enum Messages {
    /// Nothing has come yet.
    Unknown,
    /// Each behind its length.
    BehindLength,
    /// One behind the other. This is how far the first has been looked at.
    Bare(Extent),
}

/// Without the bytes: there may be a secret among them.
impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({} bytes)", self.bytes.len())
    }
}

impl Inbox {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, bytes: BytesMut::new(), messages: Messages::Unknown }
    }

    /// Bytes have come.
    pub fn push(&mut self, bytes: Bytes) {
        if self.bytes.is_empty() {
            self.bytes = bytes.into();
        } else {
            self.bytes.extend_from_slice(&bytes);
        }
    }

    /// The next message, if it is there as a whole.
    ///
    /// # Errors
    /// If what comes is no message, or one that is too large.
    #[allow(clippy::should_implement_trait, reason = "a message may come later")]
    pub fn next(&mut self) -> Result<Option<Bytes>, WireError> {
        let Some(&first) = self.bytes.first() else { return Ok(None) };
        if let Messages::Unknown = self.messages {
            self.messages = match first {
                b'0'..=b'9' => Messages::BehindLength,
                b'<' => Messages::Bare(Extent::new(self.limits)),
                found => {
                    let expected = "a message, or its length";
                    return Err(SyrupError::Unexpected { at: 0, found, expected }.into());
                }
            };
        }
        let end = match &mut self.messages {
            Messages::Bare(extent) => extent.end(&self.bytes)?,
            _ => {
                let Some((digits, length)) = self.length()? else { return Ok(None) };
                if self.bytes.len() - digits - 1 < length {
                    return Ok(None);
                }
                let _ = self.bytes.split_to(digits + 1);
                Some(length)
            }
        };
        let Some(end) = end else { return Ok(None) };
        if let Messages::Bare(extent) = &mut self.messages {
            *extent = Extent::new(self.limits);
        }
        Ok(Some(self.bytes.split_to(end).freeze()))
    }

    /// The digits before the next message, and the length that they say, once they are there.
    fn length(&self) -> Result<Option<(usize, usize)>, WireError> {
        let digits = self.bytes.iter().take(MAX_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
        let spelled = &self.bytes[..digits];
        if digits > MAX_DIGITS || spelled.first() == Some(&b'0') {
            return Err(WireError::Length);
        }
        let length = spelled
            .iter()
            .try_fold(0usize, |length, digit| length.checked_mul(10)?.checked_add(usize::from(digit - b'0')));
        let length = length.filter(|&length| length <= self.limits.bytes).ok_or(WireError::Length)?;
        match self.bytes.get(digits) {
            None => Ok(None),
            Some(b':') if digits > 0 => Ok(Some((digits, length))),
            Some(_) => Err(WireError::Length),
        }
    }
}
