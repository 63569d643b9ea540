//! Actor libraries with actors on other machines. The bench `cluster` starts this program.
//!
//! ```text
//! cluster-peers <kameo or ractor> <trips, load, presence, announced, joiner or killed>
//!               <bytes of a message> <how many> <how many under way> <samples>
//! ```
//!
//! It says a line for each sample: how many nanoseconds all took. A library that cannot do it says
//! nothing. The other machine is this program, too, since these libraries have one node in a
//! process; each has one thread.

mod kameos;
mod machine;
mod ractors;

use std::process::ExitCode;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    /// Questions with answers, one after the other.
    Trips,
    /// Messages without answers.
    Load,
    /// One actor comes, and is seen on the other machine.
    Presence,
    /// Many come at once.
    Announced,
    /// A machine starts, and sees those of another.
    Joiner,
    /// The other machine is killed, and its actor's end is heard.
    Killed,
}

/// The measurement that a library is asked for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    row: Row,
    bytes: usize,
    count: usize,
    window: usize,
    samples: usize,
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("cluster-peers: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments[..] {
            ["machine", "ractor", "answers", port] => ractors::answers(port.parse()?).await,
            ["machine", "ractor", "joins", port, count] => {
                ractors::joins(port.parse()?, count.parse()?).await
            }
            ["machine", "kameo", "answers"] => kameos::answers().await,
            [library, row, bytes, count, window, samples] => {
                let asked = Asked {
                    row: parse(row)?,
                    bytes: bytes.parse()?,
                    count: count.parse()?,
                    window: window.parse()?,
                    samples: samples.parse()?,
                };
                let samples = match library {
                    "kameo" => kameos::measure(asked).await?,
                    "ractor" => ractors::measure(asked).await?,
                    _ => return Err(format!("no library {library:?}").into()),
                };
                for nanoseconds in samples {
                    println!("{nanoseconds}");
                }
                Ok(())
            }
            _ => Err("it is started by the program `cluster`".into()),
        }
    })
}

fn parse(row: &str) -> Outcome<Row> {
    Ok(match row {
        "trips" => Row::Trips,
        "load" => Row::Load,
        "presence" => Row::Presence,
        "announced" => Row::Announced,
        "joiner" => Row::Joiner,
        "killed" => Row::Killed,
        _ => return Err(format!("no row {row:?}").into()),
    })
}
