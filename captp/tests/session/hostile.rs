//! A session and whatever a peer may say: nothing panics, what cannot be changes no table, no table
//! grows beyond its bound, and all that is written can be read. The bytes decide what happens.

use std::convert::Infallible;

use marketplace::objects::{Reference, WeakFar, cast, promise, reference, weak};
use marketplace::{Message, Opaque, Reason, Symbol, Value};
use marketplace_captp::session::{Bounds, Heard, Inbox, Session, Sizes, Sort, Target, World};
use marketplace_captp::syrup::{Kind, Limits, Writer};
use marketplace_captp::value::Unreadable;
use marketplace_captp::wire::{Import, Op, Signed, Spelling, To};

const BOUNDS: Bounds =
    Bounds { message: Limits { bytes: 400, depth: 12 }, exports: 6, imports: 5, questions: 3, answers: 3 };

/// Does what the bytes say.
///
/// # Panics
/// If the session does what it should never do.
pub(crate) fn check(data: &[u8]) {
    let mut dough = Dough(data);
    let mut life = Life::new(dough.choose(&SPELLINGS), BOUNDS);
    while !dough.0.is_empty() {
        life.step(&mut dough);
        life.look();
    }
}

const SPELLINGS: [Spelling; 3] = [Spelling::Framed, Spelling::Next, Spelling::Snapshot];

/// Bytes that are used up; when there are none left, zeros follow.
struct Dough<'d>(&'d [u8]);

impl Dough<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn choose<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// Something of it, if there is something.
    fn pick<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        let at = self.byte();
        things.get(usize::from(at) % things.len().max(1))
    }
}

#[derive(Default)]
struct Around {
    promises: Vec<Reference>,
    settled: Vec<(Reference, Value)>,
    /// Position, number, and what stands there.
    standing: Vec<(u64, u64, WeakFar<()>)>,
    /// Promises to which nobody listens yet.
    unheard: Vec<u64>,
}

impl World for Around {
    fn import_object(&mut self, position: u64, number: u64) -> Reference {
        let object = reference::<()>().0.as_ref().clone();
        self.standing.push((position, number, weak(&cast(&object))));
        object
    }

    fn import_promise(&mut self, position: u64, number: u64) -> Reference {
        let promise = new_promise();
        self.standing.push((position, number, weak(&cast(&promise))));
        self.unheard.push(position);
        promise
    }

    fn sort(&mut self, reference: &Reference) -> Sort {
        if let Some((_, value)) = self.settled.iter().find(|(settled, _)| settled == reference) {
            return Sort::Settled(value.clone());
        }
        if self.promises.contains(reference) { Sort::Promise } else { Sort::Object }
    }

    fn given(&mut self, _: Signed) -> Result<Value, Unreadable> {
        Err(Unreadable::Malformed("hand-off to us"))
    }
}

fn new_promise() -> Reference {
    let (promise, _) = promise::<Value>();
    Reference::from_value(&promise.to_value()).expect("an open promise is a reference")
}

/// A session, and all that somebody has.
pub(crate) struct Life {
    session: Session,
    bounds: Bounds,
    around: Around,
    ours: Vec<Reference>,
    theirs: Vec<Value>,
    questions: Vec<u64>,
    resolvers: Vec<u64>,
}

impl Life {
    pub(crate) fn new(spelling: Spelling, bounds: Bounds) -> Self {
        let bootstrap = reference::<()>().0.as_ref().clone();
        Self {
            session: Session::new(spelling, bounds, bootstrap.clone()),
            bounds,
            around: Around::default(),
            ours: vec![bootstrap],
            theirs: Vec::new(),
            questions: Vec::new(),
            resolvers: Vec::new(),
        }
    }

    fn step(&mut self, dough: &mut Dough<'_>) {
        match dough.below(16) {
            0 => self.send(dough),
            1 => {
                let resolver = dough.pick(&self.resolvers).copied().unwrap_or(3);
                let value = self.value(dough, 2);
                let reason = Reason::Value(value.clone());
                let result = if dough.below(2) == 0 { Ok(&value) } else { Err(&reason) };
                self.session.settle(resolver, result, &mut self.around);
            }
            2 => {
                let gone = |(_, _, weak): &mut (u64, u64, WeakFar<()>)| weak.upgrade().is_none();
                for (position, number, _) in self.around.standing.extract_if(.., gone) {
                    self.session.released(position, number);
                }
            }
            3 => {
                let question = dough.pick(&self.questions).copied().unwrap_or(3);
                self.session.question_released(question);
            }
            4 => self.session.write_releases(),
            5 if self.session.sizes().exports < self.bounds.exports => {
                let place = dough.below(8) as u64;
                let is_import = dough.below(2) == 0;
                let promise = if is_import { Target::Import(place) } else { Target::Question(place) };
                self.session.listen_again(promise);
            }
            6 => {
                let promise = new_promise();
                self.ours.push(promise.clone());
                let value = self.value(dough, 2);
                if dough.below(2) == 0 {
                    self.around.promises.push(promise);
                } else {
                    self.around.settled.push((promise, value));
                }
            }
            7 => {
                self.theirs.pop();
                self.resolvers.clear();
            }
            8 => drop(self.session.bootstrap(&mut self.around)),
            _ => {
                let message = Peer::looking_at(&self.session).message(dough);
                let message = mutated(message, dough);
                self.hear(&message);
            }
        }
    }

