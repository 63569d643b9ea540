//! Any text is read, or has a mistake in one of its lines.

use crate::tildot;

/// Reads a text. The text that comes of it has as many lines.
///
/// # Panics
/// If it has not, or a mistake stands elsewhere.
pub(crate) fn check(text: &str) {
    let ends = text.matches('\n').count();
    match tildot(text) {
        Ok(read) => assert_eq!(read.matches('\n').count(), ends, "{text:?} is read as {read:?}"),
        Err(mistake) => assert!((1..=ends + 1).contains(&mistake.line), "{mistake:?} in {text:?}"),
    }
}
