//! Where peers are, and where objects are that last.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use marketplace::{Message, Symbol, Value, View};

use crate::syrup::{Kind, Reader, SyrupError, Writer};
use crate::value::Secret;
use crate::wire::BadUri;
use crate::wire::misfit::{Misfit, record};
use crate::wire::uri;

/// The most bytes that the record of a location has that comes from a peer: each session and each
/// address that is dialled or avoided keeps some.
const LONGEST: usize = 4096;

/// Where a peer is: a transport, a name there, and hints how to reach it. Two locations are of one
/// peer if transport and designator are equal.
#[derive(Clone, Debug)]
pub struct Location {
    /// The transport, such as `tcp-testing-only`.
    pub transport: String,
    /// The name of the peer there.
    pub designator: String,
    /// How to reach it, by name; empty for a peer that cannot be dialled.
    pub hints: Vec<(String, String)>,
    /// The record as it was received: it is sent on unchanged.
    raw: Bytes,
}

/// The address of an object that lasts: where, and the secret by which it is found there.
///
/// `{:?}` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Sturdyref {
    /// Where.
    pub location: Location,
    /// The swiss number: whoever has it may have the object.
    pub swiss: Bytes,
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        (&self.transport, &self.designator) == (&other.transport, &other.designator)
    }
}

impl Eq for Location {}

impl Location {
    /// A location of ours. Of two hints with one name the last one counts.
    ///
    /// ```
    /// use marketplace_captp::wire::Location;
    ///
    /// let here = Location::new("tcp-testing-only", "a1b2", &[("host", "127.0.0.1"), ("port", "22045")]);
    /// assert_eq!(here.to_uri(), "ocapn://a1b2.tcp-testing-only?host=127.0.0.1&port=22045");
    /// ```
    #[must_use]
    pub fn new(transport: &str, designator: &str, hints: &[(&str, &str)]) -> Self {
        let hints: BTreeMap<_, _> = hints.iter().copied().collect();
        let mut writer = Writer::new();
        writer.open(Kind::Record);
        writer.symbol("ocapn-peer");
        writer.symbol(transport);
        writer.text(designator);
        if hints.is_empty() {
            writer.bool(false);
        } else {
            let mut entries = writer.open_sorted(Kind::Dict);
            for (name, hint) in &hints {
                writer.entry(&mut entries);
                writer.text(name);
                writer.text(hint);
            }
            writer.close_sorted(entries);
        }
        writer.close(Kind::Record);
        Self {
            transport: transport.to_string(),
            designator: designator.to_string(),
            hints: hints.into_iter().map(|(name, hint)| (name.to_string(), hint.to_string())).collect(),
            raw: writer.into_bytes().into(),
        }
    }

    /// The record that says it, `<ocapn-peer ..>`: the bytes that came, if it came.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.raw
    }

    /// The hint of this name.
    #[must_use]
    pub fn hint(&self, name: &str) -> Option<&str> {
        self.hints.iter().find(|(hint, _)| hint == name).map(|(_, hint)| hint.as_str())
    }

    /// Reads `ocapn://<designator>.<transport>?<hint>=..`.
    ///
    /// # Errors
    /// If it is no address of a peer.
    pub fn parse(uri: &str) -> Result<Self, BadUri> {
        uri::parse_location(uri)
    }

    /// The address as people write it.
    #[must_use]
    pub fn to_uri(&self) -> String {
        uri::write(self, None)
    }

    /// The record `ocapn-peer`, as `value::read` gives it.
    fn to_value(&self) -> Value {
        let hints: BTreeMap<_, _> = self.hints.iter().cloned().collect();
        let hints = if hints.is_empty() { false.into() } else { hints.into_value() };
        let parts = [Symbol::new(&self.transport).into(), self.designator.as_str().into(), hints];
        Value::record("ocapn-peer", parts)
    }

    /// The location that a value says, as `value::read` gives it.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let View::Record(label, [transport, designator, hints]) = value.view() else { return None };
        let View::Symbol(transport) = transport.view() else { return None };
        let (transport, designator) = (transport.as_str(), text(designator)?);
        let hints = match hints.view() {
            View::Bool(false) => Vec::new(),
            View::Map(hints) => {
                let hints = hints.iter().map(|(name, hint)| Some((text(name)?, text(hint)?)));
                hints.collect::<Option<_>>()?
            }
            _ => return None,
        };
        let fits = label.as_str() == "ocapn-peer" && !transport.is_empty() && !designator.is_empty();
        fits.then(|| Self::new(transport, designator, &hints))
    }

    /// Reads the record, and keeps its bytes, if they are not too many.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Misfit> {
        let start = reader.at();
        let (transport, designator, hints) = record(reader, "ocapn-peer", |reader| {
            Ok((reader.symbol()?.to_string(), reader.text()?.to_string(), hints(reader)?))
        })?;
        if transport.is_empty() || designator.is_empty() {
            return Err(Misfit::Fields);
        }
        let raw = reader.since(start);
        if raw.len() > LONGEST {
            return Err(SyrupError::TooLong { limit: LONGEST }.into());
        }
        Ok(Self { transport, designator, hints, raw: Bytes::copy_from_slice(raw) })
    }
}

