//! The tests of rules share this: notes of what happened, objects that write them, and VMs in VMs.

use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{What, spawn_vm};

/// Notes of what happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(crate) fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    /// The notes since this was called last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// An object that writes down what it hears.
    pub(crate) fn scribe(&self) -> Scribe {
        Scribe(self.clone())
    }
}

/// Writes down what it hears.
pub(crate) struct Scribe(Notes);

#[object]
impl Scribe {
    fn note(&mut self, note: Text) -> Text {
        self.0.add(&*note);
        note
    }

    fn me(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }

    fn echo(&self, it: Value) -> Value {
        it
    }

    fn fail(&mut self, why: Text) -> Result<(), Failure> {
        self.0.add(&*why);
        Err(Failure::value(&why))
    }

    fn panic(&mut self, why: Text) {
        panic!("{why}");
    }
}

/// Does what it was made for.
pub(crate) struct Doer(Box<Deed>);

type Deed = dyn FnMut(&Cx<'_, Doer>) -> Result<Value, Failure> + Send;

impl Doer {
    pub(crate) fn new(deed: impl FnMut(&Cx<'_, Self>) -> Result<Value, Failure> + Send + 'static) -> Self {
        Self(Box::new(deed))
    }

    /// Answers nothing.
    pub(crate) fn quiet(mut deed: impl FnMut(&Cx<'_, Self>) + Send + 'static) -> Self {
        Self::new(move |cx| {
            deed(cx);
            Ok(Value::UNIT)
        })
    }
}

#[object]
impl Doer {
    fn go(&mut self, cx: &Cx<Self>) -> Result<Value, Failure> {
        (self.0)(cx)
    }
}

/// A sim in which nothing is.
pub(crate) fn empty() -> Sim {
    let mut sim = Sim::new(|_| transition_no_state!());
    sim.run();
    sim
}

/// Spawns this so many VMs further in.
pub(crate) fn further_in(levels: u32, spawn: Spawn<()>) -> Spawn<()> {
    match levels {
        0 => spawn,
        more => spawn_vm(move |_, _| transition_no_state!(further_in(more - 1, spawn))),
    }
}

/// The first of these in the ground VM, the second in a VM there, the third in a VM in that, ..
pub(crate) fn one_in_another(spawns: Vec<Spawn<()>>) -> Transition<()> {
    let mut further_in: Option<Spawn<()>> = None;
    for spawn in spawns.into_iter().rev() {
        let inner = further_in.take();
        let level = move || transition_no_state!(spawn, inner);
        further_in = Some(spawn_vm(move |_, _| level()));
    }
    transition_no_state!(further_in)
}

/// An object in a process of its own, which is there when the sim has been run.
pub(crate) fn spawned<O: Object>(sim: &mut Sim, levels: u32, object: O) -> Far<O> {
    let (spawn, far) = spawn_object(object);
    sim.spawn(further_in(levels, spawn));
    sim.run();
    far
}

/// The records of the next step.
pub(crate) fn step(sim: &mut Sim) -> Vec<What> {
    let before = sim.trace().records().len();
    sim.step();
    sim.trace().records()[before..].iter().map(|record| record.what.clone()).collect()
}

/// Runs the sim, and gives the answer.
pub(crate) fn answer<T: Message>(
    sim: &mut Sim,
    send: impl FnOnce(&Asker) -> Promise<T>,
) -> Result<T, Reason> {
    let asked = sim.ask(send);
    sim.run();
    asked.answer().expect("there is an answer")
}

/// Runs the sim, and gives the reason why there is no answer.
#[track_caller]
pub(crate) fn reason<T: Message + std::fmt::Debug>(
    sim: &mut Sim,
    send: impl FnOnce(&Asker) -> Promise<T>,
) -> Reason {
    answer(sim, send).expect_err("the answer breaks")
}

/// Does this in a process of its own.
pub(crate) fn act(sim: &mut Sim, actions: impl FnOnce() -> ActionTree<()> + Send + 'static) {
    act_at(sim, 0, actions);
}

/// Does this in a process of its own, so many VMs further in.
pub(crate) fn act_at(sim: &mut Sim, levels: u32, actions: impl FnOnce() -> ActionTree<()> + Send + 'static) {
    let spawn = spawn(move |_| transition_no_state!(actions()));
    sim.spawn(further_in(levels, spawn));
    sim.run();
}
