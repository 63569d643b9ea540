//! How long objects are there (O18).

use std::collections::HashMap;

use marketplace::Duct;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::deeds::{Bell, Keeper, Notes, answer, holder, inside, keeper, made, processes, say, sim, watches};

/// The object and its holder are at any levels.
#[test]
fn o18_an_object_is_there_as_long_as_somebody_can_speak_to_it() {
    for (at, depth) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (1, 2)] {
        let notes = Notes::default();
        let mut sim = sim();
        // A state has it.
        let far = keeper(&mut sim, at, "it", &notes);
        let held = far.clone();
        sim.spawn(inside(
            depth,
            spawn!({
                // Only the handler of an endpoint at the ground VM's network has it.
                let heard = held.clone();
                let hears = subscriber!("say it", on_message!(_ => tell(|cx| { heard.note(cx, "heard"); })));
                match depth {
                    0 => transition_no_state!(hears, subscriber!("end", on_message!(_ => quit()))),
                    1 => transition_no_state!(at_meta_level!(
                        hears,
                        subscriber!("end", on_message!(_ => quit()))
                    )),
                    _ => transition_no_state!(at_meta_level!(at_meta_level!(
                        hears,
                        subscriber!("end", on_message!(_ => quit()))
                    ))),
                }
            }),
        ));
        sim.run();
        drop(far);
        sim.run();
        assert!(notes.take().is_empty(), "{at} {depth}");
        say(&mut sim, "say it");
        assert_eq!(notes.take(), ["it: heard"], "{at} {depth}");
        say(&mut sim, "end");
        assert_eq!(notes.take(), ["it drops"], "{at} {depth}");
        assert_eq!(processes(&sim), 0);
    }
}

/// A state, a topic, a queued action, another object.
#[test]
fn o18_what_keeps_an_object() {
    let notes = Notes::default();
    let mut sim = sim();
    // A state.
    let far = keeper(&mut sim, 0, "it", &notes);
    sim.spawn(spawn!(holder(far)));
    sim.run();
    assert!(notes.take().is_empty());
    say(&mut sim, "let go");
    assert_eq!(notes.take(), ["it drops"]);
    say(&mut sim, "end");
    // The topic of an endpoint.
    let far = keeper(&mut sim, 0, "it", &notes);
    sim.spawn(spawn!(transition_no_state!(
        publisher!(("at", far)),
        subscriber!("end", on_message!(_ => quit())),
    )));
    // The form has cloned it.
    drop(far);
    sim.run();
    assert!(notes.take().is_empty());
    say(&mut sim, "end");
    assert_eq!(notes.take(), ["it drops"]);
    // An action that waits.
    let far = keeper(&mut sim, 0, "it", &notes);
    sim.run();
    sim.send(&(Text::from("to"), far));
    assert_eq!(processes(&sim), 1);
    sim.run();
    assert_eq!(notes.take(), ["it drops"]);
    // Another object.
    let (other, far) = (keeper(&mut sim, 1, "other", &notes), keeper(&mut sim, 2, "it", &notes));
    sim.tell(|cx| {
        other.keep(cx, far.to_value());
    });
    drop(far);
    sim.run();
    assert!(notes.take().is_empty());
    sim.tell(|cx| {
        other.forget(cx);
    });
    sim.run();
    assert_eq!(notes.take(), ["it drops"]);
    drop(other);
    sim.run();
    assert_eq!(processes(&sim), 0);
}

/// Objects in a map whose order is another one in each run.
#[test]
fn o18_the_order_of_a_hash_map_does_not_show() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 1, "maker", &notes);
    let map: HashMap<_, _> = (0..12).map(|n| (n, made(&mut sim, &far, &n.to_string()))).collect();
    sim.spawn(spawn!(holder(map)));
    say(&mut sim, "let go");
    assert_eq!(notes.take(), (0..12).map(|n| format!("{n} drops")).collect::<Vec<_>>());
}

/// An object that falls because something fell, falls in the next round.
#[test]
fn o18_what_falls_is_dealt_with_in_rounds() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "maker", &notes);
    let all: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|name| made(&mut sim, &far, name)).collect();
    // e has a; d has b and c.
    for (has, what) in [(4, 0), (3, 2), (3, 1)] {
        sim.tell(|cx| {
            all[has].keep(cx, all[what].to_value());
        });
    }
    sim.run();
    let (e, d) = (all[4].clone(), all[3].clone());
    drop(all);
    sim.spawn(spawn!(holder(vec![e, d])));
    sim.run();
    assert!(notes.take().is_empty());
    say(&mut sim, "let go");
    assert_eq!(notes.take(), ["d drops", "e drops", "a drops", "b drops", "c drops"]);
}

struct Last {
    bell: Bell,
    to: Option<Far<Keeper>>,
    beside: Option<Far<Keeper>>,
}

#[object]
impl Last {
    fn fail(&mut self) {
        panic!("hurt")
    }

