//! The words of two peers: operations, addresses, keys and certificates.

pub(crate) mod base32;
mod certificate;
mod key;
mod location;
mod misfit;
mod operation;
mod spelling;
mod uri;

pub(crate) use self::certificate::is_name_of_gift;
pub use self::certificate::{BadCertificate, Give, Receive, Signed};
pub use self::key::{Keys, PublicId, PublicKey, SessionId, Signature};
pub use self::location::{Location, Sturdyref};
pub use self::operation::{Args, Hello, Import, Op, To, WireError};
pub use self::spelling::Spelling;
pub use self::uri::BadUri;
