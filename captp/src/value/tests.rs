//! Values go out and come back.

mod deep;
mod exchange;
mod foreign;
mod made;
mod reasons;
mod speed;
mod spelling;

use std::any::Any;

use marketplace::Value;
use marketplace::objects::{Far, Reference, promise};

use crate::syrup::{Kind, Limits, Reader, Writer};
use crate::value::{self, Describe, Descriptor, Refer, Unpassable, Unreadable};

/// The references of a peer that sends home what it was sent: a descriptor that was read is written
/// for the reference that was made of it.
#[derive(Default)]
struct Mirror {
    known: Vec<(Reference, Vec<u8>)>,
    /// Promises that are settled with data: that is written for them.
    settled: Vec<(Reference, Value)>,
}

impl Mirror {
    /// One that knows these, at exports from 0 on.
    fn of(references: &[Reference]) -> Self {
        let known = references.iter().cloned().zip((0..).map(|at| spelled(Descriptor::Export(at))));
        Self { known: known.collect(), settled: Vec::new() }
    }

    fn written(&mut self, value: &Value) -> Result<Vec<u8>, Unpassable> {
        let mut writer = Writer::new();
        value::write(value, &mut writer, self)?;
        Ok(writer.into_bytes())
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Value, Unreadable> {
        let mut reader = Reader::new(bytes, Limits::default());
        let value = value::read(&mut reader, self)?;
        reader.finish()?;
        Ok(value)
    }
}

impl Describe for Mirror {
    fn describe(&mut self, reference: &Reference, writer: &mut Writer) -> Result<(), Unpassable> {
        if let Some((_, value)) = self.settled.iter().find(|(settled, _)| settled == reference) {
            return value::write(&value.clone(), writer, self);
        }
        match self.known.iter().find(|(known, _)| known == reference) {
            Some((_, bytes)) => writer.raw(bytes),
            None => return Err(Unpassable { what: format!("{reference:?}") }),
        }
        Ok(())
    }
}

impl Refer for Mirror {
    fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable> {
        let bytes = spelled(descriptor);
        if let Some((reference, _)) = self.known.iter().find(|(_, known)| *known == bytes) {
            return Ok(reference.clone().into());
        }
        let reference = reference();
        self.known.push((reference.clone(), bytes));
        Ok(reference.into())
    }
}

fn reference() -> Reference {
    let (promise, _) = promise::<Far<dyn Any>>();
    promise.as_ref().clone()
}

fn spelled(descriptor: Descriptor<'_>) -> Vec<u8> {
    let (label, at) = match descriptor {
        Descriptor::ImportObject(at) => ("desc:import-object", at),
        Descriptor::ImportPromise(at) => ("desc:import-promise", at),
        Descriptor::Export(at) => ("desc:export", at),
        Descriptor::Answer(at) => ("desc:answer", at),
        Descriptor::Give(bytes) => return bytes.to_vec(),
    };
    let mut writer = Writer::new();
    writer.open(Kind::Record);
    writer.symbol(label);
    writer.int(at.into());
    writer.close(Kind::Record);
    writer.into_bytes()
}
