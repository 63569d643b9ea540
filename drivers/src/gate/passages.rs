//! The references that have passed a membrane, and their stand-ins on the other side.

use std::collections::{BTreeMap, HashMap};

use marketplace::objects::{
    Broken, Far, Here, Promise, Reference, Resolver, Settlement, WeakFar, cast, object_of, promise,
    reference, settlement, weak, when,
};
use marketplace::prelude::*;
use marketplace::{Duct, View};

use crate::gate::answers::{answer, send_on};

/// A way through a membrane.
#[derive(Clone, Copy)]
pub(super) enum Way {
    In,
    Out,
}

impl Way {
    const fn back(self) -> Self {
        match self {
            Self::In => Self::Out,
            Self::Out => Self::In,
        }
    }
}

/// The state of a membrane: what has passed it each way.
#[derive(Default)]
pub(super) struct Passages {
    inward: Passed,
    outward: Passed,
}

/// The references that have passed one way, as long as somebody has their stand-ins on the other
/// side. The keys are shown: they keep nothing.
#[derive(Default)]
struct Passed {
    /// The stand-ins of each object and each promise.
    stand_ins: BTreeMap<Reference, WeakFar<()>>,
    /// The original of each of these.
    originals: BTreeMap<Reference, Reference>,
}

impl Passed {
    fn add(&mut self, original: &Reference, stand_in: &Reference) {
        self.stand_ins.insert(original.shown(), weak(&cast(stand_in)));
        self.originals.insert(stand_in.shown(), original.clone());
    }

    fn stand_in(&self, original: &Reference) -> Option<Reference> {
        Some(self.stand_ins.get(original)?.upgrade()?.into())
    }

    /// Another one may stand there meanwhile.
    fn remove(&mut self, stand_in: &Reference) {
        let Some(original) = self.originals.remove(stand_in) else { return };
        if self.stand_in(&original).is_none_or(|now| now == *stand_in) {
            self.stand_ins.remove(&original);
        }
    }
}

/// Something that cannot pass.
struct Stays(String);

/// A crossing of the membrane: one message, or one answer.
#[derive(Default)]
struct Crossing {
    /// The actions that it asks for.
    made: Vec<ActionTree<Passages>>,
    /// The parts that have passed, by where they lie. So parts that were shared are shared again:
    /// without that, a small value that shares much with itself would become one that takes all
    /// memory.
    known: HashMap<*const (), Value>,
}

/// Where the parts of a composed value lie, if it has any.
fn address(value: &Value) -> Option<*const ()> {
    match value.view() {
        View::Sequence(parts) | View::Record(_, parts) if !parts.is_empty() => Some(parts.as_ptr().cast()),
        View::Set(set) => Some(std::ptr::from_ref(set).cast()),
        View::Map(map) => Some(std::ptr::from_ref(map).cast()),
        _ => None,
    }
}

impl Passages {
    const fn of(&mut self, way: Way) -> &mut Passed {
        match way {
            Way::In => &mut self.inward,
            Way::Out => &mut self.outward,
        }
    }

    /// Lets an object pass: this one stands for it from now on.
    pub(super) fn put(
        &mut self,
        way: Way,
        original: &Reference,
        stand_in: &Reference,
        here: Here,
    ) -> Action<Self> {
        self.of(way).add(original, stand_in);
        let (named, released) = (stand_in.shown(), stand_in.shown());
        object_of!(
            here,
            match_duct!(duct => match_state!(passages: &mut Self => on_message!(
                message: Vec<Value> => passages.carry(way, &named, &duct, &message)
            ))),
            match_state!(passages: &mut Self => on_release!(passages.of(way).remove(&released))),
        )
    }

    /// Carries a message to what this one stands for: in the other direction, and the answer back.
    fn carry(&mut self, way: Way, stand_in: &Reference, duct: &Duct, message: &[Value]) -> ActionTree<Self> {
        let Some(original) = self.of(way).originals.get(stand_in).cloned() else {
            unreachable!("it is there as long as it hears")
        };
        let mut crossing = Crossing::default();
        let mut parts = Vec::with_capacity(message.len());
        // The verb is at place 0, if there is one.
        let first = usize::from(!matches!(message.first().map(Value::view), Some(View::Symbol(_))));
        for (place, part) in (first..).zip(message) {
            match self.pass(way.back(), part, &mut crossing) {
                Ok(part) => parts.push(part),
                Err(Stays(what)) => {
                    let place = u32::try_from(place).unwrap_or(u32::MAX);
                    let why = Broken::NotPassable { place, what: what.into() };
                    return actions![crossing.made, answer(duct, Err(why.into()))];
                }
            }
        }
        let (sent, answered) = send_on(duct, &original, parts);
        let duct = duct.clone();
        let answers = answered.map(|answered| {
            when(answered, move |mut passages: Self, result| {
                let mut crossing = Crossing::default();
                let result = passages.pass_result(way, result, &mut crossing);
                transition!(passages, crossing.made, answer(&duct, result))
            })
        });
        actions![crossing.made, sent, answers]
    }

    /// The answer, as it is on the other side.
    fn pass_result(
        &mut self,
        way: Way,
        result: Result<Value, Reason>,
        crossing: &mut Crossing,
    ) -> Result<Value, Reason> {
        let passed = match result {
            Ok(value) => self.pass(way, &value, crossing),
            Err(reason) => return Err(self.pass_reason(way, reason, crossing)),
        };
        passed.map_err(|Stays(what)| Broken::NotPassable { place: 0, what: what.into() }.into())
    }

