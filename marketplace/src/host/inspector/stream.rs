//! The stream of events that is pushed to a page.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Sse};
use futures_util::stream::unfold;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use crate::host::inspector::Server;
use crate::host::inspector::in_time::in_time;
use crate::host::inspector::problem::Problem;
use crate::host::inspector::watch::{Batch, News, Opening};

/// The stream of one page. It is asked for the next event when the last one has been written. So a
/// page that reads slowly misses turns and is told how many, and gets only the last of several
/// dumps.
struct Pushed {
    opening: Option<Opening>,
    turns: broadcast::Receiver<Batch>,
    news: watch::Receiver<News>,
    /// A batch that waits until the page has been told what it missed before the batch.
    held: Option<Batch>,
    /// How many of the turns that were ever logged the page has been told.
    told: u64,
    over: bool,
    _place: OwnedSemaphorePermit,
}

pub(super) async fn events(State(server): State<Arc<Server>>) -> Result<impl IntoResponse, Problem> {
    let full = |_| Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many pages are open");
    let place = server.pages.clone().try_acquire_owned().map_err(full)?;
    // The page subscribes first, so that it misses nothing between the opening and the events after
    // it.
    let (turns, mut news) = (server.hub.turns.subscribe(), server.hub.news.subscribe());
    news.mark_unchanged();
    let opening = in_time(server.hub.opening()).await?;
    server.hub.look.notify_one();
    let told = opening.history.logged;
    let pushed = Pushed { opening: Some(opening), turns, news, held: None, told, over: false, _place: place };
    let events = unfold(pushed, |mut pushed| async move {
        let event = pushed.next().await?;
        Some((Ok::<_, Infallible>(event), pushed))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Pushed {
    async fn next(&mut self) -> Option<Event> {
        if let Some(Opening { dump, history }) = self.opening.take() {
            self.held = Some(history);
            return Some(event("dump", &dump));
        }
        loop {
            if let Some(batch) = self.held.take() {
                return Some(event("turn", &batch.json));
            }
            if self.over {
                return None;
            }
            tokio::select! {
                batch = self.turns.recv() => match batch {
                    // A batch from before the opening.
                    Ok(batch) if batch.logged <= self.told => {}
                    Ok(batch) => {
                        let missed = (batch.logged - self.told).saturating_sub(batch.turns);
                        self.told = batch.logged;
                        self.held = Some(batch);
                        if missed > 0 {
                            return Some(event("lagged", &format!("{{\"missed\":{missed}}}")));
                        }
                    }
                    // The next batch says how many turns were missed.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
                changed = self.news.changed() => {
                    changed.ok()?;
                    match self.news.borrow_and_update().clone() {
                        News::None => {}
                        News::Dump(dump) => return Some(event("dump", &dump)),
                        News::Busy => return Some(event("busy", "{}")),
                        News::Over => {
                            self.over = true;
                            return Some(event("over", "{}"));
                        }
                    }
                }
            }
        }
    }
}

fn event(name: &str, json: &str) -> Event {
    Event::default().event(name).data(json)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::runtime::Builder;
    use tokio::sync::Semaphore;

    use super::*;

    fn batch(from: u64, logged: u64) -> Batch {
        Batch { json: format!("[{from},{logged}]").into(), turns: logged - from, logged }
    }

    fn shown(event: Option<Event>) -> String {
        // The event is compared by its `Debug` text: it has no other.
        format!("{event:?}")
    }

    /// The events of a page that reads only now, after so many batches and dumps.
    #[test]
    fn a_page_that_reads_slowly_is_told_how_much_it_missed_and_how_it_is_now() {
        let (turns, news) = (broadcast::Sender::new(2), watch::Sender::new(News::None));
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let opening = Opening { dump: "{}".into(), history: batch(0, 10) };
        let mut page = Pushed {
            opening: Some(opening),
            turns: turns.subscribe(),
            news: news.subscribe(),
            held: None,
            told: 10,
            over: false,
            _place: place,
        };
        // Three batches do not fit; five turns before the last were never told to any page.
        for (from, logged) in [(10, 20), (20, 30), (30, 40), (40, 50), (55, 60)] {
            assert!(turns.send(batch(from, logged)).is_ok());
        }
        let runtime = Builder::new_current_thread().build().unwrap();
        let mut told = || shown(runtime.block_on(page.next()));
        let expected = [
            ("dump", "{}"),
            ("turn", "[0,10]"),
            ("lagged", "{\\\"missed\\\":30}"),
            ("turn", "[40,50]"),
            ("lagged", "{\\\"missed\\\":5}"),
            ("turn", "[55,60]"),
        ];
        for (name, data) in expected {
            let told = told();
            assert!(told.contains(name) && told.contains(data), "{told} is not {name} {data}");
        }
        for dump in ["{1}", "{2}", "{3}"] {
            news.send_replace(News::Dump(dump.into()));
        }
        let last = told();
        assert!(last.contains("{3}"), "{last}");
        news.send_replace(News::Over);
        assert!(told().contains("over"));
        assert_eq!(told(), "None");
    }
}