    fn quit(&mut self, cx: &Cx<Self>) {
        cx.act(quit());
    }

    #[method(released)]
    fn released(&mut self, cx: &Cx<Self>) {
        self.bell.1.add("released");
        if let Some(to) = &self.to {
            to.note(cx, "the last one says so");
            to.keep(cx, cx.me().to_value());
        }
        self.beside = None;
    }
}

fn last(notes: &Notes, to: Option<Far<Keeper>>) -> Last {
    Last { bell: Bell("last".to_string(), notes.clone()), to, beside: None }
}

/// It can send, and let itself be known: that does not save it.
#[test]
fn o18_released_is_the_last_turn() {
    for (at, depth) in [(0, 0), (1, 0), (0, 1), (2, 1)] {
        let notes = Notes::default();
        let mut sim = sim();
        let to = keeper(&mut sim, depth, "to", &notes);
        let (spawn, far) = spawn_object(last(&notes, Some(to.clone())));
        sim.spawn(inside(at, spawn));
        sim.spawn(spawn!(holder(far)));
        sim.run();
        assert!(notes.take().is_empty());
        say(&mut sim, "let go");
        assert_eq!(notes.take(), ["released", "last drops", "to: the last one says so"], "{at} {depth}");
        // `to` has a reference to what is gone.
        let kept = sim.ask(|cx| to.kept(cx));
        sim.run();
        assert_eq!(answer(&kept), "1");
        assert_eq!(processes(&sim), 2, "the holder, and `to` with what is around it");
    }
}

/// Waits for something in its last turn.
struct Guest {
    name: Text,
    notes: Notes,
    later: Promise<u64>,
}

#[object]
impl Guest {
    fn beside(&self, cx: &Cx<Self>, name: Text) -> Far<Self> {
        cx.make(Self { name, notes: self.notes.clone(), later: self.later.clone() })
    }

    #[method(released)]
    fn released(&mut self, cx: &Cx<Self>) {
        drop(cx.when(&self.later, |guest, _, _| {
            guest.notes.add(&*guest.name);
            Ok(())
        }));
    }
}

/// The object that has its place now is another one.
#[test]
fn o18_what_waits_since_a_last_turn_is_called_on_nobody() {
    let notes = Notes::default();
    let mut sim = sim();
    let (later, resolver) = promise::<u64>();
    let host = sim.spawn_object(Guest { name: "host".into(), notes: notes.clone(), later });
    let first = sim.ask(|cx| host.beside(cx, "first"));
    sim.run();
    drop(first);
    sim.run();
    let second = sim.ask(|cx| host.beside(cx, "second"));
    sim.run();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(1u64))));
    sim.run();
    assert!(second.answer().is_some_and(|second| second.is_ok()));
    assert!(notes.take().is_empty());
    assert!(sim.exits().is_empty(), "{:?}", sim.exits());
}

/// The end of a process is no release.
#[test]
fn o18_an_object_that_goes_with_its_process_is_not_released() {
    for kill in [true, false] {
        let notes = Notes::default();
        let mut sim = sim();
        let far = sim.spawn_object(last(&notes, None));
        sim.run();
        sim.tell(|cx| {
            if kill {
                far.quit(cx);
            } else {
                far.fail(cx);
            }
        });
        sim.run();
        drop(far);
        sim.run();
        assert_eq!(notes.take(), ["last drops"]);
    }
}

struct Door {
    bell: Bell,
    open: u64,
}

#[object]
impl Door {
    /// Hears "knock" until it has heard "lock".
    fn hang(&mut self, cx: &Cx<Self>) {
        cx.act((
            name_endpoint(
                "knock",
                subscriber!(
                    "knock",
                    match_state!(door: &mut Self => on_message!(_ => {
                        door.open += 1;
                        send_message!(("open", door.open))
                    }))
                ),
            ),
            name_endpoint(
                "lock",
                subscriber!(
                    "lock",
                    match_state!(_door: &Self => on_message!(_ =>
                (delete_endpoint("knock"), delete_endpoint("lock"))))
                ),
            ),
        ));
    }

    fn beside(&mut self, cx: &Cx<Self>, name: Text) -> Far<Keeper> {
        cx.make(Keeper::new(name.as_str(), &self.bell.1))
    }

    fn quit_when_told(&mut self, cx: &Cx<Self>) {
        cx.act(subscriber!(
            "leave",
            match_state!(_door: &Self => on_message!(_ => quit().because(Reason::value(&Text::from("left")))))
        ));
    }

    fn meet(&mut self, cx: &Cx<Self>) {
        cx.act(at_meta_level!(subscriber!(
            "knock",
            match_state!(door: &mut Self => on_message!(_ => {
                door.open += 10;
                at_meta_level!(send_message!(("open", door.open)))
            }))
        )));
    }

