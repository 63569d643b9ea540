//! A peer, in a VM: the processes that speak for its objects.
//!
//! One process is the **hub**: it has what is published, knows who is connected to whom, and
//! judges hellos. Each session has a process of its own, whose objects stand for those of the
//! peer: so they break when the session ends (O16).

mod crossing;
mod error;
mod hub;
mod line;
mod link;
mod options;
mod settlers;
mod shown;
mod talk;

use std::sync::Arc;

use marketplace::View;
use marketplace::objects::*;
use marketplace::prelude::*;

pub use self::crossing::{Crossing, crossings};
pub use self::error::PeerError;
pub use self::line::{CapTpSession, SessionEnded};
pub use self::link::link;
pub use self::options::Options;
pub use self::shown::{SessionRow, SessionState, SessionTable};
use crate::netlayer::Netlayer;
use crate::value::Secret;

/// A peer, as its own VM sees it: whoever has it may publish objects and dial.
///
/// | to | say |
/// |---|---|
/// | give an object an address that nobody can guess | `publish` |
/// | give it an address that outlives the program | `publish_as`, with a swiss number of your own, a [`Secret`] |
/// | end an address; references that were given stay | `retract` |
/// | get the object at an address | [`enliven`](enliven()), or `enliven` for one without a type |
/// | look at the sessions that stand, and at their tables | `sessions` |
///
/// An object is kept as long as it is published. The peer listens as long as anything is, and
/// answers `publish` when it does. A program that knows an address has the object. So the text that
/// is answered shows the swiss number only to a program that prints it by `{}`, or sends it to
/// another peer: to nobody who looks on.
#[object]
pub trait Peer {
    /// Gives an object an address.
    fn publish(&mut self, object: Reference) -> Text;
    /// Gives an object an address with this swiss number, in place of the one that has it.
    fn publish_as(&mut self, swiss: Secret, object: Reference) -> Text;
    /// Ends an address, which is a text.
    fn retract(&mut self, address: Secret);
    /// Gets the object at an address: a text, a sturdy reference, or a promise of one of them. A
    /// log shows the address as it is; that of [`enliven`](enliven()) is not shown. An address that
    /// has crossed a connection leads no further than that of a peer may; so does a text that does
    /// not show its swiss number, as those do that came in messages. (To `enliven` a text is the
    /// program's own.)
    fn enliven(&mut self, address: Value) -> Reference;
    /// The sessions that stand, with what is in their tables.
    fn sessions(&mut self) -> Vec<SessionTable>;
}

/// A peer: the action that starts it, for a ground VM, and its reference, which can be used at
/// once.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace_captp::netlayer::memory::Network;
///
/// let (spawn, peer): (Spawn<()>, _) = marketplace_captp::peer(Network::new().netlayer("bank"));
/// # let _ = (spawn, peer);
/// ```
pub fn peer<S>(netlayer: impl Netlayer) -> (Spawn<S>, Far<dyn Peer>) {
    Options::default().peer(netlayer)
}

/// A promise of the object at an address, as a `T`. Messages to the promise are sent on as soon as
/// the peer is reached.
///
/// The address is a text, a sturdy reference that came in a message, or a promise of one of them.
/// Nothing is checked: if the object is no `T`, whoever sends to it is told.
#[must_use]
pub fn enliven<T: ?Sized + 'static>(
    cx: &impl Asks,
    peer: &Far<dyn Peer>,
    address: impl Into<Value>,
) -> Promise<Far<T>> {
    let found = peer.enliven(cx, hidden(address.into())).into_value();
    Promise::from_value(&found).unwrap_or_else(|| unreachable!("an answer is a promise"))
}

/// An address as something that no log shows (K11). A promise of one stays what it is.
fn hidden(address: Value) -> Value {
    match address.view() {
        View::Text(text) => Secret::from(&**text).into(),
        View::Record(label, [location, swiss]) if label.as_str() == "ocapn-sturdyref" => {
            let swiss = Secret::said(swiss).map_or(swiss.clone(), |Secret(swiss)| Value::secret(swiss));
            Value::record(label.clone(), [location.clone(), swiss])
        }
        _ => address,
    }
}

impl Options {
    /// A peer with these options, as [`peer`](peer()) gives one.
    pub fn peer<S>(self, netlayer: impl Netlayer) -> (Spawn<S>, Far<dyn Peer>) {
        hub::spawn(Arc::new(netlayer), self)
    }
}
