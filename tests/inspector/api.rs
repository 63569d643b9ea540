//! The answers of the API, and the effects of requests.

use marketplace::log::LoggedTurn;
use marketplace::prelude::*;
use serde_json::{Value, json};

use crate::http::Site;
use crate::{BREAK, HOSTILE, Inspected, room, settle};

pub(crate) fn process<'d>(vm: &'d Value, name: &str) -> &'d Value {
    // A text, or a symbol.
    let names = [format!("{name:?}"), format!("'{name}")];
    let processes = vm["processes"].as_array().unwrap();
    let mut found = processes.iter().filter(|process| names.iter().any(|name| process["name"] == *name));
    found.next().unwrap_or_else(|| panic!("no {name} in {vm:#}"))
}

fn dump(site: &Site) -> Value {
    site.get("/api/dump").json()
}

#[test]
fn a_dump_says_what_there_is() {
    let inspected = Inspected::new(|_| room());
    let dump = dump(&inspected.site);
    assert_eq!(
        (&dump["vat"], &dump["paused"], &dump["logging"]),
        (&json!("test"), &json!(false), &json!(true))
    );
    assert!(dump["turns"].as_u64().unwrap() > 0);
    let ground = &dump["vm"];
    assert_eq!((&ground["path"], &ground["name"], &ground["queue"]), (&json!([]), &Value::Null, &json!([])));
    let room = process(ground, "room");
    let inside = &room["vm"];
    assert_eq!((&inside["path"], &inside["name"]), (&json!([room["pid"]]), &json!("'room")));
    assert_eq!(process(ground, "fragile")["vm"], Value::Null);

    let (host, ann) = (process(inside, "host"), process(inside, "ann"));
    assert_eq!((&ann["function"], &host["function"]), (&json!("guest()"), &Value::Null));
    let (listens, is_here) = (&host["endpoints"][0], &ann["endpoints"][0]);
    assert_eq!(listens["topic"], "Here(_)");
    assert_eq!(
        (&listens["orientation"], &listens["interest"]),
        (&json!("subscriber"), &json!("participant"))
    );
    assert_eq!(is_here["orientation"], "publisher");
    // The peers that are present to an endpoint.
    let hostile = process(inside, HOSTILE);
    assert_eq!(listens["peers"], json!([is_here["id"], hostile["endpoints"][0]["id"]]));
    assert_eq!(listens["present"], 2);
    assert_eq!(is_here["peers"], json!([listens["id"]]));
    // Ann's bell is an endpoint of the room, further out.
    assert_eq!(ann["outer"][0]["levels"], 1);
    let bells = room["endpoints"].as_array().unwrap();
    assert!(
        bells.iter().any(|bell| bell["name"] == ann["outer"][0]["outside"] && bell["topic"] == "\"bell\"")
    );
    assert_eq!(inside["endpoints"], 5);
}

