//! Connections, below any protocol: the netlayers have them in common with the links of a cluster.

pub mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
