//! Resolvers that peers have: to them each is an object.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::value::reason_of;

/// The objects that stand for resolvers, each in a process of its own. It keeps none of them.
#[derive(Clone, Default)]
pub(super) struct Settlers(Arc<Mutex<HashMap<Reference, WeakFar<Settler>>>>);

/// Settles the promise of a resolver.
pub(super) struct Settler(Resolver<Value>);

#[object]
impl Settler {
    fn fulfill(&self, cx: &Cx<Self>, with: Value) {
        cx.act(self.0.fulfill(with));
    }

    #[method(name = "break")]
    fn break_off(&self, cx: &Cx<Self>, why: Value) {
        cx.act(self.0.break_because(reason_of(why)));
    }
}

impl Settlers {
    /// If this is a resolver, the object that stands for it; and, if that is new, its process.
    pub(super) fn of<S>(&self, reference: &Reference) -> Option<(Reference, Option<Spawn<S>>)> {
        let resolver = Resolver::from_value(&reference.to_value())?;
        let mut settlers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settler) = settlers.get(reference).and_then(WeakFar::upgrade) {
            return Some((settler.into(), None));
        }
        if settlers.len() == settlers.capacity() {
            settlers.retain(|_, settler| settler.upgrade().is_some());
        }
        let (spawn, settler) = spawn_object(Settler(resolver));
        settlers.insert(reference.shown(), weak(&settler));
        Some((settler.into(), Some(spawn)))
    }
}
