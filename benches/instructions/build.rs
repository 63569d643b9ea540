//! Tells the program what it is built by and for.

use std::env;
use std::process::Command;

fn main() {
    let rustc = env::var_os("RUSTC").expect("cargo says which rustc");
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    println!("cargo::rustc-env=BUILT_BY={}", String::from_utf8_lossy(&output.stdout).trim());
    println!("cargo::rustc-env=BUILT_FOR={}", env::var("TARGET").expect("cargo says for what"));
    println!("cargo::rerun-if-changed=build.rs");
}
