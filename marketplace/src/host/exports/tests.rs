//! Exports: exact small ones, hostile names and messages, and large logs.

mod objects;

use serde_json::Value as Json;

use crate::conversation::called::Called;
use crate::conversation::pid::Pid;
use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::symbol::Symbol;
use crate::data::value::Value;
use crate::host::exports::label::label;
use crate::host::exports::{MAX_LABEL, SHIVIZ_TURNS};
use crate::record::log::{Log, LoggedDuct, LoggedTurn, Origin, Produced, ToldHost};
use crate::record::trace::{Heard, Performed};
use crate::{Duct, Message};

/// A turn of a process of the ground VM that heard this.
fn turn(id: u64, cause: u64, pid: u64, body: impl Into<Value>) -> LoggedTurn {
    LoggedTurn {
        id,
        action: 0,
        cause,
        stamp: id,
        origin: None,
        vm: [].into(),
        pid: Pid(pid),
        name: None,
        called: Called::NOTHING,
        heard: Heard::Message(Orientation::Publisher, body.into()),
        duct: LoggedDuct::of(&Duct::EMPTY),
        produced: Vec::new(),
        failed: None,
        unheard: Vec::new(),
        told_host: Vec::new(),
        snapshot: None,
    }
}

fn log(turns: impl IntoIterator<Item = LoggedTurn>) -> Log {
    let mut log = Log::new();
    turns.into_iter().for_each(|turn| log.push(turn));
    log
}

fn number(number: u64) -> Value {
    number.to_value()
}

/// The host says 1 to p0, which says 2 to a process in the VM p2, which fails.
fn small() -> Log {
    let mut first = turn(3, 0, 0, number(1));
    first.produced = vec![Produced { id: 4, action: Performed::Send(Orientation::Publisher, number(2)) }];
    let vm = turn(5, 3, 2, number(2));
    let mut inner = turn(6, 5, 0, number(2));
    inner.vm = [Pid(2)].into();
    inner.name = Some(Symbol::new("app").into());
    inner.failed = Some(Reason::value(&Symbol::new("odd")));
    log([first, vm, inner])
}

#[test]
fn a_flowchart() {
    assert_eq!(
        small().tree(6).unwrap().to_mermaid(),
        r#"flowchart TD
    t3["p0<br/>hears message 1<br/>sends message 2"]
    t5["p2<br/>hears message 2"]
    t6["p2/p0 #39;app<br/>hears message 2<br/>fails#58; odd"]
    t3 --> t5
    t5 --> t6
    classDef failed stroke:#c00,stroke-width:2px
    class t6 failed
"#
    );
}

#[test]
fn a_graph() {
    assert_eq!(
        small().tree(6).unwrap().to_dot(),
        r#"digraph turns {
    node [shape=box, fontname="sans-serif"];
    t3 [label="p0\lhears message 1\lsends message 2\l"];
    t5 [label="p2\lhears message 2\l"];
    t6 [label="p2/p0 'app\lhears message 2\lfails: odd\l", color=red];
    t3 -> t5;
    t5 -> t6;
}
"#
    );
}

#[test]
fn a_sequence_diagram() {
    let expected = "sequenceDiagram
    participant host
    participant p0
    participant p2
    participant p2_p0 as p2/p0 #39;app
    host->>p0: 1
    p0->>p2: 2
    p2->>p2_p0: 2
    Note over p2_p0: fails#58; odd
";
    assert_eq!(small().tree(6).unwrap().to_sequence(), expected);
    assert_eq!(small().to_sequence(&Topic::any()), expected);
    // Of one conversation.
    assert_eq!(
        small().to_sequence(&number(1).into()),
        "sequenceDiagram\n    participant host\n    participant p0\n    host->>p0: 1\n"
    );
}

#[test]
fn a_sequence_diagram_knows_where_things_came_from() {
    let mut feedback = turn(7, 4, 0, number(1));
    feedback.heard = Heard::Message(Orientation::Subscriber, number(1));
    let mut far = turn(8, 0, 0, number(2));
    far.origin = Some(Origin::new(9, 1, 1));
    let mut reply = turn(9, 8, 0, number(3));
    reply.heard = Heard::Reply(number(0), number(3));
    let log = log([feedback, far, reply]);
    assert_eq!(
        log.to_sequence(&Topic::any()),
        "sequenceDiagram
    participant earlier
    participant p0
    participant vat9
    earlier-->>p0: 1
    vat9->>p0: 2
    p0-->>p0: 3
"
    );
    assert!(log.tree(9).unwrap().to_sequence().ends_with("    vat9->>p0: 2\n    p0-->>p0: 3\n"));
}

