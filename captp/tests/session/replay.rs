//! A session answers the public test suite as the peer did that was recorded: byte for byte, where
//! its world does what the objects of the suite do. All that it lets go of has the recorded counts.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use bytes::Bytes;
use marketplace::objects::{Reference, WeakFar, cast, promise, reference, weak};
use marketplace::{Message, Opaque, Reason, Symbol, Text, Value, View};
use marketplace_captp::session::{Bounds, Heard, Session, Sort, Target, World};
use marketplace_captp::syrup::Limits;
use marketplace_captp::value::Unreadable;
use marketplace_captp::wire::{Give, Op, Receive, Signed, Spelling};

use crate::transcripts::{self, Side, Transcript, What};

/// The tests in which the peer is asked, and asks nobody else.
const TESTS: [&str; 15] = [
    "test_send_deliver_no_answer_or_response",
    "test_deliver_with_resolver",
    "test_deliver_promise_pipeline",
    "test_promise_pipeline_with_break",
    "test_gc_export_emitted_single_object",
    "test_gc_export_with_multiple_refrences",
    "test_gc_export_with_multiple_refrences_in_different_messages",
    "test_gc_answer",
    "test_op_listen_to_promise_and_fulfill",
    "test_op_listen_to_promise_and_break",
    "test_op_listen_already_has_answer",
    "test_valid_handoff",
    "test_valid_handoff_wait_deposit_gift",
    "test_handoff_receive_invalid_handoff_count",
    "test_handoff_receive_invalid_signature",
];

#[test]
fn recorded_messages_are_answered_as_they_were() {
    let mut replayed = 0;
    for transcript in transcripts::all() {
        let test = match transcript.test {
            "test_send_deliver_only" => "test_send_deliver_no_answer_or_response",
            test => test,
        };
        if TESTS.contains(&test) {
            replay(&transcript);
            replayed += 1;
        }
    }
    assert_eq!(replayed, 2 * TESTS.len());
}

fn replay(transcript: &Transcript) {
    let about = format!("{} in {:?}", transcript.test, transcript.spelling);
    let shared = Rc::new(RefCell::new(Shared::default()));
    let mut peers: HashMap<usize, Peer> = HashMap::new();
    let mut recorded: HashMap<usize, Said> = HashMap::new();
    for step in &transcript.steps {
        let What::Said(side, message) = &step.what else { continue };
        let op = Op::read(message, Limits::default()).unwrap();
        if let (Op::Start(_), _) | (Op::Abort(_), _) = (&op, side) {
            continue;
        }
        let peer = peers.entry(step.connection).or_insert_with(|| Peer::new(transcript.spelling, &shared));
        match side {
            Side::Suite => peer.hear(message),
            Side::Peer => recorded.entry(step.connection).or_default().note(message),
        }
        // A promise can have been settled by another connection.
        for peer in peers.values_mut() {
            peer.tell();
        }
    }
    for (connection, mut peer) in peers {
        let mut said = Said::default();
        for message in peer.finish() {
            said.note(&unframed(transcript.spelling, &message));
        }
        let recorded = recorded.remove(&connection).unwrap_or_default();
        let show =
            |said: &Said| said.messages.iter().map(|it| it.escape_ascii().to_string()).collect::<Vec<_>>();
        assert_eq!(show(&said), show(&recorded), "{about}, connection {connection}");
        for (position, count) in recorded.exports {
            assert_eq!(said.exports.get(&position), Some(&count), "{about}, export {position}");
        }
        assert_eq!(said.answers, recorded.answers, "{about}");
    }
}

fn unframed(spelling: Spelling, message: &[u8]) -> Vec<u8> {
    let length = match spelling {
        Spelling::Framed => message.iter().position(|byte| *byte == b':').unwrap() + 1,
        _ => 0,
    };
    message[length..].to_vec()
}

/// The messages that were said, but for releases, which may be said in any order; and those.
#[derive(Default)]
struct Said {
    messages: Vec<Vec<u8>>,
    exports: HashMap<u64, u64>,
    answers: Vec<u64>,
}

impl Said {
    fn note(&mut self, message: &[u8]) {
        match Op::read(message, Limits::default()).unwrap() {
            Op::GcExports(released) => {
                for (position, count) in released {
                    *self.exports.entry(position).or_default() += count;
                }
            }
            Op::GcAnswers(released) => self.answers.extend(released),
            _ => self.messages.push(message.to_vec()),
        }
    }
}

#[derive(Clone)]
enum Object {
    Factories,
    Factory,
    Car(String, String),
    Echo,
    Greeter,
    Promises,
    /// It settles this promise.
    Resolver(Reference),
}

type Outcome = Result<Value, Reason>;

