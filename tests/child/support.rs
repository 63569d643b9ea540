//! The tests share a program that runs beside the test, and a process in it that obeys the test and
//! tells it what happens.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use marketplace::ground::{self, Stream};
use marketplace::prelude::*;
use marketplace::{Ground, Source};
use marketplace_drivers::child::{
    ChildDriver, ChildInput, ChildOutput, ChildPacket, ChildStream, ChildWritten, Command,
};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// No test waits for time to pass; this ends one that would wait for ever.
const TOO_LONG: Duration = Duration::from_secs(60);

/// An order to a talker.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) enum Order {
    /// Subscribe to a stream, or not any more.
    Hear(ChildStream),
    Rest(ChildStream),
    /// Publish, or not any more.
    Speak,
    Hush,
    Say(ChildPacket),
}

/// News from a talker.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    Runs(ChildStream),
    Heard(ChildStream, ChildPacket),
    Ended(ChildStream, Reason),
    /// Somebody, or nobody any more, hears what is said.
    Hears,
    Deaf(Reason),
    Written(u64),
}

pub(crate) const OUT: ChildStream = ChildStream::Stdout;
pub(crate) const ERR: ChildStream = ChildStream::Stderr;

/// The test's hold on a talker. When it is dropped, the talker leaves.
pub(crate) struct Talk {
    orders: UnboundedSender<Order>,
    news: UnboundedReceiver<News>,
}

/// A process that talks with a child. These orders it follows from the start.
pub(crate) fn talker(command: &Command, first: impl IntoIterator<Item = Order>) -> (Talk, Spawn<()>) {
    let (orders, ordered) = mpsc::unbounded_channel();
    let (tell, news) = mpsc::unbounded_channel();
    let source = Source::stream(Orders(ordered));
    let follow = {
        let (tell, command) = (tell.clone(), command.clone());
        move |order: Order| follow(order, &command, &tell)
    };
    let first: ActionTree<()> = first.into_iter().map(&follow).collect();
    let process = spawn!(transition_no_state!(
        first,
        at_meta_level!(subscriber!(
            Ground::<Order>(source, _),
            on_message!(Ground(_, order) => follow(order)),
            on_absence!(quit()),
        )),
    ));
    (Talk { orders, news }, process)
}

fn follow(order: Order, command: &Command, tell: &UnboundedSender<News>) -> ActionTree<()> {
    // A test that has ended hears no more news.
    let told = |tell: &UnboundedSender<News>, news| drop(tell.send(news));
    let tell = tell.clone();
    match order {
        Order::Hear(stream) => actions![name_endpoint(
            stream,
            subscriber!(
                ChildOutput(command, stream, _),
                on_presence!(told(&tell, News::Runs(stream))),
                on_message!(ChildOutput(_, stream, packet) => told(&tell, News::Heard(stream, packet))),
                match_reason!(why: Reason => on_absence!(told(&tell, News::Ended(stream, why)))),
            )
        )],
        Order::Rest(stream) => actions![delete_endpoint(stream)],
        Order::Speak => actions![name_endpoint(
            "speaker",
            publisher!(
                ChildInput(command, _),
                on_presence!(told(&tell, News::Hears)),
                on_message!(ChildWritten(_, bytes) => told(&tell, News::Written(bytes))),
                match_reason!(why: Reason => on_absence!(told(&tell, News::Deaf(why)))),
            )
        )],
        Order::Hush => actions![delete_endpoint("speaker")],
        Order::Say(packet) => actions![send_message!(ChildInput(command.clone(), packet))],
    }
}

struct Orders(UnboundedReceiver<Order>);

impl Stream for Orders {
    type Item = Result<Order, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|order| order.map(Ok))
    }
}

impl Talk {
    pub(crate) fn order(&self, order: Order) {
        self.orders.send(order).expect("the talker is there");
    }

    pub(crate) fn say(&self, text: impl Into<Bytes>) {
        self.order(Order::Say(ChildPacket::Data(text.into())));
    }

