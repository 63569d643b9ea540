//! The chat room with real clients, as a program.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::program::Program;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

/// A client of the room. It is in the room when it has been told who it is.
pub(crate) struct Client {
    pub(crate) name: String,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Client {
    pub(crate) async fn connect(room: SocketAddr) -> Self {
        let stream = TcpStream::connect(room).await.expect("the room is open");
        let name = format!("user-{}", stream.local_addr().expect("it has an address"));
        let (reader, writer) = stream.into_split();
        let mut client = Self { name, reader: BufReader::new(reader), writer };
        assert_eq!(client.hear().await, format!("You are {}.", client.name));
        client
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.writer.write_all(bytes.as_ref()).await.expect("the room listens");
    }

    pub(crate) async fn hear(&mut self) -> String {
        let mut line = String::new();
        let heard = timeout(TOO_LONG, self.reader.read_line(&mut line)).await.expect("it hears in time");
        assert!(heard.expect("the room speaks UTF-8") > 0, "{} was left alone", self.name);
        assert_eq!(line.pop(), Some('\n'));
        line
    }

    async fn hear_all(&mut self, count: usize) -> Vec<String> {
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(self.hear().await);
        }
        lines
    }

    /// Says that it is done, and hears the rest: all of it.
    pub(crate) async fn leave(mut self) -> String {
        self.writer.shutdown().await.expect("the room is there");
        let mut rest = String::new();
        let read = self.reader.read_to_string(&mut rest);
        timeout(TOO_LONG, read).await.expect("the room lets it go").expect("in order");
        rest
    }
}

/// Runs a test on the address of a room, and ends the room in order.
pub(crate) fn in_a_room<F: Future<Output = ()>>(example: &str, test: impl FnOnce(SocketAddr) -> F) {
    let mut room = Program::start(example, &["0"]);
    let test = test(room.listening());
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(test);
    assert!(room.interrupt().success());
}

async fn two_talk(room: SocketAddr) {
    let mut ann = Client::connect(room).await;
    let mut bob = Client::connect(room).await;
    assert_eq!(ann.hear().await, format!("{} arrived.", bob.name));
    assert_eq!(bob.hear().await, format!("{} arrived.", ann.name));
    ann.say("hello\r\n\nhalf a ").await;
    for client in [&mut ann, &mut bob] {
        let heard = client.hear_all(2).await;
        assert!(heard[0].ends_with(": hello") && heard[1].ends_with(": "), "{heard:?}");
    }
    ann.say("line").await;
    let name = ann.name.clone();
    let last_words = ann.leave().await;
    assert!(last_words.is_empty() || last_words == format!("{name}: half a line\n"), "{last_words:?}");
    assert_eq!(bob.hear_all(2).await, [format!("{name}: half a line"), format!("{name} left.")]);
    assert_eq!(bob.leave().await, "");
}

#[test]
fn chat_lets_two_talk() {
    in_a_room("chat", two_talk);
}

#[test]
fn chat_raw_does_the_same() {
    in_a_room("chat_raw", two_talk);
}

#[test]
fn chat_says_why_somebody_left() {
    in_a_room("chat", |room| async move {
        let mut ann = Client::connect(room).await;
        let mut bob = Client::connect(room).await;
        ann.hear().await;
        bob.say(b"\xff\xff\n").await;
        assert!(ann.hear().await.starts_with(&format!("{} left: invalid utf-8", bob.name)));
        let mut cid = Client::connect(room).await;
        ann.hear().await;
        cid.say(&"x".repeat(100 * 1024)).await;
        assert_eq!(ann.hear().await, format!("{} left: line-too-long", cid.name));
    });
}

#[test]
fn chat_drops_who_does_not_read_and_serves_the_others() {
    in_a_room("chat", |room| async move {
        let mut ann = Client::connect(room).await;
        let sleeper = Client::connect(room).await;
        ann.hear().await;
        // More than the room and the kernel hold back for one connection.
        let line = "x".repeat(60 * 1024);
        let left = loop {
            ann.say(&line).await;
            ann.say("\n").await;
            let heard = ann.hear().await;
            if !heard.ends_with(&line) {
                break heard;
            }
        };
        assert_eq!(left, format!("{} left: overrun", sleeper.name));
        assert!(ann.hear().await.ends_with(&line), "what she said last is not lost");
    });
}

