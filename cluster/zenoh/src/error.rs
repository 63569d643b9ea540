//! Why a machine cannot join a cluster over Zenoh.

use marketplace_cluster::ConfigError;

/// Why a machine cannot join a cluster over Zenoh.
///
/// Errors of Zenoh itself come later, when a session is opened: they are warnings with their
/// causes, and it is tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZenohError {
    /// A cause that there is over any engine: a name, a list, a variable, an address.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Without certificates a cluster is for the programs of one machine.
    #[error(
        "{0} can be reached from other machines, or is one: without certificates, where nobody proves who \
         he is, machines meet at loopback addresses only. Give each machine a certificate (feature `tls`)"
    )]
    NotLoopback(String),
    /// The name of the network is empty or too long.
    #[error("`{0}` is no name of a network: it has 1 to 255 bytes")]
    Net(String),
    /// An address is none.
    #[error("`{0}` is no address: that is a host and a port")]
    Address(String),
    /// A machine that goes through routers is not reached by others.
    #[error("this machine goes through routers, and listens at {0}: it does one or the other")]
    ListensBehindRouters(String),
    /// The feature `tls` is off.
    #[error("there are certificates, and this program was built without the feature `tls`")]
    NoTls,
    /// A file with a certificate or a key cannot be read.
    #[error("{file} cannot be read: {why}")]
    File {
        /// Its path.
        file: String,
        /// The cause.
        why: String,
    },
    /// A file with a certificate or a key has none.
    #[error("{file} has no {what}: {why}")]
    Pem {
        /// Its path.
        file: String,
        /// The thing that it is to have.
        what: &'static str,
        /// The cause.
        why: String,
    },
    /// The certificate is that of another machine.
    #[error("the certificate in {file} is for {found} (its common name), and this machine is {name}")]
    OtherMachine {
        /// The path of the certificate.
        file: String,
        /// The common name in it.
        found: String,
        /// This machine.
        name: String,
    },
}
