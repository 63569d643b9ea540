//! The cost of a vat: `cargo run --release -p marketplace-js --example cost`.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_js::{Options, Program, bootstrap, vat};

const PONG: &str = "
    import harden from '@agoric/harden';
    export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
      pong(n) { return n + 1; },
    }), helpers.vatID);";

const PING: &str = "
    import harden from '@agoric/harden';
    export default (syscall, state, helpers) => helpers.makeLiveSlots(syscall, state, E => harden({
      bootstrap(argv, vats) {
        let n = Number(argv[0]);
        const go = () => { if (n > 0) { n -= 1; E(vats.pong).pong(n).then(go); } };
        go();
      },
    }), helpers.vatID);";

fn program(folder: &Path, name: &str, text: &str) -> Program {
    let path = folder.join(format!("{name}.js"));
    std::fs::write(&path, text).expect("a temporary file");
    Program::read(name, &path, folder).expect("a program")
}

/// Time on a processor: the machine may be shared.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

fn main() {
    let folder = std::env::temp_dir().join(format!("marketplace-js-cost-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let (ping, pong) = (program(&folder, "ping", PING), program(&folder, "pong", PONG));
    let options = Options { memory: 1 << 30, ..Options::default() };
    let load = |program| vat::<()>(program, &options).expect("a vat");

    let first = load(&pong);
    let (before, start) = (resident(), cpu());
    let many: Vec<_> = (0..50).map(|_| load(&pong)).collect();
    println!("a start: {:?}", (cpu() - start) / 50);
    println!("a vat: {} KiB resident", (resident() - before) / 50 / 1024);
    drop(black_box((first, many)));

    let mut sim = Sim::new(|_| transition_no_state!());
    let (pong, root) = load(&pong);
    sim.spawn(pong);
    sim.run();
    const TURNS: u32 = 5_000;
    let (start, clock) = (cpu(), Instant::now());
    for _ in 0..TURNS {
        sim.tell(|cx| drop(send(cx, &root, "pong", (1,))));
        sim.run();
    }
    println!(
        "a turn without an answer: {:?} ({:?} by the clock)",
        (cpu() - start) / TURNS,
        clock.elapsed() / TURNS
    );
    let start = cpu();
    for _ in 0..TURNS {
        let asked = sim.ask(|cx| send(cx, &root, "pong", (1,)));
        sim.run();
        black_box(asked.answer());
    }
    println!("a turn with an answer: {:?}", (cpu() - start) / TURNS);

    let (ping, first) = load(&ping);
    sim.spawn(ping);
    let parts = bootstrap(&[TURNS.to_string()], [("pong".to_string(), root)]);
    let start = cpu();
    sim.tell(|cx| drop(send_parts(cx, &first, parts)));
    sim.run();
    println!("a ping-pong, of two turns: {:?}", (cpu() - start) / TURNS);
    std::fs::remove_dir_all(&folder).expect("a temporary folder");
}
