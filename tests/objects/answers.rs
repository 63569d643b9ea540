//! Rule O11: what a method returns, and who hears it.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Heard, Performed, What};

use crate::notes::{Doer, Notes, Scribe, act, answer, empty, reason, spawned};

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("only {0} left")]
pub(crate) struct Overdrawn(pub(crate) u64);

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("plain, with {0}")]
struct Plain(u64);

struct Purse {
    balance: u64,
    notes: Notes,
}

#[object]
impl Purse {
    fn balance(&self) -> u64 {
        self.balance
    }

    /// An error takes nothing back: the balance stays as it is then.
    fn withdraw(&mut self, cx: &Cx<Self>, amount: u64, tells: Far<Scribe>) -> Result<(), Overdrawn> {
        tells.note(cx, "withdraws");
        self.notes.add("withdraw");
        let left = self.balance.checked_sub(amount);
        self.balance = left.unwrap_or(0);
        left.map(drop).ok_or(Overdrawn(self.balance))
    }

    fn fail_plainly(&mut self) -> Result<(), Plain> {
        Err(Plain(7))
    }

    fn fail_with_a_reason(&mut self) -> Result<(), Reason> {
        Err(Overdrawn(2).into())
    }

    fn fail_with_the_reason_kept(&mut self) -> Result<(), Failure> {
        Ok(Err(Reason::from(Overdrawn(3)))?)
    }

    fn fail_in_a_continuation(&mut self, cx: &Cx<Self>) -> Promise<()> {
        let failed = cx.me().fail_with_a_reason(cx);
        cx.when(failed, |_, _, failed| Ok(failed?))
    }
}

fn purse(balance: u64, notes: &Notes) -> Purse {
    Purse { balance, notes: notes.clone() }
}

#[test]
fn o11_a_value_fulfils_and_a_reference_too() {
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, Notes::default().scribe());
    assert_eq!(answer(&mut sim, |cx| scribe.note(cx, "hello")), Ok("hello".into()));
    assert_eq!(answer(&mut sim, |cx| scribe.me(cx)), Ok(scribe.clone()));
}

#[test]
fn o11_a_promise_that_a_method_returns_is_followed() {
    for levels in 0..3 {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, levels, notes.scribe());
        let (later, resolver) = promise::<Value>();
        let (kept, target) = (later.clone(), scribe.clone());
        let doer = spawned(&mut sim, 2 - levels, Doer::new(move |_| Ok(kept.to_value())));
        let asked = sim.ask(|cx| send(cx, &doer.go(cx), "note", (Text::from("through"),)));
        sim.run();
        assert_eq!(asked.answer(), None);
        act(&mut sim, move || actions!(resolver.fulfill(target.to_value())));
        assert_eq!(asked.answer(), Some(Ok(Text::from("through").to_value())));
    }
}

#[test]
fn o11_an_error_breaks_with_itself() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let purse = spawned(&mut sim, 1, purse(3, &notes));
    let why = reason(&mut sim, |cx| purse.withdraw(cx, 7, &scribe));
    assert_eq!(why.decode(), Some(Overdrawn(0)));
    assert_eq!(why.to_string(), "only 0 left");
    let why = reason(&mut sim, |cx| purse.fail_plainly(cx));
    assert_eq!(why.to_string(), "plain, with 7");
    let Reason::Error(error) = &why else { panic!("{why:?}") };
    assert_eq!(error.downcast_ref::<Plain>(), Some(&Plain(7)));
}

#[test]
fn o11_an_error_that_is_a_message_is_data() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let purse = spawned(&mut sim, 1, purse(3, &notes));
    let why = reason(&mut sim, |cx| purse.withdraw(cx, 7, &scribe));
    assert_eq!(why.data(), Some(Overdrawn(0).to_value()));
    let why = reason(&mut sim, |cx| purse.fail_with_a_reason(cx));
    assert_eq!(why.data(), Some(Overdrawn(2).to_value()));
    let why = reason(&mut sim, |cx| purse.fail_with_the_reason_kept(cx));
    assert_eq!(why.data(), Some(Overdrawn(3).to_value()));
    let why = reason(&mut sim, |cx| purse.fail_in_a_continuation(cx));
    assert_eq!(why.data(), Some(Overdrawn(2).to_value()), "`?` passes a reason on");
    let why = reason(&mut sim, |cx| purse.fail_plainly(cx));
    assert_eq!(why.data(), None);
}

