//! A dump shows objects and promises (O21).

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{DumpedDecider, DumpedObject, DumpedPromise, DumpedWaiter};

fn sim() -> Sim {
    Sim::new(|_| transition_no_state!())
}

struct Purse(u64);

#[object]
impl Purse {
    fn take(&mut self, n: u64) -> u64 {
        self.0 -= n;
        self.0
    }
    fn wait(&mut self, cx: &Cx<Self>, it: Promise<u64>) -> Promise<u64> {
        cx.when(it, |_, _, it| Ok(it?))
    }
}

/// The only object of the process that the dump shows last.
fn last_object(sim: &mut Sim) -> DumpedObject {
    let process = sim.dump().processes.pop().unwrap();
    assert_eq!(process.object_count, 1);
    process.objects[0].clone()
}

fn promise_of(sim: &mut Sim, promise: &Promise<u64>) -> DumpedPromise {
    let promise = Reference::from_value(&promise.to_value()).unwrap();
    let dump = sim.dump();
    let found = dump.promises.iter().find(|dumped| dumped.reference == promise);
    found.cloned().unwrap_or_else(|| panic!("{promise:?} is not in\n{dump}"))
}

#[test]
fn o21_a_dump_counts_who_holds_an_object_and_says_where_they_are() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    sim.run();
    let shown = last_object(&mut sim);
    assert_eq!(shown.reference, purse.as_ref().shown());
    assert_eq!((shown.kind, shown.held, shown.unseen()), ("Purse", 1, 1), "the host has it");

    sim.tell(|cx| purse.take(cx, 1));
    sim.send(&(purse.clone(), purse.clone()));
    let shown = last_object(&mut sim);
    assert_eq!((shown.held, shown.queued, shown.unseen()), (4, 3, 1));
    assert_eq!(
        shown.to_string(),
        format!("{purse:?} Purse, held by 4: 3 in the queue, 1 out of sight (states, closures, hosts)")
    );
    sim.run();
    assert_eq!(last_object(&mut sim).held, 1);
}

#[test]
fn o21_a_promise_says_who_settles_it_and_who_waits() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    sim.run();
    let (later, resolver) = promise::<u64>();
    let asked = sim.ask(|cx| purse.wait(cx, &later));
    sim.run();
    let pid = process_of(&purse).unwrap();
    let first = promise_of(&mut sim, &later);
    assert_eq!(first.decider, DumpedDecider::Unseen, "the host has the resolver");
    let [DumpedWaiter::Process(place)] = &first.waits[..] else { panic!("{first:?}") };
    assert_eq!((place.vm.len(), place.pid), (0, pid));
    let text = sim.dump().to_string();
    let told =
        format!("promise {later:?}: somebody settles it whom the VM does not see; for it waits {pid}\n");
    assert!(text.contains(&told), "{text}");
    let told = format!(": {pid} settles it, and waits for {later:?} before; for it waits ");
    assert!(text.contains(&told), "{text}");
    assert_eq!(last_object(&mut sim).waits, 1, "as long as it waits, it stays");
    drop((asked, resolver));
    sim.run();
    assert_eq!((sim.dump().promise_count, sim.object_stats().promises), (0, 0));
}

struct Asker(Far<Purse>);

#[object]
impl Asker {
    fn go(&self, cx: &Cx<Self>) {
        let left = self.0.take(cx, 1);
        cx.when(left, |_, _, left: Result<u64, Reason>| Ok(left?));
    }
}

/// While nobody has the promise: neither it nor the process that waits is out of sight.
#[test]
fn o21_a_process_that_waits_for_what_it_has_just_asked_for_is_shown() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    let asker = sim.spawn_object(Asker(purse.clone()));
    sim.run();
    sim.tell(|cx| asker.go(cx));
    let mut deciders = Vec::new();
    for _ in 0..2 {
        sim.step();
        let dump = sim.dump();
        let [asked, own] = &dump.promises[..] else { panic!("{dump}") };
        let [DumpedWaiter::Process(place)] = &asked.waits[..] else { panic!("{dump}") };
        assert_eq!((Some(place.pid), asked.waiters), (process_of(&asker), 1), "{dump}");
        let DumpedDecider::When { on: Some(on), .. } = &own.decider else { panic!("{dump}") };
        assert_eq!(*on, asked.reference, "{dump}");
        deciders.push(asked.decider.clone());
    }
    let [DumpedDecider::Message { .. }, DumpedDecider::Answer] = deciders[..] else { panic!("{deciders:?}") };
    sim.run();
    assert_eq!(sim.dump().promise_count, 0);
}

