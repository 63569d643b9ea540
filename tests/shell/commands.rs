//! Commands and what they say.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::shell::{Command, CommandError, Shell, ShellError};
use marketplace::vat::{Vat, VatError, VatOptions};

use crate::{office, script};

#[test]
fn s04_a_session_with_what_is_there() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    let said =
        script(&mut shell, "processes\nendpoints p2\nenter p3\nprocesses\nenter p9\nenter /\nprocesses");
    let ground = "p0: 0 endpoints\np1 'event-relay: 1 endpoint\np2 \"clerk\": 1 endpoint\np3 \"house\": 1 endpoint, a VM\n";
    let ground = ground.replace("p0: 0 endpoints\n", "");
    assert_eq!(
        said,
        format!(
            "office> processes\n{ground}\
             office> endpoints p2\np2: endpoint 2: subscriber \"order\"\n\
             office/p3> enter p3\n\
             office/p3> processes\np0: 0 endpoints, 1 outside\np1 \"guest\": 1 endpoint\n\
             office/p3> enter p9\n! there is no VM /p9\n\
             office> enter /\n\
             office> processes\n{ground}"
        )
    );
    let vms = shell.execute("vms").unwrap();
    assert!(vms.contains("* vat") && vms.contains("\"office\": running, log off"), "{vms}");
    assert!(vms.ends_with("  /: 3 processes, 0 queued\n    /p3 \"house\": 2 processes, 0 queued\n"), "{vms}");
}

/// S4, S6, S7: stopped, a message waits; a step is one action; `run` lets it go on.
#[test]
fn s06_stepping() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    let said = script(&mut shell, "pause\nlog on\nsend \"order\"\ndump\nstep\nstep\nstep\nrun");
    let said = without_numbers(&said);
    assert_eq!(
        said,
        "office> pause\nstopped\n\
         office> log on\nthe log is on\n\
         office> send \"order\"\n\
         office> dump\n\
         p1 'event-relay\n  endpoint 1: publisher Ground(_, _) as observer\n\
         p2 \"clerk\"\n  endpoint 2: subscriber \"order\"\n\
         p3 \"house\" (a VM)\n  endpoint 3 fresh: publisher \"house\"\n  p0\n    outside: fresh\n  p1 \"guest\"\n    endpoint 1: subscriber \"knock\"\n\
         queued: host sends message \"order\"\n\
         office> step\n#: p2 \"clerk\" hears message \"order\", sends message [\"done\", 1]\n\
         office> step\n\
         office> step\nnothing is left to do\n\
         office> run\nrunning\n"
    );
}

/// A program that never rests.
fn restless() -> Vat {
    let boot = |_| {
        transition_no_state!(
            subscriber!("again", on_message!(_ => send_message!("again"))),
            send_message!("again"),
        )
    };
    Vat::spawn(VatOptions::default(), boot).unwrap()
}

/// However many steps are wanted, others are served meanwhile, and can end it.
#[test]
fn s06_steps_without_end_are_interrupted() {
    for order in ["pause", "run", "quit"] {
        let vat = restless();
        let mut shell = Shell::new(&vat);
        let first =
            shell.execute("pause").map(|_| vat.inspect(|debugger| debugger.stamp()).unwrap()).unwrap();
        let stepping = {
            let mut shell = shell.clone();
            thread::spawn(move || shell.execute("step 1000000000000000").unwrap())
        };
        while vat.inspect(|debugger| debugger.stamp()).unwrap() == first {}
        assert_eq!(shell.execute("processes").unwrap().lines().count(), 2, "others are served");
        shell.execute(order).unwrap();
        let said = stepping.join().unwrap();
        let steps =
            said.strip_prefix("interrupted after ").or(said.strip_prefix("the program has ended after "));
        let steps =
            steps.and_then(|said| said.strip_suffix(" steps\n")).unwrap_or_else(|| panic!("{order}: {said}"));
        assert!(steps.parse::<usize>().unwrap() > 0, "{said}");
        vat.halt();
    }
}

/// Another vat, which nobody turns over, keeps nobody waiting for ever.
#[test]
fn a_vat_that_does_not_answer() {
    let named = |name: &str| VatOptions { name: Some(name.into()), ..VatOptions::default() };
    let (_still, _pump) = Vat::manual(named("still"), |_| transition_no_state!(), || ());
    let over = Vat::spawn(named("over"), |_| transition_no_state!()).unwrap();
    over.halt();
    let said = Shell::new(&office()).execute("vms").unwrap();
    assert!(said.contains("\"still\": does not answer\n"), "{said}");
    assert!(said.contains("\"over\": not running\n"), "{said}");
}

