//! Data, of which messages are made.

pub(crate) mod bounded;
pub(crate) mod contained;
pub(crate) mod door;
pub(crate) mod driver;
pub(crate) mod few;
pub(crate) mod fresh;
pub(crate) mod hash;
#[cfg(any(debug_assertions, feature = "tokio"))]
pub(crate) mod library;
pub(crate) mod lock;
pub(crate) mod message;
#[cfg(any(debug_assertions, test))]
pub(crate) mod near;
pub(crate) mod numbers;
pub(crate) mod one_line;
pub(crate) mod opaque;
pub(crate) mod origin;
pub(crate) mod reason;
pub(crate) mod reference;
pub(crate) mod slots;
pub(crate) mod spare;
pub(crate) mod symbol;
pub(crate) mod text;
pub(crate) mod value;
pub(crate) mod words;
