//! All watched paths, and the directories on their ways. It has no thread: its owner gives it the
//! events.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use notify::event::{ModifyKind, RenameMode};
use notify::{Event, EventKind, RecursiveMode, Watcher};

use crate::watch::files::changes::Teller;
use crate::watch::files::way::{Identity, Target, Way};
use crate::watch::messages::{FileChange, WatchFailure};

/// The number of a watched path.
pub(super) type Id = u64;

/// All watched paths. They share one instance of the system's watch, which exists while there is a
/// path.
pub(super) struct Eye<W> {
    open: Box<dyn FnMut() -> notify::Result<W> + Send>,
    system: Option<W>,
    watches: BTreeMap<Id, Watch>,
    /// The directories, by the paths under which they are looked at: no link is in these.
    dirs: BTreeMap<PathBuf, Dir>,
    /// The paths of the directories, by identity: the system knows a directory once, by whatever
    /// paths it is reached.
    known: HashMap<Identity, PathBuf>,
    /// Directories that perhaps no way goes through any more.
    idle: Vec<PathBuf>,
}

struct Watch {
    teller: Teller,
    path: PathBuf,
    way: Way,
    /// The directory at the end of the way: the one to which it leads, or in which its last entry
    /// stands.
    home: Option<(PathBuf, Identity)>,
}

/// The watches whose ways go through a directory, by the entries on the way; and the watches of all
/// its entries.
struct Dir {
    identity: Identity,
    by_name: BTreeMap<OsString, BTreeSet<Id>>,
    all: BTreeSet<Id>,
}

impl<W: Watcher> Eye<W> {
    pub(super) fn new(open: impl FnMut() -> notify::Result<W> + Send + 'static) -> Self {
        Self {
            open: Box::new(open),
            system: None,
            watches: BTreeMap::new(),
            dirs: BTreeMap::new(),
            known: HashMap::new(),
            idle: Vec::new(),
        }
    }

    /// Watches a path. From when the teller has told that it stands, no change is missed.
    pub(super) fn begin(&mut self, id: Id, teller: Teller) {
        let absolute = std::path::absolute(&*teller.watched).map_err(|error| WatchFailure::from(&error));
        let found = absolute.and_then(|path| {
            if self.system.is_none() {
                self.system = Some((self.open)().map_err(|error| WatchFailure::from(&error))?);
            }
            match self.walk(&path)? {
                Way { target: Target::Nothing { why, .. }, .. } => Err(why),
                way => Ok((path, way)),
            }
        });
        match found {
            Ok((path, way)) => {
                teller.stands();
                self.enter(id, Watch { teller, path, way, home: None });
            }
            Err(why) => teller.end(Some(&why)),
        }
        self.clear();
    }

    /// Stops watching a path.
    pub(super) fn end(&mut self, id: Id) {
        if let Some(watch) = self.watches.remove(&id) {
            self.leave(id, &watch);
            self.clear();
        }
    }

    /// Ends all watches, as it cannot look any more.
    pub(super) fn fail(&mut self, why: &WatchFailure) {
        self.watches.values().for_each(|watch| watch.teller.end(Some(why)));
        self.watches.clear();
        self.dirs.clear();
        self.clear();
    }

    /// Takes an event of the system.
    pub(super) fn see(&mut self, event: &notify::Result<Event>) {
        match event {
            Ok(event) if event.need_rescan() => self.miss(),
            Ok(event) => {
                for path in &event.paths {
                    if let Some(change) = change(event.kind, path) {
                        self.see_path(path, change);
                    }
                }
                self.clear();
            }
            Err(error) => self.fail(&error.into()),
        }
    }

    /// Looks at everything again, as some event was lost.
    pub(super) fn miss(&mut self) {
        self.forget(Path::new(""));
        let ids: Vec<Id> = self.watches.keys().copied().collect();
        for id in ids {
            self.watches[&id].teller.tell(FileChange::Missed);
            self.walk_again(id, None, None);
        }
        self.clear();
    }

