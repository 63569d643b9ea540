//! How much is heard, and in which pieces: credit, pauses, modes; and how much was written.

use super::*;

#[tokio::test]
async fn no_byte_is_read_beyond_the_credit() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    pair.extend(0);
    pair.say(b"0123456789");
    assert_eq!(pair.now().await, None);
    pair.extend(2);
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("012")));
    assert_eq!(pair.now().await, None);
    assert!(pair.reader_is_empty(), "the rest is in the kernel");
    pair.extend(u64::MAX);
    pair.extend(u64::MAX);
    assert_eq!(pair.now().await, Some(data("3456789")));
}

impl Pair {
    fn reader_is_empty(&mut self) -> bool {
        self.kept() == 0
    }
}

#[tokio::test]
async fn pause_holds_whatever_the_credit_and_credit_holds_after_it() {
    let mut pair = Pair::new(options()).await;
    pair.extend(3);
    pair.want(false);
    pair.say(b"01234");
    assert_eq!(pair.now().await, None);
    pair.want(true);
    assert_eq!(pair.now().await, Some(data("012")));
    assert_eq!(pair.now().await, None);
}

#[tokio::test]
async fn a_mode_change_keeps_what_is_buffered_both_ways() {
    let mut pair = Pair::new(options()).await;
    pair.want(true);
    pair.extend(1);
    pair.switch(TcpMode::Lines);
    pair.say(b"one\r\ntwo\nthree");
    assert_eq!(pair.now().await, Some(data("one")));
    assert_eq!(pair.now().await, None);
    pair.switch(TcpMode::Bytes);
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("t")));
    pair.switch(TcpMode::Lines);
    pair.extend(3);
    assert_eq!(pair.now().await, Some(data("wo")));
    assert_eq!(pair.now().await, None);
    pair.say(b"\r");
    assert_eq!(pair.now().await, None);
    pair.say(b"\n\nlast");
    assert_eq!(pair.now().await, Some(data("three")));
    assert_eq!(pair.now().await, Some(data("")));
    shut(&mut pair.peer).await;
    assert_eq!(pair.now().await, None, "the last line needs credit");
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("last")));
    assert_eq!(pair.now().await, None, "so does the end");
    pair.extend(1);
    assert_eq!(pair.now().await, Some(Ok(TcpPacket::Eof)));
}

#[tokio::test]
async fn acknowledgements_come_for_as_many_bytes_as_was_said() {
    let mut pair = Pair::new(Options { acknowledge_every: Some(10), ..options() }).await;
    pair.want(true);
    pair.add_waiting(100);
    pair.wrote(9);
    assert_eq!(pair.now_item().await, None);
    pair.wrote(2);
    assert_eq!(pair.now_item().await, Some(FromSocket::Written(11)));
    assert_eq!(pair.now_item().await, None);
}

impl Pair {
    async fn now_item(&mut self) -> Option<FromSocket> {
        tokio::select! {
            biased;
            item = self.next() => Some(FromSocket::from_value(&item?.ok()?).expect("no packet")),
            () = std::future::ready(()) => None,
        }
    }
}
