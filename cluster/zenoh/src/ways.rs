//! The packets that wait until Zenoh takes them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use marketplace_cluster::Sending;
use tokio::runtime::Handle;
use zenoh::bytes::ZBytes;
use zenoh::pubsub::Publisher;
use zenoh::qos::CongestionControl;
use zenoh::sample::Locality;
use zenoh::{Session, Wait};

use crate::inbox::Inbox;
use crate::keys::{Keys, Vm};

/// Nothing more is taken for a machine when so many bytes wait.
const FULL: usize = 256 << 10;

/// The things that all ways have in common.
pub(crate) struct Out {
    pub(crate) me: Vm,
    pub(crate) keys: Keys,
    pub(crate) inbox: Arc<Inbox>,
    /// There is one before other machines are told. It is dropped where Zenoh may wait.
    session: RwLock<Option<Session>>,
    /// How many ways are worked at.
    working: AtomicUsize,
}

impl Out {
    pub(crate) fn new(me: Vm, keys: Keys, inbox: Arc<Inbox>) -> Self {
        Self { me, keys, inbox, session: RwLock::default(), working: AtomicUsize::new(0) }
    }

    pub(crate) fn set_session(&self, session: Option<Session>) -> Option<Session> {
        std::mem::replace(&mut *self.session.write().unwrap_or_else(PoisonError::into_inner), session)
    }

    /// Whether Zenoh has all that was taken.
    pub(crate) fn is_done(&self) -> bool {
        self.working.load(Ordering::Acquire) == 0
    }
}

/// The way to a machine.
pub(crate) struct Way {
    to: Vm,
    queue: Mutex<Queue>,
    publisher: Mutex<Option<Publisher<'static>>>,
}

#[derive(Default)]
struct Queue {
    packets: VecDeque<Bytes>,
    bytes: usize,
    /// Somebody waits for room.
    is_full: bool,
    /// A thread hands packets to Zenoh.
    is_worked: bool,
}

impl Way {
    pub(crate) fn new(to: Vm) -> Arc<Self> {
        Arc::new(Self { to, queue: Mutex::default(), publisher: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a packet, and lets one of these threads hand it to Zenoh.
    pub(crate) fn send(self: &Arc<Self>, packet: &Bytes, out: &Arc<Out>, threads: &Handle) -> Sending {
        let mut queue = self.lock();
        if queue.bytes >= FULL {
            queue.is_full = true;
            return Sending::Full;
        }
        queue.bytes += packet.len();
        queue.packets.push_back(packet.clone());
        if !queue.is_worked {
            queue.is_worked = true;
            out.working.fetch_add(1, Ordering::AcqRel);
            let (way, out) = (self.clone(), out.clone());
            threads.spawn_blocking(move || way.work(&out));
        }
        Sending::Taken
    }

    /// Hands all packets to Zenoh, which waits as long as the machine takes none: up to the lease,
    /// and then the machine is down.
    fn work(&self, out: &Out) {
        let mut publisher = self.publisher.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(packet) = self.next(out) {
            if publisher.is_none() {
                *publisher = self.publisher(out);
            }
            // The key names the machine that speaks, and this is its epoch.
            let put = publisher.as_ref().map(|publisher| {
                publisher.put(ZBytes::from(packet)).attachment(out.me.1.to_be_bytes()).wait()
            });
            if let Some(Err(error)) = put {
                out.inbox.tell("Zenoh does not take a packet", || format!("for {}: {error}", self.to.0));
            }
        }
        drop(publisher);
        if out.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            out.inbox.look_again();
        }
    }

    fn next(&self, out: &Out) -> Option<Bytes> {
        let mut queue = self.lock();
        let Some(packet) = queue.packets.pop_front() else {
            queue.is_worked = false;
            return None;
        };
        queue.bytes -= packet.len();
        if queue.is_full && queue.bytes < FULL / 2 {
            queue.is_full = false;
            drop(queue);
            out.inbox.ready(&self.to);
        }
        Some(packet)
    }

    fn publisher(&self, out: &Out) -> Option<Publisher<'static>> {
        let session = out.session.read().unwrap_or_else(PoisonError::into_inner);
        let publisher = session
            .as_ref()?
            .declare_publisher(out.keys.speech(&out.me.0, &self.to))
            // With another one, what is lost once is lost for ever.
            .congestion_control(CongestionControl::Block)
            .allowed_destination(Locality::Remote)
            .wait();
        publisher
            .inspect_err(|error| {
                let why = || format!("to {}: {error}", self.to.0);
                out.inbox.tell("Zenoh opens no way", why);
            })
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use marketplace_cluster::EngineEvent;

    use super::*;

    #[tokio::test]
    async fn c10_nothing_is_taken_beyond_a_bound_and_room_is_told_once() {
        let inbox = Arc::<Inbox>::default();
        inbox.open();
        let out = Arc::new(Out::new(("ann".into(), 7), Keys::new("cellar"), inbox.clone()));
        let bob = ("bob".into(), 8);
        let way = Way::new(bob.clone());
        let packet = Bytes::from(vec![0; FULL / 8]);
        let ready = |cx: &Context<'_>| match inbox.poll_event(cx) {
            Poll::Ready(event) => event == EngineEvent::Ready("bob".into(), 8),
            Poll::Pending => false,
        };
        // Zenoh takes nothing: the thread has one packet, at most.
        let stuck = out.session.write().unwrap();
        let send = || way.send(&packet, &out, &Handle::current());
        let taken = std::iter::repeat_with(send).take_while(|sending| *sending == Sending::Taken).count();
        assert!((8..=9).contains(&taken), "{taken}");
        let cx = Context::from_waker(Waker::noop());
        assert!(!out.is_done() && !ready(&cx));
        drop(stuck);
        std::future::poll_fn(|cx| if ready(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
        while !out.is_done() {
            tokio::task::yield_now().await;
        }
        assert!(!ready(&cx));
        assert_eq!(way.send(&packet, &out, &Handle::current()), Sending::Taken);
    }
}
