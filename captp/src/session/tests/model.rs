//! Random programs on both sides, against a model that knows which thing each reference is: what is
//! heard is what was said, one thing is one reference, and in the end all tables are empty.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use marketplace::objects::Reference;
use marketplace::{Reason, Value, View};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::session::tests::stage::{Scripted, Side, new_object};
use crate::session::{Heard, Target};

/// A thing, whoever has a reference to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Thing {
    Bootstrap(usize),
    Object(usize, usize),
    Promise(usize, usize),
    /// The answer to the question of this side with this serial number.
    Answer(usize, usize),
    /// The promise of a question that was let go of.
    Question(usize, usize),
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Data(i64),
    Thing(Thing),
    List(Vec<Self>),
}

/// A message on its way, as it should be heard.
#[derive(Debug)]
enum Said {
    Deliver { to: Thing, parts: Vec<Part>, asks: Option<usize> },
    Listen { to: Thing, asks: usize },
    Settled { asked: usize, result: Result<Part, ()> },
    Releases,
}

/// The things that wait to be told how something is settled.
#[derive(Clone, Copy, Debug)]
enum Waits {
    Question(u64),
    Import { position: u64, number: u64 },
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Send { to: u8, args: [u8; 3], asks: bool },
    Hear,
    Settle { which: u8, with: u8 },
    Listen(u8),
    Drop(u8),
    Falls,
    LetGo(u8),
    Releases,
}

struct Player {
    index: usize,
    side: Side,
    things: HashMap<Reference, Thing>,
    own: Vec<Reference>,
    held: Vec<Reference>,
    /// Questions with their serial numbers and promises.
    questions: Vec<(u64, usize, Reference)>,
    /// Resolvers and listeners of the other side, with their serial numbers.
    pending: Vec<(u64, usize)>,
    /// By serial number.
    waits: Vec<Waits>,
    /// The messages that this side has said and the other has not heard.
    said: VecDeque<(Bytes, Said)>,
}

impl Player {
    fn new(index: usize) -> Self {
        let mut player = Self {
            index,
            side: Side::plain(),
            things: HashMap::new(),
            own: Vec::new(),
            held: Vec::new(),
            questions: Vec::new(),
            pending: Vec::new(),
            waits: Vec::new(),
            said: VecDeque::new(),
        };
        let bootstrap = player.side.bootstrap.clone();
        player.things.insert(bootstrap.shown(), Thing::Bootstrap(index));
        player.own.push(bootstrap);
        for n in 0..2 {
            let (object, promise) = (new_object(), player.side.promise());
            player.things.insert(object.shown(), Thing::Object(index, n));
            player.things.insert(promise.shown(), Thing::Promise(index, n));
            player.own.extend([object, promise]);
        }
        let theirs = player.side.session.bootstrap(&mut player.side.world);
        player.things.insert(theirs.shown(), Thing::Bootstrap(1 - index));
        player.held.push(theirs);
        player
    }

    fn argument(&mut self, choice: u8) -> (Value, Part) {
        let (kind, at) = (choice % 6, usize::from(choice / 6));
        let reference = match kind {
            0 => return (i64::from(choice).into(), Part::Data(choice.into())),
            1 => self.own.get(at % self.own.len()),
            2 | 3 if !self.held.is_empty() => self.held.get(at % self.held.len()),
            4 if !self.questions.is_empty() => {
                let (_, _, promise) = &self.questions[at % self.questions.len()];
                Some(promise)
            }
            5 => {
                let (value, part) = self.argument(choice / 6 % 4);
                let list = Value::sequence([value, 7.into()]);
                let promise = self.side.settled(list);
                return (promise.into(), Part::List(vec![part, Part::Data(7)]));
            }
            _ => None,
        };
        match reference {
            Some(reference) => (reference.clone().into(), Part::Thing(self.things[reference])),
            None => (Value::UNIT, Part::List(Vec::new())),
        }
    }

    /// Notes what was written.
    fn says(&mut self, said: Said) {
        let mut written = self.side.session.take_written();
        assert_eq!(written.len(), 1, "{said:?}");
        self.said.push_back((written.remove(0), said));
    }

    fn asks(&mut self, waits: Waits) -> usize {
        self.waits.push(waits);
        self.waits.len() - 1
    }

