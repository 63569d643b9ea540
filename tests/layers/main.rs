//! The map of ARCHITECTURE.md holds: in each crate, imports run down the floors.

mod check;
mod floors;
mod source;
mod unit;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::check::{mistakes, read_up};
use crate::floors::HOUSES;

/// The sources below a directory, by their path in it.
fn sources(src: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut directories = vec![src.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn imports_run_down() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let up = read_up(include_str!("up.txt")).unwrap();
    let mut wrong = Vec::new();
    for house in &HOUSES {
        let files = sources(&root.join(house.src));
        assert!(files.contains_key("lib.rs"), "{} is no crate", house.src);
        for room in house.floors.concat() {
            let is_there = files.contains_key(&format!("{room}.rs")) || room == "__private";
            assert!(is_there, "tests/layers/floors.rs: {} has no room `{room}`", house.src);
        }
        wrong.extend(mistakes(house, &files, &up));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
