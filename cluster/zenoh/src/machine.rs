//! A machine of a cluster over Zenoh, and where it finds the others.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use marketplace::Text;
use marketplace_cluster::{Config, ConfigError};
use socket2::{Domain, Socket, Type};

#[cfg(feature = "tls")]
use crate::certificates::Certificates;
use crate::engine::ZenohEngine;
use crate::error::ZenohError;
use crate::keys::{Keys, NAME};
use crate::list::{self, List};
use crate::plan::{Plan, is_address};

/// A machine of a cluster over Zenoh, and where it finds the others.
///
/// Up to about 20 machines have the same list, and each has a connection to each: of two that
/// listen, the one whose name is the lesser dials the other. A machine that listens is in the list
/// of all others, with its address. More machines go [through](Zenoh::through) routers. The program
/// waits for those of the list; through routers, it meets others, too.
///
/// Without certificates a cluster is for the programs of one machine, on its loopback addresses.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_cluster::Config;
/// use marketplace_cluster_zenoh::{Zenoh, ZenohError};
///
/// fn ann() -> Result<Config, ZenohError> {
///     let zenoh = Zenoh::new("ann").peer("bob", "127.0.0.1:7002").listen("127.0.0.1:7001")?;
///     Ok(zenoh.config()?.share(topic!(("said", _, _))))
/// }
/// # let _ = ann;
/// ```
pub struct Zenoh {
    name: Text,
    net: String,
    list: List,
    routers: Vec<String>,
    listener: Option<(SocketAddr, Socket)>,
    #[cfg(feature = "tls")]
    certificates: Option<Certificates>,
}

