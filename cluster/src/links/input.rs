//! Frames that come: a length, and so many bytes.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is read at once.
const READ: usize = 64 << 10;

/// The end of what comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The other side has ended it, or the connection has broken.
    Gone(String),
    /// The other side did what it must not.
    Bad(String),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Gone(error.to_string())
    }
}

/// The bytes that have come and are no frame yet.
#[derive(Default)]
pub(super) struct Input(BytesMut);

impl Input {
    /// Whether a whole frame is there.
    fn frame(&mut self, limit: usize) -> Result<Option<Bytes>, End> {
        let Some(length) = self.length(limit)? else { return Ok(None) };
        if self.0.len() < 4 + length {
            return Ok(None);
        }
        self.0.advance(4);
        Ok(Some(self.0.split_to(length).freeze()))
    }

    /// The length of the frame that comes, if that is known.
    fn length(&self, limit: usize) -> Result<Option<usize>, End> {
        let Some(length) = self.0.first_chunk() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > limit {
            let why = format!("what it says is not as links say it, or {length} bytes: {limit} may come");
            return Err(End::Bad(why));
        }
        Ok(Some(length))
    }

    /// The next frame, which may have so many bytes. `None` is the end, between two frames.
    pub(super) fn poll_frame(
        &mut self,
        line: &mut (impl AsyncRead + Unpin + ?Sized),
        limit: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, End>> {
        loop {
            if let Some(frame) = self.frame(limit)? {
                return Poll::Ready(Ok(Some(frame)));
            }
            // Room for what is said to come is made as it comes.
            let rest = self.length(limit)?.map_or(0, |length| 4 + length - self.0.len());
            self.0.reserve(rest.min(self.0.len()).max(READ));
            if ready!(pin!(line.read_buf(&mut self.0)).poll(cx))? == 0 {
                return Poll::Ready(if self.0.is_empty() {
                    Ok(None)
                } else {
                    Err(End::Gone("the connection has ended in the middle of a frame".to_string()))
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn read(input: &mut Input, line: &mut (impl AsyncRead + Unpin)) -> Result<Option<Bytes>, End> {
        std::future::poll_fn(|cx| input.poll_frame(line, 100, cx)).await
    }

    #[tokio::test]
    async fn frames_come_whole_however_they_are_cut() {
        let (mut near, mut far) = tokio::io::duplex(3);
        let says = async {
            far.write_all(b"\0\0\0\x05hello\0\0\0\0\0\0\0\x01!").await.unwrap();
            drop(far);
        };
        let hears = async {
            let mut input = Input::default();
            for frame in ["hello", "", "!"] {
                assert_eq!(read(&mut input, &mut near).await, Ok(Some(frame.into())));
            }
            assert_eq!(read(&mut input, &mut near).await, Ok(None));
        };
        tokio::join!(says, hears);
    }

    #[tokio::test]
    async fn a_frame_that_is_too_long_is_not_waited_for() {
        let (mut near, mut far) = tokio::io::duplex(100);
        far.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let why = read(&mut Input::default(), &mut near).await.unwrap_err();
        assert!(matches!(&why, End::Bad(why) if why.contains("1195725856 bytes: 100 may come")), "{why:?}");
    }

    #[tokio::test]
    async fn an_end_within_a_frame_is_none_in_order() {
        let (mut near, mut far) = tokio::io::duplex(100);
        far.write_all(b"\0\0\0\x05hel").await.unwrap();
        drop(far);
        assert!(matches!(read(&mut Input::default(), &mut near).await, Err(End::Gone(_))));
    }
}
