//! Objects and promises at the prompt.

use marketplace::notation::Mistake;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::shell::Shell;
#[cfg(unix)]
use marketplace::shell::ShellSocket;
use marketplace::vat::{Vat, VatOptions};

use crate::script;

struct Purse(u64);

#[object]
impl Purse {
    fn balance(&self) -> u64 {
        self.0
    }
    fn deposit(&mut self, amount: u64) -> u64 {
        self.0 += amount;
        self.0
    }
    fn open(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.make(Self(1))
    }
    fn is_same(&self, cx: &Cx<Self>, other: Far<Self>) -> bool {
        other == cx.me()
    }
    fn wait(&mut self, cx: &Cx<Self>, it: Promise<u64>) -> Promise<u64> {
        cx.when(it, |_, _, it| Ok(it?))
    }
    fn balance_of(&mut self, cx: &Cx<Self>, other: Promise<Far<Self>>) -> Promise<u64> {
        let balance = other.balance(cx);
        cx.when(balance, |_, _, balance| Ok(balance?))
    }
}

/// A process with a purse, which a publisher of this name shows.
fn shop(name: &'static str, purse: u64) -> Transition<()> {
    let (spawn, purse) = spawn_object(Purse(purse));
    transition_no_state!(name_process(name, spawn), spawn!(transition_no_state!(publisher!((name, purse)))))
}

fn settled(vat: Vat) -> Vat {
    while vat.inspect(|debugger| debugger.dump().queued > 0 || debugger.stamp() == 0).unwrap() {}
    vat
}

/// A purse in the ground VM, and one in a nested VM.
fn shops() -> Vat {
    let boot = |_| {
        transition_no_state!(
            shop("purse", 7).actions,
            name_process("mall", spawn_vm!(shop("inner", 70).actions)),
        )
    };
    settled(Vat::spawn(VatOptions { name: Some("shops".into()), ..VatOptions::default() }, boot).unwrap())
}

/// The first reference in this text.
fn first_ref(text: &str) -> &str {
    let begin = text.find("ref#").unwrap_or_else(|| panic!("no reference in {text}"));
    let end =
        text[begin + 4..].find(|c: char| c != 'x' && !c.is_ascii_digit()).unwrap_or(text.len() - begin - 4);
    &text[begin..begin + 4 + end]
}

/// The answer to a message, however long that takes.
fn answer(shell: &mut Shell, line: &str) -> String {
    let mut said = shell.execute(line).unwrap();
    while !said.contains("answer to message") {
        said = shell.execute("").unwrap();
    }
    said.lines().last().unwrap().to_string()
}

#[test]
fn o21_refs_show_the_objects_of_a_vm_and_who_holds_them() {
    let vat = shops();
    let mut shell = Shell::new(&vat);
    let refs = shell.execute("refs").unwrap();
    let purse = first_ref(&refs);
    let lines: Vec<_> = refs.lines().collect();
    assert_eq!(lines.len(), 2, "{refs}");
    assert!(lines[0].starts_with(&format!("p2: {purse} Purse, held by ")), "{refs}");
    assert!(lines[0].contains(" in topics and names"), "{refs}");
    let mall = lines[1].split(':').next().unwrap();
    assert_eq!(lines[1], format!("{mall}: a VM with 1 in it: `enter {mall}` first"));
    assert_eq!(shell.execute("refs p2").unwrap().lines().count(), 1);
    assert_eq!(shell.execute("refs p1").unwrap(), "no objects\n");
    for pid in ["p99", "99999999999"] {
        let error = shell.execute(&format!("refs {pid}")).unwrap_err().to_string();
        assert_eq!(error, format!("there is no process p{} here", pid.trim_start_matches('p')));
    }
    shell.execute(&format!("enter {mall}")).unwrap();
    let inner = shell.execute("refs").unwrap();
    assert!(inner.contains(" Purse, held by ") && !inner.contains(&format!("{purse} ")), "{inner}");
    assert!(shell.execute("dump").unwrap().contains(first_ref(&inner)));
}

