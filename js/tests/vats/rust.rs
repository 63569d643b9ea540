//! Vats and objects of Rust in one conversation.

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::stage::Stage;

struct Counter(i64, Option<Far<dyn Bell>>);

#[object]
trait Bell {
    fn ring(&self, n: i64) -> i64;
}

#[object]
impl Counter {
    fn add(&mut self, n: i64) -> i64 {
        self.0 += n;
        self.0
    }

    /// Calls the vat's object.
    fn ring(&mut self, cx: &Cx<Self>, bell: Far<dyn Bell>) -> Promise<i64> {
        let rung = bell.ring(cx, self.0);
        self.1 = Some(bell);
        rung
    }

    /// Lets go of the vat's object.
    fn forget(&mut self) {
        self.1 = None;
    }

    fn fail(&self) -> Result<(), Failure> {
        Err(Failure::value(&Symbol::new("oh-no")))
    }
}

#[test]
fn v8_rust_and_javascript_speak_with_each_other() {
    let mut stage = Stage::new();
    let counter = stage.sim.spawn_object(Counter(0, None));
    let root = stage.root(
        "root",
        "
        async go(counter) {
          const bell = harden({ ring(n) { log(`ring ${n}`); return n * 10; } });
          const said = [await E(counter).add(3), await E(counter).add(4), await E(counter).ring(bell)];
          await E(counter).nope().catch(e => said.push(`${e}`));
          await E(counter).add('x').catch(e => said.push(e instanceof TypeError));
          await E(counter).fail().catch(e => said.push(e));
          return said;
        }",
    );
    let counter: Reference = counter.into();
    let answer = stage.answer(&root, "go", (counter,));
    assert!(
        answer.starts_with("[3, 7, 70, \"TypeError: there is no method `nope`: there is `add`"),
        "{answer}"
    );
    assert!(answer.ends_with("true, oh-no]") || answer.ends_with("true, 'oh-no]"), "{answer}");
    assert_eq!(stage.logged.take(), ["ring 7"]);
}

#[test]
fn v17_an_object_that_nobody_has_leaves_the_tables() {
    let mut stage = Stage::new();
    let counter: Reference = stage.sim.spawn_object(Counter(0, None)).into();
    let root = stage.root(
        "root",
        "
        go(counter) { return E(counter).ring(harden({ ring(n) { return n; } })); }",
    );
    stage.answer(&root, "go", (counter.clone(),));
    let slots = |stage: &Stage| {
        let mut slots: Vec<_> = stage.tables().rows().into_iter().map(|[_, _, slot]| slot).collect();
        slots.sort();
        slots
    };
    assert_eq!(slots(&stage), ["o+0", "o+1", "o-50"].map(String::from));
    stage.ask(&counter, "forget", ());
    assert_eq!(slots(&stage), ["o+0", "o-50"].map(String::from));
}

#[test]
fn v17_a_vat_lets_go_of_its_objects_that_nobody_else_has() {
    let mut stage = Stage::new();
    stage.options.memory = 4 << 20;
    let root = stage.root(
        "root",
        "
        make(n) { const much = new Array(5_000).fill(n); return harden({ n: () => much[7] }); }",
    );
    for n in 0..500 {
        let made = stage.ask(&root, "make", (n,)).answer().unwrap().unwrap();
        let made = Reference::from_value(&made).unwrap();
        assert_eq!(stage.answer(&made, "n", ()), n.to_string());
    }
    stage.sim.run();
    assert_eq!(stage.tables().rows().len(), 1);
}

#[test]
fn v17_a_promise_goes_when_it_is_settled_and_told() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "echo(x) { return x; }");
    let root = stage.root(
        "root",
        "
        async go(bob) {
          for (let i = 0; i < 50; i += 1) await E(bob).echo(Promise.resolve(i));
        }",
    );
    stage.answer(&root, "go", (bob.clone(),));
    assert_eq!(stage.tables().promises(), []);
    assert_eq!(stage.tables().rows().len(), 3);
}
