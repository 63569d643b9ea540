//! Syrup, and values in it: any bytes are read or refused, and what is read or made arrives when it
//! is sent.

use std::any::Any;

use marketplace::objects::{Far, Reference, promise};
use marketplace::{Value, View};
use marketplace_captp::syrup::{Extent, Kind, Limits, Reader, SyrupError, Writer};
use marketplace_captp::value::{self, Describe, Descriptor, Refer, Unpassable, Unreadable};

use crate::lines::pieces;
use crate::made::Dough;

/// Reads the bytes as they are; makes a value of them, sends it, and spoils what is sent.
pub(crate) fn check(data: &[u8]) {
    check_bytes(data);
    let mut dough = Dough::new(data);
    let value = dough.value();
    let mut mirror = Mirror::default();
    let bytes = mirror.written(&value);
    let arrived = mirror.read(&bytes).expect("it was written");
    // All that are not a number arrive as one, also if a set had several.
    if !has_nan(&value) {
        assert_eq!(arrived, value);
        assert_eq!(mirror.written(&arrived), bytes, "{value}");
    }
    check_bytes(&bytes);
    spoil(&bytes, &mut dough);
}

fn has_nan(value: &Value) -> bool {
    match value.view() {
        View::Float(x) => x.is_nan(),
        View::Sequence(items) | View::Record(_, items) => items.iter().any(has_nan),
        View::Set(items) => items.iter().any(has_nan),
        View::Map(entries) => entries.iter().any(|(key, value)| has_nan(key) || has_nan(value)),
        _ => false,
    }
}

/// Reads them cut, and with a byte too many.
fn spoil(bytes: &[u8], dough: &mut Dough<'_>) {
    let place = usize::from(dough.below(u8::MAX)) % bytes.len();
    let (before, after) = bytes.split_at(place);
    check_bytes(before);
    check_bytes(after);
    check_bytes(&[before, &[dough.below(128)], after].concat());
}

fn check_bytes(bytes: &[u8]) {
    check_end(bytes);
    let mut mirror = Mirror::default();
    let Ok(value) = mirror.read(bytes) else { return };
    let sent = mirror.written(&value);
    let arrived = mirror.read(&sent).expect("it was written");
    // Not the values: a certificate is opaque, and equal only to itself.
    assert_eq!(mirror.written(&arrived), sent, "{value}");
}

/// The first value ends where the reader finds it, however the bytes come.
fn check_end(bytes: &[u8]) {
    let limits = Limits::default();
    let mut extent = Extent::new(limits);
    let mut there = 0;
    let mut end = extent.end(b"");
    for piece in pieces(bytes) {
        if end != Ok(None) {
            break;
        }
        there += piece.len();
        end = extent.end(&bytes[..there]);
    }
    let skipped = match Reader::new(bytes, limits).skip() {
        Err(SyrupError::Cut { .. }) => Ok(None),
        skipped => skipped.map(|skipped| Some(skipped.len())),
    };
    assert_eq!(end, skipped);
}

/// A peer that sends home what it was sent: a descriptor is written for the reference that was made
/// of it.
#[derive(Default)]
struct Mirror(Vec<(Reference, Vec<u8>)>);

impl Mirror {
    fn written(&mut self, value: &Value) -> Vec<u8> {
        let mut writer = Writer::new();
        value::write(value, &mut writer, self).expect("it is data, or came from there");
        writer.into_bytes()
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Value, Unreadable> {
        let mut reader = Reader::new(bytes, Limits::default());
        let value = value::read(&mut reader, self)?;
        reader.finish()?;
        Ok(value)
    }

    fn reference(&mut self, bytes: Vec<u8>) -> Value {
        if let Some((reference, _)) = self.0.iter().find(|(_, known)| *known == bytes) {
            return reference.clone().into();
        }
        let (promise, _) = promise::<Far<dyn Any>>();
        let reference: &Reference = promise.as_ref();
        self.0.push((reference.clone(), bytes));
        reference.clone().into()
    }
}

impl Describe for Mirror {
    fn describe(&mut self, reference: &Reference, writer: &mut Writer) -> Result<(), Unpassable> {
        let (_, bytes) = self.0.iter().find(|(known, _)| known == reference).expect("it came from there");
        writer.raw(bytes);
        Ok(())
    }
}

impl Refer for Mirror {
    fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable> {
        let (label, at) = match descriptor {
            Descriptor::ImportObject(at) => ("desc:import-object", at),
            Descriptor::ImportPromise(at) => ("desc:import-promise", at),
            Descriptor::Export(at) => ("desc:export", at),
            Descriptor::Answer(at) => ("desc:answer", at),
            Descriptor::Give(bytes) => return Ok(self.reference(bytes.to_vec())),
        };
        let mut writer = Writer::new();
        writer.open(Kind::Record);
        writer.symbol(label);
        writer.int(at.into());
        writer.close(Kind::Record);
        Ok(self.reference(writer.into_bytes()))
    }
}