    fn ask(&mut self, cx: &Cx<Self>, of: Far<Keeper>) {
        cx.act(ask(
            |cx| of.echo(cx, 7),
            |mut door: Self, n: Result<u64, Reason>| {
                door.open = n?;
                Ok::<_, Failure>(transition!(door, send_message!("asked")))
            },
        ));
    }

    fn open(&self) -> u64 {
        self.open
    }
}

fn door(notes: &Notes) -> Door {
    Door { bell: Bell("door".to_string(), notes.clone()), open: 0 }
}

#[test]
fn o18_an_endpoint_that_an_object_adds_keeps_it() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = sim.spawn_object(door(&notes));
    sim.tell(|cx| {
        far.hang(cx);
    });
    sim.run();
    drop(far);
    sim.run();
    assert!(notes.take().is_empty());
    say(&mut sim, "knock");
    say(&mut sim, "knock");
    assert_eq!(sim.messages_of::<(Text, u64)>(), [("open".into(), 1), ("open".into(), 2)]);
    say(&mut sim, "lock");
    assert_eq!(notes.take(), ["door drops"]);
    assert_eq!(processes(&sim), 0);
}

/// Its endpoint is one level out, and its handler has the object as its state.
#[test]
fn o18_an_endpoint_at_the_meta_level_keeps_an_object() {
    let notes = Notes::default();
    let mut sim = sim();
    let (spawn, far) = spawn_object(door(&notes));
    sim.spawn(inside(1, spawn));
    sim.tell(|cx| {
        far.meet(cx);
    });
    sim.run();
    drop(far);
    sim.run();
    assert!(notes.take().is_empty());
    say(&mut sim, "knock");
    assert_eq!(sim.messages_of::<(Text, u64)>(), [("open".into(), 10)]);
    assert_eq!(processes(&sim), 1);
}

/// The continuation of an `ask` has the object as its state, too.
#[test]
fn o18_an_object_asks_as_a_process_does() {
    let notes = Notes::default();
    let mut sim = sim();
    let (far, of) = (sim.spawn_object(door(&notes)), keeper(&mut sim, 1, "of", &notes));
    sim.tell(|cx| {
        far.ask(cx, &of);
    });
    let open = sim.ask(|cx| far.open(cx));
    sim.run();
    assert_eq!(answer(&open), "0", "it had not been answered then");
    let open = sim.ask(|cx| far.open(cx));
    sim.run();
    assert_eq!(answer(&open), "7");
    assert_eq!(sim.messages_of::<Text>(), ["asked"]);
}

/// A quit ends the process, with all its objects.
#[test]
fn o18_a_quit_in_an_endpoint_of_an_object() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = sim.spawn_object(door(&notes));
    let beside = sim.ask(|cx| far.beside(cx, "beside"));
    sim.tell(|cx| {
        far.quit_when_told(cx);
    });
    sim.run();
    let beside = beside.answer().unwrap().unwrap();
    say(&mut sim, "leave");
    let asked = sim.ask(|cx| beside.echo(cx, 1));
    sim.run();
    assert_eq!(answer(&asked), "broken: it is gone (left)");
    let mut heard = notes.take();
    heard.sort();
    assert_eq!(heard, ["beside drops", "door drops"]);
    assert_eq!(processes(&sim), 0);
}

/// A process goes, and with it the last one who had an object in a second process: so that goes,
/// too, and with it the duct on which it owed an answer. Nothing else happens then.
#[test]
fn o18_a_duct_that_goes_last_of_all_is_missed() {
    let (mut sim, notes) = (sim(), Notes::default());
    let (owes, here) = reference::<()>();
    sim.spawn(spawn!(transition!(
        None::<Duct>,
        object_of!(
            here,
            match_duct!(duct => match_state!(_: Option<Duct> => on_message!(_ => {
                transition!(Some(duct.clone()))
            })))
        ),
    )));
    let (asked, told) = (owes.clone(), notes.clone());
    sim.spawn(spawn!(transition_no_state!(
        pass(&asked, "asked", &7u64),
        replies!(on_duct_absence!(told.add("no answer comes"))),
    )));
    sim.run();
    assert!(notes.take().is_empty());
    sim.spawn(spawn!(transition!(owes, send_message!("done"))));
    sim.run();
    assert_eq!(notes.take(), ["no answer comes"]);
}

/// The process of an object has failed, and is about to quit, when the host drops the last handle.
#[test]
fn o16_who_waits_for_an_end_is_told_though_the_last_handle_goes_meanwhile() {
    let (mut sim, notes) = (sim(), Notes::default());
    let far = keeper(&mut sim, 0, "it", &notes);
    let watch = watches("its end", &far, &notes);
    sim.spawn(spawn!(transition_no_state!(watch)));
    sim.run();
    sim.tell(|cx| drop(far.fail(cx)));
    sim.run_steps(1);
    drop(far);
    sim.run();
    assert_eq!(notes.take(), ["it drops", "its end: it is gone (panic: hurt)"]);
    assert_eq!(processes(&sim), 0);
}
