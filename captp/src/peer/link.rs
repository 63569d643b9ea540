//! Two vats of one program.

use marketplace::Spawn;
use marketplace::objects::*;
use marketplace::vat::{Vat, VatError};

use crate::netlayer::memory::Network;
use crate::peer::{Peer, peer};

/// Connects two vats of this program: gives a peer for each, the near one first. An object
/// that one of them publishes the other can enliven, and from then on references travel both ways.
///
/// They are connected by bytes in memory. More vats meet in a [`Network`] of their own.
///
/// # Errors
/// If one of the vats has ended.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::vat::{Vat, VatOptions};
///
/// struct Doubler;
///
/// #[object]
/// impl Doubler {
///     fn double(&self, n: u64) -> u64 {
///         2 * n
///     }
/// }
///
/// let [near, far] = [(), ()].map(|()| Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap());
/// let [here, there] = marketplace_captp::link(&near, &far).unwrap();
///
/// let doubler = far.spawn_object(Doubler).unwrap();
/// let uri = far.ask(|cx| there.publish(cx, &doubler)).wait().unwrap();
/// let doubled = near.ask(|cx| marketplace_captp::enliven::<Doubler>(cx, &here, uri).double(cx, 21));
/// assert_eq!(doubled.wait(), Ok(42));
/// ```
pub fn link(near: &Vat, far: &Vat) -> Result<[Far<dyn Peer>; 2], VatError> {
    let network = Network::new();
    let join = |vat: &Vat, name: &str| {
        let (spawn, peer) = peer(network.netlayer(name));
        let starter = vat.spawn_object(Starter(Some(spawn)))?;
        vat.tell(|cx| starter.start(cx))?;
        Ok(peer)
    };
    Ok([join(near, "near")?, join(far, "far")?])
}

/// Starts a process in the vat that it is in.
struct Starter(Option<Spawn<Self>>);

#[object]
impl Starter {
    fn start(&mut self, cx: &Cx<Self>) {
        cx.act(self.0.take());
    }
}