/// Also one in a nested VM. A clone of the prompt, and the notation everywhere else, cannot read
/// it.
#[test]
fn o1_a_printed_reference_lives_again_at_the_shell() {
    let vat = shops();
    let mut shell = Shell::new(&vat);
    let refs = shell.execute("refs").unwrap();
    let purse = first_ref(&refs);
    let resolved = shell.execute(&format!("resolve {purse}")).unwrap();
    assert_eq!(
        resolved,
        format!("{purse} is Purse in p2 \"purse\": this prompt holds it until `release {purse}`\n")
    );
    assert_eq!(answer(&mut shell, &format!("send {purse} balance")), "answer to message 1: 7");
    assert_eq!(answer(&mut shell, &format!("send {purse} deposit(5)")), "answer to message 2: 12");
    assert_eq!(answer(&mut shell, &format!("send {purse} ['deposit, 1]")), "answer to message 3: 13");
    assert_eq!(answer(&mut shell, &format!("send {purse} is_same({purse})")), "answer to message 4: true");

    let opened = answer(&mut shell, &format!("send {purse} open"));
    let new = first_ref(&opened);
    assert_eq!(opened, format!("answer to message 5: {new}; this prompt holds {new}"));
    assert_eq!(answer(&mut shell, &format!("send {new} balance")), "answer to message 6: 1", "it is held");

    let mall = refs.lines().nth(1).unwrap().split(':').next().unwrap();
    shell.execute(&format!("enter {mall}")).unwrap();
    let inner = shell.execute("refs").unwrap();
    let inner = first_ref(&inner);
    assert_eq!(answer(&mut shell, &format!("send {inner} balance")), "answer to message 7: 70");

    let wrong = answer(&mut shell, &format!("send {purse} balanse"));
    assert!(wrong.starts_with("no answer to message 8: there is no method `balanse`"), "{wrong}");
    let mistake = purse.parse::<Value>().unwrap_err().mistake;
    assert_eq!(mistake, Mistake::Reference, "it cannot be read but at the shell");
    assert!(shell.execute(&format!("send [{purse}]")).is_err());
}

/// Hosts number their references by a counter of their own. A turn can make one with the same
/// number, so the texts differ.
#[test]
fn o1_what_a_host_has_made_lives_again_by_its_own_text() {
    let (begins, resolver) = promise::<u64>();
    let shown = format!("{begins:?}");
    let boot = move |_| {
        let (spawn, purse) = spawn_object(Purse(0));
        transition_no_state!(spawn, publisher!(("purse", purse)), publisher!(("begins", begins)))
    };
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let mut shell = Shell::new(&vat);
    let promises = shell.execute("promises").unwrap();
    assert!(promises.contains(&format!("promise {shown}: somebody settles it")), "{promises}");
    let resolved = shell.execute(&format!("resolve {shown}")).unwrap();
    assert_eq!(resolved, format!("{shown} is a promise: this prompt holds it until `release {shown}`\n"));
    let other = shown.replace("ref#x", "ref#");
    assert_ne!(other, shown);
    let error = shell.execute(&format!("release {other}")).unwrap_err().to_string();
    assert_eq!(error, format!("this prompt does not hold {other}"));
    assert_eq!(shell.execute(&format!("release {shown}")).unwrap(), "");
    drop(resolver);
}

/// The process that showed it has ended, so nobody else has it.
#[test]
fn o19_a_prompt_holds_what_it_has_resolved() {
    let vat = shops();
    let mut shell = Shell::new(&vat);
    let refs = shell.execute("refs p2").unwrap();
    let purse = first_ref(&refs);
    shell.execute(&format!("resolve {purse}")).unwrap();
    shell.execute("kill p3").unwrap();
    while !shell.execute("refs p2").unwrap().contains("Purse, held by 1: 1 out of sight") {}
    assert_eq!(shell.execute(&format!("release {purse}")).unwrap(), "");
    assert_eq!(
        shell.execute(&format!("release {purse}")).unwrap_err().to_string(),
        format!("this prompt does not hold {purse}")
    );
    while shell.execute("refs p2").is_ok() {}
    assert_eq!(
        shell.execute(&format!("resolve {purse}")).unwrap_err().to_string(),
        format!("there is no {purse} to be seen: `refs` and `promises` show what there is")
    );
}

