//! Two sessions that are joined by bytes, and scripted worlds around them.

use std::collections::HashMap;

use bytes::Bytes;
use marketplace::objects::{Reference, WeakFar, cast, promise, reference, weak};
use marketplace::{Message, Reason, Symbol, Value};

use crate::session::{Bounds, Heard, Inbox, Row, Session, SessionError, Sizes, Sort, Target, World};
use crate::value::{Unpassable, Unreadable};
use crate::wire::{Signed, Spelling};

/// The world of a session: it does what it is told.
#[derive(Default)]
pub(super) struct Stage {
    /// How references are to be passed on that are not objects.
    pub(super) sorts: HashMap<Reference, Scripted>,
    /// The things that stand for imports, from the first to the last.
    pub(super) imports: Vec<Standing>,
    pub(super) given: Vec<Signed>,
    /// How many objects and promises were asked for.
    pub(super) made: usize,
}

#[derive(Clone)]
pub(super) enum Scripted {
    Promise,
    Settled(Value),
    Foreign(Signed),
}

pub(super) struct Standing {
    pub(super) position: u64,
    pub(super) number: u64,
    pub(super) is_promise: bool,
    pub(super) shown: Reference,
    weak: WeakFar<()>,
}

impl Stage {
    fn import(&mut self, position: u64, number: u64, is_promise: bool) -> Reference {
        self.made += 1;
        let reference = if is_promise { new_promise() } else { new_object() };
        let (shown, weak) = (reference.shown(), weak(&cast(&reference)));
        self.imports.push(Standing { position, number, is_promise, shown, weak });
        reference
    }
}

impl World for Stage {
    fn import_object(&mut self, position: u64, number: u64) -> Reference {
        self.import(position, number, false)
    }

    fn import_promise(&mut self, position: u64, number: u64) -> Reference {
        self.import(position, number, true)
    }

    fn sort(&mut self, reference: &Reference) -> Sort {
        match self.sorts.get(reference) {
            None => Sort::Object,
            Some(Scripted::Promise) => Sort::Promise,
            Some(Scripted::Settled(value)) => Sort::Settled(value.clone()),
            Some(Scripted::Foreign(signed)) => Sort::Foreign(signed.clone()),
        }
    }

    fn given(&mut self, give: Signed) -> Result<Value, Unreadable> {
        self.given.push(give);
        Ok(Symbol::new("given").into())
    }
}

pub(super) fn new_object() -> Reference {
    reference::<()>().0.as_ref().clone()
}

pub(super) fn new_promise() -> Reference {
    let (promise, _) = promise::<Value>();
    Reference::from_value(&promise.to_value()).unwrap()
}

/// One side.
pub(super) struct Side {
    pub(super) session: Session,
    pub(super) world: Stage,
    pub(super) bootstrap: Reference,
    inbox: Inbox,
}

impl Side {
    pub(super) fn new(spelling: Spelling, bounds: Bounds) -> Self {
        let bootstrap = new_object();
        let session = Session::new(spelling, bounds, bootstrap.clone());
        Self { session, world: Stage::default(), bootstrap, inbox: Inbox::new(bounds.message) }
    }

    pub(super) fn plain() -> Self {
        Self::new(Spelling::Next, Bounds::default())
    }

    /// A promise of ours, which is not settled.
    pub(super) fn promise(&mut self) -> Reference {
        let promise = new_promise();
        self.world.sorts.insert(promise.shown(), Scripted::Promise);
        promise
    }

    /// A promise of ours, which is settled with this.
    pub(super) fn settled(&mut self, value: impl Into<Value>) -> Reference {
        let promise = new_promise();
        self.world.sorts.insert(promise.shown(), Scripted::Settled(value.into()));
        promise
    }

    /// The place of the peer's thing for which this stands.
    pub(super) fn target(&self, reference: &Reference) -> Target {
        let standing = self.world.imports.iter().rev().find(|standing| standing.shown == *reference);
        Target::Import(standing.expect("it stands for an import").position)
    }

    pub(super) fn tell(&mut self, to: Target, parts: &[Value]) -> Result<(), Unpassable> {
        let asked = self.session.deliver(to, parts, false, &mut self.world)?;
        assert_eq!(asked, None);
        Ok(())
    }

