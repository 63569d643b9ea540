//! Bodies to values.

use bytes::Bytes;
use marketplace::im::{OrdMap, OrdSet};
use marketplace::{Symbol, Text, Value, View};

use crate::marshal::json::Json;
use crate::marshal::{BIGINT, BYTES, ERROR, MAP, NULL, QCLASS, RECORD, SET, Unreadable, is_safe};

/// Reads a tree. A value that was read before can be named again (`ibid`): it is shared.
pub(super) struct Reading<'s> {
    slots: &'s [Value],
    /// The values that were read, in the order in which they began; nothing yet, while one is being
    /// read.
    earlier: Vec<Option<(Value, usize)>>,
    /// How many parts it has, if nothing is shared.
    parts: usize,
}

/// How many parts a value has at most, counted as if nothing in it were shared: whoever looks at it
/// later sees each of them.
const MOST_PARTS: usize = 1 << 22;

impl<'s> Reading<'s> {
    pub(super) const fn new(slots: &'s [Value]) -> Self {
        Self { slots, earlier: Vec::new(), parts: 0 }
    }

    pub(super) fn value(&mut self, json: &Json) -> Result<Value, Unreadable> {
        self.count(1)?;
        Ok(match json {
            Json::Null => Value::try_record(NULL, [])?,
            Json::Bool(b) => (*b).into(),
            Json::Int(i) => (*i).into(),
            Json::Float(x) => (*x).into(),
            Json::Text(text) => Text::from(text.as_str()).into(),
            Json::List(items) => self.kept(|this| {
                let items: Vec<_> = items.iter().map(|item| this.value(item)).collect::<Result<_, _>>()?;
                Ok(Value::try_sequence(items)?)
            })?,
            Json::Object(_) if json.get(QCLASS).is_some() => self.special(json)?,
            Json::Object(parts) => self.kept(|this| {
                let mut entries = OrdMap::new();
                for (key, part) in parts {
                    entries.insert(Text::from(key.as_str()).into(), this.value(part)?);
                }
                Ok(Value::map(entries)?)
            })?,
        })
    }

    /// Notes what is read, so that it can be named again.
    fn kept(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, Unreadable>,
    ) -> Result<Value, Unreadable> {
        let (at, before) = (self.earlier.len(), self.parts);
        self.earlier.push(None);
        let value = read(self)?;
        self.earlier[at] = Some((value.clone(), self.parts - before));
        Ok(value)
    }

    fn count(&mut self, parts: usize) -> Result<(), Unreadable> {
        self.parts += parts;
        if self.parts > MOST_PARTS { Err(Unreadable::TooLarge) } else { Ok(()) }
    }

    fn special(&mut self, json: &Json) -> Result<Value, Unreadable> {
        let text = |name: &str| json.get(name).and_then(Json::text);
        match text(QCLASS).ok_or(Unreadable::Malformed("kind of value"))? {
            "undefined" => Ok(Value::UNIT),
            "-0" => Ok((-0.0f64).into()),
            "NaN" => Ok(f64::NAN.into()),
            "Infinity" => Ok(f64::INFINITY.into()),
            "-Infinity" => Ok(f64::NEG_INFINITY.into()),
            "bigint" => bigint(text("digits").unwrap_or_default()),
            "symbol" => Ok(Symbol::new(text("key").ok_or(Unreadable::Malformed("symbol"))?).into()),
            "error" => self.kept(|_| {
                let message = text("message").ok_or(Unreadable::Malformed("error"))?;
                error(text("name").unwrap_or("Error"), message)
            }),
            "slot" => self.kept(|this| {
                let Some(Json::Int(index)) = json.get("index") else {
                    return Err(Unreadable::Malformed("slot"));
                };
                let slot = usize::try_from(*index).ok().and_then(|index| this.slots.get(index));
                slot.cloned().ok_or(Unreadable::NoSlot(*index))
            }),
            "ibid" => {
                let Some(Json::Int(index)) = json.get("index") else {
                    return Err(Unreadable::Malformed("ibid"));
                };
                let index = usize::try_from(*index).map_err(|_| Unreadable::NoSlot(*index))?;
                match self.earlier.get(index) {
                    Some(Some((value, parts))) => {
                        let (value, parts) = (value.clone(), *parts);
                        self.count(parts)?;
                        Ok(value)
                    }
                    Some(None) => Err(Unreadable::Cycle(index)),
                    None => Err(Unreadable::NoSlot(index as i128)),
                }
            }
            "tagged" => self.kept(|this| {
                let label = text("label").ok_or(Unreadable::Malformed("record"))?;
                let Some(Json::List(fields)) = json.get("fields") else {
                    return Err(Unreadable::Malformed("record"));
                };
                let fields: Vec<_> =
                    fields.iter().map(|field| this.value(field)).collect::<Result<_, _>>()?;
                tagged(label, &fields)
            }),
            _ => Err(Unreadable::Malformed("kind of value")),
        }
    }
}

