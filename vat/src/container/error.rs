//! Why vats cannot be loaded.

use std::path::PathBuf;
use std::sync::Arc;

use marketplace::Reason;
use marketplace::vat::VatError;

use crate::basedir::BasedirError;

/// Why the vats of a basedir cannot be loaded.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is no such basedir.
    #[error(transparent)]
    Basedir(#[from] BasedirError),
    /// A vat is written in JavaScript, and this program is built without it.
    #[error("vat {vat}: {} is JavaScript: this is built without the feature `js`", path.display())]
    NoJavaScript {
        /// Its name.
        vat: String,
        /// Its source.
        path: PathBuf,
    },
    /// A vat ended when it began.
    #[error("vat {vat}: {reason}")]
    Ended {
        /// Its name.
        vat: String,
        /// Why it ended.
        reason: Reason,
    },
    /// There can be no runtime for what comes from elsewhere.
    #[error("no runtime: {0}")]
    NoRuntime(Arc<std::io::Error>),
    /// The VM does not run.
    #[error(transparent)]
    Vat(#[from] VatError),
}
