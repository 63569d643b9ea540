//! The part of a machine in a cluster, as the environment of its program says.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use marketplace::Text;

use crate::config::{Config, ConfigError};
use crate::links::{Links, list};

/// The file with the list, the name of this machine, where it listens, and the file with its key.
const LIST: &str = "MARKETPLACE_CLUSTER";
const NAME: &str = "MARKETPLACE_NAME";
const LISTEN: &str = "MARKETPLACE_LISTEN";
const KEY: &str = "MARKETPLACE_KEY";

/// The part of this machine in a cluster with [`Links`], as variables of the environment say:
///
/// | variable | says |
/// |---|---|
/// | `MARKETPLACE_CLUSTER` | the file with the list of all machines, this one too: [`Links::list`] |
/// | `MARKETPLACE_NAME` | which of them this is |
/// | `MARKETPLACE_KEY` | if the list has keys, the file with the key of this one: see `key_file` |
/// | `MARKETPLACE_LISTEN` | where to listen, such as `0.0.0.0:7000`, if not at its address in the list |
///
/// ```no_run
/// use marketplace::prelude::*;
/// use marketplace_cluster as cluster;
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let config = cluster::from_env()?.share(topic!(("said", _, _)));
///     Ok(ground_vm!(cluster::join(config, spawn!(transition_no_state!(publisher!(("said", _, _))))))?)
/// }
/// ```
///
/// # Errors
/// If a variable is missing, the list or the key cannot be read, this machine is not in the list,
/// it cannot listen, or for the causes of [`Links::config`].
pub fn from_env() -> Result<Config, ConfigError> {
    from(|variable| std::env::var_os(variable).filter(|value| !value.is_empty()))
}