/// A turn led to another vat, which nobody turns over any more, and back: that vat is a leaf.
#[test]
fn turns_that_lead_to_a_vat_that_does_not_answer() {
    let logged = || VatOptions { log: true, ..VatOptions::default() };
    let asker = Vat::spawn(logged(), |_| transition_no_state!(subscriber!("welcome"))).unwrap();
    let answers = asker.clone();
    let greeter = move |_| {
        let welcome = move || answers.send(&Text::from("welcome")).unwrap();
        transition_no_state!(subscriber!("hello", on_message!(_ => welcome())))
    };
    let (greeter, mut pump) = Vat::manual(logged(), greeter, || ());
    let heard = |text: &'static str| {
        let last = asker.inspect(|debugger| debugger.log().turns().last().map(|turn| format!("{turn:?}")));
        last.unwrap().is_some_and(|turn| turn.contains(text))
    };
    pump.pump();
    let greets = greeter.clone();
    asker.call(move |_| greets.send(&Text::from("hello"))).unwrap().unwrap();
    while !heard("welcome") {
        pump.pump();
    }
    let (told, said) = mpsc::channel();
    thread::spawn(move || {
        let mut shell = Shell::new(&asker);
        let _ = told.send(["trace", "tree"].map(|command| shell.execute(command).unwrap().lines().count()));
    });
    let said = said.recv_timeout(Duration::from_secs(60)).expect("the vat that is silent is waited for");
    assert_eq!(said, [1, 1], "the turn that heard it is all that is known");
    drop(greeter);
}

/// All that looks at turns looks at those of the VM that was entered.
#[test]
fn turns_of_the_vm_that_was_entered() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    script(&mut shell, "log on\npause\nsend \"order\"\nstep 10\nenter p3");
    for (command, said) in [("tail", Ok(String::new())), ("trace", Err(ShellError::NoTurns))] {
        assert_eq!(shell.execute(command), said, "nothing has happened in there");
    }
    script(&mut shell, "send \"knock\"\nstep 10\nenter /\nsend \"order\"\nstep 10\nenter p3");
    for command in ["tail", "trace", "tree"] {
        let said = shell.execute(command).unwrap();
        assert!(said.ends_with(": p3/p1 \"guest\" hears message \"knock\"\n"), "{command}: {said}");
        assert_eq!(said.lines().count(), 1, "{command}: {said}");
    }
    assert!(shell.execute("debug").unwrap().contains("\n  p3/p1 \"guest\" hears message \"knock\"\n"));
    // A turn that is looked at is left behind with its VM.
    shell.execute("enter /").unwrap();
    assert_eq!(shell.execute("up"), Err(ShellError::NotDebugging));
    let tail = shell.execute("tail").unwrap();
    assert_eq!(tail.lines().count(), 3, "outside, what happens inside is seen, too: {tail}");
    assert!(shell.execute("trace").unwrap().contains("p2 \"clerk\" hears message \"order\""));
}

#[test]
fn errors_of_the_vm_that_was_entered() {
    fn fails() -> Transition<()> {
        let no = || Err::<(), _>(Failure::value(&"no".to_string()));
        transition_no_state!(subscriber!("go", on_message!(_ => no()?)))
    }
    let inside = || actions![spawn!(fails()), at_meta_level!(publisher!("house"))];
    let boot = move |_| transition_no_state!(spawn!(fails()), spawn_vm!(inside()));
    let vat = Vat::spawn(VatOptions { log: true, ..VatOptions::default() }, boot).unwrap();
    vat.call(|_| ()).unwrap();
    let mut shell = Shell::new(&vat);
    let said = script(&mut shell, "pause\nsend \"go\"\nstep 10\nenter p3\nsend \"go\"\nstep 10");
    assert_eq!(said.matches("fails: no").count(), 2, "{said}");
    let inside = shell.execute("errors").unwrap();
    assert!(
        inside.lines().count() == 1 && inside.contains(": p3/p1 fails() hears message \"go\""),
        "{inside}"
    );
    shell.execute("enter /").unwrap();
    assert_eq!(shell.execute("errors").unwrap().lines().count(), 2);
}

