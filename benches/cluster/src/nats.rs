//! NATS: messages through a server.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use async_nats::{Client, connect};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::runtime::Builder;

use crate::Outcome;
use crate::row::{MESSAGES, Row, Samples, TRIPS, WINDOW, bytes};

/// Measures a row. NATS tells nobody who is there.
pub(crate) fn measure(row: Row, samples: usize) -> Outcome<Option<Samples>> {
    let size = match row {
        Row::RoundTrip => 64,
        Row::Rate(size) => size,
        _ => return Ok(None),
    };
    let server = Server::start()?;
    let address = server.address.clone();
    let (ready, is_ready) = channel();
    // The other machine ends with this program.
    thread::spawn(move || {
        let answered = alone().block_on(async {
            let client = server_at(&address).await?;
            let mut asked = client.subscribe("ask").await?;
            let mut load = client.subscribe("load").await?;
            client.flush().await?;
            ready.send(())?;
            let mut heard = 0;
            loop {
                tokio::select! {
                    Some(message) = asked.next() => client.publish("answer", message.payload).await?,
                    Some(_) = load.next() => {
                        heard += 1;
                        if heard % (WINDOW / 4) == 0 {
                            client.publish("heard", Bytes::new()).await?;
                        }
                    }
                    else => return Outcome::Ok(()),
                }
            }
        });
        if let Err(why) = answered {
            eprintln!("nats: {why}");
        }
    });
    is_ready.recv()?;
    alone().block_on(async {
        let client = server_at(&server.address).await?;
        let mut times = Vec::new();
        for _ in 0..samples {
            let start = Instant::now();
            let count = if row == Row::RoundTrip {
                trips(&client, bytes(size)).await?;
                TRIPS
            } else {
                load(&client, bytes(size)).await?;
                MESSAGES
            };
            times.push(start.elapsed() / count as u32);
        }
        Ok(Some(Samples::new(times)))
    })
}

async fn trips(client: &Client, bytes: Bytes) -> Outcome<()> {
    let mut answers = client.subscribe("answer").await?;
    for _ in 0..TRIPS {
        client.publish("ask", bytes.clone()).await?;
        answers.next().await.ok_or("no answer")?;
    }
    Ok(())
}

async fn load(client: &Client, bytes: Bytes) -> Outcome<()> {
    let mut heard = client.subscribe("heard").await?;
    let (mut sent, mut taken) = (0, 0);
    while taken < MESSAGES {
        while sent < MESSAGES && sent - taken < WINDOW {
            client.publish("load", bytes.clone()).await?;
            sent += 1;
        }
        heard.next().await.ok_or("nobody hears")?;
        taken += WINDOW / 4;
    }
    Ok(())
}

fn alone() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Connects, as soon as there is somebody.
async fn server_at(address: &str) -> Outcome<Client> {
    for _ in 0..100 {
        if let Ok(client) = connect(address).await {
            return Ok(client);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("no server".into())
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Outcome<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|why| format!("nats-server (a package of Debian) does not start: {why}"))?;
        Ok(Self { child, address: format!("127.0.0.1:{port}") })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
