//! A machine with links.

use std::fs;

use marketplace_cluster::Links;

use crate::programs::{run, variable};

/// A machine of a cluster, as variables say.
#[test]
#[ignore = "run by the other tests"]
fn machine() {
    let name = variable("NAME");
    let list = fs::read_to_string(variable("LIST")).expect("there is a list");
    let links = Links::new(&*name).list(&list).expect("it is one").listen("127.0.0.1:0").expect("a port");
    println!("\nlistens at {}", links.address().expect("it listens"));
    #[cfg(feature = "tls")]
    let links = match std::env::var("KEY") {
        Ok(key) => links.key(marketplace_cluster::key_file(key).expect("there is a key")),
        Err(_) => links,
    };
    run(links.config().expect("the list is right"));
}
