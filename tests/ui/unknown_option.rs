use marketplace::prelude::*;

fn action() -> Spawn<()> {
    spawn_vm!(boot_pids: b, state: 1u8; quit())
}

fn main() {}