/// Reads the hints of a location. Their order is not looked at: the bytes are sent on as they are.
fn hints(reader: &mut Reader<'_>) -> Result<Vec<(String, String)>, Misfit> {
    if reader.kind()? == Kind::Bool {
        return if reader.bool()? { Err(Misfit::Fields) } else { Ok(Vec::new()) };
    }
    let mut hints = BTreeMap::new();
    reader.open(Kind::Dict)?;
    while !reader.closes(Kind::Dict)? {
        if hints.insert(reader.text()?.to_string(), reader.text()?.to_string()).is_some() {
            return Err(Misfit::Fields);
        }
    }
    Ok(hints.into_iter().collect())
}

fn text(value: &Value) -> Option<&str> {
    match value.view() {
        View::Text(text) => Some(text),
        _ => None,
    }
}

impl Sturdyref {
    /// Reads `ocapn://<designator>.<transport>/s/<swiss number>?<hint>=..`.
    ///
    /// ```
    /// use marketplace_captp::wire::Sturdyref;
    ///
    /// let bank = Sturdyref::parse("ocapn://a1b2.tcp-testing-only/s/b4nk?host=127.0.0.1").unwrap();
    /// assert_eq!(bank.location.hint("host"), Some("127.0.0.1"));
    /// assert_eq!(bank.swiss, "b4nk");
    /// ```
    ///
    /// # Errors
    /// If it is no address of an object.
    pub fn parse(uri: &str) -> Result<Self, BadUri> {
        uri::parse_sturdyref(uri)
    }

    /// The address as people write it. It has the secret in it, which is not shown if
    /// [`hide_swiss`](crate::value::hide_swiss) makes a text of it.
    #[must_use]
    pub fn to_uri(&self) -> String {
        uri::write(&self.location, Some(&self.swiss))
    }
}

/// As the record `ocapn-sturdyref`, in which the swiss number is not shown. An address that is a
/// text, also as a [`Secret`], is read, too.
impl Message for Sturdyref {
    type Gives = Self;

    fn to_value(&self) -> Value {
        Value::record("ocapn-sturdyref", [self.location.to_value(), Value::secret(self.swiss.clone())])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let (label, location, swiss) = match value.view() {
            View::Text(uri) => return Self::parse(uri).ok(),
            View::Opaque(_) | View::Bytes(_) => {
                let Secret(uri) = Secret::from_value(value)?;
                return Self::parse(std::str::from_utf8(&uri).ok()?).ok();
            }
            View::Record(label, [location, swiss]) => (label, location, swiss),
            _ => return None,
        };
        let Secret(swiss) = Secret::said(swiss)?;
        let location = Location::from_value(location)?;
        (label.as_str() == "ocapn-sturdyref").then_some(Self { location, swiss })
    }
}

impl fmt::Debug for Sturdyref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sturdyref").field("location", &self.location).finish_non_exhaustive()
    }
}
