//! C11: certificates.

use marketplace_cluster_zenoh::Certificates;

use crate::program::Cluster;

#[path = "../../src/tests/folder.rs"]
mod folder;

#[test]
fn c11_machines_with_certificates_meet_and_one_of_another_authority_does_not() {
    let cluster = Cluster::new(&["ann", "bob", "cid"]);
    let (ours, theirs) = (folder::Folder::new(), folder::Folder::new());
    let start = |name: &str, folder: &folder::Folder| {
        let of: Certificates = folder.of(name);
        let path = |path: &std::path::Path| path.display().to_string();
        let files = [path(&of.authority), path(&of.certificate), path(&of.key)].join(" ");
        let machine = cluster.start_apart(name, "member", &[("CERTIFICATES", &files)]);
        cluster.wire(name).lead_to(machine.address);
        machine
    };
    let (mut ann, mut bob) = (start("ann", &ours), start("bob", &ours));
    ann.hears("there is bob");
    bob.hears("there is ann");
    bob.kill();
    ann.hears("gone is bob: ");
    // Somebody else calls itself bob: it begins alone.
    let mut forged = start("bob", &theirs);
    forged.hears("begins");
    // Nobody says why: Zenoh does so, where it is asked.
    forged.complains("missing machines: ann");
    ann.complains("missing machines: bob");
    let mut cid = start("cid", &ours);
    cid.hears("there is ann");
    ann.hears("there is cid");
    let said = forged.kill();
    assert!(!said.contains("panicked"), "{said}");
    // Nothing was heard of it: it would have been there before cid was.
    let mut bob = start("bob", &ours);
    bob.hears("there is ann");
    ann.hears("there is bob");
}