#[test]
fn sending_to_nobody_is_said() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    let nobody = "nobody hears it: no endpoint of this VM matches it now\n";
    assert_eq!(shell.execute("send \"order\"").unwrap(), "");
    assert_eq!(shell.execute("send \"knock\"").unwrap(), nobody);
    shell.execute("enter p3").unwrap();
    assert_eq!(shell.execute("send \"knock\"").unwrap(), "");
    assert_eq!(shell.execute("send \"order\"").unwrap(), nobody);
}

/// Turn numbers and fresh names are not what this is about.
fn without_numbers(said: &str) -> String {
    let line = |line: &str| {
        let line = match line.split_once(": p") {
            Some((number, rest)) if number.parse::<u64>().is_ok() => format!("#: p{rest}"),
            _ => line.to_string(),
        };
        let mut out = String::new();
        let mut rest = line.as_str();
        while let Some(at) = rest.find("fresh#") {
            out.push_str(&rest[..at + 5]);
            rest = rest[at + 6..].trim_start_matches(|c: char| c.is_ascii_digit());
        }
        out + rest + "\n"
    };
    said.lines().map(line).collect()
}

#[test]
fn g27_looking_back() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    script(&mut shell, "log on\npause\nsend \"order\"\nsend \"order\"\nstep 10");
    let tail = shell.execute("tail 1").unwrap();
    assert!(tail.ends_with("p2 \"clerk\" hears message \"order\", sends message [\"done\", 2]\n"), "{tail}");
    assert_eq!(shell.execute("tail").unwrap().lines().count(), 2);
    assert_eq!(shell.execute("trace").unwrap(), tail, "from the host");
    let tree = shell.execute("tree").unwrap();
    assert!(tree.starts_with("* "), "{tree}");
    assert!(shell.execute("graph").unwrap().starts_with("digraph"));
    assert_eq!(shell.execute("duct").unwrap(), "nobody waits\n");
    assert_eq!(shell.execute("peek").unwrap(), "1\n", "the state before the turn");
    assert_eq!(shell.execute("peek p2").unwrap(), "2\n", "the state now");
    assert!(shell.execute("peek p99").unwrap_err().to_string().starts_with("p99 shows no state"));
    assert_eq!(shell.execute("errors").unwrap(), "");
    script(&mut shell, "log resize 1");
    assert_eq!(shell.execute("tail").unwrap(), tail);
    script(&mut shell, "log clear\nlog off");
    assert_eq!(shell.execute("trace"), Err(ShellError::NoTurns));
}

/// Up and down the causes.
#[test]
fn g27_debugging() {
    let boot = |_| {
        transition_no_state!(
            subscriber!("a", on_message!(_ => send_message!("b"))),
            subscriber!("b", on_message!(_ => send_message!("c"))),
            subscriber!("c", on_message!(_ => Err::<(), _>(Failure::value(&"no".to_string()))?)),
        )
    };
    let vat = Vat::spawn(VatOptions::default(), boot).unwrap();
    let mut shell = Shell::new(&vat);
    assert_eq!(shell.execute("up"), Err(ShellError::NotDebugging));
    while vat.inspect(|debugger| debugger.dump().queued > 0 || debugger.stamp() < 5).unwrap() {}
    script(&mut shell, "log on\npause\nsend \"a\"\nstep 10");
    let heard = |said: Result<String, ShellError>| {
        said.unwrap().lines().nth(1).unwrap_or_default().trim().to_string()
    };
    let message = |what: &str| format!("p0 hears message \"{what}\"");
    assert_eq!(heard(shell.execute("debug")), message("c"));
    assert_eq!(shell.execute("down"), Err(ShellError::End("down")));
    assert_eq!(heard(shell.execute("up")), message("b"));
    assert_eq!(heard(shell.execute("up")), message("a"));
    assert_eq!(shell.execute("up"), Err(ShellError::End("up")));
    assert_eq!(heard(shell.execute("bottom")), message("c"));
    assert_eq!(heard(shell.execute("top")), message("a"));
    assert_eq!(heard(shell.execute("down")), message("b"));
    let errors = shell.execute("errors").unwrap();
    assert!(errors.ends_with("fails: no\n"), "{errors}");
    let number = errors.split(':').next().unwrap();
    assert_eq!(heard(shell.execute(&format!("jump {number}"))), message("c"));
    assert_eq!(shell.execute("jump 999999"), Err(ShellError::NoTurn(999_999)));
    assert_eq!(shell.execute("peek"), Err(ShellError::NoSnapshot));
}