fn bigint(digits: &str) -> Result<Value, Unreadable> {
    let int: i128 = digits.parse().map_err(|_| Unreadable::Malformed("integer of 128 bits"))?;
    if !is_safe(int) {
        return Ok(int.into());
    }
    Ok(Value::try_record(BIGINT, [int.into()])?)
}

fn error(name: &str, message: &str) -> Result<Value, Unreadable> {
    let message = Value::from(Text::from(message));
    if name == "Error" {
        return Ok(Value::try_record(ERROR, [message])?);
    }
    Ok(Value::try_record(ERROR, [message, Symbol::new(name).into()])?)
}

/// A record, or what is written as one.
fn tagged(label: &str, fields: &[Value]) -> Result<Value, Unreadable> {
    let views: Vec<_> = fields.iter().map(Value::view).collect();
    match (label, &*views) {
        (BYTES, [View::Text(hex)]) => bytes(hex),
        (BYTES, _) => Err(Unreadable::Malformed("record of bytes")),
        (SET, [View::Sequence(items)]) => {
            items.iter().try_for_each(must_be_key)?;
            Ok(Value::set(items.iter().cloned().collect::<OrdSet<_>>())?)
        }
        (SET, _) => Err(Unreadable::Malformed("record of a set")),
        (MAP, [View::Sequence(pairs)]) => map(pairs),
        (MAP, _) => Err(Unreadable::Malformed("record of a map")),
        (RECORD, [View::Text(label), View::Sequence(fields)]) => {
            Ok(Value::try_record(label.as_str(), fields.iter().cloned())?)
        }
        (RECORD, _) => Err(Unreadable::Malformed("record of a record")),
        _ => Ok(Value::try_record(label, fields.iter().cloned())?),
    }
}

fn map(pairs: &[Value]) -> Result<Value, Unreadable> {
    let mut entries = OrdMap::new();
    for pair in pairs {
        let View::Sequence([key, value]) = pair.view() else {
            return Err(Unreadable::Malformed("pair of a map"));
        };
        must_be_key(key)?;
        entries.insert(key.clone(), value.clone());
    }
    Ok(Value::map(entries)?)
}

/// A NaN is equal to nothing in JavaScript.
fn must_be_key(value: &Value) -> Result<(), Unreadable> {
    match value.view() {
        View::Float(x) if x.is_nan() => Err(Unreadable::Malformed("key: it is no number")),
        _ => Ok(()),
    }
}

fn bytes(hex: &str) -> Result<Value, Unreadable> {
    const NO_HEX: Unreadable = Unreadable::Malformed("hexadecimal text");
    let digit = |c: u8| char::from(c).to_digit(16).ok_or(NO_HEX);
    let pairs = hex.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| match pair {
        [high, low] => Ok((digit(*high)? * 16 + digit(*low)?) as u8),
        _ => Err(NO_HEX),
    });
    let bytes: Vec<u8> = bytes.collect::<Result<_, _>>()?;
    Ok(Bytes::from(bytes).into())
}
