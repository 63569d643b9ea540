//! Rules for vats of Rust and of JavaScript: the scan of a basedir, how vats begin, how they are
//! stepped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use vat::{Basedir, BasedirError, Container, LoadError};

/// A new folder with these files, all empty.
fn folder(name: &str, files: &[&str]) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("native").join(name);
    // There is none at first.
    let _ = fs::remove_dir_all(&dir);
    for file in files {
        let path = dir.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    dir
}

fn refused(name: &str, files: &[&str]) -> BasedirError {
    match Basedir::scan(folder(name, files)) {
        Err(why) => why,
        Ok(basedir) => panic!("{:?} is no basedir", basedir.names().collect::<Vec<_>>()),
    }
}

#[test]
fn v2_sources_are_vats_in_the_order_of_their_names() {
    let files = [
        "vat-foo.js",
        "vat-bar-none.js",
        "vat-baz/index.js",
        "bootstrap.js",
        "vat-old.js~",
        "vat-older~/index.js",
        "notes.txt",
        "vat-empty/other.js",
        "vat-text.txt",
        "foo.js",
    ];
    let dir = folder("order", &files);
    let basedir = Basedir::scan(&dir).unwrap();
    assert_eq!(basedir.names().collect::<Vec<_>>(), ["bar-none", "baz", "bootstrap", "foo"]);
    let ignored = ["foo.js", "notes.txt", "vat-empty", "vat-text.txt"].map(|file| dir.join(file));
    assert_eq!(basedir.ignored(), ignored);
}

#[test]
fn v2_two_sources_of_one_name_are_an_error_that_names_both() {
    let why = refused("twice", &["bootstrap.js", "vat-x.js", "vat-x/index.js"]);
    assert!(matches!(&why, BasedirError::Twice { name, .. } if name == "x"), "{why}");
    let said = why.to_string();
    assert!(
        said.contains("vat-x.js") && said.contains(&*Path::new("vat-x").join("index.js").to_string_lossy()),
        "{said}"
    );
}

#[test]
fn v2_a_vat_has_a_name_of_its_own() {
    let why = refused("reserved", &["bootstrap.js", "vat-bootstrap.js"]);
    assert!(matches!(&why, BasedirError::Reserved { path } if path.ends_with("vat-bootstrap.js")), "{why}");
    let why = refused("nameless", &["bootstrap.js", "vat-.js"]);
    assert!(matches!(&why, BasedirError::Nameless { path } if path.ends_with("vat-.js")), "{why}");
    let why = refused("nameless folder", &["bootstrap.js", "vat-/index.js"]);
    assert!(matches!(&why, BasedirError::Nameless { path } if path.ends_with("index.js")), "{why}");
}

#[test]
fn v2_without_the_vat_that_begins_there_is_an_error_that_names_it() {
    let dir = folder("headless", &["vat-x.js"]);
    let why = Container::load(Basedir::scan(&dir).unwrap(), ["a"]).err().unwrap();
    assert!(matches!(why, LoadError::Basedir(BasedirError::NoBootstrap { .. })), "{why}");
    assert!(why.to_string().ends_with(&*dir.join("bootstrap.js").to_string_lossy()), "{why}");
    let why = Basedir::scan(dir.join("nowhere")).err().unwrap();
    assert!(matches!(why, BasedirError::Unreadable { .. }), "{why}");
}

#[test]
fn v2_a_vat_of_rust_must_not_have_the_name_of_a_source() {
    let basedir = Basedir::scan(folder("native twice", &["bootstrap.js", "vat-x.js"])).unwrap();
    let why = Container::load(basedir.with("x", || Idle), ["a"]).err().unwrap();
    assert!(matches!(why, LoadError::Basedir(BasedirError::Twice { .. })), "{why}");
}

struct Idle;

#[object]
impl Idle {}

