//! The same object is the same, by whatever way it came (V9).

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::stage::Stage;

#[test]
fn s_s12_the_same_object_sent_twice_is_the_same() {
    let mut stage = Stage::new();
    let bob = stage.vat(
        "bob",
        "
        export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => {
          let kept;
          return harden({
            take(amy) { helpers.log(`${amy}`); const same = kept === amy; kept = amy; return same; },
          });
        }, helpers.vatID);",
    );
    let ann = stage.root(
        "ann",
        "
        async go(bob) {
          const amy = harden({ toString: () => 'amy' });
          return [await E(bob).take(amy), await E(bob).take(amy), await E(bob).take(harden({ x() {} }))];
        }",
    );
    assert_eq!(stage.answer(&ann, "go", (bob,)), "[false, true, false]");
    assert_eq!(stage.logged.take(), ["[Presence o-50]", "[Presence o-50]", "[Presence o-51]"]);
}

#[test]
fn s_s13_an_object_that_comes_home_is_itself() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "echo(x) { return x; }");
    let ann = stage.root(
        "ann",
        "
        async go(bob) {
          const amy = harden({ x() { return 7; } });
          const same = await E(bob).echo(bob);
          return [await E(bob).echo(amy) === amy, same === bob];
        }",
    );
    assert_eq!(stage.answer(&ann, "go", (bob,)), "[true, true]");
}

#[test]
fn s_s15_promises_have_no_identity() {
    let mut stage = Stage::new();
    let bob = stage.root(
        "bob",
        "
        async both(promise, object) { return [promise === object, await promise === await object]; }",
    );
    let ann = stage.root(
        "ann",
        "
        go(bob) {
          const amy = harden({ x() {} });
          return E(bob).both(Promise.resolve(amy), amy);
        }",
    );
    assert_eq!(stage.answer(&ann, "go", (bob,)), "[false, true]");
}

#[test]
fn v9_an_object_that_comes_by_two_ways_is_the_same() {
    let mut stage = Stage::new();
    let carol = stage.root("carol", "same(a, b) { return a === b; }");
    let pass = "pass(amy) { return amy; }";
    let (bob, dave) = (stage.root("bob", pass), stage.root("dave", pass));
    let ann = stage.root(
        "ann",
        "
        go(bob, dave, carol) {
          const amy = harden({ x() {} });
          return E.when(E(bob).pass(amy), one => E.when(E(dave).pass(amy), other =>
            E(carol).same(one, other)));
        },
        async apart(bob, dave, carol) {
          const [one, other] = [harden({ x() {} }), harden({ x() {} })];
          return E(carol).same(await E(bob).pass(one), await E(dave).pass(other));
        }",
    );
    assert_eq!(stage.answer(&ann, "go", (bob.clone(), dave.clone(), carol.clone())), "true");
    assert_eq!(stage.answer(&ann, "apart", (bob, dave, carol)), "false");
}

/// A vat that is given the promise of its own answer speaks to it when it has settled that, before
/// it is told so.
#[test]
fn v9_a_vat_speaks_to_the_promise_of_its_own_answer() {
    for (how, answer) in
        [("object", "\"foo\""), ("data", "broken: TypeError: "), ("error", "broken: Error: no")]
    {
        let mut stage = Stage::new();
        let ann = stage.vat(
            "ann",
            "
            export function buildRootObject() {
              let resolve, reject, mine;
              const later = new Promise((res, rej) => { resolve = res; reject = rej; });
              return Far('ann', {
                later() { return later; },
                take(p) { mine = p; },
                async go(how) {
                  if (how === 'object') resolve(Far('x', { foo() { return 'foo'; } }));
                  if (how === 'data') resolve(7);
                  if (how === 'error') reject(Error('no'));
                  await later.catch(() => {});
                  for (let i = 0; i < 20; i += 1) await null;
                  return E(mine).foo();
                },
              });
            }",
        );
        stage.sim.tell(|cx| {
            let later = send(cx, &ann, "later", ());
            send(cx, &ann, "take", (later,));
        });
        stage.sim.run();
        let got = stage.answer(&ann, "go", (Text::from(how),));
        assert!(got.contains(answer), "{how}: {got}");
        assert!(stage.sim.exits().is_empty(), "{how}: {:?}", stage.sim.exits());
        let again = stage.answer(&ann, "go", (Text::from("again"),));
        assert!(again.contains(answer), "{how}: {again}");
    }
}