    fn value(&self, dough: &mut Dough<'_>, depth: usize) -> Value {
        match dough.below(if depth == 0 { 6 } else { 8 }) {
            0 => (dough.byte() as i64).into(),
            1 => dough.pick(&self.ours).map_or(Value::UNIT, |ours| ours.clone().into()),
            2 => dough.pick(&self.theirs).cloned().unwrap_or(Value::UNIT),
            3 => reference::<()>().0.into(),
            4 => "a".repeat(dough.byte().into()).into(),
            5 if dough.below(4) == 0 => Opaque::new(7u8).into(),
            6 | 7 => Value::sequence([self.value(dough, depth - 1), self.value(dough, depth - 1)]),
            _ => Symbol::new("fulfill").into(),
        }
    }

    fn send(&mut self, dough: &mut Dough<'_>) {
        let place = dough.below(8) as u64;
        let to = match dough.below(4) {
            0 => Target::Import(place),
            1 => Target::Question(place),
            _ => Target::Import(0),
        };
        let parts: Vec<_> = (0..dough.below(4)).map(|_| self.value(dough, 2)).collect();
        let tables = self.session.tables();
        match self.session.deliver(to, &parts, dough.below(2) == 0, &mut self.around) {
            Ok(Some(question)) => {
                let promise = new_promise();
                self.session.asks_with(question, &promise);
                self.questions.push(question);
                self.ours.push(promise);
            }
            Ok(None) => {}
            Err(_) => {
                assert_eq!(self.session.tables(), tables);
                assert!(self.session.take_written().is_empty());
            }
        }
    }

    /// Hears a message. Says whether the session took it.
    pub(crate) fn hear(&mut self, message: &[u8]) -> bool {
        let tables = self.session.tables();
        let heard = self.session.hear(message, &mut self.around);
        let taken = heard.is_ok();
        match heard {
            Ok(Heard::Deliver { parts, answer, resolver, .. }) => {
                self.theirs.extend(parts);
                self.answer(answer);
                self.resolvers.extend(resolver);
            }
            Ok(Heard::Select { answer, .. }) => self.answer(Some(answer)),
            Ok(Heard::Listen { listener, .. }) => self.resolvers.push(listener),
            Ok(Heard::Settled { result, .. }) => self.theirs.extend(result),
            Ok(Heard::Abandoned(promises)) => assert!(!promises.is_empty()),
            Ok(Heard::Nothing | Heard::Aborted(_)) => {}
            Err(_) => {
                assert_eq!(self.session.tables(), tables);
                assert!(self.session.take_written().is_empty());
                self.around.unheard.clear();
            }
        }
        for promise in self.around.unheard.drain(..) {
            self.session.listen(promise);
        }
        taken
    }

    /// Fulfills all that was asked for, each with an object of its own.
    pub(crate) fn settle_all(&mut self) {
        for resolver in std::mem::take(&mut self.resolvers) {
            let object = reference::<()>().0.into();
            self.session.settle(resolver, Ok(&object), &mut self.around);
        }
    }

    fn answer(&mut self, answer: Option<u64>) {
        if let Some(answer) = answer {
            let promise = new_promise();
            self.ours.push(promise.clone());
            self.session.answers_with(answer, promise);
        }
    }

    /// No table is larger than it may be, and what is written is a message.
    pub(crate) fn look(&mut self) {
        let bounds = self.bounds;
        let Sizes { exports, imports, questions, answers } = self.session.sizes();
        assert!(exports <= bounds.exports && imports <= bounds.imports);
        assert!(questions <= bounds.questions && answers <= bounds.answers);
        let mut inbox = Inbox::new(bounds.message);
        for written in self.session.take_written() {
            inbox.push(written);
            let message = inbox.next().expect("it is a message").expect("it is whole");
            Op::read(&message, bounds.message).expect("it can be read");
        }
    }
}

/// A peer that knows what it was given, and sometimes names something else.
struct Peer {
    exports: Vec<(u64, u64)>,
    answers: Vec<u64>,
}