/// The objects and promises of the peer, which all of its sessions share.
#[derive(Default)]
struct Shared {
    objects: HashMap<Reference, Object>,
    published: HashMap<Bytes, Reference>,
    promises: HashMap<Reference, Option<Outcome>>,
    gifts: HashMap<Bytes, Value>,
    /// Promises of those who wait for a gift.
    wanted: HashMap<Bytes, Reference>,
    counts: Vec<u64>,
}

impl Shared {
    fn object(&mut self, object: Object) -> Value {
        let reference = reference::<()>().0.as_ref().clone();
        self.objects.insert(reference.clone(), object);
        reference.into()
    }

    fn promise(&mut self, outcome: Option<Outcome>) -> Reference {
        let (promise, _) = promise::<Value>();
        let promise = Reference::from_value(&promise.to_value()).unwrap();
        self.promises.insert(promise.clone(), outcome);
        promise
    }

    fn fetch(&mut self, swiss: &Bytes) -> Value {
        if let Some(published) = self.published.get(swiss) {
            return published.clone().into();
        }
        let object = self.object(match &swiss[..] {
            b"JadQ0++RzsD4M+40uLxTWVaVqM10DcBJ" => Object::Factories,
            b"IO58l1laTyhcrgDKbEzFOO32MDd6zE5w" => Object::Echo,
            b"VMDDd1voKWarCe2GvgLbxbVFysNzRPzx" => Object::Greeter,
            b"IokCxYmMj04nos2JN1TDoY1bT8dXh6Lr" => Object::Promises,
            swiss => panic!("there is no {}", swiss.escape_ascii()),
        });
        self.published.insert(swiss.clone(), Reference::from_value(&object).unwrap());
        object
    }

    fn deposit(&mut self, gift: &Bytes, value: &Value) {
        match self.wanted.remove(gift) {
            Some(promise) => {
                self.promises.insert(promise, Some(Ok(value.clone())));
            }
            None => {
                self.gifts.insert(gift.clone(), value.clone());
            }
        }
    }

    fn withdraw(&mut self, signed: &Signed) -> Outcome {
        let receive = Receive::read(signed).unwrap();
        let give = Give::read(&receive.give).unwrap();
        if signed.is_signed_by(&give.receiver_key) != Ok(true) {
            return Err(error("ocapn: Bootstrap withdraw-gift: Invalid HandoffReceive."));
        }
        if self.counts.contains(&receive.count) {
            let used =
                format!("ocapn: Bootstrap withdraw-gift: Gift handoff already used: {}", receive.count);
            return Err(error(&used));
        }
        self.counts.push(receive.count);
        match self.gifts.remove(&give.gift) {
            Some(gift) => Ok(gift),
            None => {
                let promise = self.promise(None);
                self.wanted.insert(give.gift, promise.clone());
                Ok(promise.into())
            }
        }
    }

    /// How it is settled, as far as that is known.
    fn settled(&self, outcome: Outcome) -> Option<Outcome> {
        let Ok(value) = outcome else { return Some(outcome) };
        match Reference::from_value(&value).and_then(|reference| self.promises.get(&reference).cloned()) {
            Some(settled) => self.settled(settled?),
            None => Some(Ok(value)),
        }
    }
}

fn error(text: &str) -> Reason {
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Text(String);
    Reason::error(Text(text.to_string()))
}

/// The world of one session.
struct Around {
    shared: Rc<RefCell<Shared>>,
    standing: Vec<(u64, u64, Reference, WeakFar<()>)>,
}

impl World for Around {
    fn import_object(&mut self, position: u64, number: u64) -> Reference {
        let object = reference::<()>().0.as_ref().clone();
        self.standing.push((position, number, object.shown(), weak(&cast(&object))));
        object
    }

    fn import_promise(&mut self, _: u64, _: u64) -> Reference {
        unreachable!("the suite sends no promises")
    }

    fn sort(&mut self, reference: &Reference) -> Sort {
        let shared = self.shared.borrow();
        if !shared.promises.contains_key(reference) {
            return Sort::Object;
        }
        match shared.settled(Ok(reference.clone().into())) {
            Some(Ok(value)) => Sort::Settled(value),
            _ => Sort::Promise,
        }
    }

    fn given(&mut self, _: Signed) -> Result<Value, Unreadable> {
        unreachable!("nothing is handed off to us")
    }
}

struct Peer {
    session: Session,
    around: Around,
    bootstrap: Reference,
    /// The things that wait to be told how something is settled.
    waiting: VecDeque<(u64, Outcome)>,
}

impl Peer {
    fn new(spelling: Spelling, shared: &Rc<RefCell<Shared>>) -> Self {
        let bootstrap = reference::<()>().0.as_ref().clone();
        let session = Session::new(spelling, Bounds::default(), bootstrap.clone());
        let around = Around { shared: shared.clone(), standing: Vec::new() };
        Self { session, around, bootstrap, waiting: VecDeque::new() }
    }

