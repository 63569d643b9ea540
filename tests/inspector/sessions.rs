//! The states of processes, as they show them: those of sessions with other machines, too.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_captp::netlayer::tcp_testing_only;
use marketplace_captp::wire::Sturdyref;
use marketplace_captp::{enliven, peer};
use serde_json::{Value, json};

use crate::Inspected;
use crate::api::process;

#[derive(Message, Clone, Debug, PartialEq)]
struct Put(i64);

#[derive(Clone, Debug)]
struct Chest {
    gold: i64,
}

fn chest() -> Transition<Chest> {
    transition!(
        Chest { gold: 20 },
        peekable(),
        subscriber!(
            Put(_),
            match_state!(chest: Chest => on_message!(Put(n) => transition!(Chest { gold: chest.gold + n })))
        ),
    )
}

fn state(inspected: &Inspected, key: &str) -> Value {
    let answer = inspected.site.get(&format!("/api/state?process={key}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["state"].clone()
}

#[test]
fn a_process_is_looked_at_as_it_is_now() {
    let inspected = Inspected::new(|_| {
        transition_no_state!(
            name_process("chest", spawn!(chest())),
            spawn_vm!(
                name: "room";
                name_process("inner", spawn!(chest())),
                at_meta_level!(subscriber!("never")),
            ),
            name_process("closed", spawn!(transition!(7u8, subscriber!(Put(_))))),
        )
    });
    inspected.vat.send(&Put(3)).unwrap();
    crate::settle(&inspected.vat);
    let dump = inspected.site.get("/api/dump").json();
    let key = |process: &Value| process["pid"].to_string();
    let room = process(&dump["vm"], "room");
    let chest = key(process(&dump["vm"], "chest"));
    let inner = format!("{}/{}", key(room), key(process(&room["vm"], "inner")));
    assert_eq!(state(&inspected, &chest), "Chest {\n    gold: 23,\n}");
    assert_eq!(state(&inspected, &inner), "Chest {\n    gold: 20,\n}");
    // It shows none, or is not there.
    assert_eq!(state(&inspected, &key(process(&dump["vm"], "closed"))), Value::Null);
    for nobody in ["1000", "1000/1", &format!("{chest}/1"), "18446744073709551615"] {
        assert_eq!(state(&inspected, nobody), Value::Null, "{nobody}");
    }
    for wrong in ["", "x", "1/", "/1", "-1", "18446744073709551616"] {
        let answer = inspected.site.get(&format!("/api/state?process={wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
    }
    // Also while it is stopped.
    assert_eq!(inspected.site.post("/api/pause", "").status, 204);
    assert_eq!(state(&inspected, &chest), "Chest {\n    gold: 23,\n}");
}

/// Keeps some waiting, and makes others.
struct Desk;

#[object]
impl Desk {
    fn waits(&self, cx: &Cx<Self>) -> Promise<u64> {
        let (promise, resolver) = cx.promise();
        // Nobody settles it: the process keeps the resolver as long as it lives.
        std::mem::forget(resolver);
        promise
    }

    fn many(&self, cx: &Cx<Self>, count: u64) -> Vec<Far<Self>> {
        (0..count).map(|_| cx.make(Self)).collect()
    }
}

/// A vat whose desk is published, over a socket; and one that is inspected, which has it.
struct Machines {
    _bank: Vat,
    swiss: String,
    shop: Inspected,
    desk: Far<Desk>,
}

fn machines() -> Machines {
    let (spawn, at_bank) = peer(tcp_testing_only::netlayer().unwrap());
    let bank = Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn)).unwrap();
    let desk = bank.spawn_object(Desk).unwrap();
    let uri = bank.ask(|cx| at_bank.publish(cx, &desk)).wait().unwrap();
    let swiss = String::from_utf8(Sturdyref::parse(&uri).unwrap().swiss.to_vec()).unwrap();
    let (spawn, at_shop) = peer(tcp_testing_only::netlayer().unwrap());
    let address = uri.clone();
    let shop = Inspected::new(move |_| {
        let clerk = transition!(address, peekable(), subscriber!("never"));
        transition_no_state!(spawn, name_process("clerk", spawn!(clerk)))
    });
    let desk = shop.vat.ask(|cx| enliven::<Desk>(cx, &at_shop, &uri)).wait().unwrap();
    Machines { _bank: bank, swiss, shop, desk }
}

impl Machines {
    /// The key of a process of the shop, by its name.
    fn key(&self, name: &str) -> String {
        let dump = self.shop.site.get("/api/dump").json();
        process(&dump["vm"], name)["pid"].to_string()
    }
}

#[test]
fn k14_what_the_tables_of_a_session_hold_is_shown() {
    let machines = machines();
    let Machines { shop, desk, .. } = &machines;
    let _asked = shop.vat.ask(|cx| desk.waits(cx));
    crate::settle(&shop.vat);
    let session = machines.key("captp-session");
    let shown = state(shop, &session);
    let shown = shown.as_str().unwrap();
    let holds = |what: &str| assert!(shown.contains(what), "{what} in {shown}");
    assert!(shown.starts_with("ocapn://"), "{shown}");
    [", dialled by us\n", "imports: 2\n", "exports: ", "questions: 1\n", "answers: 0\n"]
        .into_iter()
        .for_each(holds);
    holds(&format!("  1: import {desk:?}, counted 1\n"));
    let hub = state(shop, &machines.key("captp-hub"));
    let hub = hub.as_str().unwrap();
    assert!(hub.contains("published: 0\n") && hub.ends_with(": 0 gifts here, 0 waited for"), "{hub}");
}

#[test]
fn k14_of_a_long_table_the_first_rows_are_shown() {
    let machines = machines();
    let Machines { shop, desk, .. } = &machines;
    let many = shop.vat.ask(|cx| desk.many(cx, 150)).wait().unwrap();
    let shown = state(shop, &machines.key("captp-session"));
    let shown = shown.as_str().unwrap();
    assert!(shown.contains("imports: 152\n  0: import"), "{shown}");
    assert!(shown.contains(&format!("{:?}, counted 1\n  52 more\n", many[97])), "{shown}");
    assert!(shown.len() < 64 * 1024);
}

/// A process that has kept an address as text shows it so, too.
#[test]
fn k11_no_swiss_number_is_shown() {
    let machines = machines();
    let Machines { shop, swiss, .. } = &machines;
    let names = ["captp-session", "captp-hub", "clerk"];
    let mut shown: Vec<_> = names.iter().map(|name| state(shop, &machines.key(name)).to_string()).collect();
    assert!(shown[2].contains("/s/.."), "{}", shown[2]);
    shown.push(shop.site.get("/api/dump").body);
    shown.push(shop.site.events().ok().unwrap().until("turn", |_| true).to_string());
    for shown in shown {
        assert!(!shown.contains(swiss.as_str()), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn k14_the_page_shows_the_rows_of_a_session() {
    let machines = machines();
    let Machines { shop, desk, swiss, .. } = &machines;
    let Some(mut page) = crate::page::open(shop, "") else { return };
    let session = machines.key("captp-session");
    page.eval(&format!("location.hash = '#process={session}'"));
    let text = "document.querySelector('.state-text')?.innerText";
    page.until(&format!("{text}?.includes('questions: 0')"));
    let shown = page.text(".state-text");
    assert!(shown.contains(&format!("1: import {desk:?}, counted 1")), "{shown}");
    // It is shown anew when something has changed.
    let _asked = shop.vat.ask(|cx| desk.waits(cx));
    page.until(&format!("{text}.includes('questions: 1')"));
    // A reference leads to what it stands for.
    page.click(".state-text a");
    page.until("choice.kind === 'ref' && !document.querySelector('.state-text')");
    page.eval(&format!("location.hash = '#process={session}'"));
    page.until(&format!("{text}?.includes('imports: 2')"));
    // A process that shows nothing has no such part; the one of before is gone.
    let relay = machines.key("event-relay");
    page.eval(&format!("location.hash = '#process={relay}'"));
    page.until(&format!("shownState.key === '{relay}'"));
    assert_eq!(page.eval("shownState.text"), Value::Null);
    assert_eq!(page.eval("document.querySelector('.state-text')"), Value::Null);
    page.eval(&format!("location.hash = '#process={session}'"));
    page.until(&format!("{text}?.includes('imports: 2')"));
    assert!(!page.eval("document.documentElement.innerHTML").to_string().contains(swiss.as_str()));
    assert_eq!(page.problems(), [] as [Value; 0]);
    assert_eq!(page.eval("document.querySelectorAll('script').length"), json!(1), "the page's own");
}
