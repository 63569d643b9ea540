//! `vat shell`: lines, what is shown, steps.

use crate::process::{Dir, vat};

fn counter(name: &str) -> Dir {
    Dir::new(name).vat("bootstrap.js", "bootstrap() { log('bootstrap'); }").file(
        "vat-counter.js",
        "let n = 0;
             export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
                add(more) { n += more; return n; },
             }), helpers.vatID);",
    )
}

#[test]
fn s_s19_shell() {
    let lines = [
        "1+1",
        "'a'",
        "throw new Error('mine')",
        "[typeof dump, typeof step, typeof run]",
        "dump2().runQueue.length",
    ];
    let ended = counter("s19").shell(&lines).well();
    let answers = ended.answers();
    assert_eq!(&answers[..2], ["2", "'a'"]);
    assert!(answers[2].contains("mine"), "{}", answers[2]);
    assert!(answers[3].matches("function").count() == 3, "{}", answers[3]);
    assert_eq!(answers[4], "1", "before any step there is only bootstrap");
}

#[test]
fn v14_what_is_declared_lasts() {
    let lines = [
        "let a = 1",
        "const b = a + 1",
        "function f(x) { return x + b; }",
        "a = 40",
        "f(a)",
        "class C {}; new C() instanceof C",
    ];
    let ended = counter("v14 declared").shell(&lines).well();
    let answers = ended.answers();
    assert_eq!(&answers[3..], ["40", "42", "true"]);
}

#[test]
fn v14_a_text_goes_on_until_its_brackets_close() {
    let lines = ["f = x => {", "  return `${x}", "!`;", "}", "f(1)", "{ a: 1 }", "[1,", "2]"];
    let ended = counter("v14 open").shell(&lines).well();
    let shown: String = ended.answers()[1..].join("|").replace("...  ", "");
    assert_eq!(shown, "'1\\n!'|{ a: 1 }|[ 1, 2 ]");
}

#[test]
fn v14_an_error_or_an_endless_loop_does_not_end_it() {
    let lines = [
        "(1",
        ")",
        ")",
        "nothing.here",
        "for (;;);",
        "let s = 'still '; s + 'here'",
        "vats.counter~.add(1); 2",
    ];
    let ended = counter("v14 errors").shell(&lines).well();
    let answers = ended.answers();
    assert!(answers[1].contains("SyntaxError"), "{:?}", answers);
    assert!(answers[2].contains("ReferenceError"), "{:?}", answers);
    assert_eq!(answers[4], "'still here'", "{:?}", answers);
    assert_eq!(answers[5], "2", "{:?}", answers);
}

#[test]
fn v14_vats_are_spoken_to() {
    let lines = [
        "const p = vats.counter~.add(2)",
        "p.then(n => console.log(`it is ${n}`))",
        "step()",
        "vats.counter~.add(3); run()",
        "vats.counter~.add(4).then(n => console.log(`now ${n}`)); run()",
    ];
    let ended = counter("v14 vats").shell(&lines).well();
    let answers = ended.answers();
    assert!(answers[0].is_empty() || answers[0] == "undefined", "{:?}", answers);
    assert!(answers[2].contains("bootstrap"), "the first step is bootstrap: {:?}", answers);
    assert!(answers[3].contains("it is 2"), "{:?}", answers);
    assert!(answers[4].contains("now 9"), "{:?}", answers);
}

#[test]
fn v14_a_statement_that_only_sends_shows_nothing() {
    let ended = counter("v14 only").shell(&["vats.counter~.add(2);", "1"]).well();
    assert_eq!(ended.answers(), ["", "1"]);
}

#[test]
fn v14_the_last_line_needs_no_end() {
    let dir = counter("v14 end");
    let words = ["shell", dir.path().to_str().unwrap()];
    assert_eq!(vat(&words, "6 * 7").well().out, "vat> 42\nvat> ");
    assert_eq!(vat(&words, "").well().out, "vat> ");
}

#[test]
fn s_s04_steps() {
    let dir = Dir::example("encouragement");
    let ended = dir.shell(&["step()"; 6]).well();
    let begin = "=> setup called\n";
    let out = ended.out.strip_prefix(begin).unwrap_or_else(|| panic!("{}", ended.out));
    let steps: Vec<_> =
        out.split("vat> ").skip(1).map(|step| step.trim_end().replace("undefined\n", "")).collect();
    assert!(steps[1].contains("user.talkToBot is called"), "{steps:?}");
    assert!(steps[2].contains("encourageMe got the name"), "{steps:?}");
    assert!(steps[3].contains("resolved to"), "{steps:?}");
    assert!(steps[4].contains("receives the encouragement"), "{steps:?}");
    assert!(!steps[5].contains("=>"), "{steps:?}");
}