#[test]
fn a_chrome_trace() {
    assert_eq!(
        small().to_chrome_trace(),
        r#"{"displayTimeUnit":"ns","traceEvents":[
{"ph":"M","pid":1,"tid":1,"name":"process_name","args":{"name":"ground VM"}},
{"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"p0"}},
{"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{"name":"p2"}},
{"ph":"M","pid":2,"tid":3,"name":"process_name","args":{"name":"VM p2"}},
{"ph":"M","pid":2,"tid":3,"name":"thread_name","args":{"name":"p2/p0 'app"}},
{"ph":"X","pid":1,"tid":1,"ts":3,"dur":1,"cat":"turn","name":"hears message 1","args":{"turn":3,"cause":0,"heard":"hears message 1","produced":["sends message 2"]}},
{"ph":"X","pid":1,"tid":2,"ts":5,"dur":1,"cat":"turn","name":"hears message 2","args":{"turn":5,"cause":3,"heard":"hears message 2","produced":[]}},
{"ph":"s","pid":1,"tid":1,"ts":3,"cat":"cause","name":"led to","id":5},
{"ph":"f","pid":1,"tid":2,"ts":5,"cat":"cause","name":"led to","id":5,"bp":"e"},
{"ph":"X","pid":2,"tid":3,"ts":6,"dur":1,"cat":"failed","name":"hears message 2","args":{"turn":6,"cause":5,"heard":"hears message 2","produced":[],"failed":"odd"}},
{"ph":"s","pid":1,"tid":2,"ts":5,"cat":"cause","name":"led to","id":6},
{"ph":"f","pid":2,"tid":3,"ts":6,"cat":"cause","name":"led to","id":6,"bp":"e"}]}
"#
    );
}

#[test]
fn a_chrome_trace_says_from_which_vat() {
    let mut far = turn(8, 0, 0, number(2));
    far.origin = Some(Origin::new(9, 5, 7));
    let trace: Json = serde_json::from_str(&log([far]).to_chrome_trace()).unwrap();
    let from = &trace["traceEvents"][2]["args"]["from"];
    assert_eq!((&from["vat"], &from["turn"], &from["stamp"]), (&9.into(), &5.into(), &7.into()));
}

#[test]
fn a_shiviz_log() {
    assert_eq!(
        small().to_shiviz(),
        r#"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)

p0 {"p0":1}
hears message 1
p2 {"p0":1,"p2":1}
hears message 2
p2/p0:app {"p0":1,"p2":1,"p2/p0:app":1}
hears message 2, fails: odd
"#
    );
}

#[test]
fn vector_clocks_join_what_a_process_knew_with_what_led_to_its_turn() {
    let turns = [turn(1, 0, 0, number(0)), turn(2, 0, 1, number(0)), turn(3, 2, 2, number(0))];
    let last = [turn(4, 1, 2, number(0)), turn(5, 1, 1, number(0))];
    let text = log(turns.into_iter().chain(last)).to_shiviz();
    let clocks: Vec<_> = text.lines().skip(2).step_by(2).collect();
    assert_eq!(
        clocks,
        [
            r#"p0 {"p0":1}"#,
            r#"p1 {"p1":1}"#,
            r#"p2 {"p1":1,"p2":1}"#,
            r#"p2 {"p0":1,"p1":1,"p2":2}"#,
            r#"p1 {"p0":1,"p1":2}"#,
        ]
    );
}

#[test]
fn a_label_is_one_line_of_bounded_length() {
    assert_eq!(
        label("two\nlines, a \0, \u{202e}turned\u{200b}"),
        r"two\nlines, a \u{0}, \u{202e}turned\u{200b}"
    );
    assert_eq!(label("ż".repeat(MAX_LABEL)), "ż".repeat(MAX_LABEL));
    let cut = label("ż".repeat(MAX_LABEL + 1));
    assert_eq!(cut, "ż".repeat(MAX_LABEL - 1) + "…");
    assert_eq!(label("\n".repeat(MAX_LABEL)).chars().count(), MAX_LABEL);
    // However it is written piece by piece.
    assert_eq!(label(format_args!("{}{}", "a".repeat(MAX_LABEL), "b")), "a".repeat(MAX_LABEL - 1) + "…");
}

const HOSTILE: [&str; 9] = [
    r#""];a-->b["x"#,
    "line\nend\r\nt1 --> t2",
    "<script>alert(1)</script>",
    r"back\slash\",
    "--> %% comment ;",
    "nul \0 and \u{1b}[31m",
    "#quot; &quot; `md` __b__ *i* {\"a\":1}",
    "zażółć 漢字 🦀 \u{202e}rtl \u{2028} \u{2029}",
    "style a: #1; ] } ) |",
];

/// Turns whose names, messages and failures are hostile.
fn hostile() -> Log {
    let all = HOSTILE.iter().zip(1..).map(|(text, id)| {
        // A symbol prints as it is.
        let mut turn = turn(id, id - 1, id, Value::from(&Symbol::new(text)));
        turn.name = Some(Value::record(*text, [text.to_string().to_value()]));
        turn.failed = Some(Reason::value(&text.to_string()));
        turn.produced = vec![Produced { id: 0, action: Performed::AtMetaLevel(text.to_string()) }];
        turn
    });
    log(all)
}

