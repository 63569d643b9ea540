//! A program that runs beside its test, and the news that it tells the test.

use std::time::Duration;

use marketplace::ground;
use marketplace::prelude::*;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// No test waits for time to pass; this ends one that would wait for ever.
pub(crate) const TOO_LONG: Duration = Duration::from_secs(60);

/// The news that have come, first in, first out.
pub(crate) struct Inbox<N>(pub(crate) UnboundedReceiver<N>);

pub(crate) fn news<N>() -> (UnboundedSender<N>, Inbox<N>) {
    let (tell, told) = mpsc::unbounded_channel();
    (tell, Inbox(told))
}

impl<N> Inbox<N> {
    pub(crate) async fn next(&mut self) -> N {
        timeout(TOO_LONG, self.0.recv()).await.expect("there is news in time").expect("the program runs")
    }
}

pub(crate) fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Runs a program beside a test, and ends it with the test. It may end before.
pub(crate) async fn beside<T>(
    boot: impl FnOnce() -> T + Send + 'static,
    test: impl Future<Output = ()>,
) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    let (stop, stopped) = oneshot::channel::<()>();
    let program = ground::run(|_| boot(), async {
        let _ = stopped.await;
    });
    let test = async {
        test.await;
        drop(stop);
        std::future::pending::<()>().await;
    };
    let both = async {
        tokio::select! {
            biased;
            ended = program => ended,
            () = test => unreachable!("the test's future never ends"),
        }
    };
    timeout(TOO_LONG * 2, both).await.expect("the program ends")
}
