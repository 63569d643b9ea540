//! The TCP echo server beside a bare one on tokio: the same clients, in turn, in one run, medians.
//!
//! `cargo bench --bench tcp_echo`. Each server runs on one thread, the clients on another. Figures of one run compare with each other only.

mod servers;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use servers::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const ROUNDS: usize = 7;

/// What the clients do against a server. Gives how much was done.
type Load = fn(SocketAddr) -> u64;

struct Row {
    name: &'static str,
    unit: &'static str,
    /// From how much was done to the unit's numerator.
    scale: f64,
    load: Load,
}

const ROWS: &[Row] = &[
    Row {
        name: "50 clients, 64 B back and forth",
        unit: "round trips/s",
        scale: 1.0,
        load: |at| back_and_forth(at, 50, 2_000),
    },
    Row {
        name: "1 client, 64 B back and forth",
        unit: "round trips/s",
        scale: 1.0,
        load: |at| back_and_forth(at, 1, 20_000),
    },
    Row { name: "1 client, bulk", unit: "MB/s", scale: 1e-6, load: |at| bulk(at, 400_000_000) },
];

fn main() {
    println!(
        "{:<34} {:>13} {:>13} {:>7}  {:<14} {:>12} {:>12} {:>7}",
        "row", "marketplace", "bare tokio", "ratio", "unit", "server CPU", "bare tokio", "ratio"
    );
    for row in ROWS {
        let (mut ours, mut bare) = (Samples::default(), Samples::default());
        for _ in 0..ROUNDS {
            ours.take(row, servers::marketplace());
            bare.take(row, servers::bare());
        }
        let (ours, bare) = (ours.medians(), bare.medians());
        println!(
            "{:<34} {:>13.0} {:>13.0} {:>7.2}  {:<14} {:>9.0} ns {:>9.0} ns {:>7.2}",
            row.name,
            ours.0,
            bare.0,
            ours.0 / bare.0,
            row.unit,
            ours.1,
            bare.1,
            bare.1 / ours.1
        );
    }
    println!("server CPU: per round trip, or per 64 KiB in bulk");
}

#[derive(Default)]
struct Samples {
    per_second: Vec<f64>,
    /// Nanoseconds of the server's thread for each unit of work.
    server: Vec<f64>,
}

impl Samples {
    fn take(&mut self, row: &Row, server: Server) {
        let start = Instant::now();
        let done = (row.load)(server.address);
        let time = start.elapsed();
        let cpu = server.stop();
        self.per_second.push(done as f64 * row.scale / time.as_secs_f64());
        let units = if row.scale < 1.0 { done as f64 / 65_536.0 } else { done as f64 };
        self.server.push(cpu.as_nanos() as f64 / units);
    }

    fn medians(mut self) -> (f64, f64) {
        let median = |samples: &mut Vec<f64>| {
            samples.sort_by(f64::total_cmp);
            samples[samples.len() / 2]
        };
        (median(&mut self.per_second), median(&mut self.server))
    }
}

fn block_on<R>(work: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

/// So many clients each send 64 bytes and wait for them, so many times.
fn back_and_forth(server: SocketAddr, clients: u64, times: u64) -> u64 {
    block_on(async {
        let mut all = JoinSet::new();
        for _ in 0..clients {
            all.spawn(async move {
                let mut client = connect(server).await;
                let mut bytes = [7; 64];
                for _ in 0..times {
                    client.write_all(&bytes).await.expect("the server reads");
                    client.read_exact(&mut bytes).await.expect("the server echoes");
                }
            });
        }
        all.join_all().await;
    });
    clients * times
}

/// One client sends so many bytes as fast as it can, and reads them all.
fn bulk(server: SocketAddr, bytes: u64) -> u64 {
    block_on(async {
        let client = connect(server).await;
        let (mut from, mut to) = client.into_split();
        let writer = tokio::spawn(async move {
            let chunk = vec![7; 65_536];
            let mut left = bytes;
            while left > 0 {
                let now = left.min(chunk.len() as u64) as usize;
                to.write_all(&chunk[..now]).await.expect("the server reads");
                left -= now as u64;
            }
            to.shutdown().await.expect("half-close");
        });
        let mut chunk = vec![0; 65_536];
        let mut back = 0;
        while let Ok(read @ 1..) = from.read(&mut chunk).await {
            back += read as u64;
        }
        writer.await.expect("the writer ends");
        assert_eq!(back, bytes);
        back
    })
}

async fn connect(server: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(server).await.expect("the server listens");
    client.set_nodelay(true).expect("a socket option");
    client
}

/// How much time this thread has had on a processor.
fn thread_cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
