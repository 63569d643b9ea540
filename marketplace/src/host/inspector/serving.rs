//! Connections: how many there may be, and for how long their peers may keep us waiting.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Extension;
use axum::http::StatusCode;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tokio_io_timeout::TimeoutWriter;

use crate::data::lock::lock;
use crate::host::inspector::problem::Problem;
use crate::host::inspector::{Server, routes};

/// How many connections there may be that have not shown the token, and how many that have.
const CONNECTIONS: usize = 64;

/// How long a peer may take to send the head of a request, to show the token, and to read anything
/// of what it is sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// After this long, accepting is tried again when it has failed: for want of files, as a rule.
const PAUSE: Duration = Duration::from_millis(500);

/// Places for connections.
pub(super) struct Admissions {
    strangers: Arc<Semaphore>,
    known: Arc<Semaphore>,
}

/// A connection's place.
#[derive(Clone)]
pub(super) struct Admission(Arc<Mutex<Held>>);

struct Held {
    permit: OwnedSemaphorePermit,
    is_known: bool,
}

impl Admissions {
    pub(super) fn new() -> Self {
        let places = || Arc::new(Semaphore::new(CONNECTIONS));
        Self { strangers: places(), known: places() }
    }

    fn for_stranger(&self) -> Option<Admission> {
        let permit = self.strangers.clone().try_acquire_owned().ok()?;
        Some(Admission(Arc::new(Mutex::new(Held { permit, is_known: false }))))
    }

    /// The peer has shown the token: its place is free for another stranger.
    pub(super) fn has_shown_token(&self, place: &Admission) -> Result<(), Problem> {
        let mut held = place.held();
        if !held.is_known {
            let full = |_| Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many connections are open");
            held.permit = self.known.clone().try_acquire_owned().map_err(full)?;
            held.is_known = true;
        }
        Ok(())
    }
}

impl Admission {
    fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.0)
    }

    /// Comes to an end if the peer shows no token in time.
    async fn stays_strange(&self) {
        sleep(PATIENCE).await;
        if self.held().is_known {
            std::future::pending().await
        }
    }
}

/// Serves every connection. A stranger for whom there is no place is sent away at once.
pub(super) async fn serve(listener: TcpListener, server: Arc<Server>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Some(place) = server.places.for_stranger() {
                    tokio::spawn(converse(stream, server.clone(), place));
                }
            }
            Err(error) => {
                tracing::warn!(%error, pause = ?PAUSE, "the inspector cannot accept a connection");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, server: Arc<Server>, place: Admission) {
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(PATIENCE));
    let router = routes::router(server).layer(Extension(place.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router));
    tokio::select! {
        // How it ends concerns the peer alone.
        _ = connection => {}
        () = place.stays_strange() => {}
    }
}