impl Peer {
    fn looking_at(session: &Session) -> Self {
        let tables = session.tables();
        let exports = tables.exports.iter().map(|row| (row.place, row.count)).collect();
        Self { exports, answers: tables.answers.iter().map(|row| row.place).collect() }
    }

    /// A message that a peer could write.
    fn message(&self, dough: &mut Dough<'_>) -> Vec<u8> {
        let mut writer = Writer::new();
        let spelling = dough.choose(&SPELLINGS);
        match dough.below(16) {
            0 | 1 => spelling.listen(&mut writer, self.to(dough), import(dough)),
            2 | 3 => {
                let released: Vec<_> = (0..dough.below(3)).map(|_| self.export(dough)).collect();
                spelling.gc_exports(&mut writer, &released);
            }
            4 => {
                let released: Vec<_> = (0..dough.below(3)).map(|_| self.answer(dough)).collect();
                spelling.gc_answers(&mut writer, &released);
            }
            5 => {
                writer.open(Kind::Record);
                let kind = dough.below(3);
                writer.symbol(["op:get", "op:index", "op:untag"][kind]);
                self.to(dough).write(&mut writer);
                if kind == 1 {
                    writer.int(7)
                } else {
                    writer.text("a")
                }
                writer.int(place(dough).into());
                writer.close(Kind::Record);
            }
            6 if dough.below(8) == 0 => spelling.abort(&mut writer, "enough"),
            _ => {
                let mut list = Writer::new();
                list.open(Kind::List);
                match dough.below(4) {
                    0 => list.symbol("fulfill"),
                    1 => list.symbol("break"),
                    _ => {}
                }
                for _ in 0..dough.below(4) {
                    self.argument(dough, &mut list, 3);
                }
                list.close(Kind::List);
                let to = self.to(dough);
                let answer = (dough.below(3) == 0).then(|| place(dough));
                let resolver = (dough.below(3) == 0).then(|| import(dough));
                let list = |writer: &mut Writer| -> Result<(), Infallible> {
                    writer.raw(list.as_bytes());
                    Ok(())
                };
                let Ok(()) = spelling.deliver(&mut writer, to, list, answer, resolver);
            }
        }
        writer.into_bytes()
    }

    fn to(&self, dough: &mut Dough<'_>) -> To {
        if dough.below(3) == 0 { To::Answer(self.answer(dough)) } else { To::Export(self.export(dough).0) }
    }

    /// An export, and how often it was given.
    fn export(&self, dough: &mut Dough<'_>) -> (u64, u64) {
        match dough.below(16) {
            0 => (place(dough), place(dough)),
            _ => dough.pick(&self.exports).copied().unwrap_or((0, 0)),
        }
    }

    fn answer(&self, dough: &mut Dough<'_>) -> u64 {
        match dough.below(8) {
            0 => place(dough),
            _ => dough.pick(&self.answers).copied().unwrap_or(0),
        }
    }

    fn argument(&self, dough: &mut Dough<'_>, writer: &mut Writer, depth: usize) {
        match dough.below(if depth == 0 { 8 } else { 10 }) {
            0..=2 => import(dough).write(writer),
            3 => self.to(dough).write(writer),
            4 => writer.text("a"),
            5 => writer.symbol("fulfill"),
            6 => writer.raw(b"<10'desc:error1\"a>"),
            7 if dough.below(4) == 0 => {
                writer.raw(b"<17'desc:sig-envelope<17'desc:handoff-give>[7'sig-val]>");
            }
            7 => writer.bool(true),
            _ => {
                writer.open(Kind::List);
                for _ in 0..dough.below(4) {
                    self.argument(dough, writer, depth - 1);
                }
                writer.close(Kind::List);
            }
        }
    }
}

fn place(dough: &mut Dough<'_>) -> u64 {
    match dough.byte() {
        255 => u64::MAX,
        byte => (byte % 8).into(),
    }
}

fn import(dough: &mut Dough<'_>) -> Import {
    if dough.below(3) == 0 { Import::Promise(place(dough)) } else { Import::Object(place(dough)) }
}

/// A message with a fault in it, or not.
fn mutated(mut message: Vec<u8>, dough: &mut Dough<'_>) -> Vec<u8> {
    let at = dough.below(message.len());
    match dough.below(32) {
        0 => message[at] = dough.byte(),
        1 => message.truncate(at),
        2 => message.insert(at, dough.byte()),
        3 => {
            message.remove(at);
        }
        4 => {
            let taken = dough.0.len().min(at);
            let (raw, rest) = dough.0.split_at(taken);
            dough.0 = rest;
            return raw.to_vec();
        }
        _ => {}
    }
    message
}
