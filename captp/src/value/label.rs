//! Labels and tags: which records of ours are written in which way.

use marketplace::{Value, View};

/// The value of `()`, without fields.
pub(super) const VOID: &str = "void";
/// The value of other languages that says that there is none, without fields.
pub(super) const NULL: &str = "null";
/// A value with a tag; also our records, whose label is the tag.
pub(super) const TAGGED: &str = "desc:tagged";
/// An error, as its text.
pub(super) const ERROR: &str = "desc:error";
/// The tag of an error that is data: a list of its text and its value.
pub(super) const MP_ERROR: &str = "mp:error";
/// An object of the sender.
pub(super) const IMPORT_OBJECT: &str = "desc:import-object";
/// A promise that the sender decides.
pub(super) const IMPORT_PROMISE: &str = "desc:import-promise";
/// An object or a promise of the receiver.
pub(super) const EXPORT: &str = "desc:export";
/// The answer of the receiver to a question.
pub(super) const ANSWER: &str = "desc:answer";
/// A certificate with its signature.
pub(super) const ENVELOPE: &str = "desc:sig-envelope";
/// The certificate of a gift.
pub(super) const GIVE: &str = "desc:handoff-give";
/// The tag of a record of ours that would read back as something else.
pub(super) const MP_RECORD: &str = "mp:record";
/// The tag of a map that is no struct.
pub(super) const MP_MAP: &str = "mp:map";
/// The tag of a set.
pub(super) const MP_SET: &str = "mp:set";
/// The label of a record that stands for one which others write and we do not:
/// `mp:plain(label, [fields])` is `<label fields>`.
pub(super) const MP_PLAIN: &str = "mp:plain";

/// The address of an object that lasts: where, and its swiss number, which is not shown.
pub(super) const STURDYREF: &str = "ocapn-sturdyref";

/// Whether `<label ..>` is a descriptor.
fn is_descriptor(label: &str) -> bool {
    matches!(label, IMPORT_OBJECT | IMPORT_PROMISE | EXPORT | ANSWER | ENVELOPE)
}

/// Whether `<desc:tagged tag ..>` is a value of ours, whatever else is in it.
pub(super) fn is_our_tag(tag: &str) -> bool {
    matches!(tag, MP_RECORD | MP_MAP | MP_SET)
}

/// Whether a record with this label and so many fields is the same here and on the wire.
pub(super) fn is_of_protocol(label: &str, fields: usize) -> bool {
    match label {
        NULL => fields == 0,
        _ if is_descriptor(label) => false,
        _ => label.starts_with("desc:") || label.starts_with("ocapn-"),
    }
}

/// Whether `<label fields>` arrives as `mp:plain(label, [fields])`.
pub(super) fn is_foreign(label: &str, fields: usize) -> bool {
    let is_unit = label == VOID && fields == 0;
    !is_unit && !is_descriptor(label) && !is_of_protocol(label, fields)
}

/// Whether `<desc:tagged label [fields]>` arrives as a record with this label. It is none of our
/// tags.
pub(super) fn is_of_ours(label: &str, fields: usize) -> bool {
    label != MP_PLAIN && !is_descriptor(label) && !is_of_protocol(label, fields)
}

/// Whether a record of ours would arrive as something else, if it were written as others are. The
/// value with which a promise is settled can stand in its place: so it is no tag and no label.
pub(super) fn arrives_as_another(label: &str, fields: &[Value]) -> bool {
    match (label, fields) {
        (TAGGED, [tag, content @ ..]) => match (tag.view(), content) {
            (View::Reference(_), _) => true,
            (View::Symbol(tag), _) if is_our_tag(tag.as_str()) => true,
            (View::Symbol(tag), [content]) => match content.view() {
                View::Sequence(items) => is_of_ours(tag.as_str(), items.len()),
                _ => false,
            },
            _ => false,
        },
        (MP_PLAIN, [label, fields]) => match (label.view(), fields.view()) {
            (View::Symbol(label), View::Sequence(fields)) => !is_foreign(label.as_str(), fields.len()),
            (View::Reference(_), _) => true,
            (_, fields) => !matches!(fields, View::Sequence(_)),
        },
        _ => label == MP_PLAIN || is_descriptor(label) || is_our_tag(label),
    }
}
