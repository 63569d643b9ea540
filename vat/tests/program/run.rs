//! `vat run`: verbs, words, exit codes, what is ignored, what cannot be loaded.

use crate::process::{Dir, Running, source, vat};

#[test]
fn v1_a_run_ends_with_a_line_that_says_so() {
    let ended = Dir::new("v1").vat("bootstrap.js", "bootstrap() { log('here'); }").run(&[]).well();
    assert_eq!(ended.lines(), ["here", "= vat finished"]);
    assert_eq!(ended.err, "");
}

#[test]
fn v1_the_basedir_is_the_current_folder_unless_it_is_said() {
    let dir = Dir::new("v1 here").vat("bootstrap.js", "bootstrap(argv) { log(argv.join('+')); }");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vat"));
    command.args(["run", "--", "a", "b"]).current_dir(dir.path());
    let ended = Running::try_start(command).unwrap().end().well();
    assert_eq!(ended.lines(), ["a+b", "= vat finished"]);
}

#[test]
fn v1_another_verb_is_an_error_that_names_those_that_there_are() {
    for words in [&["walk", "."][..], &[]] {
        let ended = vat(words, "");
        assert_eq!(ended.code, Some(2));
        for verb in ["run", "shell", "serve"] {
            assert!(ended.err.contains(&format!("vat {verb}")), "{}", ended.err);
        }
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    }
    assert!(vat(&["walk"], "").err.contains("not `vat walk`"));
    assert!(vat(&["--help"], "").well().out.contains("vat serve [BASEDIR]"));
}

#[test]
fn v1_words_without_dashes_before_them_are_an_error() {
    for (words, said) in [
        (&["run", ".", "x1"][..], "`x1` is one too many"),
        (&["run", "--fast"], "no option `--fast`"),
        (&["run", "--root"], "`--root` needs a folder"),
    ] {
        let ended = vat(words, "");
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains(said), "{}", ended.err);
    }
}

#[test]
fn v1_a_source_that_cannot_be_loaded_is_an_error() {
    let ended = Dir::new("v1 load").file("bootstrap.js", "export const nothing = 1;").run(&[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("bootstrap"), "{}", ended.err);
    assert_eq!(ended.out, "");
}

#[test]
fn v1_a_vat_that_was_ended_by_a_limit_is_an_error_that_names_both() {
    let dir = Dir::new("v1 limit")
        .vat("bootstrap.js", "bootstrap(argv, vats) { E(vats.loop).go().catch(e => log('broken')); }")
        .vat("vat-loop.js", "go() { for (;;); }");
    let ended = dir.run(&[]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.lines(), ["broken", "= vat finished"]);
    assert!(ended.err.contains("vat loop"), "{}", ended.err);
}

#[test]
fn v1_a_rejection_that_nobody_took_is_a_line_on_stderr() {
    let methods = "bootstrap() { Promise.reject(new Error('nobody took it')); }";
    let ended = Dir::new("v1 rejection").vat("bootstrap.js", methods).run(&[]).well();
    let lines: Vec<_> = ended.err.lines().filter(|line| line.contains("nobody took it")).collect();
    assert_eq!(lines.len(), 1, "{}", ended.err);
}

#[test]
fn s_s01_scan() {
    let root = source("", "");
    let dir = Dir::new("s01")
        .file("vat-foo.js", &root)
        .file("vat-bar-none.js", &root)
        .file("vat-baz/index.js", &root)
        .file("vat-old.js~", "this is no program")
        .file("notes.txt", "")
        .vat("bootstrap.js", "bootstrap(argv, vats) { log(Object.keys(vats).sort().join()); }");
    let ended = dir.run(&[]).well();
    assert_eq!(ended.lines(), ["bar-none,baz,foo", "= vat finished"]);
    let ignored: Vec<_> = ended.err.lines().collect();
    assert_eq!(ignored.len(), 1, "{}", ended.err);
    assert!(ignored[0].starts_with("ignoring ") && ignored[0].ends_with("notes.txt"), "{}", ended.err);

    let ended = Dir::new("s01 headless").file("vat-foo.js", &root).run(&[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("bootstrap.js"), "{}", ended.err);
}

#[test]
fn s_s02_argv() {
    let dir = Dir::new("s02").vat("bootstrap.js", "bootstrap(argv) { log(JSON.stringify(argv)); }");
    assert_eq!(dir.run(&["--", "x1", "x2", "x3"]).well().lines()[0], r#"["x1","x2","x3"]"#);
    assert_eq!(dir.run(&[]).well().lines()[0], "[]");
    assert_eq!(dir.run(&["--", "--root", "--"]).well().lines()[0], r#"["--root","--"]"#);
}

#[test]
fn v5_a_source_of_2026_has_the_words_among_its_parameters() {
    let bootstrap = "import { Far } from '@endo/far';
        export const buildRootObject = (powers, { argv }) => Far('root', {
            bootstrap(vats, devices) { console.log(`${argv} ${Object.keys(vats)} ${JSON.stringify(devices)}`); },
        });";
    let dir = Dir::new("v5").file("bootstrap.js", bootstrap).vat("vat-other.js", "");
    assert_eq!(dir.run(&["--", "a", "b"]).well().lines()[0], "a,b other {}");
}

#[test]
fn s_s20_sources() {
    let dir = Dir::new("s20")
        .file("words.js", "export const word = 'shared';")
        .file("bootstrap.js", source("import { word } from './words';", "bootstrap() { log(word); }"));
    assert_eq!(dir.run(&[]).well().lines()[0], "shared");

    let far = source("import fs from 'fs';", "");
    let dir =
        Dir::new("s20 far").file("vat-far.js", far).vat("bootstrap.js", "bootstrap() { log('begun'); }");
    let ended = dir.run(&[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("vat far") && ended.err.contains("'fs'"), "{}", ended.err);
    assert_eq!(ended.out, "", "bootstrap has not begun");

    let dir =
        Dir::new("s20 none").file("vat-none.js", "1;").vat("bootstrap.js", "bootstrap() { log('begun'); }");
    let ended = dir.run(&[]);
    assert_eq!((ended.code, &*ended.out), (Some(1), ""));
    assert!(ended.err.contains("vat none"), "{}", ended.err);
}

#[test]
fn v4_another_root_lets_imports_reach_further() {
    let far = source("import word from '../shared/word.js';", "bootstrap() { log(word); }");
    let top = Dir::new("v4").file("shared/word.js", "export default 'above';").file("vats/bootstrap.js", far);
    let (root, dir) = (top.path().to_str().unwrap(), top.path().join("vats"));
    let dir = dir.to_str().unwrap();
    assert_eq!(vat(&["run", dir], "").code, Some(1));
    assert_eq!(vat(&["run", dir, "--root", root], "").well().lines()[0], "above");
}
