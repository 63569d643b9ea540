//! The chat room: some stay and talk all the time, others come, say something and go.

use std::cell::Cell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use crate::memory::Memory;
use crate::program::Program;

const RESIDENTS: usize = 40;
const GUESTS: usize = 8;
/// How many lines of one client are under way.
const WINDOW: u64 = 4;
/// While anybody has so many lines still to hear, nobody says more: the clients are to be no slower
/// than the room.
const BEHIND: u64 = 500;
const TOO_LONG: Duration = Duration::from_secs(30);

/// The counts of all clients together.
#[derive(Default)]
struct Tally {
    said: Cell<u64>,
    heard: Cell<u64>,
    visits: Cell<u64>,
    /// How many clients are behind.
    behind: Cell<u64>,
    over: Cell<bool>,
}

fn add(to: &Cell<u64>, more: u64) {
    to.set(to.get() + more);
}

struct Client {
    me: String,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    /// The last line of each other member: lines are numbers, each speaker's one after the other.
    last: HashMap<String, u64>,
    said: u64,
    /// How many lines of all it has heard, or were said before it was in.
    heard: u64,
    is_behind: bool,
    tally: Rc<Tally>,
}

impl Client {
    async fn enter(room: SocketAddr, tally: &Rc<Tally>) -> Self {
        let stream = TcpStream::connect(room).await.expect("the room is open");
        let me = format!("user-{}", stream.local_addr().expect("it has an address"));
        let (reader, writer) = stream.into_split();
        let (reader, last) = (BufReader::new(reader), HashMap::new());
        let mut client = Self {
            me,
            reader,
            writer,
            last,
            said: 0,
            heard: tally.said.get(),
            is_behind: false,
            tally: tally.clone(),
        };
        assert_eq!(client.line().await, format!("You are {}.", client.me));
        client.heard = tally.said.get();
        client
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read =
            timeout(TOO_LONG, self.reader.read_line(&mut line)).await.expect("the room speaks in time");
        assert!(read.expect("in order") > 0, "{} was left alone", self.me);
        line.trim_end().to_string()
    }

    /// Says numbers, a few ahead of what it hears of itself, until it has said so many or all is
    /// over.
    async fn talk(&mut self, lines: u64) {
        loop {
            let heard = self.last.get(&self.me).copied().unwrap_or(0);
            let more = !self.tally.over.get() && self.said < lines;
            if !more && heard == self.said {
                return;
            }
            if more && self.said < heard + WINDOW && self.tally.behind.get() == 0 {
                self.said += 1;
                add(&self.tally.said, 1);
                self.writer.write_all(format!("{}\n", self.said).as_bytes()).await.expect("the room listens");
            } else {
                self.hear().await;
            }
        }
    }

    /// Hears one line, and checks that none before it is missing.
    async fn hear(&mut self) {
        let line = self.line().await;
        if let Some((who, what)) = line.split_once(": ") {
            let number: u64 = what.parse().expect("lines are numbers");
            if let Some(before) = self.last.insert(who.to_string(), number) {
                assert_eq!(number, before + 1, "{} missed something of {who}", self.me);
            }
            add(&self.tally.heard, 1);
            self.keep_up();
        } else if let Some(who) = line.strip_suffix(" left.") {
            self.last.remove(who);
        } else {
            assert!(line.ends_with(" arrived."), "{line}");
        }
    }

    fn keep_up(&mut self) {
        self.heard += 1;
        let is_behind = self.heard + BEHIND < self.tally.said.get();
        if is_behind != self.is_behind {
            self.is_behind = is_behind;
            let behind = self.tally.behind.get();
            self.tally.behind.set(if is_behind { behind + 1 } else { behind - 1 });
        }
    }

    async fn leave(mut self) {
        if self.is_behind {
            self.tally.behind.set(self.tally.behind.get() - 1);
        }
        self.writer.shutdown().await.expect("the room is there");
        let mut rest = Vec::new();
        let read = self.reader.read_to_end(&mut rest);
        timeout(TOO_LONG, read).await.expect("the room lets it go").expect("in order");
        add(&self.tally.visits, 1);
    }
}

async fn resident(room: SocketAddr, tally: Rc<Tally>) {
    let mut client = Client::enter(room, &tally).await;
    client.talk(u64::MAX).await;
    client.leave().await;
}

async fn guests(room: SocketAddr, tally: Rc<Tally>) {
    while !tally.over.get() {
        let mut client = Client::enter(room, &tally).await;
        client.talk(5).await;
        client.leave().await;
    }
}

async fn soak(room: SocketAddr, memory: &mut Memory) {
    let tally = Rc::<Tally>::default();
    let residents = (0..RESIDENTS).map(|_| spawn_local(resident(room, tally.clone())));
    let guests = (0..GUESTS).map(|_| spawn_local(guests(room, tally.clone())));
    let tasks: Vec<_> = residents.chain(guests).collect();
    let (began, time) = (Instant::now(), crate::time());
    while began.elapsed() < time {
        sleep(time / 20).await;
        println!(
            "chat, {:4} s: {} lines said, {} heard, {} visits, {} KiB",
            began.elapsed().as_secs(),
            tally.said.get(),
            tally.heard.get(),
            tally.visits.get(),
            memory.look(),
        );
        if let Some(failed) = tasks.iter().position(|task| task.is_finished()) {
            panic!("client {failed} is not there any more");
        }
    }
    tally.over.set(true);
    for task in tasks {
        task.await.expect("no client missed anything");
    }
}

#[test]
#[ignore = "takes as long as it is told to"]
fn soak_chat() {
    let mut room = Program::start("chat", &["0"]);
    let address = room.listening();
    let mut memory = Memory::of(room.child.id());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, soak(address, &mut memory));
    memory.is_flat();
    assert!(room.interrupt().success());
}
