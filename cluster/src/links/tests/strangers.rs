//! C11: connections of somebody who has not proved who it is.

use std::sync::Arc;

use bytes::BytesMut;

use super::*;
use crate::links::refused::{Cause, Refused};

/// Why `ann`, in whose list is `bob`, refuses somebody who says this.
async fn refusal(word: Word) -> Refused {
    let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let mut stream = TcpStream::connect(listener.local()).await.unwrap();
    let mut out = BytesMut::new();
    word.write(&mut out);
    stream.write_all(&out).await.unwrap();
    let ann = Me {
        vm: ("ann".into(), 7),
        list: [("bob".into(), Listed::default())].into(),
        #[cfg(feature = "tls")]
        side: None,
        patience: TOO_LONG,
    };
    let (accepted, at) = poll_fn(|cx| listener.poll_accept(cx)).await;
    Arc::new(ann).accept(accepted, at).await.err().unwrap()
}

#[tokio::test]
async fn c11_who_is_refused_is_counted_by_the_cause_and_a_name_of_the_list() {
    let hello = |name: &str, to: &str| Word::Hello(Hello { name: name.into(), epoch: 5, to: to.into() });
    let long = "x".repeat(300);
    for (word, cause, machine) in [
        (hello("eve", "ann"), Cause::Unlisted, None),
        (hello("a\nWARN b", "ann"), Cause::Unlisted, None),
        (hello(&long, "ann"), Cause::Unlisted, None),
        (hello("eve", "a\nWARN b"), Cause::Unlisted, None),
        (hello("bob", "a\nWARN b"), Cause::Elsewhere, Some("bob".into())),
        (hello("ann", &long), Cause::Elsewhere, Some("ann".into())),
        (Word::Refusal("a\nWARN b".into()), Cause::Refuses, None),
        (Word::Welcome, Cause::Greeting, None),
    ] {
        let refused = refusal(word.clone()).await;
        assert_eq!((refused.cause, refused.machine), (cause, machine), "{word:?}");
    }
}

#[tokio::test]
async fn c11_connections_that_say_nothing_do_not_keep_a_machine_out() {
    let links = Links::new("ann").list("bob -").unwrap().listen("127.0.0.1:0").unwrap();
    let at = links.address().unwrap();
    let mut ann = links.config().unwrap().engine;
    // Nothing ends because it has taken too long.
    ann.heed(&Settings { lease: TOO_LONG * 2, ..Settings::default() });
    ann.open(&"ann".into(), 7);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(at).await.unwrap());
        // The places are taken before the machine comes.
        let _ = poll_fn(|cx| Poll::Ready(ann.poll_event(cx).is_pending())).await;
    }
    let mut bob = TcpStream::connect(at).await.unwrap();
    let mut out = BytesMut::new();
    Word::Hello(Hello { name: "bob".into(), epoch: 5, to: "ann".into() }).write(&mut out);
    bob.write_all(&out).await.unwrap();
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    // The oldest have ended, and those of the last places are waited for.
    let mut byte = [0];
    assert_eq!(silent[0].read(&mut byte).await.unwrap(), 0);
    assert!(timeout(Duration::from_millis(10), silent[99].read(&mut byte)).await.is_err());
}
