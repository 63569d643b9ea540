//! An answer of the vat in time, or an error for the page.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::timeout;

use crate::host::inspector::problem::Problem;
use crate::host::vat::VatError;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

const BUSY: &str = "the program does not answer: a turn takes long, or many look inside";

/// The answer of the vat, if it comes in time.
pub(super) async fn in_time<T>(asked: impl Future<Output = Result<T, VatError>>) -> Result<T, Problem> {
    let busy = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, BUSY);
    Ok(timeout(PATIENCE, asked).await.map_err(busy)??)
}
