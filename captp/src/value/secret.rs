//! Bytes that nothing shows.

use std::fmt;

use bytes::Bytes;
use marketplace::{Message, Opaque, Text, Value, View};

/// Bytes that are a secret, such as a swiss number. As a value they are opaque: no log, trace or
/// dump shows them. [`write()`](crate::value::write()) writes the bytes, so a peer gets them. They
/// are plain bytes there, which its log shows unless they are the address of an object; a method
/// that takes a `Secret` takes them.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_captp::value::Secret;
///
/// let number = Secret::from("open sesame");
/// assert_eq!(format!("{number:?}"), "Secret(..)");
/// assert!(!number.to_value().to_string().contains("sesame"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Bytes);

impl Secret {
    /// The secret that a value says: itself, bytes, or a text.
    #[must_use]
    pub fn said(value: &Value) -> Option<Self> {
        match value.view() {
            View::Text(text) => Some(Self::from(&**text)),
            _ => Self::from_value(value),
        }
    }
}

/// A text that may be the address of an object: what stands in the place of the swiss number is not
/// shown.
///
/// ```
/// use marketplace_captp::value::hide_swiss;
///
/// let address = hide_swiss("ocapn://a1b2.tls/s/b4nk?host=bank.example");
/// assert_eq!(address.as_str(), "ocapn://a1b2.tls/s/b4nk?host=bank.example");
/// assert_eq!(format!("{address:?}"), r#""ocapn://a1b2.tls/s/..?host=bank.example""#);
/// assert_eq!(format!("{:?}", hide_swiss("bank")), r#""bank""#);
/// ```
#[must_use]
pub fn hide_swiss(text: &str) -> Text {
    match text.split_once("/s/").filter(|(peer, _)| peer.starts_with("ocapn:")) {
        None => text.into(),
        Some((peer, rest)) => {
            let hints = rest.find('?').map_or("", |at| &rest[at..]);
            Text::with_secret(text, &format!("{peer}/s/..{hints}"))
        }
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<&Text> for Secret {
    fn from(text: &Text) -> Self {
        text.as_str().into()
    }
}

impl From<Bytes> for Secret {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Secret> for Value {
    fn from(secret: Secret) -> Self {
        Opaque::new(secret).into()
    }
}

/// Bytes are read, too: a secret that came over a connection is that.
impl Message for Secret {
    type Gives = Self;

    fn to_value(&self) -> Value {
        self.clone().into()
    }

    fn into_value(self) -> Value {
        self.into()
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Opaque(opaque) => opaque.downcast_ref().cloned(),
            View::Bytes(bytes) => Some(Self(bytes.clone())),
            _ => None,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
