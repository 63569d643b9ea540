//! Sources, and what they may import (V3 to V6).

use crate::stage::{Folder, Stage, setup};

fn error_of(files: &[(&str, &str)], entry: &str) -> String {
    let folder = Folder::new(files);
    let program = match folder.read("foo", entry) {
        Ok(program) => program,
        Err(error) => return error.to_string(),
    };
    match Stage::new().load(&program) {
        Ok(_) => "loaded".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn v3_both_forms_of_a_source() {
    let mut stage = Stage::new();
    let old = stage.root("old", "name() { return 'old'; }");
    let new = stage.vat(
        "new",
        "
        import { Far } from '@endo/far';
        export function buildRootObject(vatPowers) {
          vatPowers.testLog('built');
          return Far('root', { name: () => 'new' });
        }",
    );
    assert_eq!(stage.answer(&old, "name", ()), "\"old\"");
    assert_eq!(stage.answer(&new, "name", ()), "\"new\"");
    assert_eq!(stage.logged.take(), ["built"]);
}

#[test]
fn v3_a_vat_may_be_written_on_the_wall_alone() {
    let mut stage = Stage::new();
    let bob = stage.root(
        "bob",
        "twice(n) { return 2 * n; }, fail() { throw new TypeError('no'); }, me() { return this; }",
    );
    let raw = stage.vat(
        "raw",
        "
        export default function setup(syscall, state, helpers) {
          const waiting = {};
          if (Object.keys(state).length !== 0) throw new Error('state');
          return {
            deliver(target, method, args, result) {
              helpers.log(`${target} ${method} ${args.body} ${args.slots}`);
              const [ , name, ...rest] = JSON.parse(args.body);
              syscall.send(args.slots[0], name, { body: JSON.stringify(rest), slots: [] }, 'p+7');
              syscall.subscribe('p+7');
              waiting['p+7'] = result;
            },
            notifyFulfillToData(p, data) {
              helpers.log(`${p} data ${data.body}`);
              syscall.fulfillToData(waiting[p], data);
            },
            notifyFulfillToPresence(p, slot) {
              helpers.log(`${p} presence ${slot}`);
              syscall.fulfillToPresence(waiting[p], slot);
            },
            notifyReject(p, data) {
              helpers.log(`${p} reject ${data.body}`);
              syscall.reject(waiting[p], data);
            },
          };
        }",
    );
    assert_eq!(stage.answer(&raw, "call", (bob.clone(), "twice", 4)), "8");
    assert_eq!(
        stage.logged.take(),
        [r#"o+0 call [{"@qclass":"slot","index":0},"twice",4] o-50"#, "p+7 data 8",]
    );
}

#[test]
fn v3_an_error_at_load_names_the_vat_and_the_place() {
    let mut wrong = Vec::new();
    for (text, error) in [
        (
            "export default 5;",
            "vat foo: vat.js: it exports neither setup, as its default, nor buildRootObject",
        ),
        ("\n\nexport default (((;", "vat foo: vat.js:3: SyntaxError: "),
        ("\nexport default () => { throw new Error('boom'); };", "vat foo: vat.js:2: Error: boom"),
        ("const a = 1;\na();\nexport default 1;", "vat foo: vat.js:2: TypeError: "),
        ("import x from 'fs';", "vat foo: vat.js:1: import of 'fs': "),
        ("import { nope } from '@endo/far';\nexport default nope;", "vat foo: vat.js: SyntaxError: "),
        ("\nx = a~.+1;", "vat foo: vat.js:2: `~.` cannot join"),
        ("export default () => ({});", "vat foo: vat.js: setup gave a dispatch that has no function deliver"),
        ("await new Promise(() => {});", "vat foo: vat.js: what it awaits at its top never comes"),
    ] {
        let found = error_of(&[("vat.js", text)], "vat.js");
        if !found.starts_with(error) {
            wrong.push(format!("{text}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let found = error_of(&[("vat.js", "import './lib.js';"), ("lib.js", "\n\nnull.x;")], "vat.js");
    assert!(found.starts_with("vat foo: lib.js:3: TypeError"), "{found}");
}

#[test]
fn v3_limits_hold_while_it_is_loaded() {
    let folder = Folder::new(&[("vat.js", "for (;;);")]);
    let mut stage = Stage::new();
    stage.options.polls = 1_000_000;
    let error = stage.load(&folder.read("foo", "vat.js").unwrap()).unwrap_err().to_string();
    assert_eq!(error, "vat foo: vat.js: a turn took more than 1000000 polls");
}

#[test]
fn v4_imports_are_files_below_the_root_and_the_library() {
    let folder = Folder::new(&[
        ("vat-a/index.js", "
            import { one } from './lib';
            import two from '../shared/two.js';
            import three, { more } from '../shared/three';
            import harden from '@agoric/harden';
            import Nat from '@agoric/nat';
            import { E, HandledPromise } from '@agoric/eventual-send';
            import { Far } from '@endo/far';
            import hardenToo from '@endo/harden';
            import { makeMarshal } from '@agoric/marshal';
            import { Nat as N2 } from '@endo/nat';
            export { more } from '../shared/three';
            const all = [E, HandledPromise, hardenToo, makeMarshal, N2].map(f => typeof f);
            export const buildRootObject = () => Far('a', { sum: () => [one + two + three + more + Nat(1), ...all] });"),
        ("vat-a/lib/index.js", "export * from './one.js';"),
        ("vat-a/lib/one.js", "export const one = 1;"),
        ("shared/two.js", "export default 20;"),
        ("shared/three.js", "export default 300; export const more = 4000;"),
    ]);
    let mut stage = Stage::new();
    let root = stage.load(&folder.read("a", "vat-a/index.js").unwrap()).unwrap();
    assert_eq!(
        stage.answer(&root, "sum", ()),
        r#"[4322, "function", "object", "function", "function", "function"]"#
    );
}

#[test]
fn v4_other_imports_are_refused_by_name() {
    for specifier in
        ["fs", "@agoric/evaluate", "/etc/passwd", "./nope", "../../../../../../etc/passwd", "lib:x", "", "."]
    {
        let error = error_of(&[("vat.js", &format!("import '{specifier}';"))], "vat.js");
        assert!(error.starts_with(&format!("vat foo: vat.js:1: import of '{specifier}': ")), "{error}");
    }
    let outside = Folder::new(&[("secret.js", "export default 1;")]);
    let path = outside.path().join("secret.js");
    let folder = Folder::new(&[("vat.js", "import './link.js';")]);
    std::os::unix::fs::symlink(path, folder.path().join("link.js")).unwrap();
    let error = folder.read("foo", "vat.js").unwrap_err().to_string();
    assert!(error.contains("outside of what this vat may read"), "{error}");
}

#[test]
fn s_s20_sources() {
    let files = [
        ("vat.js", "import { greeting } from './sibling.js'; export default greeting;"),
        ("sibling.js", &setup("")[..]),
    ];
    let error = error_of(&files, "vat.js");
    assert!(error.starts_with("vat foo: vat.js: SyntaxError"), "{error}");
    assert_eq!(
        error_of(&[("vat.js", "export { default } from './sibling.js';"), files[1]], "vat.js"),
        "loaded"
    );
}

#[test]
fn v5_bootstrap_has_the_words_the_vats_and_a_record() {
    let mut stage = Stage::new();
    stage.root("left", "");
    stage.root("right", "");
    stage.root("bootstrap", "bootstrap(...all) {
        const [argv, vats, devices] = all;
        log(JSON.stringify(argv), Object.keys(vats), all.length, JSON.stringify(devices), vats.left, vats.right);
    }");
    stage.bootstrap(&["x1", "x2", "x3"]);
    assert_eq!(stage.logged.take(), [r#"["x1","x2","x3"]["left","right"]3{}{}{}"#]);
}

#[test]
fn v5_the_form_of_2026_has_the_vats_first() {
    let mut stage = Stage::new();
    stage.root("left", "hi() { return 'hi'; }");
    stage.options.argv = Some(vec!["x1".into()]);
    stage.vat(
        "bootstrap",
        "
        import { E, Far } from '@endo/far';
        export const buildRootObject = ({ testLog }, { argv }) => Far('root', {
          async bootstrap(vats, devices) {
            testLog(argv.join(), Object.keys(devices).length, await E(vats.left).hi());
          },
        });",
    );
    stage.bootstrap(&["x1"]);
    assert_eq!(stage.logged.take(), ["x10hi"]);
    assert_eq!(stage.unheard.take(), [] as [String; 0]);
}

#[test]
fn s_s02_argv() {
    for (argv, logged) in [(&["x1", "x2", "x3"][..], r#"["x1","x2","x3"]"#), (&[], "[]")] {
        let mut stage = Stage::new();
        stage.root("bootstrap", "bootstrap(argv, vats) { log(JSON.stringify(argv)); }");
        stage.bootstrap(argv);
        assert_eq!(stage.logged.take(), [logged]);
    }
}

#[test]
fn s_s03_only_bootstrap_has_references_at_first() {
    let mut stage = Stage::new();
    stage.vat(
        "loner",
        "
        import harden from '@agoric/harden';
        export default function setup(syscall, state, helpers) {
          try {
            syscall.callNow('d-70', 'x', { body: '[]', slots: [] });
          } catch (e) {
            helpers.log(e.message);
          }
          helpers.log(Object.keys(globalThis).filter(name => name === 'vats').length);
          return helpers.makeLiveSlots(syscall, state, E => harden({
            meet(bob) { return E(bob).hello(); },
          }), helpers.vatID);
        }",
    );
    stage.root("bob", "hello() { return 'hello from bob'; }");
    stage.root("bootstrap", "bootstrap(argv, vats) { E(vats.loner).meet(vats.bob).then(log); }");
    stage.sim.run();
    assert_eq!(stage.logged.take(), ["there are no devices", "0"]);
    stage.bootstrap(&[]);
    assert_eq!(stage.logged.take(), ["hello from bob"]);
}

#[test]
fn v6_a_send_in_setup_to_what_was_not_given_is_an_error() {
    let error = error_of(
        &[(
            "vat.js",
            "export default syscall => {
        try { syscall.send('o-50', 'x', { body: '[]', slots: [] }); } catch (e) {}
        return { deliver() {} };
    };",
        )],
        "vat.js",
    );
    assert_eq!(error, "vat foo: vat.js: it named o-50, which it was never given");
}

#[test]
fn s_s22_vats_argument() {
    let mut stage = Stage::new();
    let (a, b) = (stage.root("a", ""), stage.root("b", ""));
    let bootstrap =
        stage.root("bootstrap", "bootstrap(argv, vats) { return [Object.keys(vats), vats.a, vats.b]; }");
    let roots = [("a".to_string(), a.clone()), ("b".to_string(), b.clone())];
    let parts = marketplace_js::bootstrap(&[], roots);
    let asked = stage.sim.ask(|cx| marketplace::objects::send_parts(cx, &bootstrap, parts).unwrap());
    stage.sim.run();
    let answer = asked.answer().unwrap().unwrap();
    let expected = marketplace::Value::sequence([
        marketplace::Value::sequence(["a".into(), "b".into()]),
        a.into(),
        b.into(),
    ]);
    assert_eq!(answer, expected);
}

/// Nothing may ever come to the vat.
#[test]
fn v9_a_rejection_while_a_source_is_loaded_is_told_then() {
    let mut stage = Stage::new();
    stage.vat("root", "Promise.reject(new Error('no')); export default () => ({ deliver() {} });");
    assert_eq!(stage.unheard.take(), ["root: Error: no"]);
}

/// Modules are called by the names of their files, and links lead to any file.
#[cfg(unix)]
#[test]
fn v4_two_files_are_two_modules_whatever_they_are_called() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let source = "
        import { a } from './a'; import { b } from './b';
        export default () => { throw new Error(`${a}, ${b}`); };";
    let error_with = |a: &[u8], b: &[u8]| {
        let folder = Folder::new(&[("vat.js", source), ("c/d.js", "")]);
        for (link, file) in [("a", a), ("b", b)] {
            let file = folder.path().join(OsStr::from_bytes(file));
            std::fs::write(&file, format!("export const {link} = '{link}';")).unwrap();
            symlink(file, folder.path().join(format!("{link}.js"))).unwrap();
        }
        match folder.read("foo", "vat.js").and_then(|program| Stage::new().load(&program)) {
            Ok(_) => "loaded".into(),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(error_with(b"c/d.js", b"c\\d.js"), "vat foo: vat.js:3: Error: a, b");
    let error = error_with(b"\xfe.js", b"\xff.js");
    assert_eq!(error, "vat foo: vat.js:2: import of './a': the name of the file is not UTF-8");
}
