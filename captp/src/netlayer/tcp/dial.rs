//! Outgoing connections, before they stand.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use marketplace::{Failure, Reason};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::netlayer::Reach;
use crate::transport::tcp::connect;
use crate::wire::Location;

/// How long it may take until a connection stands.
const WITHIN: Duration = Duration::from_secs(10);

/// Where to connect.
#[derive(Clone, Debug)]
pub(in crate::netlayer) struct Goal {
    pub(in crate::netlayer) host: String,
    pub(in crate::netlayer) port: u16,
    /// It was given by a peer, which may lead us so far.
    pub(in crate::netlayer) reach: Option<Reach>,
}

impl Goal {
    /// The goal at a location of this transport.
    ///
    /// # Errors
    /// If its hints say of none.
    pub(in crate::netlayer) fn of(
        location: &Location,
        transport: &str,
        reach: Option<Reach>,
    ) -> Result<Self, String> {
        if location.transport != transport {
            return Err(format!("there is no way from `{transport}` to `{}`", location.transport));
        }
        let (Some(host), Some(port)) = (location.hint("host"), location.hint("port")) else {
            return Err("the address does not say at which host and port it is".to_string());
        };
        let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
        Ok(Self { host: host.to_string(), port, reach })
    }
}

/// Does this, unless it takes too long.
///
/// # Errors
/// If it takes too long, or fails: why, with the goal.
pub(in crate::netlayer) async fn in_time<T>(
    goal: &Goal,
    connect: impl Future<Output = Result<T, String>>,
) -> Result<T, Failure> {
    let connected =
        timeout(WITHIN, connect).await.unwrap_or_else(|_| Err(format!("no answer in {WITHIN:?}")));
    connected
        .map_err(|why| Failure(Reason::from(format!("cannot connect to {}:{}: {why}", goal.host, goal.port))))
}

/// Connects. A name is resolved once, and what it is resolved to is judged and dialled.
///
/// # Errors
/// If that fails, or the address is more private than it may be.
pub(in crate::netlayer) async fn dial(goal: &Goal) -> Result<(TcpStream, SocketAddr), String> {
    let addresses = lookup_host((goal.host.as_str(), goal.port)).await.map_err(|error| error.to_string())?;
    let mut failed = "the name has no address".to_string();
    for address in addresses {
        if let Some(reach) = goal.reach.filter(|reach| Reach::of(address.ip()) < *reach) {
            failed = format!(
                "{} is {}, and was given by a peer whose address is {}",
                address.ip(),
                Reach::of(address.ip()).words(),
                reach.words()
            );
            continue;
        }
        match connect(address).await {
            Ok(stream) => return Ok((stream, address)),
            Err(error) => failed = error.to_string(),
        }
    }
    Err(failed)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A goal on this machine, where somebody listens.
    async fn goal(host: &str, reach: Option<Reach>) -> (Goal, TcpListener) {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (Goal { host: host.to_string(), port, reach }, listener)
    }

    #[tokio::test]
    async fn k10_an_address_that_is_more_private_than_its_giver_is_not_dialled() {
        for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
            for (reach, giver) in [(Reach::Private, "in a private network"), (Reach::Public, "public")] {
                let (goal, listener) = goal(host, Some(reach)).await;
                let why = dial(&goal).await.unwrap_err();
                let words = format!("is on one machine, and was given by a peer whose address is {giver}");
                assert!(why.ends_with(&words), "{why}");
                let accepted = timeout(Duration::ZERO, listener.accept()).await;
                assert!(accepted.is_err(), "nobody has connected");
            }
            for reach in [None, Some(Reach::Machine)] {
                let (goal, listener) = goal(host, reach).await;
                assert!(dial(&goal).await.is_ok(), "{goal:?}");
                listener.accept().await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn what_cannot_be_dialled_is_told_with_its_address() {
        let (goal, listener) = goal("127.0.0.1", None).await;
        drop(listener);
        let why = in_time(&goal, dial(&goal)).await.unwrap_err().0.to_string();
        assert!(why.starts_with(&format!("cannot connect to 127.0.0.1:{}: ", goal.port)), "{why}");
    }

    #[tokio::test(start_paused = true)]
    async fn k8_a_connection_that_does_not_come_to_stand_is_not_waited_for() {
        let goal = Goal { host: "bank".to_string(), port: 1, reach: None };
        let why = in_time::<()>(&goal, std::future::pending()).await.unwrap_err().0;
        assert_eq!(why.to_string(), "cannot connect to bank:1: no answer in 10s");
    }
}
