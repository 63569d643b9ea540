//! The contents of a duct are seen by nobody who has not been given the right to.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::mpsc;

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{pid, sim_of};

/// A sim in which 2 hands each duct that it is passed to the host.
fn collecting() -> (Sim, mpsc::Receiver<Duct>) {
    let (sender, ducts) = mpsc::channel();
    let sim = sim_of(move || {
        vec![spawn!(transition_no_state!(subscriber!(
            _,
            match_duct!(duct => on_message!(_n: u32 => { let _ = sender.send(duct); }))
        )))]
    });
    (sim, ducts)
}

/// Passes on these wires, and stays.
fn asks(wires: &'static [&'static str]) -> Spawn<()> {
    spawn!(transition_no_state!(
        subscriber!("stay"),
        wires.iter().map(|wire| pass(pid(2), *wire, &1u32)).collect::<ActionTree<_>>(),
    ))
}

/// The authority is of its tower.
#[test]
fn the_authority_of_another_tower_shows_nothing() {
    let (mut here, ducts) = collecting();
    here.spawn(asks(&["secret"]));
    here.run();
    let duct = ducts.recv().unwrap();
    assert_eq!(here.debug_authority().hops(&duct).collect::<Vec<_>>(), ["/p3/secret"]);
    let (elsewhere, _) = collecting();
    let shown: Vec<_> = elsewhere.debug_authority().hops(&duct).collect();
    assert_eq!(shown, ["of another tower"]);
}

/// The bytes that a hasher is given.
#[derive(Default)]
struct Told(Vec<u8>);

impl Hasher for Told {
    fn finish(&self) -> u64 {
        0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

fn told(duct: &Duct) -> Vec<u8> {
    let mut told = Told::default();
    duct.hash(&mut told);
    told.0
}

/// A hash says which ducts are equal, and nothing else: neither the wires nor the processes make a
/// difference.
#[test]
fn a_hash_shows_nothing() {
    let hashes = |first: Spawn<()>, second: Spawn<()>| {
        let (mut sim, ducts) = collecting();
        sim.spawn(first);
        sim.spawn(second);
        sim.run();
        ducts.try_iter().map(|duct| told(&duct)).collect::<Vec<_>>()
    };
    let some = hashes(asks(&["a", "b"]), asks(&["a"]));
    assert_eq!(some.iter().collect::<BTreeSet<_>>().len(), 3, "three ducts, none of which equals another");
    assert_eq!(hashes(asks(&["secret", "very secret"]), asks(&["x"])), some);
}

/// Equal ducts have the same hash, also when one of them came later.
#[test]
#[allow(clippy::mutable_key_type, reason = "what changes in a duct is neither compared nor hashed")]
fn equal_ducts_have_one_hash() {
    let (mut sim, ducts) = collecting();
    sim.spawn(asks(&["a", "b", "a"]));
    sim.run();
    let [a, b, again] = ducts.try_iter().collect::<Vec<_>>().try_into().unwrap();
    assert!(a == again && a != b);
    assert_eq!(told(&a), told(&again));
    let mut known = HashMap::from([(a, 1), (b, 2)]);
    known.insert(again, 3);
    assert_eq!(known.len(), 2);
    assert_eq!(told(&Duct::EMPTY), told(&Duct::default()));
}

/// Of many ducts that come and go, those that are there keep their hashes.
#[test]
#[allow(clippy::mutable_key_type, reason = "what changes in a duct is neither compared nor hashed")]
fn hashes_stay() {
    let (mut sim, ducts) = collecting();
    let wires = |range: std::ops::Range<u64>| {
        spawn!(transition_no_state!(
            subscriber!("stay"),
            range.map(|n| pass(pid(2), n.to_value(), &1u32)).collect::<ActionTree<_>>(),
        ))
    };
    sim.spawn(wires(0..300));
    sim.run();
    let kept: HashMap<Duct, usize> = ducts.try_iter().enumerate().map(|(at, duct)| (duct, at)).collect();
    for _ in 0..10 {
        sim.spawn(wires(0..300));
        sim.run();
        let others: HashMap<Duct, usize> =
            ducts.try_iter().enumerate().map(|(at, duct)| (duct, at)).collect();
        assert_eq!(others.len(), 300);
    }
    assert_eq!(kept.len(), 300);
    for (duct, at) in &kept {
        assert_eq!(kept.get(&duct.clone()), Some(at));
    }
}
