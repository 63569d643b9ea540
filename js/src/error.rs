//! Why a vat could not be loaded.

use std::path::PathBuf;

use crate::tildot::TildotError;

/// Why a vat could not be loaded, with its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file cannot be read.
    #[error("vat {vat}: {}: {error}", path.display())]
    Unreadable {
        /// The vat.
        vat: String,
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// An import means nothing, or something that a vat may not read.
    #[error("vat {vat}: {place}: import of '{specifier}': {why}")]
    Import {
        /// The vat.
        vat: String,
        /// The file and the line.
        place: String,
        /// The module that was to be imported.
        specifier: String,
        /// Why it cannot be.
        why: String,
    },
    /// `~.` joins what it cannot join.
    #[error("vat {vat}: {file}:{}: {error}", error.line)]
    Tildot {
        /// The vat.
        vat: String,
        /// The file.
        file: String,
        /// The mistake.
        error: TildotError,
    },
    /// The source does not compile, or threw when it was evaluated.
    #[error("vat {vat}: {place}: {what}")]
    Thrown {
        /// The vat.
        vat: String,
        /// The file and the line.
        place: String,
        /// The error.
        what: String,
    },
    /// The source exports neither `setup` nor `buildRootObject`, or what it made is no vat.
    #[error("vat {vat}: {place}: {what}")]
    NoVat {
        /// The vat.
        vat: String,
        /// The file.
        place: String,
        /// The thing that is missing.
        what: String,
    },
    /// It went over a limit while it was loaded.
    #[error("vat {vat}: {place}: {limit}")]
    Limit {
        /// The vat.
        vat: String,
        /// The file.
        place: String,
        /// The limit.
        limit: String,
    },
}