#[test]
fn a_tree_says_what_led_to_what() {
    let inspected = Inspected::new(|_| room());
    inspected.vat.send(&"bell".to_string()).unwrap();
    settle(&inspected.vat);
    let rang =
        |turn: &&LoggedTurn| turn.name == Some("ann".into()) && turn.heard.to_string().contains("bell");
    let rang = inspected.vat.inspect(move |debugger| debugger.log().turns().rfind(rang).unwrap().id).unwrap();
    let tree = inspected.site.get(&format!("/api/tree?turn={rang}")).json();
    let turns = tree["turns"].as_array().unwrap();
    let said: Vec<_> = turns.iter().map(|turn| turn["heard"].as_str().unwrap()).collect();
    assert!(said.contains(&r#"hears message "bell""#), "{said:?}");
    assert_eq!((&turns[0]["cause"], &tree["more"]), (&json!(0), &json!(0)));
    let stamps: Vec<_> = turns.iter().map(|turn| turn["stamp"].as_u64().unwrap()).collect();
    assert!(stamps.is_sorted());
    for turn in &turns[1..] {
        assert!(turns.iter().any(|other| other["id"] == turn["cause"]), "{turn}");
    }
    let rang = turns.iter().find(|turn| turn["id"] == rang).unwrap();
    assert_eq!((&rang["name"], &rang["function"]), (&json!("\"ann\""), &json!("guest()")));
    assert_eq!(rang["produced"][0]["action"], r#"sends message Heard("ann")"#);
    assert_eq!(
        (&rang["failed"], &rang["duct"], &rang["far_stamp"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn a_failure_and_a_duct_and_a_state_are_told() {
    let inspected = Inspected::new(|_| {
        let answers = subscriber!(_, match_duct!(duct => on_message!(n: u32 => give(&duct, &(n + 1)))));
        transition!(7u32, peekable(), answers, room_spawn())
    });
    let site = &inspected.site;
    let mut answers = inspected.vat.pass(Pid::BOOT, "reply", &1u32).unwrap();
    assert_eq!(answers.wait().unwrap(), Some(Ok(2u32.to_value())));
    inspected.vat.send(&BREAK.to_string()).unwrap();
    settle(&inspected.vat);
    let turns = |site: &Site| {
        let mut events = site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
        events.until("turn", |_| true)
    };
    let turns = turns(site);
    let find = |heard: &str| turns.as_array().unwrap().iter().find(|turn| turn["heard"] == heard).unwrap();
    let asked = find("hears message 1");
    assert_eq!((&asked["duct"], &asked["state"]), (&json!(["//reply"]), &json!("7")));
    assert_eq!(asked["produced"][0]["action"], "gives 2");
    let broke = turns
        .as_array()
        .unwrap()
        .iter()
        .find(|turn| turn["name"] == "\"fragile\"" && turn["failed"] != Value::Null);
    assert_eq!(broke.unwrap()["failed"], "it broke");
}

fn room_spawn() -> ActionTree<u32> {
    actions![name_process(
        "fragile",
        spawn!(transition_no_state!(subscriber!(
            "break",
            on_message!(_ => Err::<(), _>(Failure::value(&"it broke".to_string()))?),
        )))
    )]
}

#[test]
fn paused_it_waits_to_be_stepped_and_goes_on_when_it_may() {
    let inspected = Inspected::new(|_| room());
    let site = &inspected.site;
    assert_eq!(site.post("/api/step", "").error(), "it is running: pause it first");
    assert_eq!(site.post("/api/pause", "").status, 204);
    assert_eq!(dump(site)["paused"], true);
    inspected.vat.inspect(|debugger| debugger.send(&[], &"bell".to_string())).unwrap();
    let waiting = dump(site);
    assert_eq!((&waiting["vm"]["queued"], &waiting["vm"]["queue"][0]["pid"]), (&json!(1), &Value::Null));
    assert_eq!(waiting["vm"]["queue"][0]["action"], r#"sends message "bell""#);
    let turns = waiting["turns"].as_u64();
    assert_eq!(site.post("/api/step?n=1", "").status, 204);
    let stepped = dump(site);
    assert!(stepped["turns"].as_u64() > turns);
    assert_eq!(stepped["paused"], true);
    // More than there is to do.
    assert_eq!(site.post("/api/step?n=10000", "").status, 204);
    assert_eq!(dump(site)["vm"]["queued"], 0);
    let nothing = site.post("/api/step", "");
    assert_eq!(nothing.status, 409);
    assert!(nothing.error().starts_with("nothing is queued"));
    assert_eq!(site.post("/api/run", "").status, 204);
    assert_eq!(dump(site)["paused"], false);
}

#[test]
fn killed_it_goes_and_the_reason_is_heard() {
    let inspected = Inspected::new(|_| room());
    let site = &inspected.site;
    let before = dump(site);
    let room = process(&before["vm"], "room");
    let (path, pid) = (&room["vm"]["path"], &process(&room["vm"], "ann")["pid"]);
    let kill = json!({"vm": path, "pid": pid, "reason": "closing time"});
    let mut events = site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    assert_eq!(site.post("/api/kill", &kill.to_string()).status, 204);
    let gone = |dump: &Value| {
        let inside = process(&dump["vm"], "room")["vm"]["processes"].as_array().unwrap().clone();
        !inside.iter().any(|process| process["name"] == "\"ann\"")
    };
    let turns = events.until("turn", |turns| {
        turns.as_array().unwrap().iter().any(|turn| turn["heard"].as_str().unwrap().contains("closing time"))
    });
    assert!(turns.to_string().contains("hears absence of publisher"), "{turns:#}");
    assert!(gone(&dump(site)));
    assert_eq!(site.post("/api/kill", &kill.to_string()).status, 404);
}

#[test]
fn the_log_is_turned_off_and_on() {
    let inspected = Inspected::new(|_| room());
    let site = &inspected.site;
    assert_eq!(site.post("/api/log", r#"{"on": false}"#).status, 204);
    let before = dump(site);
    inspected.vat.call(|_| ()).unwrap();
    let after = dump(site);
    assert_eq!((&after["logging"], &after["turns"]), (&json!(false), &before["turns"]));
    assert_eq!(site.post("/api/log", r#"{"on": true}"#).status, 204);
    inspected.vat.call(|_| ()).unwrap();
    assert!(dump(site)["turns"].as_u64() > before["turns"].as_u64());
}
