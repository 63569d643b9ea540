//! Which requests are served: the table of the module, row by row.

use marketplace::prelude::*;
use marketplace::vat::Vat;

use crate::{Inspected, room};

/// A request: its first line, its other lines, and the status of its answer. `HOST`, `PORT` and
/// `TOKEN` stand for what they are.
type Row = (&'static str, &'static [&'static str], u16);

const TOKEN: &str = "X-Inspector-Token: TOKEN";
const OURS: &str = "Origin: http://HOST";

const ROWS: &[Row] = &[
    // The host.
    ("GET /?token=TOKEN HTTP/1.1", &["Host: HOST"], 200),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: localhost:PORT"], 200),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: LocalHost:PORT"], 200),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: evil.example"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: evil.example:PORT"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: 127.0.0.1.evil.example:PORT"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: localhost"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: localhost:1"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: [::1]:PORT"], 403),
    ("GET /?token=TOKEN HTTP/1.0", &[], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: HOST", "Host: evil.example"], 403),
    ("GET http://evil.example/?token=TOKEN HTTP/1.1", &["Host: evil.example"], 403),
    // The token.
    ("GET / HTTP/1.1", &["Host: HOST"], 200),
    ("GET / HTTP/1.1", &["Host: HOST", "X-Inspector-Token: wrong"], 401),
    ("HEAD / HTTP/1.1", &["Host: HOST"], 403),
    ("GET /api/dump HTTP/1.1", &["Host: HOST"], 401),
    ("GET /api/events HTTP/1.1", &["Host: HOST"], 401),
    ("GET /nowhere HTTP/1.1", &["Host: HOST"], 401),
    ("GET /?token= HTTP/1.1", &["Host: HOST"], 401),
    ("GET /?token=0123456789abcdef0123456789abcdef HTTP/1.1", &["Host: HOST"], 401),
    ("GET /?token=TOKEN0 HTTP/1.1", &["Host: HOST"], 401),
    ("GET /api/dump?token=TOKEN HTTP/1.1", &["Host: HOST"], 200),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN], 200),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", "X-Inspector-Token: wrong"], 401),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, TOKEN], 401),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", "Cookie: inspector-PORT=TOKEN"], 401),
    // Other origins read nothing. The page may be opened by a link.
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, "Sec-Fetch-Site: same-origin"], 200),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, "Sec-Fetch-Site: none"], 200),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, "Sec-Fetch-Site: cross-site"], 403),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, "Sec-Fetch-Site: same-site"], 403),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, "Origin: http://evil.example"], 403),
    ("GET /api/dump HTTP/1.1", &["Host: HOST", TOKEN, "Origin: null"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: HOST", "Sec-Fetch-Site: cross-site"], 200),
    ("GET / HTTP/1.1", &["Host: HOST", "Sec-Fetch-Site: cross-site"], 200),
    ("GET / HTTP/1.1", &["Host: evil.example"], 403),
    ("GET /?token=TOKEN HTTP/1.1", &["Host: HOST", "Origin: http://evil.example"], 403),
    ("OPTIONS /api/pause HTTP/1.1", &["Host: HOST", "Origin: http://evil.example"], 403),
    // A request that changes anything: our origin, and the token in the header.
    ("POST /api/pause HTTP/1.1", &["Host: HOST", TOKEN, OURS], 204),
    ("POST /api/run HTTP/1.1", &["Host: HOST", TOKEN, "Sec-Fetch-Site: same-origin"], 204),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", TOKEN], 403),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", TOKEN, "Sec-Fetch-Site: none"], 403),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", TOKEN, "Origin: http://127.0.0.1:1"], 403),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", TOKEN, "Origin: https://HOST"], 403),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", TOKEN, OURS, "Sec-Fetch-Site: cross-site"], 403),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", OURS], 401),
    ("POST /api/pause HTTP/1.1", &["Host: HOST", OURS, "Cookie: inspector-PORT=TOKEN"], 401),
    ("POST /api/pause?token=TOKEN HTTP/1.1", &["Host: HOST", OURS], 401),
    ("DELETE /api/dump HTTP/1.1", &["Host: HOST", TOKEN], 403),
    // Requests that are none.
    ("GET /nowhere HTTP/1.1", &["Host: HOST", TOKEN], 404),
    ("GET /api/nowhere HTTP/1.1", &["Host: HOST", TOKEN], 404),
    ("GET /api/pause HTTP/1.1", &["Host: HOST", TOKEN], 405),
    ("POST /api/dump HTTP/1.1", &["Host: HOST", TOKEN, OURS], 405),
    ("GET /api/tree HTTP/1.1", &["Host: HOST", TOKEN], 400),
    ("GET /api/tree?turn=x HTTP/1.1", &["Host: HOST", TOKEN], 400),
    ("GET /api/tree?turn=18446744073709551615 HTTP/1.1", &["Host: HOST", TOKEN], 404),
    ("GET /api/state HTTP/1.1", &["Host: HOST", TOKEN], 400),
    ("GET /api/state?process=x HTTP/1.1", &["Host: HOST", TOKEN], 400),
    ("GET /api/state?process=1 HTTP/1.1", &["Host: HOST", TOKEN], 200),
    ("GET /api/state?process=1 HTTP/1.1", &["Host: HOST"], 401),
    ("POST /api/state?process=1 HTTP/1.1", &["Host: HOST", TOKEN, OURS], 405),
    ("POST /api/step?n=-1 HTTP/1.1", &["Host: HOST", TOKEN, OURS], 400),
    ("POST /api/step?n=10001 HTTP/1.1", &["Host: HOST", TOKEN, OURS], 400),
    ("POST /api/step HTTP/1.1", &["Host: HOST", TOKEN, OURS], 409),
    ("POST /api/kill HTTP/1.1", &["Host: HOST", TOKEN, OURS], 415),
];

