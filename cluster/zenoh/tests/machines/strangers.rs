//! C10: what is no machine.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::faults::pair;
use crate::program::Cluster;

#[test]
fn c10_what_is_no_machine_harms_nobody() {
    let cluster = Cluster::new(&["ann", "bob"]);
    let [mut ann, bob] = pair(&cluster);
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\x05hello", &[0xff; 100_000]] {
        let mut stream = TcpStream::connect(cluster.wire("ann").at).expect("it listens");
        // It may have closed before it has read all.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    // They have been there all the time: nothing else was said.
    ann.hears_the_end_of(bob, "bob");
    let _bob = cluster.start("bob", "member");
    ann.hears("there is bob");
}
