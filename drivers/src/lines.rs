//! Splits bytes into lines.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;

/// Lines up to this long are copied out of the buffer. So a process that keeps one keeps no more
/// memory than the line, and the buffer is used again.
const COPIED: usize = 1024;

/// Where the search for the end of a line stands.
#[derive(Debug)]
pub(crate) struct Lines {
    limit: usize,
    /// So many bytes at the front of the buffer hold no line feed. So each byte is looked at once,
    /// however small the pieces in which a line comes.
    searched: usize,
}

/// A line is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Lines {
    /// Lines of at most so many bytes, without their terminators.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { limit, searched: 0 }
    }

    /// Takes the first line off the buffer, without its terminator, if it is there.
    pub(crate) fn split(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, TooLong> {
        let Some(found) = memchr(b'\n', &buffer[self.searched..]) else {
            self.searched = buffer.len();
            // A carriage return at the end may belong to the terminator.
            let line = buffer.len() - usize::from(buffer.ends_with(b"\r"));
            return if line > self.limit { Err(TooLong) } else { Ok(None) };
        };
        let feed = self.searched + found;
        let len = feed - usize::from(buffer[..feed].ends_with(b"\r"));
        if len > self.limit {
            return Err(TooLong);
        }
        self.searched = 0;
        let line = take(buffer, len);
        buffer.advance(feed + 1 - len);
        Ok(Some(line))
    }

    /// Takes all that is left, when no more bytes follow: a line, unless it is empty.
    pub(crate) fn rest(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, TooLong> {
        self.searched = 0;
        if buffer.len() > self.limit {
            return Err(TooLong);
        }
        let len = buffer.len();
        Ok((len > 0).then(|| take(buffer, len)))
    }

    /// Forgets the search, because bytes were taken off the buffer elsewhere.
    pub(crate) const fn forget(&mut self) {
        self.searched = 0;
    }
}

fn take(buffer: &mut BytesMut, len: usize) -> Bytes {
    if len > COPIED {
        return buffer.split_to(len).freeze();
    }
    let line = Bytes::copy_from_slice(&buffer[..len]);
    buffer.advance(len);
    line
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// All lines of some text, by the plainest way: up to the first that is too long, if one is.
    fn model(text: &[u8], limit: usize) -> (Vec<Vec<u8>>, bool) {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut pieces: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            let line = piece.strip_suffix(b"\r").unwrap_or(piece);
            if line.len() > limit {
                return (lines, true);
            }
            lines.push(line.to_vec());
        }
        if last.len() > limit {
            return (lines, true);
        }
        lines.extend((!last.is_empty()).then(|| last.to_vec()));
        (lines, false)
    }

    fn lines_of(chunks: &[Vec<u8>], limit: usize) -> (Vec<Vec<u8>>, bool) {
        let (mut buffer, mut lines, mut found) = (BytesMut::new(), Lines::new(limit), Vec::new());
        for chunk in chunks {
            buffer.extend_from_slice(chunk);
            loop {
                match lines.split(&mut buffer) {
                    Ok(Some(line)) => found.push(line.to_vec()),
                    Ok(None) => break,
                    Err(TooLong) => return (found, true),
                }
            }
            assert!(buffer.len() <= limit + 1, "no more is kept than a line");
        }
        match lines.rest(&mut buffer) {
            Ok(rest) => found.extend(rest.map(|line| line.to_vec())),
            Err(TooLong) => return (found, true),
        }
        (found, false)
    }

    fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let byte = prop_oneof![2 => Just(b'\n'), 2 => Just(b'\r'), 5 => Just(b'a'), 1 => any::<u8>()];
        vec(vec(byte, 0..12), 0..12)
    }

    proptest! {
        #[test]
        fn in_whatever_pieces_it_comes_text_has_the_same_lines(chunks in chunks(), limit in 0..8usize) {
            prop_assert_eq!(lines_of(&chunks, limit), model(&chunks.concat(), limit));
        }
    }

    #[test]
    fn long_lines_and_short_ones_are_whole() {
        for len in [0, 1, COPIED, COPIED + 1, 10 * COPIED] {
            let text = [vec![b'x'; len], b"\r\n".to_vec(), vec![b'y'; len]].concat();
            let pieces: Vec<Vec<u8>> = text.chunks(7).map(<[u8]>::to_vec).collect();
            assert_eq!(lines_of(&pieces, 10 * COPIED), model(&text, 10 * COPIED));
        }
    }
}
