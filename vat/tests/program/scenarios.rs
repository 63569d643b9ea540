//! The scenarios of SwingSet, on sources of our own.

use crate::process::Dir;

const ENCOURAGEMENT: [&str; 6] = [
    "=> setup called",
    "=> user.talkToBot is called with encouragementBot",
    "=> encouragementBot.encourageMe got the name: user",
    "=> the promise given by the call to user.talkToBot resolved to 'Thanks for the setup. I sure hope I get some encouragement...'",
    "=> user receives the encouragement: user, you are awesome, keep it up!",
    "= vat finished",
];

#[test]
fn s_s04_encouragement_bot() {
    let ended = Dir::example("encouragement").run(&[]).well();
    assert_eq!(ended.lines(), ENCOURAGEMENT);
    assert_eq!(ended.err, "");
}

/// The vats of the seed: bootstrap introduces right to left.
fn call_right() -> Dir {
    Dir::new("s05")
        .vat("bootstrap.js", "bootstrap(argv, vats) { E(vats.left).callRight(1, vats.right).then(b => log(`b.resolved ${b}`)); }")
        .vat(
            "vat-left.js",
            "callRight(arg1, right) {
                log(`left.callRight ${arg1}`);
                E(right).bar(2).then(a => log(`left.then ${a}`));
                return 3;
             }",
        )
        .vat("vat-right.js", "bar(arg2) { log(`right ${arg2}`); return 4; }")
}

#[test]
fn s_s05_call_right() {
    let ended = call_right().run(&[]).well();
    assert_eq!(
        ended.lines(),
        ["left.callRight 1", "right 2", "b.resolved 3", "left.then 4", "= vat finished"]
    );
}

#[test]
fn s_s03_only_bootstrap() {
    let dir = Dir::new("s03")
        .file(
            "vat-loner.js",
            "export default function setup(syscall, state, helpers) {
                let said;
                try { syscall.send('o-50', 'hear', { body: '[]', slots: [] }); said = 'queued'; } catch (e) { said = 'refused'; }
                return helpers.makeLiveSlots(syscall, state, E => harden({
                    meet(bob) { bob~.hear('the loner'); },
                }), helpers.vatID);
             }",
        )
        .vat("vat-bob.js", "hear(who) { log(`bob hears ${who}`); }")
        .vat("bootstrap.js", "bootstrap(argv, vats) { log('bootstrap'); vats.loner~.meet(vats.bob); }");
    let ended = dir.run(&[]);
    assert!(!ended.out.contains("hears undefined"), "{}", ended.out);

    let dir = Dir::new("s03 met")
        .vat("vat-loner.js", "meet(bob) { bob~.hear('the loner'); }")
        .vat("vat-bob.js", "hear(who) { log(`bob hears ${who}`); }")
        .vat("bootstrap.js", "bootstrap(argv, vats) { log('bootstrap'); vats.loner~.meet(vats.bob); }");
    let ended = dir.run(&[]).well();
    assert_eq!(ended.lines(), ["bootstrap", "bob hears the loner", "= vat finished"]);
}

#[test]
fn v6_nothing_is_heard_before_bootstrap() {
    let dir = Dir::new("v6")
        .vat("vat-bob.js", "hear(who) { log(`bob hears ${who}`); }")
        .vat("bootstrap.js", "bootstrap(argv, vats) { log('bootstrap'); vats.bob~.hear('it'); }");
    let ended = dir.shell(&["dump2().runQueue.map(a => a.msg.method)", "run()"]).well();
    assert_eq!(ended.answers()[0], "[ 'bootstrap' ]");
}

#[test]
fn s_s08_later_turn() {
    let methods =
        "bootstrap() { const t1 = { foo() { log('foo called'); } }; t1~.foo(); log('wavy dot called'); }";
    let ended = Dir::new("s08").vat("bootstrap.js", methods).run(&[]).well();
    assert_eq!(ended.lines(), ["wavy dot called", "foo called", "= vat finished"]);
}

#[test]
fn s_s10_wrong_target() {
    let dir = Dir::new("s10").vat("vat-bob.js", "give() { return 7; }").vat(
        "bootstrap.js",
        "bootstrap(argv, vats) {
            vats.bob~.foo().catch(e => log(`${e instanceof TypeError} ${e.message.includes('foo')}`));
            vats.bob~.give()~.foo().catch(e => log(`${e instanceof Error} ${e.message.includes('foo')}`));
         }",
    );
    assert_eq!(dir.run(&[]).well().lines(), ["true true", "true true", "= vat finished"]);
}

