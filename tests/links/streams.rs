//! C5, C10: many messages, and machines that do not take them.

use crate::machine::MANY;
use crate::program::Cluster;

#[test]
fn c5_many_messages_come_once_each_and_in_order() {
    // Reading takes turns with sending on a busy machine.
    let cluster = Cluster::new(&["ann", "bob"]).lease(std::time::Duration::from_secs(20));
    let _ann = cluster.start("ann", "sends");
    let mut bob = cluster.start("bob", "counts");
    bob.hears(&format!("counted {MANY}"));
}

#[test]
fn c10_a_machine_that_hangs_costs_the_others_no_memory() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let mut ann = cluster.start("ann", "floods");
    let mut bob = cluster.start("bob", "hangs");
    bob.hears("hangs");
    let (_, why) = ann.hears("gone: ");
    assert!(why.ends_with("Lost.Overrun") || why.ends_with("Lost.Unreachable"), "{why}");
    // 16 MiB may wait, as messages and as bytes.
    #[cfg(target_os = "linux")]
    assert!(ann.peak() < 200, "{} MiB", ann.peak());
    // It goes on, and ann sees it again.
    ann.hears("floods");
    drop(bob.child.stdin.take());
    ann.hears("floods");
}
