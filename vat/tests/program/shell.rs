//! `vat shell`: lines, what is shown, steps.

use std::process::Command;

use crate::process::{Dir, Running, vat};

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
fn e_s16_static() {
    let lines = [
        "vats.counter~.add(1); null",
        "dump2().runQueue.at(-1).msg.result",
        "x = vats.counter~.add(1); null",
        "dump2().runQueue.at(-1).msg.result.slice(0, 2)",
    ];
    let ended = counter("e16").shell(&lines).well();
    assert_eq!(ended.answers(), ["null", "null", "null", "'kp'"]);
}

#[test]
fn v13_two_runs_say_the_same() {
    let lines =
        ["vats.counter~.add(1)", "step()", "dump()", "run()", "dump()", "Object.keys(globalThis).length"];
    let dir = counter("v13");
    assert_eq!(dir.shell(&lines).well().out, dir.shell(&lines).well().out);
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

#[test]
fn v14_a_line_that_awaits_is_answered_when_all_has_run() {
    let lines = [
        "await vats.counter~.add(5)",
        "let n = await vats.counter~.add(1); n * 2",
        "await new Promise(() => {})",
        "1",
    ];
    let ended = counter("v14 await").shell(&lines).well();
    let answers = ended.answers();
    assert!(answers[0].ends_with("\n5"), "{answers:?}");
    assert_eq!(answers[1], "12", "{answers:?}");
    assert!(answers[2].contains("pending"), "{answers:?}");
    assert_eq!(answers[3], "1");
}

#[test]
fn v14_on_a_terminal_there_are_an_editor_and_a_history() {
    let dir = counter("v14 terminal");
    let command = format!("'{}' shell '{}'", env!("CARGO_BIN_EXE_vat"), dir.path().display());
    let mut script = Command::new("script");
    script.args(["-qec", &command, "/dev/null"]).env("TERM", "xterm");
    let Some(mut terminal) = Running::try_start(script) else {
        println!("there is no script on this machine: the prompt on a terminal is not tried");
        return;
    };
    terminal.prompt_after("vat> ");
    terminal.say("20 + 22\r");
    terminal.prompt_after("\n42");
    // The arrow up is the line before.
    terminal.say("\x1b[A + 1\r");
    terminal.prompt_after("\n43");
    terminal.say("\x04");
    terminal.end().well();
}
