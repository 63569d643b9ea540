//! Problems of requests, and the responses that tell of them.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::host::inspector::shown::json;
use crate::host::vat::VatError;

/// A status, and `{"error": ".."}`.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    error: String,
}

/// The JSON of a problem.
#[derive(Serialize)]
struct ErrorBody<'t> {
    error: &'t str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    /// The response: a text for a person, or JSON if the page asks.
    pub(super) fn answer(self, path: &str) -> Response {
        if path.starts_with("/api/") {
            self.into_response()
        } else {
            (self.status, self.error + "\n").into_response()
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, [(header::CONTENT_TYPE, "application/json")], json(&ErrorBody { error: &self.error }))
            .into_response()
    }
}

impl From<VatError> for Problem {
    fn from(error: VatError) -> Self {
        let status = match error {
            VatError::NotRunning => StatusCode::GONE,
            VatError::Full => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
