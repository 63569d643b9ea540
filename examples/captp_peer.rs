//! The objects that the public test suite of OCapN speaks to, on a peer that is for tests.
//!
//! The suite is a program of its own: <https://github.com/ocapn/ocapn-test-suite>. It knows the
//! objects by their swiss numbers.
//!
//! Run it: `cargo run --example captp_peer` (or `-- next`, or `-- snapshot`, for older spellings of
//! the protocol). It prints its address; `./test_runner.py '<address>'` of the suite takes that.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_captp::netlayer::tcp_testing_only;
use marketplace_captp::wire::{Spelling, Sturdyref};
use marketplace_captp::{Options, Peer, enliven};

/// Makes a factory of cars.
struct CarFactoryBuilder;

#[object]
impl CarFactoryBuilder {
    #[method(bare)]
    fn build(&self, cx: &Cx<Self>) -> Far<CarFactory> {
        cx.make(CarFactory)
    }
}

struct CarFactory;

#[object]
impl CarFactory {
    #[method(bare)]
    fn make(&self, cx: &Cx<Self>, order: (Symbol, Symbol)) -> Far<Car> {
        let (color, model) = order;
        cx.make(Car { color, model })
    }
}

struct Car {
    color: Symbol,
    model: Symbol,
}

#[object]
impl Car {
    #[method(bare)]
    fn drive(&self) -> Text {
        format!("Vroom! I am a {} {} car!", self.color.as_str(), self.model.as_str()).into()
    }
}

/// Greets whoever it is shown, and wants to know the answer.
struct Greeter;

#[object]
impl Greeter {
    #[method(bare)]
    fn greet(&self, cx: &Cx<Self>, whom: Promise<Value>) -> Result<(), Failure> {
        let answered = send_parts(cx, &whom, vec!["Hello".into()])?;
        drop(cx.when(answered, |_, _, _| Ok(())));
        Ok(())
    }
}

/// Makes promises, and what settles them.
struct PromiseMaker;

#[object]
impl PromiseMaker {
    #[method(bare)]
    fn make(&self) -> (Promise<Value>, Resolver<Value>) {
        promise()
    }
}

/// Gets the objects of others by their addresses.
struct Enlivener(Far<dyn Peer>);

#[object]
impl Enlivener {
    #[method(bare)]
    fn get(&self, cx: &Cx<Self>, address: Value) -> Promise<Far<()>> {
        enliven(cx, &self.0, address)
    }
}

/// An object that takes any number of arguments: so it is made of clauses.
fn echo() -> (Spawn<()>, Far<()>) {
    let (echo, here) = reference();
    let answers = object_of!(here, match_duct!(duct => on_message!(message: Value => give(&duct, &message))));
    (spawn!(transition_no_state!(answers)), echo)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spelling = match std::env::args().nth(1).as_deref() {
        None | Some("framed") => Spelling::Framed,
        Some("next") => Spelling::Next,
        Some("snapshot") => Spelling::Snapshot,
        Some(other) => return Err(format!("`{other}` is none of `framed`, `next`, `snapshot`").into()),
    };
    let (spawn, peer) = Options::default().spelling(spelling).peer(tcp_testing_only::netlayer()?);
    let (spawn_echo, echo) = echo();
    let (spawn_cars, cars) = spawn_object(CarFactoryBuilder);
    let (spawn_greeter, greeter) = spawn_object(Greeter);
    let (spawn_promises, promises) = spawn_object(PromiseMaker);
    let (spawn_enlivener, enlivener) = spawn_object(Enlivener(peer.clone()));
    Ok(ground_vm!(
        spawn,
        (spawn_echo, spawn_cars, spawn_greeter, spawn_promises, spawn_enlivener),
        ask(
            move |cx| {
                peer.publish_as(cx, "IO58l1laTyhcrgDKbEzFOO32MDd6zE5w".into(), &echo);
                peer.publish_as(cx, "VMDDd1voKWarCe2GvgLbxbVFysNzRPzx".into(), &greeter);
                peer.publish_as(cx, "IokCxYmMj04nos2JN1TDoY1bT8dXh6Lr".into(), &promises);
                peer.publish_as(cx, "gi02I1qghIwPiKGKleCQAOhpy3ZtYRpB".into(), &enlivener);
                peer.publish_as(cx, "JadQ0++RzsD4M+40uLxTWVaVqM10DcBJ".into(), &cars)
            },
            |(), uri: Result<Text, Reason>| {
                println!("{}", Sturdyref::parse(&uri?)?.location.to_uri());
                Ok(transition_no_state!())
            },
        ),
    )?)
}
