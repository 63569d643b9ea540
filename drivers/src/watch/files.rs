//! The outer half: the system's file events, by the `notify` crate, for all watched paths at once.
//! A thread looks where the paths lead, because files may be far away.

mod changes;
mod eye;
mod way;

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};

use marketplace::ground::{Stream, thread};
use marketplace::{Failure, Source, Text};
use notify::{Config, Event, EventHandler, EventKind, RecommendedWatcher, Watcher, event::ModifyKind};

use crate::lock::lock;
use crate::watch::files::changes::{Changes, Teller};
use crate::watch::files::eye::{Eye, Id};
use crate::watch::halves::{FromWatch, Watches};
use crate::watch::messages::WatchFailure;

/// How many events of the system may wait to be looked at.
const WAITING: usize = 16 * 1024;

/// Real files. All watches have one thread, which is there while there is any.
#[derive(Default)]
pub(super) struct Files(Arc<Mutex<Weak<Sight>>>);

impl Watches for Files {
    fn watch(&self, path: &Text) -> Source {
        Source::stream(Watch {
            path: path.clone(),
            sight: self.0.clone(),
            changes: Arc::default(),
            standing: None,
        })
    }
}

/// Changes of one path, from its first poll on.
struct Watch {
    path: Text,
    sight: Arc<Mutex<Weak<Sight>>>,
    changes: Arc<Changes>,
    standing: Option<(Arc<Sight>, Id)>,
}

impl Watch {
    fn begin(&self) -> io::Result<(Arc<Sight>, Id)> {
        let mut shared = lock(&self.sight);
        let sight = match shared.upgrade() {
            Some(sight) => sight,
            None => Sight::start()?,
        };
        *shared = Arc::downgrade(&sight);
        drop(shared);
        let id = sight.next.fetch_add(1, SeqCst);
        let teller = Teller { watched: self.path.clone(), changes: self.changes.clone() };
        // If the thread has ended, the teller tells so when it is dropped.
        let _ = sight.asks.send(Ask::Begin(id, teller));
        Ok((sight, id))
    }
}

impl Stream for Watch {
    type Item = Result<FromWatch, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.standing.is_none() {
            let begun = self.begin().map_err(|error| Failure::value(&WatchFailure::from(&error)))?;
            self.standing = Some(begun);
        }
        self.changes.poll_next(cx)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((sight, id)) = &self.standing {
            // If the thread has ended, there is nothing to end.
            let _ = sight.asks.send(Ask::End(*id));
        }
    }
}

/// The thread that looks, for all watches. It ends with the last of them.
struct Sight {
    asks: Sender<Ask>,
    next: AtomicU64,
}

enum Ask {
    Begin(Id, Teller),
    End(Id),
    Seen(notify::Result<Event>),
    /// The system's instance of this number does not tell anything any more.
    Blind(u64),
    /// More events came than may wait.
    Missed,
    Stop,
}

impl Sight {
    fn start() -> io::Result<Arc<Self>> {
        let (asks, asked) = channel();
        let seen = asks.clone();
        let look = move || {
            look(&seen, &asked);
            Ok(())
        };
        // Tellers that are dropped tell their watches.
        thread::start("watch", look, |_| ())?;
        Ok(Arc::new(Self { asks, next: AtomicU64::new(0) }))
    }
}

impl Drop for Sight {
    fn drop(&mut self) {
        // If it has ended already, that is as good.
        let _ = self.asks.send(Ask::Stop);
    }
}

/// The body of the thread.
fn look(asks: &Sender<Ask>, asked: &Receiver<Ask>) {
    let (waiting, number) = (Arc::<Waiting>::default(), Arc::<AtomicU64>::default());
    let mut eye = {
        let (asks, waiting, number) = (asks.clone(), waiting.clone(), number.clone());
        Eye::new(move || {
            let number = number.fetch_add(1, SeqCst) + 1;
            let hand = Hand { asks: asks.clone(), waiting: waiting.clone(), number };
            RecommendedWatcher::new(hand, Config::default())
        })
    };
    for ask in asked {
        match ask {
            Ask::Begin(id, teller) => eye.begin(id, teller),
            Ask::End(id) => eye.end(id),
            Ask::Seen(event) => {
                waiting.events.fetch_sub(1, SeqCst);
                eye.see(&event);
            }
            Ask::Blind(blind) if blind == number.load(SeqCst) => {
                let text = "the system does not go on looking".into();
                eye.fail(&WatchFailure { kind: "Other".into(), text });
            }
            Ask::Blind(_) | Ask::Missed => {}
            Ask::Stop => return,
        }
        if waiting.missed.swap(false, SeqCst) {
            eye.miss();
        }
    }
}

/// The events that wait to be looked at.
#[derive(Default)]
struct Waiting {
    events: AtomicUsize,
    /// There were more than may wait.
    missed: AtomicBool,
}

/// The system gives its events to this, in a thread of its own.
struct Hand {
    asks: Sender<Ask>,
    waiting: Arc<Waiting>,
    number: u64,
}

impl EventHandler for Hand {
    fn handle_event(&mut self, event: notify::Result<Event>) {
        if event.as_ref().is_ok_and(is_idle) {
            return;
        }
        if self.waiting.events.fetch_add(1, SeqCst) < WAITING {
            // If the thread has ended, nobody wants to know.
            let _ = self.asks.send(Ask::Seen(event));
        } else {
            self.waiting.events.fetch_sub(1, SeqCst);
            // One request covers all events that are missed before it is looked at.
            if !self.waiting.missed.swap(true, SeqCst) {
                let _ = self.asks.send(Ask::Missed);
            }
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let _ = self.asks.send(Ask::Blind(self.number));
    }
}

/// Whether the event is about the opening of a file, its permissions or its times: nobody wants to
/// know that.
fn is_idle(event: &Event) -> bool {
    !event.need_rescan()
        && matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)))
}
