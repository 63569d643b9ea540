//! Decides which requests are served: the requests of the page that this inspector served, and of
//! any client that has the token.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

use crate::host::inspector::Server;
use crate::host::inspector::problem::Problem;
use crate::host::inspector::serving::Admission;

pub(super) const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-inspector-token");

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[derive(Default, Deserialize)]
struct Given {
    token: Option<String>,
}

/// Refuses a request that may not be made, and sees to it that no answer is kept, framed or read by
/// other pages.
pub(super) async fn guard(
    State(server): State<Arc<Server>>,
    Extension(place): Extension<Admission>,
    request: Request,
    next: Next,
) -> Response {
    let checked = check(&server, request.method(), request.uri(), request.headers());
    let admitted =
        checked.and_then(|is_known| if is_known { server.places.has_shown_token(&place) } else { Ok(()) });
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.answer(request.uri().path()),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// Checks whether the request may be made. Says whether it showed the token.
fn check(server: &Server, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<bool, Problem> {
    // A page of another host name that has been made to lead here would send that name.
    let host = only(headers, &header::HOST).filter(|host| server.is_host(host));
    let host = host.ok_or(Problem::new(StatusCode::FORBIDDEN, "the host is not this inspector"))?;

    let is_page = method == Method::GET && uri.path() == "/";
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let ours = origin.map(|origin| origin == format!("http://{host}").as_bytes());
    let same_site = site.map(|site| site == b"same-origin" || site == b"none");
    // The page itself may be opened from a link: only the person who opens it sees it.
    if ours == Some(false) || same_site == Some(false) && !is_page {
        return Err(Problem::new(StatusCode::FORBIDDEN, "another origin may not ask"));
    }
    let is_read = method == Method::GET;
    if !is_read && ours.is_none() && site != Some(b"same-origin") {
        return Err(Problem::new(StatusCode::FORBIDDEN, "the origin is not given"));
    }

    let by_header = only(headers, &TOKEN_HEADER);
    let by_query = Query::<Given>::try_from_uri(uri).ok().and_then(|given| given.0.token);
    let is_given = by_header.is_some_and(|token| server.token.is(token))
        || is_read && by_query.as_ref().is_some_and(|token| server.token.is(token));
    // A reload of the page comes without the token, which the browser's tab keeps. The page has no
    // secret in it.
    let is_reload = is_page && by_header.is_none() && by_query.is_none();
    if is_given || is_reload {
        Ok(is_given)
    } else {
        Err(Problem::new(StatusCode::UNAUTHORIZED, "open the URL that the program printed: it has the token"))
    }
}

/// The header, if it is given once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}
