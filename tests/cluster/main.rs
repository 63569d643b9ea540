//! A network that several machines share: the rules of the cluster, over its engine in memory.

mod crossing;
mod law;
mod links;
mod looking;
mod messages;
mod names;
mod outer_half;
mod pictures;
mod presence;
mod shared;
mod sockets;
mod stage;
