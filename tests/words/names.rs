//! The processes of the library are named by symbols.

use std::fs;
use std::path::Path;

#[test]
fn the_librarys_processes_are_named_by_symbols() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut found = Vec::new();
    super::files(&root.join("captp/src"), &mut found);
    super::files(&root.join("drivers/src"), &mut found);
    super::files(&root.join("marketplace/src"), &mut found);
    let (mut by_symbols, mut by_texts) = (0, Vec::new());
    for path in found {
        let source = fs::read_to_string(&path).unwrap();
        for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
            by_symbols += usize::from(line.contains("name_process(Symbol::new("));
            if line.contains("name_process(\"") {
                by_texts.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(by_symbols > 10, "{by_symbols} are not all");
    assert!(by_texts.is_empty(), "{by_texts:#?}");
}
