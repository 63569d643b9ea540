//! By hand, in the least there can be: a task for each connection, the same socket options, and
//! buffers that grow as ours do.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime;

use crate::row::Serves;

/// How much is read at once: little at first, more from a peer that has more to say.
pub(crate) const LEAST: usize = 4 * 1024;
pub(crate) const MOST: usize = 64 * 1024;

/// How many connections wait to be accepted, as with ours.
const BACKLOG: u32 = 1024;

pub(crate) fn listen() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(BACKLOG)
}

pub(crate) fn serve(what: Serves) -> io::Result<()> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = listen()?;
        println!("{}", listener.local_addr()?);
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            match what {
                Serves::Bytes => tokio::spawn(bytes(socket)),
                Serves::Lines => tokio::spawn(lines(socket)),
            };
        }
    })
}

async fn bytes(mut socket: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; LEAST];
    loop {
        let read = socket.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        socket.write_all(&buffer[..read]).await?;
        if read == buffer.len() && read < MOST {
            buffer.resize(read * 2, 0);
        }
    }
}

/// Lines that can be answered without waiting are answered in one piece.
async fn lines(mut socket: TcpStream) -> io::Result<()> {
    let (from, mut to) = socket.split();
    let mut from = BufReader::with_capacity(LEAST, from);
    let (mut line, mut answers) = (Vec::new(), Vec::new());
    while from.read_until(b'\n', &mut line).await? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        answers.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
        answers.push(b'\n');
        line.clear();
        if !from.buffer().contains(&b'\n') {
            to.write_all(&answers).await?;
            answers.clear();
        }
    }
    Ok(())
}
