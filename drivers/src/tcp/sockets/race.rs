//! Tries the addresses of a host, in turn and beside each other (RFC 8305, "Happy Eyeballs"). The
//! caller connects.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

/// How long an address has before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Tries the addresses in turn: the next one as soon as one has failed, or its head start is over.
/// The first that answers is taken, and the others are given up. If all fail, gives the last error;
/// none, if there is no address.
pub(super) async fn race<T, F>(
    addresses: impl IntoIterator<Item = SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<T, Option<io::Error>>
where
    F: Future<Output = io::Result<T>>,
{
    let mut waiting = interleaved(addresses).into_iter();
    let mut trying: FuturesUnordered<F> = waiting.next().map(&connect).into_iter().collect();
    let mut last = None;
    loop {
        let head_start = if waiting.len() > 0 { HEAD_START } else { Duration::MAX };
        match timeout(head_start, trying.next()).await {
            Ok(Some(Ok(connected))) => return Ok(connected),
            Ok(Some(Err(error))) => last = Some(error),
            Ok(None) => return Err(last),
            Err(_) => {}
        }
        trying.extend(waiting.next().map(&connect));
    }
}

/// The addresses in their order, but with the two families in turn: so a family that leads nowhere
/// takes one head start.
fn interleaved(addresses: impl IntoIterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut addresses = addresses.into_iter().peekable();
    let first_is_ipv4 = addresses.peek().is_some_and(SocketAddr::is_ipv4);
    let (these, those): (Vec<_>, Vec<_>) = addresses.partition(|address| address.is_ipv4() == first_is_ipv4);
    let mut order = Vec::with_capacity(these.len() + those.len());
    let (mut these, mut those) = (these.into_iter(), those.into_iter());
    while these.len() + those.len() > 0 {
        order.extend(these.next());
        order.extend(those.next());
    }
    order
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;

    use tokio::time::{Instant, sleep};

    use super::*;

    /// Answers or fails so many milliseconds after it was tried.
    #[derive(Clone, Copy)]
    enum Host {
        Answers(u64),
        Fails(u64),
        Swallows,
    }
    use Host::{Answers, Fails, Swallows};

    /// The outcome, after how many milliseconds it came, when each address was tried, and how many
    /// attempts were given up.
    struct Raced {
        result: Result<&'static str, Option<io::ErrorKind>>,
        after: u128,
        tried: Vec<(&'static str, u128)>,
        given_up: usize,
    }

    /// Counts the attempts that are dropped before they come to an end.
    struct Attempt<'a>(&'a Cell<usize>, bool);

    impl Drop for Attempt<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + usize::from(!self.1));
        }
    }

    async fn raced(hosts: &[(&'static str, Host)]) -> Raced {
        let began = Instant::now();
        let by_address: HashMap<SocketAddr, _> =
            hosts.iter().map(|host| (host.0.parse().unwrap(), *host)).collect();
        let (tried, given_up) = (RefCell::new(Vec::new()), Cell::new(0));
        let (tries, drops) = (&tried, &given_up);
        let connect = |address| {
            let (name, host) = by_address[&address];
            async move {
                let mut attempt = Attempt(drops, false);
                tries.borrow_mut().push((name, began.elapsed().as_millis()));
                let result = match host {
                    Answers(ms) => {
                        sleep(Duration::from_millis(ms)).await;
                        Ok(name)
                    }
                    Fails(ms) => {
                        sleep(Duration::from_millis(ms)).await;
                        Err(io::ErrorKind::ConnectionRefused.into())
                    }
                    Swallows => std::future::pending().await,
                };
                attempt.1 = true;
                result
            }
        };
        let addresses = hosts.iter().map(|(address, _)| address.parse().unwrap());
        let result = race(addresses, connect).await.map_err(|error| error.map(|error| error.kind()));
        Raced {
            result,
            after: began.elapsed().as_millis(),
            tried: tried.into_inner(),
            given_up: given_up.into_inner(),
        }
    }

    const A: &str = "10.0.0.1:1";
    const B: &str = "10.0.0.2:1";
    const C: &str = "10.0.0.3:1";

    #[tokio::test(start_paused = true)]
    async fn an_address_that_swallows_packets_is_overtaken() {
        let raced = raced(&[(A, Swallows), (B, Answers(20))]).await;
        assert_eq!((raced.result, raced.after), (Ok(B), 270));
        assert_eq!(raced.tried, [(A, 0), (B, 250)]);
        assert_eq!(raced.given_up, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_answers_in_time_is_the_only_one_tried() {
        let raced = raced(&[(A, Answers(249)), (B, Answers(0))]).await;
        assert_eq!((raced.result, raced.after), (Ok(A), 249));
        assert_eq!(raced.tried, [(A, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_answers_late_still_counts_and_the_others_are_given_up() {
        let raced = raced(&[(A, Answers(600)), (B, Swallows), (C, Swallows)]).await;
        assert_eq!((raced.result, raced.after), (Ok(A), 600));
        assert_eq!(raced.tried, [(A, 0), (B, 250), (C, 500)]);
        assert_eq!(raced.given_up, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_the_next_is_tried_at_once() {
        let raced = raced(&[(A, Fails(10)), (B, Fails(0)), (C, Answers(5))]).await;
        assert_eq!((raced.result, raced.after), (Ok(C), 15));
        assert_eq!(raced.tried, [(A, 0), (B, 10), (C, 10)]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_fails_when_all_have_and_not_before() {
        let late = raced(&[(A, Fails(900)), (B, Fails(0))]).await;
        assert_eq!((late.result, late.after), (Err(Some(io::ErrorKind::ConnectionRefused)), 900));
        assert!(matches!(raced(&[]).await.result, Err(None)));
    }

    #[test]
    fn families_take_turns_and_keep_their_order() {
        let [a, b, c, x, y] = [A, B, C, "[::1]:1", "[::2]:1"].map(|address| address.parse().unwrap());
        assert_eq!(interleaved([x, y, a, b, c]), [x, a, y, b, c]);
        assert_eq!(interleaved([a, b, x]), [a, x, b]);
        assert_eq!(interleaved([a, b]), [a, b]);
    }
}
