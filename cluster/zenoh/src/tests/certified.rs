//! C11: machines with certificates.

use std::fs;

use bytes::Bytes;
use marketplace_cluster::EngineEvent;
use serde_json::Value;
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

/// The access rules that `docs/cluster.md` prints for `ann`, for these machines.
fn rules(names: &[&str]) -> Value {
    let page = include_str!("../../../../docs/cluster.md");
    let block = page.split("```json5\n").find(|block| block.contains("access_control")).unwrap();
    let block = zenoh::Config::from_json5(block.split("```").next().unwrap()).unwrap();
    let printed: Value = serde_json::from_str(&block.get_json("access_control").unwrap()).unwrap();
    let mut all = printed.clone();
    for part in ["rules", "subjects", "policies"] {
        let of = |name: &&str| {
            let of_ann = printed[part].as_array().unwrap().iter().map(Value::to_string);
            let others = of_ann.filter(|one| *name == "ann" || one.contains("ann"));
            others.map(|one| serde_json::from_str(&one.replace("ann", name)).unwrap()).collect::<Vec<Value>>()
        };
        all[part] = names.iter().flat_map(of).collect();
    }
    all
}

#[tokio::test]
async fn c11_machines_meet_through_a_router_that_pins_their_names() {
    let folder = Folder::new();
    // The address stays taken until the router has it.
    let taken = listening("router");
    let at = format!("localhost:{}", taken.address().unwrap().port());
    let of = folder.of("localhost");
    let config = serde_json::json!({
        "mode": "router",
        "listen": { "endpoints": [format!("tls/127.0.0.1:{}", taken.address().unwrap().port())] },
        "scouting": { "multicast": { "enabled": false } },
        "transport": {
            "unicast": { "qos": { "enabled": false } },
            "link": { "tls": {
                "root_ca_certificate": of.authority,
                "listen_certificate": of.certificate,
                "listen_private_key": of.key,
                "enable_mtls": true,
            } },
        },
        "access_control": rules(&["ann", "bob"]),
    });
    let config = zenoh::Config::from_json5(&config.to_string()).unwrap();
    let (ends, end) = std::sync::mpsc::channel::<()>();
    let router = std::thread::spawn(move || {
        let session = zenoh::open(config).wait().unwrap();
        let _ = end.recv();
        session.close().wait().unwrap();
    });
    let machine =
        |name: &str, epoch| opened(Zenoh::new(name).certificates(folder.of(name)).through(&at), epoch);
    let (mut ann, mut bob) = (machine("ann", 7), machine("bob", 8));
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 8));
    assert_eq!(next(&mut bob).await, EngineEvent::Up("ann".into(), 7));
    let word = Bytes::from_static(b"word");
    marketplace_cluster::Engine::send(&mut ann, &"bob".into(), 8, &word);
    assert_eq!(next(&mut bob).await, EngineEvent::From("ann".into(), 7, word.clone()));
    marketplace_cluster::Engine::send(&mut bob, &"ann".into(), 7, &word);
    assert_eq!(next(&mut ann).await, EngineEvent::From("bob".into(), 8, word));
    drop((ann, bob, ends));
    router.join().unwrap();
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
