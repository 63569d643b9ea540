//! A hub whose vat the test turns by hand.

use tokio::runtime::Builder;
use tokio::task::{JoinHandle, yield_now};

use super::*;
use crate::host::vat::{Churn, Envelope, VatHost, VatOptions};
use crate::prelude::*;

/// A host whose vat the test turns.
#[derive(Clone, Default)]
struct ByHand {
    churn: Arc<Mutex<Option<Churn>>>,
    waiting: Arc<Mutex<Vec<Envelope>>>,
}

impl VatHost for ByHand {
    fn start(&self, churn: Churn) {
        *self.churn.lock().unwrap() = Some(churn);
    }

    fn halt(&self) {}

    fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
        self.waiting.lock().unwrap().push(envelope);
        Ok(())
    }
}

impl ByHand {
    /// Turns the vat. Gives how many of the envelopes since the last call had senders that wait
    /// for a result, which they have now.
    fn serve(&self) -> usize {
        let mut churn = self.churn.lock().unwrap();
        let churn = churn.as_mut().expect("it has been started");
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
        let asked = waiting.iter().filter(|envelope| envelope.wants_result()).count();
        waiting.into_iter().for_each(|envelope| churn.feed(envelope));
        churn.pump();
        asked
    }
}

/// Waits until all tasks wait for something. (Each turn of the loop lets the others run.)
async fn settle() {
    for _ in 0..1_000 {
        yield_now().await;
    }
}

/// After a look that took long, the vat is not asked for as long as the program has its share.
#[test]
fn a_vat_that_is_not_asked_is_not_busy() {
    let host = ByHand::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    let hub = Arc::new(Hub::new(&vat));
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        hub.pace.may_look().await.ended(Duration::from_secs(1));
        let asking = hub.clone();
        let looking = tokio::spawn(async move { asking.look(Seen::default()).await });
        while host.waiting.lock().unwrap().is_empty() {
            assert!(matches!(&*hub.news.borrow(), News::None), "it has not been asked yet");
            sleep(PATIENCE).await;
        }
        sleep(3 * PATIENCE).await;
        assert!(matches!(&*hub.news.borrow(), News::Busy));
        host.serve();
        assert!(looking.await.unwrap().is_ok());
        assert!(matches!(&*hub.news.borrow(), News::Dump(_)));
    });
}

#[test]
fn a_look_is_shared_by_all_who_ask_before_it_begins() {
    let host = ByHand::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    let hub = Arc::new(Hub::new(&vat));
    let ask = || -> Vec<JoinHandle<_>> {
        let ask = |_| {
            let hub = hub.clone();
            tokio::spawn(async move { hub.dump().await })
        };
        (0..100).map(ask).collect()
    };
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut first = ask();
        settle().await;
        // The first look has begun when these ask.
        let second = ask();
        settle().await;
        first.drain(50..).for_each(|asked| asked.abort());
        assert_eq!(host.serve(), 1);
        for asked in first {
            assert!(asked.await.unwrap().is_ok());
        }
        // The clock goes on by itself, through the program's share.
        let mut looks = 0;
        while looks == 0 {
            sleep(Duration::from_millis(1)).await;
            looks = host.serve();
        }
        assert_eq!(looks, 1);
        for asked in second {
            assert!(asked.await.unwrap().is_ok());
        }
        assert_eq!(host.serve(), 0);
    });
}
