//! Laws for three vats that run random programs at their own pace, while sessions are cut.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Asked;
use marketplace_captp::enliven;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::vats::Vats;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// The things that players have heard, in order.
type Heard = Arc<Mutex<Vec<u64>>>;

/// The player that a player keeps. The test empties it when all is over: players that keep each
/// other would stay.
type Kept = Arc<Mutex<Option<Far<Player>>>>;

/// Each player has a handle of `heard`, so one can count those who are there.
struct Player {
    heard: Heard,
    kept: Kept,
    all_kept: Arc<Mutex<Vec<Kept>>>,
}

impl Player {
    fn new(heard: &Heard, all_kept: &Arc<Mutex<Vec<Kept>>>) -> Self {
        let kept = Kept::default();
        all_kept.lock().unwrap().push(kept.clone());
        Self { heard: heard.clone(), kept, all_kept: all_kept.clone() }
    }

    fn with_kept<T>(&self, f: impl FnOnce(&Far<Self>) -> T) -> Result<T, Nobody> {
        Ok(f(self.kept.lock().unwrap().as_ref().ok_or(Nobody)?))
    }
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("nobody is kept")]
struct Nobody;

#[object]
impl Player {
    fn note(&self, n: u64) -> u64 {
        self.heard.lock().unwrap().push(n);
        n
    }

    fn another(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.spawn(Self::new(&self.heard, &self.all_kept))
    }

    fn keeps(&mut self, other: Far<Self>) {
        *self.kept.lock().unwrap() = Some(other);
    }

    fn forgets(&mut self) {
        *self.kept.lock().unwrap() = None;
    }

    fn kept(&self) -> Result<Far<Self>, Nobody> {
        self.with_kept(Far::clone)
    }

    /// Sends to the one that it keeps.
    fn notes_there(&self, cx: &Cx<Self>, n: u64) -> Result<Promise<u64>, Nobody> {
        self.with_kept(|kept| kept.note(cx, n))
    }
}

/// A vat does something with players that it has. Numbers choose, as far as there is a choice.
#[derive(Clone, Debug)]
enum Step {
    Note {
        vat: usize,
        to: usize,
        waits: bool,
    },
    Another {
        vat: usize,
        of: usize,
    },
    /// Through a promise, which is not there yet.
    NoteNew {
        vat: usize,
        of: usize,
    },
    Keep {
        vat: usize,
        to: usize,
        other: usize,
    },
    Forget {
        vat: usize,
        to: usize,
    },
    Kept {
        vat: usize,
        of: usize,
    },
    NoteThere {
        vat: usize,
        to: usize,
    },
    Enliven {
        vat: usize,
        root: usize,
    },
    /// A thing that was asked for and is there is in its hands.
    Take {
        vat: usize,
    },
    Drop {
        vat: usize,
        which: usize,
    },
    Run {
        vat: usize,
        steps: usize,
    },
    Cut {
        vat: usize,
        which: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (vat, some) = (0..3usize, 0..8usize);
    prop_oneof![
        6 => (vat.clone(), some.clone(), any::<bool>()).prop_map(|(vat, to, waits)| Step::Note { vat, to, waits }),
        2 => (vat.clone(), some.clone()).prop_map(|(vat, of)| Step::Another { vat, of }),
        2 => (vat.clone(), some.clone()).prop_map(|(vat, of)| Step::NoteNew { vat, of }),
        3 => (vat.clone(), some.clone(), some.clone()).prop_map(|(vat, to, other)| Step::Keep { vat, to, other }),
        1 => (vat.clone(), some.clone()).prop_map(|(vat, to)| Step::Forget { vat, to }),
        2 => (vat.clone(), some.clone()).prop_map(|(vat, of)| Step::Kept { vat, of }),
        2 => (vat.clone(), some.clone()).prop_map(|(vat, to)| Step::NoteThere { vat, to }),
        1 => (vat.clone(), 0..3usize).prop_map(|(vat, root)| Step::Enliven { vat, root }),
        3 => vat.clone().prop_map(|vat| Step::Take { vat }),
        2 => (vat.clone(), some.clone()).prop_map(|(vat, which)| Step::Drop { vat, which }),
        8 => (vat.clone(), 1..40usize).prop_map(|(vat, steps)| Step::Run { vat, steps }),
        1 => (vat, some).prop_map(|(vat, which)| Step::Cut { vat, which }),
    ]
}

/// A reference that a vat has, and its number: what is sent to one number is heard in order.
struct Hand {
    number: usize,
    player: Far<Player>,
}

struct World {
    vats: Vats,
    heard: Heard,
    all_kept: Arc<Mutex<Vec<Kept>>>,
    _roots: Vec<Far<Player>>,
    uris: Vec<Text>,
    hands: [Vec<Hand>; 3],
    hands_given: usize,
    asked_players: [Vec<Asked<Far<Player>>>; 3],
    asked_notes: Vec<(u64, Asked<u64>)>,
    asked_units: Vec<Asked<()>>,
    /// The number of the reference to which each note was sent, if it was sent by this vat itself.
    notes: Vec<Option<usize>>,
    is_cut: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let (mut vats, heard) = (Vats::scripted(seed, NAMES), Heard::default());
        let all_kept = Arc::default();
        let root = |at: usize| vats.sim(at).spawn_object(Player::new(&heard, &all_kept));
        let roots: Vec<_> = (0..NAMES.len()).map(root).collect();
        let uris = roots.iter().enumerate().map(|(at, root)| vats.publish(at, root)).collect();
        let mut world = Self {
            vats,
            heard,
            all_kept,
            _roots: roots,
            uris,
            hands: Default::default(),
            hands_given: 0,
            asked_players: Default::default(),
            asked_notes: Vec::new(),
            asked_units: Vec::new(),
            notes: Vec::new(),
            is_cut: false,
        };
        world.meet();
        world
    }