/// The words that vats have said, in order.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Said {
    fn say(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Bootstrap(Said);

#[object]
impl Bootstrap {
    fn bootstrap(&self, cx: &Cx<Self>, argv: Vec<Text>, vats: BTreeMap<Text, Far<User>>, devices: Value) {
        self.0.say(format!("bootstrap {argv:?} {:?} {devices}", vats.keys().collect::<Vec<_>>()));
        let Some(user) = vats.get(&Text::from("user")) else { return };
        let answer = user.talk_to(cx, vats[&Text::from("bot")].clone());
        drop(cx.when(answer, |this, _, answer| {
            this.0.say(format!("user answers {}", answer?));
            Ok(())
        }));
    }
}

struct User(Said);

#[object]
impl User {
    fn talk_to(&self, cx: &Cx<Self>, bot: Reference) -> Text {
        self.0.say("user talks");
        let bot: Far<Bot> = cast(&bot);
        drop(cx.when(bot.encourage(cx), |this, _, words| {
            this.0.say(format!("user hears {}", words?));
            Ok(())
        }));
        "thanks".into()
    }
}

struct Bot(Said);

#[object]
impl Bot {
    fn encourage(&self) -> Text {
        self.0.say("bot encourages");
        "well done".into()
    }
}

fn encouragement(argv: &[&str]) -> (Container, Said) {
    let said = Said::default();
    let [a, b, c] = [(); 3].map(|()| said.clone());
    let basedir = Basedir::new()
        .with("user", move || User(a))
        .with("bot", move || Bot(b))
        .with("bootstrap", move || Bootstrap(c));
    (Container::load(basedir, argv.iter().copied()).unwrap(), said)
}

#[test]
fn v5_bootstrap_hears_the_words_and_the_roots_of_the_others() {
    let (mut container, said) = encouragement(&["x1", "x2", "x3"]);
    assert!(said.take().is_empty(), "nothing runs before the first step");
    assert!(container.step());
    assert_eq!(said.take(), [r#"bootstrap ["x1", "x2", "x3"] ["bot", "user"] {:}"#]);
}

#[test]
fn v5_without_words_there_is_an_empty_list() {
    let said = Said::default();
    let only = said.clone();
    let basedir = Basedir::new().with("bootstrap", move || Bootstrap(only));
    let mut container = Container::load(basedir, Vec::<String>::new()).unwrap();
    container.run();
    assert_eq!(said.take(), ["bootstrap [] [] {:}"]);
}

#[test]
fn v15_a_step_is_one_message_or_one_answer_that_somebody_hears() {
    let (mut container, said) = encouragement(&[]);
    let mut steps = Vec::new();
    while container.step() {
        steps.push(said.take().join(", "));
    }
    assert_eq!(
        steps,
        [
            r#"bootstrap [] ["bot", "user"] {:}"#,
            "user talks",
            "bot encourages",
            "user answers thanks",
            "user hears well done",
        ]
    );
    assert!(!container.step());
}

#[test]
fn v15_a_run_goes_on_from_any_step_to_the_same_end() {
    for steps in 0..6 {
        let (mut container, said) = encouragement(&[]);
        for _ in 0..steps {
            container.step();
        }
        container.run();
        assert_eq!(said.take().last().unwrap(), "user hears well done");
        assert!(!container.step());
    }
}

#[test]
fn v15_the_log_shows_methods_and_arguments() {
    let (mut container, _said) = encouragement(&["ann"]);
    container.look(|debugger| debugger.log_mut().turn_on());
    container.run();
    let turns =
        container.look(|debugger| debugger.log().turns().map(ToString::to_string).collect::<Vec<_>>());
    let turns = turns.unwrap().join("\n");
    assert!(turns.contains(r#""bootstrap" hears"#) && turns.contains("bootstrap([\"ann\"]"), "{turns}");
    assert!(turns.contains(r#""bot" hears"#) && turns.contains("encourage()"), "{turns}");
}

struct Last;

#[object]
impl Last {
    fn bootstrap(&self, cx: &Cx<Self>, _argv: Value, _vats: Value, _devices: Value) {
        cx.act(at_meta_level!(quit()));
    }
}

#[test]
fn v1_a_vat_that_ends_the_vm_ends_the_run() {
    let mut container = Container::load(Basedir::new().with("bootstrap", || Last), ["a"]).unwrap();
    container.run();
    assert!(!container.step());
    assert_eq!(container.look(|_| ()), None);
}

struct Brittle;

#[object]
impl Brittle {
    fn bootstrap(&self, cx: &Cx<Self>, _argv: Value, _vats: Value, _devices: Value) {
        cx.act(quit().because("over the limit"));
    }
}

#[test]
fn v1_a_vat_that_ends_is_known_with_its_reason() {
    let mut container = Container::load(Basedir::new().with("bootstrap", || Brittle), ["a"]).unwrap();
    container.run();
    let ended = container.ended();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].vat, "bootstrap");
    assert!(ended[0].reason.to_string().contains("over the limit"), "{}", ended[0].reason);
}
