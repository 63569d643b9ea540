//! How often people look inside.

use std::sync::Arc;
#[cfg(feature = "shell")]
use std::thread;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
#[cfg(feature = "inspector")]
use tokio::time::sleep_until;

use crate::host::vat::Vat;
#[cfg(feature = "shell")]
use crate::host::vat::{Debugger, VatError, wait};

/// After a look the program runs so many times as long as the look took, before the next look: the
/// vat's time is the program's.
const SHARE: u32 = 20;

/// While a look waits for the program's share, it checks so often whether the vat has been stopped,
/// or has ended.
#[cfg(feature = "shell")]
const SLICE: Duration = Duration::from_millis(50);

/// The queue of everybody who looks into a vat. There is one look at a time, in the order in which
/// they were asked for, and after each look the program has its share.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Mutex<Instant>>);

/// The right to look, which one holder has at a time.
pub(crate) struct Looking(OwnedMutexGuard<Instant>);

impl Pace {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// Waits for the right to look.
    #[cfg(feature = "inspector")]
    pub(crate) async fn may_look(&self) -> Looking {
        let next = self.0.clone().lock_owned().await;
        sleep_until(*next).await;
        Looking(next)
    }
}

impl Vat {
    /// How often one looks into it.
    #[cfg(feature = "inspector")]
    pub(crate) fn pace(&self) -> Pace {
        self.0.pace.clone()
    }

    /// [`Vat::inspect`], for a thread that may look often: it waits for the right to look. A
    /// stopped vat does not use its share, so nobody waits for that.
    #[cfg(feature = "shell")]
    pub(crate) fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        let looking = Looking(wait::for_future(self.0.pace.0.clone().lock_owned()));
        loop {
            let left = looking.0.saturating_duration_since(Instant::now());
            if left.is_zero() || self.inspect(|debugger| debugger.is_paused())? {
                break;
            }
            thread::sleep(left.min(SLICE));
        }
        let timed = |debugger: &mut Debugger<'_>| {
            let began = Instant::now();
            (look(debugger), began.elapsed())
        };
        let (seen, took) = self.inspect(timed)?;
        looking.ended(took);
        Ok(seen)
    }
}

impl Looking {
    /// The look is over; it took so long of the vat's time.
    pub(crate) fn ended(mut self, took: Duration) {
        *self.0 = Instant::now() + took * SHARE;
    }
}

#[cfg(all(test, feature = "shell"))]
mod shell_tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::host::shell::{Shell, ShellError};
    use crate::prelude::*;
    use crate::vat::VatOptions;

    /// The output of a line, executed on a thread of its own.
    fn said(vat: &Vat, line: &'static str) -> Receiver<Result<String, ShellError>> {
        let (told, said) = channel();
        let mut shell = Shell::new(vat);
        thread::spawn(move || told.send(shell.execute(line)));
        said
    }

    /// A look has taken so long that the next one is an hour away.
    #[test]
    fn only_looks_into_a_running_vat_wait_for_its_share() {
        const HANG: Duration = Duration::from_secs(60);
        let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap();
        let share = Duration::from_secs(3600);
        *vat.0.pace.0.try_lock().unwrap() = Instant::now() + share;
        for line in ["log on", "send \"x\"", "kill p9", "pause", "run", "pause"] {
            said(&vat, line).recv_timeout(HANG).unwrap_or_else(|_| panic!("{line} waits")).ok();
        }
        said(&vat, "dump").recv_timeout(HANG).expect("it is stopped").unwrap();
        said(&vat, "run").recv_timeout(HANG).unwrap().unwrap();
        *vat.0.pace.0.try_lock().unwrap() = Instant::now() + share;
        let dump = said(&vat, "dump");
        while vat.0.pace.0.try_lock().is_ok() {
            thread::yield_now();
        }
        vat.halt();
        assert_eq!(dump.recv_timeout(HANG).expect("it has ended"), Err(VatError::NotRunning.into()));
    }
}

#[cfg(all(test, feature = "inspector"))]
mod tests {
    use tokio::runtime::Builder;
    use tokio::time::advance;

    use super::*;

    /// The times at which three looks begin, each of which takes 40 ms, in ms since they were asked
    /// for.
    #[test]
    fn the_program_has_its_share_after_each_look() {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let began = runtime.block_on(async {
            let (pace, asked) = (Pace::new(), Instant::now());
            let look = || {
                let pace = pace.clone();
                tokio::spawn(async move {
                    let looking = pace.may_look().await;
                    let began = asked.elapsed().as_millis();
                    let took = Duration::from_millis(40);
                    advance(took).await;
                    looking.ended(took);
                    began
                })
            };
            let looks = [look(), look(), look()];
            let mut began = Vec::new();
            for look in looks {
                began.push(look.await.unwrap());
            }
            began
        });
        let each = 40 + 40 * u128::from(SHARE);
        // A timer of tokio counts whole milliseconds, and may be late by one.
        for (began, expected) in began.into_iter().zip([0, each, 2 * each]) {
            assert!((expected..=expected + 2).contains(&began), "{began} ms, not {expected}");
        }
    }

    /// A caller that gives up before the look has begun, or while it lasts, lets others look.
    #[test]
    fn one_who_gives_up_holds_up_nobody() {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let pace = Pace::new();
            let first = pace.may_look().await;
            let second = tokio::spawn({
                let pace = pace.clone();
                async move { drop(pace.may_look().await) }
            });
            tokio::task::yield_now().await;
            second.abort();
            drop(first);
            pace.may_look().await.ended(Duration::ZERO);
        });
    }
}
