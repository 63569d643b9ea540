//! The clients, in one thread.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::processor::spent;
use crate::row::{BURST, Row, Work};

/// How long the clients are at it before it counts.
const WARM_UP: Duration = Duration::from_millis(300);

const MESSAGE: usize = 64;
const CHUNK: usize = 64 * 1024;

/// The work of the clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    row: Row,
    time: Duration,
    server: SocketAddr,
    pid: u32,
}

impl Load {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let &[work, connections, seconds, server, pid] = arguments else {
            return Err("load needs a row, connections, seconds, an address and a pid".into());
        };
        Ok(Self {
            row: Row { work: Work::parse(work)?, connections: connections.parse()? },
            time: Duration::try_from_secs_f64(seconds.parse()?)?,
            server: server.parse()?,
            pid: pid.parse()?,
        })
    }
}

/// The work that the clients have done, and whether that is enough.
#[derive(Debug, Default)]
struct Progress {
    units: AtomicU64,
    is_over: AtomicBool,
}

impl Progress {
    fn add(&self, units: u64) {
        self.units.fetch_add(units, Relaxed);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Relaxed)
    }
}

/// Says on standard output what was counted. Then the clients end their connections in order: a
/// server has nothing to say about them.
pub(crate) fn run(load: Load) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let done = Arc::new(Progress::default());
        let all = Arc::new(Barrier::new(usize::try_from(load.row.connections)? + 1));
        let mut clients = JoinSet::new();
        for number in 0..load.row.connections {
            let socket = TcpStream::connect(load.server).await?;
            socket.set_nodelay(true)?;
            let (done, all) = (done.clone(), all.clone());
            match load.row.work {
                Work::Echo => clients.spawn(ask(socket, 1, message(number, false), done, all)),
                Work::Lines => clients.spawn(ask(socket, 1, message(number, true), done, all)),
                Work::Burst => {
                    let burst = (0..BURST).flat_map(|line| message(number + line, true)).collect();
                    clients.spawn(ask(socket, BURST, burst, done, all))
                }
                Work::Bulk => clients.spawn(pour(socket, done, all)),
            };
        }
        tokio::select! {
            counted = count(&load, &done, &all) => println!("{}", counted?),
            Some(ended) = clients.join_next() => {
                return Err(ended?.map_or_else(Into::into, |_: ()| "a client ended".into()));
            }
        }
        done.is_over.store(true, Relaxed);
        while let Some(ended) = clients.join_next().await {
            ended??;
        }
        Ok(())
    })
}

/// Units of work, and nanoseconds: of the clock, of the server in its program, and in the kernel.
async fn count(load: &Load, done: &Progress, all: &Barrier) -> io::Result<String> {
    let look = || Ok::<_, io::Error>((done.units.load(Relaxed), Instant::now(), spent(load.pid)?));
    all.wait().await;
    tokio::time::sleep(WARM_UP).await;
    let before = look()?;
    tokio::time::sleep(load.time).await;
    let after = look()?;
    Ok(format!(
        "{} {} {} {}",
        after.0 - before.0,
        (after.1 - before.1).as_nanos(),
        (after.2.program - before.2.program).as_nanos(),
        (after.2.kernel - before.2.kernel).as_nanos(),
    ))
}

/// 64 bytes that another client says otherwise.
fn message(number: u64, is_line: bool) -> Vec<u8> {
    let mut message: Vec<u8> = (number..).take(MESSAGE).map(|place| b'a' + (place % 26) as u8).collect();
    if is_line {
        message[MESSAGE - 1] = b'\n';
    }
    message
}

/// Sends this again and again, and waits each time until it is back. After the first answer a
/// client waits until all clients have had theirs: a server that is slow to accept is not measured
/// with fewer connections.
async fn ask(
    mut socket: TcpStream,
    units: u64,
    message: Vec<u8>,
    done: Arc<Progress>,
    all: Arc<Barrier>,
) -> io::Result<()> {
    let mut answer = vec![0; message.len()];
    let mut is_first = true;
    while !done.is_over() {
        socket.write_all(&message).await?;
        socket.read_exact(&mut answer).await?;
        if answer != message {
            return Err(io::Error::other("the answer is another"));
        }
        done.add(units);
        if std::mem::take(&mut is_first) {
            all.wait().await;
        }
    }
    socket.shutdown().await?;
    match socket.read(&mut answer).await? {
        0 => Ok(()),
        _ => Err(io::Error::other("an answer to nothing")),
    }
}

/// Says as much as the server takes, and counts the chunks that are back.
async fn pour(mut socket: TcpStream, done: Arc<Progress>, all: Arc<Barrier>) -> io::Result<()> {
    all.wait().await;
    let chunk: Vec<u8> = (0..CHUNK).map(|place| (place % 251) as u8).collect();
    let (from, to) = socket.split();
    tokio::try_join!(say(to, &chunk, &done), hear(from, &chunk, &done)).map(|((), ())| ())
}

async fn say(mut to: WriteHalf<'_>, chunk: &[u8], done: &Progress) -> io::Result<()> {
    while !done.is_over() {
        to.write_all(chunk).await?;
    }
    to.shutdown().await
}

async fn hear(mut from: ReadHalf<'_>, chunk: &[u8], done: &Progress) -> io::Result<()> {
    // Any piece of what comes back is a piece of two chunks.
    let twice = chunk.repeat(2);
    let (mut answer, mut at) = (vec![0; CHUNK], 0);
    loop {
        let read = from.read(&mut answer).await?;
        if read == 0 && at == 0 && done.is_over() {
            return Ok(());
        }
        if read == 0 || answer[..read] != twice[at..at + read] {
            return Err(io::Error::other("the answer is another"));
        }
        done.add(((at + read) / CHUNK) as u64);
        at = (at + read) % CHUNK;
    }
}
