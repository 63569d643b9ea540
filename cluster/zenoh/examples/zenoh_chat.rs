//! The room of `cluster_chat` over Zenoh: what runs on a machine is the same, line by line.
//!
//! Run it in this folder, in two or three terminals, with a client for each:
//!
//! ```sh
//! export MARKETPLACE_CLUSTER=../../examples/cluster_chat/three.txt
//! MARKETPLACE_NAME=ann cargo run --example zenoh_chat -- 6001     # nc 127.0.0.1 6001
//! MARKETPLACE_NAME=bob cargo run --example zenoh_chat -- 6002     # nc 127.0.0.1 6002
//! MARKETPLACE_NAME=cid cargo run --example zenoh_chat -- 6003     # nc 127.0.0.1 6003
//! ```

#[path = "../../../examples/cluster_chat/machine.rs"]
mod machine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    machine::run(marketplace_cluster_zenoh::from_env().map_err(|error| error.to_string())?)
}
