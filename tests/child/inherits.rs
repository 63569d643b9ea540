//! The environment, signals and files that a child inherits from the program that starts it, and
//! those that it does not. The program is this test binary, run again for one test that is ignored
//! otherwise, with an environment and signal settings of its own.

use std::process::{Command as Program, Stdio};

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::child::{self, ChildExit, Command};

use crate::support::{OUT, Order, beside, sh, talker};

#[path = "../signals/heeded.rs"]
mod heeded;

/// Runs a program by a shell, after this script.
fn run(shell: &str, name: &str, before: &str, variables: &[(&str, &str)]) {
    heeded::heed();
    let script = format!("{before} exec \"$@\"");
    let output = Program::new(shell)
        .args(["-c", &script, "sh"])
        .arg(std::env::current_exe().expect("a test has a file"))
        .args(["--exact", name, "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// The whole output of a child, and how it ended.
fn heard(command: &Command) -> (String, Reason) {
    let (mut talk, process) = talker(command, [Order::Hear(OUT), Order::Speak]);
    let (said, _, why) = beside(child::driver(), vec![process], async { talk.rest(OUT).await });
    (String::from_utf8(said).expect("text"), why)
}

#[test]
fn variables_that_ask_to_look_inside_the_program_are_not_passed_on() {
    let mut variables: Vec<(&str, &str)> =
        ground::LOOK_INSIDE.iter().map(|name| (*name, "meant for the program")).collect();
    variables.push(("OF_ALL", "meant for all"));
    run("sh", "inherits::starts_one_with_its_environment", "", &variables);
}

#[test]
#[ignore = "run by the test above"]
fn starts_one_with_its_environment() {
    let (said, _) = heard(&Command::new("env"));
    assert!(said.contains("OF_ALL=meant for all"), "{said}");
    for name in ground::LOOK_INSIDE {
        assert!(std::env::var_os(name).is_some());
        assert!(!said.contains(name), "{said}");
    }
    // A command that wants a child to have them adds them.
    let [first, ..] = ground::LOOK_INSIDE;
    let (said, _) = heard(&Command::new("env").env(first, "meant for the child"));
    assert!(said.contains(&format!("{first}=meant for the child")), "{said}");
}

#[test]
fn how_a_child_ended_is_known_where_ends_of_children_were_ignored() {
    // Not every shell lets this one be ignored.
    if Program::new("bash").arg("-c").arg(":").status().is_err() {
        println!("skipped: there is no bash");
        return;
    }
    run("bash", "inherits::starts_one_that_fails", "trap '' CHLD;", &[]);
}

#[test]
#[ignore = "run by the test above"]
fn starts_one_that_fails() {
    assert_eq!(heard(&sh("echo said; exit 7")), ("said\n".into(), Reason::value(&ChildExit::Code(7))));
}

/// Linux says what a process ignores and blocks, which files it has, and how they were opened.
#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeSet;

    use std::sync::Mutex;

    use marketplace_drivers::child::ChildPacket;
    use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};
    use marketplace_drivers::watch::{self, FileChanged};

    use super::*;
    use crate::support::{ERR, News, block_on};

    /// The word that follows this one in what is said of a process.
    fn word(said: &str, name: &str) -> u64 {
        let found = said.lines().find_map(|line| line.strip_prefix(name)).expect("it says so");
        u64::from_str_radix(found.trim(), 16).expect("a mask")
    }

    #[test]
    fn signals_are_as_they_were_for_the_program() {
        for ignored in ["", "INT", "TERM", "INT TERM HUP"] {
            let before = format!("for signal in {ignored}; do trap '' $signal; done;");
            run("sh", "inherits::linux::starts_one_that_says_its_signals", &before, &[("IGNORED", ignored)]);
        }
    }

    #[test]
    #[ignore = "run by the test above"]
    fn starts_one_that_says_its_signals() {
        let names = std::env::var("IGNORED").expect("it is given");
        let numbers = names.split_whitespace().map(|name| match name {
            "HUP" => 1,
            "INT" => 2,
            "TERM" => 15,
            other => panic!("{other}?"),
        });
        let expected = numbers.fold(0, |mask: u64, number: u32| mask | 1 << (number - 1));
        // A whole program: it asks for its own end by signals.
        let (tell, told) = std::sync::mpsc::channel();
        let (mut talk, process) = talker(&Command::new("cat").arg("/proc/self/status"), [Order::Hear(OUT)]);
        let listener = std::thread::spawn(move || {
            block_on(async { tell.send(talk.rest(OUT).await.0).expect("it is awaited") });
        });
        let ended = ground_vm!(child::driver(), process);
        assert_eq!(ended, Ok(()));
        listener.join().expect("it hears all");
        let said = String::from_utf8(told.recv().expect("it was sent")).expect("text");
        // The others are not for programs to set.
        let blocked = word(&said, "SigBlk:") & 0x7fff_ffff;
        let [hup, int, term] = [1, 2, 15].map(|number| 1 << (number - 1));
        let ignored = word(&said, "SigIgn:") & (hup | int | term);
        assert_eq!((blocked, ignored), (0, expected), "{said}");
    }

    /// The numbers of the files that are open.
    fn files(said: &str) -> BTreeSet<u32> {
        said.lines().map(|number| number.parse().expect("a number")).collect()
    }

    #[test]
    fn files_of_the_program_are_its_own() {
        run("sh", "inherits::linux::starts_one_that_says_its_files", "", &[]);
    }

    #[test]
    #[ignore = "run by the test above"]
    fn starts_one_that_says_its_files() {
        // The program that runs the tests may have left files open for all.
        let list = std::fs::read_dir("/proc/self/fd").expect("it can be read").map(|file| file.expect("one"));
        let before: BTreeSet<u32> = list.filter_map(|file| file.file_name().to_str()?.parse().ok()).collect();
        let script = "for file in /proc/$$/fd/*; do [ -e $file ] && echo ${file##*/}; done; \
            grep -h flags /proc/$$/fdinfo/[01] >&2";
        let (mut talk, process) = talker(&sh(script), [Order::Hear(OUT), Order::Hear(ERR), Order::Speak]);
        let (said, flags) = beside(child::driver(), vec![spawn!(after_others(process))], async {
            let (mut said, mut flags, mut ended) = (Vec::new(), Vec::new(), 0);
            while ended < 2 {
                match talk.next().await {
                    News::Heard(OUT, ChildPacket::Data(bytes)) => said.extend(bytes),
                    News::Heard(ERR, ChildPacket::Data(bytes)) => flags.extend(bytes),
                    News::Ended(..) => ended += 1,
                    _ => {}
                }
            }
            (String::from_utf8(said).expect("text"), String::from_utf8(flags).expect("text"))
        });
        let inherited: Vec<u32> = files(&said).into_iter().filter(|file| *file > 2).collect();
        assert!(inherited.iter().all(|file| before.contains(file)), "{inherited:?} of {before:?}");
        // 04000 is O_NONBLOCK.
        for line in flags.lines() {
            let flags = line.split_whitespace().last().expect("flags:\t02");
            assert_eq!(u32::from_str_radix(flags, 8).expect("octal") & 0o4000, 0, "{line}");
        }
        assert_eq!(flags.lines().count(), 2);
    }

    /// Starts a process when other drivers have opened files of theirs.
    fn after_others(process: Spawn<()>) -> Transition<()> {
        let process = Mutex::new(Some(process));
        let watched = subscriber!(
            FileChanged { watched: "/", .. },
            on_presence!(process.lock().expect("no other panics").take()),
        );
        let watched = Mutex::new(Some(watched));
        transition_no_state!(
            tcp::driver(),
            watch::driver(),
            observe_publishers!(TcpChannel(_, TcpAddress::Listener(0), _)),
            subscriber!(
                TcpListening { listener: TcpAddress::Listener(0), .. },
                on_presence!(watched.lock().expect("no other panics").take()),
            ),
        )
    }
}
