//! Parts of values that the peer asks for before it has the values.

use marketplace::View;
use marketplace::prelude::*;

use crate::session::Part;

/// A value has no such part.
#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
enum NoPart {
    #[error("there is no field `{0}`")]
    Field(Text),
    #[error("there is no item {0}")]
    Item(u64),
    #[error("it is not tagged `{0}`")]
    Tag(Text),
}

/// A part of a value.
pub(super) fn part_of(whole: &Value, part: &Part) -> Result<Value, Reason> {
    let (found, missing) = match part {
        Part::Field(name) => (field(whole, name), NoPart::Field(name.as_str().into())),
        Part::Item(at) => (item(whole, *at), NoPart::Item(*at)),
        Part::Tagged(tag) => (content(whole, tag), NoPart::Tag(tag.as_str().into())),
    };
    found.ok_or_else(|| Reason::error(missing))
}

fn field(whole: &Value, name: &str) -> Option<Value> {
    match whole.view() {
        View::Map(map) => map.get(&Value::from(Text::from(name))).cloned(),
        _ => None,
    }
}

fn item(whole: &Value, at: u64) -> Option<Value> {
    match whole.view() {
        View::Sequence(items) => items.get(usize::try_from(at).ok()?).cloned(),
        _ => None,
    }
}

/// The content of a tagged value: the fields of a record of ours, or what stands in a record
/// `desc:tagged`.
fn content(whole: &Value, tag: &str) -> Option<Value> {
    match whole.view() {
        View::Record(label, [found, content]) if label.as_str() == "desc:tagged" => {
            matches!(found.view(), View::Symbol(found) if found.as_str() == tag).then(|| content.clone())
        }
        View::Record(label, fields) if label.as_str() == tag => Some(Value::sequence(fields.iter().cloned())),
        _ => None,
    }
}
