//! Peers that have proved who they are.

use super::*;
use crate::netlayer::{Known, Proof, Reach};

/// The peer says hello under its name, `peer`, when this is proved.
fn proves(proof: Proof) -> Vec<String> {
    let mut script = Script::new();
    script.0.push((Duration::ZERO, FromLine::Known(Known { proof, reach: Reach::Public })));
    let talk = script.says_bytes(0, hello(&THEIRS)).accepted();
    talk.all_said_on(0)
}

#[test]
fn k11_a_hello_under_another_name_than_the_one_that_was_proved_is_refused() {
    for proof in [Proof::Nothing, Proof::Designator("peer".into()), Proof::Beginning("pe".into())] {
        let said = proves(proof);
        assert!(said.len() == 1 && said[0].contains("op:start-session"), "{said:?}");
    }
    for proof in
        [Proof::Designator("pee".into()), Proof::Designator("PEER".into()), Proof::Beginning("ee".into())]
    {
        let said = proves(proof);
        assert!(
            said[0].contains("op:abort") && said[0].contains("is not the name that was proved"),
            "{said:?}"
        );
        assert_eq!(said[1..], ["close"]);
    }
}
