//! A machine over Zenoh.

use std::fs;

use marketplace_cluster_zenoh::Zenoh;

use crate::programs::{run, variable};

/// A machine of a cluster, as variables say.
#[test]
#[ignore = "run by the other tests"]
fn machine() {
    let name = variable("NAME");
    let list = fs::read_to_string(variable("LIST")).expect("there is a list");
    let zenoh = Zenoh::new(&*name)
        .list(&list)
        .expect("it is one")
        .listen(std::env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:0"))
        .expect("a port");
    println!("\nlistens at {}", zenoh.address().expect("it listens"));
    #[cfg(feature = "tls")]
    let zenoh = match std::env::var("CERTIFICATES") {
        Ok(files) => {
            let [authority, certificate, key] =
                std::array::from_fn(|at| files.split(' ').nth(at).expect("three files").into());
            zenoh.certificates(marketplace_cluster_zenoh::Certificates { authority, certificate, key })
        }
        Err(_) => zenoh,
    };
    run(zenoh.config().expect("the list is right"));
}
