//! The places of bytes in values, used again: as records are, when a message is let go of. That
//! saves 100 instructions of a message with bytes.

use bytes::Bytes;
use triomphe::{Arc, UniqueArc};

use crate::data::spare::Spare;

/// How many places are kept: as many as a host may well fill at once.
const MOST: usize = 128;

thread_local! {
    /// They are empty.
    static SPARE: Spare<UniqueArc<Bytes>, MOST> = const { Spare::new() };
}

/// These bytes, in a place that may be spare.
#[inline]
pub(super) fn place(bytes: Bytes) -> Arc<Bytes> {
    let Some(mut place) = SPARE.try_with(Spare::take).ok().flatten() else { return Arc::new(bytes) };
    *place = bytes;
    place.shareable()
}

/// These bytes, taken out of their place, if nobody else has it: then the place is kept.
#[inline]
pub(super) fn take(bytes: Arc<Bytes>) -> Bytes {
    match Arc::try_unique(bytes) {
        Err(shared) => Bytes::clone(&shared),
        Ok(mut place) => {
            let bytes = std::mem::take(&mut *place);
            // A thread that is ending makes no value any more.
            let _ = SPARE.try_with(|spare| spare.put(place));
            bytes
        }
    }
}

/// Drops the bytes, if nobody else has them, and keeps their place.
#[inline(never)]
pub(super) fn retire(bytes: Arc<Bytes>) {
    if let Ok(mut place) = Arc::try_unique(bytes) {
        drop(std::mem::take(&mut *place));
        // A thread that is ending makes no value any more.
        let _ = SPARE.try_with(|spare| spare.put(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_lie_in_the_place_of_those_that_nobody_has() {
        let first = place(Bytes::from_static(b"one"));
        let old = Arc::as_ptr(&first);
        retire(first);
        let second = place(Bytes::from_static(b"two"));
        assert_eq!((Arc::as_ptr(&second), &second[..]), (old, &b"two"[..]));
        retire(second.clone());
        assert_ne!(Arc::as_ptr(&place(Bytes::new())), old);
        assert_eq!(second[..], b"two"[..], "somebody has them");
    }

    #[test]
    fn bytes_are_taken_out_of_their_place_and_shared_if_somebody_has_it() {
        let bytes = Bytes::from(vec![1, 2, 3]);
        let first = place(bytes.clone());
        let old = Arc::as_ptr(&first);
        assert_eq!(take(first), bytes);
        assert!(bytes.is_unique());
        let second = place(bytes.clone());
        assert_eq!(Arc::as_ptr(&second), old);
        assert_eq!((take(second.clone()), &second[..]), (bytes, &[1, 2, 3][..]));
    }

    #[test]
    fn nothing_is_held_in_a_place_that_is_kept() {
        let bytes = Bytes::from(vec![1, 2, 3]);
        assert!(!bytes.clone().is_unique());
        retire(place(bytes.clone()));
        assert!(bytes.is_unique());
    }

    #[test]
    fn so_many_places_are_kept_and_no_more() {
        let places: Vec<_> = (0..2 * MOST).map(|_| place(Bytes::new())).collect();
        places.into_iter().for_each(retire);
        assert_eq!(SPARE.with(Spare::len), MOST);
    }
}
