//! Why a basedir is none.

use std::path::PathBuf;
use std::sync::Arc;

/// Why there can be no vats of a basedir.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BasedirError {
    /// The folder cannot be read.
    #[error("{}: {source}", dir.display())]
    Unreadable {
        /// The folder.
        dir: PathBuf,
        /// Why.
        source: Arc<std::io::Error>,
    },
    /// There is no vat that begins.
    #[error("there is no {}", dir.join("bootstrap.js").display())]
    NoBootstrap {
        /// The folder.
        dir: PathBuf,
    },
    /// Two vats have one name.
    #[error("two vats are called `{name}`: {one} and {other}")]
    Twice {
        /// The name.
        name: String,
        /// Where the one comes from.
        one: String,
        /// Where the other one comes from.
        other: String,
    },
    /// A vat beside the one that begins has its name.
    #[error("{}: only bootstrap.js is the vat `bootstrap`", path.display())]
    Reserved {
        /// Its source.
        path: PathBuf,
    },
    /// A vat has no name.
    #[error("{}: a vat needs a name, as in vat-NAME.js", path.display())]
    Nameless {
        /// Its source.
        path: PathBuf,
    },
}
