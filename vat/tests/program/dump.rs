//! `dump()` and `dump2()`, after each step.

use crate::process::Dir;

/// Left sends to right with right's root, which bootstrap has given it.
fn controller() -> Dir {
    Dir::new("s06")
        .vat("bootstrap.js", "bootstrap(argv, vats) { vats.left~.foo(1, vats.right).then(() => log('boot notified')); }")
        .vat(
            "vat-left.js",
            "foo(arg, right) { right~.bar(2, right).then(() => log('left notified')); return 'said'; }",
        )
        .file(
            "vat-right.js",
            "export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => {
                const obj0 = harden({ bar(n, me) { console.log(`right.obj0.bar ${n} ${me === obj0}`); return 3; } });
                return obj0;
             }, helpers.vatID);",
        )
}

const QUEUE: &str = "dump2().runQueue.map(a => a.type === 'send' ? `send ${a.msg.method} ${a.msg.result ? 'P' : '-'}` : `notify ${a.vatID}`).join(', ')";

#[test]
fn s_s06_step_and_dump() {
    let mut lines = vec![QUEUE];
    for _ in 0..6 {
        lines.extend(["step()", QUEUE]);
    }
    let ended = controller().shell(&lines).well();
    let queues: Vec<_> = ended.answers().into_iter().step_by(2).collect();
    // By name: left is v1, right v2; the one that begins comes last.
    assert_eq!(
        queues,
        [
            "'send bootstrap -'",
            "'send foo P'",
            "'send bar P, notify v3'",
            "'notify v3, notify v1'",
            "'notify v1'",
            "''",
            "''",
        ],
        "{}",
        ended.out
    );
    assert!(ended.out.contains("right.obj0.bar 2 true"), "{}", ended.out);
}

#[test]
fn s_s06_one_object_has_one_kernel_id_under_all_its_holders() {
    let right = "dump2().kernelTable.filter(([ko]) => dump2().kernelTable.some(([k, v, s]) => k === ko && v === 'v2' && s === 'o+0'))";
    let holders = format!("{right}.map(([ko, v, s]) => `${{v}} ${{s.slice(0, 2)}}`).join()");
    let ids = format!("new Set({right}.map(([ko]) => ko)).size");
    let ended = controller().shell(&["step(); step(); step()", &holders, &ids]).well();
    let answers = ended.answers();
    assert!(answers[1].contains("v1 o-,v2 o+,v3 o-"), "{answers:?}");
    assert_eq!(answers[2], "1");
}

#[test]
fn s_s07_run() {
    for steps in 0..5 {
        let mut lines = vec!["step()"; steps];
        lines.extend(["run()", QUEUE]);
        let ended = controller().shell(&lines).well();
        assert_eq!(ended.answers().last(), Some(&"''"), "{}", ended.out);
        let said: Vec<_> =
            ["right.obj0.bar", "boot notified", "left notified"].map(|part| ended.out.find(part)).into();
        assert!(said.iter().all(Option::is_some) && said.is_sorted(), "{}", ended.out);
    }
}

#[test]
fn v15_a_dump_has_three_parts() {
    let ended = controller().shell(&["dump()", "Object.keys(dump2()).join()"]).well();
    let answers = ended.answers();
    let parts: Vec<_> = ["Kernel Table:", "Promises:", "Run Queue:"].map(|part| answers[0].find(part)).into();
    assert!(parts.iter().all(Option::is_some) && parts.is_sorted(), "{}", answers[0]);
    for id in ["ko20", "'v1'", "'o+0'", "bootstrap"] {
        assert!(answers[0].contains(id), "{id}: {}", answers[0]);
    }
    assert_eq!(answers[1], "'kernelTable,promises,runQueue'");
}

#[test]
fn v15_two_dumps_are_the_same_if_nothing_ran() {
    let ended = controller().shell(&["step()", "dump()", "dump()"]).well();
    assert_eq!(ended.answers()[1], ended.answers()[2]);
}
