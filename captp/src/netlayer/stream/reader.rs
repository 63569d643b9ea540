//! The direction in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};

/// The most that is read at once.
const MOST: usize = 64 * 1024;

/// Reads what the peer says.
pub(super) struct Reader {
    buffer: Box<[u8]>,
}

/// The result of reading.
pub(super) enum Read {
    Bytes(Bytes),
    End,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; MOST].into() }
    }

    pub(super) fn poll(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Read>> {
        let mut into = ReadBuf::new(&mut self.buffer);
        ready!(Pin::new(stream).poll_read(cx, &mut into))?;
        Poll::Ready(Ok(match into.filled() {
            [] => Read::End,
            bytes => Read::Bytes(Bytes::copy_from_slice(bytes)),
        }))
    }
}
