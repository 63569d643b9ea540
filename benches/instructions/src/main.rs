//! How many instructions one of each core operation costs: a figure that does not depend on how
//! busy the machine is.
//!
//! ```sh
//! cargo run --release --locked -- check            # compares with recorded.txt; fails if something costs more
//! cargo run --release --locked -- check --record   # writes recorded.txt
//! cargo run --release --locked -- ping-pong 1000   # does one operation so many times, for a profiler
//! ```

mod check;
mod counting;
mod operations;
mod recorded;

use std::process::ExitCode;

use operations::OPERATIONS;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let checked = match args[..] {
        ["check"] => check::check(),
        ["check", "--record"] => check::record(),
        _ if perform(&args) => return ExitCode::SUCCESS,
        _ => {
            let names = OPERATIONS.map(|operation| operation.name).join(", ");
            eprintln!(
                "instructions check [--record] | instructions <operation> <times>, where an operation is one of {names}"
            );
            return ExitCode::from(2);
        }
    };
    match checked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Does an operation so many times. Says whether that is what was asked for.
fn perform(args: &[&str]) -> bool {
    let [name, times] = *args else { return false };
    let operation = OPERATIONS.iter().find(|operation| operation.name == name);
    let (Some(operation), Ok(times)) = (operation, times.parse()) else { return false };
    (operation.work)(times);
    true
}
