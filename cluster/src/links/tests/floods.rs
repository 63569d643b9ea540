//! C10: a machine of which more comes than can be read.

use std::io;
use std::pin::Pin;
use std::task::{Context, ready};

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf, Repeat, join, repeat, sink};
use tokio::task::coop;

use super::*;
use crate::links::connection::{Connection, Phase};
use crate::links::input::Input;
use crate::links::meeting::{Line, Met};

fn met(name: &str, line: impl Line + 'static) -> Met {
    let at = ([127, 0, 0, 1], 7000).into();
    Met { vm: (name.into(), 5), line: Box::new(line), input: Input::default(), at }
}

/// Beats without end: each comes alone.
struct Drips(Repeat);

impl AsyncRead for Drips {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut beat = [0; 4];
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut ReadBuf::new(&mut beat)))?;
        buf.put_slice(&beat);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn c10_beats_without_end_leave_time_for_others() {
    let mut flood = Connection::new(met("bob", join(repeat(0), sink())), Phase::Stands);
    let pends =
        poll_fn(|cx| Poll::Ready((flood.poll_packet(100, cx).is_pending(), coop::has_budget_remaining())));
    assert_eq!(pends.await, (true, true));
}

#[tokio::test]
async fn c10_machines_that_only_say_that_they_are_there_do_not_keep_a_packet_back() {
    let me = Me {
        vm: ("ann".into(), 7),
        list: BTreeMap::new(),
        #[cfg(feature = "tls")]
        side: None,
        patience: TOO_LONG,
    };
    let mut ann = LinksEngine::new(me, None);
    for name in ["bob", "cid", "dan", "eli", "fay"] {
        ann.meets(met(name, join(Drips(repeat(0)), sink())));
    }
    let (near, mut far) = tokio::io::duplex(100);
    far.write_all(b"\0\0\0\x05hello").await.unwrap();
    ann.meets(met("gil", near));
    let mut ann: Box<dyn Engine> = Box::new(ann);
    for _ in 0..6 {
        assert!(matches!(next(&mut ann).await, EngineEvent::Up(..)));
    }
    assert_eq!(next(&mut ann).await, EngineEvent::From("gil".into(), 5, "hello".into()));
}
