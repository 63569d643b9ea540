//! The public demos of SwingSet, unmodified. They are not part of this repository: the variable
//! `SWINGSET` names a folder that has them, a clone of <https://github.com/Agoric/SwingSet> at
//! `v0.3.0`.

use crate::process::vat;

#[test]
fn v1_the_public_demo_runs() {
    let Some(clone) = std::env::var_os("SWINGSET") else {
        println!("SWINGSET names no clone of SwingSet: the public demo is not run");
        return;
    };
    let demo = std::path::Path::new(&clone).join("demo/encouragementBot");
    let demo = demo.to_str().unwrap();
    let ended = vat(&["run", demo], "").well();
    let lines: Vec<_> = ended
        .lines()
        .into_iter()
        .filter(|line| !line.contains("load") && !line.contains("bootstrap()"))
        .collect();
    let parts = [
        "setup called",
        "user.talkToBot is called",
        "encourageMe got",
        "resolved to",
        "user receives",
        "= vat finished",
    ];
    assert_eq!(lines.len(), parts.len(), "{lines:?}");
    for (line, part) in lines.iter().zip(parts) {
        assert!(line.contains(part), "{line}: {part}");
    }

    let ended = vat(&["shell", demo], &"step()\n".repeat(6)).well();
    let answers: Vec<_> = ended.out.split("vat> ").skip(1).collect();
    for (answer, part) in answers.iter().zip([
        "bootstrap()",
        "talkToBot is called",
        "encourageMe got",
        "resolved to",
        "user receives",
    ]) {
        assert!(answer.contains(part), "{answers:?}");
    }
    assert!(!answers[5].contains("=>"), "{answers:?}");
}