impl Zenoh {
    /// The machine of this name, which knows nobody yet.
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            net: "cluster".to_string(),
            list: List::new(),
            routers: Vec::new(),
            listener: None,
            #[cfg(feature = "tls")]
            certificates: None,
        }
    }

    /// The name of the network, which is `cluster` if nothing is said. Networks with different
    /// names do not meet, also where Zenoh carries both.
    #[must_use]
    pub fn net(mut self, net: impl Into<String>) -> Self {
        self.net = net.into();
        self
    }

    /// Listens at this address, a host and a port; at port 0, one that is free. A name may lead to
    /// many addresses, of which the first is taken that can be had. A machine that does not listen
    /// dials the others.
    ///
    /// # Errors
    /// If no address can be had.
    pub fn listen(mut self, at: impl ToSocketAddrs + ToString) -> Result<Self, ZenohError> {
        let failed = |why: String| ConfigError::Listen { address: at.to_string(), why };
        let mut why = "there is no such address".to_string();
        for address in at.to_socket_addrs().map_err(|error| failed(error.to_string()))? {
            match take(address) {
                Ok(listener) => {
                    self.listener = Some(listener);
                    return Ok(self);
                }
                Err(error) => why = error.to_string(),
            }
        }
        Err(failed(why).into())
    }

    /// The address at which it listens.
    ///
    /// ```
    /// use marketplace_cluster_zenoh::Zenoh;
    ///
    /// let zenoh = Zenoh::new("ann").listen("127.0.0.1:0").unwrap();
    /// assert!(zenoh.address().unwrap().port() > 0);
    /// ```
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().map(|(address, _)| *address)
    }

    /// Another machine, at this address: a host and a port.
    #[must_use]
    pub fn peer(mut self, name: impl Into<Text>, address: impl ToString) -> Self {
        self.list.insert(name.into(), Some(address.to_string()));
        self
    }

    /// The machines of a list, as a person writes it: a line for each, with its name and its
    /// address. Behind `#` is a comment. A machine that cannot be dialled has `-` for its address:
    /// it dials the others. This machine may be among them. All machines can have the same list.
    ///
    /// # Errors
    /// If a line is none, or a name comes twice.
    ///
    /// ```
    /// use marketplace_cluster_zenoh::{Zenoh, ZenohError};
    ///
    /// let three = "
    ///     ann  127.0.0.1:7001
    ///     bob  127.0.0.1:7002  # the one in the cellar
    ///     cid  -
    /// ";
    /// assert!(Zenoh::new("cid").list(three)?.config().is_ok());
    /// # Ok::<(), ZenohError>(())
    /// ```
    pub fn list(self, text: &str) -> Result<Self, ZenohError> {
        Ok(self.listed(list::read("the list", text)?))
    }

    pub(crate) fn listed(mut self, list: List) -> Self {
        self.list.extend(list);
        self
    }

    /// A router, at this address, by which it reaches all others: `zenohd`, or any program of Zenoh
    /// in the mode `router`. With more of them, it goes through the first that it reaches. The
    /// addresses of a list are not dialled then.
    #[must_use]
    pub fn through(mut self, router: impl ToString) -> Self {
        self.routers.push(router.to_string());
        self
    }

    /// The files by which this machine proves who it is.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn certificates(mut self, certificates: Certificates) -> Self {
        self.certificates = Some(certificates);
        self
    }

    /// The part of this machine in the cluster. Its program waits for the pictures of the others.
    ///
    /// # Errors
    /// If machines without certificates would reach beyond this one, if a certificate cannot be
    /// read or is that of another machine, if a name is empty or has more than 255 bytes, or if an
    /// address is none.
    pub fn config(self) -> Result<Config, ZenohError> {
        let peers: Vec<_> = self.list.keys().cloned().collect();
        let (name, engine) = self.engine()?;
        Ok(Config::new(name, engine).peers(peers))
    }

    pub(crate) fn engine(self) -> Result<(Text, ZenohEngine), ZenohError> {
        self.check()?;
        let is_client = !self.routers.is_empty();
        let all = if is_client { self.routers.clone() } else { self.dialled(|_| true) };
        let dials = if is_client { self.routers.clone() } else { self.dials() };
        let (listens, taken) = self.listener.unzip();
        let plan = Plan {
            keys: Keys::new(&self.net),
            others: self.list.into_keys().filter(|name| *name != self.name).collect(),
            dials,
            all,
            is_client,
            listens,
            // Elsewhere, nobody can listen at an address that is taken.
            taken: taken.filter(|_| cfg!(target_os = "linux")),
            #[cfg(feature = "tls")]
            certificates: self.certificates,
        };
        Ok((self.name, ZenohEngine::new(plan)))
    }

    /// The machines that it dials: of two that listen, the one whose name is the lesser dials. If
    /// both did, Zenoh would have two connections for one, and where it has lost both at one end
    /// and one at the other, it joins what comes next to what is left, and tells nobody who lives.
    /// One that is alone all the same dials those that it can reach.
    pub(crate) fn dials(&self) -> Vec<String> {
        let is_dialled = self.listener.is_some() && self.list.get(&self.name) != Some(&None);
        self.dialled(|name| !is_dialled || *name > self.name)
    }

    fn dialled(&self, dials: impl Fn(&Text) -> bool) -> Vec<String> {
        let others = self.list.iter().filter(|(name, _)| **name != self.name && dials(name));
        others.filter_map(|(_, address)| address.clone()).collect()
    }

    /// All that can be known before a port is in use.
    pub(crate) fn check(&self) -> Result<(), ZenohError> {
        for name in self.list.keys().chain([&self.name]) {
            if name.is_empty() || name.len() > NAME {
                return Err(ConfigError::Name(name.clone()).into());
            }
        }
        if self.net.is_empty() || self.net.len() > NAME {
            return Err(ZenohError::Net(self.net.clone()));
        }
        let dialled = || self.list.values().flatten().chain(&self.routers);
        if let Some(none) = dialled().find(|address| !is_address(address)) {
            return Err(ZenohError::Address(none.clone()));
        }
        if let Some(address) = self.address().filter(|_| !self.routers.is_empty()) {
            return Err(ZenohError::ListensBehindRouters(address.to_string()));
        }
        #[cfg(feature = "tls")]
        if let Some(certificates) = &self.certificates {
            return certificates.check(&self.name);
        }
        let far = dialled().find(|address| !is_loopback(address)).cloned();
        let open = self.address().filter(|address| !address.ip().is_loopback()).map(|at| at.to_string());
        far.or(open).map_or(Ok(()), |address| Err(ZenohError::NotLoopback(address)))
    }
}

/// Takes an address, so that it is known and nobody else has it, without listening there.
fn take(address: SocketAddr) -> std::io::Result<(SocketAddr, Socket)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // So Zenoh can listen there on Linux, as long as nobody else does.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    let local = socket.local_addr()?.as_socket().unwrap_or(address);
    Ok((local, socket))
}

/// Whether an address is one of this machine for sure: a name may lead anywhere.
fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
