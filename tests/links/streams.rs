//! C5, C10: many messages, and machines that do not take them.

use crate::program::{Cluster, MANY};

fn come_once_each_and_in_order(many: u64) {
    // Reading takes turns with sending on a busy machine.
    let cluster = Cluster::new(&["ann", "bob"]).lease(std::time::Duration::from_secs(20)).many(many);
    let _ann = cluster.start("ann", "sends");
    let mut bob = cluster.start("bob", "counts");
    bob.hears(&format!("counted {many}"));
}

#[test]
fn c5_many_messages_come_once_each_and_in_order() {
    come_once_each_and_in_order(MANY);
}

#[test]
#[ignore = "it is for a release build"]
fn c5_a_million_messages_come_once_each_and_in_order() {
    come_once_each_and_in_order(1_000_000);
}

#[test]
fn c10_a_machine_that_hangs_costs_the_others_no_memory() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let mut ann = cluster.start("ann", "floods");
    let mut bob = cluster.start("bob", "hangs");
    bob.hears("hangs");
    let (_, why) = ann.hears("gone: ");
    assert!(
        why.ends_with("the machine does not keep up") || why.ends_with("the machine cannot be reached"),
        "{why}"
    );
    // 16 MiB may wait, as messages and as bytes.
    #[cfg(target_os = "linux")]
    assert!(ann.peak() < 200, "{} MiB", ann.peak());
    // It goes on, and ann sees it again.
    ann.hears("floods");
    drop(bob.child.stdin.take());
    ann.hears("floods");
}
