//! Addresses as people write them.
//!
//! `ocapn://<designator>.<transport>/s/<swiss number>?<hint>=<text>&..`. The last `.` divides
//! designator and transport. Each part may have any bytes: those that could be taken for something
//! else are written `%2F`, as RFC 3986 has it. A swiss number that is text, such as `JadQ0++Rzs`,
//! stands there as it is. In a hint a `+` is read as a space, as forms have it, and never written.

use std::fmt::Write;

use bytes::Bytes;

use crate::wire::{Location, Sturdyref};

/// Why a text is no address. The text behind `/s/` may be a secret, and is not in here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address: `ocapn://<designator>.<transport>/s/<swiss number>` is one of an object")]
pub struct BadUri(pub String);

/// The signs that a designator or a hint may have, besides letters and digits.
const NAME: &[u8] = b"-._~";
/// The signs that a transport may have. There is no `.` behind the one that divides.
const TRANSPORT: &[u8] = b"-_~";
/// The signs that a segment of a path may have.
const SEGMENT: &[u8] = b"-._~!$&'()*+,;=:@";

pub(super) fn parse_location(uri: &str) -> Result<Location, BadUri> {
    match parts(uri) {
        Some((location, None)) => Ok(location),
        _ => Err(bad(uri)),
    }
}

pub(super) fn parse_sturdyref(uri: &str) -> Result<Sturdyref, BadUri> {
    match parts(uri) {
        Some((location, Some(swiss))) => Ok(Sturdyref { location, swiss }),
        _ => Err(bad(uri)),
    }
}

fn bad(uri: &str) -> BadUri {
    match uri.split_once("/s/") {
        Some((peer, _)) => BadUri(format!("{peer}/s/..")),
        None => BadUri(uri.to_string()),
    }
}

/// The location, and the swiss number if there is one.
fn parts(uri: &str) -> Option<(Location, Option<Bytes>)> {
    let rest = uri.strip_prefix("ocapn://")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (peer, swiss) = match rest.split_once('/') {
        Some((peer, path)) => (peer, Some(decoded(path.strip_prefix("s/")?)?)),
        None => (rest, None),
    };
    let (designator, transport) = peer.rsplit_once('.')?;
    let (designator, transport) = (decoded_text(designator)?, decoded_text(transport)?);
    let mut hints = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, hint) = pair.split_once('=')?;
        hints.push((decoded_text(&name.replace('+', "%20"))?, decoded_text(&hint.replace('+', "%20"))?));
    }
    let hints: Vec<_> = hints.iter().map(|(name, hint)| (name.as_str(), hint.as_str())).collect();
    let location = Location::new(&transport, &designator, &hints);
    let whole = !designator.is_empty() && !transport.is_empty() && location.hints.len() == hints.len();
    let swiss = swiss.map(Bytes::from);
    (whole && swiss.as_ref().is_none_or(|swiss| !swiss.is_empty())).then_some((location, swiss))
}

pub(super) fn write(location: &Location, swiss: Option<&[u8]>) -> String {
    let mut uri = "ocapn://".to_string();
    encode(&mut uri, location.designator.as_bytes(), NAME);
    uri.push('.');
    encode(&mut uri, location.transport.as_bytes(), TRANSPORT);
    if let Some(swiss) = swiss {
        uri.push_str("/s/");
        encode(&mut uri, swiss, SEGMENT);
    }
    let mut before = '?';
    for (name, hint) in &location.hints {
        uri.push(before);
        encode(&mut uri, name.as_bytes(), NAME);
        uri.push('=');
        encode(&mut uri, hint.as_bytes(), NAME);
        before = '&';
    }
    uri
}

fn encode(uri: &mut String, bytes: &[u8], plain: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.contains(byte) {
            uri.push(char::from(*byte));
        } else {
            write!(uri, "%{byte:02X}").expect("a string takes all that is written");
        }
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            byte => byte,
        });
    }
    Some(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    Some(char::from(byte).to_digit(16)? as u8)
}

fn decoded_text(text: &str) -> Option<String> {
    String::from_utf8(decoded(text)?).ok()
}
