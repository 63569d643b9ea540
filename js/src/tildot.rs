//! The wavy dot: `x~.m(a)` as the call that it stands for. Works on tokens, not on a syntax tree.

mod rewrite;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;

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
/// | written | read |
/// |---|---|
/// | `x~.m(a)` | `HandledPromise.applyMethod(x, "m", [a])` |
/// | `x~.[k](a)` | `HandledPromise.applyMethod(x, (k), [a])` |
/// | `x~.(a)` | `HandledPromise.applyFunction(x, [a])` |
/// | `x~.p`, `x~.[k]` | `HandledPromise.get(x, "p")` |
/// | `x~.p = v` | `HandledPromise.set(x, "p", v)` |
/// | `delete x~.p` | `HandledPromise.delete(x, "p")` |
///
/// A statement that is nothing but a call, ended by `;`, asks for no answer: it is
/// `applyMethodSendOnly`, or `applyFunctionSendOnly`.
///
/// ```
/// use marketplace_js::tildot;
///
/// assert_eq!(tildot("p = x~.m(1)")?, r#"p = HandledPromise.applyMethod(x, "m", [1])"#);
/// assert_eq!(tildot("x~.m(1);")?, r#"HandledPromise.applyMethodSendOnly(x, "m", [1]);"#);
/// # Ok::<_, marketplace_js::TildotError>(())
/// ```
///
/// # Errors
/// If `~.` stands between things that it cannot join. A text without `~.` is never a mistake.
pub fn tildot(source: &str) -> Result<String, TildotError> {
    if !source.contains("~.") {
        return Ok(source.into());
    }
    rewrite::rewrite(source, &tokens::tokens(source)?)
}
