//! Draws how cost grows, from the figures of a run.
//!
//! ```text
//! cargo run --release -p plot -- <results.json> <folder>
//! ```
//!
//! | picture | shows |
//! |---|---|
//! | `cost-per-message.svg` | a message to one of N topics, and one of which half of the receivers leave a place open |
//! | `cost-per-presence.svg` | one notification, when N join a room and when they leave it |
//! | `cost-per-spawn.svg` | making a process, one message to it, and its end, among N others |

mod chart;
mod pictures;
mod scale;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use harness::Results;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [results, folder] = &arguments[..] else {
        eprintln!("usage: plot <results.json> <folder>");
        return ExitCode::FAILURE;
    };
    match draw(Path::new(results), Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("plot: {why}");
            ExitCode::FAILURE
        }
    }
}

fn draw(results: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let results: Results = serde_json::from_str(&std::fs::read_to_string(results)?)?;
    for picture in pictures::PICTURES {
        let path = folder.join(picture.file);
        match picture.chart(&results) {
            Some(chart) => {
                std::fs::write(&path, chart.svg())?;
                println!("{}", path.display());
            }
            None => println!("{}: there are no figures for it", path.display()),
        }
    }
    Ok(())
}
