//! Sockets in directories of the tests.

use std::fs;
use std::future::poll_fn;
use std::task::Context;

use marketplace::Message;
use marketplace::ground::OuterHalf;

use super::*;
use crate::netlayer::FromListener;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = base32::encode(&seed::fresh().unwrap().0[..8]);
        let path = std::env::temp_dir().join(format!("captp-{name}"));
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn us() -> String {
    beginning(rustix::process::geteuid().as_raw())
}

#[tokio::test]
async fn k11_the_user_of_the_other_side_is_known_and_a_name_of_another_user_is_refused() {
    let folder = Folder::new();
    let path = folder.0.join("bank");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let ours = Proof::Beginning(us());
    let (_dialled, of_listener) = dial(&path, &format!("{}bank", us())).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let of_dialler = known(&accepted).unwrap();
    assert_eq!((of_listener.proof, of_dialler.proof), (ours.clone(), ours.clone()));
    for other in ["4294967294-bank", "bank", "0", ""] {
        let why = dial(&path, other).await.unwrap_err();
        assert!(why.contains("another user than the one of the address"), "{why}");
    }
    let us = us();
    let name = |name: &str| Location::new("unix", name, &[]);
    assert!(ours.allows(&name(&format!("{us}bank")), "unix"));
    assert!(!ours.allows(&name(&format!("1{us}bank")), "unix"));
    assert!(!ours.allows(&name(&us[..us.len() - 1]), "unix"), "10 is no beginning of 100");
}

#[test]
fn k10_others_lead_only_to_sockets_of_the_directory() {
    let bank = named("/run/vats", "bank");
    let dial = |path: &str, reach| bank.dial(&Location::new("unix", "0-x", &[("path", path)]), reach).err();
    for path in ["/run/docker.sock", "/run/vats/../docker.sock", "/run/vats/a/b", "/run/vats/..", "shop", "/"]
    {
        let why = dial(path, Some(Reach::Machine)).unwrap();
        assert!(why.contains("is not in /run/vats, and was given by a peer"), "{why}");
        assert_eq!(dial(path, None), None, "a program may go anywhere");
    }
    assert_eq!(dial("/run/vats/shop", Some(Reach::Machine)), None);
    let nowhere = bank.dial(&Location::new("unix", "0-x", &[]), None).err();
    assert_eq!(nowhere.as_deref(), Some("the address does not say at which path it is"));
}

async fn listens(source: &mut (impl OuterHalf + ?Sized)) -> Result<FromListener, String> {
    let item = poll_fn(|cx: &mut Context<'_>| source.poll_next(cx)).await.unwrap();
    item.map(|item| FromListener::from_value(&item).unwrap()).map_err(|failure| failure.0.to_string())
}

#[tokio::test]
async fn a_socket_that_was_left_behind_is_made_anew_and_one_in_use_is_not() {
    let folder = Folder::new();
    let path = folder.0.join("bank");
    let source = || listener::listening(path.clone(), true);
    // As a program leaves it that is killed.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let mut first = source();
    let heard = listens(&mut first).await;
    assert!(matches!(heard, Ok(FromListener::Listening { .. })), "{heard:?}");
    let why = listens(&mut source()).await.unwrap_err();
    assert!(why.contains("cannot listen at") && why.contains("somebody listens there"), "{why}");
    drop(first);
    assert!(!path.exists(), "it is taken away");
    let mut first = source();
    assert!(listens(&mut first).await.is_ok());
    fs::remove_file(&path).unwrap();
    let other = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let why = listens(&mut source()).await.unwrap_err();
    assert!(why.contains("somebody listens there"), "{why}");
    drop(first);
    assert!(path.exists(), "a socket of somebody else stays");
    drop(other);
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert!(listens(&mut source()).await.is_err());
    assert!(path.exists(), "what is no socket stays");
    assert!(listens(&mut listener::listening(folder.0.join("a/b"), false)).await.is_err());
}

/// A listener that accepts nobody has a full queue: connecting to it would wait.
#[tokio::test]
async fn a_listener_that_is_busy_is_not_waited_for() {
    let folder = Folder::new();
    let path = folder.0.join("bank");
    let busy = tokio::net::UnixSocket::new_stream().unwrap();
    busy.bind(&path).unwrap();
    let _busy = busy.listen(1).unwrap();
    // As many as fit: one that does not is not connected at once.
    let mut waiting = Vec::new();
    while let Ok(stream) = UnixStream::connect(&path).await {
        waiting.push(stream);
    }
    let why = listens(&mut listener::listening(path.clone(), true)).await.unwrap_err();
    assert!(why.contains("somebody may listen there"), "{why}");
    assert!(path.exists());
}
