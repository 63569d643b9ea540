//! The options of methods and objects, and the ways in which a method may be written.

// A user's code has no warnings because of `#[object]`.
#![deny(warnings, clippy::all, clippy::pedantic)]

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

/// Tells the answer to the world, as text.
fn say<T: Message + std::fmt::Debug>((): (), answer: Result<T, Reason>) -> Transition<()> {
    transition_no_state!(send_message!(match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(reason) => reason.to_string(),
    }))
}

/// All that is told when these have been asked for, one after the other.
fn told<O: Object>(object: O, asks: impl FnOnce(&Far<O>) -> ActionTree<()> + Send + 'static) -> Vec<String> {
    let mut sim = Sim::new(move |_| {
        let (spawn, object) = spawn_object(object);
        transition_no_state!(spawn, asks(&object))
    });
    sim.run();
    sim.messages_of()
}

#[derive(Clone, Default)]
struct Account {
    balance: u64,
    owner: Text,
}

#[object(transactional)]
impl Account {
    const SIGNS: usize = 2;

    fn signs(&self) -> [u8; Self::SIGNS] {
        [1; Self::SIGNS]
    }

    #[method(name = "getBalance")]
    fn balance(&self) -> u64 {
        self.balance
    }

    /// A pattern, a binding that can be changed, and a place that is not looked at.
    fn put(&mut self, (a, b): (u64, u64), mut c: u64, _: u64) {
        c += 1;
        self.balance += a + b + c;
    }

    #[method(bare)]
    fn anything(&mut self, number: u64, text: Text) -> Text {
        format!("{number} {text}").into()
    }

    fn owned_by(&mut self, owner: Text, title: Symbol, anything: Value) -> Text {
        self.owner = format!("{title} {owner} {anything}").into();
        self.owner.clone()
    }

    fn spoil(&mut self, cx: &Cx<Self>) -> Result<(), Failure> {
        self.balance = 0;
        cx.act(send_message!("spoilt"));
        Err(Failure(Reason::value(&Text::from("no"))))
    }

    /// The same object, in all the ways in which it can be written.
    #[allow(clippy::needless_arbitrary_self_type)]
    fn same(self: &mut Self, cx: &Cx<'_, Self>, one: Far<Self>, other: Promise<Far<Self>>) -> Promise<bool> {
        cx.when(&other, move |_, cx, other| Ok(other? == one && one == cx.me()))
    }

    #[cfg(any())]
    fn never_there(&self) -> Missing {}

    #[must_use]
    #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
    fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8) -> Vec<u8> {
        vec![a, b, c, d, e, f, g]
    }

    fn cx(&self, cx: u64) -> u64 {
        cx
    }

    fn r#type(&self) -> Symbol {
        "account".into()
    }
}

