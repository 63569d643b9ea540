//! A bank behind a web server: the objects live in a vat, and handlers in tasks of tokio ask them.
//!
//! Run it: `cargo run --example axum_bank`, then
//!
//! ```sh
//! curl -X PUT 127.0.0.1:5999/purses/ann
//! curl -X PUT 127.0.0.1:5999/purses/bob
//! curl 127.0.0.1:5999/purses/bob/next &         # waits for a payment
//! curl -X POST 127.0.0.1:5999/purses/ann/pay/bob/7
//! curl -i -X POST 127.0.0.1:5999/purses/ann/pay/bob/7    # 402: only 3 left
//! ```
//!
//! Arguments: a port (0 for any), and how many milliseconds a handler waits for an answer.

mod bank;

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};
use marketplace_drivers::timer;
use tokio::net::TcpListener;

use crate::bank::{Bank, Refused};

/// The state that the handlers share: the handle of the vat, and the one reference that they begin
/// with.
#[derive(Clone)]
struct App {
    vat: Vat,
    bank: Far<Bank>,
    limit: Duration,
}

impl App {
    /// Asks, and waits so long and no longer.
    async fn ask<T: Message>(&self, send: impl FnOnce(&Asker) -> Promise<T>) -> Result<T, Problem> {
        Ok(self.vat.ask(|cx| timer::within(cx, send(cx), self.limit)).await?)
    }
}

async fn open(State(app): State<App>, Path(owner): Path<String>) -> Result<StatusCode, Problem> {
    app.ask(|cx| app.bank.open(cx, owner)).await?;
    Ok(StatusCode::CREATED)
}

async fn balance(State(app): State<App>, Path(owner): Path<String>) -> Result<String, Problem> {
    let balance = app.ask(|cx| app.bank.purse(cx, owner).balance(cx)).await?;
    Ok(format!("{balance}\n"))
}

/// Four messages in one envelope: if the client goes away, the payment is made all the same.
async fn pay(
    State(app): State<App>,
    Path((from, to, amount)): Path<(String, String, u64)>,
) -> Result<String, Problem> {
    let balance = app.ask(|cx| {
        let from = app.bank.purse(cx, from);
        app.bank.purse(cx, to).deposit(cx, amount, from)
    });
    Ok(format!("{}\n", balance.await?))
}

/// Waits for the next payment.
async fn next(State(app): State<App>, Path(owner): Path<String>) -> Result<String, Problem> {
    let amount = app.ask(|cx| app.bank.purse(cx, owner).next(cx)).await?;
    Ok(format!("{amount}\n"))
}

/// Why there is no answer.
struct Problem(VatError);

impl From<VatError> for Problem {
    fn from(error: VatError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            VatError::Broken { reason } => status_of(reason),
            // The inbox is full, or the vat is over.
            VatError::Full | VatError::NotRunning => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, format!("{}\n", self.0)).into_response()
    }
}

/// The status for what the bank has said, or for why it says nothing.
fn status_of(reason: &Reason) -> StatusCode {
    match (reason.decode(), Broken::of(reason)) {
        (Some(Refused::Taken(_)), _) => StatusCode::CONFLICT,
        (Some(Refused::NoPurse(_)), _) => StatusCode::NOT_FOUND,
        (Some(Refused::Overdrawn(_)), _) => StatusCode::PAYMENT_REQUIRED,
        (_, Some(Broken::TimedOut)) => StatusCode::GATEWAY_TIMEOUT,
        (_, Some(Broken::Gone(_) | Broken::TooMany)) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(5999), |port| port.parse::<u16>())?;
    let limit = Duration::from_millis(arguments.next().map_or(Ok(5000), |limit| limit.parse())?);

    let options = VatOptions { name: Some("bank".into()), inbox: 1024, ..VatOptions::default() };
    let vat = Vat::spawn(options, |_| transition_no_state!(timer::driver()))?;
    let app = App { vat: vat.clone(), bank: vat.spawn_object(Bank::default())?, limit };
    let routes = Router::new()
        .route("/purses/{owner}", put(open).get(balance))
        .route("/purses/{owner}/next", get(next))
        .route("/purses/{from}/pay/{to}/{amount}", post(pay))
        .with_state(app);

    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        println!("listening on {}", listener.local_addr()?);
        let interrupted = async { drop(tokio::signal::ctrl_c().await) };
        axum::serve(listener, routes).with_graceful_shutdown(interrupted).await
    })?;
    // The last requests have been answered, and nobody asks any more.
    vat.shutdown()?;
    vat.join()??;
    Ok(())
}
