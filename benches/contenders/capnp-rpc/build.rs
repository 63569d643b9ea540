//! Writes what the schema says as Rust. It needs the program `capnp`.

fn main() {
    capnpc::CompilerCommand::new().file("objects.capnp").run().expect("the program `capnp` is installed");
}
