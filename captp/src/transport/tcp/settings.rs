//! The settings of a connection, whoever has made it.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// When nothing has come for so long, the operating system asks whether the other machine is there.
const ASKS_AFTER: Duration = Duration::from_secs(60);

/// The words that we say have so long to arrive.
#[cfg(any(target_os = "android", target_os = "linux"))]
const ARRIVES_WITHIN: Duration = Duration::from_secs(120);

/// Messages leave at once, and a machine that has vanished is noticed about two minutes after its
/// last word, whether we say something to it or only wait. If the connection is over, reading says
/// so; one that the system does not let us set goes on without.
pub(super) fn set(stream: &TcpStream) {
    for error in refused(stream) {
        tracing::warn!(%error, "a connection has not all of its settings");
    }
}

/// Makes the settings, and gives the errors of those that the system refuses.
fn refused(stream: &TcpStream) -> impl Iterator<Item = io::Error> {
    let socket = SockRef::from(stream);
    let set = [
        stream.set_nodelay(true),
        // Nothing is asked while something of ours is under way: that has as long to arrive.
        #[cfg(any(target_os = "android", target_os = "linux"))]
        socket.set_tcp_user_timeout(Some(ARRIVES_WITHIN)),
        socket.set_tcp_keepalive(&then(TcpKeepalive::new().with_time(ASKS_AFTER))),
    ];
    set.into_iter().filter_map(Result::err)
}

/// Six questions, 10 seconds apart. Other systems ask as they do.
#[cfg(any(
    target_vendor = "apple",
    target_os = "android",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "windows"
))]
const fn then(asks: TcpKeepalive) -> TcpKeepalive {
    asks.with_interval(Duration::from_secs(10)).with_retries(6)
}

#[cfg(not(any(
    target_vendor = "apple",
    target_os = "android",
    target_os = "freebsd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "windows"
)))]
const fn then(asks: TcpKeepalive) -> TcpKeepalive {
    asks
}

/// Whether the operating system looks after a connection as `set` says.
#[cfg(all(test, target_os = "linux"))]
pub(super) fn are_set(stream: &TcpStream) -> bool {
    let socket = SockRef::from(stream);
    socket.keepalive().unwrap()
        && socket.tcp_keepalive_time().unwrap() == ASKS_AFTER
        && socket.tcp_keepalive_interval().unwrap() == Duration::from_secs(10)
        && socket.tcp_keepalive_retries().unwrap() == 6
        && socket.tcp_user_timeout().unwrap() == Some(ARRIVES_WITHIN)
        && stream.nodelay().unwrap()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;
    use std::net;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use tokio::io::AsyncReadExt;

    use super::*;

    /// A socket of another kind has none of the settings.
    #[tokio::test]
    async fn k8_a_connection_whose_settings_are_refused_goes_on() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(net::TcpStream::from(OwnedFd::from(ours))).unwrap();
        assert_eq!(refused(&stream).count(), 3);
        set(&stream);
        theirs.write_all(b"hello").unwrap();
        let mut said = [0; 5];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
    }
}