    pub(crate) fn say_eof(&self) {
        self.order(Order::Say(ChildPacket::Eof));
    }

    pub(crate) async fn next(&mut self) -> News {
        timeout(TOO_LONG, self.news.recv()).await.expect("there is news in time").expect("the program runs")
    }

    /// The news that are there now.
    pub(crate) fn try_next(&mut self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// Waits for this.
    pub(crate) async fn until(&mut self, news: &News) {
        while self.next().await != *news {}
    }

    /// The next so many bytes of a stream.
    pub(crate) async fn hear(&mut self, stream: ChildStream, len: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.len() < len {
            match self.next().await {
                News::Heard(from, ChildPacket::Data(bytes)) if from == stream => heard.extend(bytes),
                News::Runs(_) | News::Hears | News::Written(_) => {}
                other => panic!("{other:?} came after {} bytes", heard.len()),
            }
        }
        heard
    }

    /// The next line of a stream, of a child that waits after it.
    pub(crate) async fn line(&mut self, stream: ChildStream) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            line.extend(self.hear(stream, 1).await);
        }
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }

    /// All of a stream, whether its `Eof` came, and why it ended.
    pub(crate) async fn rest(&mut self, stream: ChildStream) -> (Vec<u8>, bool, Reason) {
        let (mut heard, mut at_end) = (Vec::new(), false);
        loop {
            match self.next().await {
                News::Heard(from, packet) if from == stream => {
                    assert!(!at_end, "{packet:?} came after the end");
                    match packet {
                        ChildPacket::Data(bytes) => heard.extend(bytes),
                        ChildPacket::Eof => at_end = true,
                    }
                }
                News::Ended(from, why) if from == stream => return (heard, at_end, why),
                _ => {}
            }
        }
    }
}

/// Runs a program beside a test, and ends it when the test does.
pub(crate) fn beside<T>(driver: ChildDriver, processes: Vec<Spawn<()>>, test: impl Future<Output = T>) -> T {
    let (stop, stopped) = oneshot::channel::<()>();
    let program = ground::run(move |_| transition_no_state!(driver, processes), async {
        let _ = stopped.await;
    });
    let test = async {
        let result = test.await;
        drop(stop);
        result
    };
    let both = async { timeout(TOO_LONG * 2, futures_join(program, test)).await.expect("the program ends") };
    let (ended, result) = block_on(both);
    ended.unwrap();
    result
}

async fn futures_join<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    tokio::join!(a, b)
}

pub(crate) fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// `sh -c script`
pub(crate) fn sh(script: &str) -> Command {
    Command::new("sh").arg("-c").arg(script)
}

/// A pipe with a name, that a child opens. Reading it ends when all have gone who could write to
/// it.
pub(crate) struct Fifo(PathBuf);

impl Fifo {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("marketplace-child-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("there is mkfifo");
        assert!(made.success());
        Self(path)
    }

    /// With its path as `$FIFO`.
    pub(crate) fn given_to(&self, command: Command) -> Command {
        command.env("FIFO", self.0.to_str().expect("a path in UTF-8"))
    }

    /// Reads, in a thread of its own, all that is written to it.
    pub(crate) fn read(&self) -> impl Future<Output = String> + use<> {
        let path = self.0.clone();
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || tell.send(std::fs::read_to_string(path).expect("a pipe can be read")));
        async { timeout(TOO_LONG, told).await.expect("it is closed in time").expect("the thread tells") }
    }

    /// Opens and closes it for who reads it.
    pub(crate) fn write_nothing(&self) -> impl Future<Output = ()> + use<> {
        let path = self.0.clone();
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || {
            drop(std::fs::write(path, ""));
            tell.send(())
        });
        async { timeout(TOO_LONG, told).await.expect("somebody reads").expect("the thread tells") }
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Whether there is a process of this number, be it a zombie.
pub(crate) fn exists(pid: &str) -> bool {
    let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
    rustix::process::test_kill_process(pid).is_ok()
}
