//! Objects, promises and answers on the page, in a browser.

use marketplace::objects::*;
use marketplace::prelude::*;
use serde_json::json;

use crate::objects::{Agent, Clerk, deadlock, office};
use crate::page::{key, open};
use crate::{HOSTILE, Inspected, settle};

const NO_PROBLEMS: [serde_json::Value; 0] = [];

#[test]
fn o21_it_shows_objects_beside_endpoints() {
    let inspected = Inspected::new(|_| office("ink"));
    settle(&inspected.vat);
    let Some(mut page) = open(&inspected, "") else { return };
    assert_eq!(page.text("#n-objects"), "2");
    let clerk = key(&mut page, "clerk");
    page.eval(&format!("location.hash = '#process={clerk}'"));
    page.until("document.querySelector('[data-part=objects]')");
    let objects = page.text("[data-part=objects]");
    assert!(objects.contains("Clerk ref#") && objects.contains("held by 2"), "{objects}");
    // The object, by a click; its process, by another.
    page.click("[data-part=objects] a.ref");
    page.until("location.hash.startsWith('#ref=')");
    page.until("document.querySelector('#middle h2')?.innerText.startsWith('Clerk ref#')");
    let middle = page.text("#middle");
    assert!(middle.contains("2 in states, closures or hosts"), "{middle}");
    assert!(page.text("[data-part=recent]").contains("quote(\"ink\")"), "{middle}");
    assert!(page.text("#tree .chosen").contains("clerk"));
    page.click("#middle .trail a:last-child");
    page.until(&format!("location.hash === '#process={clerk}'"));
    // The promises that it waits for, and those that it is to settle.
    let agent = key(&mut page, "agent");
    page.eval(&format!("location.hash = '#process={agent}'"));
    page.until("document.querySelector('[data-part=decides]')");
    let decides = page.text("[data-part=decides]");
    assert!(decides.contains("agent") && decides.contains("customer"), "{decides}");
    assert!(page.text("[data-part=waits]").contains("whoever has its resolver"));
    // A reference that is not there any more.
    page.eval("location.hash = '#ref=999999'");
    page.until("document.querySelector('#middle .mark')?.innerText.includes('not there any more')");
    // The filter finds processes by their objects.
    page.eval("(() => { const filter = document.querySelector('#filter'); filter.value = 'clerk ref'; filter.dispatchEvent(new Event('input')); })()");
    let left = page.text("#tree");
    assert!(left.contains("clerk") && !left.contains("agent"), "{left}");
    assert_eq!(page.problems(), NO_PROBLEMS);
}

#[test]
fn o21_it_shows_who_waits_for_whom() {
    let inspected = Inspected::new(|_| office("ink"));
    settle(&inspected.vat);
    let Some(mut page) = open(&inspected, "#waits") else { return };
    page.until("document.querySelectorAll('#waiting .row').length >= 3");
    let rows = page.eval(
        "[...document.querySelectorAll('#waiting .row')].map(row => row.innerText.replaceAll('\\n', ' '))",
    );
    let rows: Vec<_> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap().to_string()).collect();
    // A promise stands above those that wait for it.
    let at =
        |what: &str| rows.iter().position(|row| row.contains(what)).unwrap_or_else(|| panic!("{rows:?}"));
    assert!(at("whoever has its resolver") < at("agent"), "{rows:?}");
    assert!(at("agent") < at("customer"), "{rows:?}");
    assert_eq!(page.eval("document.querySelector('#n-rings').hidden"), true);
    assert_eq!(page.eval("document.querySelector('#to-waits').getAttribute('aria-current')"), "true");
    inspected.vat.send(&"price".to_string()).unwrap();
    page.until("!document.querySelector('#no-waits').hidden");
    assert!(page.text("#no-waits").contains("Nobody waits"));
    assert_eq!(page.problems(), NO_PROBLEMS);
}

#[test]
fn o21_a_ring_is_seen_at_a_glance() {
    let inspected = Inspected::new(|_| transition_no_state!(deadlock(), spawn!(office("ink"))));
    settle(&inspected.vat);
    let Some(mut page) = open(&inspected, "") else { return };
    assert_eq!(page.text("#n-rings"), "1 ring");
    page.press("w");
    page.until("document.querySelector('#waiting .row.quiet.ring')");
    let ring = page.text("#waiting .row.quiet.ring");
    assert!(ring.contains("one") && ring.contains("other") && ring.contains("wait for each other"), "{ring}");
    assert!(!ring.contains("agent") && !ring.contains("clerk"), "{ring}");
    assert!(page.eval("document.querySelectorAll('#waiting path.ring').length").as_u64() >= Some(2));
    // Rings come first, and what waits for nobody in them is no part of them.
    assert_eq!(
        page.eval("[...document.querySelectorAll('#waiting .row')][0].classList.contains('ring')"),
        true
    );
    assert_eq!(page.problems(), NO_PROBLEMS);
}

