//! The machines of a test, as child processes, over any engine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::wire::Wire;

#[path = "../signals/heeded.rs"]
mod heeded;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

/// The lease of the machines, if a test says nothing else.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// How many messages are counted, if a test says nothing else.
pub(crate) const MANY: u64 = 100_000;

/// The machines of one list, and the folder of their files.
pub(crate) struct Cluster {
    folder: PathBuf,
    wires: BTreeMap<String, Wire>,
    lease: Duration,
    many: u64,
}

impl Cluster {
    /// A list of machines that do not run yet.
    pub(crate) fn new(names: &[&str]) -> Self {
        Self::with_keys(names, |_| String::new())
    }

    /// `key` gives the designator of each machine's key.
    pub(crate) fn with_keys(names: &[&str], key: impl Fn(&str) -> String) -> Self {
        let folder = std::env::temp_dir().join(format!("marketplace-links-{}", fresh()));
        fs::create_dir(&folder).expect("there is room");
        let wires: BTreeMap<_, _> = names.iter().map(|name| (name.to_string(), Wire::new())).collect();
        let line = |(name, wire): (&String, &Wire)| format!("{name} {} {}\n", wire.at, key(name));
        fs::write(folder.join("list"), wires.iter().map(line).collect::<String>()).expect("there is room");
        Self { folder, wires, lease: LEASE, many: MANY }
    }

    pub(crate) fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// How many messages are counted.
    pub(crate) fn many(mut self, many: u64) -> Self {
        self.many = many;
        self
    }

    pub(crate) fn wire(&self, name: &str) -> &Wire {
        &self.wires[name]
    }

    /// Starts a machine, to which its wire leads then.
    pub(crate) fn start(&self, name: &str, program: &str) -> Machine {
        let machine = self.start_apart(name, program, &[]);
        self.wire(name).lead_to(machine.address);
        machine
    }

    /// Starts a machine to which no wire leads.
    pub(crate) fn start_apart(&self, name: &str, program: &str, variables: &[(&str, &str)]) -> Machine {
        heeded::heed();
        let mut child = Command::new(std::env::current_exe().expect("a test has a file"))
            .args(["--exact", "machine::machine", "--ignored", "--nocapture"])
            .env("LIST", self.folder.join("list"))
            .env("NAME", name)
            .env("PROGRAM", program)
            .env("LEASE", self.lease.as_millis().to_string())
            .env("MANY", self.many.to_string())
            // On a busy machine any turn may take long.
            .env("MARKETPLACE_WARN", "turn=off")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs again");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (tell, said) = channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = tell.send((Instant::now(), line));
            }
        });
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (complain, complaints) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = complain.send(line);
            }
        });
        let mut machine =
            Machine { child, said, unheard: Vec::new(), complaints, address: ([0; 4], 0).into() };
        let line = machine.hears("listens at ").1;
        machine.address = line.rsplit(' ').next().expect("a word").parse().expect("an address");
        machine
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn fresh() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    format!("{:x}", RandomState::new().build_hasher().finish())
}

/// A machine that runs.
pub(crate) struct Machine {
    pub(crate) child: Child,
    said: Receiver<(Instant, String)>,
    unheard: Vec<(Instant, String)>,
    complaints: Receiver<String>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Machine {
    /// Waits until the machine says a line that begins like this; gives it, and when it came. Each
    /// line is heard once, and others stay for later.
    pub(crate) fn hears(&mut self, beginning: &str) -> (Instant, String) {
        if let Some(known) = self.unheard.iter().position(|(_, line)| line.starts_with(beginning)) {
            return self.unheard.remove(known);
        }
        let begins = Instant::now();
        while let Ok((at, line)) = self.said.recv_timeout(TOO_LONG.saturating_sub(begins.elapsed())) {
            if line.starts_with(beginning) {
                return (at, line);
            }
            self.unheard.push((at, line));
        }
        panic!("it did not say `{beginning}`, but {:?}", self.unheard);
    }

    /// Kills another machine, and hears of that. It has not heard before that the other had gone.
    pub(crate) fn hears_the_end_of(&mut self, other: Self, name: &str) {
        let killed = Instant::now();
        other.kill();
        let (at, line) = self.hears(&format!("gone is {name}: "));
        assert!(at >= killed, "it had gone before: {line}");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is running");
    }

    /// Waits until it says this on stderr.
    #[cfg(feature = "tls")]
    pub(crate) fn complains(&self, words: &str) {
        let mut others = Vec::new();
        while let Ok(line) = self.complaints.recv_timeout(TOO_LONG) {
            if line.contains(words) {
                return;
            }
            others.push(line);
        }
        panic!("it did not complain that {words}, but {others:?}");
    }

    /// `kill -9`. Gives the rest of what it said on stderr.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().expect("it is running");
        self.child.wait().expect("it has ended");
        self.complaints.iter().collect::<Vec<_>>().join("\n")
    }

    /// The largest size that its memory has had, in MiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it is running");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        peak.expect("a size").parse::<u64>().expect("a number") / 1024
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; a program that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("it said on stderr: {:?}", self.complaints.iter().collect::<Vec<_>>());
        }
    }
}
