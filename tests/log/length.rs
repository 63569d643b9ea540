//! Texts of values are bounded, however much a value shares with itself.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{MAX_TEXT, TopicView};

/// So long a line may be: several texts may stand in it.
const LINE: usize = 4 * MAX_TEXT;

/// It is small, and its text would be without end.
fn sharing(leaf: Value) -> Value {
    (0..40).fold(leaf, |half, _| Value::sequence([half.clone(), half]))
}

#[test]
fn the_text_of_a_value_has_a_bound() {
    let shared = sharing(Value::from("x"));
    for text in [format!("{shared}"), format!("{shared:?}"), format!("{shared:#?}")] {
        assert!((MAX_TEXT..LINE).contains(&text.len()), "{}", text.len());
        assert!(text.ends_with("… (4 GiB or more in all)"), "{}", &text[text.len() - 100..]);
    }
    let inside = Value::record("Has", [shared, Value::from(7)]);
    assert!(inside.to_string().len() < LINE);
    let set = Value::set([sharing(Value::from(1))].into_iter().collect()).unwrap();
    assert!(set.to_string().starts_with("{[[[[[[[") && set.to_string().len() < LINE);
    let map = Value::map([(Value::from(1), sharing(Value::from(1)))].into_iter().collect()).unwrap();
    assert!(map.to_string().starts_with("{1: [[[") && map.to_string().len() < LINE);
}

#[test]
fn what_is_not_too_long_is_shown_whole() {
    let text = "ż".repeat(MAX_TEXT / 2 - 1);
    let value = Value::from(text.as_str());
    assert_eq!(value.to_string(), format!("\"{text}\""));
    let longer = Value::from(format!("{text}ż").as_str());
    assert_eq!(longer.to_string(), format!("\"{text}… ({MAX_TEXT} bytes in all)"));
    assert_eq!(longer.whole_text().to_string(), format!("\"{text}ż\""));
    assert_eq!(Reason::Value(longer.clone()).to_string(), format!("{text}ż"));
    let reason = Reason::Value(Value::from(format!("{text}żż").as_str()));
    assert_eq!(reason.to_string(), format!("{text}ż… ({} bytes in all)", MAX_TEXT + 2));
    let Reason::Panic(_) = Reason::Panic("x".into()) else { unreachable!() };
    assert!(Reason::Panic("x".repeat(2 * MAX_TEXT).into()).to_string().len() < LINE);
    let topic: Topic = Value::sequence((0..MAX_TEXT as i128).map(Value::from)).into();
    assert!(matches!(topic.view(), TopicView::Literal(_)));
    assert!(topic.to_string().len() < LINE);
}

#[test]
fn the_text_of_a_topic_has_a_bound() {
    let topic = (0..16).fold(Topic::any(), |half, _| Topic::sequence([half.clone(), half]));
    assert!((MAX_TEXT..LINE).contains(&topic.to_string().len()));
}

struct Keeper(Value);

#[object]
impl Keeper {
    fn keep(&mut self, what: Value) -> Value {
        self.0 = what;
        self.0.clone()
    }
}

/// Everything that tells of a program has lines of bounded length.
fn told_of(mut sim: Sim) {
    sim.log_mut().turn_on();
    sim.set_verb(true);
    sim.run();
    let last = sim.log().turns().last().unwrap().id;
    let dump = sim.dump().to_string();
    let (log, tree) = (sim.log(), sim.log().tree(last).unwrap());
    let exits: Vec<_> = sim.exits().iter().map(|exit| format!("{} {:?}", exit.reason, exit.fault)).collect();
    let all = [
        dump,
        sim.trace().to_string(),
        sim.verb().join("\n"),
        exits.join("\n"),
        log.turns().map(|turn| format!("{turn}\n")).collect(),
        log.to_chrome_trace(),
        log.to_shiviz(),
        log.to_sequence(&Topic::any()),
        tree.to_mermaid(),
        tree.to_dot(),
        tree.to_sequence(),
    ];
    for line in all.iter().flat_map(|text| text.lines()) {
        assert!(line.len() < LINE, "{} bytes: {}", line.len(), &line[..200]);
    }
}

