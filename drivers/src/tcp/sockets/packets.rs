//! The packets that wait to be written.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// A queue of packets. The first one lies in it: as a rule there is one at most, and then no other
/// memory is looked at.
#[derive(Default)]
pub(super) struct Packets {
    first: Option<Bytes>,
    /// There are none if there is no first.
    // In a box, it is a word of the socket, and not four.
    #[expect(clippy::box_collection)]
    others: Option<Box<VecDeque<Bytes>>>,
}

impl Packets {
    pub(super) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn len(&self) -> usize {
        let others = self.others.as_ref().map_or(0, |others| others.len());
        others + usize::from(self.first.is_some())
    }

    /// The only packet, if there is one and no more.
    pub(super) fn only(&self) -> Option<&Bytes> {
        self.first.as_ref().filter(|_| self.others.as_ref().is_none_or(|others| others.is_empty()))
    }

    pub(super) fn push(&mut self, packet: Bytes) {
        match self.first {
            None => self.first = Some(packet),
            Some(_) => self.others.get_or_insert_default().push_back(packet),
        }
    }

    /// Fills slices with the first packets. Says how many.
    pub(super) fn fill<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let packets = self.first.iter().chain(self.others.iter().flat_map(|others| others.iter()));
        slices.iter_mut().zip(packets).map(|(slice, packet)| *slice = IoSlice::new(packet)).count()
    }

    /// Takes so many bytes off the front.
    pub(super) fn take(&mut self, mut bytes: usize) {
        while let Some(first) = &mut self.first {
            if bytes < first.len() {
                return first.advance(bytes);
            }
            bytes -= first.len();
            self.first = self.others.as_mut().and_then(|others| others.pop_front());
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[test]
fn bytes_are_taken_off_the_front_however_they_lie() {
    let packets = ["ab", "cde", "f"];
    for taken in 0..=6 {
        let mut queue = Packets::default();
        packets.into_iter().for_each(|packet| queue.push(packet.into()));
        assert_eq!((queue.len(), queue.only()), (3, None));
        queue.take(taken);
        let mut slices = [IoSlice::new(b""); 3];
        let full = queue.fill(&mut slices);
        assert_eq!((full, full == 0), (queue.len(), queue.is_empty()));
        let left: Vec<u8> = slices[..full].iter().flat_map(|slice| slice.iter().copied()).collect();
        assert_eq!(left, b"abcdef"[taken..]);
        assert_eq!(queue.only().is_some(), full == 1);
        queue.push("g".into());
        assert_eq!(queue.len(), full + 1);
        queue.clear();
        assert!(queue.is_empty());
    }
}
