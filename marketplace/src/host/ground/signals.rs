//! Signals of the operating system: the signals that end a program, and the signals that a program
//! asks for.
//!
//! [`ground_vm!`](crate::ground_vm) ends its program at the first SIGINT or SIGTERM, in order, and
//! at the second at once. A [`source`] asks for a signal: while it is on, that signal is an item,
//! and does not end the program. A way out remains: a second SIGINT or SIGTERM that comes before
//! the first was given as an item ends the program at once, even in the middle of a turn.
//!
//! A signal that was ignored when the program started goes on being ignored, as by any program:
//! SIGINT in what a script runs in the background, say, and SIGHUP under `nohup`. A program that
//! explicitly asks for such a signal does hear it; it ends the program in no case.

#[cfg(unix)]
mod inherited;

use std::future::Future;
use std::io;

use crate::ground_vm::source::Source;

/// A signal.
///
/// ```
/// use marketplace::ground::signals::Signal;
/// assert_ne!(Signal::Interrupt, Signal::Hangup);
/// ```
#[derive(marketplace_macros::Message, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// SIGINT, as by Ctrl-C.
    Interrupt,
    /// SIGTERM: a polite request to end. (There is none on Windows.)
    Terminate,
    /// SIGHUP: the terminal is gone; by custom also a request to read settings again. (There is
    /// none on Windows.)
    Hangup,
}

/// The first item of a [`source`].
///
/// ```
/// use marketplace::ground::signals::Listening;
/// assert_eq!(Listening, Listening.clone());
/// ```
#[derive(marketplace_macros::Message, Clone, Copy, Debug, PartialEq, Eq)]
#[message(label = "SignalListening")]
pub struct Listening;

/// A source of this signal: an item for each time that it comes, or for several that come at once.
/// It does not end. Its first item is
/// [`Listening`]: from then on the signal is not missed.
///
/// When it is turned off, SIGINT and SIGTERM end the program again, unless they were ignored when
/// it started. SIGHUP, once it was asked for, is ignored.
///
/// ```
/// use marketplace::ground::signals::{Signal, source};
/// use marketplace::prelude::*;
/// use marketplace::Ground;
///
/// /// Says so when the terminal goes.
/// fn watch() -> ActionTree<()> {
///     let hangups = source(Signal::Hangup);
///     at_meta_level!(subscriber!(
///         Ground::<Signal>(hangups, _),
///         on_message!(Ground::<Signal>(_, _signal) => send_message!("nobody looks any more")),
///     ))
/// }
/// # let _ = watch();
/// ```
#[must_use]
pub fn source(signal: Signal) -> Source {
    Source::stream(imp::Asked::new(signal))
}

/// Ready at the first SIGINT or SIGTERM that nobody has asked for.
pub(super) fn stop() -> io::Result<impl Future<Output = ()>> {
    imp::stop()
}

#[cfg(unix)]
mod imp {
    use std::future::{Future, poll_fn};
    use std::io;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
    use std::sync::{Arc, LazyLock, Mutex};
    use std::task::{Context, Poll, Waker};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use tokio::signal::unix::{self, SignalKind, signal};

    use super::inherited::IGNORED;
    use super::{Listening, Signal};
    use crate::data::lock::lock;
    use crate::data::message::Message;
    use crate::data::reason::Failure;
    use crate::data::value::Value;
    use crate::host::ground::Stream;

    /// A signal that is to end the program, or that was asked for and is not yet given: the next
    /// one ends the program at once. It is a static because signals are sent to the whole
    /// operating-system process.
    static PENDING: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

    /// The task that ends the program, to be woken when no source asks for a signal any more.
    static STOP: Mutex<Option<Waker>> = Mutex::new(None);

    /// How many sources ask for each signal.
    static ASKED: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

    const fn kind(of: Signal) -> SignalKind {
        match of {
            Signal::Interrupt => SignalKind::interrupt(),
            Signal::Terminate => SignalKind::terminate(),
            Signal::Hangup => SignalKind::hangup(),
        }
    }

