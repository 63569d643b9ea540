//! The command line: which workloads, which contenders, how often, and where the results go.

use std::path::PathBuf;

use harness::WORKLOADS;

pub(crate) const USAGE: &str = "\
usage: compare [--only pingpong,routing] [--peers marketplace,tokio] [--rounds 3] [--max-n 10000] [--quick]
               [--profile release|lto] [--out results.json]";

/// All contenders, in the order of the table.
pub(crate) const PEERS: [&str; 9] =
    ["marketplace", "tokio", "actix", "xtra", "ractor", "kameo", "capnp-rpc", "tarpc", "syndicate"];

#[derive(Debug, PartialEq)]
pub(crate) struct Arguments {
    /// The workloads to run; all, if none is named.
    only: Vec<String>,
    pub(crate) peers: Vec<String>,
    pub(crate) rounds: usize,
    /// How many samples of a row in a round, at most.
    pub(crate) samples: usize,
    /// How much of the usual number of operations in a sample.
    pub(crate) scale: f64,
    pub(crate) max_n: u64,
    pub(crate) profile: String,
    pub(crate) out: PathBuf,
}

impl Arguments {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut quick, mut only, mut peers, mut rounds, mut max_n) =
            (false, Vec::new(), Vec::new(), None, None);
        let (mut profile, mut out) = (String::from("release"), PathBuf::from("results.json"));
        while let Some(name) = arguments.next() {
            if name == "--quick" {
                quick = true;
                continue;
            }
            let value = arguments.next().unwrap_or_default();
            let ill = || format!("{name} cannot be {value:?}");
            match &*name {
                "--only" => only = known(&value, &WORKLOADS)?,
                "--peers" => peers = known(&value, &PEERS)?,
                "--rounds" => rounds = Some(value.parse().ok().filter(|rounds| *rounds > 0).ok_or_else(ill)?),
                "--max-n" => max_n = Some(value.parse().map_err(|_| ill())?),
                "--profile" if value == "release" || value == "lto" => profile = value,
                "--out" if !value.is_empty() => out = value.into(),
                "--profile" | "--out" => return Err(ill()),
                _ => return Err(format!("no argument {name:?}")),
            }
        }
        let usual = if quick { &PEERS[..2] } else { &PEERS };
        if peers.is_empty() {
            peers = usual.iter().map(|peer| String::from(*peer)).collect();
        }
        let (usual_rounds, samples, scale, usual_max_n) =
            if quick { (1, 3, 0.25, 10_000) } else { (3, 3, 1.0, 1_000_000) };
        let (rounds, max_n) = (rounds.unwrap_or(usual_rounds), max_n.unwrap_or(usual_max_n));
        Ok(Self { only, peers, rounds, samples, scale, max_n, profile, out })
    }

    pub(crate) fn wants(&self, workload: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == workload)
    }
}

fn known(list: &str, all: &[&str]) -> Result<Vec<String>, String> {
    let known = |name: &str| match all.contains(&name) {
        true => Ok(name.into()),
        false => Err(format!("{name:?} is none of {}", all.join(", "))),
    };
    list.split(',').map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(String::from))
    }

    #[test]
    fn what_is_not_said_is_usual() {
        let usual = read("").unwrap();
        assert_eq!(
            (usual.peers.len(), usual.rounds, usual.max_n, &*usual.profile),
            (PEERS.len(), 3, 1_000_000, "release")
        );
        assert!(usual.wants("routing"));
        let quick = read("--quick --max-n 5").unwrap();
        assert_eq!((quick.peers.len(), quick.rounds, quick.max_n), (2, 1, 5));
    }

    #[test]
    fn what_is_said_holds() {
        let said =
            read("--only pingpong,routing --peers tokio --rounds 9 --profile lto --out x.json").unwrap();
        assert!(said.wants("pingpong") && said.wants("routing") && !said.wants("fanout"));
        assert_eq!((said.peers, said.rounds), (vec!["tokio".into()], 9));
        assert_eq!((&*said.profile, said.out), ("lto", "x.json".into()));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (line, why) in [
            ("--only walking", "\"walking\" is none of pingpong"),
            ("--peers erlang", "\"erlang\" is none of marketplace"),
            ("--rounds 0", "--rounds cannot be \"0\""),
            ("--profile dev", "--profile cannot be \"dev\""),
            ("--out", "--out cannot be \"\""),
            ("fast", "no argument \"fast\""),
        ] {
            let said = read(line).unwrap_err();
            assert!(said.starts_with(why), "{said}");
        }
    }
}