    fn see_path(&mut self, path: &Path, change: FileChange) {
        let removed = (change == FileChange::Removed).then_some(path);
        // With a directory, its contents have gone, too.
        let mut again = removed.map_or_else(BTreeSet::new, |path| self.forget(path));
        let mut created = BTreeSet::new();
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name())
            && let Some(dir) = self.dirs.get(parent)
        {
            for watch in dir.all.iter().filter_map(|id| self.watches.get(id)) {
                let shown = Path::new(&*watch.teller.watched).join(name);
                watch.teller.tell_of(shown.to_string_lossy().into_owned().into(), change);
            }
            for id in dir.by_name.get(name).into_iter().flatten() {
                let Some(watch) = self.watches.get_mut(id) else { continue };
                match (change, watch.way.ends_at(path)) {
                    (FileChange::Created, true) => {
                        created.insert(*id);
                    }
                    (_, true) => {
                        watch.teller.tell(change);
                        if removed.is_some() {
                            watch.way.target = Target::removed();
                        }
                    }
                    (FileChange::Created | FileChange::Removed, false) => {
                        again.insert(*id);
                    }
                    _ => {}
                }
            }
        }
        created.into_iter().for_each(|id| self.walk_again(id, removed, Some(path)));
        again.into_iter().for_each(|id| self.walk_again(id, removed, None));
    }

    /// Walks the way again, which may lead elsewhere now. Something at the path `removed` was
    /// removed, or something new stands at the path `created`, which was the end of the way.
    fn walk_again(&mut self, id: Id, removed: Option<&Path>, created: Option<&Path>) {
        let Some(mut watch) = self.watches.remove(&id) else { return };
        self.leave(id, &watch);
        let way = match self.walk(&watch.path) {
            Ok(way) => way,
            Err(why) => return watch.teller.end(Some(&why)),
        };
        let (before, now) = (&watch.way.target, &way.target);
        let was_removed =
            removed.is_some_and(|path| watch.home.iter().any(|(home, _)| home.starts_with(path)));
        let news = match (before, now) {
            // It was there for a moment: the next event tells that it has gone.
            (_, Target::Nothing { .. }) if created.is_some_and(|path| way.ends_at(path)) => {
                Some(FileChange::Created)
            }
            (Target::Nothing { .. }, Target::Nothing { .. }) => None,
            (_, Target::Nothing { .. }) => Some(FileChange::Removed),
            // The file that stands there now is another one, even if the system gives it the number
            // of the old one.
            _ if was_removed || created.is_some() => Some(FileChange::Created),
            (before, now) => (!before.is(now)).then_some(FileChange::Created),
        };
        news.into_iter().for_each(|change| watch.teller.tell(change));
        if let Target::Nothing { in_place, why } = now
            && (was_removed || watch.is_homeless())
        {
            if let Target::Directory(..) = before {
                return watch.teller.end(None);
            }
            if !in_place {
                let text = "its directory is not there any more".into();
                return watch.teller.end(Some(&WatchFailure { text, ..why.clone() }));
            }
        }
        watch.way = way;
        self.enter(id, watch);
    }

    fn walk(&mut self, path: &Path) -> Result<Way, WatchFailure> {
        Way::walk(path, |dir| self.look(dir))
    }

    /// Looks at a directory. Gives the path under which it looks at it.
    fn look(&mut self, path: &Path) -> Result<PathBuf, WatchFailure> {
        if self.dirs.contains_key(path) {
            return Ok(path.to_owned());
        }
        let data = fs::symlink_metadata(path).map_err(|error| WatchFailure::from(&error))?;
        if let Some(known) = self.known.get(&Identity::of(path, &data)) {
            return Ok(known.clone());
        }
        let Some(system) = &mut self.system else {
            return Err(WatchFailure { kind: "Other".into(), text: "nothing is looked at".into() });
        };
        system.watch(path, RecursiveMode::NonRecursive).map_err(|error| WatchFailure::from(&error))?;
        // Another directory may be there by now.
        let data = fs::symlink_metadata(path).map_err(|error| WatchFailure::from(&error))?;
        let identity = Identity::of(path, &data);
        self.known.insert(identity.clone(), path.to_owned());
        self.idle.push(path.to_owned());
        let dir = Dir { identity, by_name: BTreeMap::new(), all: BTreeSet::new() };
        self.dirs.insert(path.to_owned(), dir);
        Ok(path.to_owned())
    }

    /// Stops looking at directories at and below this path. Gives the watches whose ways went
    /// through them.
    fn forget(&mut self, path: &Path) -> BTreeSet<Id> {
        let from = self.dirs.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        let below = from.take_while(|(dir, _)| dir.starts_with(path));
        let below: Vec<PathBuf> = below.map(|(dir, _)| dir.clone()).collect();
        let dirs = below.iter().filter_map(|dir| self.drop_dir(dir));
        dirs.flat_map(|dir| dir.by_name.into_values().flatten().chain(dir.all)).collect()
    }

    fn drop_dir(&mut self, path: &Path) -> Option<Dir> {
        let dir = self.dirs.remove(path)?;
        self.known.remove(&dir.identity);
        if let Some(system) = &mut self.system {
            // The system itself forgets a directory that does not exist any more.
            let _ = system.unwatch(path);
        }
        Some(dir)
    }

    fn enter(&mut self, id: Id, mut watch: Watch) {
        for (dir, name) in &watch.way.steps {
            if let Some(dir) = self.dirs.get_mut(dir) {
                dir.by_name.entry(name.clone()).or_default().insert(id);
            }
        }
        if let Target::Directory(path, _) = &watch.way.target
            && let Some(dir) = self.dirs.get_mut(path)
        {
            dir.all.insert(id);
        }
        let home = watch.way.directories().last().and_then(|path| self.dirs.get_key_value(path));
        watch.home = home.map(|(path, dir)| (path.clone(), dir.identity.clone()));
        self.watches.insert(id, watch);
    }

    fn leave(&mut self, id: Id, watch: &Watch) {
        for (dir, name) in &watch.way.steps {
            if let Some(dir) = self.dirs.get_mut(dir)
                && let Some(ids) = dir.by_name.get_mut(name)
            {
                ids.remove(&id);
                if ids.is_empty() {
                    dir.by_name.remove(name);
                }
            }
        }
        for path in watch.way.directories() {
            if let Some(dir) = self.dirs.get_mut(path) {
                dir.all.remove(&id);
                self.idle.push(path.clone());
            }
        }
    }

    /// Stops looking at directories that are on no way; and lets go of the system's instance when
    /// nothing is watched.
    fn clear(&mut self) {
        for path in std::mem::take(&mut self.idle) {
            if self.dirs.get(&path).is_some_and(|dir| dir.by_name.is_empty() && dir.all.is_empty()) {
                self.drop_dir(&path);
            }
        }
        if self.watches.is_empty() {
            self.dirs.clear();
            self.known.clear();
            self.system = None;
        }
    }
}

impl Watch {
    /// Whether the directory at the end of its way is not where it was.
    fn is_homeless(&self) -> bool {
        self.home.as_ref().is_none_or(|(path, before)| {
            let now = fs::symlink_metadata(path).map(|data| Identity::of(path, &data));
            now.ok().as_ref() != Some(before)
        })
    }
}

fn change(kind: EventKind, path: &Path) -> Option<FileChange> {
    match kind {
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
            Some(FileChange::Created)
        }
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            Some(FileChange::Removed)
        }
        // Each half of the renaming is told, too.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => None,
        // Some systems do not tell which half it is.
        EventKind::Modify(ModifyKind::Name(_)) => {
            Some(if path.symlink_metadata().is_ok() { FileChange::Created } else { FileChange::Removed })
        }
        EventKind::Modify(ModifyKind::Metadata(_)) | EventKind::Access(_) => None,
        EventKind::Modify(_) | EventKind::Any | EventKind::Other => Some(FileChange::Modified),
    }
}

#[cfg(test)]
mod tests;
