//! The tests of objects share this: notes, an object that does what it is told, and processes that
//! hold or decide something.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::{Asked, Sim};

/// Notes of all that has happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(crate) fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Notes that it drops.
pub(crate) struct Bell(pub(crate) String, pub(crate) Notes);

impl Drop for Bell {
    fn drop(&mut self) {
        self.1.add(format!("{} drops", self.0));
    }
}

/// An object that keeps what it is given, and does what a test asks of it. It notes that it drops.
pub(crate) struct Keeper {
    bell: Bell,
    kept: Vec<Value>,
}

impl Keeper {
    pub(crate) fn new(name: &str, notes: &Notes) -> Self {
        Self { bell: Bell(name.to_string(), notes.clone()), kept: Vec::new() }
    }

    fn add(&self, note: impl std::fmt::Display) {
        self.bell.1.add(format!("{}: {note}", self.bell.0));
    }
}

#[object]
impl Keeper {
    fn keep(&mut self, what: Value) {
        self.kept.push(what);
    }

    fn kept(&self) -> u64 {
        self.kept.len() as u64
    }

    fn forget(&mut self) {
        self.kept.clear();
    }

    fn note(&mut self, note: Text) {
        self.add(note);
    }

    fn echo(&mut self, n: u64) -> u64 {
        self.add(n);
        n
    }

    fn make(&mut self, cx: &Cx<Self>, name: Text) -> Far<Self> {
        cx.make(Self::new(name.as_str(), &self.bell.1))
    }

    fn spawn(&mut self, cx: &Cx<Self>, name: Text) -> Far<Self> {
        cx.spawn(Self::new(name.as_str(), &self.bell.1))
    }

    /// A promise of one more than this one gives.
    fn wait_for(&mut self, cx: &Cx<Self>, on: Promise<u64>) -> Promise<u64> {
        cx.when(on, |keeper, _, got| {
            keeper.add(said(&got));
            Ok(got? + 1)
        })
    }

    /// A promise that this object decides, but never does.
    fn later(&mut self, cx: &Cx<Self>) -> Promise<u64> {
        let (later, resolver) = cx.promise::<u64>();
        self.kept.push(resolver.to_value());
        later
    }

    /// Notes that this object goes.
    fn watch(&mut self, cx: &Cx<Self>, far: Far<Self>) {
        cx.when_broken(&far, |keeper, _, why| keeper.add(format!("it is broken: {why}")));
    }

    fn refuse(&mut self) -> Result<u64, Failure> {
        Err(Failure::value(&Text::from("refused")))
    }

    fn quit(&mut self, cx: &Cx<Self>) {
        cx.act(quit().because(Reason::value(&Text::from("left"))));
    }

    fn fail(&mut self) -> u64 {
        panic!("hurt")
    }
}

/// A result, for people.
pub(crate) fn said<T: Debug>(got: &Result<T, Reason>) -> String {
    match got {
        Ok(value) => format!("{value:?}"),
        Err(reason) => format!("broken: {reason}"),
    }
}

/// The answer that the host was given, for people.
pub(crate) fn answer<T: Message + Debug>(asked: &Asked<T>) -> String {
    asked.answer().map_or("nothing".to_string(), |got| said(&got))
}

/// A sim with nothing in it.
pub(crate) fn sim() -> Sim {
    Sim::new(|_| transition_no_state!())
}

/// Spawns this, so many levels further in.
pub(crate) fn inside(depth: usize, spawn: Spawn<()>) -> Spawn<()> {
    if depth == 0 { spawn } else { spawn_vm!(inside(depth - 1, spawn)) }
}

/// A keeper in a process of its own, so many levels further in.
pub(crate) fn keeper(sim: &mut Sim, depth: usize, name: &str, notes: &Notes) -> Far<Keeper> {
    let (spawn, far) = spawn_object(Keeper::new(name, notes));
    sim.spawn(inside(depth, spawn));
    far
}

/// Says a word to all processes of the ground VM, as they are when all has been done; and runs.
pub(crate) fn say(sim: &mut Sim, word: &str) {
    sim.run();
    sim.send(&Text::from(word));
    sim.run();
}

/// Holds this until it hears "let go", or "end".
pub(crate) fn holder<T: Send + 'static>(held: T) -> Transition<Option<T>> {
    transition!(
        Some(held),
        subscriber!("let go", match_state!(_held: Option<T> => on_message!(_ => transition!(None)))),
        subscriber!("end", match_state!(_held: &Option<T> => on_message!(_ => quit()))),
    )
}

/// Decides a promise when it is told to.
pub(crate) fn decider(resolver: Resolver<u64>) -> Transition<Option<Resolver<u64>>> {
    type Has = Option<Resolver<u64>>;
    transition!(
        Some(resolver),
        subscriber!(
            "fulfil",
            match_state!(has: &Has => on_message!(_ => has.as_ref().map(|has| has.fulfill(7u64))))
        ),
        subscriber!(
            "break",
            match_state!(has: &Has => on_message!(_ =>
            has.as_ref().map(|has| has.break_because(Reason::value(&Text::from("broken off"))))))
        ),
        subscriber!("let go", match_state!(_has: Has => on_message!(_ => transition!(None)))),
        subscriber!("end", match_state!(_has: &Has => on_message!(_ => quit()))),
    )
}

/// Notes what a promise gives.
pub(crate) fn waits<T: Message + Debug>(name: &str, on: Promise<T>, notes: &Notes) -> Action<()> {
    let (name, notes) = (name.to_string(), notes.clone());
    when(on, move |(): (), got| {
        notes.add(format!("{name}: {}", said(&got)));
        transition_no_state!()
    })
}

/// A sim in which a process so many levels further in notes what a promise gives, as `it`; and what
/// settles the promise.
pub(crate) fn waiting(depth: usize) -> (Sim, Notes, Resolver<u64>) {
    let (mut sim, notes) = (sim(), Notes::default());
    let (open, resolver) = promise::<u64>();
    let waits = waits("it", open, &notes);
    sim.spawn(inside(depth, spawn!(transition_no_state!(waits))));
    (sim, notes, resolver)
}

/// Notes that an object is gone.
pub(crate) fn watches<T: ?Sized + 'static>(name: &str, far: &Far<T>, notes: &Notes) -> Action<()> {
    let (name, notes) = (name.to_string(), notes.clone());
    when_broken(far, move |(): (), why| {
        notes.add(format!("{name}: {why}"));
        transition_no_state!()
    })
}

/// Lets a keeper do something whose answer nobody wants.
pub(crate) fn told(sim: &mut Sim, send: impl FnOnce(&Asker)) {
    sim.tell(send);
    sim.run();
}

/// A keeper that this one has made.
pub(crate) fn made(sim: &mut Sim, far: &Far<Keeper>, name: &str) -> Far<Keeper> {
    let asked = sim.ask(|cx| far.make(cx, name));
    sim.run();
    asked.answer().unwrap().unwrap()
}

/// How many processes there are besides the event relay.
pub(crate) fn processes(sim: &Sim) -> usize {
    sim.stats().processes - 1
}