/// Ann waits for what Bob gives, and Bob for what Ann gives.
#[test]
fn o15_promises_show_two_that_wait_for_each_other() {
    let boot = |_| {
        let ((spawn_ann, ann), (spawn_bob, bob)) = (spawn_object(Purse(0)), spawn_object(Purse(0)));
        let (begins, resolver) = promise::<u64>();
        let mut ends = None;
        let waits = tell(|cx| {
            let of_ann = ann.wait(cx, &begins);
            ends = Some(bob.wait(cx, of_ann));
        });
        transition_no_state!(spawn_ann, spawn_bob, waits, resolver.follow(ends.unwrap()))
    };
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let mut shell = Shell::new(&vat);
    let said = shell.execute("promises").unwrap();
    let waits = |a: &str, b: &str| {
        said.contains(&format!(": {a} settles it, and waits for ref#"))
            && said.contains(&format!("; for it waits {b}"))
    };
    assert!(waits("p2", "p3") && waits("p3", "p2"), "{said}");
    assert!(said.contains("\neach of these waits for the next, the last for the first: ref#"), "{said}");
    assert!(shell.execute("dump").unwrap().contains(said.lines().next().unwrap()));
}

/// A process that waits knows the number of its promise alone, and nothing else that the vat sees
/// leads there.
#[test]
fn o21_promises_say_which_ones_resolve_cannot_reach() {
    let (later, resolver) = promise::<u64>();
    let (shown, waits) = (format!("{later:?}"), later.clone());
    let boot =
        move |_| transition_no_state!(when(waits, |(), _: Result<u64, Reason>| transition_no_state!()));
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let mut shell = Shell::new(&vat);
    let promises = shell.execute("promises").unwrap();
    assert!(promises.starts_with(&format!("promise {shown}: ")), "{promises}");
    assert!(promises.ends_with("; for it waits p0; it is out of reach of `resolve`\n"), "{promises}");
    assert_eq!(
        shell.execute(&format!("resolve {shown}")).unwrap_err().to_string(),
        format!("{shown} is out of reach: the vat sees who waits for it, but nothing that leads to it")
    );
    drop((later, resolver));
}

/// One process waits for an answer whose promise nobody has. A prompt lets another one wait there,
/// and lets go of the promise again: both are told.
#[test]
fn o13_whoever_waits_by_number_is_told_too() {
    let boot = |_| {
        let ((spawn_ann, ann), (spawn_bob, bob)) = (spawn_object(Purse(7)), spawn_object(Purse(8)));
        let (later, resolver) = promise::<Far<Purse>>();
        let waits = tell(|cx| drop(ann.balance_of(cx, &later)));
        transition_no_state!(
            spawn_ann,
            spawn_bob,
            waits,
            publisher!(("ann", ann)),
            publisher!(("later", later)),
            subscriber!("go", on_message!(_ => resolver.clone().fulfill(bob.clone()))),
        )
    };
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let mut shell = Shell::new(&vat);
    let refs = shell.execute("refs p2").unwrap();
    let ann = first_ref(&refs);
    // All that was asked for before has been done when Ann has answered so often.
    let done = |shell: &mut Shell| {
        let mut said = String::new();
        for times in 1..=10 {
            said += &shell.execute(&format!("send {ann} balance")).unwrap();
            while said.matches(": 7\n").count() < times {
                said += &shell.execute("").unwrap();
            }
        }
        said
    };
    let promises = shell.execute("promises").unwrap();
    let mut waiting = 0;
    for line in promises.lines().filter(|line| line.starts_with("promise ref#")) {
        let promise = first_ref(line);
        if shell.execute(&format!("resolve {promise}")).is_ok() {
            waiting += 1;
            shell.execute(&format!("send {ann} wait({promise})")).unwrap();
            done(&mut shell);
            shell.execute(&format!("release {promise}")).unwrap();
        }
    }
    assert_eq!(waiting, 3, "for Bob, his answer, and that of Ann: {promises}");
    // The answers may have come already.
    let mut said = shell.execute("send \"go\"").unwrap();
    while !said.contains("to message 1: ") {
        said += &shell.execute("").unwrap();
    }
    said += &done(&mut shell);
    assert_eq!(said.matches(": 8\n").count(), 2, "the first is no number: {promises}{said}");
}