/// It fails, as so much may not wait.
#[test]
fn a_message_that_shares_much_is_told_of_in_lines_of_bounded_length() {
    told_of(Sim::new(|_| {
        transition_no_state!(
            name_process(
                "sharer",
                spawn!(transition_no_state!(subscriber!(
                    "go",
                    on_message!(_ => send_message!(sharing(Value::from(1))))
                )))
            ),
            publisher!("go", on_presence!(send_message!("go"))),
        )
    }));
}

/// A reason, a name, a topic and a state are not counted.
#[test]
fn whatever_shares_much_is_told_of_in_lines_of_bounded_length() {
    told_of(Sim::new(|_| {
        transition_no_state!(
            spawn!(transition_no_state!(quit().because(Reason::Value(sharing(Value::from(1)))))),
            spawn!(Err::<Transition<()>, _>(Failure(Reason::Value(sharing(Value::from(1)))))),
            name_process(sharing(Value::from(2)), spawn!(transition_no_state!(subscriber!("stay")))),
            spawn!(transition_no_state!(subscriber!(sharing(Value::from(3))))),
            spawn!(transition!(
                sharing(Value::from(4)),
                peekable_data(),
                subscriber!("stay", match_state!(_s: &Value => on_message!(_ => ())))
            )),
            send_message!("stay"),
        )
    }));
}

/// References in it are shown in a copy, which shares what it shared.
#[test]
fn what_shares_references_is_looked_at_without_end() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let keeper = sim.spawn_object(Keeper(Value::UNIT));
    let shared = sharing(keeper.to_value());
    let (why, state) = (shared.clone(), shared.clone());
    sim.spawn(spawn!(transition_no_state!(quit().because(Reason::Value(why)))));
    sim.spawn(spawn!(transition!(
        state,
        peekable_data(),
        subscriber!("look", match_state!(_s: &Value => on_message!(_ => ())))
    )));
    sim.send(&Text::from("look"));
    let asked = sim.ask(|cx| keeper.keep(cx, shared.clone()));
    told_of(sim);
    assert!(asked.answer().is_some());
}

/// A small copy is what it is.
#[test]
fn a_copy_for_those_who_look_on_is_equal() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let keeper = sim.spawn_object(Keeper(Value::UNIT));
    let one = Value::record("at", [keeper.to_value(), Value::from("x".repeat(5_000).as_str())]);
    let map = Value::map([(one.clone(), Value::sequence([one.clone(), one.clone()]))].into_iter().collect());
    let said = Value::sequence([Value::set([one].into_iter().collect()).unwrap(), map.unwrap()]);
    let reason = said.clone();
    sim.spawn(spawn!(transition_no_state!(quit().because(Reason::Value(reason)))));
    sim.run();
    assert_eq!(sim.exits()[0].reason, Reason::Value(said));
}

struct Deaf;

#[object]
impl Deaf {
    fn hear(&self) {}
}

/// However many arguments it has, and however long each is.
#[test]
fn the_text_of_a_message_to_an_object_is_bounded_as_a_whole() {
    let mut sim = Sim::new(|_| transition_no_state!());
    sim.log_mut().turn_on();
    let deaf = sim.spawn_object(Deaf);
    let long = Value::from("x".repeat(MAX_TEXT));
    let asked = sim.ask(|cx| send(cx, deaf.as_ref(), "hear", vec![long; 16]));
    sim.run();
    assert!(asked.answer().unwrap().is_err());
    let longest = sim.log().turns().map(|turn| turn.to_string().len()).max();
    assert!((MAX_TEXT..LINE).contains(&longest.unwrap()), "{longest:?}");
}
