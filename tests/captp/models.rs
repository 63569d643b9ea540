//! The models on which the order of messages rests, as laws of real sessions: vats get on at their
//! own pace, and no time passes. So nobody waits for anybody in vain.

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Asked;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::vats::Vats;

/// A speaker and a number that it has said: in the order in which they were heard.
type Notes = Arc<Mutex<Vec<(usize, u64)>>>;

struct Recorder(Notes);

#[object]
impl Recorder {
    /// `with` is anything: perhaps an object of a third vat.
    fn note(&self, who: usize, n: u64, with: Value) {
        drop(with);
        self.0.lock().unwrap().push((who, n));
    }
}

/// Has a promise of a recorder, and says numbers to it; once it was told, to the recorder itself.
#[derive(Default)]
struct Holder {
    promise: Option<Promise<Far<Recorder>>>,
    recorder: Option<Far<Recorder>>,
    resolver: Option<Resolver<Far<Recorder>>>,
}

#[object]
impl Holder {
    /// Promises a recorder.
    fn get(&mut self, cx: &Cx<Self>) -> Promise<Far<Recorder>> {
        let (promise, resolver) = promise();
        self.resolver = Some(resolver);
        self.hold(cx, promise.clone());
        promise
    }

    fn open(&mut self, cx: &Cx<Self>, recorder: Far<Recorder>) {
        cx.act(self.resolver.take().map(|resolver| resolver.fulfill(recorder)));
    }

    fn hold(&mut self, cx: &Cx<Self>, promise: Promise<Far<Recorder>>) {
        cx.when(&promise, |holder, _, recorder| {
            holder.recorder = Some(recorder?);
            Ok(())
        });
        self.promise = Some(promise);
    }

    fn say(&self, cx: &Cx<Self>, who: usize, n: u64, with: Value) -> Result<Promise<()>, Broken> {
        match (&self.recorder, &self.promise) {
            (Some(recorder), _) => Ok(recorder.note(cx, who, n, with)),
            (None, promise) => Ok(promise.as_ref().ok_or(Broken::Abandoned)?.note(cx, who, n, with)),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// A vat says its next number, and perhaps passes on an object of this vat.
    Say {
        vat: usize,
        with: Option<usize>,
        waits: bool,
    },
    /// The promise is settled.
    Open,
    Run {
        vat: usize,
        steps: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let with = prop_oneof![2 => Just(None), 1 => (0..3usize).prop_map(Some)];
    prop_oneof![
        8 => (0..3usize, with, any::<bool>()).prop_map(|(vat, with, waits)| Step::Say { vat, with, waits }),
        1 => Just(Step::Open),
        9 => (0..3usize, 1..30usize).prop_map(|(vat, steps)| Step::Run { vat, steps }),
    ]
}

/// An object so many levels further in.
fn inside<T: Object + Send + 'static>(vats: &mut Vats, at: usize, depth: usize, object: T) -> Far<T> {
    let (mut spawn, far) = spawn_object(object);
    for _ in 0..depth {
        spawn = spawn_vm!(spawn);
    }
    vats.sim(at).spawn(spawn);
    far
}

/// A promise that the second vat decides. The first has it as the answer to a question, the third
/// was given it by the first. It is settled with a recorder in the vat of this number.
struct Told {
    vats: Vats,
    notes: Notes,
    holders: Vec<Far<Holder>>,
    /// An object of each vat, as each vat has it.
    others: Vec<Vec<Far<Holder>>>,
    /// The recorder, as the second vat has it.
    recorder: Far<Recorder>,
    said: [u64; 3],
    answers: Vec<Asked<()>>,
}

impl Told {
    fn new(number: u64, recorder_in: usize, depths: [usize; 3]) -> Self {
        let (mut vats, notes) = (Vats::scripted(number, ["a", "b", "c"]), Notes::default());
        let holders: Vec<_> = (0..3).map(|at| inside(&mut vats, at, depths[at], Holder::default())).collect();
        let uris: Vec<_> = (0..3).map(|at| vats.publish(at, &holders[at])).collect();
        let mut of = |at: usize, whose: usize| match at == whose {
            true => holders[at].clone(),
            false => vats.enliven(at, &uris[whose]),
        };
        let others: Vec<Vec<_>> = (0..3).map(|at| (0..3).map(|whose| of(at, whose)).collect()).collect();
        let recorder = inside(&mut vats, recorder_in, depths[2], Recorder(notes.clone()));
        let uri = vats.publish(recorder_in, &recorder);
        let recorder = if recorder_in == 1 { recorder } else { vats.enliven(1, &uri) };
        let (first, desk, third) = (holders[0].clone(), others[0][1].clone(), others[0][2].clone());
        vats.sim(0).tell(|cx| {
            let promise = desk.get(cx);
            first.hold(cx, &promise);
            third.hold(cx, promise)
        });
        vats.run();
        Self { vats, notes, holders, others, recorder, said: [0; 3], answers: Vec::new() }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Say { vat, with, waits } => {
                let (holder, n) = (self.holders[vat].clone(), self.said[vat]);
                self.said[vat] += 1;
                let with = with.map_or(Value::UNIT, |whose| self.others[vat][whose].to_value());
                if waits {
                    let answer = self.vats.sim(vat).ask(|cx| holder.say(cx, vat, n, with));
                    self.answers.push(answer);
                } else {
                    self.vats.sim(vat).tell(|cx| holder.say(cx, vat, n, with));
                }
            }
            Step::Open => {
                let (desk, recorder) = (self.holders[1].clone(), self.recorder.clone());
                self.vats.sim(1).tell(|cx| desk.open(cx, &recorder));
            }
            Step::Run { vat, steps } => {
                self.vats.sim(vat).run_steps(steps);
            }
        }
    }
}

/// Hand-offs among four vats.
#[derive(Clone, Debug)]
enum Pass {
    /// A vat says something to an object of `whose`, and passes that object on.
    On {
        by: usize,
        to: usize,
        whose: usize,
    },
    Run {
        vat: usize,
        steps: usize,
    },
}

fn pass() -> impl Strategy<Value = Pass> {
    let vat = 0..4usize;
    prop_oneof![
        2 => (vat.clone(), vat.clone(), vat.clone()).prop_map(|(by, to, whose)| Pass::On { by, to, whose }),
        3 => (vat, 1..30usize).prop_map(|(vat, steps)| Pass::Run { vat, steps }),
    ]
}

/// Hears of an object, and speaks to it.
struct Friend(Notes);

#[object]
impl Friend {
    /// `by` introduces another one.
    fn meet(&self, cx: &Cx<Self>, by: usize, n: u64, other: Far<Self>) -> Promise<()> {
        other.greeted(cx, 10 + by, n)
    }