    /// Every vat has every root: there is a session for each pair.
    fn meet(&mut self) {
        for (vat, root) in [(0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)] {
            let player = self.vats.enliven(vat, &self.uris[root].clone());
            self.hold(vat, player);
        }
    }

    fn hold(&mut self, vat: usize, player: Far<Player>) {
        self.hands_given += 1;
        self.hands[vat].push(Hand { number: self.hands_given, player });
    }

    fn hand(&self, vat: usize, which: usize) -> Option<(usize, Far<Player>)> {
        let hands = &self.hands[vat];
        let Hand { number, player } = hands.get(which % hands.len().max(1))?;
        Some((*number, player.clone()))
    }

    fn note(&mut self, to: Option<usize>) -> u64 {
        self.notes.push(to);
        self.notes.len() as u64 - 1
    }

    fn step(&mut self, step: &Step) -> Option<()> {
        match *step {
            Step::Note { vat, to, waits } => {
                let (number, player) = self.hand(vat, to)?;
                let n = self.note(Some(number));
                if waits {
                    let asked = self.vats.sim(vat).ask(|cx| player.note(cx, n));
                    self.asked_notes.push((n, asked));
                } else {
                    self.vats.sim(vat).tell(|cx| player.note(cx, n));
                }
            }
            Step::Another { vat, of } => {
                let (_, player) = self.hand(vat, of)?;
                let asked = self.vats.sim(vat).ask(|cx| player.another(cx));
                self.asked_players[vat].push(asked);
            }
            Step::NoteNew { vat, of } => {
                let (_, player) = self.hand(vat, of)?;
                let n = self.note(None);
                let asked = self.vats.sim(vat).ask(|cx| player.another(cx).note(cx, n));
                self.asked_notes.push((n, asked));
            }
            Step::Keep { vat, to, other } => {
                let ((_, player), (_, other)) = (self.hand(vat, to)?, self.hand(vat, other)?);
                let asked = self.vats.sim(vat).ask(|cx| player.keeps(cx, other));
                self.asked_units.push(asked);
            }
            Step::Forget { vat, to } => {
                let (_, player) = self.hand(vat, to)?;
                self.vats.sim(vat).tell(|cx| player.forgets(cx));
            }
            Step::Kept { vat, of } => {
                let (_, player) = self.hand(vat, of)?;
                let asked = self.vats.sim(vat).ask(|cx| player.kept(cx));
                self.asked_players[vat].push(asked);
            }
            Step::NoteThere { vat, to } => {
                let (_, player) = self.hand(vat, to)?;
                let n = self.note(None);
                let asked = self.vats.sim(vat).ask(|cx| player.notes_there(cx, n));
                self.asked_notes.push((n, asked));
            }
            Step::Enliven { vat, root } => {
                let (peer, uri) = (self.vats.peer(vat), self.uris[root].clone());
                let asked = self.vats.sim(vat).ask(|cx| enliven(cx, &peer, uri));
                self.asked_players[vat].push(asked);
            }
            Step::Take { vat } => {
                let mut there = Vec::new();
                self.asked_players[vat].retain(|asked| match asked.answer() {
                    Some(answer) => {
                        there.extend(answer.ok());
                        false
                    }
                    None => true,
                });
                there.into_iter().for_each(|player| self.hold(vat, player));
            }
            Step::Drop { vat, which } => {
                let count = self.hands[vat].len();
                (count > 0).then(|| self.hands[vat].remove(which % count))?;
            }
            Step::Run { vat, steps } => {
                self.vats.sim(vat).run_steps(steps);
            }
            Step::Cut { vat, which } => {
                self.is_cut |= self.vats.cut_one(vat, which);
            }
        }
        Some(())
    }

