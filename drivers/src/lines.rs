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
    /// So many bytes of the line at the front of the buffer were thrown away. Only a line that is
    /// too long has any.
    skipped: u64,
}

/// A line is longer than the limit. It stays until [`Lines::skip`] or [`Lines::skip_rest`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Lines {
    /// Lines of at most so many bytes, without their terminators.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { limit, searched: 0, skipped: 0 }
    }

    /// Takes the first line off the buffer, without its terminator, if it is there.
    pub(crate) fn split(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, TooLong> {
        let Some(found) = memchr(b'\n', &buffer[self.searched..]) else {
            self.searched = buffer.len();
            // A carriage return at the end may belong to the terminator.
            let line = buffer.len() - usize::from(buffer.ends_with(b"\r"));
            return if self.is_too_long(line) { Err(TooLong) } else { Ok(None) };
        };
        let feed = self.searched + found;
        let len = feed - usize::from(buffer[..feed].ends_with(b"\r"));
        if self.is_too_long(len) {
            self.searched = feed;
            return Err(TooLong);
        }
        self.searched = 0;
        let line = take_front(buffer, len);
        buffer.advance(feed + 1 - len);
        Ok(Some(line))
    }

    /// Takes all that is left, when no more bytes follow: a line, unless it is empty.
    pub(crate) fn rest(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, TooLong> {
        self.searched = 0;
        if self.is_too_long(buffer.len()) {
            return Err(TooLong);
        }
        let len = buffer.len();
        Ok((len > 0).then(|| take_front(buffer, len)))
    }

    /// Throws away the bytes that are here of a line that is too long. If its end is among them,
    /// this gives its length without the terminator; otherwise the line goes on being too long, and
    /// at most one byte stays in the buffer.
    pub(crate) fn skip(&mut self, buffer: &mut BytesMut) -> Option<u64> {
        let feed = memchr(b'\n', &buffer[self.searched..]).map(|found| self.searched + found);
        let here = feed.unwrap_or(buffer.len());
        let len = here - usize::from(buffer[..here].ends_with(b"\r"));
        self.skipped += len as u64;
        if let Some(feed) = feed {
            buffer.advance(feed + 1);
            return Some(self.forget());
        }
        buffer.advance(len);
        self.searched = buffer.len();
        None
    }

    /// Throws away all that is left, when no more bytes follow and it is too long: this gives the
    /// length of that line.
    pub(crate) fn skip_rest(&mut self, buffer: &mut BytesMut) -> u64 {
        let len = buffer.len() as u64;
        buffer.clear();
        self.forget() + len
    }

    /// Begins anew at the front of the buffer, because bytes are taken off it elsewhere. Gives the
    /// number of bytes that were thrown away of a line whose end has not come.
    pub(crate) const fn forget(&mut self) -> u64 {
        self.searched = 0;
        std::mem::replace(&mut self.skipped, 0)
    }

    /// Whether the line at the front of the buffer is, when so many bytes of it are here.
    const fn is_too_long(&self, here: usize) -> bool {
        here > self.limit || self.skipped > 0
    }
}

fn take_front(buffer: &mut BytesMut, len: usize) -> Bytes {
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

    /// A line, or the length of one that is too long.
    type Found = Result<Vec<u8>, u64>;

    /// All lines of some text, by the plainest way.
    fn model(text: &[u8], limit: usize) -> Vec<Found> {
        let mut pieces: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let last = pieces.pop().unwrap_or_default();
        let ended = pieces.into_iter().map(|piece| piece.strip_suffix(b"\r").unwrap_or(piece));
        let lines = ended.chain((!last.is_empty()).then_some(last));
        lines
            .map(|line| if line.len() > limit { Err(line.len() as u64) } else { Ok(line.to_vec()) })
            .collect()
    }

    /// All lines up to the first that is too long, if one is.
    fn good(all: Vec<Found>) -> (Vec<Vec<u8>>, bool) {
        let len = all.len();
        let good: Vec<Vec<u8>> = all.into_iter().map_while(Result::ok).collect();
        let too_long = good.len() < len;
        (good, too_long)
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

    /// The lines for a reader that skips those that are too long.
    fn skipping(chunks: &[Vec<u8>], limit: usize) -> Vec<Found> {
        let (mut buffer, mut lines, mut found) = (BytesMut::new(), Lines::new(limit), Vec::new());
        for chunk in chunks {
            buffer.extend_from_slice(chunk);
            loop {
                match lines.split(&mut buffer) {
                    Ok(Some(line)) => found.push(Ok(line.to_vec())),
                    Ok(None) => break,
                    Err(TooLong) => match lines.skip(&mut buffer) {
                        Some(len) => found.push(Err(len)),
                        None => {
                            assert!(buffer.len() <= 1, "nothing is kept but a carriage return");
                            break;
                        }
                    },
                }
            }
        }
        match lines.rest(&mut buffer) {
            Ok(rest) => found.extend(rest.map(|line| Ok(line.to_vec()))),
            Err(TooLong) => found.push(Err(lines.skip_rest(&mut buffer))),
        }
        assert_eq!(lines.rest(&mut buffer), Ok(None), "nothing is left");
        found
    }

    fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let byte = prop_oneof![2 => Just(b'\n'), 2 => Just(b'\r'), 5 => Just(b'a'), 1 => any::<u8>()];
        vec(vec(byte, 0..12), 0..12)
    }

    proptest! {
        #[test]
        fn in_whatever_pieces_it_comes_text_has_the_same_lines(chunks in chunks(), limit in 0..8usize) {
            prop_assert_eq!(lines_of(&chunks, limit), good(model(&chunks.concat(), limit)));
        }

        #[test]
        fn a_line_that_is_skipped_has_its_place_and_its_length(chunks in chunks(), limit in 0..8usize) {
            prop_assert_eq!(skipping(&chunks, limit), model(&chunks.concat(), limit));
        }
    }

    #[test]
    fn long_lines_and_short_ones_are_whole() {
        for len in [0, 1, COPIED, COPIED + 1, 10 * COPIED] {
            let text = [vec![b'x'; len], b"\r\n".to_vec(), vec![b'y'; len]].concat();
            let pieces: Vec<Vec<u8>> = text.chunks(7).map(<[u8]>::to_vec).collect();
            assert_eq!(lines_of(&pieces, 10 * COPIED), good(model(&text, 10 * COPIED)));
        }
    }
}
