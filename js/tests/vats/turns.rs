//! Turns: what a turn asks for, and vats that end (V10, V12).

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_js::VatEnded;

use crate::stage::Stage;

#[test]
fn v10_calls_are_performed_in_their_order() {
    let mut stage = Stage::new();
    let ear = stage.root("ear", "hear(n) { log(`heard ${n}`); return n; }");
    let root = stage.root(
        "root",
        "
        async go(ear) {
          const first = E(ear).hear(1);
          E.sendOnly(ear).hear(2);
          E(ear).hear(3);
          await null;
          E(ear).hear(4);
          return 'answer';
        }",
    );
    let asked = stage.sim.ask(|cx| send(cx, &root, "go", (ear,)));
    stage.sim.run();
    assert_eq!(asked.answer(), Some(Ok("answer".into())));
    assert_eq!(stage.logged.take(), ["heard 1", "heard 2", "heard 3", "heard 4"]);
}

#[test]
fn v10_a_turn_that_fails_asks_for_nothing() {
    let mut stage = Stage::new();
    let ear = stage.root("ear", "hear(n) { log(`heard ${n}`); }");
    let root =
        stage.root("root", "go(ear) { E(ear).hear(1); return Promise.resolve().then(() => { for (;;); }); }");
    let refused = stage.answer(&root, "go", (ear.clone(),));
    assert_eq!(refused, "broken: it is gone (vat root was ended: a turn took more than 10000000 polls)");
    assert_eq!(stage.logged.take(), [] as [String; 0]);
    assert_eq!(stage.answer(&ear, "hear", (2,)), "()");
}

#[test]
fn v10_nothing_runs_between_turns() {
    let mut stage = Stage::new();
    let root = stage.root(
        "root",
        "
        go() {
          const wait = n => (n > 0 ? Promise.resolve(n - 1).then(wait) : log('over'));
          wait(1000);
        }",
    );
    stage.answer(&root, "go", ());
    assert_eq!(stage.logged.take(), ["over"]);
}

#[test]
fn v12_what_a_vat_that_ends_owed_is_broken() {
    let mut stage = Stage::new();
    let bad = stage.root(
        "bad",
        "
        later() { return new Promise(() => {}); },
        object() { return harden({ x() {} }); },
        loop() { for (;;); }",
    );
    let later = stage.ask(&bad, "later", ());
    let object = stage.ask(&bad, "object", ()).answer().unwrap().unwrap();
    let object = Reference::from_value(&object).unwrap();
    assert_eq!(later.answer(), None);
    stage.ask(&bad, "loop", ());
    let why = VatEnded { vat: "bad".into(), why: "a turn took more than 10000000 polls".into() };
    let Some(Err(reason)) = later.answer() else { panic!("it is broken") };
    assert_eq!(Broken::of(&reason), Some(&Broken::Gone(Reason::error(why.clone()))));
    let Some(Err(reason)) = stage.ask(&object, "x", ()).answer() else { panic!("it is broken") };
    assert_eq!(Broken::of(&reason), Some(&Broken::Gone(Reason::error(why.clone()))));
    let exits: Vec<_> = stage.sim.exits().iter().map(|exit| exit.reason.decode::<VatEnded>()).collect();
    assert_eq!(exits, [Some(why)]);
    assert_eq!(stage.tables().rows(), [] as [[String; 3]; 0]);
}

#[test]
fn v12_each_limit_is_an_option_and_is_named() {
    type Limit = fn(&mut marketplace_js::Options);
    let cases: [(&str, Limit, &str); 4] = [
        ("for (;;);", |o| o.polls = 100_000, "a turn took more than 100000 polls"),
        (
            "return (async () => { for (;;) await null; })();",
            |o| o.jobs = 1000,
            "a turn had more than 1000 jobs",
        ),
        (
            "const a = []; for (;;) a.push([1]);",
            |o| o.memory = 4 << 20,
            "it wanted more than 4194304 bytes of memory",
        ),
        (
            "for (;;);",
            |o| (o.polls, o.deadline) = (u64::MAX, std::time::Duration::from_millis(50)),
            "a turn took longer than 50ms, which depends on the machine",
        ),
    ];
    for (text, limit, named) in cases {
        let mut stage = Stage::new();
        limit(&mut stage.options);
        let root = stage.root("root", &format!("go() {{ {text} }}"));
        assert_eq!(
            stage.answer(&root, "go", ()),
            format!("broken: it is gone (vat root was ended: {named})")
        );
    }
    let mut stage = Stage::new();
    stage.options.stack = 100 << 10;
    let root = stage.root("root", "deep(n) { const f = n => (n ? f(n - 1) : 0); return f(n); }");
    assert_eq!(stage.answer(&root, "deep", (10,)), "0");
    assert!(stage.answer(&root, "deep", (5_000,)).contains("RangeError"));
}

/// A promise that is gone may leave its place to the next one.
#[test]
fn v13_each_rejection_that_nobody_takes_is_told() {
    let mut stage = Stage::new();
    let root = stage.root(
        "root",
        "
        go() {
          Promise.reject(new Error('one'));
          const two = Promise.reject(new Error('two'));
          Promise.reject(3);
          two.catch(() => {});
        }",
    );
    assert_eq!(stage.answer(&root, "go", ()), "()");
    assert_eq!(stage.unheard.take(), ["root: Error: one", "root: 3"]);
}

/// The vat does not pay for the lines with its memory.
#[test]
fn v12_of_many_rejections_the_first_are_told_and_the_rest_counted() {
    let mut stage = Stage::new();
    let root = stage.root(
        "root",
        "
        go(n, taken) {
          const all = [];
          for (let i = 0; i < n; i += 1) all.push(Promise.reject(i));
          for (const i of taken) all[i].catch(() => {});
        }",
    );
    assert_eq!(stage.answer(&root, "go", (5000u64, vec![7u64, 1007, 1008])), "()");
    let unheard = stage.unheard.take();
    assert_eq!(unheard.len(), 1000);
    assert_eq!(unheard[6..8], ["root: 6", "root: 8"]);
    assert_eq!(unheard[999], "root: 3998 more promises were rejected");
}

#[test]
fn v17_what_is_sent_to_a_rejected_promise_is_not_kept() {
    let mut stage = Stage::new();
    stage.options.memory = 8 << 20;
    let bob = stage.root("bob", "no() { throw new Error('no'); }");
    let ann = stage.vat(
        "ann",
        "
        let p;
        export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
          start(bob) { p = E(bob).no(); return p.catch(e => e.message); },
          go(n) { for (let i = 0; i < n; i += 1) E(p).hear(`${i}`.padStart(1000)).catch(() => {}); return n; },
        }), helpers.vatID);",
    );
    assert_eq!(stage.answer(&ann, "start", (bob,)), "\"no\"");
    // Each is 1 kB.
    (0..40).for_each(|_| assert_eq!(stage.answer(&ann, "go", (300,)), "300"));
}

#[test]
fn s_s17_no_forging() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "hi() { return 'hi'; }");
    let forger = stage.vat(
        "forger",
        "
        export default syscall => ({
          deliver(target, method, args, result) {
            syscall.send('o-51', 'hi', { body: '[]', slots: [] }, 'p+5');
          },
        });",
    );
    stage.ask(&bob, "hi", ());
    let refused = stage.answer(&forger, "go", (bob.clone(),));
    assert_eq!(refused, "broken: it is gone (vat forger was ended: it named o-51, which it was never given)");
    assert_eq!(stage.answer(&bob, "hi", ()), "\"hi\"");
}