    /// All that can happen has happened; all who wait for a third vat, or for gifts, have waited
    /// long enough.
    fn settle(&mut self) {
        self.vats.run();
        for _ in 0..3 {
            (0..NAMES.len()).for_each(|at| self.vats.advance(at, Duration::from_secs(61)));
            self.vats.run();
        }
    }

    /// Everybody lets go of everything, and all meet again, as at the beginning.
    fn forget(&mut self) {
        self.hands = Default::default();
        self.asked_players = Default::default();
        self.asked_notes.clear();
        self.asked_units.clear();
        self.settle();
        for kept in &*self.all_kept.lock().unwrap() {
            drop(kept.lock().unwrap().take());
        }
        self.settle();
        self.meet();
        self.hands = Default::default();
        self.settle();
    }

    /// The objects and waits of each process of each vat.
    fn held(&mut self) -> Vec<Vec<(String, usize, usize)>> {
        let of = |at| {
            let processes = self.vats.sim(at).dump().processes;
            let held = processes
                .iter()
                .map(|process| (format!("{:?}", process.name), process.objects.len(), process.awaits));
            let mut held: Vec<_> = held.collect();
            held.sort();
            held
        };
        (0..NAMES.len()).map(of).collect()
    }

    fn check_order(&self) -> Result<(), TestCaseError> {
        let heard = self.heard.lock().unwrap();
        let mut last = vec![None; self.hands_given + 1];
        for n in heard.iter() {
            let Some(number) = self.notes[*n as usize] else { continue };
            let before = last[number].replace(*n);
            prop_assert!(before < Some(*n), "{n} was heard behind {before:?}, at reference {number}");
        }
        let mut once = heard.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), heard.len(), "nothing is heard twice");
        if !self.is_cut {
            let sent = self.notes.iter().filter(|to| to.is_some()).count();
            let direct = heard.iter().filter(|n| self.notes[**n as usize].is_some()).count();
            prop_assert_eq!(sent, direct, "nothing is lost");
        }
        Ok(())
    }

    fn check_answers(&self) -> Result<(), TestCaseError> {
        let heard = self.heard.lock().unwrap();
        for (n, asked) in &self.asked_notes {
            match asked.answer() {
                Some(Ok(answer)) => {
                    prop_assert_eq!(answer, *n);
                    prop_assert!(heard.contains(n), "{n} was answered, but not heard");
                }
                Some(Err(why)) => prop_assert!(self.is_cut || why.decode() == Some(Nobody), "{n}: {why}"),
                None => prop_assert!(false, "{n} has no answer"),
            }
        }
        for asked in &self.asked_units {
            prop_assert!(asked.answer().is_some_and(|answer| self.is_cut || answer == Ok(())));
        }
        let mut players = self.asked_players.iter().flatten();
        prop_assert!(players.all(|asked| asked.answer().is_some()));
        Ok(())
    }
}

fn check(seed: u64, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new(seed);
    let hands = std::mem::take(&mut world.hands);
    world.settle();
    drop(hands);
    world.settle();
    let before = world.held();
    world.meet();
    for step in steps {
        world.step(step);
    }
    world.vats.run();
    if !world.is_cut {
        // Nobody has to wait until some time is over.
        world.check_answers()?;
    }
    world.settle();
    world.check_order()?;
    world.check_answers()?;
    world.forget();
    prop_assert_eq!(Arc::strong_count(&world.heard), 1 + NAMES.len(), "only the roots are there");
    prop_assert_eq!(world.held(), before, "the tables are as they were");
    Ok(())
}

fn config() -> ProptestConfig {
    let cases = if cfg!(debug_assertions) { 40 } else { 1_000 };
    ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_said_is_heard_answered_and_let_go_of(seed in 0..4u64, steps in vec(step(), 0..60)) {
        check(seed, &steps)?;
    }
}

/// Two vats are given each other's objects by a third one at the same time.
#[test]
fn k6_hand_offs_that_cross_keep_the_laws() {
    check(0, &[Step::Keep { vat: 1, to: 0, other: 1 }, Step::Keep { vat: 1, to: 1, other: 0 }]).unwrap();
}

/// It is nobody's fault that it stays, as long as it keeps itself.
#[test]
fn a_player_may_keep_itself() {
    let run = [Step::Run { vat: 2, steps: 100 }, Step::Run { vat: 0, steps: 100 }];
    let mut steps = vec![Step::Another { vat: 2, of: 0 }];
    (0..5).for_each(|_| steps.extend(run.clone()));
    steps.extend([Step::Take { vat: 2 }, Step::Keep { vat: 2, to: 2, other: 2 }]);
    check(0, &steps).unwrap();
}