#[test]
fn o21_a_message_to_a_stopped_program_is_answered_when_it_runs() {
    let vat = shops();
    let mut shell = Shell::new(&vat);
    let refs = shell.execute("refs").unwrap();
    let purse = first_ref(&refs);
    let said = script(&mut shell, &format!("pause\nsend {purse} balance"));
    assert!(said.ends_with("sent as message 1; it is heard when the program runs\n"), "{said}");
    let promises = shell.execute("promises").unwrap();
    let told = format!(": p2 is to answer a queued message to {purse}; for it waits the host");
    assert!(!promises.contains("answer to") && promises.contains(" queued"), "{promises}{told}");
    let stepped = shell.execute("step 10").unwrap();
    assert!(stepped.contains("answer to message 1: 7\n"), "{stepped}");
    assert_eq!(shell.execute("promises").unwrap(), "no open promises\n");
}

/// Before the wait is performed, the turn that asked for it cannot say for which promise it is.
#[test]
fn o21_a_queued_wait_names_its_promise() {
    let boot = |_| {
        let (spawn, purse) = spawn_object(Purse(7));
        let asks = subscriber!(
            "go",
            on_message!(_ => ask(|cx| purse.balance(cx), |(), _: Result<u64, Reason>| transition_no_state!()))
        );
        transition_no_state!(spawn, name_process("asker", spawn!(transition_no_state!(asks))))
    };
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let mut shell = Shell::new(&vat);
    script(&mut shell, "pause\nlog on\nsend \"go\"\nstep");
    let dump = shell.execute("dump").unwrap();
    let wait = dump.lines().find(|line| line.contains(" waits for ref#"));
    assert!(wait.is_some_and(|line| line.starts_with("queued: p")), "{dump}");
    let turn = shell.execute("tail 1").unwrap();
    assert!(turn.ends_with(", waits for a promise\n"), "{turn}");
}

/// Processes say how many objects they have, and what has no name is known by its function.
#[test]
fn s04_processes_say_what_they_are() {
    fn idle() -> Transition<()> {
        transition_no_state!(subscriber!("idle"))
    }
    let boot = |_| {
        let (spawn, purse) = spawn_object(Purse(7));
        transition_no_state!(spawn, publisher!(("purse", purse)), spawn!(idle()))
    };
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let said = Shell::new(&vat).execute("processes").unwrap();
    assert!(said.contains(" Purse(): 0 endpoints, 1 object\n"), "{said}");
    assert!(said.contains(" idle(): 1 endpoint\n"), "{said}");
}

