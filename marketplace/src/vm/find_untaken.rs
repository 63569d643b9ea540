//! Finds messages that processes hear and of whose clauses none applies. Only debug builds look for
//! them.

use std::mem;

use smallvec::SmallVec;

use crate::conversation::role::{InterestType, Orientation};
use crate::data::hash::Map;
use crate::data::library::is_of_library;
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};
use crate::network::endpoint::EndpointSlot;
use crate::network::owner::ProcessSlot;
use crate::process::{Clause, Context, Missed, Telling, WhyMissed, short};
use crate::vm::Vm;
use crate::vm::find_missed::{Kind, MOST_KINDS, can_be_kept};

/// The messages of one constructor, as `TcpChannel(_, _, 'Eof)`: of its parts the constructors
/// count, and nothing else.
#[derive(PartialEq, Eq, Hash)]
struct Shape {
    sender: Orientation,
    kind: Kind,
    parts: SmallVec<[Option<Symbol>; 4]>,
}

impl Shape {
    fn of(body: &Value, sender: Orientation) -> Option<Self> {
        let kind = Kind::of_message(body)?;
        let parts = match body.view() {
            View::Record(_, parts) => parts.iter().map(constructor).collect(),
            _ => SmallVec::new(),
        };
        Some(Self { sender, kind, parts })
    }
}

/// The constructor of a part, if a type says it.
fn constructor(part: &Value) -> Option<Symbol> {
    match part.view() {
        View::Record(label, _) | View::Symbol(label) if label.label().is_some() => Some(label.clone()),
        _ => None,
    }
}

/// The constructors of the messages that were heard in a VM.
#[derive(Default)]
pub(super) struct Untaken {
    /// Whether a clause has ever applied to one.
    known: Map<Shape, bool>,
    /// The first messages of those to which none has, until the host is told.
    pub(super) found: Vec<Missed>,
    /// There were more than [`MOST_KINDS`], so none is remembered.
    are_too_many: bool,
}

/// An endpoint that is about to hear a message.
#[derive(Clone, Copy)]
pub(super) struct Hearer {
    process: ProcessSlot,
    /// The sender may well leave out what it says itself.
    is_sender: bool,
}

impl Vm {
    /// The process that is to take this endpoint's messages, unless the endpoint only looks on.
    pub(super) fn hearer(&self, endpoint: EndpointSlot, context: &mut Context) -> Option<Hearer> {
        // Events that are told in other ways leave these behind.
        (context.telling.last, context.telling.inside) = (None, None);
        let endpoint = self.network.endpoints.get(endpoint)?;
        let looks_on = endpoint.interest == InterestType::Everything
            || endpoint.topic.is_any()
            || endpoint.takes.heeds.leaves_out();
        let process = endpoint.owner.process;
        (!looks_on).then(|| Hearer { process, is_sender: self.is_acting(process) })
    }

    /// The endpoint has been told.
    pub(super) fn note_clause(&self, hearer: Option<Hearer>, context: &mut Context) {
        let Telling { last, inside, is_taken, skipped } = &mut context.telling;
        let (last, inside) = (last.take(), inside.take());
        let Some(Hearer { process, is_sender }) = hearer else { return };
        match (last, inside) {
            (Some(Clause::Applied), None) => *is_taken = true,
            (Some(_), inside) if !is_sender && skipped.is_none() => {
                let entry = self.processes.get(process);
                if entry.is_some_and(|entry| !is_of_library(entry.body.called().path())) {
                    *skipped = Some(inside.unwrap_or_else(|| self.processes.path_to(process)));
                }
            }
            _ => {}
        }
    }

    /// A message was told to all who hear it.
    pub(super) fn look_for_untaken(&mut self, body: &Value, sender: Orientation, context: &mut Context) {
        let Telling { is_taken, skipped, .. } = mem::take(&mut context.telling);
        if self.untaken.are_too_many || !is_taken && skipped.is_none() {
            return;
        }
        let Some(shape) = Shape::of(body, sender) else { return };
        let Untaken { known, found, .. } = &mut self.untaken;
        let are_many = known.len() >= MOST_KINDS;
        match (known.get_mut(&shape), skipped) {
            (Some(taken), _) => {
                if is_taken && !mem::replace(taken, true) {
                    found.retain(|missed| Shape::of(&missed.message, missed.sender).as_ref() != Some(&shape));
                }
            }
            (None, _) if are_many => {
                self.untaken = Untaken { are_too_many: true, ..Untaken::default() };
            }
            (None, Some(who)) if !is_taken && can_be_kept(body) => {
                let kind = short(&shape.kind.shown());
                let missed = Missed {
                    kind,
                    message: body.seen(),
                    sender,
                    who: self.sender(),
                    why: WhyMissed::NoClause { who },
                };
                self.untaken.known.insert(shape, false);
                if self.untaken.found.len() < Missed::MOST {
                    self.untaken.found.push(missed);
                    context.has_missed = true;
                }
            }
            (None, _) => {
                self.untaken.known.insert(shape, is_taken);
            }
        }
    }
}
