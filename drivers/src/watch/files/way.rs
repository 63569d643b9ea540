//! Where a path leads: from directory to directory, through links.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::watch::messages::WatchFailure;

/// More links than this are taken for a loop, as by the system.
const LINKS: usize = 40;

/// The way from the root to the file or directory at the end of a path.
#[derive(Debug)]
pub(super) struct Way {
    /// The entries on the way, in order: a directory, by the path under which it is looked at, and
    /// a name in it.
    pub(super) steps: Vec<(PathBuf, OsString)>,
    pub(super) target: Target,
}

/// The end of a way.
#[derive(Debug)]
pub(super) enum Target {
    File(Identity),
    /// By the path under which it is looked at.
    Directory(PathBuf, Identity),
    /// The last entry of the way does not exist. `in_place`: nothing else is wrong, its directory
    /// exists.
    Nothing {
        in_place: bool,
        why: WatchFailure,
    },
}

/// The identity of a file or directory: another one in its place, or one elsewhere, has another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity(imp::Identity);

impl Identity {
    pub(super) fn of(path: &Path, data: &Metadata) -> Self {
        Self(imp::identity(path, data))
    }
}

#[cfg(unix)]
mod imp {
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// The device, and the number on it.
    pub(super) type Identity = (u64, u64);

    pub(super) fn identity(_: &Path, data: &Metadata) -> Identity {
        (data.dev(), data.ino())
    }
}

#[cfg(not(unix))]
mod imp {
    use std::fs::Metadata;
    use std::path::{Path, PathBuf};
    use std::time::SystemTime;

    pub(super) type Identity = (PathBuf, Option<SystemTime>);

    pub(super) fn identity(path: &Path, data: &Metadata) -> Identity {
        (path.to_owned(), data.created().ok())
    }
}

impl Way {
    /// Walks from an absolute path to its end. Each directory is looked at, and then looked into:
    /// so a later change in it is seen.
    ///
    /// `look` gives the path under which it looks at a directory. A directory that it may not look
    /// at can be on the way, as long as the next step is a directory and no link: changes of that
    /// one are seen there.
    pub(super) fn walk(
        path: &Path,
        mut look: impl FnMut(&Path) -> Result<PathBuf, WatchFailure>,
    ) -> Result<Self, WatchFailure> {
        let (mut rest, mut dir) = (Vec::new(), PathBuf::new());
        enter(path, &mut dir, &mut rest);
        let (mut steps, mut links) = (Vec::new(), 0);
        while let Some(part) = rest.pop() {
            let Some(name) = part else {
                dir.pop();
                continue;
            };
            let place = dir.join(&name);
            let seen = look(&dir);
            let found = fs::symlink_metadata(&place);
            if let (Err(why), Ok(data)) = (&seen, &found)
                && why.kind == "PermissionDenied".into()
                && data.is_dir()
            {
                dir = place;
                continue;
            }
            let nothing =
                |steps, why| Ok(Self { steps, target: Target::Nothing { in_place: rest.is_empty(), why } });
            match seen {
                Ok(seen) => steps.push((seen, name)),
                Err(why) if is_missing(&why) => return nothing(steps, why),
                Err(why) => return Err(why),
            }
            let data = match found {
                Ok(data) => data,
                Err(error) if is_missing(&(&error).into()) => return nothing(steps, (&error).into()),
                Err(error) => return Err((&error).into()),
            };
            if data.is_dir() {
                dir = place;
            } else if data.is_symlink() {
                links += 1;
                if links > LINKS {
                    let text = "too many links lead to each other".into();
                    return Err(WatchFailure { kind: "FilesystemLoop".into(), text });
                }
                match fs::read_link(&place) {
                    Ok(target) => enter(&target, &mut dir, &mut rest),
                    // Another program was faster, and that is seen.
                    Err(error) => return nothing(steps, (&error).into()),
                }
            } else if rest.is_empty() {
                return Ok(Self { steps, target: Target::File(Identity::of(&place, &data)) });
            } else {
                return nothing(steps, (&io::Error::from(io::ErrorKind::NotADirectory)).into());
            }
        }
        let seen = look(&dir)?;
        let data = fs::symlink_metadata(&dir).map_err(|error| WatchFailure::from(&error))?;
        Ok(Self { steps, target: Target::Directory(seen, Identity::of(&dir, &data)) })
    }

    /// Whether the entry of this path is the end of the way: a file is there, or would be.
    pub(super) fn ends_at(&self, path: &Path) -> bool {
        let is_file = match &self.target {
            Target::File(_) => true,
            Target::Directory(..) => false,
            Target::Nothing { in_place, .. } => *in_place,
        };
        let here = |(dir, name): &(PathBuf, OsString)| {
            path.parent() == Some(dir.as_path()) && path.file_name() == Some(name.as_os_str())
        };
        is_file && self.steps.last().is_some_and(here)
    }

    /// The directories on the way, in order.
    pub(super) fn directories(&self) -> impl Iterator<Item = &PathBuf> {
        let own = match &self.target {
            Target::Directory(path, _) => Some(path),
            _ => None,
        };
        self.steps.iter().map(|(dir, _)| dir).chain(own)
    }
}

impl Target {
    /// The end of a way whose file is removed.
    pub(super) fn removed() -> Self {
        Self::Nothing { in_place: true, why: (&io::Error::from(io::ErrorKind::NotFound)).into() }
    }

    /// Whether it is the very same file or directory.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(this), Self::File(that)) | (Self::Directory(_, this), Self::Directory(_, that)) => {
                this == that
            }
            _ => false,
        }
    }
}

/// The steps that are left, the next last: names, and steps up.
type Rest = Vec<Option<OsString>>;

/// Goes on by this path, from this directory or from a root.
fn enter(path: &Path, dir: &mut PathBuf, rest: &mut Rest) {
    let (mut root, mut parts) = (PathBuf::new(), Vec::new());
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component.as_os_str()),
            Component::CurDir => {}
            Component::ParentDir => parts.push(None),
            Component::Normal(name) => parts.push(Some(name.to_owned())),
        }
    }
    if root.has_root() {
        *dir = root;
    }
    rest.extend(parts.into_iter().rev());
}

pub(super) fn is_missing(why: &WatchFailure) -> bool {
    ["NotFound", "NotADirectory"].iter().any(|kind| why.kind == (*kind).into())
}
