//! Rule O12: what an error undoes.

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::answers::Overdrawn;
use crate::notes::{Doer, Notes, Scribe, answer, empty, reason, spawned};

/// An object whose errors undo the turn.
#[derive(Clone)]
struct Account {
    balance: u64,
    tells: Far<Scribe>,
    made: Option<WeakFar<Bell>>,
}

#[object(transactional)]
impl Account {
    fn balance(&self) -> u64 {
        self.balance
    }

    fn beside(&self, cx: &Cx<Self>, balance: u64) -> Far<Self> {
        cx.make(Self { balance, tells: self.tells.clone(), made: None })
    }

    fn bell(&self, cx: &Cx<Self>) -> Far<Bell> {
        cx.make(Bell(0))
    }

    /// Takes from this account, adds to another one of the process, rings a bell, tells; and fails
    /// then if it is to.
    fn transfer(
        &mut self,
        cx: &Cx<Self>,
        amount: u64,
        to: Far<Self>,
        bell: Far<Bell>,
        fails: bool,
    ) -> Result<(), Failure> {
        self.tells.note(cx, "transfer");
        cx.act(send_message!("transfer"));
        let made = cx.make(Bell(9));
        made.count(cx);
        self.made = Some(weak(&made));
        self.balance -= amount;
        cx.near(&to, |to, _| to.balance += amount)?;
        cx.near(&bell, |bell, _| bell.0 += 1)?;
        if fails { Err(Overdrawn(self.balance).into()) } else { Ok(()) }
    }

    /// Changes the balance in a continuation.
    fn later(&mut self, cx: &Cx<Self>, amount: u64, fails: bool) -> Promise<()> {
        let noted = self.tells.note(cx, "first");
        cx.when(noted, move |account, cx, noted| {
            noted?;
            account.balance += amount;
            account.tells.note(cx, "second");
            if fails { Err(Overdrawn(account.balance).into()) } else { Ok(()) }
        })
    }
}

/// No error of it undoes anything.
struct Bell(u64);

#[object]
impl Bell {
    fn count(&self) -> u64 {
        self.0
    }
}

#[test]
fn o12_an_error_of_a_transactional_object_undoes_the_turn() {
    for levels in 0..2 {
        let notes = Notes::default();
        let mut sim = empty();
        let tells = spawned(&mut sim, 0, notes.scribe());
        let account = spawned(&mut sim, levels, Account { balance: 10, tells, made: None });
        let other = answer(&mut sim, |cx| account.beside(cx, 1)).unwrap();
        let bell = answer(&mut sim, |cx| account.bell(cx)).unwrap();
        let messages = sim.messages_of::<Text>().len();
        let why = reason(&mut sim, |cx| account.transfer(cx, 3, &other, &bell, true));
        assert_eq!(why.decode(), Some(Overdrawn(7)));
        assert_eq!(notes.take(), [""; 0], "its actions were dropped");
        assert_eq!(sim.messages_of::<Text>().len(), messages);
        assert_eq!(answer(&mut sim, |cx| account.balance(cx)), Ok(10));
        assert_eq!(
            answer(&mut sim, |cx| other.balance(cx)),
            Ok(1),
            "it is transactional, and was called near"
        );
        assert_eq!(answer(&mut sim, |cx| bell.count(cx)), Ok(1), "it is not transactional");
        answer(&mut sim, |cx| account.transfer(cx, 3, &other, &bell, false)).unwrap();
        assert_eq!(notes.take(), ["transfer"]);
        assert_eq!(answer(&mut sim, |cx| account.balance(cx)), Ok(7));
        assert_eq!(answer(&mut sim, |cx| other.balance(cx)), Ok(4));
    }
}

#[test]
fn o12_an_error_of_a_continuation_of_a_transactional_object_undoes_that_turn() {
    let notes = Notes::default();
    let mut sim = empty();
    let tells = spawned(&mut sim, 0, notes.scribe());
    let account = spawned(&mut sim, 0, Account { balance: 10, tells, made: None });
    let why = reason(&mut sim, |cx| account.later(cx, 5, true));
    assert_eq!(Overdrawn::from_reason(&why), Some(Overdrawn(15)));
    assert_eq!(notes.take(), ["first"], "the turn before stands");
    assert_eq!(answer(&mut sim, |cx| account.balance(cx)), Ok(10));
    answer(&mut sim, |cx| account.later(cx, 5, false)).unwrap();
    assert_eq!(notes.take(), ["first", "second"]);
    assert_eq!(answer(&mut sim, |cx| account.balance(cx)), Ok(15));
}

/// Keeps what it makes, and leaks it to the world before it fails.
#[derive(Clone)]
struct Leaky(std::sync::Arc<std::sync::Mutex<Option<Far<Bell>>>>);

#[object(transactional)]
impl Leaky {
    fn go(&mut self, cx: &Cx<Self>) -> Result<(), Failure> {
        *self.0.lock().unwrap() = Some(cx.make(Bell(0)));
        Err(Overdrawn(0).into())
    }
}