    pub(super) fn stop() -> io::Result<impl Future<Output = ()>> {
        for number in [SIGINT, SIGTERM].into_iter().filter(|number| !IGNORED.contains(number)) {
            // The order matters: the check that ends the program sees the flag before the first
            // signal sets it.
            flag::register_conditional_shutdown(number, 128 + number, PENDING.clone())?;
            flag::register(number, PENDING.clone())?;
        }
        let mut interrupt = unless_ignored(Signal::Interrupt)?;
        let mut terminate = unless_ignored(Signal::Terminate)?;
        let mut came = [false; 2];
        Ok(poll_fn(move |cx| {
            *lock(&STOP) = Some(cx.waker().clone());
            came[0] |= has_come(&mut interrupt, cx);
            came[1] |= has_come(&mut terminate, cx);
            // A signal that a source asked for is the source's, unless the source was turned off
            // before it had it.
            let pending = PENDING.load(SeqCst);
            for (came, of) in came.iter_mut().zip([Signal::Interrupt, Signal::Terminate]) {
                *came &= pending;
                if *came && ASKED[of as usize].load(SeqCst) == 0 {
                    return Poll::Ready(());
                }
            }
            Poll::Pending
        }))
    }

    /// Listens to a signal that is to end the program.
    fn unless_ignored(of: Signal) -> io::Result<Option<unix::Signal>> {
        let kind = kind(of);
        (!IGNORED.contains(&kind.as_raw_value())).then(|| signal(kind)).transpose()
    }

    fn has_come(listener: &mut Option<unix::Signal>, cx: &mut Context<'_>) -> bool {
        let Some(listener) = listener else { return false };
        let mut came = false;
        while let Poll::Ready(Some(())) = listener.poll_recv(cx) {
            came = true;
        }
        came
    }

    /// A signal that a source asks for, from the first poll on.
    pub(super) struct Asked {
        of: Signal,
        listener: Option<unix::Signal>,
    }

    impl Asked {
        pub(super) const fn new(of: Signal) -> Self {
            Self { of, listener: None }
        }
    }

    impl Stream for Asked {
        type Item = Result<Value, Failure>;

        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let this = &mut *self;
            let of = this.of;
            let Some(listener) = &mut this.listener else {
                LazyLock::force(&IGNORED);
                this.listener = Some(signal(kind(of))?);
                ASKED[of as usize].fetch_add(1, SeqCst);
                return Poll::Ready(Some(Ok(Listening.to_value())));
            };
            listener.poll_recv(cx).map(|came| {
                PENDING.store(false, SeqCst);
                came.map(|()| Ok(of.to_value()))
            })
        }
    }

    impl Drop for Asked {
        fn drop(&mut self) {
            if self.listener.is_some() {
                ASKED[self.of as usize].fetch_sub(1, SeqCst);
                if let Some(stop) = lock(&STOP).as_ref() {
                    stop.wake_by_ref();
                }
            }
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use std::future::{Future, pending};
    use std::io;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::task::{Context, Poll, ready};

    use tokio::signal::ctrl_c;

    use super::{Listening, Signal};
    use crate::data::lock::lock;
    use crate::data::message::Message;
    use crate::data::reason::Failure;
    use crate::data::value::Value;
    use crate::host::ground::Stream;

    /// How many sources ask for ctrl-c.
    static ASKED: AtomicUsize = AtomicUsize::new(0);

    type Next = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

    pub(super) fn stop() -> io::Result<impl Future<Output = ()>> {
        Ok(async {
            loop {
                // If Ctrl-C cannot be listened to, the program runs until it is done.
                if ctrl_c().await.is_err() {
                    pending::<()>().await;
                }
                if ASKED.load(SeqCst) == 0 {
                    return;
                }
            }
        })
    }

    /// Ctrl-C, from the first poll on. The other signals do not exist here: they never come.
    pub(super) struct Asked {
        of: Signal,
        next: Option<Next>,
    }

    impl Asked {
        pub(super) const fn new(of: Signal) -> Self {
            Self { of, next: None }
        }
    }

    impl Stream for Asked {
        type Item = Result<Value, Failure>;

        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let this = &mut *self;
            let Some(next) = &mut this.next else {
                if this.of == Signal::Interrupt {
                    ASKED.fetch_add(1, SeqCst);
                }
                this.next = Some(Box::pin(ctrl_c()));
                return Poll::Ready(Some(Ok(Listening.to_value())));
            };
            if this.of != Signal::Interrupt {
                return Poll::Pending;
            }
            let came = ready!(next.as_mut().poll(cx));
            this.next = Some(Box::pin(ctrl_c()));
            Poll::Ready(Some(came.map(|()| Signal::Interrupt.to_value()).map_err(Failure::from)))
        }
    }

    impl Drop for Asked {
        fn drop(&mut self) {
            if self.next.is_some() && self.of == Signal::Interrupt {
                ASKED.fetch_sub(1, SeqCst);
            }
        }
    }
}