#[test]
fn killing_here_and_inside() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    let said = script(&mut shell, "kill p2 \"enough\"\nkill p2\nenter p3\nkill p1\nprocesses");
    assert_eq!(
        said,
        "office> kill p2 \"enough\"\n\
         office> kill p2\n! there is no process p2 here\n\
         office/p3> enter p3\n\
         office/p3> kill p1\n\
         office/p3> processes\np0: 0 endpoints, 1 outside\n"
    );
}

/// An error in a command does not end the shell (S4), and says what was expected.
#[test]
fn s04_errors_say_what_was_expected() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    for (line, error) in [
        ("nonsense", "there is no command `nonsense`; `help` lists them"),
        ("step x", "expected `step [N]`"),
        ("kill", "expected `kill PID [REASON]`"),
        ("kill x", "expected `kill PID [REASON]`"),
        ("send", "expected `send VALUE`"),
        ("log", "expected `log on`, `log off`, `log resize N` or `log clear`"),
        ("log resize", "expected `log resize N`"),
        ("log resize 1000000000000000", "at most 1000000"),
        ("enter", "expected `enter PATH, such as `enter p3/p1` or `enter /``"),
        ("trace x", "expected `trace [TURN]`"),
        ("verb", "expected `verb on` or `verb off`"),
        ("dump it", "expected `dump`"),
    ] {
        assert_eq!(shell.execute(line).unwrap_err().to_string(), error);
    }
    assert!(shell.execute("send [1, ").is_err());
    assert_eq!(shell.execute("  ").unwrap(), "");
    let help = shell.execute("help").unwrap();
    assert!(help.contains("step [N]") && help.contains("log clear  how many"), "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 80 && line.trim_end() == line), "{help}");
    assert!(help.contains("\nquit                     ends the program in order\n"), "{help}");
    vat.halt();
    assert_eq!(shell.execute("dump"), Err(ShellError::Vat(VatError::NotRunning)));
}

#[test]
fn lines_are_read_as_commands() {
    assert_eq!(Command::read("step 3"), Ok(Some(Command::Step(3))));
    assert_eq!(Command::read(" quit "), Ok(Some(Command::Quit)));
    assert_eq!(Command::read(""), Ok(None));
    assert_eq!(Command::read("verb on"), Ok(Some(Command::Verb(true))));
    assert_eq!(Command::read("nö"), Err(CommandError::Unknown("nö".into())));
}

#[test]
fn verb_is_switched() {
    let vat = office();
    let mut shell = Shell::new(&vat);
    assert_eq!(shell.execute("verb on").unwrap(), "verb is on\n");
    assert!(vat.inspect(|debugger| debugger.is_verb()).unwrap());
    assert_eq!(shell.execute("verb off").unwrap(), "verb is off\n");
}

#[test]
fn quit_ends_the_vat_in_order() {
    let vat = office();
    assert_eq!(Shell::new(&vat).execute("quit").unwrap(), "ending\n");
    vat.join().unwrap().unwrap();
}

/// A turn is one line, whatever an error quotes, and nothing in it looks like a prompt.
#[test]
fn s30_what_somebody_said_stays_in_its_line() {
    const SAID: &str = "no\noffice> quit\rending\u{85}a\u{2028}b\u{1b}[2J";
    let fails = || {
        transition_no_state!(subscriber!(
            "order",
            on_message!(_ => Err::<(), _>(std::io::Error::other(SAID))?),
        ))
    };
    let options = VatOptions { name: Some("office".into()), log: true, ..VatOptions::default() };
    let vat =
        Vat::spawn(options, move |_| transition_no_state!(name_process(SAID, spawn!(fails())))).unwrap();
    vat.call(|caller| caller.act(send_message!("order"))).unwrap();
    while vat.inspect(|debugger| debugger.log().errors().next().is_none()).unwrap() {}
    let mut shell = Shell::new(&vat);
    for command in ["errors", "tail", "tree", "debug", "trace", "processes", "dump"] {
        let said = shell.execute(command).unwrap();
        assert!(
            said.split('\n').all(|line| line.chars().all(|c| !c.is_control() && c.is_ascii())),
            "{said:?}"
        );
        assert!(!said.contains("\noffice>"), "{said:?}");
    }
    assert!(
        shell
            .execute("errors")
            .unwrap()
            .contains(r"fails: no\noffice> quit\rending\u{85}a\u{2028}b\u{1b}[2J")
    );
}
