//! The room of `chat`, on several machines: wherever people come in, they are in one room.
//!
//! Run it in two or three terminals, with a client for each:
//!
//! ```sh
//! export MARKETPLACE_CLUSTER=examples/cluster_chat/three.txt
//! MARKETPLACE_NAME=ann cargo run --example cluster_chat -- 6001     # nc 127.0.0.1 6001
//! MARKETPLACE_NAME=bob cargo run --example cluster_chat -- 6002     # nc 127.0.0.1 6002
//! MARKETPLACE_NAME=cid cargo run --example cluster_chat -- 6003     # nc 127.0.0.1 6003
//! ```
//!
//! End one of them with `kill -9`: the others say at once who has gone with it. Start it again, and
//! its people are in the room again. The programs need each other at no time. For machines that are
//! apart, the list has keys: the guide has one, in "More than one machine". Over Zenoh the same
//! room is `cluster/zenoh/examples/zenoh_chat.rs`.

mod machine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    machine::run(marketplace_cluster::from_env().map_err(|error| error.to_string())?)
}
