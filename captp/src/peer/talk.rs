//! Messages between the hub and the processes of its sessions.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Opaque, Pid, Value, View};

use crate::netlayer::Reach;
use crate::peer::shown::SessionTable;
use crate::wire::{Hello, Keys, Location, PublicId, PublicKey, SessionId};

/// The hub, as the process of a session sees it. Each session has one such object, with which it
/// is known.
#[object]
pub(crate) trait Judge {
    /// We have dialled, and are to say hello with this key: an opaque [`PublicKey`]. It is said
    /// when this is answered. If it breaks, nothing is said, and the connection ends for that
    /// reason.
    fn greets(&mut self, ours: Value);
    /// Asked at once on every connection. It is answered if the connection has to end before it
    /// stands, with what the peer is told. If it breaks, there is nothing to do.
    fn ends(&mut self) -> Text;
    /// The connection ended before it stood, for this reason.
    fn failed(&mut self, why: Reason);
    /// The peer has said hello: an opaque [`Greeting`]. The answer comes when it is known what is
    /// to be done.
    fn hello(&mut self, greeting: Value) -> Verdict;
    /// The session stands: both hellos were said. `standing` is an opaque [`Standing`].
    fn stands(&mut self, standing: Value);
    /// The peer hands off an object: the bytes of the signed certificate, and, opaque, our
    /// [`Keys`] of the session on which it came.
    fn given(&mut self, give: bytes::Bytes, keys: Value) -> Reference;
}

/// The process of a session, as the hub sees it.
#[object]
pub(crate) trait Shows {
    /// The contents of its tables, for people who look on.
    fn table(&mut self) -> SessionTable;
}

/// The end of a session because nobody uses it (K18). The session's process sets it, the hub reads
/// it.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    may_be: Arc<AtomicBool>,
    is_there: Arc<AtomicBool>,
}

impl Ending {
    pub(crate) fn set(&self, may_be: bool) {
        self.may_be.store(may_be, Ordering::Relaxed);
    }

    /// Whether the session may be ending, so that a message to its peer may not be heard.
    pub(crate) fn may_be(&self) -> bool {
        self.may_be.load(Ordering::Relaxed)
    }

    pub(crate) fn comes(&self) {
        self.is_there.store(true, Ordering::Relaxed);
    }

    /// Whether the session has ended so.
    pub(crate) fn is_there(&self) -> bool {
        self.is_there.load(Ordering::Relaxed)
    }
}

/// Two hellos: that of the peer, and the key with which we say ours, or have said it.
#[derive(Clone)]
pub(crate) struct Greeting {
    pub(crate) hello: Hello,
    pub(crate) ours: PublicKey,
}

/// The deed that is to be done after the hello of a peer.
#[derive(Message, Clone, Debug)]
pub(crate) enum Verdict {
    /// The session begins. This is our export 0 in it.
    Begin { bootstrap: Reference },
    /// It does not, for this reason, which the peer is told.
    Abort { why: Text },
}

/// A session that stands, as others have to know it.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) id: SessionId,
    /// The peer's location, as it said it.
    pub(crate) location: Location,
    pub(crate) our_keys: Keys,
    pub(crate) our_id: PublicId,
    pub(crate) peer_key: PublicKey,
    pub(crate) peer_id: PublicId,
    /// The peer's export 0, as an object of the session's process.
    pub(crate) bootstrap: Reference,
    /// From where we see the peer.
    pub(crate) reach: Reach,
    /// Shows the session.
    pub(crate) shows: Far<dyn Shows>,
    pub(crate) ending: Ending,
}

/// The sessions that stand, by the PID of their process: whose object a reference is.
pub(crate) type Roster = Arc<Mutex<HashMap<Pid, Standing>>>;

/// An opaque value, for what stays within the program.
pub(crate) fn opaque<T: Send + Sync + 'static>(what: T) -> Value {
    Opaque::new(what).into()
}

/// The `T` that an opaque value is.
pub(crate) fn from_opaque<T: Clone + 'static>(value: &Value) -> Option<T> {
    match value.view() {
        View::Opaque(opaque) => opaque.downcast_ref().cloned(),
        _ => None,
    }
}