#[test]
fn o12_what_a_transactional_object_made_is_as_before_too() {
    let mut sim = empty();
    let leaked = std::sync::Arc::default();
    let leaky = spawned(&mut sim, 0, Leaky(std::sync::Arc::clone(&leaked)));
    reason(&mut sim, |cx| leaky.go(cx));
    let bell = leaked.lock().unwrap().take().unwrap();
    let why = reason(&mut sim, |cx| bell.count(cx));
    assert!(matches!(Broken::of(&why), Some(Broken::Gone(_))), "it was never there: {why:?}");
}

#[test]
fn o12_an_error_of_an_object_that_is_called_near_undoes_nothing_for_one_that_is_not_transactional() {
    let notes = Notes::default();
    let mut sim = empty();
    let tells = spawned(&mut sim, 0, notes.scribe());
    let doer = Doer::new(move |cx| {
        let account = cx.make(Account { balance: 10, tells: tells.clone(), made: None });
        let failed = cx.near(&account, |account, cx| {
            account.balance = 3;
            account.tells.note(cx, "near");
            Err::<(), _>(Overdrawn(account.balance))
        });
        assert_eq!(failed, Ok(Err(Overdrawn(3))));
        Ok(account.balance(cx).to_value())
    });
    let doer = spawned(&mut sim, 0, doer);
    assert_eq!(answer(&mut sim, |cx| doer.go(cx)), Ok(3u64.to_value()));
    assert_eq!(notes.take(), ["near"]);
}

/// Hands a promise to the world, of a send that is never performed.
#[derive(Clone)]
struct Undone(Far<Scribe>, std::sync::Arc<std::sync::Mutex<Option<Promise<Text>>>>);

#[object(transactional)]
impl Undone {
    fn fail(&mut self, cx: &Cx<Self>) -> Result<(), Overdrawn> {
        *self.1.lock().unwrap() = Some(self.0.note(cx, "never"));
        Err(Overdrawn(0))
    }

    fn panic(&mut self, cx: &Cx<Self>) {
        *self.1.lock().unwrap() = Some(self.0.note(cx, "never"));
        panic!("boom");
    }
}

#[test]
fn o12_the_promise_of_a_send_that_was_undone_breaks() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let leaked = std::sync::Arc::default();
    let undone = spawned(&mut sim, 0, Undone(scribe, std::sync::Arc::clone(&leaked)));
    reason(&mut sim, |cx| undone.fail(cx));
    let promise = leaked.lock().unwrap().take().unwrap();
    let why = reason(&mut sim, |_| promise);
    assert_eq!(Broken::of(&why), Some(&Broken::Abandoned));
    reason(&mut sim, |cx| undone.panic(cx));
    let promise = leaked.lock().unwrap().take().unwrap();
    let why = reason(&mut sim, |_| promise);
    assert!(Broken::of(&why).is_some(), "{why:?}");
    assert_eq!(notes.take(), [""; 0]);
}

/// Makes objects in continuations.
#[derive(Clone)]
struct Founder(Option<Far<Bell>>);

#[object(transactional)]
impl Founder {
    /// Makes an object that nobody has, in a turn that is undone.
    fn fails_once(&mut self, cx: &Cx<Self>, settled: Promise<u64>) {
        drop(cx.when(settled, |_, cx, _| {
            drop(cx.make(Bell(1)));
            Err::<(), Failure>(Overdrawn(0).into())
        }));
    }

    fn keeps_one(&mut self, cx: &Cx<Self>, settled: Promise<u64>) {
        drop(cx.when(settled, |founder, cx, _| {
            founder.0 = Some(cx.make(Bell(2)));
            Ok(())
        }));
    }

    fn kept(&self) -> Far<Bell> {
        self.0.clone().unwrap()
    }

    fn bell(&self, cx: &Cx<Self>) -> Far<Bell> {
        cx.make(Bell(3))
    }
}

/// An object was made and dropped in a turn that is undone, and another one would be in its place
/// when it falls.
#[test]
fn o12_the_fall_of_what_is_undone_takes_out_no_other_object() {
    for levels in 0..2 {
        let mut sim = empty();
        let (never, resolver) = promise::<u64>();
        sim.spawn(spawn!(crate::deeds::holder(resolver)));
        let founder = spawned(&mut sim, levels, Founder(None));
        answer(&mut sim, |cx| founder.fails_once(cx, &never)).unwrap();
        answer(&mut sim, |cx| founder.keeps_one(cx, &never)).unwrap();
        sim.send(&Text::from("let go"));
        let asked = sim.ask(|cx| founder.bell(cx));
        sim.run();
        let bell = asked.answer().unwrap().unwrap();
        assert_eq!(answer(&mut sim, |cx| bell.count(cx)), Ok(3));
        let kept = answer(&mut sim, |cx| founder.kept(cx)).unwrap();
        assert_eq!(answer(&mut sim, |cx| kept.count(cx)), Ok(2));
    }
}
