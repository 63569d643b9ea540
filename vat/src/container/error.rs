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
    /// A source cannot be loaded.
    #[cfg(feature = "js")]
    #[error(transparent)]
    Source(#[from] Arc<marketplace_js::LoadError>),
    /// There can be no runtime for what comes from elsewhere.
    #[error("no runtime: {0}")]
    NoRuntime(Arc<std::io::Error>),
    /// The VM does not run.
    #[error(transparent)]
    Vat(#[from] VatError),
}

/// Why a root has no address.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The container was made without a netlayer.
    #[error("there is no way to these vats from elsewhere")]
    NoNetlayer,
    /// There is no vat of this name.
    #[error("there is no vat `{name}`")]
    NoVat {
        /// The name.
        name: String,
    },
    /// The peer gives none.
    #[error(transparent)]
    Peer(#[from] VatError),
}
