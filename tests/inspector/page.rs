//! The page, in a browser.

use marketplace::prelude::*;
use serde_json::json;

use crate::browser::Browser;
use crate::events::{Count, ENDS, breaks, countdown};
use crate::{BREAK, HOSTILE, Inspected, room};

/// The page of a program, opened.
pub(crate) fn open(inspected: &Inspected, fragment: &str) -> Option<Browser> {
    let mut page = Browser::start()?;
    page.open(&format!("{}{fragment}", inspected.url));
    Some(page)
}

/// The address of a process, by its name.
pub(crate) fn key(page: &mut Browser, name: &str) -> String {
    let find = format!(
        "[...index.processes.values()].find(({{process}}) => plainName(process.name) === {name:?}).key"
    );
    page.eval(&find).as_str().unwrap().to_string()
}

#[test]
fn it_shows_who_there_is_and_who_is_present_to_whom() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    assert_eq!(page.text("#program"), "test");
    assert_eq!(page.text("#state"), "running");
    let tree = page.text("#tree");
    for name in ["ground VM", "event-relay", "room", "host", "ann", "fragile"] {
        assert!(tree.contains(name), "{name} in {tree}");
    }
    let address = page.eval("location.href").as_str().unwrap().to_string();
    assert_eq!(
        address,
        format!("http://{}/", inspected.site.address),
        "the token is not left in the address"
    );

    // A process, by the address; its peer, by a click.
    let (ann, host) = (key(&mut page, "ann"), key(&mut page, "host"));
    page.open(&format!("{}#process={host}", inspected.url));
    page.until("document.querySelector('#middle h2')?.innerText.startsWith('host')");
    assert!(page.text("#middle").contains("Here(_)"));
    page.click(&format!("#middle .peers a[href='#process={ann}']"));
    page.until("document.querySelector('#middle h2').innerText.startsWith('ann')");
    assert_eq!(page.eval("location.hash"), format!("#process={ann}"));
    assert!(page.text("#middle").contains("further out") || page.text("#middle").contains("Endpoints"));
    assert!(page.text("#tree .chosen").contains("ann"));

    // The VM; a process that never was; and nonsense.
    page.click("#middle .trail a:last-child");
    page.until("document.querySelector('#middle h2').innerText.startsWith('room')");
    assert!(page.text("#middle").contains("Topics"));
    page.eval("location.hash = '#process=2/1000'");
    page.until("document.querySelector('#middle .mark')?.innerText === 'gone'");
    page.eval("location.hash = '#turn=1e9'");
    page.until("document.querySelector('#middle h2')?.innerText === 'Ground VM'");
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
}

fn clerk() -> Transition<()> {
    transition_no_state!(subscriber!("order", on_message!("order" => quit())))
}

#[test]
fn a_process_without_a_name_goes_by_the_function_that_booted_it() {
    let inspected = Inspected::new(|_| transition_no_state!(spawn!(clerk()), publisher!("order")));
    let Some(mut page) = open(&inspected, "") else { return };
    assert!(page.text("#tree").contains("clerk()"));
    let key = page
        .eval("[...index.processes.values()].find(({process}) => process.function === 'clerk()').key")
        .as_str()
        .unwrap()
        .to_string();
    page.eval(&format!("location.hash = '#process={key}'"));
    page.until("document.querySelector('#middle h2')?.innerText.startsWith('clerk()')");
    // So does one that is gone, by its turns.
    inspected.vat.send(&"order".to_string()).unwrap();
    page.until("document.querySelector('#middle .mark')?.innerText === 'gone'");
    assert!(page.text("#middle h2").starts_with("clerk()"));
    let turn = page.eval("turns.findLast(turn => turn.function === 'clerk()').id");
    page.eval(&format!("location.hash = '#turn={turn}'"));
    page.until("document.querySelector('#causes [data-turn]')");
    assert!(page.text("#middle h2").starts_with("clerk()"));
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
}

