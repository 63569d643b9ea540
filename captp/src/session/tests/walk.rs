//! The walk-through of E's `DeliverOnlyOp`: Alice has Bob, who is on another machine, and sends him
//! Carol (K15).

use marketplace::Value;

use crate::session::Target;
use crate::session::tests::stage::{Side, delivered, message, new_object, pair, pass, pass_one, settled};

/// Alice's machine and Bob's, and the far reference to Bob.
fn alice_and_bob() -> (Side, Side, marketplace::objects::Reference, marketplace::objects::Reference) {
    let (mut alice, mut bob_side, _) = pair();
    let bob = new_object();
    let (question, _) = alice.ask(Target::Import(0), &message("fetch", [])).unwrap();
    let asked = delivered(pass_one(&mut alice, &mut bob_side));
    bob_side.session.answers_with(asked.answer.unwrap(), bob.clone());
    bob_side.settle(asked.resolver, Ok(bob.clone().into()));
    let (_, answer) = settled(pass_one(&mut bob_side, &mut alice));
    alice.session.question_released(question);
    alice.session.write_releases();
    bob_side.session.write_releases();
    pass(&mut alice, &mut bob_side);
    pass(&mut bob_side, &mut alice);
    let far_bob = marketplace::Message::from_value(&answer.unwrap()).unwrap();
    (alice, bob_side, bob, far_bob)
}

#[test]
fn k15_e_s01_to_e_s04_the_walk_through() {
    let (mut alice, mut bob_side, bob, far_bob) = alice_and_bob();
    let carol = new_object();

    // Frame 1. Alice has Bob, at import 1, and Carol, of whom Bob's machine has never heard.
    assert_eq!(alice.target(&far_bob), Target::Import(1));
    assert_eq!(alice.sizes(), [0, 1, 0, 0]);
    assert_eq!(bob_side.sizes(), [1, 0, 0, 0]);
    let foo = message("foo", [carol.clone().into()]);
    alice.tell(Target::Import(1), &foo).unwrap();
    let exports = alice.session.tables().exports;
    assert_eq!(exports[1].reference, Some(carol.clone()));
    assert_eq!((exports[1].place, exports[1].count), (2, 1));
    assert!(alice.session.tables().questions.is_empty());

    // Frame 2. On the wire: to Bob, `foo`, Carol; no answer, no resolver.
    let wire = alice.session.take_written();
    let foo_carol = "<10'op:deliver<11'desc:export1+>[3'foo<18'desc:import-object2+>]ff>";
    assert_eq!(wire, [foo_carol]);

    // Frame 3. Bob hears it, with a far reference to Carol. Nothing is written back.
    let heard = delivered(bob_side.hear(&wire[0]).unwrap());
    assert_eq!(heard.to, bob);
    let far_carol = heard.reference(1);
    let imports = bob_side.session.tables().imports;
    assert_eq!((imports[0].place, imports[0].count), (2, 1));
    assert_eq!(imports[0].reference, Some(far_carol.clone()));
    assert!(bob_side.session.tables().answers.is_empty());
    assert!(bob_side.session.take_written().is_empty());
    assert!(!bob_side.session.has_releases());

    // A second time it is the same on the wire, and an equal reference for Bob.
    alice.tell(Target::Import(1), &foo).unwrap();
    let wire = alice.session.take_written();
    assert_eq!(wire, [foo_carol]);
    assert_eq!(alice.session.tables().exports[1].count, 2);
    assert_eq!(delivered(bob_side.hear(&wire[0]).unwrap()).reference(1), far_carol);
    assert_eq!(bob_side.session.tables().imports[0].count, 2);

    // When Bob forgets Carol, Alice's machine may, too.
    drop((far_carol, heard));
    bob_side.falls();
    bob_side.session.write_releases();
    let wire = bob_side.session.take_written();
    assert_eq!(wire, ["<13'op:gc-exports[2+][2+]>"]);
    alice.hear(&wire[0]).unwrap();
    assert_eq!((alice.sizes(), bob_side.sizes()), ([0, 1, 0, 0], [1, 0, 0, 0]));
}

#[test]
fn e_s10_copies_are_equal_and_no_export_is_given() {
    let (mut alice, mut bob_side, _, _far_bob) = alice_and_bob();
    let args = [3.into(), "x".to_string().into(), Value::sequence([1.into(), 2.into()])];
    alice.tell(Target::Import(1), &args).unwrap();
    assert_eq!(delivered(pass_one(&mut alice, &mut bob_side)).parts, args);
    assert_eq!(alice.sizes(), [0, 1, 0, 0]);
}

#[test]
fn e_s17a_arguments_are_the_same_bytes_with_and_without_an_answer() {
    let args = |wants_answer: bool| {
        let (mut alice, _, _, far_bob) = alice_and_bob();
        let promise = alice.promise();
        let parts = message("foo", [new_object().into(), promise.into(), far_bob.clone().into(), 7.into()]);
        alice.session.deliver(Target::Import(1), &parts, wants_answer, &mut alice.world).unwrap();
        let written = alice.written().remove(0);
        let from = written.find('[').unwrap();
        written[from..=written.rfind(']').unwrap()].to_string()
    };
    assert_eq!(args(true), args(false));
}
