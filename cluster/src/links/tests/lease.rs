//! C7: the lease of connections, without sockets, in time that only a test moves.

use std::net::Ipv4Addr;

use tokio::io::{DuplexStream, duplex, sink};
use tokio::time::Instant;

use super::*;
use crate::links::engine::LinksEngine;
use crate::links::input::Input;
use crate::links::meeting::{Me, Met};

/// The machine `ann`, which nobody can dial.
fn ann() -> LinksEngine {
    let me = Me {
        vm: ("ann".into(), 0),
        list: [("bob".into(), Listed::default()), ("cid".into(), Listed::default())].into(),
        #[cfg(feature = "tls")]
        side: None,
        patience: LEASE,
    };
    let mut ann = LinksEngine::new(me, None);
    ann.heed(&Settings { lease: LEASE, ..Settings::default() });
    ann.open(&"ann".into(), 7);
    ann
}

/// A machine that has said who it is. Gives its end of the connection.
fn meets(ann: &mut LinksEngine, name: &str) -> DuplexStream {
    let (near, far) = duplex(1 << 20);
    let at = (Ipv4Addr::LOCALHOST, 1).into();
    ann.meets(Met { vm: (name.into(), 5), line: Box::new(near), input: Input::default(), at });
    far
}

async fn event(ann: &mut LinksEngine) -> EngineEvent {
    poll_fn(|cx| ann.poll_event(cx)).await
}

/// Says that it is there, four times in a lease, and takes all that is said.
async fn beats(far: DuplexStream) {
    let ((mut hears, mut says), mut nowhere) = (tokio::io::split(far), sink());
    let says = async {
        loop {
            says.write_all(&[0; 4]).await.unwrap();
            tokio::time::sleep(LEASE / 4).await;
        }
    };
    tokio::join!(tokio::io::copy(&mut hears, &mut nowhere), says).0.unwrap();
}

#[tokio::test(start_paused = true)]
async fn c7_a_connection_on_which_nothing_comes_ends_with_the_lease_and_others_do_not() {
    let mut ann = ann();
    let silent = meets(&mut ann, "bob");
    assert_eq!(event(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    let beats = tokio::spawn(beats(meets(&mut ann, "cid")));
    assert_eq!(event(&mut ann).await, EngineEvent::Up("cid".into(), 5));
    let began = Instant::now();
    // If nobody ended it, time would stand still only after this.
    let ended = timeout(LEASE * 10, event(&mut ann)).await;
    assert_eq!(ended, Ok(EngineEvent::Down("bob".into(), 5)));
    let after = began.elapsed();
    assert!((LEASE..LEASE * 5 / 4).contains(&after), "{after:?}");
    // The other one says that it is there, as long as it likes.
    let ended = timeout(LEASE * 10, event(&mut ann)).await;
    assert!(ended.is_err(), "{ended:?}");
    beats.abort();
    assert_eq!(event(&mut ann).await, EngineEvent::Down("cid".into(), 5));
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn c7_a_machine_that_is_not_made_welcome_is_not_waited_for_beyond_the_lease() {
    // `ann` is the greater name: the other one is to say welcome, and says nothing.
    let mut ann = ann();
    let mut silent = meets(&mut ann, "aaa");
    let ended = async {
        let mut heard = Vec::new();
        silent.read_to_end(&mut heard).await.unwrap();
        Instant::now()
    };
    let began = Instant::now();
    let at =
        tokio::select!(at = timeout(LEASE * 10, ended) => at, event = event(&mut ann) => panic!("{event:?}"));
    let after = at.expect("it is ended") - began;
    assert!((LEASE..LEASE * 5 / 4).contains(&after), "{after:?}");
}
