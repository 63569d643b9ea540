//! Values to bodies.

use std::collections::HashMap;

use marketplace::objects::Reference;
use marketplace::{Message, Value, View};

use crate::marshal::{
    BIGINT, BYTES, ERROR, MAP, NULL, QCLASS, RECORD, SET, Unpassable, is_reserved, is_safe,
};
use crate::wall::Body;

/// Writes values. A value nests at most so deep, and so do the calls.
pub(super) struct Writing<'w> {
    most: usize,
    slot: &'w mut dyn FnMut(&Reference) -> String,
    body: Body,
    places: HashMap<String, usize>,
}

impl<'w> Writing<'w> {
    pub(super) fn new(most: usize, slot: &'w mut dyn FnMut(&Reference) -> String) -> Self {
        Self { most, slot, body: Body::default(), places: HashMap::new() }
    }

    pub(super) fn body(mut self, value: &Value) -> Result<Body, Unpassable> {
        self.value(value)?;
        Ok(self.body)
    }

    pub(super) fn list(mut self, values: &[Value]) -> Result<Body, Unpassable> {
        self.items(values)?;
        Ok(self.body)
    }

    fn raw(&mut self, text: &str) {
        self.body.text.push_str(text);
    }

    fn value(&mut self, value: &Value) -> Result<(), Unpassable> {
        if self.body.text.len() > self.most {
            return Err(Unpassable::TooLarge);
        }
        match value.view() {
            View::Unit => self.class("undefined"),
            View::Bool(b) => self.raw(if b { "true" } else { "false" }),
            View::Int(i) if is_safe(i) => self.raw(&i.to_string()),
            View::Int(i) => self.bigint(i),
            View::Float(x) => self.float(x),
            View::Text(text) => self.text(text),
            View::Symbol(symbol) => {
                self.open("symbol");
                self.raw(",\"key\":");
                self.text(symbol.as_str());
                self.raw("}");
            }
            View::Bytes(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                self.tagged(BYTES, |this| {
                    this.text(&hex);
                    Ok(())
                })?;
            }
            View::Sequence(items) => self.items(items)?,
            View::Map(entries) => match entries.keys().map(key_of).collect::<Option<Vec<_>>>() {
                Some(keys) => self.object(keys.into_iter().zip(entries.values()))?,
                None => self.tagged(MAP, |this| {
                    this.each(entries.iter(), |this, (key, value)| {
                        if matches!(key.view(), View::Float(x) if x.is_nan()) {
                            return Err(Unpassable::Kind("a key that is no number".into()));
                        }
                        this.items([key, value])
                    })
                })?,
            },
            View::Set(items) => self.tagged(SET, |this| this.items(items))?,
            View::Record(label, fields) => self.record(label.as_str(), fields)?,
            View::Reference(reference) => self.reference(value, reference)?,
            _ => return Err(Unpassable::Kind(value.to_string())),
        }
        Ok(())
    }

    fn record(&mut self, label: &str, fields: &[Value]) -> Result<(), Unpassable> {
        let views: Vec<_> = fields.iter().take(3).map(Value::view).collect();
        match (label, &*views) {
            (NULL, []) => self.raw("null"),
            (BIGINT, [View::Int(i)]) if is_safe(*i) => self.bigint(*i),
            (ERROR, [View::Text(message)]) => self.error("Error", message),
            (ERROR, [View::Text(message), View::Symbol(name)]) if name.as_str() != "Error" => {
                self.error(name.as_str(), message);
            }
            _ if is_reserved(label) => self.tagged(RECORD, |this| {
                this.text(label);
                this.raw(",");
                this.items(fields)
            })?,
            _ => self.tagged(label, |this| this.items_bare(fields))?,
        }
        Ok(())
    }

    fn reference(&mut self, value: &Value, reference: &Reference) -> Result<(), Unpassable> {
        if Reference::from_value(value).is_none() {
            return Err(Unpassable::Kind("a resolver".into()));
        }
        let slot = (self.slot)(reference);
        let next = self.body.slots.len();
        let at = *self.places.entry(slot.clone()).or_insert(next);
        if at == next {
            self.body.slots.push(slot);
        }
        self.open("slot");
        self.raw(&format!(",\"index\":{at}}}"));
        Ok(())
    }

    fn open(&mut self, class: &str) {
        self.raw("{\"");
        self.raw(QCLASS);
        self.raw("\":\"");
        self.raw(class);
        self.raw("\"");
    }

    fn class(&mut self, class: &str) {
        self.open(class);
        self.raw("}");
    }

    fn bigint(&mut self, int: i128) {
        self.open("bigint");
        self.raw(&format!(",\"digits\":\"{int}\"}}"));
    }

    fn float(&mut self, x: f64) {
        match x {
            _ if x.is_nan() => self.class("NaN"),
            f64::INFINITY => self.class("Infinity"),
            f64::NEG_INFINITY => self.class("-Infinity"),
            _ if x == 0.0 && x.is_sign_negative() => self.class("-0"),
            _ => self.raw(&format!("{x:?}")),
        }
    }

    fn error(&mut self, name: &str, message: &str) {
        self.open("error");
        self.raw(",\"name\":");
        self.text(name);
        self.raw(",\"message\":");
        self.text(message);
        self.raw("}");
    }

    fn tagged(
        &mut self,
        label: &str,
        fields: impl FnOnce(&mut Self) -> Result<(), Unpassable>,
    ) -> Result<(), Unpassable> {
        self.open("tagged");
        self.raw(",\"label\":");
        self.text(label);
        self.raw(",\"fields\":[");
        fields(self)?;
        self.raw("]}");
        Ok(())
    }

    fn items<'v>(&mut self, items: impl IntoIterator<Item = &'v Value>) -> Result<(), Unpassable> {
        self.each(items, Self::value)
    }

    fn each<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Self, T) -> Result<(), Unpassable>,
    ) -> Result<(), Unpassable> {
        self.raw("[");
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.raw(",");
            }
            write(self, item)?;
        }
        self.raw("]");
        Ok(())
    }

    fn items_bare(&mut self, items: &[Value]) -> Result<(), Unpassable> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.raw(",");
            }
            self.value(item)?;
        }
        Ok(())
    }

    fn object<'v>(&mut self, parts: impl Iterator<Item = (&'v str, &'v Value)>) -> Result<(), Unpassable> {
        self.raw("{");
        for (at, (key, part)) in parts.enumerate() {
            if at > 0 {
                self.raw(",");
            }
            self.text(key);
            self.raw(":");
            self.value(part)?;
        }
        self.raw("}");
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.raw("\"");
        for c in text.chars() {
            match c {
                '"' => self.raw("\\\""),
                '\\' => self.raw("\\\\"),
                '\n' => self.raw("\\n"),
                c if c < ' ' => self.raw(&format!("\\u{:04x}", u32::from(c))),
                c => self.body.text.push(c),
            }
        }
        self.raw("\"");
    }
}

/// The key of an object, if this can be one.
fn key_of(key: &Value) -> Option<&str> {
    match key.view() {
        View::Text(text) if text.as_str() != QCLASS => Some(text.as_str()),
        _ => None,
    }
}
