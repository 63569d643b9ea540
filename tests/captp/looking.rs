//! Looking on: the tables of sessions (K14), and records that are put together (K13).

use marketplace::log::{Log, LoggedTurn};
use marketplace_captp::{SessionState, SessionTable, crossings};

use crate::things::Counter;
use crate::vats::Vats;

#[test]
fn k14_a_peer_shows_its_sessions() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let peers = [vats.peer(0), vats.peer(1)];
    assert_eq!(vats.answer(0, |cx| peers[0].sessions(cx)), Ok(Vec::new()));
    let far = vats.enliven::<Counter>(1, &uri);
    let asked = vats.ask(1, |cx| far.waits(cx));
    let [bank, shop] = [0, 1].map(|at| {
        let mut sessions = vats.answer(at, |cx| peers[at].sessions(cx)).unwrap();
        assert_eq!(sessions.len(), 1);
        sessions.remove(0)
    });
    let SessionTable { peer, dialled, spelling, said, heard, .. } = &shop;
    assert_eq!(
        (peer.as_str(), *dialled, spelling.as_str()),
        ("ocapn://bank.memory?memory=bank", true, "framed")
    );
    assert_eq!((bank.session.clone(), bank.said, bank.heard), (shop.session.clone(), *heard, *said));
    let places = |rows: &[marketplace_captp::SessionRow]| {
        rows.iter().map(|row| (row.place, row.kind.as_str().to_string(), row.count)).collect::<Vec<_>>()
    };
    assert_eq!(places(&bank.exports), [(0, "object".to_string(), 0), (1, "object".to_string(), 1)]);
    assert_eq!(places(&shop.imports), [(0, "import".to_string(), 0), (1, "import".to_string(), 1)]);
    assert_eq!((shop.questions.len(), bank.answers.len()), (1, 1));
    assert!(bank.exports[1].what.starts_with("ref#"), "{}", bank.exports[1].what);
    assert_eq!(asked.answer(), None);
    vats.cut(1);
    assert_eq!(vats.answer(0, |cx| peers[0].sessions(cx)), Ok(Vec::new()));
}

/// As a prompt shows them: on a program that is stopped, too.
#[test]
fn k14_a_prompt_is_shown_the_tables_of_a_session() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    let _asked = vats.ask(1, |cx| far.waits(cx));
    let printed = |vats: &mut Vats, at: usize, name: &str| {
        let pid = vats.pids(at, name)[0];
        format!("{:#?}", vats.sim(at).peek(&[], pid).unwrap())
    };
    let shop = printed(&mut vats, 1, "captp-session");
    let begins = "ocapn://bank.memory?memory=bank, dialled by us\nsession ";
    assert!(shop.starts_with(begins) && shop.contains("imports: 2\n  0: import"), "{shop}");
    assert!(shop.contains(&format!("  1: import {far:?}, counted 1\nquestions: 1\n  ")), "{shop}");
    let bank = printed(&mut vats, 0, "captp-session");
    assert!(bank.starts_with("ocapn://shop.memory, dialled by the peer\n"), "{bank}");
    assert!(bank.contains("exports: 2\n  0: object") && bank.contains("answers: 1\n"), "{bank}");
    let hub = printed(&mut vats, 0, "captp-hub");
    let expected = "ocapn://bank.memory?memory=bank\npublished: 1\n\
        connections that are no sessions yet: 0\nsessions: 1\n  \
        ocapn://shop.memory: 0 gifts here, 0 waited for";
    assert_eq!(hub, expected);
}

fn heard<'l>(log: &'l Log, what: &str) -> &'l LoggedTurn {
    log.turns().find(|turn| turn.heard.to_string().contains(what)).unwrap_or_else(|| panic!("no {what}"))
}

/// A message that was sent in one vat and heard in the other is one story: from the turn that hears
/// it back to the turn that wrote it.
#[test]
fn k13_two_records_can_be_put_together() {
    let mut vats = Vats::new(["bank", "shop"]);
    let counter = vats.sim(0).spawn_object(Counter::new(1));
    let uri = vats.publish(0, &counter);
    let far = vats.enliven::<Counter>(1, &uri);
    [0, 1].into_iter().for_each(|at| vats.sim(at).log_mut().turn_on());
    for n in [7u64, 11, 13] {
        vats.answer(1, |cx| far.add(cx, n)).unwrap();
    }
    vats.sim(1).tell(|cx| {
        far.add(cx, 17);
        far.add(cx, 19);
    });
    vats.run();
    let (bank, shop) = (vats.log(0), vats.log(1));
    let there = crossings(shop, bank);
    let numbers: Vec<_> = there.iter().map(|crossing| crossing.number).collect();
    let first = numbers[0];
    assert_eq!(numbers, (first..first + numbers.len() as u64).collect::<Vec<_>>(), "each crosses once");
    for n in [7, 11, 13, 17, 19] {
        let turn = heard(bank, &format!("add({n})"));
        let delivered = bank.get(turn.cause).unwrap();
        let state: &SessionState = delivered.snapshot.as_ref().unwrap().downcast_ref().unwrap();
        assert_eq!(state.peer, "ocapn://shop.memory");
        let crossing = there.iter().find(|crossing| crossing.heard == delivered.id).unwrap();
        assert_eq!((crossing.session.clone(), crossing.number), (state.session.clone(), state.heard));
        let said = shop.get(crossing.said).unwrap();
        assert!(said.heard.to_string().contains(&format!("add({n})")), "{}", said.heard);
    }
    assert!(crossings(bank, shop).len() >= 3, "answers cross, too");
}