#[test]
fn in_mermaid_nothing_hostile_means_anything() {
    let log = hostile();
    let tree = log.tree(HOSTILE.len() as u64).unwrap();
    let chart = tree.to_mermaid();
    // A line for each node, arrow and failed turn, one for the style, and one above.
    assert_eq!(chart.lines().count(), 3 * HOSTILE.len() - 1 + 2, "{chart}");
    for line in chart.lines().filter(|line| line.contains('[')) {
        let label = line.split_once("[\"").and_then(|(_, rest)| rest.strip_suffix("\"]")).expect(line);
        label.split("<br/>").for_each(plain);
    }
    let diagram = tree.to_sequence();
    assert_eq!(diagram.lines().count(), 1 + 1 + 3 * HOSTILE.len(), "{diagram}");
    for line in diagram.lines() {
        if let Some((_, text)) = line.split_once(": ").or_else(|| line.split_once(" as ")) {
            plain(text);
        }
    }
}

/// Nothing but letters, digits, some signs, and characters as numbers.
fn plain(text: &str) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '#' {
            let (number, after) = rest.split_once(';').expect(text);
            assert!(number.parse::<u32>().is_ok(), "{text}");
            rest = after;
        } else {
            assert!(c.is_alphanumeric() || " .,/()=+-…".contains(c), "{c:?} in {text}");
        }
    }
}

#[test]
fn in_a_graph_nothing_hostile_means_anything() {
    let log = hostile();
    let dot = log.tree(HOSTILE.len() as u64).unwrap().to_dot();
    assert_eq!(dot.lines().count(), 2 * HOSTILE.len() - 1 + 3, "{dot}");
    for line in dot.lines().filter(|line| line.contains("label")) {
        let label = line.split_once("label=\"").and_then(|(_, rest)| rest.strip_suffix("\", color=red];"));
        let mut chars = label.expect(line).chars();
        while let Some(c) = chars.next() {
            assert!(!matches!(c, '"' | '<' | '>') && !c.is_control(), "{line}");
            if c == '\\' {
                assert!(matches!(chars.next(), Some('"' | '\\' | 'l')), "{line}");
            }
        }
    }
}

#[test]
fn a_chrome_trace_of_a_hostile_program_is_json_and_says_what_it_said() {
    let text = hostile().to_chrome_trace();
    assert!(!text.contains("<script>"), "{text}");
    let trace: Json = serde_json::from_str(&text).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let slices: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
    assert_eq!(slices.len(), HOSTILE.len());
    for (slice, text) in slices.iter().zip(HOSTILE) {
        assert_eq!(slice["args"]["failed"], label(text).as_str());
        assert_eq!(slice["args"]["produced"][0], label(format_args!("at meta level: {text}")).as_str());
    }
}

#[test]
fn a_shiviz_log_of_a_hostile_program_has_two_lines_a_turn() {
    let text = hostile().to_shiviz();
    let lines: Vec<_> = text.split('\n').skip(2).collect();
    assert_eq!(lines.len(), 2 * HOSTILE.len() + 1);
    for line in lines.chunks_exact(2) {
        let (host, clock) = line[0].split_once(' ').unwrap();
        let clock: Json = serde_json::from_str(clock).unwrap();
        assert_eq!(clock[host], 1, "{line:?}");
        assert!(!host.contains(['<', '>', '"', '&']), "{host}");
    }
}

/// Unoptimized, a million take a minute.
#[test]
fn a_large_log_is_exported_without_recursion_and_in_linear_time() {
    const TURNS: u64 = if cfg!(debug_assertions) { 40_000 } else { 1_000_000 };
    // A chain, and at each tenth turn of it a fan.
    let cause = |id: u64| if id.is_multiple_of(10) { id.saturating_sub(10) } else { id / 10 * 10 };
    let mut log = Log::new();
    log.resize(TURNS as usize);
    (1..=TURNS).for_each(|id| log.push(turn(id, cause(id), id, number(id))));
    let tree = log.tree(TURNS).unwrap();
    let turns = tree.turns().len();
    assert_eq!(tree.turns().last().map(|(depth, _)| *depth), Some(TURNS as usize / 10 - 1));
    assert_eq!(tree.to_mermaid().lines().count(), 2 * turns);
    assert_eq!(tree.to_dot().lines().count(), 2 * turns + 2);
    assert_eq!(tree.to_sequence().lines().count(), 2 * turns + 2);
    assert_eq!(log.to_chrome_trace().matches("\"ph\":\"X\"").count(), TURNS as usize);
    // The newest.
    let shiviz = log.to_shiviz();
    assert_eq!(shiviz.lines().count(), 2 + 2 * SHIVIZ_TURNS);
    assert!(shiviz.ends_with(&format!("hears message {TURNS}\n")));
}