/// Numbers that look random, and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % sides
    }
}

/// The members of the room, and the lines that each of them hears. Within a round all act at once.
#[derive(Default)]
struct Crowd {
    clients: Vec<Client>,
    said: usize,
}

impl Crowd {
    /// Some come. Each hears of all others, and all others of each.
    async fn join(&mut self, room: SocketAddr, count: usize) {
        let before: Vec<String> = self.names();
        let mut joined = Vec::new();
        for _ in 0..count {
            joined.push(Client::connect(room).await);
        }
        let new: Vec<String> = joined.iter().map(|client| client.name.clone()).collect();
        for client in &mut self.clients {
            let expected = new.iter().map(|name| format!("{name} arrived."));
            assert_eq!(
                client.hear_all(count).await,
                Vec::from_iter(expected),
                "in the order of their coming"
            );
        }
        for client in &mut joined {
            let others = before.iter().chain(&new).filter(|name| **name != client.name);
            let mut expected: Vec<String> = others.map(|name| format!("{name} arrived.")).collect();
            let mut heard = client.hear_all(expected.len()).await;
            expected.sort();
            heard.sort();
            assert_eq!(heard, expected);
        }
        self.clients.append(&mut joined);
    }

    /// Everybody says so many lines, in pieces. All hear all of it, in one order, and each
    /// speaker's in the speaker's.
    async fn talk(&mut self, lines: usize) {
        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for client in &mut self.clients {
            let mut speech = String::new();
            for _ in 0..lines {
                self.said += 1;
                speech += &format!("line {}\n", self.said);
                expected.entry(client.name.clone()).or_default().push(format!("line {}", self.said));
            }
            let (first, second) = speech.split_at(speech.len() / 2);
            client.say(first).await;
            client.say(second).await;
        }
        let mut agreed: Option<Vec<String>> = None;
        let all = lines * self.clients.len();
        for client in &mut self.clients {
            let heard = client.hear_all(all).await;
            match &agreed {
                Some(agreed) => assert_eq!(agreed, &heard, "all hear the same order"),
                None => agreed = Some(heard),
            }
        }
        let mut by_speaker: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for heard in agreed.unwrap_or_default() {
            let (who, what) = heard.split_once(": ").expect("somebody says something");
            by_speaker.entry(who.to_string()).or_default().push(what.to_string());
        }
        assert_eq!(by_speaker, expected);
    }

    /// Some go, in order or all of a sudden. The others hear of each.
    async fn part(&mut self, dice: &mut Dice, count: usize) {
        for _ in 0..count {
            let client = self.clients.swap_remove(dice.below(self.clients.len()));
            let name = client.name.clone();
            if dice.below(2) == 0 {
                assert_eq!(client.leave().await, "", "it had heard everything");
            } else {
                drop(client);
            }
            for other in &mut self.clients {
                assert_eq!(other.hear().await, format!("{name} left."));
            }
        }
    }

    fn names(&self) -> Vec<String> {
        self.clients.iter().map(|client| client.name.clone()).collect()
    }
}

/// A hundred clients come, talk and go at random, in rounds; each hears exactly what it should.
#[test]
fn chat_tells_everybody_everything() {
    for seed in 1..=3 {
        in_a_room("chat", |room| async move {
            let mut dice = Dice(seed);
            let mut crowd = Crowd::default();
            crowd.join(room, 50).await;
            for _ in 0..12 {
                let (room_for, here) = (100 - crowd.clients.len(), crowd.clients.len());
                match dice.below(3) {
                    0 if room_for > 0 => crowd.join(room, 1 + dice.below(room_for)).await,
                    1 if here > 1 => {
                        let count = 1 + dice.below(here / 2);
                        crowd.part(&mut dice, count).await;
                    }
                    _ => crowd.talk(1 + dice.below(5)).await,
                }
            }
            crowd.talk(2).await;
            for client in std::mem::take(&mut crowd.clients) {
                drop(client);
            }
        });
    }
}
