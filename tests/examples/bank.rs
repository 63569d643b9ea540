//! `bank_server` and `bank_client`: two programs that are killed and started again.

use std::path::PathBuf;

use marketplace_captp::wire::Sturdyref;

use crate::program::Program;

/// A directory of a test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("marketplace-bank-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).expect("it is new");
        Self(path)
    }

    /// A server whose key is in this file, and its address.
    fn server(&self, at: &str, key: &str) -> (Program, String) {
        let key = self.0.join(key);
        let mut server = Program::start("bank_server", &[at, key.to_str().expect("its name is text")]);
        let address = server.line().trim().to_string();
        assert!(address.starts_with("ocapn://"), "{address}");
        (server, address)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn port(address: &str) -> String {
    let location = Sturdyref::parse(address).expect("it is an address").location;
    location.hint("port").expect("it has a port").to_string()
}

/// Gives a client this line, and gives its answer, but for who comes and goes.
fn pays(client: &mut Program, amount: &str) -> String {
    client.say(&format!("{amount}\n"));
    loop {
        let line = client.line();
        assert!(!line.is_empty(), "it has ended");
        if line.starts_with("paid ") || line.starts_with("cannot pay ") {
            return line.trim().to_string();
        }
    }
}

/// The next line that says that somebody is gone.
fn gone(program: &mut Program) -> String {
    loop {
        let line = program.line();
        assert!(!line.is_empty(), "it has ended");
        if line.contains(" is gone: ") {
            return line;
        }
    }
}

/// K8, K11: each sees the other fall, and the address lasts.
#[test]
fn k11_an_address_survives_kill_9_of_the_server() {
    let folder = Folder::new("kill");
    let (mut server, address) = folder.server("127.0.0.1:0", "bank.key");
    let mut client = Program::start("bank_client", &[&address]);
    assert_eq!(pays(&mut client, "7"), "paid 7: the till has 7");
    assert_eq!(pays(&mut client, "30"), "cannot pay 30: only 10 left");

    server.child.kill().expect("it runs");
    let why = gone(&mut client);
    assert!(why.contains("the peer has gone without a word"), "{why}");
    let refused = pays(&mut client, "7");
    assert!(refused.starts_with("cannot pay 7: ") && refused.contains("cannot be reached"), "{refused}");

    let (mut server, again) = folder.server(&format!("127.0.0.1:{}", port(&address)), "bank.key");
    assert_eq!(again, address);
    assert_eq!(pays(&mut client, "3"), "paid 3: the till has 3", "it is a new bank at the old address");

    client.child.kill().expect("it runs");
    let why = gone(&mut server);
    assert!(why.contains("the peer has gone without a word"), "{why}");
    let mut another = Program::start("bank_client", &[&address]);
    assert_eq!(pays(&mut another, "4"), "paid 4: the till has 7", "the others are not harmed");
    assert!(server.interrupt().success());
    assert!(gone(&mut another).contains("shutdown"));
}

#[test]
fn k11_at_an_address_another_key_is_refused_with_words() {
    let folder = Folder::new("key");
    let (_bank, address) = folder.server("127.0.0.1:0", "bank.key");
    let (_thief, other) = folder.server("127.0.0.1:0", "thief.key");
    let led_astray = address.replace(&format!("port={}", port(&address)), &format!("port={}", port(&other)));
    let mut client = Program::start("bank_client", &[&led_astray]);
    let refused = pays(&mut client, "7");
    assert!(refused.contains("another key is there than the one in the address"), "{refused}");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = Folder::new("port");
    let (_bank, address) = folder.server("127.0.0.1:0", "bank.key");
    let key = folder.0.join("other.key");
    let at = format!("127.0.0.1:{}", port(&address));
    let mut other = Program::start("bank_server", &[&at, key.to_str().expect("its name is text")]);
    let said = other.line();
    assert!(said.contains("the bank is closed: nobody can connect: cannot listen on 127.0.0.1"), "{said}");
}
