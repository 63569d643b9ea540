//! Topics, roles, reasons and values as data.

use marketplace::objects::Reference;
use marketplace::{
    InterestType, Message, Orientation, Reason, Role, Symbol, Text, Topic, TopicView, Value, View,
};
use marketplace_captp::syrup::{Kind, Reader, Writer};
use marketplace_captp::value::{self, Describe, Descriptor, Refer, Room, Unpassable, Unreadable};

use crate::wire::{BadBytes, NoData};

/// The record that stands for a wildcard: it is written `<desc:tagged 'mp:_ f>`.
const TAGGED: &str = "desc:tagged";
const WILDCARD: &str = "mp:_";

/// References, fresh names and host values are no data.
struct DataOnly;

impl Describe for DataOnly {
    fn describe(&mut self, reference: &Reference, _: &mut Writer) -> Result<(), Unpassable> {
        Err(Unpassable { what: format!("the reference {}", Value::from(reference.clone())) })
    }

    fn shows_secrets(&self) -> bool {
        false
    }
}

impl Refer for DataOnly {
    fn refer(&mut self, descriptor: Descriptor<'_>) -> Result<Value, Unreadable> {
        Err(Unreadable::Nothing(format!("{descriptor:?}")))
    }
}

pub(super) fn write(value: &Value, writer: &mut Writer) -> Result<(), NoData> {
    Ok(value::write(value, writer, &mut DataOnly)?)
}

pub(super) fn read_value(reader: &mut Reader<'_>, room: &mut Room) -> Result<Value, BadBytes> {
    Ok(value::read_in(reader, &mut DataOnly, room)?)
}

pub(super) fn write_topic(topic: &Topic, writer: &mut Writer) -> Result<(), NoData> {
    write(&as_value(topic)?, writer)
}

pub(super) fn read_topic(reader: &mut Reader<'_>, room: &mut Room) -> Result<Topic, BadBytes> {
    Ok(as_topic(&read_value(reader, room)?))
}

fn wildcard() -> Value {
    Value::record(TAGGED, [Symbol::new(WILDCARD).into(), false.into()])
}

fn is_wildcard(value: &Value) -> bool {
    let View::Record(label, [tag, content]) = value.view() else { return false };
    label.as_str() == TAGGED
        && matches!(tag.view(), View::Symbol(tag) if tag.as_str() == WILDCARD)
        && matches!(content.view(), View::Bool(false))
}

/// The value that is written for a topic. A literal part that would be read as a wildcard is none.
fn as_value(topic: &Topic) -> Result<Value, NoData> {
    Ok(match topic.view() {
        TopicView::Any => wildcard(),
        TopicView::Record(label, places) => Value::try_record(label.clone(), values(places)?)?,
        TopicView::Sequence(places) => Value::try_sequence(values(places)?)?,
        TopicView::Literal(value) if hides_wildcard(value) => return Err(NoData::Wildcard),
        TopicView::Literal(value) => value.clone(),
        _ => return Err(NoData::Unpassable(Unpassable { what: topic.to_string() })),
    })
}

fn values(places: &[Topic]) -> Result<Vec<Value>, NoData> {
    places.iter().map(as_value).collect()
}

fn hides_wildcard(value: &Value) -> bool {
    is_wildcard(value)
        || match value.view() {
            View::Record(_, parts) | View::Sequence(parts) => parts.iter().any(hides_wildcard),
            _ => false,
        }
}

fn as_topic(value: &Value) -> Topic {
    match value.view() {
        _ if is_wildcard(value) => Topic::any(),
        View::Record(label, fields) if hides_wildcard(value) => {
            Topic::record(label.clone(), fields.iter().map(as_topic))
        }
        View::Sequence(items) if hides_wildcard(value) => Topic::sequence(items.iter().map(as_topic)),
        _ => value.clone().into(),
    }
}

/// The label and the arity of a topic's records.
pub(crate) fn label_of(topic: &Topic) -> Option<(Symbol, usize)> {
    match topic.view() {
        TopicView::Record(label, places) => Some((label.clone(), places.len())),
        TopicView::Literal(value) => match value.view() {
            View::Record(label, fields) => Some((label.clone(), fields.len())),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn write_orientation(orientation: Orientation, writer: &mut Writer) {
    writer.raw(match orientation {
        Orientation::Publisher => b"1'p",
        Orientation::Subscriber => b"1's",
    });
}

pub(super) fn read_orientation(reader: &mut Reader<'_>) -> Result<Orientation, BadBytes> {
    match reader.symbol()? {
        "p" => Ok(Orientation::Publisher),
        "s" => Ok(Orientation::Subscriber),
        _ => Err(BadBytes::No("orientation")),
    }
}

pub(super) fn write_role(role: &Role, writer: &mut Writer) -> Result<(), NoData> {
    write_orientation(role.orientation, writer);
    writer.symbol(match role.interest {
        InterestType::Participant => "p",
        InterestType::Observer => "o",
        InterestType::Everything => "e",
    });
    write_topic(&role.topic, writer)
}

pub(super) fn read_role(reader: &mut Reader<'_>, room: &mut Room) -> Result<Role, BadBytes> {
    let orientation = read_orientation(reader)?;
    let interest = match reader.symbol()? {
        "p" => InterestType::Participant,
        "o" => InterestType::Observer,
        "e" => InterestType::Everything,
        _ => return Err(BadBytes::No("interest type")),
    };
    Ok(Role::new(orientation, read_topic(reader, room)?, interest))
}

/// Writes a reason: its kind, and what it says. A value that is no data is its text.
pub(super) fn write_reason(reason: &Reason, writer: &mut Writer) {
    writer.open(Kind::List);
    match reason {
        Reason::Normal => writer.symbol("normal"),
        Reason::Changed => writer.symbol("changed"),
        Reason::Shutdown => writer.symbol("shutdown"),
        Reason::Killed(None) => writer.symbol("killed"),
        Reason::Killed(Some(name)) => said("killed", name, writer),
        Reason::Refused(why) => said("refused", why, writer),
        Reason::Value(value) => said("value", value, writer),
        Reason::Panic(text) => said("panic", &Value::from(text.clone()), writer),
        Reason::Error(_) => {
            writer.symbol("error");
            let start = writer.as_bytes().len();
            if value::write_reason(reason, writer, &mut DataOnly).is_err() {
                writer.truncate(start);
                writer.text(&reason.to_string());
            }
        }
    }
    writer.close(Kind::List);
}

fn said(kind: &str, value: &Value, writer: &mut Writer) {
    writer.symbol(kind);
    let start = writer.as_bytes().len();
    if write(value, writer).is_err() {
        writer.truncate(start);
        writer.text(&value.to_string());
    }
}

pub(super) fn read_reason(reader: &mut Reader<'_>, room: &mut Room) -> Result<Reason, BadBytes> {
    reader.open(Kind::List)?;
    let kind = reader.symbol()?;
    let reason = match kind {
        "normal" => Reason::Normal,
        "changed" => Reason::Changed,
        "shutdown" => Reason::Shutdown,
        "killed" if reader.closes(Kind::List)? => return Ok(Reason::Killed(None)),
        "killed" => Reason::Killed(Some(read_value(reader, room)?)),
        "refused" => Reason::Refused(read_value(reader, room)?),
        "value" => Reason::Value(read_value(reader, room)?),
        "panic" => Reason::Panic(Text::from_value(&read_value(reader, room)?).ok_or(BadBytes::No("text"))?),
        "error" => value::read_reason(reader, &mut DataOnly)?,
        _ => return Err(BadBytes::No("reason")),
    };
    reader.close(Kind::List)?;
    Ok(reason)
}
