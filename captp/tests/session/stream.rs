//! A session and the bytes of a connection: nothing panics, however they come, and no table grows
//! beyond its bound.

use bytes::Bytes;
use marketplace_captp::session::{Bounds, Inbox};
use marketplace_captp::syrup::Limits;
use marketplace_captp::wire::Spelling;

use crate::hostile::Life;

/// All recorded messages fit.
const BOUNDS: Bounds =
    Bounds { message: Limits { bytes: 2_000, depth: 40 }, exports: 6, imports: 5, questions: 3, answers: 3 };

/// Hears all that is said in these bytes. Gives the number of messages that the session took.
///
/// # Panics
/// If the session does what it should never do.
pub(crate) fn check(data: &[u8]) -> usize {
    let cut = usize::from(data.first().copied().unwrap_or_default());
    let (front, back) = data.split_at(cut.min(data.len()));
    let single = data.iter().map(|byte| Bytes::copy_from_slice(&[*byte]));
    let (messages, is_wrong) = messages([front, back].map(Bytes::copy_from_slice));
    assert_eq!(self::messages(single), (messages.clone(), is_wrong));
    let is_framed = data.first().is_some_and(u8::is_ascii_digit);
    let mut life = Life::new(if is_framed { Spelling::Framed } else { Spelling::Snapshot }, BOUNDS);
    let mut taken = 0;
    for message in messages {
        taken += usize::from(life.hear(&message));
        life.settle_all();
        life.look();
    }
    taken
}

/// The messages up to the first fault, and whether there is a fault.
fn messages(pieces: impl IntoIterator<Item = Bytes>) -> (Vec<Bytes>, bool) {
    let (mut inbox, mut messages) = (Inbox::new(BOUNDS.message), Vec::new());
    for piece in pieces {
        inbox.push(piece);
        loop {
            match inbox.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(_) => return (messages, true),
            }
        }
    }
    (messages, false)
}
