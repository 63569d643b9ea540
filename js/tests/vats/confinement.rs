//! Confinement is on always (V11).

use crate::stage::Stage;

/// The value that each text gives, in a vat.
fn run(lines: &[&str]) -> Vec<String> {
    let mut stage = Stage::new();
    let tries: String = lines
        .iter()
        .map(|line| {
            format!("try {{ said.push(`${{{line}}}`); }} catch (e) {{ said.push(`! ${{e.message}}`); }}")
        })
        .collect();
    let root =
        stage.root("root", &format!("go() {{ const said = []; {tries} console.log(said.join('\\n')); }}"));
    stage.answer(&root, "go", ());
    stage.said.take().join("\n").lines().map(String::from).collect()
}

#[test]
fn v11_no_authority_is_around() {
    let lines = [
        "typeof eval",
        "typeof WeakRef",
        "typeof FinalizationRegistry",
        "typeof SharedArrayBuffer",
        "typeof Atomics",
        "typeof setTimeout",
        "typeof queueMicrotask",
        "typeof performance",
        "typeof require",
        "typeof process",
        "typeof __library",
        "typeof __module",
        "typeof Intl",
        "typeof gc",
        "typeof print",
        "typeof navigator",
    ];
    assert_eq!(run(&lines), ["undefined"; 16]);
    for line in [
        "Date.now()",
        "new Date()",
        "Date()",
        "Math.random()",
        "Function('return 1')()",
        "new Function('1')",
        "(() => {}).constructor('1')",
        "(async () => {}).constructor('1')",
        "(function* () {}).constructor('1')",
        "(async function* () {}).constructor('1')",
        "Object.prototype.x = 1",
        "Array.prototype.push = 1",
        "Promise.prototype.then = 1",
        "console.log = 1",
        "harden.x = 1",
        "globalThis.E = 1",
        "HandledPromise.applyMethod = 1",
        "Object.freeze = 1",
        "[][Symbol.iterator]().__proto__.next = 1",
        "(async () => {}).__proto__.x = 1",
        "Map.prototype.get = 1",
        "''.matchAll(/./g).__proto__.next = 1",
        "Iterator.from({ next() {} }).__proto__.next = 1",
        "Error.stackTraceLimit = 10",
        "JSON.parse = 1",
        "globalThis.Array = 1",
        "Date.prototype.getTime = 1",
        "new Set().constructor.prototype.add = 1",
        "new (class extends Map {})().__proto__.__proto__.get = 1",
    ] {
        let said = run(&[line]);
        assert!(said[0].starts_with("! "), "{line}: {said:?}");
    }
}

#[test]
fn v11_stacks_are_empty_and_errors_are_usable() {
    assert_eq!(
        run(&[
            "new Error('x').stack.length",
            "(() => { try { null.x } catch (e) { return e.stack.length } })()"
        ]),
        ["0", "0"]
    );
    assert_eq!(
        run(&[
            "(() => { const e = new Error('x'); e.message = 'y'; e.toString = () => 'z'; return e + e.message; })()",
            "(() => { class A { toString() { return 'A'; } } const a = new A(); a.toString = () => 'B'; return a; })()",
            "(() => { const m = new Map([[1, 2]]); m.get = () => 3; return m.get(1); })()",
            "(() => { const o = {}; o.constructor = 1; o.hasOwnProperty = 2; return Object.keys(o); })()",
            "new Set([1, 1]).size",
            "new Map([[1, 2]]).constructor.name",
            "new (class S extends Set {})([1]) instanceof Set",
        ]),
        ["zy", "B", "3", "constructor,hasOwnProperty", "1", "Map", "true"]
    );
}

#[test]
fn v11_two_vats_share_nothing() {
    let mut stage = Stage::new();
    let one =
        stage.root("one", "put() { globalThis.shared = 1; Symbol.for('x'); return globalThis.shared; }");
    let two = stage.root("two", "get() { return typeof globalThis.shared; }");
    assert_eq!(stage.answer(&one, "put", ()), "1");
    assert_eq!(stage.answer(&two, "get", ()), "\"undefined\"");
}

#[test]
fn v11_the_console_says_the_line_as_it_is() {
    let mut stage = Stage::new();
    let root = stage.root(
        "root",
        "go(x) {
        console.log('a', 1, { b: [2] }, x);
        console.log('half \\ud800 of it');
        console.error(`${[1, [2]]}`, null, undefined, 5n);
    }",
    );
    let this = root.clone();
    let bob = stage.root("bob", "");
    stage.answer(&this, "go", (bob,));
    assert_eq!(
        stage.said.take(),
        ["a 1 { b: [ 2 ] } [Presence o-50]", "half \u{fffd} of it", "1,2 null undefined 5n"]
    );
}

#[test]
fn v13_dates_have_no_zone() {
    assert_eq!(
        run(&[
            "new Date(0)",
            "new Date(2020, 1, 29, 12).toISOString()",
            "new Date('2020-02-29T12:00').toISOString()",
            "new Date('2020-02-29').getTime() === Date.UTC(2020, 1, 29)",
            "new Date(0).getTimezoneOffset()",
            "new Date(0).getHours()",
            "new Date('2020-02-29T12:00:00+02:00').toISOString()",
            "Date.parse('nonsense')",
            "(() => { const d = new Date(0); d.setHours(5); return d.toJSON(); })()",
            "new Date(new Date(7)).getTime()",
            "new Date('Feb 29 2020 12:00').toISOString()",
        ]),
        [
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "2020-02-29T12:00:00.000Z",
            "2020-02-29T12:00:00.000Z",
            "true",
            "0",
            "0",
            "2020-02-29T10:00:00.000Z",
            "NaN",
            "1970-01-01T05:00:00.000Z",
            "7",
            "2020-02-29T12:00:00.000Z",
        ]
    );
}
