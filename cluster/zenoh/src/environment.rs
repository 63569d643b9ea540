//! The part of a machine in a cluster, as the environment of its program says.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use marketplace::Text;
use marketplace_cluster::{Config, ConfigError};

#[cfg(feature = "tls")]
use crate::certificates::Certificates;
use crate::error::ZenohError;
use crate::list;
use crate::machine::Zenoh;

const LIST: &str = "MARKETPLACE_CLUSTER";
const NAME: &str = "MARKETPLACE_NAME";
const LISTEN: &str = "MARKETPLACE_LISTEN";
const NET: &str = "MARKETPLACE_NET";
const ROUTERS: &str = "MARKETPLACE_ROUTERS";
const AUTHORITY: &str = "MARKETPLACE_AUTHORITY";
const CERTIFICATE: &str = "MARKETPLACE_CERTIFICATE";
const KEY: &str = "MARKETPLACE_KEY";

/// The part of this machine in a cluster over Zenoh, as variables of the environment say:
///
/// | variable | says |
/// |---|---|
/// | `MARKETPLACE_CLUSTER` | the file with the list of all machines, this one too: [`Zenoh::list`] |
/// | `MARKETPLACE_NAME` | which of them this is |
/// | `MARKETPLACE_LISTEN` | where to listen, such as `0.0.0.0:7000`, if not at its address in the list |
/// | `MARKETPLACE_NET` | the name of the network, if it is not `cluster` |
/// | `MARKETPLACE_ROUTERS` | the addresses of routers, with commas between; the list may be missing then |
/// | `MARKETPLACE_AUTHORITY` | with certificates: the file with that of the authority |
/// | `MARKETPLACE_CERTIFICATE` | the file with that of this machine |
/// | `MARKETPLACE_KEY` | the file with the key that belongs to it |
///
/// The first three say the same to [`marketplace_cluster::from_env`], but a list has no keys here.
///
/// ```no_run
/// use marketplace_cluster_zenoh as zenoh;
///
/// let config = zenoh::from_env()?;
/// # Ok::<(), zenoh::ZenohError>(())
/// ```
///
/// # Errors
/// If a variable is missing, a file cannot be read, this machine is not in the list, it cannot
/// listen, or for the causes of [`Zenoh::config`].
pub fn from_env() -> Result<Config, ZenohError> {
    from(|variable| std::env::var_os(variable).filter(|value| !value.is_empty()))
}

