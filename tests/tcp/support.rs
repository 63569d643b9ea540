//! The tests share an echo server, and news from inside.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use marketplace::ground::Stream;
use marketplace::prelude::*;
use marketplace::{Failure, Ground, Source};
use marketplace_drivers::tcp::{
    TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

use crate::beside::block_on;
pub(crate) use crate::beside::{TOO_LONG, beside, news};

pub(crate) type Inbox = crate::beside::Inbox<News>;

/// A connection that comes or goes, or a port that opens or closes, as somebody in the VM sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    Listening(TcpAddress),
    Closed(Reason),
    Came(TcpAddress),
    Went(TcpAddress, Reason),
    Said(Text),
}

impl Inbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits for the port to open.
    pub(crate) async fn listening(&mut self) -> SocketAddr {
        match self.next().await {
            News::Listening(TcpAddress::Remote(host, port)) => {
                SocketAddr::new(host.parse().expect("a numeric address"), port)
            }
            other => panic!("{other:?} came first"),
        }
    }

    /// Waits for a connection to go.
    pub(crate) async fn gone(&mut self) -> (TcpAddress, Reason) {
        loop {
            if let News::Went(who, why) = self.next().await {
                return (who, why);
            }
        }
    }
}

/// Tests run side by side, but for one that counts what all of them have open.
static ALONE: RwLock<()> = RwLock::new(());

pub(crate) fn beside_others(test: impl Future<Output = ()>) {
    let _not_alone = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    block_on(test);
}

pub(crate) fn alone(test: impl Future<Output = ()>) {
    let _alone = ALONE.write().unwrap_or_else(PoisonError::into_inner);
    block_on(test);
}

/// Tells whether and where a listener listens.
pub(crate) fn tell_listening<S>(port: u16, tell: UnboundedSender<News>) -> AddEndpoint<S> {
    let listener = TcpAddress::Listener(port);
    observe_publishers!(
        TcpListening { listener: listener, local: _ },
        match_conversation!(TcpListening { listener: _, local } => on_presence!({
            let _ = tell.send(News::Listening(local));
        })),
        match_reason!(reason: Reason => on_absence!({
            let _ = tell.send(News::Closed(reason));
        })),
    )
}

/// Tells which connections a listener has. It opens nothing itself.
pub(crate) fn tell_connections<S>(port: u16, tell: UnboundedSender<News>) -> AddEndpoint<S> {
    observe_publishers_everything!(
        TcpChannel(_, TcpAddress::Listener(port), _),
        match_interest_type!(InterestType::Participant =>
            match_conversation!(TcpChannel(from, _, _) =>
                on_presence!({
                    let _ = tell.send(News::Came(from));
                }),
                match_reason!(reason: Reason => on_absence!({
                    let _ = tell.send(News::Went(from, reason));
                })),
            ),
        ),
    )
}

/// Says each line back in brackets, and the length of one that was skipped in angles. It gives
/// credit for one at a time.
pub(crate) fn in_brackets(mode: TcpMode, from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        send_feedback!(TcpFeedback(from, to, TcpSignal::Mode(mode))),
        send_feedback!(TcpFeedback(from, to, TcpSignal::Credit(1))),
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => (
                    send_message!(TcpChannel(to, from, TcpPacket::from([b"[", &line[..], b"]"].concat()))),
                    send_feedback!(TcpFeedback(from, to, TcpSignal::Credit(1))),
                ),
                TcpChannel(_, _, TcpPacket::Skipped(len)) => (
                    send_message!(TcpChannel(to, from, TcpPacket::from(format!("<{len}>")))),
                    send_feedback!(TcpFeedback(from, to, TcpSignal::Credit(1))),
                ),
                TcpChannel(_, _, TcpPacket::Eof) => send_message!(TcpChannel(to, from, TcpPacket::Eof)),
            ),
        ),
    )
}

/// An observer that spawns a session for each connection.
pub(crate) fn server<S, T>(port: u16, session: fn(TcpAddress, TcpAddress) -> T) -> AddEndpoint<S>
where
    T: IntoTransition<State: Send + 'static> + 'static,
{
    observe_publishers!(
        TcpChannel(_, TcpAddress::Listener(port), _),
        match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(session(from, to)))),
    )
}

/// An order of the test to the program, by a channel.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Order(pub(crate) Text);

struct Orders(UnboundedReceiver<Order>);

impl Stream for Orders {
    type Item = Result<Order, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|order| order.map(Ok))
    }
}

/// A process that says inside what is sent here, and the way to send.
pub(crate) fn orders() -> (UnboundedSender<Order>, Spawn<()>) {
    let (order, ordered) = mpsc::unbounded_channel();
    let source = Source::stream(Orders(ordered));
    let herald = spawn!(transition_no_state!(at_meta_level!(subscriber!(
        Ground::<Order>(source, _),
        on_message!(Ground::<Order>(_, order) => send_message!(order)),
        on_absence!(quit()),
    ))));
    (order, herald)
}

pub(crate) fn order(word: &str) -> Order {
    Order(word.into())
}

/// Ends its process when it is told to.
pub(crate) fn quits_at<S>(word: &str) -> AddEndpoint<S> {
    subscriber!(Order(word), on_message!(Order(_) => quit()))
}

/// Counts the endpoints of a VM, its own two apart.
#[derive(Clone, Default)]
pub(crate) struct Census(Arc<AtomicUsize>);

impl Census {
    pub(crate) fn endpoints(&self) -> usize {
        self.0.load(Relaxed)
    }

    pub(crate) fn taker<S>(&self) -> Spawn<S> {
        let (a, b) = (self.clone(), self.clone());
        spawn!(transition_no_state!(
            observe_publishers_everything!(
                topic = Topic::any(),
                on_presence!(a.add()),
                on_absence!(a.subtract())
            ),
            observe_subscribers_everything!(
                topic = Topic::any(),
                on_presence!(b.add()),
                on_absence!(b.subtract())
            ),
        ))
    }

    fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn subtract(&self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Waits until something is so, turn by turn of the runtime.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    timeout(TOO_LONG, async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it comes to be so in time");
}

/// The session of an echo server.
pub(crate) fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    )
}

pub(crate) async fn connect(to: SocketAddr) -> TcpStream {
    TcpStream::connect(to).await.expect("somebody listens")
}

/// Bytes that no two clients share.
pub(crate) fn speech(client: usize, len: usize) -> Vec<u8> {
    let mut state = client as u64 * 2 + 1;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        })
        .collect()
}
