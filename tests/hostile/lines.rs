//! The lines of some bytes, by the plainest way.

/// All lines, up to the first that is longer than the limit, if one is; and whether one is.
pub(crate) fn model(bytes: &[u8], limit: usize) -> (Vec<Vec<u8>>, bool) {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // The last piece has no terminator, and is no line if it is empty.
    let last = lines.pop().unwrap_or_default();
    let ended = lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let all: Vec<Vec<u8>> = ended.chain((!last.is_empty()).then_some(last)).map(<[u8]>::to_vec).collect();
    let good: Vec<Vec<u8>> = all.iter().take_while(|line| line.len() <= limit).cloned().collect();
    let too_long = good.len() < all.len();
    (good, too_long)
}

/// Cuts bytes into pieces whose sizes they say themselves.
pub(crate) fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut pieces) = (bytes, Vec::new());
    while let Some(first) = rest.first() {
        let (piece, more) = rest.split_at(rest.len().min(usize::from(*first) % 23 + 1));
        pieces.push(piece);
        rest = more;
    }
    pieces
}
