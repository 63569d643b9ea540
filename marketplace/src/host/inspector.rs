//! A page for the browser that shows a running [vat](crate::vat): the tree of VMs, with processes,
//! endpoints and [objects](crate::objects), who is present to whom, who waits for whom, the turns
//! as they are taken, what led to each, and where its answer went. It pauses the vat, steps it,
//! lets it run, and kills processes.
//!
//! ```
//! use marketplace::inspector::{Inspector, InspectorOptions};
//! use marketplace::prelude::*;
//! use marketplace::vat::{Vat, VatOptions};
//!
//! let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
//!     name_process("clerk", spawn!(transition_no_state!(subscriber!("order")))),
//! )).unwrap();
//! let inspector = Inspector::start(&vat, InspectorOptions::default())?;
//! println!("look inside: {inspector}");
//! # assert!(inspector.url().starts_with(&format!("http://{}/?token=", inspector.address())));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Who may look
//!
//! Anyone who can open the page can stop the program and read its messages. So:
//!
//! | | |
//! |---|---|
//! | it listens | on 127.0.0.1 only |
//! | the URL | has a token of 128 random bits, which is another one at every start; without it: 401 |
//! | the page | is one document that loads nothing else and has no secret in it. The browser's tab keeps the token for this host and port (`sessionStorage`), so that the page can be reloaded, and sends it in the header `x-inspector-token`. A request that changes anything needs this header. There is no cookie: a browser sends those to every port |
//! | `Host` | must be `127.0.0.1:PORT` or `localhost:PORT`, or: 403. So no other name can be made to lead here |
//! | `Origin`, `Sec-Fetch-Site` | of another origin: 403; no `Access-Control-*` header is ever sent. A request that changes anything must have one of the two |
//! | what the program says | is text. The page's content security policy forbids that it becomes markup |
//! | bounds | 64 connections that have not shown the token, for 5 s each, and 64 that have; a further connection is closed at once, or answered with 429. 5 s for the head of a request, 16 KiB for the rest. 16 event streams. A connection whose peer reads nothing for 5 s is closed, a page's too: the page connects again. 500 turns and 128 KiB a look, 2,000 objects and 2,000 promises a dump, 2,000 bytes a text and 64 KiB a state, and 1 MiB of turns waits for all pages that read slowly |
//!
//! # What can be asked
//!
//! | | |
//! |---|---|
//! | `GET /` | the page |
//! | `GET /api/dump` | what there is now; of objects and promises the first ones, and how many more there are |
//! | `GET /api/tree?turn=ID` | the causal tree of a turn: all turns that have to do with it, by stamp, linked by `cause` |
//! | `GET /api/state?process=2/7` | `{"state": ".."}`: the state of a process as it shows itself now, if it is [peekable](crate::peekable), in lines. `null` if it shows none, or is not there. Process 7 is in the VM that is process 2 |
//! | `GET /api/events` | server-sent events, each with its data in one line of JSON: `dump` when anything has changed, at most twice a second, and less often if a dump takes long; `turn` with the newest turns of the log (2,000 and 1 MiB at most), then with new ones, at most 10 times a second (one may come again: if it has failed since, or just after the opening); `lagged` with the number of turns that were left out before the next; `busy` when the vat has not answered for a second; `over` when it has ended |
//! | `POST /api/pause`, `/api/run`, `/api/step?n=1` | 204; 409: to be stepped it must be paused, and have something to do |
//! | `POST /api/kill` `{"vm":[2],"pid":7,"reason":"text"}` | 204; 404: there is no such process |
//! | `POST /api/log` `{"on":true}` | 204 |
//!
//! Every refusal is a status and `{"error": ".."}`: 400, 413, 415 and 422 for malformed requests,
//! 401 and 403 as above, 404 for a turn that the log has forgotten, 410 once the vat has ended, 429
//! for a page too many, 503 while the vat does not answer in 5 s, or many look inside.
//!
//! # What it costs
//!
//! While nobody looks, an inspector costs nothing but the [log](crate::log): it turns the log on,
//! unless told otherwise, and the page can turn it off. While a page is open, the inspector looks
//! into the vat between two turns, ten times a second. There is one look at a time, even if several
//! clients ask; after a look the program has twenty times as long as the look took. Clients that
//! ask for a dump meanwhile share the next one. A page that reads slowly misses turns, and holds up
//! nobody.
//!
//! An inspector does not keep its vat running: the vat ends when it would have ended, and the page
//! says so. The inspector ends when it is dropped.

mod guard;
mod in_time;
mod page;
mod problem;
mod routes;
mod serving;
mod shown;
mod stream;
mod token;
mod watch;

use std::fmt;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::sync::{Semaphore, oneshot};

use crate::host::ground::thread;
use crate::host::inspector::serving::Admissions;
use crate::host::inspector::token::Token;
use crate::host::inspector::watch::Hub;
use crate::host::vat::Vat;

/// How many pages may be open.
const PAGES: usize = 16;

/// How an inspector is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectorOptions {
    /// The port of 127.0.0.1 on which it listens; 0: any that is free.
    pub port: u16,
    /// Turns the vat's log on, and makes it keep so many turns if it keeps fewer. `None` leaves the
    /// log as it is.
    pub log: Option<usize>,
}

/// Any port; the log keeps 4,096 turns.
impl Default for InspectorOptions {
    fn default() -> Self {
        Self { port: 0, log: Some(4_096) }
    }
}

/// The server of the page: see the [module](self). It has a thread of its own, and ends when this
/// is dropped.
pub struct Inspector {
    address: SocketAddr,
    token: Token,
    /// Dropped, it ends the thread.
    _stop: oneshot::Sender<()>,
}

/// The state that the server's tasks share.
struct Server {
    port: u16,
    token: Token,
    hub: Arc<Hub>,
    /// Places for connections.
    places: Admissions,
    /// Places for pages.
    pages: Arc<Semaphore>,
}

impl Inspector {
    /// Shows a vat, from now on.
    ///
    /// # Errors
    /// If the port is taken; if the system has no randomness or no thread to give.
    pub fn start(vat: &Vat, options: InspectorOptions) -> io::Result<Self> {
        let token = Token::random()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Arc::new(Server {
            port: address.port(),
            token: token.clone(),
            hub: Arc::new(Hub::new(vat)),
            places: Admissions::new(),
            pages: Arc::new(Semaphore::new(PAGES)),
        });
        if let Some(capacity) = options.log {
            // The look is made as soon as the vat is between two turns, even if nobody awaits it. A
            // vat that has ended needs no log.
            drop(vat.inspect_async(move |debugger| {
                let log = debugger.log_mut();
                log.resize(capacity.max(log.capacity()));
                log.turn_on();
            }));
        }
        let serve = async move {
            let watched = server.clone();
            // It ends with the vat; the pages are served on.
            let watch = async move {
                watched.hub.watch().await;
                pending().await
            };
            tokio::select! {
                () = serving::serve(listener, server) => {}
                () = watch => {}
                _ = stopped => {}
            }
            Ok(())
        };
        thread::start("inspector", move || runtime.block_on(serve), |_| ())?;
        Ok(Self { address, token, _stop: stop })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to open in a browser. Anyone who has it can do anything to the vat.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token.as_str())
    }
}

impl Server {
    fn is_host(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return false };
        (name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")) && port == self.port.to_string()
    }
}

/// The URL.
impl fmt::Display for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

/// Without the token.
impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector").field("address", &self.address).finish_non_exhaustive()
    }
}