fn from(variable: impl Fn(&'static str) -> Option<OsString>) -> Result<Config, ZenohError> {
    let needed = |name, says| variable(name).ok_or(ConfigError::Unset { variable: name, says });
    let text = |name| match variable(name).map(OsString::into_string) {
        Some(Err(_)) => Err(ConfigError::Unset { variable: name, says: "text, in UTF-8" }),
        value => Ok(value.and_then(Result::ok)),
    };
    let routers = text(ROUTERS)?;
    let list = match (variable(LIST), &routers) {
        (None, Some(_)) => None,
        (None, None) => Some(needed(LIST, "the file with the list of all machines")?),
        (list, _) => list,
    };
    needed(NAME, "which machine of the list this is")?;
    let name = Text::from(text(NAME)?.unwrap_or_default());
    let mut machine = Zenoh::new(name.clone());
    if let Some(net) = text(NET)? {
        machine = machine.net(net);
    }
    for router in routers.iter().flat_map(|routers| routers.split(',')) {
        machine = machine.through(router.trim());
    }
    let mut at = text(LISTEN)?;
    if let Some(list) = list {
        let path = Path::new(&list);
        let shown = path.display().to_string();
        let list = fs::read_to_string(path)
            .map_err(|error| ConfigError::List { list: shown.clone(), why: error.to_string() })?;
        let list = list::read(&shown, &list)?;
        let Some(own) = list.get(&name) else {
            let known = list.keys().map(|name| &**name).collect::<Vec<_>>().join(", ");
            return Err(ConfigError::NotListed { name, list: shown, known }.into());
        };
        if at.is_none() && routers.is_none() {
            at.clone_from(own);
        }
        machine = machine.listed(list);
    }
    let files = [
        (AUTHORITY, "the file with the certificate of the authority"),
        (CERTIFICATE, "the file with the certificate of this machine"),
        (KEY, "the file with the key that belongs to the certificate"),
    ];
    if files.iter().any(|(name, _)| variable(name).is_some()) {
        let [authority, certificate, key] = files.map(|(name, says)| needed(name, says));
        machine = prove(machine, [authority?, certificate?, key?])?;
    }
    // A list that is wrong is told before a port is in use.
    machine.check()?;
    match at {
        Some(at) => machine.listen(at)?.config(),
        None => machine.config(),
    }
}

#[cfg(feature = "tls")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature, it is an error")]
fn prove(machine: Zenoh, files: [OsString; 3]) -> Result<Zenoh, ZenohError> {
    let [authority, certificate, key] = files.map(Into::into);
    Ok(machine.certificates(Certificates { authority, certificate, key }))
}

#[cfg(not(feature = "tls"))]
fn prove(_: Zenoh, _: [OsString; 3]) -> Result<Zenoh, ZenohError> {
    Err(ZenohError::NoTls)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A list in a file.
    struct File(PathBuf);

    impl File {
        fn new(list: &str) -> Self {
            use std::hash::{BuildHasher, Hasher, RandomState};
            let number = RandomState::new().build_hasher().finish();
            let path = std::env::temp_dir().join(format!("marketplace-zenoh-list-{number:x}"));
            fs::write(&path, list).unwrap();
            Self(path)
        }

        /// The config by these variables, of which the list's is one.
        fn config(&self, variables: &[(&str, &str)]) -> Result<Config, ZenohError> {
            let list = self.0.display().to_string();
            config(&[variables, &[(LIST, &list)]].concat())
        }

        fn error(&self, variables: &[(&str, &str)]) -> String {
            self.config(variables).err().unwrap().to_string()
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn config(variables: &[(&str, &str)]) -> Result<Config, ZenohError> {
        from(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn c11_the_environment_says_which_machine_of_the_list_this_is() {
        let file = File::new("ann 127.0.0.1:0\nbob 127.0.0.1:7002\n");
        assert_eq!(&**file.config(&[(NAME, "ann")]).unwrap().name(), "ann");
        assert!(file.config(&[(NAME, "bob"), (LISTEN, "127.0.0.1:0"), (NET, "ours")]).is_ok());
        let why = file.error(&[(NAME, "ann"), (LISTEN, "127.0.0.1")]);
        assert!(why.starts_with("cannot listen at 127.0.0.1: "), "{why}");
    }

    #[test]
    fn c11_what_is_missing_in_the_environment_is_told() {
        let why = config(&[]).err().unwrap().to_string();
        assert_eq!(why, "MARKETPLACE_CLUSTER is not set: it is the file with the list of all machines");
        let file = File::new("ann 127.0.0.1:0\nbob 127.0.0.1:7002\n");
        assert_eq!(file.error(&[]), "MARKETPLACE_NAME is not set: it is which machine of the list this is");
        let list = file.0.display().to_string();
        assert_eq!(file.error(&[(NAME, "eve")]), format!("`eve` is not in {list}, which has ann, bob"));
        fs::write(&file.0, "ann\n").unwrap();
        assert_eq!(file.error(&[(NAME, "ann")]), format!("{list}, line 1: a line is a name and an address"));
        fs::remove_file(&file.0).unwrap();
        assert!(file.error(&[(NAME, "ann")]).starts_with(&format!("the list {list} cannot be read: ")));
    }

    #[test]
    fn c11_a_machine_that_goes_through_routers_needs_no_list_and_does_not_listen() {
        assert!(config(&[(NAME, "ann"), (ROUTERS, "127.0.0.1:1, 127.0.0.1:2")]).is_ok());
        let file = File::new("ann 127.0.0.1:0\nbob 127.0.0.1:7002\n");
        assert!(file.config(&[(NAME, "ann"), (ROUTERS, "127.0.0.1:1")]).is_ok());
        let why = file.error(&[(NAME, "ann"), (ROUTERS, "127.0.0.1:1"), (LISTEN, "127.0.0.1:0")]);
        assert!(why.starts_with("this machine goes through routers, and listens at 127.0.0.1:"), "{why}");
        let why = file.error(&[(NAME, "ann"), (ROUTERS, "127.0.0.1:1,")]);
        assert_eq!(why, "`` is no address: that is a host and a port");
    }

    #[cfg(feature = "tls")]
    #[test]
    fn c11_of_three_files_none_is_missing() {
        let file = File::new("ann 192.0.2.7:7\n");
        let why = file.error(&[(NAME, "ann"), (KEY, "ann.key"), (AUTHORITY, "none.pem")]);
        assert_eq!(
            why,
            "MARKETPLACE_CERTIFICATE is not set: it is the file with the certificate of this machine"
        );
        let files = [(NAME, "ann"), (KEY, "ann.key"), (AUTHORITY, "none.pem"), (CERTIFICATE, "ann.pem")];
        assert!(file.error(&files).starts_with("none.pem cannot be read: "));
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn c11_certificates_want_a_program_that_has_tls() {
        let file = File::new("ann 127.0.0.1:0\n");
        let files = [(NAME, "ann"), (KEY, "ann.key"), (AUTHORITY, "ca.pem"), (CERTIFICATE, "ann.pem")];
        let why = "there are certificates, and this program was built without the feature `tls`";
        assert_eq!(file.error(&files), why);
    }
}
