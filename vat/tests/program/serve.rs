//! `vat serve`, and `captp(..)` in a shell: two programs, one conversation.

use crate::process::{Dir, Running};

/// A server of one vat, `far`, and a shell in which `far` is the promise of its root.
fn linked(name: &str, methods: &str) -> (Running, Running) {
    let served = Dir::new(name).vat("bootstrap.js", "bootstrap() {}").vat("vat-far.js", methods);
    let mut server = Running::start(&["serve", served.path().to_str().unwrap()]);
    let address = server.line_with("far ocapn://");
    let address = address.split_whitespace().last().unwrap().to_string();
    let near = Dir::new(name).vat("bootstrap.js", "bootstrap() {}");
    let mut shell = Running::start(&["shell", near.path().to_str().unwrap()]);
    shell.say(&format!("const far = captp(\"{address}\")\n"));
    (server, shell)
}

impl Running {
    /// Says a line, and lets all run: three times, as an answer may take longer on a busy machine.
    fn say_and_run(&mut self, line: &str) {
        self.say(&format!("{line}\nrun()\nrun()\nrun()\n"));
    }
}

#[test]
fn v16_a_shell_speaks_to_a_vat_elsewhere() {
    let methods = "greet(who) { log(`greeting ${who}`); return `hello, ${who}`; }";
    let (mut server, mut shell) = linked("v16 greet", methods);
    shell.say_and_run("far~.greet('ann').then(said => console.log(`heard: ${said}`))");
    assert!(server.line_with("greeting").contains("greeting ann"));
    assert!(shell.line_with("heard:").contains("heard: hello, ann"));
    shell.end().well();
}

#[test]
fn v16_a_serving_program_runs_its_own_vats_too() {
    let served = Dir::new("v16 bootstrap")
        .vat("bootstrap.js", "bootstrap(argv, vats) { vats.far~.greet(argv[0]).then(log); }")
        .vat("vat-far.js", "greet(who) { return `hello, ${who}`; }");
    let mut server = Running::start(&["serve", served.path().to_str().unwrap(), "--", "bob"]);
    assert!(server.line_with("hello").contains("hello, bob"));
}

#[cfg(unix)]
#[test]
fn v16_an_interrupt_ends_it_well() {
    let served = Dir::new("v16 interrupt").vat("bootstrap.js", "bootstrap() {}").vat("vat-far.js", "");
    let mut server = Running::start(&["serve", served.path().to_str().unwrap()]);
    server.line_with("far ocapn://");
    server.interrupt();
    server.end().well();
}

#[test]
fn v16_pipelined_messages_are_heard_in_their_order() {
    let methods = "openDB() { log('pipe1'); return harden({ select() { log('pipe2'); return harden({
        modify() { log('pipe3'); return 'done'; } }); } }); }";
    let (mut server, mut shell) = linked("v16 pipe", methods);
    shell.say("const p1 = far~.openDB(); const p2 = p1~.select('x'); const p3 = p2~.modify(1)\n");
    shell.say("p1.then(() => console.log('p1.then')); p2.then(() => console.log('p2.then'))\n");
    shell.say_and_run("p3.then(() => console.log('p3.then'))");
    for line in ["pipe1", "pipe2", "pipe3"] {
        server.line_with(line);
    }
    for line in ["p1.then", "p2.then", "p3.then"] {
        shell.line_with(line);
    }
}

#[test]
fn v16_an_object_that_comes_home_is_the_object() {
    let (_server, mut shell) = linked("v16 home", "back(x) { return x; }, self() { return this; }");
    shell.say("const mine = harden({ hi() { return 'hi'; } })\n");
    shell.say_and_run("far~.back(mine).then(x => console.log(`home ${x === mine}`))");
    assert!(shell.line_with("home ").contains("home true"));
}

#[test]
fn v16_an_object_given_is_spoken_to_from_there() {
    let (mut server, mut shell) = linked("v16 given", "async call(x) { log(`it says ${await x~.hi(7)}`); }");
    shell.say_and_run("far~.call(harden({ hi(n) { return `hi ${n}`; } }))");
    assert!(server.line_with("it says").contains("it says hi 7"));
}

#[test]
fn v16_a_promise_given_is_settled_there() {
    let methods = "async wait(p) { log('waiting'); log(`it is ${await p}`); }";
    let (mut server, mut shell) = linked("v16 promise", methods);
    shell.say("let settle; const p = new Promise(r => { settle = r; })\n");
    shell.say_and_run("far~.wait(p)");
    server.line_with("waiting");
    shell.say_and_run("settle('settled')");
    assert!(server.line_with("it is").contains("it is settled"));
}

#[test]
fn v16_an_error_there_is_a_rejection_here() {
    let (_server, mut shell) = linked("v16 error", "fail() { throw new TypeError('not today'); }");
    shell.say_and_run("far~.fail().catch(e => console.log(`refused: ${e.message}`))");
    assert!(shell.line_with("refused:").contains("not today"));
    shell.say_and_run("far~.nothing().catch(e => console.log(`missing: ${e.message}`))");
    assert!(shell.line_with("missing:").contains("nothing"));
}

#[test]
fn v16_what_was_asked_of_a_program_that_ends_is_broken() {
    let (server, mut shell) = linked("v16 end", "hold() { log('held'); return new Promise(() => {}); }");
    let mut server = server;
    shell.say_and_run("far~.hold().catch(e => console.log(`broken: ${e.message}`))");
    server.line_with("held");
    drop(server);
    shell.say_and_run("1");
    shell.line_with("broken:");
}

#[test]
fn v16_an_address_that_is_none_is_a_rejection() {
    let near = Dir::new("v16 wrong").vat("bootstrap.js", "bootstrap() {}");
    let ended = near.shell(&["captp('nonsense').catch(e => console.log('refused')); run()", "1"]).well();
    assert!(ended.out.contains("refused"), "{}", ended.out);
}

#[test]
fn v16_a_root_is_the_same_object_by_both_ways() {
    let served = Dir::new("v16 twice")
        .vat("bootstrap.js", "bootstrap() {}")
        .vat("vat-a.js", "self() { return 'a'; }")
        .vat("vat-b.js", "");
    let mut server = Running::start(&["serve", served.path().to_str().unwrap()]);
    let [a, _b] = ["a ocapn://", "b ocapn://"].map(|name| server.line_with(name));
    let address = a.split_whitespace().last().unwrap().to_string();
    let near = Dir::new("v16 twice near").vat("bootstrap.js", "bootstrap() {}");
    let mut shell = Running::start(&["shell", near.path().to_str().unwrap()]);
    shell.say(&format!("Promise.all([captp(\"{address}\"), captp(\"{address}\")]).then(([a, b]) => console.log(`same ${{a === b}}`))\nrun()\nrun()\nrun()\n"));
    assert!(shell.line_with("same ").contains("same true"));
}
