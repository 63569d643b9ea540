//! Values that go by copy, and those that go by reference (V8).

use marketplace::im::{OrdMap, OrdSet};
use marketplace::prelude::*;

use crate::stage::Stage;

/// A vat that gives back what it was given, in each form.
const ECHO: &str = "echo(x) { return x; }, show(x) { return kinds(x); }, keys(x) { return Object.keys(x); }";

fn echo(stage: &mut Stage) -> marketplace::objects::Reference {
    stage.vat("echo", &format!("
        const kinds = x => Array.isArray(x) ? 'array' : x === null ? 'null' : x instanceof Error ? `${{x}}` : typeof x;
        export default (syscall, state, helpers) =>
          helpers.makeLiveSlots(syscall, state, E => harden({{ {ECHO} }}), helpers.vatID);"))
}

#[test]
fn v8_values_come_back_as_they_went() {
    let mut stage = Stage::new();
    let root = echo(&mut stage);
    let text = |text: &str| Value::from(text);
    let map = |pairs: &[(Value, Value)]| Value::map(OrdMap::from(pairs)).unwrap();
    let set = |items: &[Value]| Value::set(items.iter().cloned().collect::<OrdSet<_>>()).unwrap();
    let error = |parts: Vec<Value>| Value::record("desc:error", parts);
    for (value, kind) in [
        (Value::UNIT, "undefined"),
        (true.into(), "boolean"),
        (0.into(), "number"),
        ((-7).into(), "number"),
        (((1i64 << 53) - 1).into(), "number"),
        ((1i64 << 53).into(), "bigint"),
        (i128::MIN.into(), "bigint"),
        (Value::record("mp:bigint", [5.into()]), "bigint"),
        (1.5.into(), "number"),
        (1e300.into(), "number"),
        ((-0.0).into(), "number"),
        (f64::INFINITY.into(), "number"),
        (f64::NEG_INFINITY.into(), "number"),
        (text(""), "string"),
        (text("é \u{10FFFF} \" \\ \n \u{7} \u{2028}"), "string"),
        (Symbol::new("a b").into(), "symbol"),
        (Value::sequence([]), "array"),
        (Value::sequence([1.into(), Value::sequence([2.into()])]), "array"),
        (
            map(&[(text("b"), 1.into()), (text("__proto__"), 2.into()), (text("toString"), 3.into())]),
            "object",
        ),
        (map(&[(text("@qclass"), text("slot"))]), "object"),
        (map(&[(1.into(), 2.into()), (text("x"), Value::UNIT)]), "object"),
        (set(&[1.into(), text("x")]), "object"),
        (bytes::Bytes::from_static(&[0, 1, 254, 255]).into(), "object"),
        (Value::record("null", []), "null"),
        (Value::record("Says", [text("ann"), 7.into()]), "object"),
        (Value::record("Empty", []), "object"),
        (Value::record("mp:map", [1.into()]), "object"),
        (Value::record("mp:record", [text("x"), Value::sequence([])]), "object"),
        (Value::record("mp:bytes", [text("zz")]), "object"),
        (error(vec![text("no")]), "Error: no"),
        (error(vec![text("no"), Symbol::new("TypeError").into()]), "TypeError: no"),
        (error(vec![text("no"), Symbol::new("Odd").into()]), "Odd: no"),
        (error(vec![text("no"), 5.into()]), "object"),
    ] {
        let answer = stage.ask(&root, "echo", (value.clone(),)).answer().unwrap();
        assert_eq!(answer, Ok(value.clone()), "{value}");
        let shown = stage.ask(&root, "show", (value.clone(),)).answer().unwrap();
        assert_eq!(shown, Ok(kind.into()), "{value}");
    }
    // JavaScript does not tell these apart.
    let one = stage.ask(&root, "echo", (1.0,)).answer().unwrap();
    assert_eq!(one, Ok(1.into()));
    let nan = stage.ask(&root, "echo", (f64::NAN,)).answer().unwrap().unwrap();
    assert!(matches!(nan.view(), marketplace::View::Float(x) if x.is_nan()));
}

#[test]
fn v8_a_deep_value_comes_back_and_a_deeper_one_is_refused() {
    let mut stage = Stage::new();
    let root = echo(&mut stage);
    let deep = |n| (1..n).fold(Value::sequence([]), |value, _| Value::sequence([value]));
    // A message is one level, and so is the list of its arguments.
    let value = deep(marketplace::MAX_DEPTH - 1);
    assert_eq!(stage.ask(&root, "echo", (value.clone(),)).answer().unwrap(), Ok(value));
    let maker = stage
        .root("maker", "make(n) { let a = []; for (let i = 1; i < n; i += 1) a = [a]; return harden(a); }");
    assert!(stage.ask(&maker, "make", (200,)).answer().unwrap().is_ok());
    let refused = stage.answer(&maker, "make", (300,));
    assert!(refused.starts_with("broken: TypeError: a value nests deeper than 256 levels"), "{refused}");
}

#[test]
fn v8_what_cannot_be_passed_is_refused_before_anything_is_sent() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "heard(...all) { log('heard'); return all.length; }");
    let ann = stage.root("ann", "
        async go(bob) {
          const cycle = {}; cycle.cycle = cycle;
          class Point { constructor() { this.x = 1; } }
          const holes = [1, , 2];
          const said = [];
          for (const bad of [
            { data: 1, method() {} }, cycle, () => 1, Symbol('x'), '\\ud800', { '\\udfff': 1 }, holes,
            { get x() { return 1; } }, new Point(), { then() {} }, new Map([[1, 2]]), { [Symbol('s')]: 1 },
            record('mp:map', [[NaN, 1]]), record('mp:bytes', 'xyz'), 2n ** 127n, record('x', () => 1),
          ]) {
            await E(bob).heard(1, bad).then(() => said.push('sent'), e => said.push(e instanceof TypeError ? 'no' : `${e}`));
          }
          return said.join();
        }");
    assert_eq!(stage.answer(&ann, "go", (bob,)), format!("\"{}\"", ["no"; 16].join(",")));
    assert_eq!(stage.logged.take(), [] as [String; 0]);
}

#[test]
fn v8_an_empty_object_goes_by_reference_in_2019_and_is_data_in_2026() {
    let mut stage = Stage::new();
    let bob = stage.root("bob", "what(x) { return `${x}`; }");
    let old = stage.root("old", "go(bob) { return E(bob).what({}); }");
    let new = stage.vat(
        "new",
        "
        import { E, Far } from '@endo/far';
        export const buildRootObject = () => Far('root', {
          go: bob => E(bob).what({}),
          mixed: bob => E(bob).what({ method() {} }),
          far: bob => E(bob).what(Far('x', {})),
        });",
    );
    assert_eq!(stage.answer(&old, "go", (bob.clone(),)), "\"[Presence o-50]\"");
    assert_eq!(stage.answer(&new, "go", (bob.clone(),)), "\"[object Object]\"");
    assert_eq!(stage.answer(&new, "far", (bob.clone(),)), "\"[Presence o-51]\"");
    let refused = stage.answer(&new, "mixed", (bob.clone(),));
    assert!(refused.contains("not made by Far"), "{refused}");
}

#[test]
fn v8_a_vat_makes_what_other_languages_have() {
    let mut stage = Stage::new();
    let root = stage.root(
        "root",
        "
        says() { return record('Says', 'ann', Symbol.for('x'), 5n); },
        bytes() { return record('mp:bytes', '00ff'); },
        set() { return record('mp:set', [1, 2, 1]); },
        error() { return new TypeError('no'); },
        same() { const a = ['x']; return [a, a]; }",
    );
    for (verb, text) in [
        ("says", "Says(\"ann\", x, |mp:bigint|(5))"),
        ("set", "{1, 2}"),
        ("error", "|desc:error|(\"no\", TypeError)"),
        ("same", "[[\"x\"], [\"x\"]]"),
    ] {
        let answer = stage.answer(&root, verb, ());
        assert_eq!(answer.replace("'", "").replace('`', ""), text, "{verb}");
    }
    let bytes = stage.ask(&root, "bytes", ()).answer().unwrap();
    assert_eq!(bytes, Ok(bytes::Bytes::from_static(&[0, 255]).into()));
}

#[test]
fn v8_a_host_value_cannot_come_in() {
    let mut stage = Stage::new();
    let root = echo(&mut stage);
    let opaque = Value::from(marketplace::Opaque::new(std::sync::Arc::new(7)));
    let refused = stage.answer(&root, "echo", (1, opaque));
    assert!(refused.starts_with("broken: what stands at place 2 cannot be passed on"), "{refused}");
    assert_eq!(stage.answer(&root, "echo", (1,)), "1");
}
