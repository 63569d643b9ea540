//! The examples of references between vats and machines.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_captp::netlayer::tcp_testing_only;
use marketplace_captp::wire::{Location, Sturdyref};
use marketplace_captp::{enliven, peer};

use crate::program::Program;

/// K15
#[test]
fn k15_a_message_without_an_answer_in_three_frames() {
    let (status, said) = Program::start("deliver_only", &[]).end();
    assert!(status.success(), "{said}");
    let frames = said.split_once("1. ").unwrap().1.split_once("Carol may be in a third vat").unwrap();
    assert_eq!(
        frames.0,
        "Alice says bob.foo(carol), and does not want to know the answer:\n\
         2. The message is on the wire. Carol has place 2 in the table of exports:\n\
         \x20 alice says <10'op:deliver<11'desc:export1+>[3'foo<18'desc:import-object2+>]ff>\n\
         3. Bob's vat makes a far reference to Carol, its import 2, and Bob hears the message:\n\
         \x20 bob hears foo(carol)\n\
         \x20 carol hears greet(bob)\n\
         \x20 bob says <10'op:deliver<11'desc:export2+>[5'greet3\"bob]ff>\n\
         \x20 bob says <13'op:gc-exports[2+][1+]>\n"
    );
    assert!(frames.1.contains("bob hears foo(carol)\n  carol hears greet(bob)\n"), "{said}");
    for said in ["[3'foo<17'desc:sig-envelope", "[12'deposit-gift", "[13'withdraw-gift<17'desc:sig-envelope"]
    {
        assert!(frames.1.contains(said), "{}", frames.1);
    }
}

/// By a real socket, in each spelling, and the peer ends at a signal.
#[test]
fn captp_peer_speaks_to_a_peer_of_another_program() {
    for spelling in ["framed", "next", "snapshot"] {
        let mut program = Program::start("captp_peer", &[spelling]);
        let location = Location::parse(program.line().trim()).expect("it prints its address");
        let (spawn, peer) = peer(tcp_testing_only::netlayer().expect("there are random numbers"));
        let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn)).expect("a vat starts");
        let swiss = b"JadQ0++RzsD4M+40uLxTWVaVqM10DcBJ"[..].into();
        let uri = Sturdyref { location, swiss }.to_uri();
        let car = vat.ask(|cx| {
            let builder = enliven::<()>(cx, &peer, uri);
            let factory = send_parts(cx, &builder, vec![]).expect("it is not deep");
            let order = Value::sequence(["red", "zoomracer"].map(|part| Symbol::new(part).into()));
            let car = send_parts(cx, &factory, vec![order]).expect("it is not deep");
            send_parts(cx, &car, vec![]).expect("it is not deep")
        });
        assert_eq!(
            car.wait().map_err(|error| error.to_string()),
            Ok("Vroom! I am a red zoomracer car!".into())
        );
        assert!(program.interrupt().success());
    }
}