pub(super) fn from(variable: impl Fn(&'static str) -> Option<OsString>) -> Result<Config, ConfigError> {
    let needed = |name, says| variable(name).ok_or(ConfigError::Unset { variable: name, says });
    let text = |name, value: OsString| {
        value.into_string().map_err(|_| ConfigError::Unset { variable: name, says: "text, in UTF-8" })
    };
    let path = needed(LIST, "the file with the list of all machines")?;
    let name = Text::from(text(NAME, needed(NAME, "which machine of the list this is")?)?);
    let path = Path::new(&path);
    let shown = path.display().to_string();
    let list = fs::read_to_string(path)
        .map_err(|error| ConfigError::List { list: shown.clone(), why: error.to_string() })?;
    let list = list::read_list(&shown, &list)?;
    let Some(own) = list.get(&name) else {
        let known = list.keys().map(|name| &**name).collect::<Vec<_>>().join(", ");
        return Err(ConfigError::NotListed { name, list: shown, known });
    };
    let at = match variable(LISTEN) {
        Some(at) => Some(text(LISTEN, at)?),
        None => own.address.clone(),
    };
    let has_keys = list.values().any(|listed| listed.key.is_some());
    let links = Links { list, ..Links::new(name) };
    let links = match variable(KEY) {
        Some(key) => with_key(links, Path::new(&key))?,
        None if has_keys && cfg!(feature = "tls") => {
            let says = "the file with the key of this machine, since the list has keys";
            return Err(ConfigError::Unset { variable: KEY, says });
        }
        None => links,
    };
    // A list that is wrong is told before a port is in use.
    links.check()?;
    match at {
        Some(at) => links.listen(at)?.config(),
        None => links.config(),
    }
}

#[cfg(feature = "tls")]
fn with_key(links: Links, path: &Path) -> Result<Links, ConfigError> {
    let key = marketplace_captp::transport::tls::key_file(path);
    key.map(|key| links.key(key)).map_err(|error| ConfigError::KeyFile(error.to_string()))
}

#[cfg(not(feature = "tls"))]
fn with_key(_: Links, _: &Path) -> Result<Links, ConfigError> {
    Err(ConfigError::NoTls)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder with a list.
    struct Folder(PathBuf);

    impl Folder {
        fn new(list: &str) -> Self {
            use std::hash::{BuildHasher, Hasher, RandomState};
            let number = RandomState::new().build_hasher().finish();
            let path = std::env::temp_dir().join(format!("marketplace-cluster-{number:x}"));
            fs::create_dir(&path).unwrap();
            fs::write(path.join("list"), list).unwrap();
            Self(path)
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).display().to_string()
        }

        /// The config by these variables, of which the list's is one.
        fn config(&self, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
            let known = |name| variables.iter().find(|(known, _)| *known == name);
            from(|name| match name {
                LIST => Some(self.path("list").into()),
                name => known(name).map(|(_, value)| value.into()),
            })
        }

        fn error(&self, variables: &[(&str, &str)]) -> String {
            self.config(variables).err().unwrap().to_string()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn c11_the_environment_says_which_machine_of_the_list_this_is() {
        let folder = Folder::new("ann 127.0.0.1:0\nbob 127.0.0.1:7002\n");
        let config = folder.config(&[(NAME, "ann")]).unwrap();
        assert_eq!(&**config.name(), "ann");
        assert_eq!(config.peers.iter().map(|name| &**name).collect::<Vec<_>>(), ["ann", "bob"]);
    }

    #[test]
    fn c11_what_is_missing_in_the_environment_is_told() {
        let why = from(|_| None).err().unwrap().to_string();
        assert_eq!(why, "MARKETPLACE_CLUSTER is not set: it is the file with the list of all machines");
        let folder = Folder::new("ann 127.0.0.1:0\nbob 127.0.0.1:7002\n");
        assert_eq!(folder.error(&[]), "MARKETPLACE_NAME is not set: it is which machine of the list this is");
        let list = folder.path("list");
        assert_eq!(folder.error(&[(NAME, "eve")]), format!("`eve` is not in {list}, which has ann, bob"));
        fs::remove_file(&list).unwrap();
        assert!(folder.error(&[(NAME, "ann")]).starts_with(&format!("the list {list} cannot be read: ")));
    }

    #[test]
    fn c11_where_to_listen_can_be_said_apart() {
        let folder = Folder::new("ann 127.0.0.1:7001\nbob 127.0.0.1:7002\n");
        assert!(folder.config(&[(NAME, "ann"), (LISTEN, "127.0.0.1:0")]).is_ok());
        let why = folder.error(&[(NAME, "ann"), (LISTEN, "127.0.0.1")]);
        assert!(why.starts_with("cannot listen at 127.0.0.1: "), "{why}");
    }

    #[cfg(feature = "tls")]
    #[test]
    fn c11_a_list_with_keys_wants_the_key_of_this_machine() {
        use marketplace_captp::transport::tls::{Key, key_file};

        let bob = Key::of_seed(&[7; 32]).designator();
        let folder = Folder::new("");
        let key = folder.path("ann.key");
        let list = |ann: &str| {
            fs::write(folder.path("list"), format!("ann - {ann}\nbob 192.0.2.7:7 {bob}\n")).unwrap()
        };
        list("");
        let why = folder.error(&[(NAME, "ann")]);
        assert!(why.starts_with("MARKETPLACE_KEY is not set: it is the file"), "{why}");
        // The key is made, and the error says what belongs into the list.
        let why = folder.error(&[(NAME, "ann"), (KEY, &key)]);
        let ann = key_file(&key).unwrap().designator();
        assert_eq!(why, format!("the list has no key for ann; this machine, ann, has the key {ann}"));
        list(&bob);
        let why = folder.error(&[(NAME, "ann"), (KEY, &key)]);
        assert_eq!(why, format!("the key of ann is {ann}, and the list has {bob}"));
        list(&ann);
        assert!(folder.config(&[(NAME, "ann"), (KEY, &key)]).is_ok());
        fs::write(folder.path("list"), format!("ann - {ann}\nbob 192.0.2.7:7\n")).unwrap();
        let why = folder.error(&[(NAME, "ann"), (KEY, &key)]);
        assert_eq!(why, format!("the list has no key for bob; this machine, ann, has the key {ann}"));
        fs::write(folder.path("list"), format!("ann - {ann}\nbob 192.0.2.7:7 bobs\n")).unwrap();
        let why = folder.error(&[(NAME, "ann"), (KEY, &key)]);
        assert!(why.starts_with("the key of bob: `bobs` is no name of a peer"), "{why}");
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn c11_a_list_with_keys_wants_a_program_that_has_tls() {
        let folder = Folder::new("ann 127.0.0.1:0 k\nbob 127.0.0.1:7 k\n");
        for variables in [&[(NAME, "ann")][..], &[(NAME, "ann"), (KEY, "ann.key")]] {
            let why = folder.error(variables);
            assert_eq!(why, "machines have keys, and this program was built without the feature `tls`");
        }
    }
}
