//! An object may do this in its turn: call another one near, and act as a process does.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::notes::{Doer, Notes, Scribe, answer, empty, spawned};

#[test]
fn near_calls_an_object_of_the_same_process_now() {
    let notes = Notes::default();
    let mut sim = empty();
    let elsewhere = spawned(&mut sim, 0, Nearby(notes.clone()));
    let same_vm = elsewhere.clone();
    let (spawn_to_be, to_be) = spawn_object::<(), _>(Nearby(notes.clone()));
    let writes = notes.clone();
    let doer = Doer::quiet(move |cx| {
        let beside = cx.make(Nearby(writes.clone()));
        assert_eq!(cx.near(&beside, |it, cx| it.write(cx, "now")), Ok("now".to_string()));
        writes.add("after");
        assert_eq!(cx.near(&same_vm, |_, _| ()), Err(NotNear::Elsewhere));
        assert_eq!(cx.near(&cx.me(), |_, _| ()), Err(NotNear::Busy));
        assert_eq!(cx.near(&to_be, |_, _| ()), Err(NotNear::NotThere));
        assert_eq!(cx.near(&cast::<Doer>(&beside), |_, _| ()), Err(NotNear::OfAnotherType));
        let busy = cx.near(&beside, |it, cx| {
            let me = cx.me();
            let again = cx.near(&me, |_, _| ()).unwrap_err();
            it.0.add(again.to_string());
        });
        assert_eq!(busy, Ok(()));
    });
    let doer = spawned(&mut sim, 0, doer);
    answer(&mut sim, |cx| doer.go(cx)).unwrap();
    assert_eq!(notes.take(), ["now", "after", "the object is being called"]);
    drop(spawn_to_be);
}

struct Nearby(Notes);

#[object]
impl Nearby {}

impl Nearby {
    fn write(&mut self, _: &Cx<'_, Self>, note: &str) -> String {
        self.0.add(note);
        note.to_string()
    }
}

#[test]
fn what_is_sent_in_a_near_call_stands_in_order_with_the_rest_of_the_turn() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let near = notes.clone();
    let doer = Doer::quiet(move |cx| {
        let beside = cx.make(Nearby(near.clone()));
        scribe.note(cx, "one");
        let far = scribe.clone();
        cx.near(&beside, move |_, cx| {
            far.note(cx, "two");
        })
        .unwrap();
        scribe.note(cx, "three");
    });
    let doer = spawned(&mut sim, 0, doer);
    answer(&mut sim, |cx| doer.go(cx)).unwrap();
    assert_eq!(notes.take(), ["one", "two", "three"]);
}

struct Listener(Notes);

#[object]
impl Listener {
    fn listen(&mut self, cx: &Cx<Self>, asks: Far<Scribe>) {
        cx.act((
            subscriber!(
                ("say", _),
                match_state!(me: &mut Self => on_message!(("say", what) => {
                    let what: Text = what;
                    me.0.add(&*what)
                })),
            ),
            ask(
                |cx| asks.note(cx, "asked"),
                |me: Self, answer: Result<Text, Reason>| {
                    me.0.add(format!("answered {}", answer.unwrap()));
                    transition!(me)
                },
            ),
        ));
        cx.act(at_meta_level!(send_message!("outward")));
    }
}

#[test]
fn act_asks_for_what_a_process_with_the_object_as_its_state_may_ask_for() {
    let notes = Notes::default();
    let mut sim = empty();
    let scribe = spawned(&mut sim, 0, notes.scribe());
    let (spawn_listener, listener) = spawn_object(Listener(notes.clone()));
    let heard = notes.clone();
    sim.spawn(spawn(move |_| {
        transition_no_state!(
            subscriber!("outward", on_message!("outward" => heard.add("outward"))),
            spawn_vm(move |_, _| transition_no_state!(
                spawn_listener,
                spawn(|_| transition_no_state!(
                    subscriber!(
                        "now",
                        on_message!("now" =>
                    send_message!(("say", "inside")))
                    ),
                    at_meta_level!(subscriber!(
                        "go",
                        on_message!("go" =>
                    send_message!(("say", "hello")))
                    ))
                )),
            )),
        )
    }));
    sim.run();
    answer(&mut sim, |cx| listener.listen(cx, &scribe)).unwrap();
    assert_eq!(notes.take(), ["asked", "outward", "answered asked"]);
    sim.send(&Text::from("go"));
    sim.run();
    assert_eq!(notes.take(), ["hello"]);
}

/// An object with an endpoint named "door", which it opens and shuts.
struct Door(u32);

#[object]
impl Door {
    fn beside(&self, cx: &Cx<Self>, number: u32) -> Far<Self> {
        cx.make(Self(number))
    }

    fn open(&mut self, cx: &Cx<Self>) {
        cx.act(name_endpoint("door", publisher!(("open", self.0))));
        cx.act(at_meta_level!(name_endpoint("door", publisher!(("open outside", self.0)))));
    }

    fn shut(&mut self, cx: &Cx<Self>) {
        cx.act(delete_endpoint("door"));
        cx.act(at_meta_level!(delete_endpoint("door")));
    }
}

/// Notes which doors are open.
fn sees(notes: &Notes, word: &'static str) -> AddEndpoint<()> {
    let (came, went) = (notes.clone(), notes.clone());
    subscriber!(
        (word, _),
        match_conversation!((_, number): (Text, u32) =>
            on_presence!(came.add(format!("{word} {number}"))),
            on_absence!(went.add(format!("{word} {number}: shut"))),
        )
    )
}

#[test]
fn names_of_endpoints_are_those_of_an_object_alone() {
    let notes = Notes::default();
    let (inside, outside) = (notes.clone(), notes.clone());
    let (first, here) = promise::<Far<Door>>();
    let mut sim = Sim::new(move |_| {
        transition_no_state!(
            sees(&outside, "open outside"),
            spawn_vm!(spawn!({
                let (spawn, door) = spawn_object(Door(1));
                transition_no_state!(sees(&inside, "open"), spawn, here.fulfill(door))
            })),
        )
    });
    sim.run();
    let second = sim.ask(|cx| first.beside(cx, 2));
    sim.run();
    let second = second.answer().unwrap().unwrap();
    sim.tell(|cx| {
        first.open(cx);
        second.open(cx);
    });
    sim.run();
    assert_eq!(notes.take(), ["open 1", "open 2", "open outside 1", "open outside 2"]);
    sim.tell(|cx| {
        first.shut(cx);
    });
    sim.run();
    assert_eq!(notes.take(), ["open 1: shut", "open outside 1: shut"]);
}
