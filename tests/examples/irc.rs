//! The IRC server, with clients that are plain sockets, and with irssi.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::program::Program;

/// A client, whose lines go out and come in as they are.
struct Client {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Client {
    /// One that is welcome under this nick.
    fn named(nick: &str, server: SocketAddr) -> Self {
        let mut client = Self::stranger(server);
        client.say(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick} herself"));
        client.until(" 422 ");
        client
    }

    fn stranger(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("it listens");
        // No test waits for time to pass; this ends one that would wait for ever.
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
        let lines = BufReader::new(stream.try_clone().expect("a second handle"));
        Self { stream, lines }
    }

    fn say(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).expect("it reads");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("it comes in time");
        line.strip_suffix("\r\n").unwrap_or_else(|| panic!("{line:?} is no line")).to_string()
    }

    /// The next line with this in it.
    fn until(&mut self, part: &str) -> String {
        loop {
            let line = self.hear();
            if line.contains(part) {
                return line;
            }
        }
    }

    fn is_closed(&mut self) -> bool {
        match self.lines.read_line(&mut String::new()) {
            Ok(len) => len == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

fn with_server(test: impl FnOnce(SocketAddr)) {
    let mut server = Program::start("irc", &["0"]);
    test(server.listening());
    assert!(server.interrupt().success());
}

#[test]
fn irc_clients_meet_on_a_channel() {
    with_server(|server| {
        let mut ann = Client::named("ann", server);
        ann.say("JOIN #tea");
        assert_eq!(ann.hear(), ":ann!ann@127.0.0.1 JOIN #tea");
        ann.until(" 366 ");
        let mut bob = Client::stranger(server);
        bob.say("NICK ann");
        assert_eq!(bob.hear(), ":irc.example 433 * ann :Nickname is already in use");
        // All at once, in parts that are no lines.
        bob.stream.write_all(b"NICK bob\nUSER bob 0 * :Bob\nJOI").expect("it reads");
        bob.until(" 422 ");
        bob.say("N #tea\r\nPRIVMSG #tea :hello\r\nQUIT :bye");
        assert_eq!(bob.until("353"), ":irc.example 353 bob = #tea :ann bob");
        assert_eq!(bob.until("ERROR"), "ERROR :Quit: bye");
        assert!(bob.is_closed());
        for heard in ["JOIN #tea", "PRIVMSG #tea :hello", "QUIT :Quit: bye"] {
            assert_eq!(ann.hear(), format!(":bob!bob@127.0.0.1 {heard}"));
        }
    });
}

#[test]
fn irc_clients_that_go_without_a_word_are_seen_to_go() {
    with_server(|server| {
        let mut ann = Client::named("ann", server);
        ann.say("JOIN #tea");
        ann.until(" 366 ");
        for (nick, how) in [("bob", Shutdown::Write), ("cid", Shutdown::Both)] {
            let mut other = Client::named(nick, server);
            other.say("JOIN #tea");
            other.until(" 366 ");
            other.stream.shutdown(how).expect("it is connected");
            assert_eq!(ann.hear(), format!(":{nick}!{nick}@127.0.0.1 JOIN #tea"));
            assert_eq!(ann.hear(), format!(":{nick}!{nick}@127.0.0.1 QUIT :Connection closed"));
        }
    });
}

#[test]
fn irc_skips_a_line_that_is_too_long() {
    with_server(|server| {
        let mut ann = Client::named("ann", server);
        ann.say(&format!("PRIVMSG ann :{}\r\nPING still", "x".repeat(100_000)));
        assert_eq!(ann.hear(), ":irc.example 417 ann :Input line was too long");
        assert_eq!(ann.hear(), ":irc.example PONG irc.example :still");
    });
}

#[test]
fn irc_says_goodbye_when_it_ends() {
    let mut server = Program::start("irc", &["0"]);
    let mut ann = Client::named("ann", server.listening());
    assert!(server.interrupt().success());
    assert_eq!(ann.hear(), "ERROR :The server ends");
    assert!(ann.is_closed());
}

/// A program in a terminal. A test that failed leaves nothing behind.
struct Terminal(Child);

impl Drop for Terminal {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn irc_serves_irssi() {
    if Command::new("irssi").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("there is no irssi on this machine: not tried with it");
        return;
    }
    with_server(|server| {
        let mut ann = Client::named("ann", server);
        ann.say("JOIN #tea");
        ann.until(" 366 ");
        let home = std::env::temp_dir().join(format!("marketplace-irssi-{}", std::process::id()));
        std::fs::create_dir_all(&home).expect("a folder");
        let config = format!(
            r##"servers = ({{ address = "127.0.0.1"; port = "{}"; chatnet = "it"; autoconnect = "yes"; }});
            chatnets = {{ it = {{ type = "IRC"; nick = "irssi"; }}; }};
            channels = ({{ name = "#tea"; chatnet = "it"; autojoin = "yes"; }});"##,
            server.port()
        );
        std::fs::write(home.join("config"), config).expect("it is written");
        // irssi wants a terminal.
        let terminal = Command::new("script")
            .args(["-qec", &format!("irssi --home={}", home.display()), "/dev/null"])
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        let Ok(mut terminal) = terminal.map(Terminal) else {
            println!("there is no script on this machine: not tried with irssi");
            return;
        };
        let joined = ann.until("JOIN #tea");
        assert!(joined.starts_with(":irssi!"), "{joined}");
        // It takes what it is told for what it is: it answers.
        ann.say("PRIVMSG irssi :\x01PING 42\x01");
        let answer = ann.until("NOTICE ann");
        assert!(answer.starts_with(":irssi!") && answer.ends_with(":\x01PING 42\x01"), "{answer}");
        let typed = terminal.0.stdin.as_mut().expect("piped");
        typed.write_all(b"/quit done\r").expect("it reads");
        assert!(ann.until("QUIT").ends_with(":Quit: done"));
        terminal.0.wait().expect("it ends");
        std::fs::remove_dir_all(home).expect("it is there");
    });
}
