//! Writes the recorded conversations of captp as first inputs of `stream`, `wire` and `syrup`, into
//! the folder from which `cargo fuzz run` takes them.

use std::fs;
use std::io::Result;
use std::path::Path;

#[path = "../captp/tests/transcripts/mod.rs"]
mod transcripts;

fn main() -> Result<()> {
    let messages: Vec<_> = transcripts::messages().into_iter().map(|(_, message)| message).collect();
    for (target, seeds) in [("stream", &transcripts::streams()), ("wire", &messages), ("syrup", &messages)] {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(corpus.join(format!("recorded-{number}")), seed)?;
        }
    }
    Ok(())
}
