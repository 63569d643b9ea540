//! `vat serve`, and `captp(..)` in a shell: two programs, one conversation.

use crate::process::{Dir, Running};

#[test]
fn v16_a_shell_speaks_to_a_vat_elsewhere() {
    let served = Dir::new("v16 served")
        .vat("bootstrap.js", "bootstrap() { log('served'); }")
        .vat("vat-greeter.js", "greet(who) { log(`greeting ${who}`); return `hello, ${who}`; }");
    let mut server = Running::start(&["serve", served.path().to_str().unwrap()]);
    let address = server.line_with("greeter ocapn://");
    let address = address.split_whitespace().last().unwrap().to_string();

    let near = Dir::new("v16 near").vat("bootstrap.js", "bootstrap() {}");
    let mut shell = Running::start(&["shell", near.path().to_str().unwrap()]);
    shell.say(&format!("const remote = captp(\"{address}\")\n"));
    shell.say("remote~.greet('ann').then(said => console.log(`heard: ${said}`))\nrun()\nrun()\nrun()\n");
    assert!(server.line_with("greeting").contains("greeting ann"));
    assert!(shell.line_with("heard").contains("heard: hello, ann"));
    shell.end().well();
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
