//! From what an import says to what it means.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::sources::{has_text_name, library};

/// The meaning of an import.
pub(super) enum Found {
    File(PathBuf),
    /// The text of a module of the library.
    Library(String),
}

/// Finds what an import means in a file below the root. Both paths are real.
pub(super) fn resolve(root: &Path, from: &Path, specifier: &str) -> Result<Found, String> {
    if let Some(text) = library::module(specifier) {
        return Ok(Found::Library(text));
    }
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return Err("it is no file beside this one, and the library has no such module".into());
    }
    let path = joined(from.parent().unwrap_or(from), specifier);
    let text = path.as_os_str();
    let with = |end: &str| {
        let mut text = text.to_os_string();
        text.push(end);
        PathBuf::from(text)
    };
    let candidates = [path.clone(), with(".js"), path.join("index.js")];
    let found = candidates.into_iter().find(|path| path.is_file()).ok_or("there is no such file")?;
    let real = fs::canonicalize(found).map_err(|error| error.to_string())?;
    if !real.starts_with(root) {
        return Err("it is outside of what this vat may read".into());
    }
    if !has_text_name(&real, root) {
        return Err("the name of the file is not UTF-8".into());
    }
    Ok(Found::File(real))
}

fn joined(folder: &Path, specifier: &str) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in Path::new(specifier).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    path
}
