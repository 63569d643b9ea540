//! Vats that meet in a directory.

use marketplace_captp::enliven;
use marketplace_captp::netlayer::unix;

use crate::sockets::Node;
use crate::things::Counter;

#[test]
fn k11_vats_meet_in_a_directory() {
    let folder = std::env::temp_dir().join(format!("captp-vats-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| Node::new(unix::named(&folder, name)));
    let (bob, carol) = (bob.publish(Counter::new(0)), carol.publish(Counter::new(7)));
    assert!(bob.contains("-bob.unix/s/"), "{bob}");
    // Carol is handed off: Bob's vat finds her in the directory.
    let sum = alice.ask(|cx| {
        let carol = enliven::<Counter>(cx, &alice.peer, &carol);
        let bob = enliven::<Counter>(cx, &alice.peer, &bob);
        bob.add_at_promised(cx, carol, 3)
    });
    assert_eq!(sum, Ok(10));
    std::fs::remove_dir_all(&folder).unwrap();
}
