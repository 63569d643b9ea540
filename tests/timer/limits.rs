//! `timer::within`: an answer in time, or none.

use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::timer;

const SECOND: Duration = Duration::from_secs(1);

/// Answers when it is told to, or not at all.
#[derive(Default)]
struct Clerk {
    waiting: Vec<Resolver<Far<Desk>>>,
}

struct Desk;

#[object]
impl Desk {
    fn number(&self) -> u32 {
        7
    }
}

#[object]
impl Clerk {
    fn desk(&mut self) -> Promise<Far<Desk>> {
        let (desk, resolver) = promise::<Far<Desk>>();
        self.waiting.push(resolver);
        desk
    }

    fn serve(&mut self, cx: &Cx<Self>) {
        let desk = cx.make(Desk);
        cx.act(self.waiting.drain(..).map(|waits| waits.fulfill(&desk)).collect::<ActionTree<Self>>());
    }

    fn refuse(&mut self, cx: &Cx<Self>, why: Text) {
        let why = Reason::value(&why);
        let refusals = self.waiting.drain(..).map(|waits| waits.break_because(why.clone()));
        cx.act(refusals.collect::<ActionTree<Self>>());
    }
}

/// Asks the clerk in a method.
struct Guest(Far<Clerk>);

#[object]
impl Guest {
    fn waits(&mut self, cx: &Cx<Self>) -> Promise<u32> {
        // Messages to the promise wait as they do at any promise.
        timer::within(cx, self.0.desk(cx), SECOND).number(cx)
    }
}

/// A sim with a clerk and a guest, and how many processes there are in it.
fn office() -> (Sim, Far<Clerk>, Far<Guest>, usize) {
    let mut sim = Sim::new(|_| transition_no_state!(timer::driver()));
    let clerk = sim.spawn_object(Clerk::default());
    let guest = sim.spawn_object(Guest(clerk.clone()));
    sim.run();
    let processes = sim.stats().processes;
    (sim, clerk, guest, processes)
}

#[test]
fn an_answer_in_time_is_the_answer() {
    let (mut sim, clerk, guest, processes) = office();
    let number = sim.ask(|cx| guest.waits(cx));
    sim.advance(SECOND / 2);
    sim.tell(|cx| clerk.serve(cx));
    sim.run();
    assert_eq!(number.answer(), Some(Ok(7)));
    assert_eq!(sim.stats().processes, processes, "nobody waits for the time any more");
    sim.advance(SECOND);
    assert_eq!(number.answer(), Some(Ok(7)));
}

#[test]
fn no_answer_in_time_breaks_the_promise_and_takes_nothing_back() {
    let (mut sim, clerk, guest, processes) = office();
    let number = sim.ask(|cx| guest.waits(cx));
    sim.advance(SECOND - Duration::from_millis(1));
    assert_eq!(number.answer(), None);
    sim.advance(Duration::from_millis(1));
    let why = number.answer().unwrap().unwrap_err();
    assert_eq!(Broken::of(&why), Some(&Broken::TimedOut));
    assert_eq!(sim.stats().processes, processes);
    sim.tell(|cx| clerk.serve(cx));
    sim.run();
    assert_eq!(number.answer(), Some(Err(Broken::TimedOut.into())), "a late answer is nothing");
    assert_eq!(sim.stats().unheard_errors, 0);
}

#[test]
fn an_error_in_time_is_that_error() {
    let (mut sim, clerk, guest, processes) = office();
    let number = sim.ask(|cx| guest.waits(cx));
    sim.run();
    sim.tell(|cx| clerk.refuse(cx, "closed"));
    sim.run();
    assert_eq!(number.answer(), Some(Err(Reason::value(&Text::from("closed")))));
    assert_eq!(sim.stats().processes, processes);
}

#[test]
fn any_process_limits_and_so_does_a_host() {
    let (mut sim, clerk, ..) = office();
    let asks = clerk.clone();
    let waits = move || {
        transition_no_state!(ask(
            |cx| timer::within(cx, asks.desk(cx), SECOND),
            |(), desk: Result<Far<Desk>, Reason>| transition_no_state!(send_message!(desk.is_ok())),
        ))
    };
    // In a nested VM the relay sets its timer.
    sim.spawn(spawn_vm(move |_, _| transition_no_state!(timer::relay(), spawn!(waits()))));
    let asked = sim.ask(|cx| timer::within(cx, clerk.desk(cx), SECOND * 2));
    sim.advance(SECOND);
    assert_eq!(sim.messages_of::<bool>(), [false]);
    assert_eq!(asked.answer(), None);
    sim.tell(|cx| clerk.serve(cx));
    sim.run();
    assert!(asked.answer().unwrap().is_ok());
}
