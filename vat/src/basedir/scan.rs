//! Finds the sources in a folder.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::basedir::{BOOTSTRAP, Basedir, BasedirError, Recipe};

/// The thing for which a name in the folder stands.
enum Found<'n> {
    Vat(&'n str),
    Bootstrap,
    Leftover,
    Other,
}

pub(super) fn scan(dir: &Path) -> Result<Basedir, BasedirError> {
    let unreadable = |source: std::io::Error| BasedirError::Unreadable {
        dir: dir.to_path_buf(),
        source: Arc::new(source),
    };
    let entries = fs::read_dir(dir).map_err(unreadable)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.sort();

    let mut basedir = Basedir::new().root(dir);
    basedir.dir = dir.to_path_buf();
    for path in paths {
        let index = path.join("index.js");
        let (is_folder, source) = if index.is_file() { (true, &index) } else { (false, &path) };
        let file = path.file_name().and_then(|name| name.to_str());
        match file.map_or(Found::Other, |file| look(file, is_folder, path.is_file())) {
            Found::Leftover => {}
            Found::Other => basedir.ignored.push(path),
            Found::Bootstrap => basedir.add(BOOTSTRAP.into(), Recipe::Source(path)),
            Found::Vat("") => return Err(BasedirError::Nameless { path: source.clone() }),
            Found::Vat(BOOTSTRAP) => return Err(BasedirError::Reserved { path: source.clone() }),
            Found::Vat(name) => basedir.add(name.into(), Recipe::Source(source.clone())),
        }
    }
    match basedir.twice.take() {
        Some(twice) => Err(twice),
        None => Ok(basedir),
    }
}

fn look(file: &str, is_folder: bool, is_file: bool) -> Found<'_> {
    if file.ends_with('~') {
        return Found::Leftover;
    }
    if file == "bootstrap.js" && is_file {
        return Found::Bootstrap;
    }
    match file.strip_prefix("vat-") {
        Some(name) if is_folder => Found::Vat(name),
        Some(name) if is_file => name.strip_suffix(".js").map_or(Found::Other, Found::Vat),
        _ => Found::Other,
    }
}
