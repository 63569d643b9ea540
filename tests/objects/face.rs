//! Programs with `#[object]`: typed pipelines, faces, generic objects.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

struct Purse {
    balance: u64,
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("only {0} left")]
struct Overdrawn(u64);

#[object]
impl Purse {
    fn balance(&self) -> u64 {
        self.balance
    }

    fn withdraw(&mut self, amount: u64) -> Result<(), Overdrawn> {
        self.balance = self.balance.checked_sub(amount).ok_or(Overdrawn(self.balance))?;
        Ok(())
    }

    /// Answers when the other purse has paid; the answer is a promise.
    fn deposit(&mut self, cx: &Cx<Self>, amount: u64, from: Far<Self>) -> Promise<()> {
        let paid = from.withdraw(cx, amount);
        cx.when(paid, move |purse, _cx, paid| {
            paid?;
            purse.balance += amount;
            Ok(())
        })
    }
}

struct Bank;

#[object]
impl Bank {
    fn open(&mut self, cx: &Cx<Self>, balance: u64) -> Far<Purse> {
        cx.make(Purse { balance })
    }
}

/// Tells the answer to the world, as text.
fn say<T: Message + std::fmt::Debug>(answer: Result<T, Reason>) -> Transition<()> {
    transition_no_state!(send_message!(format!("{answer:?}")))
}

fn heard(sim: &Sim) -> Vec<String> {
    sim.messages_of()
}

#[test]
fn a_promise_of_a_reference_has_its_methods() {
    let mut sim = Sim::new(|_| {
        let (spawn, bank) = spawn_object(Bank);
        transition_no_state!(
            spawn,
            ask(|cx| bank.open(cx, 7).balance(cx), |(): (), balance| say(balance)),
            ask(
                |cx| bank.open(cx, 8),
                |(): (), opened: Result<Far<Purse>, Reason>| {
                    let opened = opened?;
                    Ok(transition_no_state!(ask(|cx| opened.balance(cx), |(): (), balance| say(balance))))
                }
            ),
        )
    });
    sim.run();
    assert_eq!(heard(&sim), ["Ok(7)", "Ok(8)"]);
}

#[test]
fn a_deposit_breaks_with_the_reason_of_withdraw() {
    let mut sim = Sim::new(|_| {
        let (spawn_a, a) = spawn_object(Purse { balance: 10 });
        let (spawn_b, b) = spawn_object(Purse { balance: 0 });
        transition_no_state!(
            spawn_a,
            spawn_b,
            ask(|cx| b.deposit(cx, 3, &a), |(): (), paid| say(paid)),
            ask(
                |cx| b.deposit(cx, 30, a.clone()),
                |(): (), paid: Result<(), Reason>| {
                    let Err(reason) = paid else { panic!("there is not so much") };
                    assert_eq!(reason.decode(), Some(Overdrawn(7)));
                    transition_no_state!(send_message!(reason.to_string()))
                }
            ),
        )
    });
    sim.run();
    assert_eq!(heard(&sim), ["Ok(())", "only 7 left"]);
}

#[object]
trait Db {
    fn select(&mut self, criteria: Text) -> Far<dyn Row>;
}

#[object]
trait Row {
    fn modify(&mut self, value: u64) -> Result<(), Failure>;
}

#[object]
trait Server {
    fn open_db(&mut self) -> Far<dyn Db>;
}

struct Client {
    server: Far<dyn Server>,
}

#[object]
impl Client {
    fn go(&mut self, cx: &Cx<Self>) -> Promise<()> {
        let success = self.server.open_db(cx).select(cx, "x > 3").modify(cx, 7);
        // As a statement: nobody has its promise.
        cx.when(&success, |_, _, done: Result<(), Reason>| {
            let _ = done;
        });
        cx.when(success, |_, _, done| done.map_err(Failure))
    }
}

struct TheServer;
struct TheDb;
struct TheRow(u64);