    /// The reason, as it is on the other side.
    fn pass_reason(&mut self, way: Way, reason: Reason, crossing: &mut Crossing) -> Reason {
        let data = match &reason {
            Reason::Refused(value) | Reason::Killed(Some(value)) => Some(value.clone()),
            reason => reason.data(),
        };
        let Some(data) = data.filter(Value::has_references) else { return reason };
        match (self.pass(way, &data, crossing), reason) {
            (Err(Stays(what)), _) => Broken::NotPassable { place: 0, what: what.into() }.into(),
            (Ok(data), Reason::Refused(_)) => Reason::Refused(data),
            (Ok(data), Reason::Killed(_)) => Reason::Killed(Some(data)),
            (Ok(data), Reason::Value(_)) => Reason::Value(data),
            (Ok(data), reason) => Reason::told(reason.to_string(), data),
        }
    }

    /// The value, as it is on the other side.
    fn pass(&mut self, way: Way, value: &Value, crossing: &mut Crossing) -> Result<Value, Stays> {
        let at = address(value);
        if let Some(passed) = at.and_then(|at| crossing.known.get(&at)) {
            return Ok(passed.clone());
        }
        let passed = self.pass_new(way, value, crossing)?;
        if let Some(at) = at {
            crossing.known.insert(at, passed.clone());
        }
        Ok(passed)
    }

    fn pass_new(&mut self, way: Way, value: &Value, crossing: &mut Crossing) -> Result<Value, Stays> {
        let mut within = |value: &Value| self.pass(way, value, crossing);
        let passed = match value.view() {
            View::Reference(passing) => {
                return Ok(self.pass_reference(way, value, passing, &mut crossing.made));
            }
            View::Opaque(_) => return Err(Stays(value.to_string())),
            View::Sequence(items) => {
                Value::try_sequence(items.iter().map(within).collect::<Result<Vec<_>, _>>()?)
            }
            View::Record(label, fields) if !fields.is_empty() => {
                let fields = fields.iter().map(within).collect::<Result<Vec<_>, _>>()?;
                Value::try_record(label.clone(), fields)
            }
            View::Set(set) => Value::set(set.iter().map(within).collect::<Result<_, _>>()?),
            View::Map(map) => {
                let entries = map.iter().map(|(key, value)| Ok((within(key)?, within(value)?)));
                Value::map(entries.collect::<Result<_, _>>()?)
            }
            _ => return Ok(value.clone()),
        };
        passed.map_err(|too_deep| Stays(too_deep.to_string()))
    }

    fn pass_reference(
        &mut self,
        way: Way,
        value: &Value,
        passing: &Reference,
        made: &mut Vec<ActionTree<Self>>,
    ) -> Value {
        if let Some(resolver) = Resolver::<Value>::from_value(value) {
            return self.pass_resolver(way, resolver, made);
        }
        let object = match settlement(passing) {
            Settlement::Object(object) => Some(object),
            _ => None,
        };
        let original = object.as_ref().unwrap_or(passing);
        // It comes home.
        if let Some(home) = self.of(way.back()).originals.get(original) {
            return home.clone().into();
        }
        if let Some(stand_in) = self.of(way).stand_in(original) {
            return stand_in.into();
        }
        let Some(object) = object else { return self.pass_promise(way, passing, made) };
        let (stand_in, here): (Far<()>, _) = reference();
        made.push(actions![self.put(way, &object, stand_in.as_ref(), here)]);
        stand_in.into()
    }

    /// Another promise stands for one until it is settled.
    fn pass_promise(&mut self, way: Way, original: &Reference, made: &mut Vec<ActionTree<Self>>) -> Value {
        let (stand_in, resolver) = promise::<Value>();
        let stand_in = stand_in.into_value();
        let (Some(named), Some(awaited)) =
            (Reference::from_value(&stand_in), Promise::<Value>::from_value(&original.to_value()))
        else {
            unreachable!("a promise is a reference")
        };
        self.of(way).add(original, &named);
        let named = named.shown();
        made.push(actions![when(awaited, move |mut passages: Self, result| {
            passages.of(way).remove(&named);
            passages.settle(way, &resolver, result)
        })]);
        stand_in
    }

    /// Another resolver stands for one: what it says goes home. If it goes without a word, the
    /// other side has let go of it, and nothing is said.
    fn pass_resolver(
        &mut self,
        way: Way,
        original: Resolver<Value>,
        made: &mut Vec<ActionTree<Self>>,
    ) -> Value {
        let (decided, resolver) = promise::<Value>();
        made.push(actions![when(decided, move |passages: Self, result| {
            if matches!(&result, Err(reason) if matches!(Broken::of(reason), Some(Broken::Abandoned))) {
                return transition!(passages);
            }
            passages.settle(way.back(), &original, result)
        })]);
        resolver.to_value()
    }

    fn settle(
        mut self,
        way: Way,
        resolver: &Resolver<Value>,
        result: Result<Value, Reason>,
    ) -> Transition<Self> {
        let mut crossing = Crossing::default();
        let settled = match self.pass_result(way, result, &mut crossing) {
            Ok(value) => resolver.fulfill(value),
            Err(reason) => resolver.break_because(reason),
        };
        transition!(self, crossing.made, settled)
    }
}
