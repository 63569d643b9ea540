//! An example as a child process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Once;

use rustix::process::{Pid, Signal, kill_process};

#[path = "../signals/heeded.rs"]
mod heeded;

/// `cargo test` builds the examples, `cargo test --test examples` does not.
static BUILD: Once = Once::new();

/// Builds the examples as `cargo test` does: the same packages with the same features, so nothing
/// is built twice.
fn build() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--examples", "--quiet"]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let features = [
        ("shell", cfg!(feature = "shell")),
        ("inspector", cfg!(feature = "inspector")),
        ("tls", cfg!(feature = "tls")),
    ];
    for (feature, is_on) in features {
        if is_on {
            cargo.args(["--features", feature]);
        }
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success(), "the examples do not build");
}

pub(crate) struct Program {
    pub(crate) child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    pub(crate) fn start(example: &str, args: &[&str]) -> Self {
        Self::start_with(example, args, &[])
    }

    /// With these variables in its environment.
    pub(crate) fn start_with(example: &str, args: &[&str], variables: &[(&str, &str)]) -> Self {
        BUILD.call_once(build);
        heeded::heed();
        // Tests are built to target/<profile>/deps, examples to target/<profile>/examples.
        let mut path: PathBuf = std::env::current_exe().expect("this program has a path");
        path.pop();
        path.pop();
        path.push("examples");
        path.push(example);
        let mut child = Command::new(&path)
            .args(args)
            // On a busy machine any turn may take long.
            .env("MARKETPLACE_WARN", "turn=off")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", path.display()));
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, output }
    }

    /// Waits until the program says where it listens.
    pub(crate) fn listening(&mut self) -> SocketAddr {
        let mut line = String::new();
        while self.output.read_line(&mut line).expect("its output is text") > 0 {
            if let Some(address) = line.split_whitespace().find_map(|word| word.parse().ok()) {
                return address;
            }
            line.clear();
        }
        panic!("the program ended before it listened");
    }

    /// The next line of its output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("its output is text");
        line
    }

    /// Gives the program some input.
    #[cfg(any(feature = "shell", feature = "tls"))]
    pub(crate) fn say(&mut self, input: &str) {
        self.child.stdin.as_mut().expect("piped").write_all(input.as_bytes()).expect("it reads");
    }

    /// Its output, up to a line that is this.
    #[cfg(feature = "shell")]
    pub(crate) fn until(&mut self, last: &str) -> String {
        let mut said = String::new();
        loop {
            let begin = said.len();
            assert!(self.output.read_line(&mut said).expect("its output is text") > 0, "it ended: {said}");
            if said[begin..].trim_end() == last {
                return said;
            }
        }
    }

    /// Gives the program its whole input.
    pub(crate) fn feed(&mut self, input: &[u8]) {
        let mut stdin = self.child.stdin.take().expect("piped, and not fed yet");
        stdin.write_all(input).expect("it reads");
    }

    /// Ends the program with SIGINT.
    pub(crate) fn interrupt(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it is running");
        self.child.wait().expect("it ends")
    }

    /// Waits until the program ends by itself. Gives all that it said.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut said = String::new();
        self.output.read_to_string(&mut said).expect("its output is text");
        let mut errors = self.child.stderr.take().expect("piped");
        errors.read_to_string(&mut said).expect("its output is text");
        assert_lacks_nothing(&said);
        (self.child.wait().expect("it ends"), said)
    }
}

/// The beginnings or parts of warnings of which no example is told: a driver is missing, it has too
/// much to do, or something goes nowhere.
const HINTS: [&str; 9] = [
    "nobody answers",
    "nobody hears",
    "nobody has heard",
    "actions wait",
    "none of its clauses took it",
    "wait for each other",
    "has never had one of this name",
    "in one transition",
    "that nobody has settled",
];

fn assert_lacks_nothing(told: &str) {
    let hint = |line: &&str| HINTS.iter().any(|hint| line.contains(hint));
    assert_eq!(told.lines().filter(|line| line.contains(" WARN ")).find(hint), None);
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; a program that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(mut stderr) = self.child.stderr.take().filter(|_| !std::thread::panicking()) {
            let mut errors = String::new();
            let _ = stderr.read_to_string(&mut errors);
            assert_lacks_nothing(&errors);
        }
    }
}