/// A promise whose answer is in a queue, waits elsewhere, follows, or is forwarded.
#[test]
fn o21_a_promise_says_where_its_answer_is() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    sim.run();
    let pid = process_of(&purse).unwrap();
    let (later, resolver) = promise::<Far<Purse>>();
    let (mut queued, mut waiting) = (None, None);
    sim.tell(|cx| {
        queued = Some(purse.take(cx, 1));
        waiting = Some(later.take(cx, 2));
    });
    let (queued, waiting) = (queued.unwrap(), waiting.unwrap());
    let DumpedDecider::Message { to, by: Some(by) } = promise_of(&mut sim, &queued).decider else {
        panic!("{}", sim.dump())
    };
    assert_eq!((to, by.pid), (purse.as_ref().shown(), pid));
    assert_eq!((sim.dump().deliveries, sim.object_stats().deliveries), (2, 2));
    sim.run();
    assert_eq!(sim.dump().promise_count, 0, "nothing leads to a promise that the host alone has");

    // A message leads to it.
    sim.tell(|cx| later.take(cx, 3));
    let at = later.as_ref().shown();
    assert_eq!(promise_of(&mut sim, &waiting).decider, DumpedDecider::Waiting(at.clone()));
    let dump = sim.dump();
    let shown = dump.promises.iter().find(|promise| promise.reference == at).unwrap();
    assert_eq!((shown.messages, &shown.decider), (1, &DumpedDecider::Unseen));
    assert_eq!(shown.first.as_ref().unwrap().to_string(), "['take, 2]");
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(purse.clone()))));
    sim.run();
    assert_eq!(sim.dump().promise_count, 0, "{}", sim.dump());
}

#[test]
fn o21_a_promise_that_follows_or_is_forwarded_says_so() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    sim.run();
    let (first, for_first) = promise::<u64>();
    let (second, for_second) = promise::<u64>();
    let asked = sim.ask(|cx| purse.wait(cx, &first));
    sim.run();
    let follow = for_first.follow(second.clone());
    sim.spawn(spawn!(transition_no_state!(follow)));
    sim.run();
    sim.send(&first);
    let (one, other) = (promise_of(&mut sim, &first), promise_of(&mut sim, &second));
    assert_eq!((&one.decider, one.waiters), (&DumpedDecider::Follows(other.reference.clone()), 0));
    assert_eq!((&other.decider, other.waiters), (&DumpedDecider::Unseen, 2), "the purse, and the first one");
    assert!(other.waits.contains(&DumpedWaiter::Promise(one.reference)), "{other:?}");

    let (far, for_far) = forwarded::<u64>(&purse);
    sim.send(&far);
    assert_eq!(promise_of(&mut sim, &far).decider, DumpedDecider::Forwarded(purse.as_ref().shown()));
    drop((asked, for_second, for_far));
}

/// A message that waits counts for its references, and so does a `when`.
#[test]
fn o19_what_waits_holds_what_is_in_it() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    sim.run();
    let (later, resolver) = promise::<Far<Purse>>();
    sim.tell(|cx| send(cx, &later, "give", (purse.clone(),)));
    sim.run();
    let shown = last_object(&mut sim);
    assert_eq!((shown.held, shown.promised, shown.unseen()), (2, 0, 2), "nothing leads to the promise");
    sim.tell(|cx| send(cx, &later, "give", (purse.clone(),)));
    let shown = last_object(&mut sim);
    assert_eq!((shown.held, shown.queued, shown.promised, shown.unseen()), (3, 1, 1, 1));
    drop(resolver);
    sim.run();
    assert_eq!(last_object(&mut sim).held, 1, "the messages have gone");
}

