//! Demand in a sim, and against a model.

use std::collections::BTreeMap;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::demand::Demand;

/// A thing that is supplied.
#[derive(Message, Clone, Debug, PartialEq)]
struct Water(u8);

#[derive(Message, Clone, Debug, PartialEq)]
enum Told {
    /// To a process that wants something: go.
    Leave(u64),
    /// To a supplier: fail.
    Fail(u8),
    /// To the process whose state the demand is: quit.
    Stop,
    /// To that process: fail.
    Break,
}

/// The news of a supplier when it starts, and of its loss.
#[derive(Message, Clone, Debug, PartialEq)]
enum Log {
    Started(u8),
    Lost(u8, Text),
}

fn matcher() -> Transition<Demand<u8>> {
    transition!(
        Demand::new(|thing: &u8| {
            let thing = *thing;
            spawn!(well(thing))
        })
        .on_loss(|thing, why| {
            let (thing, why) = (*thing, Text::from(why.to_string()));
            actions![send_message!(Log::Lost(thing, why))]
        }),
        observe_subscribers!(
            Water(_),
            match_conversation!(Water(thing) => match_state!(demand: Demand<u8> =>
                on_presence!(demand.wanted(thing)),
                on_absence!(demand.unwanted(&thing)),
            )),
        ),
        subscriber!(Told::Stop, on_message!(_ => quit())),
        subscriber!(Told::Break, on_message!(_ => quit().because("flood"))),
    )
}

/// 13 cannot be supplied.
fn well(thing: u8) -> Result<Transition<()>, Failure> {
    if thing == 13 {
        return Err(Failure::value(&Text::from("dry")));
    }
    Ok(transition_no_state!(
        send_message!(Log::Started(thing)),
        publisher!(Water(thing)),
        subscriber!(Told::Fail(thing), on_message!(_ => quit().because("broken"))),
    ))
}

fn wants(thing: u8, name: u64) -> Transition<()> {
    transition_no_state!(subscriber!(Water(thing)), subscriber!(Told::Leave(name), on_message!(_ => quit())))
}

fn sim() -> Sim {
    let mut sim = Sim::new(|_| transition_no_state!(spawn!(matcher())));
    sim.run();
    sim
}

/// One more wants a thing. It is not run yet.
fn come(sim: &mut Sim, thing: u8, name: u64) {
    sim.spawn(spawn!(wants(thing, name)));
}

/// How many supply a thing: an observer is shown each.
fn suppliers(sim: &mut Sim, thing: u8) -> usize {
    #[derive(Message, Clone, Debug, PartialEq)]
    struct Seen(u8);
    let before = sim.messages_of::<Seen>().len();
    sim.spawn(spawn!(transition_no_state!(
        observe_publishers!(Water(thing), on_presence!(send_message!(Seen(thing)))),
        yield_now!(|(): ()| transition_no_state!(quit())),
    )));
    sim.run();
    sim.messages_of::<Seen>().len() - before
}

#[test]
fn the_first_starts_it_and_the_last_ends_it() {
    let mut sim = sim();
    for name in 0..3 {
        come(&mut sim, 1, name);
        sim.run();
        assert_eq!(suppliers(&mut sim, 1), 1);
    }
    come(&mut sim, 2, 9);
    sim.run();
    assert_eq!(suppliers(&mut sim, 2), 1);
    for name in 0..3 {
        assert_eq!(suppliers(&mut sim, 1), 1);
        sim.send(&Told::Leave(name));
        sim.run();
    }
    assert_eq!((suppliers(&mut sim, 1), suppliers(&mut sim, 2)), (0, 1));
    assert_eq!(sim.messages_of::<Log>(), [Log::Started(1), Log::Started(2)]);
}

#[test]
fn one_that_ends_by_itself_is_missed_and_starts_for_the_next_who_wants_it() {
    let mut sim = sim();
    come(&mut sim, 1, 0);
    sim.run();
    sim.send(&Told::Fail(1));
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 0);
    let lost = Log::Lost(1, "broken".into());
    assert_eq!(sim.messages_of::<Log>(), [Log::Started(1), lost.clone()]);
    come(&mut sim, 1, 1);
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 1);
    sim.send(&Told::Leave(0));
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 1, "one still wants it");
    sim.send(&Told::Leave(1));
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 0);
    assert_eq!(sim.messages_of::<Log>(), [Log::Started(1), lost, Log::Started(1)]);
}

#[test]
fn one_that_cannot_start_is_missed_too() {
    let mut sim = sim();
    come(&mut sim, 13, 0);
    sim.run();
    assert_eq!(sim.messages_of::<Log>(), [Log::Lost(13, "dry".into())]);
    come(&mut sim, 13, 1);
    sim.run();
    assert_eq!(sim.messages_of::<Log>().len(), 2, "it is tried again for the next");
}

#[test]
fn who_comes_and_goes_at_once_leaves_nothing() {
    let mut sim = sim();
    come(&mut sim, 1, 0);
    sim.send(&Told::Leave(0));
    sim.spawn(spawn!(transition_no_state!(name_endpoint("x", subscriber!(Water(2))), delete_endpoint("x"),)));
    sim.run();
    assert_eq!(suppliers(&mut sim, 2), 0, "{}", sim.trace());
    sim.send(&Told::Leave(0));
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 0);
}