/// A method of a type with parameters, whose error has them, too.
#[test]
fn o11_an_error_of_a_generic_object_is_data() {
    #[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
    #[message(error)]
    #[error("there is something else")]
    struct Occupied<T: std::fmt::Debug>(T);

    struct Place<T>(T);

    #[object]
    impl<T: Message + Clone + std::fmt::Debug> Place<T> {
        fn put(&mut self, _new: T) -> Result<(), Occupied<T>> {
            Err(Occupied(self.0.clone()))
        }
    }

    let mut sim = empty();
    let place = spawned(&mut sim, 0, Place(7u64));
    let why = reason(&mut sim, |cx| place.put(cx, 8));
    assert_eq!(why.data(), Some(Occupied(7u64).to_value()));
}

/// It is asked for its data outside of its own process: nobody else fails.
#[test]
fn o11_an_error_whose_data_cannot_be_made_has_none() {
    #[derive(Clone)]
    struct Bad;

    impl Message for Bad {
        type Gives = Self;
        fn to_value(&self) -> Value {
            panic!("there is no value")
        }
        fn from_value(_: &Value) -> Option<Self> {
            None
        }
    }

    #[derive(Message, Clone, thiserror::Error)]
    #[message(error)]
    #[error("bad")]
    struct Worse(Bad);

    impl std::fmt::Debug for Worse {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Worse")
        }
    }

    assert_eq!(Reason::from(Worse(Bad)).data(), None);
}

#[test]
fn o10_why_there_is_no_answer_is_data() {
    let mut sim = empty();
    let purse = spawned(&mut sim, 0, purse(3, &Notes::default()));
    let why = reason(&mut sim, |cx| send(cx, &purse, "spend", ()));
    let Some(broken) = Broken::of(&why) else { panic!("{why:?}") };
    assert_eq!(why.data(), Some(broken.to_value()));
}

#[test]
fn o11_a_promise_can_be_broken_with_an_error_that_is_data() {
    let mut sim = empty();
    let (later, resolver) = promise::<()>();
    let asked = sim.ask(|_| later);
    act(&mut sim, move || actions!(resolver.break_because(Overdrawn(9))));
    let why = asked.answer().unwrap().unwrap_err();
    assert_eq!((why.data(), why.to_string()), (Some(Overdrawn(9).to_value()), "only 9 left".into()));
}

#[test]
fn o11_an_error_that_is_a_message_is_taken_apart_as_one() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let purse = spawned(&mut sim, 1, purse(3, &notes));
    let heard = notes.clone();
    act(&mut sim, move || {
        actions!(
            pass(&purse, "w", &(Symbol::new("withdraw"), 7u64, scribe)),
            replies!(match_reason!(Overdrawn(left) => on_duct_absence!({
                let left: u64 = left;
                heard.add(format!("left: {left}"))
            }))),
        )
    });
    assert_eq!(notes.take(), ["withdraw", "withdraws", "left: 0"]);
}

#[test]
fn o11_what_a_method_sent_is_performed_before_its_answer_is_heard() {
    for levels in 0..3 {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, levels, notes.scribe());
        let target = scribe.clone();
        let doer = Doer::quiet(move |cx| {
            target.note(cx, "sent first");
            target.note(cx, "sent second");
        });
        let doer = spawned(&mut sim, levels, doer);
        let told = notes.clone();
        act(&mut sim, move || {
            ask(
                |cx| doer.go(cx),
                move |(): (), _: Result<Value, Reason>| {
                    told.add("answered");
                    transition_no_state!()
                },
            )
        });
        assert_eq!(notes.take(), ["sent first", "sent second", "answered"], "{levels}");
    }
}

#[test]
fn o11_the_answer_is_the_last_action_of_the_turn_but_for_a_quit() {
    for levels in 0..3 {
        let notes = Notes::default();
        let mut sim = empty();
        let doer = Doer::new(move |cx| {
            cx.act(quit());
            cx.act(send_message!("said"));
            Ok(7u32.to_value())
        });
        let doer = spawned(&mut sim, levels, doer);
        let (asks, told) = (doer.clone(), notes.clone());
        act(&mut sim, move || {
            let after = doer.clone();
            ask(
                |cx| asks.go(cx),
                move |(): (), got: Result<Value, Reason>| {
                    told.add(format!("{}", got.unwrap()));
                    transition_no_state!(ask(
                        |cx| after.go(cx),
                        move |(): (), got: Result<Value, Reason>| {
                            told.add(got.unwrap_err().to_string());
                            transition_no_state!()
                        }
                    ))
                },
            )
        });
        assert_eq!(notes.take(), ["7", "it is gone (normal)"], "{levels}");
    }
}

