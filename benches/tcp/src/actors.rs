//! By hand as well, but decoupled as ours is: the socket and what answers are tasks of their own,
//! with bounded channels between them, and a supervisor is told when a session ends.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::runtime;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{self, JoinSet};

use crate::bare::{LEAST, MOST, listen};
use crate::row::Serves;

/// How many packets a channel holds, and how many are written at once.
const PACKETS: usize = 32;

/// The supervisor.
pub(crate) fn serve(what: Serves) -> io::Result<()> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = listen()?;
        println!("{}", listener.local_addr()?);
        let (mut sessions, mut peers) = (JoinSet::new(), HashMap::<task::Id, SocketAddr>::new());
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (socket, peer) = accepted?;
                    socket.set_nodelay(true)?;
                    let (hears, heard) = mpsc::channel(PACKETS);
                    let (says, said) = mpsc::channel(PACKETS);
                    tokio::spawn(connection(socket, what, hears, said));
                    let session = match what {
                        Serves::Bytes => sessions.spawn(bytes(heard, says)),
                        Serves::Lines => sessions.spawn(lines(heard, says)),
                    };
                    peers.insert(session.id(), peer);
                }
                Some(ended) = sessions.join_next_with_id() => {
                    peers.remove(&ended.map_or_else(|failed| failed.id(), |(session, ())| session));
                }
            }
        }
    })
}

/// A session: answers what it hears.
async fn bytes(mut heard: Receiver<Bytes>, says: Sender<Bytes>) {
    while let Some(packet) = heard.recv().await {
        if says.send(packet).await.is_err() {
            return;
        }
    }
}

/// A session: answers each line.
async fn lines(mut heard: Receiver<Bytes>, says: Sender<Bytes>) {
    while let Some(line) = heard.recv().await {
        let answer = [&line, &b"\n"[..]].concat();
        if says.send(answer.into()).await.is_err() {
            return;
        }
    }
}

/// A connection has the socket. Its two directions do not wait for each other.
async fn connection(
    socket: TcpStream,
    what: Serves,
    hears: Sender<Bytes>,
    said: Receiver<Bytes>,
) -> io::Result<()> {
    let (from, to) = socket.into_split();
    tokio::try_join!(read(from, what, hears), write(to, said)).map(|((), ())| ())
}

async fn read(mut from: OwnedReadHalf, what: Serves, hears: Sender<Bytes>) -> io::Result<()> {
    let (mut buffer, mut at_once) = (BytesMut::new(), LEAST);
    loop {
        if buffer.capacity() - buffer.len() < at_once / 4 {
            buffer.reserve(at_once);
        }
        let room = buffer.capacity() - buffer.len();
        let read = from.read_buf(&mut buffer).await?;
        if read == room {
            at_once = (at_once * 2).min(MOST);
        }
        while let Some(packet) = packet(&mut buffer, what, read == 0) {
            if hears.send(packet).await.is_err() {
                return Ok(());
            }
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// The next packet of the bytes that were read: all of them, or a line without its end.
fn packet(buffer: &mut BytesMut, what: Serves, at_end: bool) -> Option<Bytes> {
    if buffer.is_empty() {
        return None;
    }
    if what == Serves::Bytes {
        return Some(buffer.split().freeze());
    }
    let Some(end) = buffer.iter().position(|&byte| byte == b'\n') else {
        return at_end.then(|| buffer.split().freeze());
    };
    let mut line = buffer.split_to(end).freeze();
    buffer.advance(1);
    if line.ends_with(b"\r") {
        line.truncate(end - 1);
    }
    Some(line)
}

/// Packets that are here at once are written at once.
async fn write(mut to: OwnedWriteHalf, mut said: Receiver<Bytes>) -> io::Result<()> {
    let mut packets = Vec::with_capacity(PACKETS);
    while said.recv_many(&mut packets, PACKETS).await > 0 {
        if let [packet] = &packets[..] {
            to.write_all(packet).await?;
        } else {
            let mut slices: Vec<_> = packets.iter().map(|packet| IoSlice::new(packet)).collect();
            let mut left = &mut slices[..];
            while !left.is_empty() {
                let written = to.write_vectored(left).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                IoSlice::advance_slices(&mut left, written);
            }
        }
        packets.clear();
    }
    Ok(())
}
