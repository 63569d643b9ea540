//! The vat of a shell (V14).

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_js::Shown;

use crate::stage::Stage;

struct Prompt {
    stage: Stage,
    vat: Reference,
}

impl Prompt {
    fn new() -> Self {
        let mut stage = Stage::new();
        stage.root(
            "bob",
            "bar(what) { log(what); return `${what} you`; }, me() { return harden({ x() {} }); }",
        );
        let vat = stage.shell();
        Self { stage, vat }
    }

    fn shown(&mut self, line: &str) -> Shown {
        match self.stage.ask(&self.vat, "eval", (line,)).answer() {
            Some(Ok(value)) => Shown::from_value(&value).unwrap_or_else(|| panic!("{value}")),
            other => panic!("{line}: {other:?}"),
        }
    }

    fn says(&mut self, line: &str) -> String {
        self.shown(line).text.to_string()
    }
}

#[test]
fn v14_values_are_shown_as_node_shows_them() {
    let mut prompt = Prompt::new();
    for (line, shown) in [
        ("1+1", "2"),
        ("'a'", "'a'"),
        ("\"it's\"", "\"it's\""),
        ("let x = 5; const y = [x]", "undefined"),
        ("x", "5"),
        ("y", "[ 5 ]"),
        ("z = 7", "7"),
        ("z", "7"),
        ("{ a: 1, 'b c': 'x' }", "{ a: 1, 'b c': 'x' }"),
        ("{ let q = 1; q + 1 }", "2"),
        ("[]", "[]"),
        ("({})", "{}"),
        ("null", "null"),
        ("-0", "-0"),
        ("5n", "5n"),
        ("() => 1", "[Function (anonymous)]"),
        ("function f() {}; f", "[Function: f]"),
        ("Promise.resolve(1)", "Promise { <pending> }"),
        ("await 5", "5"),
        ("let w = await Promise.resolve([1]); w", "[ 1 ]"),
        ("w", "[ 1 ]"),
        ("throw new TypeError('no')", "Uncaught TypeError: no"),
        ("await Promise.reject(new Error('x'))", "Uncaught Error: x"),
        ("nope", "Uncaught ReferenceError: nope is not defined"),
        ("throw 5", "Uncaught 5"),
        ("record('Says', 1)", "record('Says', 1)"),
        ("1 +", "Uncaught SyntaxError: unexpected token in expression: ''"),
        ("a~.+", "Uncaught SyntaxError: `~.` cannot join what stands around it"),
    ] {
        assert_eq!(prompt.says(line), shown, "{line}");
    }
}

#[test]
fn v14_vats_are_spoken_to() {
    let mut prompt = Prompt::new();
    assert_eq!(prompt.says("vats.bob"), "[Presence o-50]");
    assert_eq!(prompt.says("await vats.bob~.bar('hello')"), "'hello you'");
    assert_eq!(prompt.says("vats.bob~.bar('hi').then(r => console.log(r))"), "Promise { <pending> }");
    assert_eq!(prompt.stage.said.take(), ["hi you"]);
    assert_eq!(prompt.says("vats.bob~.bar('only');"), "");
    assert_eq!(prompt.says("const me = await vats.bob~.me(); me"), "[Presence o-51]");
    assert_eq!(prompt.stage.logged.take(), ["hello", "hi", "only"]);
}

#[test]
fn s_s19_shell() {
    let mut prompt = Prompt::new();
    prompt.stage.tables().set_run_queue("[{\"type\":\"send\",\"target\":\"ko20\"}]".into());
    assert_eq!(prompt.says("dump2().runQueue"), "[ { type: 'send', target: 'ko20' } ]");
    assert_eq!(prompt.says("dump()"), "undefined");
    let said = prompt.stage.said.take();
    assert_eq!([&said[0][..], &said[2], &said[4]], ["Kernel Table:", "Promises:", "Run Queue:"]);
    assert!(said[1].contains("[ 'ko20', 'v1', 'o+0' ]"), "{said:?}");
    let shown = prompt.shown("step(); run(); 5");
    assert_eq!(shown, Shown { text: "5".into(), wanted: vec!["step".into(), "run".into()] });
    assert_eq!(prompt.shown("6").wanted, [] as [Text; 0]);
}

#[test]
fn v14_an_error_or_an_endless_loop_does_not_end_it() {
    let mut prompt = Prompt::new();
    prompt.says("let kept = 1");
    for line in [
        "for (;;);",
        "for (;;) { try { for (;;); } catch (e) {} }",
        "{ const a = []; for (;;) a.push(new Array(1000).fill(0)); }",
        "await (async () => { for (;;) await null; })()",
        "Promise.resolve().then(() => { for (;;); }); 1",
    ] {
        let asked = prompt.stage.ask(&prompt.vat.clone(), "eval", (line,));
        println!("{line}: {:?}", asked.answer());
        assert_eq!(prompt.says("kept"), "1", "{line}");
    }
}
