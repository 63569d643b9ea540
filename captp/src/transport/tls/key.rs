//! The key of a peer, and the file in which it is kept.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

use crate::value::Secret;
use crate::wire::{Keys, PublicKey, base32};

/// Stands before the 32 bytes of a public key of ed25519 (RFC 8410).
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
/// Stands before the 32 bytes of a private one.
const PRIVATE: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// Begins a file with a key. Behind it are 52 letters and digits, and the end of the line.
const BEGINNING: &str = "marketplace-captp-key ";

/// The key of a peer: whoever has it is that peer. `{:?}` shows its public half.
#[derive(Clone)]
pub struct Key {
    public: [u8; 32],
    /// The secret of which swiss numbers are made. Nobody else knows it.
    secret: [u8; 32],
    certified: Arc<CertifiedKey>,
}

/// Why there is no key in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key file {} cannot be read: {source}", path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// There was no file, and none can be made.
    #[error("the key file {} cannot be made: {source}", path.display())]
    Write {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Others than its owner can read or write it.
    #[error("the key file {} is not for its owner alone: its mode is {mode:03o}; `chmod 600` it, or make a new key if somebody may have read it", path.display())]
    Exposed {
        /// Its path.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// There is something else in it.
    #[error("the file {} has no key in it: it should be `{BEGINNING}` and 52 letters and digits", path.display())]
    NoKey {
        /// Its path.
        path: PathBuf,
    },
    /// The operating system has no random numbers for a new key.
    #[error("there are no random numbers for a key: {0}")]
    NoRandom(String),
}

/// The key in this file. If there is no such file, it is made, with a new key, for its owner alone
/// (mode 0600).
///
/// # Errors
/// If the file cannot be read or made, if others than its owner can read or write it, or if there
/// is something else in it.
pub fn key_file(path: impl AsRef<Path>) -> Result<Key, KeyError> {
    let path = path.as_ref();
    match File::open(path) {
        Ok(file) => read_key(file, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(source) => Err(KeyError::Read { path: path.into(), source }),
    }
}

fn read_key(file: File, path: &Path) -> Result<Key, KeyError> {
    let unreadable = |source| KeyError::Read { path: path.into(), source };
    let mode = mode_of(&file).map_err(unreadable)?;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.into(), mode });
    }
    let mut text = Vec::new();
    file.take(1000).read_to_end(&mut text).map_err(unreadable)?;
    let seed = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| base32::decode(text.strip_prefix(BEGINNING)?.trim_end()));
    seed.map(|seed| Key::of_seed(&seed)).ok_or_else(|| KeyError::NoKey { path: path.into() })
}

/// Makes the file whole, and only then under its name: of two programs that do this at once, both
/// get the key of one.
fn make(path: &Path) -> Result<Key, KeyError> {
    let [seed, name] = [fresh()?, fresh()?];
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", &base32::encode(&name)[..8]));
    let draft = PathBuf::from(draft);
    let made = write(&draft, &format!("{BEGINNING}{}\n", base32::encode(&seed)));
    let made = made.and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    match made {
        Ok(()) => Ok(Key::of_seed(&seed)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = File::open(path).map_err(|source| KeyError::Read { path: path.into(), source })?;
            read_key(file, path)
        }
        Err(source) => Err(KeyError::Write { path: path.into(), source }),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn mode_of(file: &File) -> io::Result<u32> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o777)
}

/// Where files have no modes, their place has to protect them.
#[cfg(not(unix))]
fn mode_of(_: &File) -> io::Result<u32> {
    Ok(0o600)
}

fn fresh() -> Result<[u8; 32], KeyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| KeyError::NoRandom(error.to_string()))?;
    Ok(seed)
}

impl Key {
    /// A new key, which is kept nowhere.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub fn fresh() -> Result<Self, KeyError> {
        fresh().map(|seed| Self::of_seed(&seed))
    }

    /// The key of this seed, which has to be random and secret.
    #[must_use]
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        let public = Keys::of_seed(seed).public().0;
        let private = PrivatePkcs8KeyDer::from([&PRIVATE[..], seed].concat());
        let signs = any_eddsa_type(&private).expect("32 bytes are a private key of ed25519");
        let shown = CertificateDer::from([&PUBLIC[..], &public].concat());
        let secret = Sha256::new().chain_update(b"marketplace-captp swiss").chain_update(seed).finalize();
        Self { public, secret: secret.into(), certified: Arc::new(CertifiedKey::new(vec![shown], signs)) }
    }

    /// The name of the peer that has it: the public half, as 52 letters and digits.
    #[must_use]
    pub fn designator(&self) -> String {
        designator_of(&self.public)
    }

    /// A swiss number for what is published under this name, for `publish_as`: always the same, and
    /// nobody can guess it who has not got the key. So an address outlives the program.
    #[must_use]
    pub fn swiss(&self, name: &str) -> Secret {
        let number = Sha256::new().chain_update(self.secret).chain_update(name).finalize();
        Secret::from(&*base32::encode(&number))
    }

    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        self.certified.clone()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.designator()).finish()
    }
}