#[test]
fn strangers_who_come_and_go_are_no_end() {
    let mut sim = sim();
    come(&mut sim, 1, 0);
    sim.run();
    for _ in 0..2 {
        sim.spawn(spawn!(transition_no_state!(
            subscriber!(_),
            publisher!(_),
            yield_now!(|(): ()| transition_no_state!(quit())),
        )));
        sim.run();
    }
    assert_eq!(suppliers(&mut sim, 1), 1);
    assert_eq!(sim.messages_of::<Log>(), [Log::Started(1)]);
}

#[test]
fn the_suppliers_end_with_the_demand() {
    let mut sim = sim();
    come(&mut sim, 1, 0);
    come(&mut sim, 2, 1);
    sim.run();
    sim.send(&Told::Stop);
    sim.run();
    assert_eq!((suppliers(&mut sim, 1), suppliers(&mut sim, 2)), (0, 0));
    assert_eq!(sim.exits().iter().filter(|exit| exit.reason.is_normal()).count(), sim.exits().len());
}

#[test]
fn a_failing_demand_tells_its_suppliers_why() {
    let mut sim = sim();
    come(&mut sim, 1, 0);
    sim.run();
    let demand = sim.exits().len();
    sim.send(&Told::Break);
    sim.run();
    let reasons: Vec<_> = sim.exits()[demand..].iter().map(|exit| exit.reason.to_string()).collect();
    assert_eq!(reasons, ["flood", "flood"], "the demand, and the supplier");
}

#[test]
fn one_that_is_wanted_again_while_it_ends_is_followed_by_another() {
    let mut sim = sim();
    come(&mut sim, 1, 0);
    sim.run();
    // The last goes and the next comes before the supplier has heard of either.
    sim.send(&Told::Leave(0));
    come(&mut sim, 1, 1);
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 1, "{}", sim.trace());
    assert_eq!(sim.messages_of::<Log>(), [Log::Started(1), Log::Started(1)], "and the old one is no loss");
}

#[test]
fn who_names_nothing_wants_nothing_and_overlaps_are_counted_by_what_is_named() {
    let mut sim = sim();
    sim.spawn(spawn!(transition_no_state!(subscriber!(Water(_)), observe_publishers!(Water(2)))));
    sim.spawn(crate::spy::spy().of(topic!(Water(3))).to(|_| ()));
    sim.run();
    assert!(sim.messages_of::<Log>().is_empty(), "{}", sim.trace());
    come(&mut sim, 1, 0);
    sim.run();
    assert_eq!(sim.messages_of::<Log>(), [Log::Started(1)]);
    sim.send(&Told::Leave(0));
    sim.run();
    assert_eq!(suppliers(&mut sim, 1), 0, "who names nothing does not keep it");
}

#[test]
fn one_less_than_nobody_is_nothing() {
    fn boot() -> Transition<Demand<u8>> {
        let demand = Demand::new(|thing: &u8| {
            let thing = *thing;
            spawn!(well(thing))
        });
        demand.unwanted(&1)
    }
    let mut sim = Sim::new(|_| transition_no_state!(spawn!(boot())));
    sim.run();
    assert!(sim.messages_of::<Log>().is_empty());
    assert!(sim.exits().iter().all(|exit| exit.reason.is_normal()), "{}", sim.trace());
}

proptest! {
    /// Processes come, go and fail, in any order and in however many runs. In the end there is one
    /// supplier for each thing that is wanted, unless its supplier has failed since somebody came
    /// to want it; and none for other things.
    #[test]
    fn there_is_always_one_supplier_for_what_is_wanted(steps in vec((0..4u8, 0..3u8, any::<bool>()), 0..40)) {
        let mut sim = sim();
        let (mut here, mut next): (BTreeMap<u8, Vec<u64>>, u64) = (BTreeMap::new(), 0);
        let mut broken = [false; 3];
        for (what, thing, run) in steps {
            let wanting = here.entry(thing).or_default();
            match what {
                0 | 1 => {
                    come(&mut sim, thing, next);
                    wanting.push(next);
                    next += 1;
                    broken[thing as usize] = false;
                }
                2 => {
                    // The process that is told to leave is there by now.
                    sim.run();
                    if let Some(name) = wanting.pop() {
                        sim.send(&Told::Leave(name));
                    }
                    broken[thing as usize] &= !wanting.is_empty();
                }
                _ => {
                    sim.run();
                    sim.send(&Told::Fail(thing));
                    sim.run();
                    broken[thing as usize] = !wanting.is_empty();
                }
            }
            if run {
                sim.run();
            }
        }
        sim.run();
        for thing in 0..3 {
            let wanted = here.get(&thing).is_some_and(|wanting| !wanting.is_empty());
            let expected = usize::from(wanted && !broken[thing as usize]);
            prop_assert_eq!(suppliers(&mut sim, thing), expected, "{}", sim.trace());
        }
    }
}
