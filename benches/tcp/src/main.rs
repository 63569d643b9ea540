//! TCP servers, ours and two on tokio by hand, against the same clients in one run.
//!
//! ```text
//! cargo run --release -p tcp [-- --rounds 7 --seconds 1 --only echo,bulk,lines,burst --quick --out tcp.json]
//! ```
//!
//! Each server has a process of its own, and so have the clients: one thread each. A server answers
//! what it hears, bytes or lines; the clients look at every byte that comes back. Contenders take
//! turns, and every sample has a new server and new clients.
//!
//! | the other processes | do |
//! |---|---|
//! | `tcp serve <contender> <bytes or lines>` | serves, says where on its standard output, and ends when its standard input does |
//! | `tcp load <row> <connections> <seconds> <address> <pid>` | says how often it was answered, in how many nanoseconds of the clock, and how many of them the server spent on a processor in the program and in the kernel |
//!
//! Where the machine has several cores that come and go, `taskset -c 0` puts all on one: then the
//! clock says little, and the processor time of the server is repeatable.

mod actors;
mod bare;
mod compare;
mod load;
mod ours;
mod processor;
mod row;
mod table;

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;

use crate::compare::Asked;
use crate::row::{Contender, Serves};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["serve", contender, what] => serve(contender, what),
        ["load", ref what @ ..] => load::Load::parse(what).and_then(load::run),
        _ => Asked::parse(&arguments).and_then(compare::run),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("tcp: {why}");
            ExitCode::FAILURE
        }
    }
}

fn serve(contender: &str, what: &str) -> Outcome {
    end_with_input();
    let (contender, what) = (Contender::parse(contender)?, Serves::parse(what)?);
    match (contender, what) {
        (Contender::Marketplace, Serves::Bytes) => ours::bytes()?,
        (Contender::Marketplace, Serves::Lines) => ours::lines()?,
        (Contender::Actors, what) => actors::serve(what)?,
        (Contender::Tokio, what) => bare::serve(what)?,
    }
    Ok(())
}

/// Nobody has to end a server, and none is left over.
fn end_with_input() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}