pub(super) fn designator_of(public: &[u8; 32]) -> String {
    base32::encode(public)
}

/// The public key that a designator says.
pub(super) fn key_of(designator: &str) -> Result<[u8; 32], String> {
    let key = base32::decode(designator).filter(|key| PublicKey(*key).is_sound());
    key.ok_or_else(|| {
        format!("`{designator}` is no name of a peer: that is a key, 52 small letters and digits")
    })
}

/// The key that the other side shows.
pub(super) fn key_shown(shown: &CertificateDer<'_>) -> Option<[u8; 32]> {
    let key: [u8; 32] = shown.as_ref().strip_prefix(&PUBLIC)?.try_into().ok()?;
    PublicKey(key).is_sound().then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k11_a_weak_key_is_no_name_of_a_peer() {
        let good = Key::of_seed(&[7; 32]);
        assert_eq!(key_of(&good.designator()), Ok(good.public));
        // The neutral element, in its spelling and in another one; a point of low order.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut other = [0xff; 32];
        (other[0], other[31]) = (0xee, 0x7f);
        for weak in [neutral, other, [0; 32]] {
            assert!(key_of(&base32::encode(&weak)).is_err());
            assert_eq!(key_shown(&CertificateDer::from([&PUBLIC[..], &weak].concat())), None);
        }
        assert!(key_of(&good.designator().to_uppercase()).unwrap_err().contains("52 small letters"));
    }

    #[test]
    fn k11_a_swiss_number_of_a_name_is_always_the_same() {
        let (key, other) = (Key::of_seed(&[7; 32]), Key::of_seed(&[8; 32]));
        assert_eq!(key.swiss("bank"), Key::of_seed(&[7; 32]).swiss("bank"));
        assert_ne!(key.swiss("bank"), key.swiss("till"));
        assert_ne!(key.swiss("bank"), other.swiss("bank"));
        assert_eq!(key.swiss("bank").0.len(), 52, "256 bits, which stand in an address as they are");
    }

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = base32::encode(&fresh().unwrap());
            let path = std::env::temp_dir().join(format!("marketplace-captp-{name}"));
            fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn k11_a_key_is_made_at_the_first_start_and_is_the_same_at_the_next() {
        let folder = Folder::new();
        let path = folder.0.join("bank.key");
        let key = key_file(&path).unwrap();
        assert_eq!(key_file(&path).unwrap().designator(), key.designator());
        assert_eq!(mode_of(&File::open(&path).unwrap()).unwrap(), 0o600);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "nothing else is left there");
        assert_ne!(key_file(folder.0.join("shop.key")).unwrap().designator(), key.designator());
    }

    #[test]
    fn k11_starts_at_once_agree_on_one_key() {
        let folder = Folder::new();
        let path = folder.0.join("bank.key");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                std::thread::spawn({
                    let path = path.clone();
                    move || key_file(path).unwrap().designator()
                })
            })
            .collect();
        let keys: std::collections::HashSet<_> =
            starts.into_iter().map(|start| start.join().unwrap()).collect();
        assert_eq!(keys.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn k11_a_key_file_that_others_can_read_is_refused() {
        let folder = Folder::new();
        let path = folder.0.join("bank.key");
        key_file(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            let refused = key_file(&path).unwrap_err();
            assert!(matches!(&refused, KeyError::Exposed { mode: found, .. } if *found == mode), "{refused}");
            assert!(refused.to_string().contains("chmod 600"), "{refused}");
        }
    }

    #[test]
    fn a_key_file_that_is_none_says_why() {
        let folder = Folder::new();
        let path = folder.0.join("bank.key");
        for text in
            ["", "marketplace-captp-key ", "marketplace-captp-key abc\n", "-----BEGIN PRIVATE KEY-----\n"]
        {
            let _ = fs::remove_file(&path);
            write(&path, text).unwrap();
            assert!(matches!(key_file(&path), Err(KeyError::NoKey { .. })), "{text}");
        }
        assert!(matches!(key_file(&folder.0), Err(KeyError::Read { .. } | KeyError::Exposed { .. })));
        assert!(matches!(key_file(folder.0.join("no/bank.key")), Err(KeyError::Write { .. })));
    }
}