/// The browser's own print of the page says the same as its elements.
#[test]
fn what_the_program_says_is_text() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    inspected.vat.send(&"bell".to_string()).unwrap();
    page.until("turns.some(turn => turn.heard.includes('bell'))");
    let hostile = key(&mut page, HOSTILE);
    for fragment in [format!("#process={hostile}"), "#vm".into()] {
        page.eval(&format!("location.hash = {fragment:?}"));
        page.until("document.querySelector('#middle h2')");
    }
    let turn = page.eval("turns.findLast(turn => turn.name?.includes('script')).id");
    page.eval(&format!("location.hash = '#turn={turn}'"));
    page.until("document.querySelector('#causes [data-turn]')");
    assert!(page.text("#middle h2").starts_with(HOSTILE));
    assert!(page.text("#tree").contains(HOSTILE));
    assert_eq!(page.eval("document.querySelectorAll('script').length"), 1, "the page's own");
    assert_eq!(page.eval("document.querySelectorAll('img').length"), 0);
    assert_eq!(page.eval("typeof window.harm"), "undefined");
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
    // Should the page ever try to make markup of it, the browser refuses.
    let refused = page.eval(
        "(() => { try { document.body.innerHTML = '<b>x</b>'; return false; } catch { return true; } })()",
    );
    assert_eq!(refused, true);
}

/// A character that ends a line for some reader is shown, and the page stays connected.
#[test]
fn what_ends_a_line_ends_no_connection() {
    let inspected = Inspected::new(|_| breaks());
    let Some(mut page) = open(&inspected, "") else { return };
    inspected.vat.send(&BREAK.to_string()).unwrap();
    page.until("turns.some(turn => turn.failed) || connection === 'lost'");
    assert_eq!(page.eval("connection"), "live");
    assert_eq!(page.eval("turns.find(turn => turn.failed).failed"), format!("it broke: {ENDS}"));
    // An event of any content, as the page reads it.
    let own = format!(
        "event: turn\ndata: {}",
        json!([{"id": 1e9, "stamp": 1e9, "vm": [], "pid": 0, "heard": ENDS, "produced": []}])
    );
    page.eval(&format!("tell({})", json!(own)));
    assert_eq!(page.eval("turns.at(-1).heard"), ENDS);
    page.eval("location.hash = '#process=%'");
    page.until("document.querySelector('#middle h2')");
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
}

/// After any failure with an event, the stream that it came on is closed before the next one is
/// opened.
#[test]
fn a_page_that_connects_again_leaves_no_stream_behind() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    let others: Vec<_> = (0..15).map(|_| inspected.site.events().ok().unwrap()).collect();
    page.eval("window.opened = 0; const dump0 = ON.dump; ON.dump = data => { opened++; if (opened < 3) throw new Error('no'); dump0(data); }; 0");
    inspected.site.post("/api/log", r#"{"on": false}"#);
    page.until("opened >= 3 && connection === 'live'");
    drop(others);
}

/// The tab keeps the token: so the page can be loaded anew, and no cookie has it.
#[test]
fn the_page_is_loaded_anew_without_a_cookie() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    assert_eq!(page.eval("document.cookie"), "");
    page.eval("window.before = true");
    page.call("Page.reload", json!({}));
    page.until("!window.before && connection === 'live'");
    let cookies = page.call("Network.getCookies", json!({}));
    assert_eq!(cookies["cookies"], json!([]));
    // Another tab does not have it, and is told so.
    page.eval("sessionStorage.clear()");
    page.call("Page.reload", json!({}));
    page.until(
        "document.querySelector('#banner')?.innerText.includes('Open the URL that the program printed')",
    );
    let problems = page.problems();
    assert!(problems.iter().all(|problem| problem.to_string().contains("401")), "{problems:#?}");
}

