//! The netlayer `memory`: vats of one program.
//!
//! It works in a [sim](marketplace::sim), too: several sims that are run in turn are several vats.

mod line;
mod listener;
mod pipe;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use marketplace::Source;
use sha2::{Digest, Sha256};

use crate::netlayer::memory::listener::Listener;
use crate::netlayer::{Netlayer, Reach, Seed, seed};
use crate::wire::Location;

/// The name of the transport, and of the hint.
const TRANSPORT: &str = "memory";

/// A network of vats of one program. A vat that has it can join.
///
/// ```
/// use marketplace_captp::netlayer::memory::Network;
///
/// let network = Network::new();
/// let (bank, shop) = (network.netlayer("bank"), network.netlayer("shop"));
/// # let _ = (bank, shop);
/// ```
#[derive(Clone, Default)]
pub struct Network(Arc<Inner>);

#[derive(Default)]
struct Inner {
    listeners: Mutex<HashMap<String, Weak<Listener>>>,
    /// The number from which seeds are made, and how many were made, if they are not random.
    scripted: Option<(u64, Mutex<u64>)>,
}

impl Network {
    /// A network with nobody in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A network in which all seeds are made from this number: everything in it happens again in
    /// the same way. That is for tests: whoever knows the number knows all keys.
    #[must_use]
    pub fn scripted(number: u64) -> Self {
        let scripted = Some((number, Mutex::new(0)));
        Self(Arc::new(Inner { listeners: Mutex::default(), scripted }))
    }

    /// The netlayer for the vat of this name.
    #[must_use]
    pub fn netlayer(&self, name: impl Into<String>) -> Memory {
        Memory { name: name.into(), network: self.clone() }
    }

    /// The one who listens under this name.
    fn listener(&self, name: &str) -> Option<Arc<Listener>> {
        lock(&self.0.listeners).get(name)?.upgrade()
    }

    /// Listens under this name, if nobody does.
    fn join(&self, name: &str) -> Result<Arc<Listener>, String> {
        let mut listeners = lock(&self.0.listeners);
        if listeners.get(name).and_then(Weak::upgrade).is_some() {
            return Err(format!("there is a vat with the name `{name}` in this network already"));
        }
        let listener = Arc::new(Listener::default());
        listeners.insert(name.to_string(), Arc::downgrade(&listener));
        Ok(listener)
    }

    fn seed(&self) -> Result<Seed, String> {
        let Some((number, made)) = &self.0.scripted else {
            return seed::fresh().map_err(|why| why.0.to_string());
        };
        let mut made = lock(made);
        *made += 1;
        let digest = Sha256::new().chain_update(number.to_be_bytes()).chain_update(made.to_be_bytes());
        Ok(Seed(Bytes::copy_from_slice(&digest.finalize())))
    }
}

/// The netlayer of one vat: [`Network::netlayer`] makes it.
#[derive(Clone)]
pub struct Memory {
    name: String,
    network: Network,
}

impl Netlayer for Memory {
    fn transport(&self) -> &str {
        TRANSPORT
    }

    fn designator(&self) -> &str {
        &self.name
    }

    fn listen(&self) -> Source {
        listener::source(self.network.clone(), self.name.clone())
    }

    fn dial(&self, location: &Location, _: Option<Reach>) -> Result<Source, String> {
        let Location { transport, designator, .. } = location;
        if transport != TRANSPORT {
            return Err(format!("there is no way from `{TRANSPORT}` to `{transport}`"));
        }
        let Some(listener) = self.network.listener(designator) else {
            return Err(format!("nobody listens under the name `{designator}` in this network"));
        };
        let (near, far) = line::line(self.network.seed()?, self.network.seed()?);
        listener.accept(far).map_err(|()| format!("too many wait to be heard by `{designator}`"))?;
        Ok(near)
    }

    fn seed(&self) -> Source {
        line::seed(self.network.seed())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