#[test]
fn o11_whens_are_called_in_the_order_in_which_they_were_asked_for() {
    let notes = Notes::default();
    let mut sim = empty();
    let (later, resolver) = promise::<u32>();
    for n in 0..5 {
        let (told, later) = (notes.clone(), later.clone());
        act(&mut sim, move || {
            actions!(when(later, move |(): (), got: Result<u32, Reason>| {
                told.add(format!("{n}: {}", got.unwrap()));
                transition_no_state!()
            }))
        });
    }
    act(&mut sim, move || actions!(resolver.fulfill(7u32)));
    assert_eq!(notes.take(), ["0: 7", "1: 7", "2: 7", "3: 7", "4: 7"]);
}

#[test]
fn o11_an_answer_settles_the_promise_and_calls_the_whens_in_one_step() {
    for levels in 0..3 {
        let mut sim = empty();
        let scribe = spawned(&mut sim, 0, Notes::default().scribe());
        let asker = Doer::quiet(move |cx| {
            let noted = scribe.note(cx, "hello");
            cx.when(&noted, |_, _, _: Result<Text, Reason>| ());
            cx.when(noted, |_, _, _: Result<Text, Reason>| ());
        });
        let asker = spawned(&mut sim, levels, asker);
        sim.tell(|cx| {
            asker.go(cx);
        });
        let before = sim.trace().records().len();
        sim.run();
        let records = &sim.trace().records()[before..];
        let at = records
            .iter()
            .position(|it| matches!(it.what, What::Performed { action: Performed::Answer(Some(_), _), .. }))
            .expect("an answer");
        let settled = records[at + 1..]
            .iter()
            .take_while(|it| !matches!(it.what, What::Performed { .. }))
            .filter(|it| matches!(it.what, What::Turn { heard: Heard::Settled(_), .. }))
            .count();
        assert_eq!(settled, 2, "{levels}");
    }
}

#[test]
fn o11_a_panic_is_no_answer() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 1, notes.scribe());
    let asked: Vec<_> = vec![
        sim.ask(|cx| send(cx, &scribe, "panic", (Text::from("boom"),))),
        sim.ask(|cx| send(cx, &scribe, "note", (Text::from("never"),))),
        sim.ask(|cx| send(cx, &scribe.me(cx), "note", (Text::from("never"),))),
    ];
    sim.run();
    for asked in asked {
        let why = asked.answer().unwrap().unwrap_err();
        assert_eq!(Broken::of(&why), Some(&Broken::Gone(Reason::Panic("boom".into()))));
    }
    assert_eq!(notes.take(), [""; 0]);
}

#[test]
fn o11_a_continuation_answers_as_a_method_does() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let target = scribe.clone();
    let doer = Doer::new(move |cx| {
        let (noted, again) = (target.note(cx, "one"), target.clone());
        // Gives a promise, which is followed.
        let second = cx.when(noted, move |_, cx, it| {
            it?;
            Ok(again.note(cx, "two"))
        });
        let failed = cx.when(second, |_, _, it: Result<Text, Reason>| {
            let it = it?;
            Err::<(), _>(Failure::value(&it))
        });
        Ok(failed.to_value())
    });
    let doer = spawned(&mut sim, 0, doer);
    assert_eq!(reason(&mut sim, |cx| doer.go(cx)), Reason::value(&Text::from("two")));
}

#[test]
fn o12_what_a_method_did_before_its_error_stands() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let purse = spawned(&mut sim, 0, purse(3, &notes));
    reason(&mut sim, |cx| purse.withdraw(cx, 7, &scribe));
    assert_eq!(notes.take(), ["withdraw", "withdraws"]);
    assert_eq!(answer(&mut sim, |cx| purse.balance(cx)), Ok(0));
}

