//! Bad vats: none aborts, none hangs, each that is ended has a reason, and nobody else notices.
//!
//! `bad.txt` has one a line: a name, and the body of a root's method `go`; behind `!`, a whole
//! source.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_js::{Options, Program, vat};

struct Bad {
    name: String,
    source: Vec<u8>,
}

fn all() -> Vec<Bad> {
    let mut all = Vec::new();
    for line in include_str!("bad.txt").lines().filter(|line| !line.starts_with('#')) {
        let (name, text) = line.split_once('|').unwrap();
        let source = match name.strip_prefix('!') {
            Some(_) => text.replace("\\n", "\n"),
            None => format!(
                "export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({{
                   go() {{ {text} }},
                   still() {{ return 'still here'; }},
                 }}), helpers.vatID);"
            ),
        };
        all.push(Bad { name: name.trim_start_matches('!').into(), source: source.into() });
    }
    let nested = |open: &str, n: usize, middle: &str, close: &str| {
        format!("export default {}{middle}{}", open.repeat(n), close.repeat(n)).into_bytes()
    };
    all.push(Bad { name: "deepsource".into(), source: nested("(", 100_000, "1", ")") });
    all.push(Bad { name: "deeparray".into(), source: nested("[", 100_000, "", "]") });
    all.push(Bad { name: "deepunary".into(), source: nested("!", 200_000, "1", "") });
    all.push(Bad { name: "binary".into(), source: (0..=255).collect::<Vec<u8>>().repeat(10) });
    all
}

/// The outcome of it: what the load says, or what `go` answers, and whether it is still there.
fn outcome_of(bad: &Bad, folder: &std::path::Path) -> String {
    let path = folder.join(format!("{}.js", bad.name));
    std::fs::write(&path, &bad.source).unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let lines = said.clone();
    let options = Options {
        console: Arc::new(move |_, line| lines.lock().unwrap().push(line.to_string())),
        ..Options::default()
    };
    let loaded = Program::read("bad", &path, folder).and_then(|program| vat(&program, &options));
    let (process, root) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return format!("not loaded: {error}"),
    };
    let mut sim = Sim::new(|_| transition_no_state!());
    sim.spawn(process);
    let asked = sim.ask(|cx| send(cx, &root, "go", ()));
    sim.run();
    let still = sim.ask(|cx| send(cx, &root, "still", ()));
    sim.run();
    let (asked, still) = (shown(asked.answer()), shown(still.answer()));
    assert!(!asked.contains("nobody is left"), "{}: its end is no reason: {asked}", bad.name);
    assert!(bad.name == "endless" || asked != "open", "{}: it has no answer", bad.name);
    let ended = "broken: it is gone (vat bad was ended: ";
    assert!(still == "\"still here\"" || still.starts_with(ended), "{}: {still}", bad.name);
    assert_eq!(asked.starts_with(ended), still.starts_with(ended), "{}: {asked}, {still}", bad.name);
    format!("{asked} / {still} / {:?}", said.lock().unwrap())
}

fn shown(answer: Option<Result<Value, Reason>>) -> String {
    match answer {
        Some(Ok(value)) if value.depth() > 50 => "deep".into(),
        Some(Ok(value)) => value.to_string(),
        Some(Err(reason)) => format!("broken: {reason}"),
        None => "open".into(),
    }
}

#[test]
fn v12_no_bad_vat_aborts_or_hangs() {
    let folder = std::env::temp_dir().join(format!("marketplace-js-bad-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let only = std::env::var("BAD").ok();
    for bad in all() {
        if only.as_ref().is_some_and(|only| *only != bad.name) {
            continue;
        }
        let start = Instant::now();
        eprint!("{}: ", bad.name);
        let bad = Arc::new(bad);
        let (sender, told) = mpsc::channel();
        let (there, folder) = (bad.clone(), folder.clone());
        // A small stack, as the threads of a runtime have it.
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
            let _ = sender.send(outcome_of(&there, &folder));
        });
        drop(thread.unwrap());
        let outcome = told.recv_timeout(Duration::from_secs(60));
        let outcome = outcome.unwrap_or_else(|error| panic!("{}: {error}", bad.name));
        let took = start.elapsed();
        eprintln!("{took:?}: {}", outcome.chars().take(300).collect::<String>());
        assert!(took < Duration::from_secs(20), "{} took {took:?}", bad.name);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Memory that ends anywhere: in the engine's own beginnings, in the prelude, in a load, in a turn.
#[test]
fn v12_memory_may_end_anywhere() {
    let folder = std::env::temp_dir().join(format!("marketplace-js-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("vat.js");
    std::fs::write(
        &path,
        "export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
           go(n) {
             const all = new Map();
             for (let i = 0; i < n; i += 1) all.set(`key ${i}`, { i, s: `${i}`.repeat(9), f: () => i });
             return Promise.all([...all.values()].map(async o => (await o).f())).then(x => harden({ x, e: /a+/.exec('caat')[0] }));
           },
         }), helpers.vatID);",
    )
    .unwrap();
    let program = Program::read("vat", &path, &folder).unwrap();
    let (mut loaded, mut answered) = (0, 0);
    let steps = std::env::var("STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    for step in 1..=steps {
        let options = Options { memory: step * (6_000_000 / steps), ..Options::default() };
        let Ok((process, root)) = vat(&program, &options) else { continue };
        loaded += 1;
        let mut sim = Sim::new(|_| transition_no_state!());
        sim.spawn(process);
        let asked = sim.ask(|cx| send(cx, &root, "go", (1_000,)));
        sim.run();
        answered += usize::from(asked.answer().unwrap().is_ok());
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(loaded > 10 && answered > 2 && answered < loaded, "{loaded} loaded, {answered} answered");
}
