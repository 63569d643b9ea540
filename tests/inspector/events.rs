//! The events that are pushed.

use std::collections::HashSet;

use marketplace::prelude::*;
use serde_json::Value;

use crate::{BREAK, Inspected, room};

#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Count(pub(crate) u64);

/// Counts down, a turn a number, each because of the one before.
pub(crate) fn countdown() -> Transition<()> {
    transition_no_state!(name_process(
        "counter",
        spawn!(transition_no_state!(subscriber!(
            Count(_),
            on_message!(Count(n) => (n > 1).then(|| send_message!(Count(n - 1)))),
        )))
    ))
}

fn ids(turns: &Value) -> HashSet<u64> {
    turns.as_array().unwrap().iter().map(|turn| turn["id"].as_u64().unwrap()).collect()
}

fn turns(data: &Value) -> usize {
    data.as_array().unwrap().len()
}

#[test]
fn a_page_is_told_how_it_is_what_was_and_what_is_new() {
    let inspected = Inspected::new(|_| room());
    let mut events = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    let (first, dump) = events.next().unwrap();
    assert_eq!((&*first, &dump["vat"]), ("dump", &Value::from("test")));
    let (second, history) = events.next().unwrap();
    assert_eq!((&*second, turns(&history) as u64), ("turn", dump["turns"].as_u64().unwrap()));
    inspected.vat.send(&"bell".to_string()).unwrap();
    let new = events.until("turn", |turns| turns.to_string().contains(r#"\"bell\""#));
    // The first batch may have turns of the history once more. From then on each has only what is
    // new.
    let mut told = ids(&new);
    inspected.vat.send(&BREAK.to_string()).unwrap();
    events.until("turn", |turns| {
        let new = ids(turns);
        assert!(told.is_disjoint(&new), "{turns:#}");
        told.extend(new);
        turns.to_string().contains("break")
    });
    events.until("dump", |later| later["turns"].as_u64() > dump["turns"].as_u64());
    inspected.site.post("/api/pause", "");
    events.until("dump", |dump| dump["paused"] == true);
    inspected.site.post("/api/log", r#"{"on": false}"#);
    events.until("dump", |dump| dump["logging"] == false);
}

/// More happens between two looks than the log keeps: what is not told is counted, and told it was
/// not.
#[test]
fn no_turn_is_left_out_unsaid() {
    const COUNT: u64 = 50_000;
    let inspected = Inspected::with_log(16, |_| countdown());
    let mut events = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    let (_, dump) = events.next().unwrap();
    events.next().unwrap();
    inspected.vat.send(&Count(COUNT)).unwrap();
    let (mut told, mut missed) = (0, 0);
    while told + missed < COUNT {
        match events.next().unwrap() {
            (event, data) if event == "turn" => told += turns(&data) as u64,
            (event, data) if event == "lagged" => missed += data["missed"].as_u64().unwrap(),
            _ => {}
        }
    }
    assert_eq!(told + missed, COUNT);
    assert!(missed > 0 && told > 0, "{told} told, {missed} missed");
    let after = inspected.site.get("/api/dump").json();
    assert_eq!(after["turns"].as_u64().unwrap(), dump["turns"].as_u64().unwrap() + COUNT);
}

/// Nobody reads what is pushed, and the vat goes on.
#[test]
fn who_does_not_read_holds_up_nobody() {
    let inspected = Inspected::new(|_| countdown());
    let idle = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    inspected.vat.send(&Count(50_000)).unwrap();
    let mut other = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    other.until("turn", |turns| turns.to_string().contains("Count(1)"));
    assert_eq!(inspected.vat.call(|_| "on time"), Ok("on time"));
    drop(idle);
}

#[test]
fn so_many_pages_and_no_more() {
    let inspected = Inspected::new(|_| room());
    let mut open: Vec<_> = (0..16).map(|_| inspected.site.events().ok().unwrap()).collect();
    let refused = inspected.site.events().err().unwrap();
    assert_eq!(refused.status, 429);
    // A page that is closed makes room, as soon as that is noticed: when the next event cannot be
    // written.
    open.pop();
    let opened = std::iter::repeat_with(|| {
        inspected.vat.call(|_| ()).unwrap();
        inspected.site.events().is_ok()
    });
    assert!(opened.take(100_000).any(|opened| opened));
}

/// A turn that does not end holds up who asks, who is told so.
#[test]
fn a_vat_that_does_not_answer_is_said_to_be_busy() {
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let inspected = Inspected::new(|_| room());
    let mut events = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    let stuck = {
        let vat = inspected.vat.clone();
        std::thread::spawn(move || vat.call(move |_| wait.recv().is_ok()))
    };
    events.until("busy", |_| true);
    let refused = inspected.site.get("/api/dump");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.error(), "the program does not answer: a turn takes long, or many look inside");
    go_on.send(()).unwrap();
    events.until("dump", |_| true);
    assert_eq!(stuck.join().unwrap(), Ok(true));
}

/// Characters that end a line for some reader, within texts of the program.
pub(crate) const ENDS: &str = "a\nb\r\nc\rd\u{b}e\u{c}f\u{1c}g\u{85}h\u{2028}i\u{2029}j";

/// An event is a line, whatever its reader takes for the end of one.
#[test]
fn what_ends_a_line_ends_no_event() {
    let inspected = Inspected::new(|_| breaks());
    inspected.vat.send(&BREAK.to_string()).unwrap();
    crate::settle(&inspected.vat);
    let mut events = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    let is_line = |c: char| c.is_ascii() && !c.is_control();
    let line = events.until_line(|line| line.contains("it broke"));
    assert!(line.trim_end_matches(['\r', '\n']).chars().all(is_line), "{line:?}");
    let turns: Value = serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap();
    let failed = turns.as_array().unwrap().iter().find(|turn| !turn["failed"].is_null()).unwrap();
    assert_eq!(failed["failed"], format!("it broke: {ENDS}"));
    let tree = inspected.site.get(&format!("/api/tree?turn={}", failed["id"]));
    assert!(tree.body.chars().all(is_line), "{}", tree.body);
    assert!(inspected.site.get("/api/dump").body.chars().all(is_line));
}

/// It fails with what ends lines.
pub(crate) fn breaks() -> Transition<()> {
    transition_no_state!(spawn!(transition_no_state!(subscriber!(
        "break",
        on_message!(_ => Err::<(), _>(Failure::value(&format!("it broke: {ENDS}")))?),
    ))))
}
