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
