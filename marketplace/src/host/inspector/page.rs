//! The page: one document, which is put together of the files in `page/`.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::host::inspector::problem::Problem;
use crate::host::inspector::token::Token;

const PAGE: &str = concat!(
    include_str!("page/top.html"),
    include_str!("page/style.css"),
    include_str!("page/body.html"),
    include_str!("page/start.js"),
    include_str!("page/elements.js"),
    include_str!("page/known.js"),
    include_str!("page/tree.js"),
    include_str!("page/turns.js"),
    include_str!("page/process.js"),
    include_str!("page/state.js"),
    include_str!("page/references.js"),
    include_str!("page/waits.js"),
    include_str!("page/turn.js"),
    include_str!("page/address.js"),
    include_str!("page/bar.js"),
    include_str!("page/connection.js"),
    include_str!("page/end.html"),
);

/// The page, which has no secret in it. Its scripts and styles are part of it, and texts of the
/// program can never become markup.
pub(super) async fn page() -> Result<Response, Problem> {
    let no_nonce = |error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, format!("no randomness: {error}"));
    let nonce = Token::random().map_err(no_nonce)?;
    let nonce = nonce.as_str();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(PAGE.replace("{{nonce}}", nonce))).into_response())
}