#[test]
fn a_method_has_another_name_outside() {
    let told = told(Account::default(), |account| {
        actions![
            ask(|cx| account.balance(cx), say),
            ask(|cx| send(cx, account, "getBalance", ()), say),
            ask(|cx| send(cx, account, "balance", ()), say),
            ask(|cx| account.r#type(cx), say),
            ask(|cx| send(cx, account, "type", ()), say),
        ]
    });
    assert_eq!(told[..2], ["0", "0"]);
    assert!(
        told[2].starts_with("there is no method `balance`: there is `signs`, `getBalance`, `put`"),
        "{told:?}"
    );
    assert_eq!(told[3..], ["'account", "'account"]);
}

#[test]
fn arguments_are_taken_apart() {
    let told = told(Account::default(), |account| {
        actions![
            tell(|cx| {
                account.put(cx, (1, 2), 3, 4);
            }),
            ask(|cx| account.balance(cx), say),
            ask(|cx| account.cx(cx, 5), say),
            ask(|cx| account.many(cx, 1, 2, 3, 4, 5, 6, 7), say),
        ]
    });
    assert_eq!(told, ["7", "5", "[1, 2, 3, 4, 5, 6, 7]"]);
}

#[test]
fn a_message_without_a_verb_has_a_method() {
    let told = told(Account::default(), |account| actions![ask(|cx| account.anything(cx, 7, "up"), say)]);
    assert_eq!(told, ["\"7 up\""]);
}

#[test]
fn arguments_are_turned_into_what_is_written() {
    let told = told(Account::default(), |account| {
        let same = account.clone();
        actions![
            ask(|cx| account.owned_by(cx, "Ann", "Dr", 7u8), say),
            ask(|cx| account.owned_by(cx, Text::from("Ann"), Symbol::new("Dr"), Value::from(7u8)), say),
            ask(|cx| account.same(cx, account, &same), say),
            ask(|cx| account.same(cx, account.clone(), same), say),
        ]
    });
    assert_eq!(told, ["\"Dr Ann 7\"", "\"Dr Ann 7\"", "true", "true"]);
}

#[test]
fn an_error_undoes_the_turn_of_a_transactional_object() {
    let account = Account { balance: 7, ..Account::default() };
    let told = told(account, |account| {
        actions![ask(|cx| account.spoil(cx), say), ask(|cx| account.balance(cx), say)]
    });
    assert_eq!(told, ["no", "7"]);
}

#[test]
fn a_message_that_does_not_fit_is_told_to_its_sender() {
    let told = told(Account::default(), |account| {
        actions![
            ask(|cx| send(cx, account, "cx", (Text::from("seven"),)), say),
            ask(|cx| send(cx, account, "cx", (7u8, 8u8)), say),
            ask(|cx| send(cx, account, "many", (1u8, 2u8, 3u8, 4u8, 5u8, 6u8, 256u16)), say),
        ]
    });
    assert_eq!(
        told,
        [
            "`cx` takes u64 at place 1, but was given \"seven\"",
            "`cx` takes 1 argument, but was given 2 arguments",
            "`many` takes u8 at place 7, but was given 256",
        ]
    );
}

struct Door(Far<dyn Watcher>);

#[object]
impl Door {
    fn knock(&self) {}

    #[method(released)]
    fn gone(&mut self, cx: &Cx<Self>) {
        self.0.told(cx, "the door is gone");
    }
}

#[object]
trait Watcher {
    fn told(&self, what: Text);
}

struct Guard;

#[object]
impl Guard {
    fn told(&self, cx: &Cx<Self>, what: Text) {
        cx.act(send_message!(what));
    }
}

#[test]
fn a_released_object_takes_a_last_turn() {
    let mut sim = Sim::new(|_| {
        let (spawn_guard, guard) = spawn_object(Guard);
        let (spawn_door, door) = spawn_object(Door(cast(&guard)));
        transition_no_state!(
            spawn_guard,
            spawn_door,
            tell(|cx| {
                door.knock(cx);
            }),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["the door is gone"]);
}

struct Pair<A, B>(A, B);

#[object]
impl<A, B: Message> Pair<A, B>
where
    A: Message,
{
    fn swap(&mut self, cx: &Cx<Self>, a: A, b: B) -> (Far<Self>, A, B) {
        let old = (std::mem::replace(&mut self.0, a), std::mem::replace(&mut self.1, b));
        (cx.me(), old.0, old.1)
    }
}

struct Ring<const N: usize>([u8; N]);

#[object]
impl<const N: usize> Ring<N> {
    fn all(&self) -> [u8; N] {
        self.0
    }
}

#[test]
fn generic_objects_of_all_kinds() {
    let pair = told(Pair(1u8, Text::from("a")), |pair| {
        let pair = pair.clone();
        actions![ask(
            move |cx| pair.swap(cx, 2, "b".into()),
            |(): (), swapped: Result<_, Reason>| {
                let (_, a, b) = swapped?;
                Ok::<_, Failure>(say((), Ok((a, b))))
            }
        )]
    });
    assert_eq!(pair, ["(1, \"a\")"]);
    assert_eq!(told(Ring([1, 2]), |ring| actions![ask(|cx| ring.all(cx), say)]), ["[1, 2]"]);
    assert_eq!(told(Account::default(), |account| actions![ask(|cx| account.signs(cx), say)]), ["[1, 1]"]);
}

#[test]
fn an_object_may_stand_in_a_function() {
    struct Local;

    #[object]
    impl Local {
        fn here(&self) -> bool {
            true
        }
    }

    assert_eq!(told(Local, |local| actions![ask(|cx| local.here(cx), say)]), ["true"]);
}

/// Methods that are called as what `#[object]` itself writes.
#[test]
fn a_method_may_have_any_name() {
    #[derive(Clone)]
    struct Ear(u64);

    #[object(transactional)]
    impl Ear {
        fn hear(&mut self, n: u64) -> u64 {
            self.0 += n;
            self.0
        }
        fn backup(&self) -> u64 {
            self.0
        }
        fn released(&self) -> Text {
            "not yet".into()
        }
        #[method(released)]
        fn falls(&mut self, cx: &Cx<Self>) {
            cx.act(send_message!("gone"));
        }
    }

    let said = told(Ear(1), |ear| {
        let (a, b, c) = (ear.clone(), ear.clone(), ear.clone());
        actions![ask(|cx| a.hear(cx, 2), say), ask(|cx| b.backup(cx), say), ask(|cx| c.released(cx), say),]
    });
    assert_eq!(said, ["gone", "3", "3", "\"not yet\""]);
}