/// Ann waits for what Bob gives, and Bob for what Ann gives.
#[test]
fn o15_two_promises_that_wait_for_each_other_are_shown() {
    let mut sim = sim();
    let (ann, bob) = (sim.spawn_object(Purse(0)), sim.spawn_object(Purse(0)));
    sim.run();
    let (begins, resolver) = promise::<u64>();
    let mut ends = None;
    sim.tell(|cx| {
        let of_ann = ann.wait(cx, &begins);
        ends = Some(bob.wait(cx, of_ann));
    });
    let ends = ends.unwrap();
    let follow = resolver.follow(ends.clone());
    sim.spawn(spawn!(transition_no_state!(follow)));
    sim.run();
    drop((begins, ends));
    let dump = sim.dump();
    let settles = |object: &Far<Purse>| {
        let pid = process_of(object);
        dump.promises.iter().find_map(|promise| match &promise.decider {
            DumpedDecider::When { by, on } if Some(by.pid) == pid => Some((promise, on.clone())),
            _ => None,
        })
    };
    let (of_ann, ann_waits) = settles(&ann).unwrap_or_else(|| panic!("{dump}"));
    let (of_bob, bob_waits) = settles(&bob).unwrap_or_else(|| panic!("{dump}"));
    assert_eq!(
        (ann_waits, bob_waits),
        (Some(of_bob.reference.clone()), Some(of_ann.reference.clone())),
        "{dump}"
    );
}

/// An object in a VM in the ground VM: its own dump has it, with the waiter further out.
#[test]
fn o21_objects_in_nested_vms_are_shown_there() {
    let mut sim = Sim::new(|_| {
        let (spawn, purse) = spawn_object(Purse(9));
        let (later, resolver) = promise::<u64>();
        let asks = ask(|cx| purse.wait(cx, &later), |resolver: Resolver<u64>, _| Ok(transition!(resolver)));
        let inner = move || transition_no_state!(spawn);
        transition_no_state!(
            name_process("house", spawn_vm!(inner().actions)),
            spawn!(transition!(resolver, subscriber!("never"), asks)),
        )
    });
    sim.run();
    let dump = sim.dump();
    let house = dump.processes.iter().find(|process| process.inside.is_some()).unwrap();
    assert_eq!(house.object_count, 0);
    let inside = house.inside.as_ref().unwrap();
    let process = inside.processes.iter().find(|process| process.object_count == 1).unwrap();
    assert_eq!((process.objects[0].kind, process.objects[0].waits), ("Purse", 1));
    let promise =
        inside.promises.iter().find(|promise| matches!(promise.decider, DumpedDecider::When { .. }));
    let promise = promise.unwrap_or_else(|| panic!("{dump}"));
    let [DumpedWaiter::Process(place)] = &promise.waits[..] else { panic!("{dump}") };
    assert_eq!(place.vm.len(), 0, "who waits is in the ground VM");
    assert!(dump.promises.contains(promise), "it is shown there, too");
    let text = dump.to_string();
    let further_out = format!("for it waits /{}\n", place.pid);
    assert!(text.contains(&further_out), "{text}");
}

struct Maker(Vec<Far<Purse>>);

#[object]
impl Maker {
    fn make(&mut self, cx: &Cx<Self>, n: u64) {
        self.0.extend((0..n).map(|n| cx.make(Purse(n))));
    }
}

/// However many there are.
#[test]
fn o21_a_dump_names_the_first_hundred() {
    let mut sim = sim();
    let maker = sim.spawn_object(Maker(Vec::new()));
    sim.tell(|cx| maker.make(cx, 250));
    sim.run();
    let process = sim.dump().processes.pop().unwrap();
    assert_eq!((process.objects.len(), process.object_count), (100, 251));
    assert_eq!(sim.object_stats().objects, 251);
    assert!(sim.dump().to_string().contains("\n  151 more objects\n"));
    let promises: Vec<_> = (0..150).map(|_| promise::<u64>()).collect();
    sim.send(&promises.iter().map(|(promise, _)| promise.clone()).collect::<Vec<_>>());
    let dump = sim.dump();
    assert_eq!((dump.promises.len(), dump.promise_count, sim.object_stats().promises), (100, 150, 150));
    assert!(dump.to_string().contains("\n50 more promises\n"));
}

/// As long as somebody looks on, nothing is kept.
#[test]
fn o23_a_dump_keeps_nothing() {
    let mut sim = sim();
    let purse = sim.spawn_object(Purse(9));
    let asked = sim.ask(|cx| purse.take(cx, 1));
    let before = sim.dump();
    sim.run();
    drop((purse, asked));
    sim.run();
    assert_eq!(sim.object_stats().objects, 0, "{before}");
}