#[test]
fn a_message_that_is_passed_to_an_object_is_answered_on_the_wire() {
    for levels in 0..3 {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, levels, notes.scribe());
        let (later, resolver) = promise::<Value>();
        let kept = later.clone();
        let doer = spawned(&mut sim, levels, Doer::new(move |_| Ok(kept.to_value())));
        let heard = notes.clone();
        act(&mut sim, move || {
            let absent = heard.clone();
            actions!(
                replies!(
                    on_reply!(wire: Text, answer: Value => heard.add(format!("{wire}: {answer}"))),
                    match_wire!(wire: Text => match_reason!(reason: Reason =>
                        on_duct_absence!(absent.add(format!("{wire}, none: {reason}"))))),
                ),
                pass(&scribe, "value", &(Symbol::new("note"), Text::from("hello"))),
                pass(&doer, "promise", &(Symbol::new("go"),)),
                pass(&scribe, "error", &(Symbol::new("fail"), Text::from("failed"))),
                pass(&scribe, "panic", &(Symbol::new("panic"), Text::from("boom"))),
                pass(&scribe, "gone", &(Symbol::new("note"), Text::from("never"))),
            )
        });
        let mut told = notes.take();
        told.retain(|it| it.contains(':'));
        told.sort();
        assert_eq!(
            told,
            [
                "error, none: failed",
                "gone, none: it is gone (panic: boom)",
                "panic, none: it is gone (panic: boom)",
                "value: \"hello\"",
            ],
            "{levels}"
        );
        act(&mut sim, move || actions!(resolver.fulfill(7u32.to_value())));
        assert_eq!(notes.take(), ["promise: 7"], "{levels}");
    }
}

/// A process that passes a message hears that nobody answers, also by endpoints that its turn asks
/// for behind the message: an answer would not come sooner.
#[test]
fn o16_the_absence_of_what_is_gone_waits_for_the_turn_that_passed() {
    for levels in 0..3 {
        let notes = Notes::default();
        let mut sim = empty();
        let gone = spawned(&mut sim, levels, Doer::quiet(|cx| cx.act(quit())));
        sim.tell(|cx| gone.go(cx));
        sim.run();
        let (never, here) = reference::<()>();
        drop(here);
        let (broken, resolver) = promise::<Far<Doer>>();
        let data = Promise::from(7u32);
        let heard = notes.clone();
        act(&mut sim, move || {
            actions!(
                pass(&gone, "gone", &(Symbol::new("go"),)),
                pass(&never, "never", &(Symbol::new("go"),)),
                pass(&data, "data", &(Symbol::new("go"),)),
                pass(&broken, "broken", &(Symbol::new("go"),)),
                resolver.break_because(Reason::value(&Symbol::new("odd"))),
                replies!(match_wire!(wire: Text => match_reason!(reason: Reason =>
                    on_duct_absence!(heard.add(format!("{wire}: {reason}")))))),
            )
        });
        assert_eq!(
            notes.take(),
            [
                "gone: it is gone (normal)",
                "never: the object was never there: its `Here` was dropped",
                "data: 7 hears no messages, so not `go` either",
                "broken: odd",
            ],
            "{levels}"
        );
    }
}

#[test]
fn o11_a_value_that_is_too_deep_for_a_message_is_refused_on_the_duct() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 1, notes.scribe());
    let deep = (0..marketplace::MAX_DEPTH).fold(Value::from(1), |inner, _| Value::record("r", [inner]));
    let heard = notes.clone();
    act(&mut sim, move || {
        actions!(
            pass(&scribe, "w", &deep),
            replies!(match_reason!(reason: Reason => on_duct_absence!(heard.add(reason.to_string())))),
        )
    });
    assert_eq!(notes.take(), [marketplace::TooDeep.to_string()]);
}

#[test]
fn o15_an_answer_that_alone_was_asked_for_at_first_breaks_with_its_process() {
    let notes = Notes::default();
    let mut sim = empty();
    let heard = notes.clone();
    act(&mut sim, move || {
        let (promise, resolver) = promise::<u8>();
        actions!(
            when(promise, move |(), answer| {
                heard.add(answer.map_or_else(|why| why.to_string(), |it| it.to_string()));
                transition_no_state!()
            }),
            spawn!(transition_no_state!(resolver.fulfill(7u8)))
                .then(|(), pid| transition_no_state!(quit().pid(pid.unwrap()).because("no"))),
        )
    });
    assert_eq!(notes.take(), ["it is gone (no)"]);
}
