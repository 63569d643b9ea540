//! Eventual sends (V7), and what comes of them (V9).

use marketplace_js::Thrown;

use crate::stage::Stage;

#[test]
fn v7_each_way_to_send() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "foo(...args) { return args.join(); }");
    let ann = stage.root(
        "ann",
        "
        async go(bob) {
          const i = 'foo';
          return [
            await bob~.foo(1, 2),
            await bob~.[i](3),
            await E(bob).foo(4),
            await HandledPromise.applyMethod(bob, 'foo', [5]),
            await E.when(E(bob).foo(6), x => `${x}!`),
            `in a template ${await bob
              ~.foo(
                7,
              )}`,
            await E.get({ a: 8 }).a,
            await 'abc'~.[2],
            await (x => x + 1)~.(8),
            await HandledPromise.applyFunction(x => x * 2, [5]),
          ];
        }",
    );
    assert_eq!(
        stage.answer(&ann, "go", (bob,)),
        r#"["1,2", "3", "4", "5", "6!", "in a template 7", 8, "c", 9, 10]"#
    );
}

#[test]
fn v7_properties_are_local() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "");
    let ann = stage.root(
        "ann",
        "
        async go(bob) {
          const said = [];
          const thing = { a: 1 };
          await (thing~.a = 2);
          said.push(thing.a);
          await (delete thing~.a);
          said.push(Object.keys(thing).length);
          for (const p of [bob~.a, bob~.a = 1, delete bob~.a]) await p.catch(e => said.push(`${e}`));
          return said;
        }",
    );
    assert_eq!(
        stage.answer(&ann, "go", (bob,)),
        r#"[2, 0, "TypeError: cannot get a property of a presence: only methods can be called in another vat", "#.to_string()
            + r#""TypeError: cannot set a property of a presence: only methods can be called in another vat", "#
            + r#""TypeError: cannot delete a property of a presence: only methods can be called in another vat"]"#
    );
}

#[test]
fn v7_a_statement_alone_asks_for_no_answer() {
    let mut stage = Stage::new();
    let raw = stage.vat(
        "raw",
        "
        export default (syscall, state, helpers) => ({
          deliver(target, method, args, result) { helpers.log(`${method} ${result}`); },
        });",
    );
    let ann = stage.root(
        "ann",
        "
        go(bob) {
          bob~.alone();
          bob~.alone(1)
          E(bob).kept();
          E.sendOnly(bob).named();
          bob~.first()~.second();
          const kept = bob~.named();
        }",
    );
    stage.answer(&ann, "go", (raw,));
    assert_eq!(
        stage.logged.take(),
        ["alone undefined", "alone p-60", "kept p-61", "named undefined", "first p-62", "named p-63"]
    );
}

#[test]
fn s_s08_later_turn() {
    let mut stage = Stage::new();
    let ann = stage.root(
        "ann",
        "
        go() {
          const t1 = { foo() { log('foo called'); } };
          const p = t1 ~. foo();
          log('wavy dot called');
          return p;
        }",
    );
    stage.answer(&ann, "go", ());
    assert_eq!(stage.logged.take(), ["wavy dot called", "foo called"]);
}

#[test]
fn s_s05_call_right() {
    let mut stage = Stage::new();
    stage.root(
        "left",
        "callRight(arg1, right) {
        log(`left.callRight ${arg1}`);
        E(right).bar(2).then(a => log(`left.then ${a}`));
        return 3;
    }",
    );
    stage.root("right", "bar(n) { log(`right ${n}`); return 4; }");
    stage.root(
        "bootstrap",
        "bootstrap(argv, vats) {
        E(vats.left).callRight(1, vats.right).then(r => log(`b.resolved ${r}`));
    }",
    );
    stage.bootstrap(&[]);
    assert_eq!(stage.logged.take(), ["left.callRight 1", "right 2", "b.resolved 3", "left.then 4"]);
}

