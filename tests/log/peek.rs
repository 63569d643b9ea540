//! G28: states as they were.

use marketplace::prelude::*;
use marketplace::sim::Sim;

#[derive(Message, Clone)]
struct Put(Text);

#[derive(Message, Clone)]
struct Hit(i64);

#[derive(Message, Clone, Debug, PartialEq)]
struct Dead(bool);

fn peeked<S: Clone + 'static>(sim: &Sim) -> Vec<S> {
    let turns = sim.log().turns();
    turns.filter_map(|turn| sim.log().peek(turn.id)?.downcast_ref().cloned()).collect()
}

/// G-s16: a cell is spawned empty, then given gold and a sword.
#[test]
fn g_s16_the_chest() {
    fn chest() -> Transition<Option<Text>> {
        transition!(
            None,
            peekable(),
            subscriber!(
                Put(_),
                match_state!(_old: Option<Text> => on_message!(Put(what) => transition!(Some(what))))
            ),
        )
    }
    let mut sim = Sim::new(|_| chest());
    sim.run();
    sim.log_mut().turn_on();
    for what in ["gold", "sword"] {
        sim.send(&Put(what.into()));
    }
    sim.run();
    assert_eq!(peeked::<Option<Text>>(&sim), [None, Some("gold".into())]);
    // Looking changes nothing.
    sim.send(&Put("map".into()));
    sim.run();
    assert_eq!(peeked::<Option<Text>>(&sim), [None, Some("gold".into()), Some("sword".into())]);
}

#[derive(Clone, Debug, PartialEq)]
struct Hero {
    hp: i64,
}

/// G-s16: the monster should be dead and is not. How many points did it have?
#[test]
fn g_s16_the_dungeon() {
    fn hero() -> Transition<Hero> {
        transition!(
            Hero { hp: 20 },
            peekable(),
            subscriber!(
                Hit(_),
                match_state!(hero: Hero => on_message!(Hit(by) => transition!(Hero { hp: hero.hp - by })))
            ),
            // The mistake: only exactly 0 is dead.
            subscriber!(
                "dead?",
                match_state!(hero: &Hero => on_message!(_ => send_message!(Dead(hero.hp == 0))))
            ),
        )
    }
    let mut sim = Sim::new(|_| hero());
    sim.run();
    sim.log_mut().turn_on();
    sim.send(&Hit(30));
    sim.send(&"dead?".to_string());
    sim.run();
    assert_eq!(sim.messages_of::<Dead>(), [Dead(false)]);
    let asked = sim.log().turns().last().unwrap().id;
    let hp = |id| sim.log().peek(id).unwrap().downcast_ref::<Hero>().unwrap().hp;
    assert_eq!(hp(asked), -10);
    let hit = sim.log().turns().rev().nth(1).unwrap().id;
    assert_eq!(hp(hit), 20);
    // As it shows itself; and it is nothing else.
    assert_eq!(format!("{:?}", sim.log().peek(asked).unwrap()), "Hero { hp: -10 }");
    assert!(sim.log().peek(asked).unwrap().downcast_ref::<i64>().is_none());
}

#[test]
fn g28_before_a_yield_goes_on_and_in_a_nested_vm_too() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(spawn_vm!(
            state: 0u8;
            peekable(),
            at_meta_level!(subscriber!("go", match_state!(n: u8 => on_message!(_ =>
                transition!(n + 1, yield_now!(|n: u8| transition!(n + 1)))))))
        ))
    });
    sim.run();
    sim.log_mut().turn_on();
    sim.send(&"go".to_string());
    sim.run();
    assert_eq!(peeked::<u8>(&sim), [0, 1], "{:?}", sim.log());
}

#[test]
fn g28_no_snapshot_unless_the_process_lets_others_look_and_the_log_is_on() {
    let mut sim = Sim::new(|_| {
        transition!(0u8, subscriber!("go", match_state!(n: u8 => on_message!(_ => transition!(n + 1)))))
    });
    sim.log_mut().turn_on();
    sim.send(&"go".to_string());
    sim.run();
    let turn = sim.log().turns().last().unwrap();
    assert!(turn.snapshot.is_none() && sim.log().peek(turn.id).is_none());
}
