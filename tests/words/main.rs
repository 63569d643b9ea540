//! Comments and Markdown are at most [`WIDTH`] columns wide; a file has at most [`LINES`] lines.
//!
//! Exempt are rows of tables, which cannot be broken, and words that are longer than a line, such
//! as URLs. Code in fences may be [`CODE`] columns wide.

mod names;
mod starts;

use std::fs;
use std::path::{Path, PathBuf};

/// How many columns a line of prose has at most.
const WIDTH: usize = 100;

/// How many columns a line of code in a comment has at most: what rustfmt grants, 110, and the
/// comment's own mark with some indentation.
const CODE: usize = 120;

/// How many lines a source file has at most.
const LINES: usize = 500;

/// The columns that a line of prose may not pass, or `None` if it may be as long as it is.
fn bound(text: &str, in_fence: bool) -> Option<usize> {
    let text = text.trim_start();
    let one_word = !text.trim_start_matches(['-', ' ']).contains(' ');
    let link = text.starts_with('[') && text.contains("]: ");
    match in_fence {
        true => Some(CODE),
        false if text.starts_with('|') || link || one_word => None,
        false => Some(WIDTH),
    }
}

/// The prose of this line: all of a line of Markdown, the text of a comment in Rust.
fn prose(line: &str, markdown: bool) -> Option<&str> {
    if markdown {
        return Some(line);
    }
    let text = line.trim_start().strip_prefix("//")?;
    Some(text.trim_start_matches(['/', '!']))
}

/// The lines that are too wide: their numbers, from 1, and their columns.
fn too_wide(source: &str, markdown: bool) -> Vec<(usize, usize)> {
    let mut in_fence = false;
    let mut wide = Vec::new();
    for (number, line) in (1..).zip(source.lines()) {
        let Some(text) = prose(line, markdown) else {
            in_fence = false;
            continue;
        };
        if text.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        let columns = line.chars().count();
        if bound(text, in_fence).is_some_and(|bound| columns > bound) {
            wide.push((number, columns));
        }
    }
    wide
}

/// The files of Rust and Markdown below a directory, but for what is built or hidden.
fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn comments_and_markdown_fit() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut found = Vec::new();
    files(root, &mut found);
    assert!(found.len() > 300, "{} files are not all", found.len());
    let mut wrong = Vec::new();
    for path in found {
        let source = fs::read_to_string(&path).unwrap();
        let markdown = path.extension().is_some_and(|extension| extension == "md");
        let shown = path.strip_prefix(root).unwrap().display();
        wrong.extend(
            too_wide(&source, markdown)
                .into_iter()
                .map(|(line, columns)| format!("{shown}:{line}: {columns} columns")),
        );
    }
    assert!(wrong.is_empty(), "wider than {WIDTH} columns:\n{}", wrong.join("\n"));
}

#[test]
fn a_file_has_at_most_500_lines() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut found = Vec::new();
    files(root, &mut found);
    let sources =
        found.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let long: Vec<_> = sources
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|&(lines, _)| lines > LINES)
        .map(|(lines, path)| format!("{}: {lines}", path.strip_prefix(root).unwrap().display()))
        .collect();
    assert!(long.is_empty(), "more than {LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn what_is_too_wide_is_found() {
    let long = "word ".repeat(21);
    let rust = format!("/// {long}\nlet x = 1; // {long}\n/// ```\n/// {long}\n/// ```\n//! | {long} |\n");
    assert_eq!(too_wide(&rust, false), [(1, 109)]);
    assert_eq!(
        too_wide(&format!("{long}\n\n```\n{long}{long}\n```\n- https://{}\n", "x".repeat(99)), true),
        [(1, 105), (4, 210)]
    );
}