#[test]
fn s_s11_pipelining() {
    let dir = Dir::new("s11").vat("vat-db.js", "openDB() { log('pipe1'); return harden({ select() { log('pipe2'); return harden({ modify() { log('pipe3'); return 'done'; } }); } }); }").vat(
        "bootstrap.js",
        "bootstrap(argv, vats) {
            const p1 = vats.db~.openDB();
            const p2 = p1~.select('x');
            const p3 = p2~.modify(1);
            p1.then(() => log('p1.then'));
            p2.then(() => log('p2.then'));
            p3.then(() => log('p3.then'));
         }",
    );
    let ended = dir.run(&[]).well();
    let mut lines = ended.lines();
    assert_eq!(lines.pop(), Some("= vat finished"));
    for order in [["pipe1", "pipe2", "pipe3"], ["p1.then", "p2.then", "p3.then"], ["pipe3", "p3.then", ""]] {
        let order: Vec<_> = order.into_iter().filter(|name| !name.is_empty()).collect();
        let found: Vec<_> = lines.iter().copied().filter(|line| order.contains(line)).collect();
        assert_eq!(found, order, "{lines:?}");
    }
    assert_eq!(lines.len(), 6);

    let steps = dir
        .shell(&[
            "step()",
            "dump2().runQueue.map(a => a.msg.method)",
            "dump2().runQueue.map(a => a.target.slice(0, 2))",
        ])
        .well();
    let answers = steps.answers();
    assert_eq!(
        &answers[1..],
        ["[ 'openDB', 'select', 'modify' ]", "[ 'ko', 'kp', 'kp' ]"],
        "one turn sends all three"
    );
}

#[test]
fn s_s12_identity_same() {
    let dir = Dir::new("s12")
        .file(
            "vat-bob.js",
            "let first;
             export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
                see(amy) { console.log(first === undefined ? 'first' : `${first === amy}`); first = amy; },
             }), helpers.vatID);",
        )
        .vat("bootstrap.js", "bootstrap(argv, vats) { const amy = harden({ hi() {} }); vats.bob~.see(amy); vats.bob~.see(amy); vats.bob~.see(harden({ hi() {} })); }");
    assert_eq!(dir.run(&[]).well().lines(), ["first", "true", "false", "= vat finished"]);
}

#[test]
fn s_s13_identity_home() {
    let dir = Dir::new("s13")
        .file(
            "vat-bob.js",
            "export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => {
                const bob = harden({ self() { return bob; }, see(x) { console.log(`=== ${x === bob}`); } });
                return bob;
             }, helpers.vatID);",
        )
        .vat("bootstrap.js", "async bootstrap(argv, vats) { log(`held ${(await vats.bob~.self()) === vats.bob}`); vats.bob~.see(vats.bob); }");
    assert_eq!(dir.run(&[]).well().lines(), ["held true", "=== true", "= vat finished"]);
}

#[test]
fn s_s14_identity_by_two_ways() {
    let dir = Dir::new("s14")
        .vat("vat-a.js", "pass(amy, carol) { return carol~.see(amy); }")
        .vat("vat-b.js", "pass(amy, carol) { return carol~.see(amy); }")
        .file(
            "vat-carol.js",
            "const seen = [];
             export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
                see(amy) { seen.push(amy); if (seen.length === 2) console.log(`same ${seen[0] === seen[1]}`); },
             }), helpers.vatID);",
        )
        .vat("bootstrap.js", "bootstrap(argv, vats) { const amy = harden({ hi() {} }); vats.a~.pass(amy, vats.carol); vats.b~.pass(amy, vats.carol); }");
    assert_eq!(dir.run(&[]).well().lines(), ["same true", "= vat finished"]);
}

#[test]
fn s_s15_promise_no_identity() {
    let dir = Dir::new("s15")
        .vat(
            "vat-bob.js",
            "async see({ p }, { q }, amy) { log(`promises ${p === q}`); log(`values ${(await p) === amy} ${(await q) === amy}`); }",
        )
        .vat(
            "bootstrap.js",
            "bootstrap(argv, vats) {
                const amy = harden({ hi() {} });
                vats.bob~.see({ p: Promise.resolve(amy) }, { q: Promise.resolve(amy) }, amy);
             }",
        );
    assert_eq!(dir.run(&[]).well().lines(), ["promises false", "values true true", "= vat finished"]);
}

#[test]
fn s_s22_vats_argument() {
    let dir = Dir::new("s22")
        .vat("vat-a.js", "who() { return 'a'; }")
        .vat("vat-b.js", "who() { return 'b'; }")
        .vat(
            "bootstrap.js",
            "async bootstrap(argv, vats) {
                log(Object.keys(vats).sort().join());
                log(`${await vats.a~.who()} ${await vats.b~.who()}`);
                log(/^\\[Presence o-\\d+\\]$/.test(`${vats.a}`));
             }",
        );
    assert_eq!(dir.run(&[]).well().lines(), ["a,b", "a b", "true", "= vat finished"]);
}

#[test]
fn s_s17_no_forging() {
    let dir = Dir::new("s17")
        .file(
            "vat-forger.js",
            "export default function setup(syscall, state, helpers) {
                const inner = helpers.makeLiveSlots(syscall, state, E => harden({ hi() { return 'hi'; } }), helpers.vatID);
                return harden({
                    ...inner,
                    deliver(target, method, args, result) {
                        if (method === 'forge') syscall.send('o-99', 'steal', { body: '[]', slots: [] });
                        return inner.deliver(target, method, args, result);
                    },
                });
             }",
        )
        .vat("vat-other.js", "still() { return 'here'; }")
        .vat(
            "bootstrap.js",
            "async bootstrap(argv, vats) {
                log(await vats.forger~.hi());
                await vats.forger~.forge().catch(e => log('broken'));
                log(await vats.other~.still());
             }",
        );
    let ended = dir.run(&[]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.lines(), ["hi", "broken", "here", "= vat finished"]);
    assert!(ended.err.contains("vat forger") && ended.err.contains("o-99"), "{}", ended.err);
}
