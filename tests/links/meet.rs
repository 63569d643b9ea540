//! C2, C6, C18: machines that come and go.

use crate::program::Cluster;

#[test]
fn c2_three_machines_see_each_other_and_who_is_killed_and_started_again() {
    let cluster = Cluster::new(&["ann", "bob", "cid"]);
    let mut ann = cluster.start("ann", "member");
    let mut bob = cluster.start("bob", "member");
    let mut cid = cluster.start("cid", "member");
    for (machine, others) in
        [(&mut ann, ["bob", "cid"]), (&mut bob, ["ann", "cid"]), (&mut cid, ["ann", "bob"])]
    {
        for other in others {
            machine.hears(&format!("there is {other}"));
        }
    }
    bob.kill();
    for other in [&mut ann, &mut cid] {
        let (_, why) = other.hears("gone is bob: ");
        let either = ["the machine cannot be reached", "the machine was started again"];
        assert!(either.iter().any(|lost| why.ends_with(lost)), "{why}");
    }
    let mut bob = cluster.start("bob", "member");
    for machine in [&mut ann, &mut cid] {
        machine.hears("there is bob");
    }
    bob.hears("there is ann");
    bob.hears("there is cid");
}

#[test]
fn c18_whoever_leaves_is_heard_by_the_others() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let mut ann = cluster.start("ann", "member");
    let bob = cluster.start("bob", "member");
    ann.hears("up is bob 1");
    ann.hears("there is bob");
    bob.signal(rustix::process::Signal::TERM);
    assert_eq!(ann.hears("gone is bob: ").1, "gone is bob: shutdown");
    assert_eq!(ann.hears("down is bob: ").1, "down is bob: shutdown");
}
