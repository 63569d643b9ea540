//! A wire to a machine: others find the machine here, wherever it listens.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A wire to a machine. It is there before the machine is.
pub(crate) struct Wire {
    pub(crate) at: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    end: Mutex<End>,
    changed: Condvar,
}

#[derive(Default)]
struct End {
    /// Where the machine listens.
    machine: Option<SocketAddr>,
    /// Nothing goes on, and nobody is told.
    is_silent: bool,
    /// Both ends of each connection.
    open: Vec<[TcpStream; 2]>,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries one direction of a connection.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 16 << 10];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let silent = |end: &mut End| end.is_silent;
            drop(self.changed.wait_while(self.lock(), silent));
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}

impl Wire {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let at = listener.local_addr().expect("it has an address");
        let state = Arc::<State>::default();
        let own = state.clone();
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let machine = own.lock().machine;
                let Some(far) = machine.and_then(|machine| TcpStream::connect(machine).ok()) else {
                    continue;
                };
                let ends = [&near, &far].map(|end| end.try_clone().expect("there are descriptors"));
                own.lock().open.push(ends);
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone(), to.try_clone());
                    let (from, to) =
                        (from.expect("there are descriptors"), to.expect("there are descriptors"));
                    let own = own.clone();
                    thread::spawn(move || own.carry(from, to));
                }
            }
        });
        Self { at, state }
    }

    /// The machine is there.
    pub(crate) fn lead_to(&self, machine: SocketAddr) {
        self.state.lock().machine = Some(machine);
    }

    /// All connections end, and there are no new ones. Gives where the machine is.
    pub(crate) fn cut(&self) -> SocketAddr {
        let mut end = self.state.lock();
        for one in end.open.drain(..).flatten() {
            let _ = one.shutdown(Shutdown::Both);
        }
        end.machine.take().expect("it leads somewhere")
    }

    /// From now on all connections stand, and nothing goes on, until [`Wire::go_on`].
    pub(crate) fn fall_silent(&self) {
        self.state.lock().is_silent = true;
    }

    pub(crate) fn go_on(&self) {
        self.state.lock().is_silent = false;
        self.state.changed.notify_all();
    }
}