#[test]
fn a_click_on_a_turn_shows_what_led_to_it() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    inspected.vat.send(&BREAK.to_string()).unwrap();
    page.until("turns.some(turn => turn.failed)");
    page.until("document.querySelector('#stream .row.bad')");
    page.click("#stream .row.bad");
    page.until("document.querySelector('#causes .chosen.failed')");
    assert!(page.eval("location.hash").as_str().unwrap().starts_with("#turn="));
    let shown = page.text("#middle");
    for part in ["fragile", "\"break\"", "failed", "it broke", "Causal tree"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    // The process that heard of its absence is further down in the same tree.
    let rows = page.eval("[...document.querySelectorAll('#causes .row')].map(row => row.innerText)");
    assert!(rows.to_string().contains("absence"), "{rows}");
    let root = page.eval("document.querySelector('#causes [data-turn]').dataset.turn");
    page.click("#causes [data-turn]");
    page.until(&format!("document.querySelector('#causes .chosen').dataset.turn === {root}"));
    // A turn that is not there any more.
    page.eval("location.hash = '#turn=999999999'");
    page.until("document.querySelector('#middle').innerText.includes('not in the log any more')");
    let problems = page.problems();
    assert!(problems.iter().all(|problem| problem.to_string().contains("404")), "{problems:#?}");
}

#[test]
fn it_pauses_steps_runs_and_kills() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    assert_eq!(
        page.eval("[...document.querySelectorAll('header button')].map(button => button.disabled)"),
        json!([false, true, true, true, false])
    );
    page.press(" ");
    page.until("document.querySelector('#state').innerText === 'paused' && !document.querySelector('#step').disabled");
    assert!(inspected.vat.inspect(|debugger| debugger.is_paused()).unwrap());
    inspected.vat.inspect(|debugger| debugger.send(&[], &"bell".to_string())).unwrap();
    page.until("document.querySelector('#n-queued').innerText === '1'");
    page.until("document.querySelector('#middle').innerText.includes('\"bell\"')");
    page.press("s");
    page.until("turns.some(turn => turn.heard === 'hears message \"bell\"')");

    let ann = key(&mut page, "ann");
    page.eval(&format!("location.hash = '#process={ann}'"));
    page.until("document.querySelector('#kill-this')");
    page.click("#kill-this");
    page.until("document.querySelector('#kill').open");
    assert!(page.text("#kill").contains("Kill ann"));
    page.click("#kill-no");
    page.until("!document.querySelector('#kill').open");
    page.click("#kill-this");
    page.eval("document.querySelector('#kill-reason').value = 'closing time'");
    page.click("#kill-yes");
    page.until("document.querySelector('#note').innerText.includes('goes on')");
    page.click("#run");
    page.until("document.querySelector('#middle .mark')?.innerText === 'gone'");
    page.until("turns.some(turn => turn.heard.includes('closing time'))");
    assert_eq!(page.text("#state"), "running");

    page.click("#log");
    page.until("document.querySelector('#log').innerText === 'Log off'");
    page.press("/");
    page.until("document.activeElement.id === 'filter'");
    page.eval("document.querySelector('#filter').value = 'fragile'");
    page.eval("document.querySelector('#filter').dispatchEvent(new Event('input'))");
    let left = page.text("#tree");
    assert!(left.contains("fragile") && !left.contains("host"), "{left}");
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
}

#[test]
fn the_end_is_told() {
    let inspected = Inspected::new(|_| room());
    let Some(mut page) = open(&inspected, "") else { return };
    inspected.vat.shutdown().unwrap();
    page.until("document.querySelector('#state').innerText === 'ended'");
    assert!(page.text("#banner").contains("has ended"));
    assert!(page.text("#tree").contains("ground VM"), "what there was is still shown");
}

#[test]
fn a_lost_connection_is_told() {
    let Inspected { vat: _vat, _inspector, url, .. } = Inspected::new(|_| room());
    let Some(mut page) = Browser::start() else { return };
    page.open(&url);
    drop(_inspector);
    page.until("document.querySelector('#state').innerText === 'no connection'");
    assert!(page.text("#banner").contains("Trying again"));
    assert_eq!(page.eval("document.querySelector('#pause').disabled"), true);
}

