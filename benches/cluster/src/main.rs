//! A network that several machines share, ours and others, in one run.
//!
//! ```text
//! cargo run --release -p cluster [-- --only rate-64 --contenders memory,links,tls,nats,ractor,kameo --samples 5]
//! ```
//!
//! The machines are threads of this program; the one that is killed is a program of its own.
//! `memory` is our gateways over channels: it shows the cost of the gateways alone. `links` is TCP
//! on the loopback address, `tls` is the same with keys, and the others are TCP, too. The server of
//! NATS (`nats-server`) is started by this program. `ractor` (`ractor_cluster`) and `kameo` (with
//! its feature `remote`, over libp2p) have one node in a process, so each of their machines is a
//! program: `cluster-peers`, which this one builds. An endpoint is an actor there: of ractor, in a
//! process group that the other machine watches. Kameo and NATS tell nobody who is there.
//!
//! | row | an operation is |
//! |---|---|
//! | `round-trip` | a message of 64 bytes and its answer, one after the other |
//! | `rate-64`, `rate-1k` | a message of so many bytes, with at most 4,000 under way |
//! | `presence` | an endpoint comes, and is seen on the other machine |
//! | `announced` | 10,000 endpoints come at once, and all are seen |
//! | `joiner` | a machine starts, and sees the 10,000 endpoints of another |
//! | `killed` | `kill -9`, and the absence is heard |

mod memory;
mod nats;
mod ours;
mod peers;
mod programs;
mod row;

use std::process::ExitCode;
use std::time::Duration;

use crate::ours::Net;
use crate::row::{Row, Samples};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["machine", net, here, there] => ours::machine(net, here, there),
        _ => compare(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("cluster: {why}");
            ExitCode::FAILURE
        }
    }
}

fn compare(arguments: &[String]) -> Outcome<()> {
    let after = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    let (only, contenders) = (after("--only"), after("--contenders"));
    let samples = after("--samples").map_or(Ok(5), |samples| samples.parse())?;
    let is_asked =
        |list: Option<&String>, name: &str| list.is_none_or(|list| list.split(',').any(|one| one == name));
    println!("{:10} {:8} {:>12} {:>12} {:>14}", "row", "by", "median", "99 %", "a second");
    let mut all = vec!["memory", "links", "tls", "nats"];
    let libraries = ["ractor", "kameo"];
    if libraries.iter().any(|library| is_asked(contenders, library)) {
        match peers::build() {
            Ok(()) => all.extend(libraries),
            Err(why) => eprintln!("{why}: the others go on without it"),
        }
    }
    for row in Row::ALL {
        if !is_asked(only, row.name()) {
            continue;
        }
        for &contender in &all {
            if !is_asked(contenders, contender) {
                continue;
            }
            let measured = match contender {
                "memory" => ours::measure(&Net::Memory, row, samples),
                "links" => ours::measure(&Net::Links, row, samples),
                "tls" => ours::measure(&Net::Tls, row, samples),
                "nats" => nats::measure(row, samples),
                library => peers::measure(library, row, samples),
            };
            match measured {
                Ok(Some(samples)) => tell(row, contender, &samples),
                Ok(None) => println!("{:10} {contender:8} {:>12}", row.name(), "-"),
                Err(why) => println!("{:10} {contender:8} {why}", row.name()),
            }
        }
    }
    Ok(())
}

fn tell(row: Row, contender: &str, samples: &Samples) {
    let time = |time: Duration| match time.as_nanos() {
        0..10_000 => format!("{} ns", time.as_nanos()),
        10_000..10_000_000 => format!("{:.1} us", time.as_secs_f64() * 1e6),
        _ => format!("{:.1} ms", time.as_secs_f64() * 1e3),
    };
    let (median, most) = (samples.part(0.5), samples.part(0.99));
    let rate = 1.0 / median.as_secs_f64();
    println!("{:10} {contender:8} {:>12} {:>12} {rate:>14.0}", row.name(), time(median), time(most));
}
