//! C10: what is no machine.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::faults::pair;
use crate::program::Cluster;

#[test]
fn what_is_no_machine_is_turned_away_with_a_warning_and_harms_nobody() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let [ann, bob] = pair(&cluster);
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\x05hello", &[0xff; 100_000]] {
        let mut stream = TcpStream::connect(cluster.wire("ann").at).expect("it listens");
        // It may have closed before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(answer, b"");
    }
    let said = ann.kill();
    let warning = "WARN marketplace_cluster::links::complaints: a connection with 127.0.0.1:";
    assert!(said.contains(warning) && said.contains("what it says is not as links say it"), "{said}");
    assert!(said.contains("what it says is no greeting of a machine"), "{said}");
    assert!(!bob.kill().contains("a connection with"));
}