    fn send(&mut self, to: u8, args: [u8; 3], asks: bool) {
        let choice = usize::from(to);
        let (target, thing) = match self.questions.get(choice % (self.questions.len() + 2)) {
            Some((question, serial, _)) => (Target::Question(*question), Thing::Answer(self.index, *serial)),
            None => match self.held.get(choice % (self.held.len() + 1)) {
                Some(held) => (self.side.target(held), self.things[held]),
                None => (Target::Import(0), Thing::Bootstrap(1 - self.index)),
            },
        };
        let (values, parts): (Vec<_>, Vec<_>) = args.into_iter().map(|arg| self.argument(arg)).unzip();
        let Side { session, world, .. } = &mut self.side;
        let question = session.deliver(target, &values, asks, world).unwrap();
        let asks = question.map(|question| {
            let promise = self.side.promise();
            self.side.session.asks_with(question, &promise);
            let serial = self.asks(Waits::Question(question));
            self.things.insert(promise.shown(), Thing::Answer(self.index, serial));
            self.questions.push((question, serial, promise));
            serial
        });
        self.says(Said::Deliver { to: thing, parts, asks });
    }

    fn settle(&mut self, which: u8, with: u8) {
        if self.pending.is_empty() {
            return;
        }
        let (resolver, asked) = self.pending.swap_remove(usize::from(which) % self.pending.len());
        let (result, expected) = match with {
            0..=20 => (Err(Reason::Value(7.into())), Err(())),
            _ => {
                let (value, part) = self.argument(with);
                (Ok(value), Ok(part))
            }
        };
        self.side.settle(Some(resolver), result);
        self.says(Said::Settled { asked, result: expected });
    }

    fn listen(&mut self, which: u8) {
        let held = self.held.get(usize::from(which) % self.held.len().max(1));
        let Some(held) = held.filter(|held| matches!(self.things[held], Thing::Promise(..))).cloned() else {
            return;
        };
        let Target::Import(position) = self.side.target(&held) else { unreachable!("it is an import") };
        self.side.session.listen(position);
        let number = self.current(position).unwrap();
        let asks = self.asks(Waits::Import { position, number });
        self.says(Said::Listen { to: self.things[&held], asks });
    }

    /// The number of what the session knows to stand at this position.
    fn current(&self, position: u64) -> Option<u64> {
        let standing = self.side.world.imports.iter().rev().find(|standing| standing.position == position);
        Some(standing?.number)
    }

    fn let_go(&mut self, which: u8) {
        if self.questions.is_empty() {
            return;
        }
        let (question, serial, promise) =
            self.questions.swap_remove(usize::from(which) % self.questions.len());
        self.side.session.question_released(question);
        if which.is_multiple_of(2) {
            // Somebody has the promise still.
            self.things.insert(promise.shown(), Thing::Question(self.index, serial));
            self.own.push(promise);
        }
    }

    fn releases(&mut self) {
        self.side.session.write_releases();
        for bytes in self.side.session.take_written() {
            self.said.push_back((bytes, Said::Releases));
        }
    }

    /// Takes the message that was heard, which should be this.
    fn hears(&mut self, heard: Heard, said: Said, waits: Option<Waits>) {
        match (heard, said) {
            (
                Heard::Deliver { to, parts, answer, resolver },
                Said::Deliver { to: thing, parts: expected, asks },
            ) => {
                let parts: Vec<_> =
                    parts.iter().zip(&expected).map(|(part, as_is)| self.part(part, as_is)).collect();
                assert_eq!((self.things[&to], parts), (thing, expected));
                assert_eq!((answer.is_some(), resolver.is_some()), (asks.is_some(), asks.is_some()));
                if let (Some(serial), Some(answer), Some(resolver)) = (asks, answer, resolver) {
                    let promise = self.side.promise();
                    self.things.insert(promise.shown(), Thing::Answer(1 - self.index, serial));
                    self.side.session.answers_with(answer, promise);
                    self.pending.push((resolver, serial));
                }
            }
            (Heard::Listen { to, listener }, Said::Listen { to: thing, asks }) => {
                assert_eq!(self.things[&to], thing);
                self.pending.push((listener, asks));
            }
            (Heard::Settled { promise, result }, Said::Settled { result: expected, .. }) => {
                match waits.unwrap() {
                    Waits::Question(question) => assert_eq!(promise, Target::Question(question)),
                    Waits::Import { position, number } => {
                        assert_eq!(promise, Target::Import(position));
                        assert_eq!(self.current(position), Some(number));
                    }
                }
                match (result, expected) {
                    (Ok(value), Ok(part)) => assert_eq!(self.part(&value, &part), part),
                    (Err(reason), Err(())) => assert_eq!(reason, Reason::Value(7.into())),
                    (result, expected) => panic!("{result:?} is not {expected:?}"),
                }
            }
            (Heard::Nothing, Said::Settled { .. }) => match waits.unwrap() {
                Waits::Import { position, number } => assert_ne!(self.current(position), Some(number)),
                Waits::Question(question) => panic!("question {question} was answered"),
            },
            (Heard::Nothing, Said::Releases) => {}
            (heard, said) => panic!("{heard:?} is not {said:?}"),
        }
    }