    fn hear(&mut self, message: &[u8]) {
        match self.session.hear(message, &mut self.around).unwrap() {
            Heard::Deliver { to, parts, answer, resolver } => {
                let outcome = self.call(&to, &parts);
                if let Some(answer) = answer {
                    let promise = self.around.shared.borrow_mut().promise(Some(outcome.clone()));
                    self.session.answers_with(answer, promise);
                }
                self.waiting.extend(resolver.map(|resolver| (resolver, outcome)));
            }
            Heard::Listen { to, listener } => self.waiting.push_back((listener, Ok(to.into()))),
            Heard::Settled { promise: Target::Question(question), .. } => {
                self.session.question_released(question);
            }
            heard => panic!("{heard:?} was not recorded"),
        }
    }

    fn call(&mut self, to: &Reference, parts: &[Value]) -> Outcome {
        let settled = self.around.shared.borrow().settled(Ok(to.clone().into()));
        let to = Reference::from_value(&settled.expect("nobody waits")?).unwrap();
        if to == self.bootstrap {
            return self.call_bootstrap(parts);
        }
        let mut shared = self.around.shared.borrow_mut();
        match (shared.objects[&to].clone(), parts) {
            (Object::Factories, []) => Ok(shared.object(Object::Factory)),
            (Object::Factory, [spec]) => match <(Value, Value)>::from_value(spec) {
                Some((color, model)) => match (Symbol::from_value(&color), Symbol::from_value(&model)) {
                    (Some(color), Some(model)) => {
                        let car = Object::Car(color.as_str().into(), model.as_str().into());
                        Ok(shared.object(car))
                    }
                    _ => panic!("no such car was recorded"),
                },
                None => Err(error("Expected symbol, got bigint: 1")),
            },
            (Object::Car(color, model), []) => {
                Ok(Text::from(format!("Vroom! I am a {color} {model} car!")).into())
            }
            (Object::Echo, parts) => Ok(Value::sequence(parts.iter().cloned())),
            (Object::Greeter, [guest]) => {
                drop(shared);
                self.greet(&Reference::from_value(guest).unwrap());
                Ok(Value::UNIT)
            }
            (Object::Promises, []) => {
                let promise = shared.promise(None);
                let resolver = shared.object(Object::Resolver(promise.clone()));
                Ok(Value::sequence([promise.into(), resolver]))
            }
            (Object::Resolver(promise), [verb, value]) => {
                let verb = Symbol::from_value(verb).unwrap();
                let value = value.clone();
                let outcome = if verb.as_str() == "break" { Err(Reason::Value(value)) } else { Ok(value) };
                shared.promises.insert(promise, Some(outcome));
                Ok(Value::UNIT)
            }
            (_, parts) => panic!("{parts:?} was not recorded"),
        }
    }

    fn call_bootstrap(&mut self, parts: &[Value]) -> Outcome {
        let mut shared = self.around.shared.borrow_mut();
        let bytes = |value: &Value| match value.view() {
            View::Bytes(bytes) => bytes.clone(),
            _ => panic!("{value:?} is no byte string"),
        };
        let verb = Symbol::from_value(&parts[0]).unwrap();
        match (verb.as_str(), &parts[1..]) {
            ("fetch", [swiss]) => Ok(shared.fetch(&bytes(swiss))),
            ("deposit-gift", [gift, object]) => {
                shared.deposit(&bytes(gift), object);
                Ok(Value::UNIT)
            }
            ("withdraw-gift", [signed]) => match signed.view() {
                View::Opaque(opaque) => shared.withdraw(Opaque::downcast_ref(opaque).unwrap()),
                _ => panic!("{signed:?} is no certificate"),
            },
            (verb, _) => panic!("{verb} was not recorded"),
        }
    }

    fn greet(&mut self, guest: &Reference) {
        let standing = self.around.standing.iter().find(|(_, _, shown, _)| shown == guest);
        let to = Target::Import(standing.unwrap().0);
        let hello = Text::from("Hello").into();
        let question = self.session.deliver(to, &[hello], true, &mut self.around).unwrap().unwrap();
        let promise = self.around.shared.borrow_mut().promise(None);
        self.session.asks_with(question, &promise);
    }

    /// Tells what is settled.
    fn tell(&mut self) {
        for (resolver, outcome) in std::mem::take(&mut self.waiting) {
            let settled = self.around.shared.borrow().settled(outcome.clone());
            match settled {
                Some(settled) => self.session.settle(resolver, settled.as_ref(), &mut self.around),
                None => self.waiting.push_back((resolver, outcome)),
            }
        }
    }

    /// All that it said, and what it lets go of in the end.
    fn finish(&mut self) -> Vec<Bytes> {
        for (position, number, _, weak) in &self.around.standing {
            if weak.upgrade().is_none() {
                self.session.released(*position, *number);
            }
        }
        self.session.write_releases();
        self.session.take_written()
    }
}
