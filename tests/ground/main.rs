//! The rules of ground events (R80 to R83, and what R50, R61 and R77 say of the outermost VM) on
//! tokio. No sockets, no sleeps: time is paused, and passes when nothing else can happen.

mod ends;
mod essential;
mod outer_half;
mod sharing;
#[cfg(unix)]
mod signals;
mod sources;

use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use marketplace::ground::{self, GRACE, Sink, Stream};
use marketplace::*;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

/// The notes of processes, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Listens to a source at the meta level, writes down what it hears under this label, and
    /// answers.
    fn listens<S, T: IntoActionTree<S>>(
        &self,
        label: &'static str,
        source: &Source,
        answer: impl Fn(&Event<'_>) -> T + Send + 'static,
    ) -> AddEndpoint<S> {
        let log = self.clone();
        let role = Role::subscriber(Topic::record("Ground", [source.to_value().into(), Topic::any()]));
        let endpoint = AddEndpoint::new(role, move |event, turn| {
            log.note(match (event.decode::<Ground<Value>>(), event.reason()) {
                (Some(Ground(_, item)), _) => format!("{label}: {item}"),
                (_, Some(reason)) => format!("{label}: absence ({reason})"),
                _ if event.is_presence() => format!("{label}: presence"),
                _ => format!("{label}: vacancy"),
            });
            turn.act(answer(event))
        });
        name_endpoint(1u8, endpoint)
    }

    /// Notes what it hears of the source, until the source has ended.
    fn until_end(&self, label: &'static str, source: &Source) -> ActionTree<()> {
        at_meta_level(
            self.listens(label, source, |event| {
                event.is_absence().then(|| at_meta_level(delete_endpoint(1u8)))
            }),
        )
    }
}

/// Runs it until it is done.
async fn run(actions: impl IntoActionTree<()> + Send + 'static) -> Result<(), GroundError> {
    ground::run(|_| Transition::new((), actions), pending()).await
}

fn process<S>(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<S> {
    spawn(move |_| Transition::new((), actions))
}

fn symbol(name: &str) -> Symbol {
    Symbol::new(name)
}

fn feedback<S>(source: &Source, value: Value) -> ActionTree<S> {
    at_meta_level(send_feedback(&Ground(source.clone(), value)))
}

/// A stream that gives these and, if it is to, ends.
struct Gives<T>(VecDeque<T>, bool);

fn gives<T: Message>(items: impl IntoIterator<Item = T>) -> Gives<Result<T, Failure>> {
    Gives(items.into_iter().map(Ok).collect(), true)
}

impl<T: Unpin> Stream for Gives<T> {
    type Item = T;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        match self.0.pop_front() {
            None if !self.1 => Poll::Pending,
            item => Poll::Ready(item),
        }
    }
}

/// A stream that never gives anything, and a sink that takes everything and is flushed when this
/// future is ready.
struct Silent;

impl Stream for Silent {
    type Item = Result<u8, Failure>;
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

struct Takes<F> {
    log: Log,
    flushed: Pin<Box<F>>,
}

impl<F: Future<Output = ()>> Sink<Value> for Takes<F> {
    type Error = Failure;
    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }
    fn start_send(self: Pin<&mut Self>, value: Value) -> Result<(), Failure> {
        if value == "fail".to_string().to_value() {
            return Err(Failure::value(&symbol("failed")));
        }
        self.log.note(format!("sink: {value}"));
        Ok(())
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let flushed = self.flushed.as_mut().poll(cx);
        if flushed.is_ready() {
            self.log.note("sink: closed");
        }
        flushed.map(Ok)
    }
}

fn takes<F: Future<Output = ()>>(log: &Log, flushed: F) -> Takes<F> {
    Takes { log: log.clone(), flushed: Box::pin(flushed) }
}

/// Its destructor panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

/// A process that is never idle, but ends some time if a test fails.
fn spinner<S>(turns: &Arc<AtomicUsize>) -> Spawn<S> {
    fn spin(turns: Arc<AtomicUsize>) -> Transition<()> {
        if turns.fetch_add(1, Ordering::Relaxed) > 5_000_000 {
            return Transition::new((), ());
        }
        Transition::new((), yield_now(move |()| spin(turns)))
    }
    let turns = turns.clone();
    spawn(move |_| spin(turns))
}