/// From a message to its answer, and from the answer to who heard it.
#[test]
fn a_click_leads_along_an_answer() {
    let inspected = Inspected::new(|_| office("nothing"));
    settle(&inspected.vat);
    let Some(mut page) = open(&inspected, "") else { return };
    page.until("turns.some(turn => turn.heard === 'hears that a promise gives 1')");
    let heard = page.eval("turns.findLast(turn => turn.heard === 'hears that a promise gives 1').id");
    // The agent answers with a promise: the arrow leads to who heard what that gave.
    let asked = page.eval("turns.find(turn => turn.object && turn.heard.includes('ask(')).id");
    let arrow = format!("document.querySelector('#stream [data-key=\"{asked}\"] .did.back')");
    page.until(&arrow);
    assert_eq!(page.eval(&format!("{arrow}.innerText")), "↩ customer");
    page.eval(&format!("{arrow}.click()"));
    page.until(&format!("location.hash === '#turn={heard}'"));
    page.until("document.querySelector('#causes [data-turn]')");
    let middle = page.text("#middle");
    assert!(middle.contains("answered by agent"), "{middle}");
    // The tree shows the way of the answer. The turn's own list leads to who heard it.
    assert!(page.eval("document.querySelectorAll('#causes path.back').length").as_u64() >= Some(1));
    page.eval(&format!("location.hash = '#turn={asked}'"));
    page.until("document.querySelector('#middle .asked a.led')");
    let asked_for = page.text("#middle dl.told");
    assert!(asked_for.contains("ask(\"nothing\")"), "{asked_for}");
    assert!(asked_for.contains("sends quote(\"nothing\") to Clerk ref#"), "{asked_for}");
    page.until(&format!("document.querySelector('#middle .asked a.led[href=\"#turn={heard}\"]')"));
    assert_eq!(page.problems(), NO_PROBLEMS);
}

/// Types, messages, and the names of those who wait are text.
#[test]
fn what_objects_say_is_text() {
    let inspected = Inspected::new(|_| {
        let (clerk, at_clerk) = spawn_object(Clerk::default());
        let (agent, at_agent) = spawn_object(Agent(at_clerk));
        let (later, resolver) = promise::<Far<Clerk>>();
        let guest = transition_no_state!(
            subscriber!("never", on_message!(_ => resolver.break_because(Reason::value(&0u32)))),
            ask(|cx| at_agent.ask(cx, HOSTILE), |(), _| transition_no_state!()),
            // It waits at a promise, so the dump has the message.
            ask(|cx| later.quote(cx, HOSTILE), |(), _| transition_no_state!()),
        );
        transition_no_state!(
            name_process(HOSTILE, clerk),
            name_process(format!("{HOSTILE} 2"), agent),
            name_process(format!("{HOSTILE} 3"), spawn!(guest)),
            publisher!("never"),
        )
    });
    settle(&inspected.vat);
    let Some(mut page) = open(&inspected, "#waits") else { return };
    page.until("document.querySelector('#waiting')?.innerText.includes('<script>')");
    let references = page.eval("[...index.objects.keys(), ...index.promises.keys()].map(refLink)");
    let processes = page.eval("[...index.processes.keys()].map(processLink)");
    let turns =
        page.eval("turns.filter(turn => turn.heard?.includes('script')).map(turn => turnLink(turn.id))");
    for links in [references, processes, turns] {
        let links = links.as_array().unwrap();
        assert!(!links.is_empty());
        for link in links {
            page.eval(&format!("location.hash = {link}"));
            page.until("document.querySelector('#middle h2')");
        }
    }
    assert!(page.eval("document.body.innerText").as_str().unwrap().contains("onerror"));
    assert_eq!(page.eval("document.querySelectorAll('img').length"), 0);
    assert_eq!(page.eval("document.querySelectorAll('script').length"), 1, "the page's own");
    assert_eq!(page.eval("typeof window.harm"), "undefined");
    assert_eq!(page.problems(), NO_PROBLEMS);
}

/// Rows that are not seen are not there.
#[test]
fn many_who_wait_are_no_trouble() {
    let inspected = Inspected::new(|_| office("ink"));
    settle(&inspected.vat);
    let Some(mut page) = open(&inspected, "#waits") else { return };
    page.eval(
        "(() => {
            const next = structuredClone(dump), by = { vm: [], pid: 1 };
            next.vm.promises = Array.from({ length: 2000 }, (_, at) => ({ ref: 'ref#' + (1e6 + at), is_object: false,
                decider: { is: 'when', by, on: 'ref#' + (1e6 + (at + 1) % 2000) }, waiters: 1, waits: [{ is: 'process', by }], messages: 0, first: null }));
            next.vm.more_promises = 8000;
            ON.dump(next);
            ON.dump = () => {};
        })()",
    );
    assert_eq!(page.text("#n-promises"), "10,000");
    page.until("document.querySelector('#waiting .row.quiet.ring')");
    let rows = page.eval("document.querySelectorAll('#waiting .row').length").as_u64().unwrap();
    assert!(rows < 100, "{rows} rows");
    page.eval("document.querySelector('#waiting').scrollTop = 1e9");
    page.until("document.querySelector('#waiting').innerText.includes('more')");
    let took = page.eval("(() => { const began = performance.now(); drawWaits(); drawBar(); return performance.now() - began; })()");
    println!("a ring of 2,000 promises is drawn in {took:.1} ms");
    assert_eq!(page.eval("dump.vm.promises.length"), json!(2000));
    assert_eq!(page.problems(), NO_PROBLEMS);
}