    /// Asks, and gives the question with its promise.
    pub(super) fn ask(&mut self, to: Target, parts: &[Value]) -> Result<(u64, Reference), Unpassable> {
        let asked = self.session.deliver(to, parts, true, &mut self.world)?;
        let (question, promise) = (asked.expect("an answer is wanted"), new_promise());
        self.session.asks_with(question, &promise);
        Ok((question, promise))
    }

    pub(super) fn settle(&mut self, resolver: Option<u64>, result: Result<Value, Reason>) {
        self.session.settle(resolver.expect("an answer is wanted"), result.as_ref(), &mut self.world);
    }

    pub(super) fn hear(&mut self, message: &[u8]) -> Result<Heard, SessionError> {
        self.session.hear(message, &mut self.world)
    }

    /// Takes what was written, as text.
    pub(super) fn written(&mut self) -> Vec<String> {
        self.session.take_written().iter().map(text).collect()
    }

    /// Tells the session of all that nobody has any more; says how many there were.
    pub(super) fn falls(&mut self) -> usize {
        let (there, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.world.imports)
            .into_iter()
            .partition(|standing| standing.weak.upgrade().is_some());
        self.world.imports = there;
        for standing in &gone {
            self.session.released(standing.position, standing.number);
        }
        gone.len()
    }

    /// As many references lead into each table as are in it: none is forgotten.
    pub(super) fn leads_nowhere_else(&self) {
        let Session { exports, imports, questions, .. } = &self.session;
        let tables = self.session.tables();
        let count = |rows: &[Row]| rows.iter().filter(|row| row.reference.is_some()).count();
        assert_eq!(exports.references(), count(&tables.exports));
        assert_eq!(imports.references(), count(&tables.imports));
        assert_eq!(questions.references(), count(&tables.questions));
    }

    pub(super) fn sizes(&self) -> [usize; 4] {
        let Sizes { exports, imports, questions, answers } = self.session.sizes();
        [exports, imports, questions, answers]
    }
}

pub(super) fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All that one has written comes to the other.
pub(super) fn pass(from: &mut Side, to: &mut Side) -> Vec<Heard> {
    let mut heard = Vec::new();
    for bytes in from.session.take_written() {
        to.inbox.push(bytes);
        while let Some(message) = to.inbox.next().unwrap() {
            heard.push(to.session.hear(&message, &mut to.world).unwrap());
        }
    }
    heard
}

/// Lets one message pass.
pub(super) fn pass_one(from: &mut Side, to: &mut Side) -> Heard {
    let mut heard = pass(from, to);
    assert_eq!(heard.len(), 1, "{heard:?}");
    heard.remove(0)
}

/// A message that was heard.
pub(super) struct Delivered {
    pub(super) to: Reference,
    pub(super) parts: Vec<Value>,
    pub(super) answer: Option<u64>,
    pub(super) resolver: Option<u64>,
}

impl Delivered {
    /// The part at this place, which is a reference.
    pub(super) fn reference(&self, at: usize) -> Reference {
        Reference::from_value(&self.parts[at]).expect("it is a reference")
    }
}

pub(super) fn delivered(heard: Heard) -> Delivered {
    match heard {
        Heard::Deliver { to, parts, answer, resolver } => Delivered { to, parts, answer, resolver },
        heard => panic!("{heard:?} is no message"),
    }
}

pub(super) fn settled(heard: Heard) -> (Target, Result<Value, Reason>) {
    match heard {
        Heard::Settled { promise, result } => (promise, result),
        heard => panic!("{heard:?} settles nothing"),
    }
}

pub(super) fn symbol(name: &str) -> Value {
    Symbol::new(name).into()
}

/// A message with this verb.
pub(super) fn message(verb: &str, args: impl IntoIterator<Item = Value>) -> Vec<Value> {
    std::iter::once(symbol(verb)).chain(args).collect()
}

/// Two sides: the first has the bootstrap object of the other.
pub(super) fn pair() -> (Side, Side, Reference) {
    let (mut here, there) = (Side::plain(), Side::plain());
    let bootstrap = here.session.bootstrap(&mut here.world);
    (here, there, bootstrap)
}
