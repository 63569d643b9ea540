//! C11: machines with certificates.

use std::fs;

use bytes::Bytes;
use marketplace_cluster::EngineEvent;
use zenoh::Wait;

use super::folder::Folder;
use super::{LEASE, listening, next, opened};
use crate::error::ZenohError;
use crate::keys::Keys;
use crate::machine::Zenoh;
use crate::plan::Plan;

#[tokio::test]
async fn c11_machines_with_certificates_meet() {
    let folder = Folder::new();
    let ann = listening("ann").certificates(folder.of("ann"));
    let at = ann.address().unwrap();
    let mut ann = opened(ann.list("bob -").unwrap(), 7);
    let mut bob = opened(Zenoh::new("bob").certificates(folder.of("bob")).peer("ann", at), 8);
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 8));
    assert_eq!(next(&mut bob).await, EngineEvent::Up("ann".into(), 7));
    let word = Bytes::from_static(b"word");
    marketplace_cluster::Engine::send(&mut ann, &"bob".into(), 8, &word);
    assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, word.clone()));
    marketplace_cluster::Engine::send(&mut bob, &"ann".into(), 7, &word);
    assert_eq!(next(&mut ann).await, EngineEvent::From("bob".into(), 8, word));
}

#[tokio::test]
async fn c11_a_machine_lives_and_speaks_under_the_name_of_its_certificate_only() {
    let folder = Folder::new();
    let ann = listening("ann").certificates(folder.of("ann"));
    let at = ann.address().unwrap();
    let mut ann = opened(ann.list("bob -\ncid -").unwrap(), 7);
    let keys = Keys::new("cluster");
    let cid = Plan {
        keys: keys.clone(),
        dials: Vec::new(),
        all: Vec::new(),
        is_client: false,
        listens: None,
        taken: None,
        certificates: Some(folder.of("cid")),
        others: vec!["ann".into()],
    };
    let config = cid.zenoh(&[at.to_string()], None, LEASE, 1 << 20).unwrap();
    let (said, told) = std::sync::mpsc::channel::<()>();
    let cid = std::thread::spawn(move || {
        let session = zenoh::open(config).wait().unwrap();
        let tokens = ["bob", "cid"]
            .map(|name| session.liveliness().declare_token(keys.token(&(name.into(), 1))).wait().unwrap());
        told.recv().unwrap();
        for name in ["bob", "cid"] {
            let speech = keys.speech(name, &("ann".into(), 7));
            session.put(speech, name).attachment(1u64.to_be_bytes()).wait().unwrap();
        }
        told.recv().unwrap_err();
        drop((tokens, session));
    });
    assert_eq!(next(&mut ann).await, EngineEvent::Up("cid".into(), 1));
    // So that there is somebody for whom it could speak.
    let mut bob = opened(Zenoh::new("bob").certificates(folder.of("bob")).peer("ann", at), 1);
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 1));
    said.send(()).unwrap();
    assert_eq!(next(&mut ann).await, EngineEvent::From("cid".into(), 1, Bytes::from_static(b"cid")));
    assert_eq!(next(&mut bob).await, EngineEvent::Up("ann".into(), 7));
    drop(said);
    cid.join().unwrap();
}

#[tokio::test]
async fn c11_a_machine_that_is_not_in_the_list_is_not_seen() {
    let folder = Folder::new();
    let ann = listening("ann").certificates(folder.of("ann"));
    let at = ann.address().unwrap();
    let mut ann = opened(ann.list("bob -").unwrap(), 7);
    let mut cid = opened(Zenoh::new("cid").certificates(folder.of("cid")).peer("ann", at), 1);
    // It has come so far that it sees ann.
    assert_eq!(next(&mut cid).await, EngineEvent::Up("ann".into(), 7));
    let _bob = opened(Zenoh::new("bob").certificates(folder.of("bob")).peer("ann", at), 8);
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 8));
}

#[test]
fn c11_certificates_that_do_not_fit_are_told() {
    let folder = Folder::new();
    let why = |certificates| Zenoh::new("ann").certificates(certificates).config().err().unwrap();
    let shown = |name: &str| folder.0.join(name).display().to_string();
    let other = ZenohError::OtherMachine { file: shown("bob.pem"), found: "bob".into(), name: "ann".into() };
    assert_eq!(why(folder.of("bob")), other);
    assert_eq!(
        other.to_string(),
        format!(
            "the certificate in {} is for bob (its common name), and this machine is ann",
            shown("bob.pem")
        )
    );
    let mut none = folder.of("ann");
    none.authority = folder.0.join("none.pem");
    let said = why(none).to_string();
    assert!(said.starts_with(&format!("{} cannot be read: No such file", shown("none.pem"))), "{said}");
    let mut swapped = folder.of("ann");
    std::mem::swap(&mut swapped.certificate, &mut swapped.key);
    let said = why(swapped).to_string();
    assert!(said.starts_with(&format!("{} has no certificate: ", shown("ann.key"))), "{said}");
    let mut twice = folder.of("ann");
    twice.key = twice.certificate.clone();
    let said = why(twice).to_string();
    assert_eq!(said, format!("{} has no private key: there is a CERTIFICATE", shown("ann.pem")));
    fs::write(folder.0.join("ann.key"), "").unwrap();
    let said = why(folder.of("ann")).to_string();
    assert_eq!(said, format!("{} has no private key: it is empty, or no PEM", shown("ann.key")));
}
