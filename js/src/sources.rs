//! Sources: the module of a vat, and what it imports.

mod imports;
mod library;
mod resolve;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use self::resolve::Found;
use crate::error::LoadError;
use crate::tildot::tildot;

/// A source that was read, with all that it imports: nothing is read later.
///
/// Modules are called by their paths below the root, so a program is the same wherever it lies.
#[derive(Clone, Debug)]
pub struct Program {
    name: String,
    entry: String,
    modules: BTreeMap<String, String>,
    /// The meaning of an import, by the module that has it.
    links: HashMap<(String, String), String>,
}

impl Program {
    /// Reads the source of the vat `name` at `path`, and what it imports.
    ///
    /// An import is a path of a file, which may be without its `.js`, or of a folder with an
    /// `index.js`, below `root`; or a module of the built-in library: `@agoric/harden`,
    /// `@agoric/nat`, `@agoric/eventual-send`, `@agoric/marshal`, `@endo/far`,
    /// `@endo/eventual-send`, `@endo/nat`, `@endo/harden`.
    ///
    /// # Errors
    /// If a file cannot be read, if an import means nothing else, or if `~.` is used wrongly.
    pub fn read(name: &str, path: &Path, root: &Path) -> Result<Self, LoadError> {
        let unreadable =
            |path: &Path, error| LoadError::Unreadable { vat: name.into(), path: path.into(), error };
        let root = fs::canonicalize(root).map_err(|error| unreadable(root, error))?;
        let path = fs::canonicalize(path).map_err(|error| unreadable(path, error))?;
        let entry = called(&path, &root);
        let mut program = Self { name: name.into(), entry, modules: BTreeMap::new(), links: HashMap::new() };
        let mut unread: Vec<PathBuf> = vec![path];
        while let Some(path) = unread.pop() {
            let module = called(&path, &root);
            if program.modules.contains_key(&module) {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            for import in imports::imports(&text) {
                let found = resolve::resolve(&root, &path, import.specifier);
                let id = match found {
                    Ok(Found::File(file)) => {
                        let id = called(&file, &root);
                        unread.push(file);
                        id
                    }
                    Ok(Found::Library(text)) => {
                        let id = format!("lib:{}", import.specifier);
                        program.modules.insert(id.clone(), text);
                        id
                    }
                    Err(why) => {
                        return Err(LoadError::Import {
                            vat: name.into(),
                            place: format!("{module}:{}", import.line),
                            specifier: import.specifier.into(),
                            why,
                        });
                    }
                };
                program.links.insert((module.clone(), import.specifier.into()), id);
            }
            let text = tildot(&text).map_err(|error| LoadError::Tildot {
                vat: name.into(),
                file: module.clone(),
                error,
            })?;
            program.modules.insert(module, text);
        }
        Ok(program)
    }

    /// A program of one text, which imports nothing.
    pub(crate) fn of_text(name: &str, text: &str) -> Self {
        let entry = format!("{name}.js");
        let modules = BTreeMap::from([(entry.clone(), text.to_string())]);
        Self { name: name.into(), entry, modules, links: HashMap::new() }
    }

    /// The name of the vat.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the module that is evaluated first.
    pub(crate) fn entry(&self) -> &str {
        &self.entry
    }

    /// The text of a module.
    pub(crate) fn module(&self, id: &str) -> Option<&str> {
        self.modules.get(id).map(String::as_str)
    }

    /// The module that an import means.
    pub(crate) fn link(&self, from: &str, specifier: &str) -> Option<&str> {
        self.links.get(&(from.into(), specifier.into())).map(String::as_str)
    }
}

/// The name of a file: its path below the root. Two files have different ones, if theirs are
/// [texts](has_text_name).
fn called(path: &Path, root: &Path) -> String {
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
    if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() }
}

/// Whether the path of a file below the root is a text.
fn has_text_name(path: &Path, root: &Path) -> bool {
    path.strip_prefix(root).unwrap_or(path).to_str().is_some()
}
