//! Text of bounded length.

use std::fmt::{self, Write};

/// How long the text of a value, a topic or a reason is at most: 64 KiB. Of a longer one `{}` and
/// `{:?}` write the beginning, and `…`.
///
/// A value that shares much with itself is small, and its text may be without end: 40 lists, each
/// of which has the one before twice, would print as 10^12 letters. So whatever a log, an error or
/// a dump shows is bounded. [`Value::whole_text`](crate::Value::whole_text) writes all of it.
pub const MAX_TEXT: usize = 64 << 10;

/// A value that takes fewer bytes than this is short enough, whatever is in it.
const SHORT: usize = 4 << 10;

/// Writes a text that is cut behind [`MAX_TEXT`] bytes. `bytes`: how many the thing takes of which
/// it is the text, if that is known.
pub(crate) fn write_bounded(
    f: &mut fmt::Formatter<'_>,
    bytes: Option<usize>,
    text: &dyn fmt::Debug,
) -> fmt::Result {
    if bytes.is_some_and(|bytes| bytes < SHORT) {
        return text.fmt(f);
    }
    let alternate = f.alternate();
    let mut bounded = Bounded { to: f, left: MAX_TEXT, is_full: false };
    let result = if alternate { write!(bounded, "{text:#?}") } else { write!(bounded, "{text:?}") };
    match (bounded.is_full, bytes) {
        (false, _) => result,
        (true, None) => f.write_str("…"),
        (true, Some(bytes)) if bytes < u32::MAX as usize => write!(f, "… ({bytes} bytes in all)"),
        (true, Some(_)) => f.write_str("… (4 GiB or more in all)"),
    }
}

/// A text that is written as it is.
pub(crate) struct Plain<'t>(pub(crate) &'t str);

impl fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Fails when it is full, so that nobody goes on writing.
struct Bounded<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    left: usize,
    is_full: bool,
}

impl Write for Bounded<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.left {
            self.left -= text.len();
            return self.to.write_str(text);
        }
        let end = (0..=self.left).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.left = 0;
        self.to.write_str(&text[..end])?;
        self.is_full = true;
        Err(fmt::Error)
    }
}