    /// The value as a part. If a thing in it is not known yet, it is the one that it should be.
    fn part(&mut self, value: &Value, expected: &Part) -> Part {
        match (value.view(), expected) {
            (View::Int(n), _) => Part::Data(n.try_into().unwrap()),
            (View::Unit, _) => Part::List(Vec::new()),
            (View::Sequence(items), Part::List(parts)) => {
                Part::List(items.iter().zip(parts).map(|(item, part)| self.part(item, part)).collect())
            }
            (View::Reference(reference), Part::Thing(thing)) => {
                if let Some(known) = self.things.get(reference) {
                    let known = *known;
                    if self.side.world.imports.iter().any(|standing| standing.shown == *reference) {
                        self.held.push(reference.clone());
                    }
                    return Part::Thing(known);
                }
                let twin = self.held.iter().find(|held| self.things[held] == *thing);
                assert_eq!(twin, None, "{thing:?} is one reference");
                self.things.insert(reference.shown(), *thing);
                self.held.push(reference.clone());
                Part::Thing(*thing)
            }
            (_, expected) => panic!("{value:?} is not {expected:?}"),
        }
    }
}

fn hear(players: &mut [Player; 2], from: usize) {
    let [first, second] = players;
    let (from, to) = if from == 0 { (first, second) } else { (second, first) };
    let Some((bytes, said)) = from.said.pop_front() else { return };
    let heard = to.side.hear(&bytes).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let waits = match said {
        Said::Settled { asked, .. } => Some(to.waits[asked]),
        _ => None,
    };
    to.hears(heard, said, waits);
}

/// When nothing is on its way, both know the same counts.
fn counts_agree(players: &[Player; 2]) {
    if players.iter().any(|player| !player.said.is_empty()) {
        return;
    }
    for (here, there) in [(0, 1), (1, 0)] {
        let (exports, imports) = (players[here].side.session.tables(), players[there].side.session.tables());
        let mut counts: HashMap<_, _> = imports.released.into_iter().collect();
        for row in imports.imports {
            *counts.entry(row.place).or_insert(0) += row.count;
        }
        for row in exports.exports {
            assert_eq!(counts.remove(&row.place).unwrap_or(0), row.count, "export {}", row.place);
        }
        assert!(counts.values().all(|count| *count == 0), "{counts:?}");
    }
}

fn step(players: &mut [Player; 2], index: usize, step: Step) {
    let player = &mut players[index];
    match step {
        Step::Send { to, args, asks } => player.send(to, args, asks),
        Step::Hear => hear(players, index),
        Step::Settle { which, with } => player.settle(which, with),
        Step::Listen(which) => player.listen(which),
        Step::Drop(which) => {
            if !player.held.is_empty() {
                player.held.swap_remove(usize::from(which) % player.held.len());
            }
        }
        Step::Falls => {
            player.side.falls();
        }
        Step::LetGo(which) => player.let_go(which),
        Step::Releases => player.releases(),
    }
}

/// All is answered, dropped and released. Messages, their answers, and what these release: no thing
/// is on its way longer than that.
fn finish(players: &mut [Player; 2]) {
    for _ in 0..4 {
        for index in [0, 1] {
            while !players[index].said.is_empty() {
                hear(players, index);
            }
            let player = &mut players[index];
            player.held.clear();
            player.side.world.sorts.retain(|_, sort| matches!(sort, Scripted::Promise));
            player.own.truncate(5);
            while !player.questions.is_empty() {
                player.let_go(1);
            }
            while !player.pending.is_empty() {
                player.settle(0, 0);
            }
            player.side.falls();
            player.releases();
        }
    }
    counts_agree(players);
    for player in players {
        assert_eq!(player.side.sizes(), [0; 4], "{}", player.side.session.tables());
        assert!(player.side.world.imports.is_empty());
    }
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        4 => any::<(u8, [u8; 3], bool)>().prop_map(|(to, args, asks)| Step::Send { to, args, asks }),
        5 => Just(Step::Hear),
        3 => any::<(u8, u8)>().prop_map(|(which, with)| Step::Settle { which, with }),
        2 => any::<u8>().prop_map(Step::Listen),
        2 => any::<u8>().prop_map(Step::Drop),
        1 => Just(Step::Falls),
        1 => any::<u8>().prop_map(Step::LetGo),
        1 => Just(Step::Releases),
    ];
    vec((0..2usize, step), 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_heard_is_what_was_said_and_in_the_end_all_tables_are_empty(steps in steps()) {
        let mut players = [Player::new(0), Player::new(1)];
        for (index, of_player) in steps {
            step(&mut players, index, of_player);
            players[index].side.leads_nowhere_else();
            counts_agree(&players);
        }
        finish(&mut players);
    }
}
