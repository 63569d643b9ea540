//! Actor libraries with actors on other machines: the program `cluster-peers`.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Outcome;
use crate::row::{ENDPOINTS, MESSAGES, Row, Samples, TRIPS, WINDOW};

/// Builds the program. The libraries take some minutes, the first time.
pub(crate) fn build() -> Outcome<()> {
    eprintln!("building cluster-peers");
    let here = std::env::current_exe()?;
    let target = here.parent().and_then(|folder| folder.parent()).ok_or("no target directory")?;
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--quiet", "--locked", "--package", "cluster-peers"])
        .args(["--manifest-path", manifest, "--target-dir"])
        .arg(target)
        .status()?;
    if built.success() { Ok(()) } else { Err("cluster-peers does not build".into()) }
}

/// Has a library do a row.
pub(crate) fn measure(library: &str, row: Row, samples: usize) -> Outcome<Option<Samples>> {
    // One endpoint at a time: many are seen, as of ours.
    let (name, bytes, count, samples) = match row {
        Row::RoundTrip => ("trips", 64, TRIPS, samples),
        Row::Rate(bytes) => ("load", bytes, MESSAGES, samples),
        Row::Presence => ("presence", 0, 1, 200 * samples),
        Row::Announced => ("announced", 0, ENDPOINTS, samples),
        Row::Joiner => ("joiner", 0, ENDPOINTS, samples),
        Row::Killed => ("killed", 0, 1, samples),
    };
    let program = std::env::current_exe()?.with_file_name("cluster-peers");
    let said = Command::new(program)
        .args([library, name, &bytes.to_string(), &count.to_string()])
        .args([WINDOW.to_string(), samples.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !said.status.success() {
        return Err(format!("failed: {}", said.status).into());
    }
    // The others say how long one operation takes.
    let operations = if matches!(row, Row::RoundTrip | Row::Rate(_)) { count } else { 1 };
    let times: Result<Vec<u64>, _> = String::from_utf8(said.stdout)?.lines().map(str::parse).collect();
    let times: Vec<_> =
        times?.into_iter().map(|nanoseconds| Duration::from_nanos(nanoseconds / operations)).collect();
    Ok(if times.is_empty() { None } else { Some(Samples::new(times)) })
}
