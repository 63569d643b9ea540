//! Finds types that are one message though nobody meant them to be. Only debug builds look for
//! them.

use crate::conversation::topic::{Topic, TopicView};
use crate::data::hash::Map;
use crate::data::symbol::{Label, Symbol};
use crate::data::value::View;
use crate::network::owner::ProcessSlot;
use crate::process::{Context, Twins};
use crate::vm::Vm;

/// The labels of the topics that a VM has seen.
#[derive(Default)]
pub(super) struct Labels(Map<(&'static str, usize), Seen>);

#[derive(Clone, Copy)]
enum Seen {
    Once(&'static Label),
    /// The host was told that there are several.
    Told,
}

impl Vm {
    /// An endpoint of this process has this topic.
    pub(super) fn look_for_twins(&mut self, slot: ProcessSlot, topic: &Topic, context: &mut Context) {
        let Some((label, arity)) = label(topic) else { return };
        let seen = self.labels.0.entry((label.text(), arity)).or_insert(Seen::Once(label));
        let Seen::Once(first) = *seen else { return };
        if std::ptr::eq(first, label) {
            return;
        }
        let (Some(mine), Some(theirs)) = (first.origin(), label.origin()) else { return };
        let Some(fields) = mine.difference(theirs) else { return };
        *seen = Seen::Told;
        let who = self.processes.path_to(slot);
        let types = [mine.path, theirs.path];
        context.twins.push(Twins { label: Symbol::from_label(label), types, fields, who });
    }
}

/// The label of the records on this topic, if a type says it, and how many fields they have.
fn label(topic: &Topic) -> Option<(&'static Label, usize)> {
    let (symbol, arity) = match topic.view() {
        TopicView::Record(label, places) => (label, places.len()),
        TopicView::Literal(value) => match value.view() {
            View::Record(label, fields) => (label, fields.len()),
            _ => return None,
        },
        _ => return None,
    };
    Some((symbol.label()?, arity))
}
