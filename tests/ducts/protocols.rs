//! Messages over ducts: typed on both sides, in apps of a nested VM, and when a value of another
//! type comes.

use marketplace::prelude::*;
use marketplace::protocol::{Protocol, Side, WrongCard};
use marketplace::sim::Sim;

use crate::{Notes, pid, sim_of};

#[derive(Message, Clone, Debug, PartialEq)]
enum Ask {
    Count { of: Vec<Text>, from: i128 },
    Echo(Value),
    Nothing,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Told {
    n: i128,
    what: Vec<(Text, f64)>,
}

struct Counting;

impl Protocol for Counting {
    type Request = Ask;
    type Reply = Told;
}

fn requests() -> [Ask; 4] {
    [
        Ask::Count { of: vec!["a".into(), "".into()], from: i128::MIN },
        Ask::Echo((1u8, Symbol::new("x"), vec![Text::from("y")]).to_value()),
        Ask::Echo(Value::UNIT),
        Ask::Nothing,
    ]
}

fn told(n: i128) -> Told {
    Told { n, what: vec![("half".into(), n as f64 / 2.0), ("none".into(), -0.0)] }
}

/// U-s14: who passes and who is passed see the same request, who gives and who is given the same
/// reply.
#[test]
fn u13_four_views_of_one_exchange() {
    let (passed, heard, given, got) =
        (Notes::default(), Notes::default(), Notes::default(), Notes::default());
    let [note, kiss, gift, sign] = [passed.clone(), heard.clone(), given.clone(), got.clone()];
    let callee = move || {
        transition!(
            0i128,
            subscriber!(
                _,
                match_duct!(duct => match_state!(n: i128 => on_message!(card: Value => {
                    kiss.add(format!("{:?}", Counting::request(&card)?));
                    gift.add(format!("{:?}", told(n)));
                    transition!(n + 1, Counting::give(&duct, &told(n)))
                })))
            )
        )
    };
    let caller = move || {
        let passes: Vec<_> = requests()
            .iter()
            .map(|request| {
                note.add(format!("{request:?}"));
                Counting::pass(pid(2), "w", request)
            })
            .collect();
        transition_no_state!(
            passes,
            replies!(on_reply!("w", card: Value => sign.add(format!("{:?}", Counting::reply(&card)?)))),
        )
    };
    let sim = sim_of(move || vec![spawn!(callee()), spawn!(caller())]);
    assert_eq!(sim.exits().len(), 0);
    let (passed, given) = (passed.take(), given.take());
    assert_eq!((passed.len(), given.len()), (4, 4));
    assert_eq!(heard.take(), passed);
    assert_eq!(got.take(), given);
}

/// U-s14, U-s19: something else than was expected is told, on either side, and ends nobody.
#[test]
fn u13_a_wrong_card_is_an_error() {
    let callee = || {
        transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(card: Value => match Counting::request(&card) {
                Ok(Ask::Nothing) => give(&duct, &Symbol::new("nonsense")),
                Ok(_) => Counting::give(&duct, &told(1)),
                Err(wrong) => Counting::reject(&duct, &wrong),
            }))
        ))
    };
    let notes = Notes::default();
    let noted = notes.clone();
    let caller = move || {
        transition_no_state!(
            Counting::pass(pid(2), "right", &Ask::Echo(Value::UNIT)),
            Counting::pass(pid(2), "wrong reply", &Ask::Nothing),
            pass(pid(2), "wrong request", &told(7)),
            replies!(on_reply!(wire: Text, card: Value => match Counting::reply(&card) {
                Ok(_) => noted.add(wire.to_string()),
                Err(WrongCard { side, card, .. }) => noted.add(format!("{wire}: {side:?} {card}")),
            })),
        )
    };
    let sim = sim_of(move || vec![spawn!(callee()), spawn!(caller())]);
    let nonsense = format!("wrong request: Callee {}", told(7).to_value());
    assert_eq!(notes.take(), ["right", "wrong reply: Caller 'nonsense", &*nonsense]);
    assert_eq!(sim.exits().len(), 0);
    let wrong = Counting::request(&Value::UNIT).unwrap_err();
    assert_eq!(wrong.side, Side::Callee);
    assert!(wrong.to_string().starts_with("not a request of "), "{wrong}");
    assert!(wrong.to_string().ends_with("Counting: ()"), "{wrong}");
}

/// A reply that may be any value does not hide that the request was rejected.
#[test]
fn a_rejection_is_seen_first() {
    struct Anything;
    impl Protocol for Anything {
        type Request = u8;
        type Reply = Value;
    }
    let wrong = Anything::request(&Text::from("x").to_value()).unwrap_err();
    assert_eq!(Anything::reply(&wrong.to_value()), Err(wrong));
    assert_eq!(Anything::reply(&Value::UNIT), Ok(Value::UNIT));
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Update(u32);

/// An app in a nested VM: keeps its state, and tells its subscribers outside, who are there by
/// presence.
fn app() -> Transition<u32> {
    transition!(
        0,
        subscriber!((), match_state!(n: u32 => on_message!(() => transition!(n)))),
        at_meta_level!(
            publisher!(Update(_)),
            subscriber!(
                "up",
                match_state!(n: u32 => on_message!(_ => transition!(n + 1, at_meta_level!(send_message!(Update(n + 1))))))
            ),
        ),
    )
}

fn reader(notes: &Notes, name: &'static str) -> Transition<()> {
    let (here, gone) = (notes.clone(), notes.clone());
    transition_no_state!(
        name_endpoint(
            "updates",
            subscriber!(
                Update(_),
                on_message!(Update(n) => here.add(format!("{name} {n}"))),
                match_reason!(reason: Reason => on_absence!(gone.add(format!("{name} gone: {reason}")))),
            )
        ),
        subscriber!(topic = Value::from(name), on_message!(_ => delete_endpoint("updates")))
    )
}

/// U-s17
#[test]
fn u12_an_app_keeps_its_state_and_its_subscribers() {
    let notes = Notes::default();
    let (a, b) = (notes.clone(), notes.clone());
    let mut sim: Sim =
        sim_of(move || vec![spawn_vm!(spawn!(app())), spawn!(reader(&a, "a")), spawn!(reader(&b, "b"))]);
    let mut say = |word: &str| {
        sim.send(&Text::from(word));
        sim.run();
        let mut heard = notes.take();
        heard.sort();
        heard
    };
    assert_eq!(say("up"), ["a 1", "b 1"]);
    assert_eq!(say("up"), ["a 2", "b 2"]);
    assert_eq!(say("a"), ["a gone: normal"], "that is its own leaving");
    assert_eq!(say("up"), ["b 3"]);
    sim.kill(pid(2), Reason::value(&Text::from("maintenance")));
    sim.run();
    assert_eq!(notes.take(), ["b gone: maintenance"]);
}
