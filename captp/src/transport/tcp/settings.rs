//! The settings of a connection, whoever has made it.

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
    let socket = SockRef::from(stream);
    let set = [
        stream.set_nodelay(true),
        // Nothing is asked while something of ours is under way: that has as long to arrive.
        #[cfg(any(target_os = "android", target_os = "linux"))]
        socket.set_tcp_user_timeout(Some(ARRIVES_WITHIN)),
        socket.set_tcp_keepalive(&then(TcpKeepalive::new().with_time(ASKS_AFTER))),
    ];
    for error in set.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "a connection has not all of its settings");
    }
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
