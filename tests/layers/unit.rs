//! The check itself, on sources that are made up.

use std::collections::BTreeMap;

use crate::check::{Up, mistakes, read_up};
use crate::floors::House;

const HOUSE: House = House {
    src: "house/src",
    roots: &["crate", "house"],
    floors: &[&["cellar"], &["kitchen", "study"], &["attic"], &["lib"]],
};

fn wrong(files: &[(&str, &str)], allowed: &[Up]) -> Vec<String> {
    let files: BTreeMap<_, _> =
        files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    mistakes(&HOUSE, &files, allowed)
}

/// The mistakes in this code in the kitchen: line and name of each import.
fn in_kitchen(code: &str) -> Vec<String> {
    let wrong = wrong(&[("kitchen/sink.rs", code)], &[]);
    let place = |line: &String| line.strip_prefix("house/src/kitchen/sink.rs:").unwrap().to_string();
    wrong.iter().map(place).map(|line| line.splitn(3, ": ").take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn down_and_within_is_right() {
    assert_eq!(
        in_kitchen("use crate::cellar::Wine;\nuse crate::kitchen::{knife, pan::Pan};\nuse super::stove;"),
        [""; 0]
    );
    assert_eq!(
        in_kitchen("use std::fmt;\nuse self::drain::Drain;\npub(in crate::kitchen) struct A;"),
        [""; 0]
    );
    let top = "use crate::attic::Trunk;\nuse crate::kitchen::Pan;\npub use crate::Pan as Pot;";
    assert_eq!(wrong(&[("lib.rs", top)], &[]), [""; 0]);
}

#[test]
fn up_and_beside_is_wrong_wherever_it_stands() {
    assert_eq!(in_kitchen("use crate::attic::Trunk;"), ["1 `crate::attic`"]);
    assert_eq!(in_kitchen("\nuse crate::study::desk;"), ["2 `crate::study`"]);
    assert_eq!(in_kitchen("fn f() -> crate\n  ::attic::Trunk {}"), ["2 `crate::attic`"]);
    assert_eq!(
        in_kitchen("use crate::{cellar::{A, attic},\n    attic::{self, B},\n};"),
        ["2 `crate::attic`"]
    );
    assert_eq!(in_kitchen("use crate::{attic};"), ["1 `crate::attic`"]);
    assert_eq!(in_kitchen("use ::house::attic::Trunk;").len(), 1);
    assert_eq!(in_kitchen("fn f<'a>(x: &'a str) { '\\''; 'x'; crate::attic::g() }"), ["1 `crate::attic`"]);
    assert_eq!(in_kitchen("use super::super::attic;"), ["1 `super::super::attic`"]);
}

#[test]
fn the_roots_exports_hide_where_they_lead() {
    assert_eq!(in_kitchen("use crate::Trunk;\nuse crate::*;"), ["1 `crate::Trunk`", "2 `crate::*`"]);
    assert_eq!(in_kitchen("use crate::{cellar, Trunk};"), ["1 `crate::Trunk`"]);
    assert_eq!(in_kitchen("macro_rules! m { () => { $crate::Trunk } }"), [""; 0]);
}

#[test]
fn comments_texts_and_tests_are_no_code() {
    assert_eq!(
        in_kitchen("/// [`crate::attic`]\n//! crate::attic\n/* crate::attic /* */ crate::attic */"),
        [""; 0]
    );
    assert_eq!(
        in_kitchen("f(\"crate::attic \\\" crate::attic\", r#\"\" crate::attic\"#, br\"crate::attic\");"),
        [""; 0]
    );
    assert_eq!(
        in_kitchen("#[cfg(test)]\n#[a]\nmod tests {\n use crate::attic::A; }\nuse crate::attic::B;"),
        ["5 `crate::attic`"]
    );
    assert_eq!(
        in_kitchen("struct S { #[cfg(test)] a: crate::attic::A, b: crate::attic::B }"),
        ["1 `crate::attic`"]
    );
    let tests =
        [("kitchen.rs", "#[cfg(test)]\nmod tests;\nmod test;"), ("kitchen/tests/a.rs", "use crate::attic;")];
    assert_eq!(wrong(&tests, &[]), [""; 0]);
    let no_tests = [("kitchen.rs", "mod tests;"), ("kitchen/tests/a.rs", "use crate::attic;")];
    assert_eq!(wrong(&no_tests, &[]).len(), 1);
}

#[test]
fn a_mistake_says_where_it_is_and_what_is_right() {
    assert_eq!(
        wrong(&[("cellar.rs", "\nuse crate::kitchen::Pan;"), ("study.rs", "use crate::kitchen::Pan;")], &[]),
        [
            "house/src/cellar.rs:2: `crate::kitchen`: `kitchen` is above it: `cellar` may import no other room",
            "house/src/study.rs:1: `crate::kitchen`: `kitchen` is beside it: `study` may import cellar",
        ]
    );
    assert!(wrong(&[("garage.rs", "")], &[])[0].contains("`garage` is on no floor"));
}

#[test]
fn an_arrow_up_is_allowed_while_it_is_there() {
    let allowed =
        read_up("# why\n\nhouse: cellar -> attic: the heat: it rises\nshed: a -> b: another house").unwrap();
    assert_eq!(wrong(&[("cellar.rs", "use crate::attic::Roof;")], &allowed), [""; 0]);
    let gone = wrong(&[("cellar.rs", ""), ("kitchen.rs", "use crate::attic::Roof;")], &allowed);
    assert_eq!(gone.len(), 2, "{gone:?}");
    assert!(
        gone[1].starts_with("tests/layers/up.txt: nothing in `house` runs from cellar up to attic"),
        "{gone:?}"
    );
    for line in ["house: cellar -> attic", "house: cellar to attic: heat", "house: cellar -> attic:  "] {
        assert!(read_up(line).is_err(), "{line}");
    }
}
