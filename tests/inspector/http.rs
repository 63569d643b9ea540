//! As much of HTTP as the tests need, and more freedom than a client would give.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use marketplace::inspector::Inspector;
use serde_json::Value;

use crate::TOO_LONG;

/// The address that is asked, and the page that asks.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Site {
    pub(crate) fn new(inspector: &Inspector) -> Self {
        let url = inspector.url();
        let (_, token) = url.split_once("?token=").unwrap();
        Self { address: inspector.address(), token: token.into() }
    }

    /// Sends these lines, an empty one and the body, and reads the answer.
    pub(crate) fn raw(&self, lines: &[String], body: &str) -> Answer {
        let mut stream = self.connect(lines, body);
        let mut answer = Answer::head(&mut stream);
        stream.read_to_string(&mut answer.body).unwrap();
        answer
    }

    /// As the page asks.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.raw(&self.lines("GET", path, &[]), "")
    }

    /// As the page asks.
    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        let origin = format!("Origin: http://{}", self.address);
        let mut headers = vec![origin, format!("Content-Length: {}", body.len())];
        if !body.is_empty() {
            headers.push("Content-Type: application/json".into());
        }
        self.raw(&self.lines("POST", path, &headers), body)
    }

    fn lines(&self, method: &str, path: &str, headers: &[String]) -> Vec<String> {
        let mut lines = vec![
            format!("{method} {path} HTTP/1.1"),
            format!("Host: {}", self.address),
            format!("X-Inspector-Token: {}", self.token),
            "Connection: close".into(),
        ];
        lines.extend_from_slice(headers);
        lines
    }

    fn connect(&self, lines: &[String], body: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(TOO_LONG)).unwrap();
        let request = lines.join("\r\n") + "\r\n\r\n" + body;
        // A client that is refused because of the head may find that the body is not read.
        let _ = stream.write_all(request.as_bytes());
        BufReader::new(stream)
    }

    /// Opens an event stream, if it is opened.
    pub(crate) fn events(&self) -> Result<Events, Answer> {
        let mut stream = self.connect(&self.lines("GET", "/api/events", &[]), "");
        let answer = Answer::head(&mut stream);
        if answer.status == 200 { Ok(Events { stream }) } else { Err(answer) }
    }
}

impl Answer {
    fn head(stream: &mut impl BufRead) -> Self {
        let mut lines = stream.lines().map(|line| line.unwrap());
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.take_while(|line| !line.is_empty()).map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_string())
        });
        Self { status, headers: headers.collect(), body: String::new() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        let body = self.body.trim();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_string()
    }
}

/// Server-sent events.
pub(crate) struct Events {
    stream: BufReader<TcpStream>,
}

impl Events {
    /// The next event and what it says; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<(String, Value)> {
        let (mut event, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if self.stream.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // Sizes of chunks and comments are lines, too.
            if let Some(name) = line.trim_end().strip_prefix("event: ") {
                event = name.into();
            } else if let Some(data) = line.trim_end().strip_prefix("data: ") {
                return Some((event, serde_json::from_str(data).unwrap()));
            }
        }
    }

    /// The next line for which this holds.
    pub(crate) fn until_line(&mut self, mut holds: impl FnMut(&str) -> bool) -> String {
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the stream goes on");
            if holds(&line) {
                return line;
            }
        }
    }

    /// The next of this event for which this holds.
    pub(crate) fn until(&mut self, event: &str, mut holds: impl FnMut(&Value) -> bool) -> Value {
        loop {
            let (name, data) = self.next().expect("the stream goes on");
            if name == event && holds(&data) {
                return data;
            }
        }
    }
}
