//! Stands between clients and a server, and counts the bytes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Hands on what is said between clients and a server, and counts it.
#[derive(Debug)]
pub struct Relay {
    /// Its address.
    pub at: SocketAddr,
    bytes: Arc<AtomicU64>,
}

impl Relay {
    /// How many bytes went through it, both ways.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }
}

/// One before this server, on threads of its own.
pub fn relay(server: SocketAddr) -> Relay {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let at = listener.local_addr().expect("it listens");
    let bytes = Arc::new(AtomicU64::new(0));
    let counted = bytes.clone();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(server) else { continue };
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                let counted = counted.clone();
                thread::spawn(move || hand_on(from, to, &counted));
            }
        }
    });
    Relay { at, bytes }
}

fn hand_on(mut from: TcpStream, mut to: TcpStream, counted: &AtomicU64) {
    let mut room = [0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut room) {
        counted.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&room[..read]).is_err() {
            break;
        }
    }
    // The other side may have gone.
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_both_ways_is_counted() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let relay = relay(listener.local_addr().unwrap());
        let mut client = TcpStream::connect(relay.at).unwrap();
        client.write_all(b"hello").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let mut heard = String::new();
        server.read_to_string(&mut heard).unwrap();
        server.write_all(b"you").unwrap();
        drop(server);
        let mut said = String::new();
        client.read_to_string(&mut said).unwrap();
        assert_eq!((&*heard, &*said, relay.bytes()), ("hello", "you", 8));
    }
}
