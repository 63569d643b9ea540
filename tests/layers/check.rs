//! Whether the imports of a crate run down its floors.

use std::collections::{BTreeMap, BTreeSet};

use crate::floors::House;
use crate::source::{Code, Import};

/// An import that may run up, and why.
#[derive(Debug, PartialEq)]
pub(crate) struct Up {
    pub(crate) house: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// Reads `up.txt`.
pub(crate) fn read_up(text: &str) -> Result<Vec<Up>, String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let [house, arrow, reason] = &line.splitn(3, ": ").collect::<Vec<_>>()[..] else {
                return Err(format!("up.txt: `{line}` is not `crate: room -> room: reason`"));
            };
            let (from, to) =
                arrow.split_once(" -> ").ok_or(format!("up.txt: `{arrow}` is not `room -> room`"))?;
            if reason.trim().is_empty() {
                return Err(format!("up.txt: `{arrow}` has no reason"));
            }
            Ok(Up { house: house.to_string(), from: from.into(), to: to.into() })
        })
        .collect()
}

/// The mistakes in the imports of a crate: a line each. `files` are its sources, by their path in
/// its `src`.
pub(crate) fn mistakes(house: &House, files: &BTreeMap<String, String>, allowed: &[Up]) -> Vec<String> {
    let name = house.src.trim_end_matches("/src");
    let codes: BTreeMap<&str, Code> = files.iter().map(|(path, text)| (&**path, Code::new(text))).collect();
    let tests: Vec<String> = codes.iter().flat_map(|(path, code)| test_modules(path, code)).collect();
    let mut mistakes = Vec::new();
    let mut ups = BTreeSet::new();
    for (path, code) in &codes {
        let module = module(path);
        let is_test = |test: &String| {
            module == test || module.strip_prefix(&**test).is_some_and(|rest| rest.starts_with('/'))
        };
        if tests.iter().any(is_test) {
            continue;
        }
        let room = module.split('/').next().unwrap_or(module);
        let Some(floor) = house.floor(room) else {
            mistakes.push(format!(
                "{}/{path}:1: the room `{room}` is on no floor: give it one in tests/layers/floors.rs",
                house.src
            ));
            continue;
        };
        if house.is_top(floor) {
            continue;
        }
        for import in code.imports(house.roots, module.split('/').count()) {
            match to(house, room, floor, &import) {
                To::Allowed => {}
                To::Up(right) => {
                    let arrow = (room.to_string(), import.name.clone());
                    let is_allowed = |up: &Up| up.house == name && (&up.from, &up.to) == (&arrow.0, &arrow.1);
                    if allowed.iter().any(is_allowed) {
                        ups.insert(arrow);
                    } else {
                        mistakes.push(at(house, path, &import, &right));
                    }
                }
                To::Root(right) => {
                    mistakes.push(at(house, path, &import, &right));
                }
            }
        }
    }
    for up in allowed.iter().filter(|up| up.house == name) {
        if !ups.contains(&(up.from.clone(), up.to.clone())) {
            mistakes.push(format!(
                "tests/layers/up.txt: nothing in `{name}` runs from {} up to {} any more: take the line out",
                up.from, up.to
            ));
        }
    }
    mistakes
}

/// Where an import leads.
enum To {
    Allowed,
    /// Not down. This is right.
    Up(String),
    /// To a name that the root exports, which hides where it leads.
    Root(String),
}

fn to(house: &House, room: &str, floor: usize, import: &Import) -> To {
    if import.root.starts_with("super") {
        return To::Root(format!("say `crate::room::..` where a path leaves its room `{room}`"));
    }
    match house.floor(&import.name) {
        None => To::Root(format!(
            "say `crate::room::..`: the root's exports hide from which room `{}` is",
            import.name
        )),
        Some(_) if import.name == room => To::Allowed,
        Some(to) if to < floor => To::Allowed,
        Some(to) => {
            let way = if to == floor { "beside it" } else { "above it" };
            To::Up(format!("`{}` is {way}: `{room}` may import {}", import.name, house.below(floor)))
        }
    }
}

fn at(house: &House, path: &str, import: &Import, right: &str) -> String {
    format!("{}/{path}:{}: `{}::{}`: {right}", house.src, import.line, import.root, import.name)
}

/// The path of a file's module.
fn module(path: &str) -> &str {
    path.trim_end_matches(".rs")
}

/// The modules that this file compiles for tests only, as paths.
fn test_modules(path: &str, code: &Code) -> Vec<String> {
    let parent = if path == "lib.rs" { String::new() } else { format!("{}/", module(path)) };
    code.test_modules.iter().map(|name| format!("{parent}{name}")).collect()
}
