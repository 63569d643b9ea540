//! The clauses have the same names wherever they are listed.

use std::collections::BTreeSet;
use std::fs;

use syn::{Item, UseTree};

use super::names;

/// The items of a file of the crate `marketplace`.
fn items(file: &str) -> Vec<Item> {
    let path = format!("{}/../marketplace/src/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}")).items
}

fn clauses() -> BTreeSet<String> {
    let clauses: BTreeSet<_> = names().into_iter().map(String::from).collect();
    assert_eq!(clauses.len(), names().len(), "a clause is listed once");
    clauses
}

#[test]
fn each_clause_has_a_macro_with_its_documentation() {
    let defined: BTreeSet<_> = ["forms/clauses.rs", "forms/filters.rs"]
        .into_iter()
        .flat_map(items)
        .filter_map(|item| match item {
            Item::Macro(item) => item.ident.map(|name| name.to_string()),
            _ => None,
        })
        .filter(|name| !name.starts_with("__"))
        .collect();
    assert_eq!(defined, clauses());
}

#[test]
fn each_clause_is_in_the_prelude() {
    let prelude = items("lib.rs").into_iter().find_map(|item| match item {
        Item::Mod(item) if item.ident == "prelude" => item.content,
        _ => None,
    });
    let mut exported = BTreeSet::new();
    for item in prelude.expect("lib.rs has a prelude").1 {
        if let Item::Use(item) = item {
            leaves(&item.tree, &mut exported);
        }
    }
    let clause = |name: &String| name.starts_with("on_") || name.starts_with("match_");
    exported.retain(clause);
    assert_eq!(exported, clauses());
}

/// The names that a `use` brings.
fn leaves(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(name) => {
            names.insert(name.ident.to_string());
        }
        UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}