    fn greeted(&self, by: usize, n: u64) {
        self.0.lock().unwrap().push((by, n));
    }
}

fn config(cases: u32) -> ProptestConfig {
    let cases = if cfg!(debug_assertions) { cases } else { 40 * cases };
    ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn k4_each_is_heard_in_order_whoever_decides_and_wherever_it_leads(
        number in 0..4u64,
        recorder_in in 0..3usize,
        depths in [0..3usize, 0..3, 0..3],
        steps in vec(step(), 0..50),
    ) {
        let mut told = Told::new(number, recorder_in, depths);
        steps.iter().for_each(|step| told.step(step));
        told.step(&Step::Open);
        told.vats.run();
        prop_assert!(told.answers.iter().all(|answer| answer.answer() == Some(Ok(()))));
        let notes = told.notes.lock().unwrap();
        for vat in 0..3 {
            let heard: Vec<_> = notes.iter().filter(|(who, _)| *who == vat).map(|(_, n)| *n).collect();
            prop_assert_eq!(heard, (0..told.said[vat]).collect::<Vec<_>>(), "what {} has said", vat);
        }
    }

    /// A vat that is given an object speaks to it behind the vat that gave it.
    #[test]
    fn k6_hand_offs_among_four_wait_for_nobody_and_keep_order(
        number in 0..4u64,
        passes in vec(pass(), 0..40),
    ) {
        let (mut vats, notes) = (Vats::scripted(number, ["a", "b", "c", "d"]), Notes::default());
        let friends: Vec<_> = (0..4).map(|at| vats.sim(at).spawn_object(Friend(notes.clone()))).collect();
        let uris: Vec<_> = (0..4).map(|at| vats.publish(at, &friends[at])).collect();
        let mut of = |at: usize, whose: usize| match at == whose {
            true => friends[at].clone(),
            false => vats.enliven(at, &uris[whose]),
        };
        let known: Vec<Vec<_>> = (0..4).map(|at| (0..4).map(|whose| of(at, whose)).collect()).collect();
        let mut met = Vec::new();
        for (n, pass) in (0..).zip(&passes) {
            match *pass {
                Pass::On { by, to, whose } => {
                    let (to, other) = (&known[by][to], &known[by][whose]);
                    met.push((by, n, vats.sim(by).ask(|cx| {
                        drop(other.greeted(cx, by, n));
                        to.meet(cx, by, n, other)
                    })));
                }
                Pass::Run { vat, steps } => {
                    vats.sim(vat).run_steps(steps);
                }
            }
        }
        vats.run();
        let notes = notes.lock().unwrap();
        for (by, n, met) in met {
            prop_assert_eq!(met.answer(), Some(Ok(())), "no time has passed");
            let place = |who| notes.iter().position(|note| *note == (who, n));
            prop_assert!(place(by).is_some() && place(by) < place(10 + by), "{} has said {} first", by, n);
        }
    }
}
