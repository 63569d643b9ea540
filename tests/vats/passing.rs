//! Messages passed from outside: each asker has its own answers, loses none in silence, and may go.

use futures_util::StreamExt;
use marketplace::prelude::*;
use marketplace::vat::{Answers, NoAnswer, Pump, Vat, VatEvent, VatOptions};

/// Keeps who asks, with the number; `"go"`: gives each the double; `"cancel"`: tells all something,
/// and forgets whoever has gone; `"quit"`.
fn keeper(_: Pid) -> Transition<Vec<(Duct, u32)>> {
    transition!(
        Vec::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut kept: Vec<(Duct, u32)> => on_message!(n: u32 => {
                kept.push((duct, n));
                transition!(kept)
            }))),
            match_state!(kept: &Vec<(Duct, u32)> => on_message!(
                "go" => kept.iter().map(|(duct, n)| give(duct, &(2 * n))).collect::<ActionTree<_>>(),
                "say" => kept.iter().map(|(duct, _)| give(duct, &Text::from("still there?"))).collect::<ActionTree<_>>(),
                "quit" => Some(quit()).into_iter().collect::<ActionTree<_>>(),
            )),
        ),
        replies!(
            match_duct!(gone => match_state!(mut kept: Vec<(Duct, u32)> => match_reason!(why: Value => on_duct_absence!({
                kept.retain(|(duct, _)| *duct != gone);
                transition!(kept, send_message!(("heard", why.to_string())))
            }))))
        ),
    )
}

fn with_keeper() -> (Vat, Pump) {
    Vat::manual(VatOptions { log: true, ..VatOptions::default() }, keeper, || ())
}

fn say(vat: &Vat, pump: &mut Pump, what: &str) {
    vat.send(&Text::from(what)).unwrap();
    pump.pump();
}

fn ask(vat: &Vat, pump: &mut Pump, n: u32) -> Answers {
    let answers = vat.pass(Pid::BOOT, "double", &n).unwrap();
    pump.pump();
    answers
}

/// The answers that are there by now; `true` if the stream has ended.
fn heard(answers: &mut Answers) -> (Vec<Result<Value, NoAnswer>>, bool) {
    let mut heard = Vec::new();
    loop {
        match futures_util::FutureExt::now_or_never(answers.next()) {
            Some(Some(answer)) => heard.push(answer),
            Some(None) => return (heard, true),
            None => return (heard, false),
        }
    }
}

fn number(n: u32) -> Result<Value, NoAnswer> {
    Ok(n.to_value())
}

#[test]
fn answers_go_to_the_asker_who_asked() {
    let (vat, mut pump) = with_keeper();
    let (mut ten, mut seven) = (ask(&vat, &mut pump, 10), ask(&vat, &mut pump, 7));
    say(&vat, &mut pump, "go");
    assert_eq!(heard(&mut ten), (vec![number(20)], false));
    assert_eq!(heard(&mut seven), (vec![number(14)], false));
}

#[test]
fn a_late_answer_reaches_nobody_else() {
    let (vat, mut pump) = with_keeper();
    drop(ask(&vat, &mut pump, 10));
    let mut seven = ask(&vat, &mut pump, 7);
    say(&vat, &mut pump, "go");
    assert_eq!(heard(&mut seven), (vec![number(14)], false));
}

/// Each hears it once.
#[test]
fn when_the_callee_quits_all_answers_end() {
    let (vat, mut pump) = with_keeper();
    let (mut ten, mut seven) = (ask(&vat, &mut pump, 10), ask(&vat, &mut pump, 7));
    say(&vat, &mut pump, "quit");
    let over = (vec![Err(NoAnswer::Absence(Reason::Normal))], true);
    assert_eq!((heard(&mut ten), heard(&mut seven)), (over.clone(), over));
}

/// The ducts of two askers are not equal, so that whoever forgets one of them forgets the right
/// one. Both print as `//wire`.
#[test]
fn the_callee_tells_two_askers_apart() {
    let (vat, mut pump) = with_keeper();
    let ten = ask(&vat, &mut pump, 10);
    let mut seven = ask(&vat, &mut pump, 7);
    drop(ten);
    say(&vat, &mut pump, "say");
    assert_eq!(heard(&mut seven).0.len(), 1);
    say(&vat, &mut pump, "go");
    assert_eq!(heard(&mut seven), (vec![number(14)], false), "it has not been forgotten");
    let ducts = vat.inspect_async(|debugger| {
        let ducts = debugger.log().turns().map(|turn| turn.duct.clone()).filter(|duct| !duct.is_empty());
        ducts.collect::<Vec<_>>()
    });
    pump.pump();
    let ducts = futures_util::FutureExt::now_or_never(ducts).unwrap().unwrap();
    assert_ne!(ducts[0], ducts[1]);
    assert_eq!([ducts[0].to_string(), ducts[1].to_string()], ["//double\n", "//double\n"]);
}

