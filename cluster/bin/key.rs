//! Prints the designator of a machine's key, for the list of a cluster. The key is made if there is
//! none:
//!
//! ```sh
//! cargo run -p marketplace-cluster --features tls --bin marketplace-key -- ann.key
//! ```

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        return Err("usage: marketplace-key FILE".into());
    };
    println!("{}", marketplace_cluster::key_file(path)?.designator());
    Ok(())
}
