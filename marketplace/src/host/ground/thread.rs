//! Threads whose end is never silent, for drivers and hosts that need one.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::data::contained;
use crate::data::reason::{Failure, Reason};

/// Starts a thread of this name. It ends in one of three ways, none of them in silence:
///
/// | the body | what that means | what happens |
/// |---|---|---|
/// | returns `Ok(())` | nobody wants the thread any more, or its work is done | nothing |
/// | returns an error | it cannot go on | a warning in the logs, with the name and why; `on_failure` is called |
/// | panics | the body is wrong | as for an error, with [`Reason::Panic`] |
///
/// `on_failure` runs on the thread, last: there it tells whoever waits for the thread. Once a
/// thread is not wanted any more, its body returns soon, within a second: nobody joins the thread,
/// so it would leak otherwise.
///
/// ```
/// use std::sync::mpsc::channel;
/// use marketplace::ground::thread;
/// use marketplace::{Failure, Reason};
///
/// let (told, failures) = channel();
/// let body = || Err(Failure::value(&"the device is gone".to_string()));
/// let reader = thread::start("reader", body, move |why| told.send(why).unwrap())?;
/// reader.join().unwrap();
/// assert_eq!(failures.recv().unwrap(), Reason::value(&"the device is gone".to_string()));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the system has no thread to give, which is a warning in the logs, too. Neither closure is
/// called then.
pub fn start(
    name: &str,
    body: impl FnOnce() -> Result<(), Failure> + Send + 'static,
    on_failure: impl FnOnce(Reason) + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // A name with a NUL in it is no name for the system.
    let name = name.replace('\0', " ");
    let own_name = name.clone();
    let started = Builder::new().name(name.clone()).spawn(move || {
        let ended = catch_unwind(AssertUnwindSafe(body))
            .unwrap_or_else(|panic| Err(Failure(Reason::Panic(contained::panic_text(panic)))));
        if let Err(Failure(reason)) = ended {
            tracing::warn!(thread = own_name, %reason, "a thread has ended");
            on_failure(reason);
        }
    });
    started.map_err(|error| {
        tracing::warn!(thread = name, %error, "a thread cannot be started");
        io::Error::new(error.kind(), format!("cannot start the thread `{name}`: {error}"))
    })
}
