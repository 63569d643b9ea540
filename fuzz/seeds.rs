//! Writes recorded conversations as first inputs, into the folder from which `.ci/fuzz` takes
//! them: those of captp for `stream`, `wire` and `syrup`, and one of two gateways for `cluster`.

use std::fs;
use std::io::Result;
use std::path::Path;

#[path = "../tests/hostile/cluster.rs"]
#[allow(dead_code)]
mod cluster;
#[path = "../captp/tests/transcripts/mod.rs"]
mod transcripts;

fn main() -> Result<()> {
    let messages: Vec<_> = transcripts::messages().into_iter().map(|(_, message)| message).collect();
    let seeds = [
        ("cluster", &vec![cluster::recorded()]),
        ("stream", &transcripts::streams()),
        ("wire", &messages),
        ("syrup", &messages),
    ];
    for (target, seeds) in seeds {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(corpus.join(format!("recorded-{number}")), seed)?;
        }
    }
    Ok(())
}