#[test]
fn s_s10_wrong_target() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "foo() {}, five() { return 5; }, none() { return null; }");
    assert_eq!(
        stage.answer(&bob, "bar", ()),
        "broken: TypeError: there is no method bar, but foo, five, none"
    );
    let ann = stage.root("ann", "
        async go(bob) {
          const said = [];
          for (const p of [E(E(bob).five()).foo(), E(5).foo(), E(Promise.resolve(null)).foo(), E(bob).nope()]) {
            await p.catch(e => said.push(`${e}`));
          }
          return said;
        }");
    let told = stage.answer(&ann, "go", (bob,));
    for part in [
        "TypeError: 5 hears no messages, so not `foo` either",
        "TypeError: data cannot be called: 5 has no method foo",
        "TypeError: data cannot be called: null has no method foo",
        "TypeError: there is no method nope, but foo, five, none",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn s_s11_pipelining() {
    let mut stage = Stage::new();
    let db = stage.root(
        "db",
        "
        openDB() {
          log('open');
          return harden({ select(c) {
            log(`select ${c}`);
            return harden({ modify(v) { log(`modify ${v}`); return 'done'; } });
          } });
        }",
    );
    let ann = stage.root("ann", "go(db) { return db~.openDB()~.select('c')~.modify('v'); }");
    let asked = stage.sim.ask(|cx| marketplace::objects::send(cx, &ann, "go", (db,)));
    assert_eq!(stage.logged.take(), [] as [String; 0]);
    stage.sim.run();
    assert_eq!(asked.answer(), Some(Ok("done".into())));
    assert_eq!(stage.logged.take(), ["open", "select c", "modify v"]);
}

#[test]
fn v9_rejections_and_contagion() {
    let mut stage = Stage::new();
    let bob = stage.root(
        "bob",
        "
        fail() { throw new RangeError('too far'); },
        data() { throw harden({ code: 7 }); },
        later() { return Promise.reject(new Error('later')); }",
    );
    let ann = stage.root(
        "ann",
        "
        async go(bob) {
          const said = [];
          const note = e => said.push(e instanceof Error ? `${e}` : JSON.stringify(e));
          const bad = E(bob).fail();
          await bad.catch(e => said.push(e instanceof RangeError));
          await E(bad).foo().catch(note);
          await E(E(E(bob).data()).foo()).bar().catch(note);
          await E(bob).later().catch(note);
          return said;
        }",
    );
    assert_eq!(
        stage.answer(&ann, "go", (bob.clone(),)),
        r#"[true, "RangeError: too far", "{\"code\":7}", "Error: later"]"#
    );
    let Some(Err(reason)) = stage.ask(&bob, "fail", ()).answer() else { panic!("it fails") };
    assert_eq!(reason.decode(), Some(Thrown { name: "RangeError".into(), message: "too far".into() }));
    let Some(Err(reason)) = stage.ask(&bob, "data", ()).answer() else { panic!("it fails") };
    assert_eq!(reason.to_string(), r#"{"code": 7}"#);
}

#[test]
fn v1_a_rejection_that_nobody_takes_is_told() {
    let mut stage = Stage::new();
    let bob = stage.root(
        "bob",
        "
        fail() { throw new Error('no'); },
        lose() { Promise.reject(new TypeError('lost')); },
        take() { Promise.reject(new TypeError('taken')).catch(() => {}); },
        send(bob) { E(bob).fail(); }",
    );
    stage.answer(&bob, "lose", ());
    stage.answer(&bob, "take", ());
    assert_eq!(stage.unheard.take(), ["bob: TypeError: lost"]);
    let ann = stage.root("ann", "go(bob) { E(bob).fail(); }");
    stage.answer(&ann, "go", (bob.clone(),));
    assert_eq!(stage.unheard.take(), ["ann: Error: no"]);
    stage.sim.tell(|cx| drop(marketplace::objects::send(cx, &bob, "fail", ())));
    stage.sim.run();
    assert_eq!(stage.unheard.take(), ["bob: Error: no"]);
}