#[test]
fn the_stream_follows_unless_one_reads_further_up() {
    let inspected = Inspected::new(|_| countdown());
    let Some(mut page) = open(&inspected, "") else { return };
    let ends =
        |n| format!("turns.some(turn => turn.heard === 'hears message Count(1)') && dump.turns >= {n}");
    inspected.vat.send(&Count(200)).unwrap();
    page.until(&ends(200));
    page.until("following && stream.isAtEnd() && document.querySelector('#follow').hidden");
    page.eval("document.querySelector('#stream').scrollTop = 240");
    page.until("!following");
    let first = "document.elementFromPoint(document.querySelector('#stream').getBoundingClientRect().x + 20, \
                 document.querySelector('#stream').getBoundingClientRect().y + 12).closest('.row').dataset.key";
    let read = page.eval(first);
    inspected.vat.send(&Count(50)).unwrap();
    page.until("document.querySelector('#follow').innerText.startsWith('50 new turns')");
    assert_eq!(page.eval(first), read);
    // No more is kept than can be looked at; who reads goes on reading there as long as it is kept.
    page.eval("document.querySelector('#stream').scrollTop = 24 * 200");
    page.until("stream.shown.has(String(stream.items[200].id))");
    let read = page.eval(first);
    page.eval("ON.turn(Array.from({ length: 1900 }, (_, at) => ({ ...turns.at(-1), id: 1e9 + at, stamp: 1e9 + at })))");
    assert_eq!(page.eval("turns.length"), 2000);
    page.until("stream.items.length === 2000");
    assert_eq!(page.eval(first), read);
    page.click("#follow");
    page.until("following && stream.isAtEnd()");

    // Of one process only.
    let counter = key(&mut page, "counter");
    page.eval(&format!("location.hash = '#process={counter}'"));
    page.until("!document.querySelector('#only').hidden");
    page.click("#only");
    page.until(&format!(
        "stream.items.length > 0 && stream.items.every(turn => keyOf(turn.vm, turn.pid) === {counter:?})"
    ));
    page.eval("(() => { const find = document.querySelector('#find'); find.value = 'nothing such'; find.dispatchEvent(new Event('input')); })()");
    assert!(page.text("#no-turns").contains("Nothing matches"));
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Member(u32);

/// A thousand processes with two endpoints each, all of them at work.
#[test]
fn a_thousand_processes_are_no_trouble() {
    let inspected = Inspected::new(|_| {
        let members = (0..1_000u32).map(|number| {
            let member =
                transition_no_state!(publisher!(Member(number)), subscriber!("all", on_message!(_ => ())),);
            name_process(Text::from(format!("member {number}")), spawn!(member))
        });
        transition_no_state!(publisher!("all"), Vec::from_iter(members))
    });
    let Some(mut page) = open(&inspected, "") else { return };
    assert_eq!(page.text("#n-processes"), "1,002");
    assert_eq!(page.text("#n-endpoints"), "2,002");
    // Rows that are not seen are not there.
    let rows = page.eval("document.querySelectorAll('.row').length").as_u64().unwrap();
    assert!(rows < 300, "{rows} rows");
    page.eval("(() => { const filter = document.querySelector('#filter'); filter.value = 'member 999'; filter.dispatchEvent(new Event('input')); })()");
    assert!(page.text("#tree").contains("member 999"));
    page.eval("(() => { const filter = document.querySelector('#filter'); filter.value = ''; filter.dispatchEvent(new Event('input')); })()");
    inspected.vat.send(&"all".to_string()).unwrap();
    page.until("turns.filter(turn => turn.heard?.includes('\"all\"')).length >= 250");
    // How long it takes is printed, not tested: machines differ.
    let took = page.eval("(() => { const next = structuredClone(dump), began = performance.now(); for (let i = 0; i < 5; i++) ON.dump(next); return (performance.now() - began) / 5; })()");
    println!(
        "a dump of 1,000 processes is shown in {took:.1} ms, a batch of turns in {} ms",
        page.eval("document.body.dataset.turnMs")
    );
    assert_eq!(page.problems(), [] as [serde_json::Value; 0]);
}
