//! Deliveries and answers of objects in exports (O7).

use super::*;

/// The host says 1 to p0, which calls an object of p1 twice: it answers, and the host hears that,
/// too; and it answers with an error. Gives the log, and how the object prints.
fn objects() -> (Log, String) {
    let (object, _here) = crate::objects::reference::<()>();
    let object: &Reference = object.as_ref();
    let call = |amount| Value::sequence([Symbol::new("pay").into(), number(amount)]);
    let first = turn(3, 0, 0, number(1));
    let mut pays = turn(5, 3, 1, number(0));
    pays.heard = Heard::Sent(object.shown(), call(4));
    pays.told_host = vec![ToldHost { action: 6, stamp: 7, heard: Ok(number(7)) }];
    let mut gets = turn(7, 5, 0, number(0));
    gets.heard = Heard::Settled(Ok(number(7)));
    let mut fails = turn(8, 3, 1, number(0));
    fails.heard = Heard::Sent(object.shown(), call(9));
    let mut breaks = turn(9, 8, 0, number(0));
    breaks.heard = Heard::Settled(Err(Reason::value(&Symbol::new("odd"))));
    (log([first, pays, gets, fails, breaks]), format!("{object:?}"))
}

#[test]
fn o7_deliveries_and_answers_in_a_sequence_diagram() {
    let (log, _) = objects();
    let expected = "sequenceDiagram
    participant host
    participant p0
    participant p1
    host->>p0: 1
    p0-)p1: pay(4)
    p1--)p0: 7
    p1--)host: 7
    p0-)p1: pay(9)
    p1--xp0: odd
";
    assert_eq!(log.to_sequence(&Topic::any()), expected);
    assert_eq!(log.tree(9).unwrap().to_sequence(), expected);
    // Of one conversation.
    assert_eq!(
        log.to_sequence(&number(7).into()),
        "sequenceDiagram
    participant p1
    participant p0
    participant host
    p1--)p0: 7
    p1--)host: 7
"
    );
}

#[test]
fn o7_deliveries_and_answers_in_a_flowchart() {
    let (log, object) = objects();
    assert_eq!(
        log.tree(9).unwrap().to_mermaid().replace(&object.replace('#', "#35;"), "it"),
        r#"flowchart TD
    t3["p0<br/>hears message 1"]
    t5["p1<br/>hears pay(4) as it"]
    h6["host hears the answer 7"]
    t7["p0<br/>hears that a promise gives 7"]
    t8["p1<br/>hears pay(9) as it"]
    t9["p0<br/>hears that a promise is broken#58; odd"]
    t3 ==>|delivery| t5
    t5 -.->|answer| t7
    t3 ==>|delivery| t8
    t8 -.->|no answer| t9
    t5 -.->|answer| h6
"#
    );
}

#[test]
fn o7_deliveries_and_answers_in_a_graph() {
    let (log, object) = objects();
    assert_eq!(
        log.tree(9).unwrap().to_dot().replace(&object, "it"),
        r#"digraph turns {
    node [shape=box, fontname="sans-serif"];
    t3 [label="p0\lhears message 1\l"];
    t5 [label="p1\lhears pay(4) as it\l"];
    h6 [label="host hears the answer 7\l"];
    t7 [label="p0\lhears that a promise gives 7\l"];
    t8 [label="p1\lhears pay(9) as it\l"];
    t9 [label="p0\lhears that a promise is broken: odd\l"];
    t3 -> t5 [label="delivery", style=bold];
    t5 -> t7 [label="answer", style=dashed];
    t3 -> t8 [label="delivery", style=bold];
    t8 -> t9 [label="no answer", style=dashed, color=red];
    t5 -> h6 [label="answer", style=dashed];
}
"#
    );
}

#[test]
fn o7_deliveries_and_answers_in_a_chrome_trace() {
    let trace: Json = serde_json::from_str(&objects().0.to_chrome_trace()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let arrows: Vec<_> = events
        .iter()
        .filter(|event| event["ph"] == "f")
        .map(|event| (event["id"].as_u64().unwrap(), event["name"].as_str().unwrap()))
        .collect();
    let expected = [(5, "delivery"), (6, "answer"), (7, "answer"), (8, "delivery"), (9, "no answer")];
    assert_eq!(arrows, expected);
    let rows = |kind: &str| {
        events.iter().filter(|event| event["name"] == kind && event["args"]["name"] == "host").count()
    };
    assert_eq!((rows("process_name"), rows("thread_name")), (1, 1));
    assert_eq!(events.iter().filter(|event| event["cat"] == "host").count(), 1);
}

/// Two of the host have asked for one promise.
#[test]
fn o7_each_who_hears_an_answer_of_the_host_has_an_id() {
    let mut answers = turn(3, 0, 0, number(1));
    let told = |action| ToldHost { action, stamp: 3, heard: Ok(number(7)) };
    answers.told_host = vec![told(4), told(4), told(5)];
    let mut later = turn(6, 3, 0, number(2));
    later.told_host = vec![told(7)];
    let log = log([answers, later]);
    let lines = |text: &str, begin: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim);
        lines.filter(|line| line.starts_with(begin)).map(ToString::to_string).collect()
    };
    let tree = log.tree(6).unwrap();
    let ids = ["h4", "h4_1", "h5", "h7"];
    for (text, open, arrow) in [(tree.to_dot(), " [", "-> h"), (tree.to_mermaid(), "[", "| h")] {
        for id in ids {
            assert_eq!(lines(&text, &format!("{id}{open}")).len(), 1, "{id} in {text}");
        }
        assert_eq!(text.matches(arrow).count(), ids.len(), "{text}");
    }
    let trace: Json = serde_json::from_str(&log.to_chrome_trace()).unwrap();
    let arrows = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "f");
    let mut numbers: Vec<_> = arrows.map(|event| event["id"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 5, "four answers, and the turn: {numbers:?}");
}

#[test]
fn o7_deliveries_and_answers_in_a_shiviz_log() {
    let (log, object) = objects();
    assert_eq!(
        log.to_shiviz().replace(&object, "it"),
        r#"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)

p0 {"p0":1}
hears message 1
p1 {"p0":1,"p1":1}
hears pay(4) as it
host {"p0":1,"p1":1,"host":1}
host hears the answer 7
p0 {"p0":2,"p1":1}
hears that a promise gives 7
p1 {"p0":1,"p1":2}
hears pay(9) as it
p0 {"p0":3,"p1":2}
hears that a promise is broken: odd
"#
    );
}
