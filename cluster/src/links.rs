//! Links: connections between machines of a list.

mod complaints;
mod connection;
mod dials;
mod engine;
mod environment;
mod input;
mod list;
mod meeting;
mod refused;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use marketplace::Text;
use marketplace_captp::transport::tcp::Listener;
#[cfg(feature = "tls")]
use marketplace_captp::transport::tls::{Key, Side};

use self::engine::LinksEngine;
pub use self::environment::from_env;
use self::meeting::{Listed, Me};
use crate::config::{Config, ConfigError};

/// The protocol that is spoken inside TLS.
#[cfg(feature = "tls")]
const PROTOCOL: &str = "marketplace-cluster/1";

/// A machine, and the list of the others with which it has links: TCP connections, or with keys
/// TLS. They are for up to about 20 machines.
///
/// Each machine has the same list, and dials all others to which it has no connection. A machine
/// that is not in the list is refused, and so is one that has not the key of its name. Without keys
/// there are links between programs of one machine only, on its loopback addresses.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_cluster::{Config, ConfigError, Links};
///
/// fn ann() -> Result<Config, ConfigError> {
///     let links = Links::new("ann").peer("bob", "127.0.0.1:7002").listen("127.0.0.1:7001")?;
///     Ok(links.config()?.share(topic!(("said", _, _))))
/// }
/// # let _ = ann;
/// ```
pub struct Links {
    name: Text,
    list: BTreeMap<Text, Listed>,
    listener: Option<Listener>,
    #[cfg(feature = "tls")]
    key: Option<Key>,
}

impl Links {
    /// The machine of this name, which knows nobody yet.
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            list: BTreeMap::new(),
            listener: None,
            #[cfg(feature = "tls")]
            key: None,
        }
    }

    /// Listens at this address, a host and a port; at port 0, one that is free. A name may lead to
    /// many addresses, of which the first is taken that can be had. A machine that does not listen
    /// dials the others.
    ///
    /// # Errors
    /// If no address can be had.
    pub fn listen(mut self, at: impl ToSocketAddrs + ToString) -> Result<Self, ConfigError> {
        let failed = |why: String| ConfigError::Listen { address: at.to_string(), why };
        let mut why = "there is no such address".to_string();
        for address in at.to_socket_addrs().map_err(|error| failed(error.to_string()))? {
            match Listener::bind(address) {
                Ok(listener) => {
                    self.listener = Some(listener);
                    return Ok(self);
                }
                Err(error) => why = error.to_string(),
            }
        }
        Err(failed(why))
    }

    /// The address at which it listens.
    ///
    /// ```
    /// use marketplace_cluster::Links;
    ///
    /// let links = Links::new("ann").listen("127.0.0.1:0").unwrap();
    /// assert!(links.address().unwrap().port() > 0);
    /// ```
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().map(Listener::local)
    }

    /// Another machine, at this address: a host and a port. A name may lead to many addresses: all
    /// are tried, until the machine is found.
    #[must_use]
    pub fn peer(mut self, name: impl Into<Text>, address: impl ToString) -> Self {
        self.listed(name.into()).address = Some(address.to_string());
        self
    }

    /// The machines of a list, as a person writes it: a line for each, with its name, its address,
    /// and the designator of its key, if machines have keys. Behind `#` is a comment. A machine
    /// that cannot be dialled has `-` for its address: it dials the others. This machine may be
    /// among them. All machines can have the same list.
    ///
    /// # Errors
    /// If a line is none, or a name comes twice.
    ///
    /// ```
    /// use marketplace_cluster::Links;
    ///
    /// let three = "
    ///     ann  127.0.0.1:7001
    ///     bob  127.0.0.1:7002  # the one in the cellar
    ///     cid  -
    /// ";
    /// assert!(Links::new("cid").list(three)?.config().is_ok());
    /// # Ok::<(), marketplace_cluster::ConfigError>(())
    /// ```
    pub fn list(mut self, text: &str) -> Result<Self, ConfigError> {
        self.list.extend(list::read_list("the list", text)?);
        Ok(self)
    }

    /// The key of this machine.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// The designator of another machine's key.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn peer_key(mut self, name: impl Into<Text>, designator: impl Into<String>) -> Self {
        self.listed(name.into()).key = Some(designator.into());
        self
    }

    fn listed(&mut self, name: Text) -> &mut Listed {
        self.list.entry(name).or_default()
    }

    /// The part of this machine in the cluster. Its program waits for the pictures of the others.
    ///
    /// # Errors
    /// If links without keys would reach beyond this machine, if a key is missing or is none, or if
    /// a name is empty or has more than 255 bytes.
    pub fn config(self) -> Result<Config, ConfigError> {
        self.check()?;
        let peers: Vec<_> = self.list.keys().cloned().collect();
        let me = Me {
            // The epoch is set when the engine is open.
            vm: (self.name.clone(), 0),
            list: self.list,
            #[cfg(feature = "tls")]
            side: self.key.map(|key| Side::new(key, PROTOCOL)),
            patience: Duration::ZERO,
        };
        Ok(Config::new(self.name, LinksEngine::new(me, self.listener)).peers(peers))
    }

    fn check(&self) -> Result<(), ConfigError> {
        for name in self.list.keys().chain([&self.name]) {
            if name.is_empty() || name.len() > words::NAME {
                return Err(ConfigError::Name(name.clone()));
            }
        }
        #[cfg(feature = "tls")]
        if self.key.is_some() {
            return self.check_keys();
        }
        if let Some((name, _)) = self.list.iter().find(|(_, listed)| listed.key.is_some()) {
            let error = ConfigError::NoOwnKey(name.clone());
            return Err(if cfg!(feature = "tls") { error } else { ConfigError::NoTls });
        }
        let literal = |listed: &Listed| listed.address.as_ref()?.parse::<SocketAddr>().ok();
        let addresses = self.list.values().filter_map(literal).chain(self.address());
        match addresses.into_iter().find(|address| !address.ip().is_loopback()) {
            Some(address) => Err(ConfigError::NotLoopback(address)),
            None => Ok(()),
        }
    }

    #[cfg(feature = "tls")]
    fn check_keys(&self) -> Result<(), ConfigError> {
        use marketplace_captp::transport::tls::check_designator;

        let own = self.key.as_ref().map(Key::designator).unwrap_or_default();
        for (name, listed) in &self.list {
            let name = name.clone();
            match &listed.key {
                None => return Err(ConfigError::NoKey { name, this: self.name.clone(), own }),
                Some(listed) if name == self.name && own != *listed => {
                    return Err(ConfigError::OtherKey { name, listed: listed.clone(), own });
                }
                Some(key) => check_designator(key).map_err(|why| ConfigError::BadKey { name, why })?,
            }
        }
        Ok(())
    }
}
