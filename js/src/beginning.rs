//! The beginning of a text: a value may be small, and its text without end.

use std::fmt::{self, Display, Write};

const LONGEST: usize = 300;

/// How something is shown, but for what is beyond the beginning, which is not made at all.
pub(crate) fn beginning(of: &impl Display) -> String {
    let mut beginning = Beginning(String::new());
    match write!(beginning, "{of}") {
        Ok(()) => beginning.0,
        Err(fmt::Error) => beginning.0 + "..",
    }
}

struct Beginning(String);

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.0.len() >= LONGEST {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}
