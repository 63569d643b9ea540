//! C11: keys.

use marketplace_cluster::key_file;

use crate::program::Cluster;

#[test]
fn c11_machines_with_keys_meet_and_another_key_is_refused_with_words_on_both_sides() {
    let folder = std::env::temp_dir().join(format!("marketplace-links-keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("there is room");
    let path = |name: &str| folder.join(name).display().to_string();
    let cluster =
        Cluster::with_keys(&["ann", "bob"], |name| key_file(path(name)).expect("a key").designator());
    let start = |name: &str, key: &str| {
        let machine = cluster.start_apart(name, "member", &[("KEY", &path(key))]);
        cluster.wire(name).lead_to(machine.address);
        machine
    };
    let (mut ann, mut bob) = (start("ann", "ann"), start("bob", "bob"));
    ann.hears("there is bob");
    bob.hears("there is ann");
    bob.kill();
    ann.hears("gone is bob: ");
    // Somebody else calls itself bob. Its own list is right, so it is not told beforehand.
    let other = Cluster::with_keys(&["ann", "bob"], |name| {
        key_file(path(if name == "bob" { "eve" } else { name })).expect("a key").designator()
    });
    other.wire("ann").lead_to(ann.address);
    let eve = other.start_apart("bob", "member", &[("KEY", &path("eve"))]);
    let refused = "the key of `bob` is another one in the list of `ann`";
    ann.complains(refused);
    eve.complains(&format!("it refuses: {refused}"));
    let _ = std::fs::remove_dir_all(&folder);
}