#[test]
fn no_line_about_objects_makes_the_shell_panic() {
    let vat = shops();
    let mut shell = Shell::new(&vat);
    let refs = shell.execute("refs").unwrap();
    let purse = first_ref(&refs).to_string();
    let deep = "[".repeat(60_000);
    let many = "9".repeat(1_000);
    let lines = [
        "send ref#0".to_string(),
        "send ref#0 balance".into(),
        "send ref#".into(),
        "send ref#x balance".into(),
        format!("send ref#{many} balance"),
        "send ref#18446744073709551615 balance".into(),
        "resolve ref#9223372036854775808".into(),
        "resolve ref#x9223372036854775808".into(),
        "resolve ref#xx1".into(),
        "resolve ref#+1".into(),
        "resolve".into(),
        "resolve purse".into(),
        "release ref#7 ref#8".into(),
        format!("send {purse} {deep}"),
        format!("send {purse} deposit(ref#{many})"),
        format!("send {purse} deposit(ref#9999999)"),
        format!("send {purse} deposit(ref#)"),
        format!("send {purse} deposit(ref#x)"),
        format!("send {purse} deposit(ref #7)"),
        "promises now".into(),
        format!("refs {many}"),
    ];
    for line in &lines {
        let shown: String = line.chars().take(60).collect();
        let error = shell.execute(line).expect_err(&shown).to_string();
        assert!(!error.is_empty() && error.len() < 200, "{shown}: {error}");
    }
    for message in ["()", "{}", "-1", "\"balance\"", "[[]]", "{ref#0: 1}", "b\"\\xff\""] {
        // The object may refuse it.
        let _ = shell.execute(&format!("send {purse} {message}"));
    }
    assert!(answer(&mut shell, &format!("send {purse} balance")).ends_with(": 7"));
}

#[test]
fn a_command_with_a_wrong_letter_is_said() {
    let vat = shops();
    let mut shell = Shell::new(&vat);
    for (typed, meant) in [("promisse", "promises"), ("ref", "refs"), ("resolv", "resolve"), ("dmup", "dump")]
    {
        let error = shell.execute(typed).unwrap_err().to_string();
        if typed == "dmup" {
            assert_eq!(error, "there is no command `dmup`; `help` lists them", "two letters of four");
        } else {
            assert_eq!(error, format!("there is no command `{typed}`; did you mean `{meant}`?"));
        }
    }
}

#[cfg(unix)]
#[test]
fn o1_a_client_of_the_socket_speaks_to_an_object() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    let vat = shops();
    let path = std::env::temp_dir().join(format!("marketplace-shell-objects-{}", std::process::id()));
    let _socket = ShellSocket::listen(&vat, &path).unwrap();
    let mut stream = UnixStream::connect(&path).unwrap();
    let until = |stream: &mut UnixStream, end: &str| {
        let mut said = Vec::new();
        while !String::from_utf8_lossy(&said).ends_with(end) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
        String::from_utf8(said).unwrap()
    };
    until(&mut stream, "> ");
    stream.write_all(b"refs p2\n").unwrap();
    let refs = until(&mut stream, "> ");
    let purse = first_ref(&refs);
    stream.write_all(format!("send {purse} deposit(3)\n").as_bytes()).unwrap();
    let mut said = until(&mut stream, "> ");
    while !said.contains("answer to message") {
        stream.write_all(b"\n").unwrap();
        said = until(&mut stream, "> ");
    }
    assert_eq!(said, "answer to message 1: 10\nshops> ");
}

struct Door;

#[object]
impl Door {
    fn key(&self) -> Text {
        Text::with_secret("door?key=4711", "door?key=..")
    }
    fn keys(&self) -> Vec<Text> {
        vec![self.key()]
    }
}

/// A secret text is told to the prompt that asks for it, and does not show in the log.
#[test]
fn a_secret_is_told_to_the_prompt_that_asks_for_it() {
    let (spawn, door) = spawn_object(Door);
    let show = spawn!(transition_no_state!(publisher!(("door", door))));
    let boot = |_| transition_no_state!(spawn, show);
    let vat = settled(Vat::spawn(VatOptions::default(), boot).unwrap());
    let mut shell = Shell::new(&vat);
    shell.execute("log on").unwrap();
    let refs = shell.execute("refs").unwrap();
    let door = first_ref(&refs);
    assert_eq!(answer(&mut shell, &format!("send {door} key")), r#"answer to message 1: "door?key=4711""#);
    assert_eq!(answer(&mut shell, &format!("send {door} keys")), r#"answer to message 2: ["door?key=.."]"#);
    let tail = shell.execute("tail 100").unwrap();
    assert!(tail.contains("door?key=..") && !tail.contains("4711"), "{tail}");
}
