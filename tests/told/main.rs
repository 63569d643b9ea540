//! A program tells its faults on the standard error stream without being asked. Each test here runs
//! this test binary again, for one test that is ignored otherwise.

mod busy;
mod ending;
mod failures;
mod hints;
mod misnamed;
mod missed;
mod never_met;
mod sims;
mod slow;
mod stuck;
mod supervised;
mod twins;
mod unheard;
mod untaken;
mod vats;

use std::process::Command;

/// The lines that a program says on stderr, with these variables in its environment.
fn told_with(program: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let output = Command::new(std::env::current_exe().expect("a test has a file"))
        .args(["--exact", program, "--ignored", "--nocapture"])
        .env_remove("MARKETPLACE_LOG")
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE")
        // On a busy machine any turn may take long.
        .env("MARKETPLACE_WARN", "turn=off")
        .envs(variables.iter().copied())
        .output()
        .expect("it runs again");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    String::from_utf8(output.stderr).expect("it tells text").lines().map(String::from).collect()
}

fn told(program: &str) -> Vec<String> {
    told_with(program, &[])
}

/// The logs in what a program says, each from its level on.
fn logs(told: &[String]) -> Vec<String> {
    let begins =
        |line: &String| line.find(" WARN ").or(line.find(" INFO ")).map(|at| line[at + 1..].to_string());
    told.iter().filter_map(begins).collect()
}
