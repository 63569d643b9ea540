//! A session, seen from outside: whatever a peer may say, and what peers have said.

mod hostile;
mod replay;
#[path = "../transcripts/mod.rs"]
mod transcripts;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000 * ProptestConfig::default().cases / 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn k9_k10_nothing_that_a_peer_says_harms_a_session(data in vec(any::<u8>(), 0..1_200)) {
        hostile::check(&data);
    }

    #[test]
    fn k9_bytes_that_come_in_pieces_are_the_same_messages(text in "[0-9]{0,2}:?[<>0-9a:'\"+\\[\\]tf]{0,40}") {
        hostile::check(text.as_bytes());
    }
}
