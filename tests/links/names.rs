//! C11: a name that is taken.

use crate::program::Cluster;

#[test]
fn c11_a_second_machine_of_a_name_ends_and_the_first_one_stays() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let mut ann = cluster.start("ann", "member");
    let mut bob = cluster.start("bob", "member");
    ann.hears("there is bob");
    bob.hears("there is ann");
    let mut second = cluster.start_apart("bob", "member", &[]);
    let (_, why) = second.hears("down is bob: ");
    assert!(why.ends_with("another machine has its name"), "{why}");
    assert!(second.kill().contains("another machine has this name: this one ends"));
    // The first one has been there all the time: nothing else was said of it.
    ann.hears_the_end_of(bob, "bob");
}