/// Bodies for `/api/kill` and `/api/log`.
const BODIES: &[(&str, &str, u16)] = &[
    ("/api/kill", "{", 400),
    ("/api/kill", "{}", 422),
    ("/api/kill", r#"{"pid": -1}"#, 422),
    ("/api/kill", r#"{"pid": 3, "who": 3}"#, 422),
    ("/api/kill", r#"{"vm": ["x"], "pid": 3}"#, 422),
    ("/api/kill", r#"{"pid": 1000}"#, 404),
    ("/api/kill", r#"{"vm": [1000], "pid": 3}"#, 404),
    ("/api/kill", r#"{"vm": [1], "pid": 0}"#, 404),
    ("/api/log", r#"{"on": "yes"}"#, 422),
    ("/api/log", r#"{"on": true}"#, 204),
];

#[test]
fn who_may_ask_what() {
    let inspected = Inspected::new(|_| room());
    let site = &inspected.site;
    let fill = |line: &str| {
        let line = line.replace("HOST", &site.address.to_string()).replace("TOKEN", &site.token);
        line.replace("PORT", &site.address.port().to_string())
    };
    for (first, lines, status) in ROWS {
        let mut request = vec![fill(first)];
        request.extend(lines.iter().map(|line| fill(line)));
        request.push("Connection: close".into());
        let answer =
            if *status == 200 && first.contains("/events") { continue } else { site.raw(&request, "") };
        assert_eq!(answer.status, *status, "{request:#?}\n{answer:#?}");
        let header = |name| answer.header(name).unwrap_or_else(|| panic!("no {name}: {answer:#?}"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control")), "{answer:#?}");
        assert_eq!(answer.header("set-cookie"), None, "a cookie would go to whoever listens on another port");
        let fails = *status >= 400 && *status != 405;
        if fails && first.contains(" /api/") {
            assert!(!answer.error().is_empty());
        }
        assert!(!answer.body.contains(&site.token));
    }
    for (path, body, status) in BODIES {
        let answer = site.post(path, body);
        assert_eq!(answer.status, *status, "{path} {body} {answer:#?}");
        assert!(*status == 204 || !answer.error().is_empty());
    }
    let long = site.post("/api/kill", &format!(r#"{{"pid": 3, "reason": "{}"}}"#, "x".repeat(20_000)));
    assert_eq!(long.status, 413);
    assert!(!inspected.vat.inspect(|debugger| debugger.is_paused()).unwrap(), "nobody has stopped it");
}

#[test]
fn the_page_loads_nothing_else_and_has_no_secret() {
    let inspected = Inspected::new(|_| room());
    let site = &inspected.site;
    let first = site.get("/");
    assert_eq!(first.header("set-cookie"), None);
    assert!(!first.body.contains(&site.token));
    let policy = first.header("content-security-policy").unwrap();
    for part in
        ["default-src 'none'", "connect-src 'self'", "base-uri 'none'", "require-trusted-types-for 'script'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"));
    let nonce = |page: &str| page.split_once("nonce=\"").unwrap().1.split_once('"').unwrap().0.to_string();
    let used = nonce(&first.body);
    assert!(policy.contains(&format!("script-src 'nonce-{used}'")));
    assert_ne!(used, nonce(&site.get("/").body), "each page has a nonce of its own");
    for outside in
        ["<link rel=\"stylesheet", "<script src", "@import", "url(", "innerHTML", "insertAdjacentHTML"]
    {
        assert!(!first.body.contains(outside), "{outside}");
    }
    // The name of a namespace, which is never fetched.
    assert_eq!(first.body.matches("http").count(), first.body.matches("http://www.w3.org/2000/svg").count());
}

#[test]
fn each_inspector_has_a_token_of_its_own() {
    let (one, other) = (Inspected::new(|_| room()), Inspected::new(|_| room()));
    assert_ne!(one.site.token, other.site.token);
    assert!(one.site.address.ip().is_loopback());
}

#[test]
fn once_the_vat_has_ended_all_say_so() {
    let inspected = Inspected::new(|_| room());
    let site = &inspected.site;
    let mut events = site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    inspected.vat.shutdown().unwrap();
    events.until("over", |_| true);
    assert_eq!(events.next(), None);
    assert_eq!(site.get("/").status, 200);
    for answer in [site.get("/api/dump"), site.get("/api/tree?turn=1"), site.post("/api/pause", "")] {
        assert_eq!(answer.status, 410);
        assert_eq!(answer.error(), "the vat is not running");
    }
    assert_eq!(site.events().err().map(|answer| answer.status), Some(410));
}

/// An inspector is no handle: a vat that nobody can talk to ends when it is idle.
#[test]
fn an_inspector_does_not_keep_its_vat() {
    let Inspected { vat, _inspector, site, .. } = Inspected::new(|_| transition_no_state!());
    let id = vat.id();
    let mut events = site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    drop(vat);
    events.until("over", |_| true);
    assert_eq!(Vat::find(id), None);
}