/// It comes back to whoever gave it: as from a process that is gone, with reason `gone`, also into
/// a nested VM.
#[test]
fn a_giver_hears_that_the_asker_has_gone() {
    let nested = |_| {
        transition_no_state!(spawn_vm!(spawn!(transition!(
            None::<Duct>,
            at_meta_level!(subscriber!(
                _,
                match_duct!(duct => match_state!(_kept: Option<Duct> => on_message!(_n: u32 => transition!(Some(duct))))),
                match_state!(kept: &Option<Duct> => on_message!("go" => kept.as_ref().map(|duct| give(duct, &1u8)))),
            )),
            replies!(match_reason!(why: Value => on_duct_absence!(
                at_meta_level!(send_message!(("heard", why.to_string())))))),
        ))))
    };
    let inner = Pid::from_value(&2u8.to_value()).unwrap();
    for (boot, to) in [(None, Pid::BOOT), (Some(nested), inner)] {
        let (vat, mut pump) = match boot {
            None => with_keeper(),
            Some(nested) => Vat::manual(VatOptions::default(), nested, || ()),
        };
        let mut told = vat.subscribe::<(Text, Text)>(topic!(("heard", _))).unwrap();
        pump.pump();
        let answers = vat.pass(to, "w", &7u32).unwrap();
        pump.pump();
        drop(answers);
        say(&vat, &mut pump, "go");
        let told = futures_util::FutureExt::now_or_never(told.next());
        assert_eq!(told, Some(Some(VatEvent::Message(("heard".into(), "'gone".into())))));
    }
}

/// Also if it is the last thing that happens in a program.
#[test]
fn a_giver_hears_that_before_its_vat_is_idle() {
    let (vat, mut pump) = with_keeper();
    drop(ask(&vat, &mut pump, 7));
    say(&vat, &mut pump, "go");
    let turns =
        vat.inspect_async(|debugger| debugger.log().turns().map(ToString::to_string).collect::<Vec<_>>());
    pump.pump_max(0);
    let turns = futures_util::FutureExt::now_or_never(turns).unwrap().unwrap();
    assert!(turns.iter().any(|turn| turn.contains("did not arrive (gone), sends")), "{turns:#?}");
}

/// Nothing is lost in silence, and the end is the end.
#[test]
fn an_asker_who_reads_too_slowly_is_told_how_much_it_has_missed() {
    let boot = |_| {
        transition!(
            None::<Duct>,
            subscriber!(
                _,
                match_duct!(duct => match_state!(_kept: Option<Duct> => on_message!(n: u32 => {
                    let answers: Vec<_> = (0..n).map(|n| give(&duct, &n)).collect();
                    transition!(Some(duct), answers, (n > 2_000).then(quit))
                }))),
            )
        )
    };
    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    let mut some = vat.pass(Pid::BOOT, "w", &1_500u32).unwrap();
    pump.pump();
    let mut expected: Vec<_> = (0..1_024).map(number).collect();
    expected.push(Err(NoAnswer::Lagged(476)));
    assert!(heard(&mut some) == (expected.clone(), false));
    let mut all = vat.pass(Pid::BOOT, "w", &3_000u32).unwrap();
    pump.pump();
    expected[1_024] = Err(NoAnswer::Lagged(1_976));
    expected.push(Err(NoAnswer::Absence(Reason::Normal)));
    assert!(heard(&mut all) == (expected, true));
}

/// They are a source of another vat, which ends for the reason for which no more will come.
#[tokio::test]
async fn answers_are_a_stream() {
    let vat = Vat::task(VatOptions::default(), keeper).unwrap();
    let answers = vat.pass(Pid::BOOT, "double", &4u32).unwrap();
    vat.send(&Text::from("go")).unwrap();
    vat.send(&Text::from("quit")).unwrap();
    let all: Vec<_> = answers.collect().await;
    assert_eq!(all, [number(8), Err(NoAnswer::Absence(Reason::Normal))]);
}

/// Nobody's answer is kept.
#[test]
fn what_a_process_lets_go_of_ends_with_the_vat() {
    let (vat, mut pump) = with_keeper();
    let mut answers = ask(&vat, &mut pump, 1);
    vat.halt();
    assert!(!pump.pump());
    assert_eq!(heard(&mut answers), (vec![], true));
}
