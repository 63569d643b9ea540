//! What a dump shows of objects and promises (O21).

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
    assert_eq!((sim.dump().promise_count, sim.stats().promises), (0, 0));
}
