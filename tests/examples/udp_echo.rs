//! The UDP echo server, with clients that are plain sockets.

use std::net::UdpSocket;
use std::time::Duration;

use crate::program::Program;

fn client() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there is a loopback");
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
    socket
}

#[test]
fn udp_echo_echoes_to_each_client_its_own() {
    let mut server = Program::start("udp_echo", &["0"]);
    let address = server.listening();
    let clients = [client(), client(), client()];
    for len in [0, 5, 65507] {
        for (n, client) in clients.iter().enumerate() {
            client.send_to(&vec![n as u8; len], address).expect("it is sent");
        }
        for (n, client) in clients.iter().enumerate() {
            let mut back = vec![0; 65536];
            let (size, from) = client.recv_from(&mut back).expect("the server echoes");
            assert_eq!((&back[..size], from), (&vec![n as u8; len][..], address));
        }
    }
    assert!(server.interrupt().success());
}

#[test]
fn a_second_udp_echo_on_the_port_says_why_it_cannot_start() {
    let mut first = Program::start("udp_echo", &["0"]);
    let port = first.listening().port().to_string();
    let (status, said) = Program::start("udp_echo", &[&port]).end();
    assert!(!status.success());
    assert!(said.contains("in use") && said.contains(&port), "it said: {said}");
    assert!(first.interrupt().success());
}
