//! A session, seen from outside: whatever a peer may say, and what peers have said.

#[path = "../wire/changes.rs"]
mod changes;
mod hostile;
mod replay;
mod stream;
#[path = "../transcripts/mod.rs"]
mod transcripts;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn k9_k10_nothing_that_a_peer_says_harms_a_session(data in vec(any::<u8>(), 0..1_200)) {
        hostile::check(&data);
    }

    #[test]
    fn k9_bytes_that_come_in_pieces_are_the_same_messages(text in "[0-9]{0,2}:?[<>0-9a:'\"+\\[\\]tf]{0,40}") {
        stream::check(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn k9_k10_a_changed_recording_harms_no_session(
        recorded in select(transcripts::streams()),
        changes in changes::any(),
    ) {
        stream::check(&changes::changed(recorded, changes));
    }
}

/// The sessions of the changed recordings get somewhere.
#[test]
fn recordings_are_taken() {
    let taken: usize = transcripts::streams().iter().map(|recorded| stream::check(recorded)).sum();
    assert!(taken > 200, "{taken}");
}