#[object]
impl TheServer {
    fn open_db(&mut self, cx: &Cx<Self>) -> Far<dyn Db> {
        cast(&cx.make(TheDb))
    }
}

#[object]
impl TheDb {
    fn select(&mut self, cx: &Cx<Self>, criteria: Text) -> Far<dyn Row> {
        assert_eq!(criteria, "x > 3");
        cast(&cx.make(TheRow(0)))
    }
}

#[object]
impl TheRow {
    fn modify(&mut self, value: u64) {
        self.0 = value;
    }
}

#[test]
fn a_trait_says_what_can_be_called() {
    let mut sim = Sim::new(|_| {
        let (spawn_server, server) = spawn_object(TheServer);
        let (spawn_client, client) = spawn_object(Client { server: cast(&server) });
        transition_no_state!(spawn_server, spawn_client, ask(|cx| client.go(cx), |(): (), done| say(done)))
    });
    sim.run();
    assert_eq!(heard(&sim), ["Ok(())"]);
    assert_eq!(sim.stats().processes, 1, "row, db, server and client are gone; the event relay stays");
}

#[object]
trait Observer {
    fn changed(&mut self, value: u64);
}

#[derive(Default)]
struct Watched {
    value: u64,
    observers: Vec<Far<dyn Observer>>,
}

#[object]
impl Watched {
    fn watch(&mut self, observer: Far<dyn Observer>) {
        self.observers.push(observer);
    }

    fn set(&mut self, cx: &Cx<Self>, value: u64) {
        self.value = value;
        self.observers.iter().for_each(|observer| {
            observer.changed(cx, value);
        });
    }
}

#[derive(Default)]
struct Screen(Vec<u64>);

#[object]
impl Screen {
    fn changed(&mut self, value: u64) {
        self.0.push(value);
    }

    fn seen(&self) -> Vec<u64> {
        self.0.clone()
    }
}

struct Mint;
struct Coins(u64);

#[object]
impl Mint {
    fn mint(&self, cx: &Cx<Self>, n: u64) -> Far<Coins> {
        cx.make(Coins(n))
    }
}

#[object]
impl Coins {
    fn deposit(&mut self, cx: &Cx<Self>, n: u64, from: Far<Self>) -> Result<u64, Failure> {
        cx.near(&from, |from, _| {
            from.0 = from.0.checked_sub(n).ok_or(Overdrawn(from.0))?;
            Ok::<_, Overdrawn>(())
        })??;
        self.0 += n;
        Ok(self.0)
    }
}

struct Party {
    watched: Far<Watched>,
    screen: Far<Screen>,
    mint: Far<Mint>,
}

#[object]
impl Party {
    fn go(&mut self, cx: &Cx<Self>) -> Promise<(Vec<u64>, u64)> {
        self.watched.watch(cx, cast::<dyn Observer>(&self.screen));
        self.watched.set(cx, 1);
        self.watched.set(cx, 2);
        let (a, b) = (self.mint.mint(cx, 9), self.mint.mint(cx, 1));
        // An argument of type `Far` is an object: who has the promise of one waits for it.
        let paid = cx.when(b, move |_, cx, b| Ok(a.deposit(cx, 1, b?)));
        cx.when(paid, |party, cx, paid: Result<u64, Reason>| {
            let paid = paid?;
            let seen = party.screen.seen(cx);
            Ok(cx.when(seen, move |_, _, seen: Result<Vec<u64>, Reason>| Ok((seen?, paid))))
        })
    }
}

#[test]
fn observers_and_a_mint() {
    let mut sim = Sim::new(|_| {
        let (spawn_watched, watched) = spawn_object(Watched::default());
        let (spawn_screen, screen) = spawn_object(Screen::default());
        let (spawn_mint, mint) = spawn_object(Mint);
        let (spawn_party, party) = spawn_object(Party { watched, screen, mint });
        transition_no_state!(
            spawn_watched,
            spawn_screen,
            spawn_mint,
            spawn_party,
            ask(|cx| party.go(cx), |(): (), gone| say(gone)),
        )
    });
    sim.run();
    assert_eq!(heard(&sim), ["Ok(([1, 2], 10))"]);
}

