//! The chat room on several machines, as programs with wires between them.

use std::fs;
use std::io::{BufRead, BufReader};

use crate::chat::Client;
use crate::program::Program;
use crate::wire::Wire;

/// Three machines, of which each finds the others by their wires.
struct Rooms {
    list: String,
    wires: [Wire; 3],
}

const NAMES: [&str; 3] = ["ann", "bob", "cid"];

impl Rooms {
    fn new() -> Self {
        let wires = NAMES.map(|_| Wire::new());
        let list = std::env::temp_dir().join(format!("marketplace-cluster-chat-{}", std::process::id()));
        let lines = NAMES.iter().zip(&wires).map(|(name, wire)| format!("{name} {}\n", wire.at));
        fs::write(&list, lines.collect::<String>()).expect("there is room");
        Self { list: list.display().to_string(), wires }
    }

    fn start(&self, at: usize) -> Program {
        let variables = [
            ("MARKETPLACE_CLUSTER", &*self.list),
            ("MARKETPLACE_NAME", NAMES[at]),
            ("MARKETPLACE_LISTEN", "127.0.0.1:0"),
            ("MARKETPLACE_LOG", "info"),
        ];
        let mut program = Program::start_with("cluster_chat", &["0"], &variables);
        let mut errors = BufReader::new(program.child.stderr.take().expect("piped")).lines();
        let link = format!("links to {} at ", NAMES[at]);
        let found = errors.find_map(|line| Some(line.ok()?.split_once(&link)?.1.to_string()));
        self.wires[at].lead_to(found.expect("it says where").parse().expect("an address"));
        // It is read on, so that nothing waits to be written.
        std::thread::spawn(move || errors.map_while(Result::ok).for_each(drop));
        program
    }
}

impl Drop for Rooms {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.list);
    }
}

#[test]
fn cluster_chat_is_one_room_on_three_machines() {
    let rooms = Rooms::new();
    let mut machines = [0, 1, 2].map(|at| rooms.start(at));
    let at = [0, 1, 2].map(|one: usize| machines[one].listening());
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let mut ada = Client::connect(at[0]).await;
        let mut ben = Client::connect(at[1]).await;
        assert_eq!(ada.hear().await, format!("{} arrived.", ben.name));
        assert_eq!(ben.hear().await, format!("{} arrived.", ada.name));
        let mut cy = Client::connect(at[2]).await;
        assert_eq!(ada.hear().await, format!("{} arrived.", cy.name));
        assert_eq!(ben.hear().await, format!("{} arrived.", cy.name));
        let mut there = [cy.hear().await, cy.hear().await];
        there.sort();
        let mut expected = [&ada, &ben].map(|one| format!("{} arrived.", one.name));
        expected.sort();
        assert_eq!(there, expected);
        ada.say("hello\n").await;
        for heard in [ada.hear().await, ben.hear().await, cy.hear().await] {
            assert_eq!(heard, format!("{}: hello", ada.name));
        }
        // The machine of one is killed, and started again.
        machines[1].child.kill().expect("it is running");
        for heard in [ada.hear().await, cy.hear().await] {
            let gone = ["the machine cannot be reached", "the machine was started again"];
            assert!(gone.iter().any(|why| heard == format!("{} left: {why}", ben.name)), "{heard}");
        }
        machines[1] = rooms.start(1);
        let mut ben = Client::connect(machines[1].listening()).await;
        for heard in [ada.hear().await, cy.hear().await] {
            assert_eq!(heard, format!("{} arrived.", ben.name));
        }
        ben.hear().await;
        ben.hear().await;
        ben.say("again\n").await;
        for heard in [ada.hear().await, ben.hear().await, cy.hear().await] {
            assert_eq!(heard, format!("{}: again", ben.name));
        }
        assert_eq!(cy.leave().await, "");
        for heard in [ada.hear().await, ben.hear().await] {
            assert!(heard.ends_with(" left."), "{heard}");
        }
    });
    assert!(machines.iter_mut().all(|machine| machine.interrupt().success()));
}

#[test]
fn cluster_chat_says_what_its_environment_lacks() {
    let (status, said) = Program::start("cluster_chat", &["0"]).end();
    assert!(!status.success());
    assert!(said.contains("MARKETPLACE_CLUSTER is not set: it is the file with the list"), "{said}");
}