struct Holder<T: Message>(Option<T>);

#[object]
impl<T: Message + Clone> Holder<T> {
    fn get(&self) -> Option<T> {
        self.0.clone()
    }

    fn put(&mut self, it: T) {
        self.0 = Some(it);
    }
}

#[test]
fn an_object_may_have_type_parameters() {
    let mut sim = Sim::new(|_| {
        let (spawn, holder) = spawn_object(Holder::<u64>(None));
        transition_no_state!(
            spawn,
            tell(|cx| {
                holder.put(cx, 7);
            }),
            ask(|cx| holder.get(cx), |(): (), got| say(got)),
        )
    });
    sim.run();
    assert_eq!(heard(&sim), ["Ok(Some(7))"]);
}

#[derive(Clone)]
struct Sign {
    text: Text,
    of: Symbol,
}

#[object(transactional)]
impl Sign {
    fn write(&mut self, text: Text, of: Symbol) -> Result<(), Failure> {
        (self.text, self.of) = (text, of);
        self.fits()
    }

    fn read(&self) -> (Text, Symbol) {
        (self.text.clone(), self.of.clone())
    }
}

impl Sign {
    fn fits(&self) -> Result<(), Failure> {
        if self.text.len() < 5 { Ok(()) } else { Err(Failure::value(&"too long".to_string())) }
    }
}

#[test]
fn an_error_leaves_a_transactional_object_as_it_was() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let sign = sim.spawn_object(Sign { text: Text::default(), of: "nobody".into() });
    let ann = Symbol::new("ann");
    sim.tell(|cx| sign.write(cx, "here", &ann));
    let refused = sim.ask(|cx| sign.write(cx, "everywhere", "bob"));
    let read = sim.ask(|cx| sign.read(cx));
    sim.run();
    assert_eq!(refused.answer().unwrap().unwrap_err().to_string(), "too long");
    assert_eq!(read.answer(), Some(Ok(("here".into(), ann))));
}

#[test]
fn a_stub_takes_references_to_texts_and_symbols() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let sign = sim.spawn_object(Sign { text: Text::default(), of: "nobody".into() });
    let (text, of) = (Text::from("hi"), Symbol::new("ann"));
    sim.tell(|cx| sign.write(cx, &text, &of));
    let read = sim.ask(|cx| sign.read(cx));
    sim.run();
    assert_eq!(read.answer(), Some(Ok((text, of))));
}

#[test]
fn what_tell_gives_asks_for_no_answer() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let purse = sim.spawn_object(Purse { balance: 1 });
    sim.run();
    sim.tell(|cx| purse.withdraw(cx, 1));
    sim.run();
    assert!(!sim.trace().to_string().contains("answers"), "{}", sim.trace());
    let asked = sim.ask(|cx| purse.balance(cx));
    sim.run();
    assert_eq!(asked.answer(), Some(Ok(0)));
    assert!(sim.trace().to_string().contains("answers"), "{}", sim.trace());
}

/// A promise has no methods of its own, though rustc knows some by name to say what is meant.
#[test]
fn a_method_of_an_object_may_be_called_when_or_then() {
    struct Clock;
    #[object]
    impl Clock {
        fn when(&self, n: u64) -> u64 {
            n
        }
        fn then(&self) -> Far<Self> {
            unreachable!("nobody calls it")
        }
    }
    let mut sim = Sim::new(|_| transition_no_state!());
    let clock = sim.spawn_object(Clock);
    let (later, resolver) = promise::<Far<Clock>>();
    let asked = sim.ask(|cx| later.when(cx, 7));
    let _never = |cx: &Asker| later.then(cx).then(cx);
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(clock))));
    sim.run();
    assert_eq!(asked.answer(), Some(Ok(7)));
}
