//! Objects, promises and answers in the answers of the API.

use std::time::Instant;

use marketplace::objects::*;
use marketplace::prelude::*;
use serde_json::{Value, json};

use crate::api::process;
use crate::{HOSTILE, Inspected, settle};

/// Quotes a price when it is told one.
#[derive(Default)]
pub(crate) struct Clerk {
    waiting: Vec<Resolver<u64>>,
}

#[object]
impl Clerk {
    fn quote(&mut self, cx: &Cx<Self>, of: Text) -> Promise<u64> {
        let (quote, resolver) = cx.promise();
        if of == "nothing" {
            cx.act(resolver.fulfill(0u64));
        } else {
            self.waiting.push(resolver);
        }
        quote
    }

    fn price(&mut self, cx: &Cx<Self>, price: u64) {
        self.waiting.drain(..).for_each(|resolver| cx.act(resolver.fulfill(price)));
    }
}

/// Asks for others.
pub(crate) struct Agent(pub(crate) Far<Clerk>);

#[object]
impl Agent {
    fn ask(&mut self, cx: &Cx<Self>, of: Text) -> Promise<u64> {
        let quote = self.0.quote(cx, of);
        cx.when(quote, |_, _, quote| Ok(quote? + 1))
    }

    fn after(&mut self, cx: &Cx<Self>, other: Promise<u64>) -> Promise<u64> {
        cx.when(other, |_, _, other| Ok(other? + 1))
    }
}

/// A clerk, an agent who has its reference, and a customer who asks the agent: each in a process.
/// Two more agents wait for each other.
pub(crate) fn office(of: &'static str) -> Transition<()> {
    let (clerk, at_clerk) = spawn_object(Clerk::default());
    let (agent, at_agent) = spawn_object(Agent(at_clerk.clone()));
    let customer = transition_no_state!(
        subscriber!("price", on_message!(_ => tell(|cx| at_clerk.price(cx, 7)))),
        ask(|cx| at_agent.ask(cx, of), |(), _| transition_no_state!()),
    );
    transition_no_state!(
        name_process("clerk", clerk),
        name_process("agent", agent),
        name_process("customer", spawn!(customer)),
        publisher!("price"),
    )
}

/// Two agents, each of whom waits for the other.
pub(crate) fn deadlock() -> ActionTree<()> {
    let (clerk, at_clerk) = spawn_object(Clerk::default());
    let (one, at_one) = spawn_object(Agent(at_clerk.clone()));
    let (other, at_other) = spawn_object(Agent(at_clerk));
    let (first, resolver) = promise::<u64>();
    let mut last = None;
    let waits = tell(|cx| {
        last = Some(at_other.after(cx, at_one.after(cx, first)));
    });
    actions![
        clerk,
        name_process("one", one),
        name_process("other", other),
        waits,
        last.map(|last| resolver.follow(last)),
    ]
}

fn dump(inspected: &Inspected) -> Value {
    settle(&inspected.vat);
    inspected.site.get("/api/dump").json()
}

fn promises(dump: &Value) -> Vec<Value> {
    dump["vm"]["promises"].as_array().unwrap().clone()
}

#[test]
fn o21_a_dump_says_who_has_an_object() {
    let inspected = Inspected::new(|_| office("ink"));
    let dump = dump(&inspected);
    let (clerk, agent) = (process(&dump["vm"], "clerk"), process(&dump["vm"], "agent"));
    let clerk = &clerk["objects"][0];
    assert_eq!((&clerk["kind"], &agent["objects"][0]["kind"]), (&json!("Clerk"), &json!("Agent")));
    assert!(clerk["ref"].as_str().unwrap().starts_with("ref#"));
    // The agent and the customer have it.
    assert_eq!((&clerk["held"], &clerk["queued"]), (&json!(2), &json!(0)), "{clerk}");
}

#[test]
fn o21_a_dump_says_who_waits_for_whom() {
    let inspected = Inspected::new(|_| office("ink"));
    let before = dump(&inspected);
    let place = |name| json!({"vm": [], "pid": process(&before["vm"], name)["pid"]});
    let promises = promises(&before);
    // The agent answers once the quote is settled.
    let answer = promises.iter().find(|promise| promise["decider"]["is"] == "when").unwrap();
    assert_eq!(answer["decider"]["by"], place("agent"), "{promises:#?}");
    let quote = promises.iter().find(|promise| promise["ref"] == answer["decider"]["on"]).unwrap();
    let waits = |promise: &Value, name| {
        let waits = promise["waits"].as_array().unwrap();
        waits.contains(&json!({"is": "process", "by": place(name)}))
    };
    assert!(waits(quote, "agent"), "{promises:#?}");
    assert_eq!(process(&before["vm"], "agent")["awaits"], 1);
    assert!(promises.iter().any(|promise| waits(promise, "customer")), "{promises:#?}");
    assert!(promises.iter().any(|promise| promise["decider"]["is"] == "unseen"), "the clerk has a resolver");

    inspected.vat.send(&"price".to_string()).unwrap();
    assert_eq!(self::promises(&dump(&inspected)), [] as [Value; 0]);
}

/// From what a promise waits to the next one, as the page goes.
#[test]
fn o21_a_ring_of_promises_leads_back_to_its_beginning() {
    let inspected = Inspected::new(|_| transition_no_state!(deadlock()));
    let promises = promises(&dump(&inspected));
    let on = |reference: &Value| {
        let promise = promises.iter().find(|promise| promise["ref"] == *reference);
        promise.unwrap_or_else(|| panic!("no {reference} in {promises:#?}"))["decider"]["on"].clone()
    };
    let first = promises.iter().find(|promise| promise["decider"]["is"] == "when").unwrap();
    let way = std::iter::successors(Some(on(&first["ref"])), |reference| Some(on(reference)));
    assert!(way.take(promises.len()).any(|reference| reference == first["ref"]), "{promises:#?}");
}

fn turns(inspected: &Inspected) -> Vec<Value> {
    let mut events = inspected.site.events().unwrap_or_else(|answer| panic!("{answer:?}"));
    events.until("turn", |_| true).as_array().unwrap().clone()
}

#[test]
fn a_turn_says_which_object_heard_what_and_where_its_answer_goes() {
    let inspected = Inspected::new(|_| office("nothing"));
    settle(&inspected.vat);
    let clerk = process(&dump(&inspected)["vm"], "clerk")["objects"][0]["ref"].clone();
    let turns = turns(&inspected);
    let of = |verb: &str| turns.iter().find(|turn| turn["heard"].as_str().unwrap().contains(verb)).unwrap();
    let (asked, quoted) = (of("ask("), of("quote("));
    assert!(asked["object"].as_str().unwrap().starts_with("ref#"), "{asked:#}");
    assert_eq!(quoted["object"], clerk);
    let sends = asked["produced"].as_array().unwrap();
    let sends = sends.iter().find(|action| action["at"] == clerk).unwrap();
    assert_eq!((&quoted["action"], &quoted["cause"]), (&sends["id"], &asked["id"]));
    // The resolver settles the promise with which the clerk answers.
    let settles = quoted["produced"].as_array().unwrap();
    let settles = settles.iter().find(|action| action["action"].as_str().unwrap().starts_with("answers 0"));
    let answers = quoted["produced"].as_array().unwrap().last().unwrap()["action"].as_str().unwrap();
    let promise = settles.unwrap()["at"].as_str().unwrap();
    assert!(answers.starts_with(&format!("answers {promise}, for ")), "{quoted:#}");
    // The answer of the continuation leads to the customer.
    let customer = turns.iter().rfind(|turn| turn["heard"] == "hears that a promise gives 1").unwrap();
    assert_eq!((&customer["name"], &customer["object"]), (&json!("\"customer\""), &Value::Null));
    let answered = turns.iter().find(|turn| turn["id"] == customer["cause"]).unwrap();
    let answers = answered["produced"].as_array().unwrap();
    let answers = answers.iter().find(|action| action["id"] == customer["action"]).unwrap();
    assert!(answers["action"].as_str().unwrap().starts_with("answers 1"), "{answers}");
}

#[test]
fn the_tree_of_a_question_goes_through_its_answer() {
    let inspected = Inspected::new(|_| office("nothing"));
    settle(&inspected.vat);
    let turns = turns(&inspected);
    let heard = turns.iter().rfind(|turn| turn["heard"] == "hears that a promise gives 1").unwrap();
    let tree = inspected.site.get(&format!("/api/tree?turn={}", heard["id"])).json();
    let tree = tree["turns"].as_array().unwrap();
    let cause = |turn: &Value| tree.iter().find(|other| other["id"] == turn["cause"]).cloned();
    let way: Vec<_> = std::iter::successors(Some(heard.clone()), cause)
        .map(|turn| turn["name"].as_str().unwrap_or_default().to_string())
        .collect();
    let names = |name: &str| format!("{name:?}");
    assert!(way.starts_with(&[names("customer"), names("agent"), names("clerk"), names("agent")]), "{way:?}");
}

#[derive(Default)]
struct Crowd(Vec<Far<Clerk>>, Vec<Resolver<u64>>);

#[object]
impl Crowd {
    fn grow(&mut self, cx: &Cx<Self>, by: u64) {
        self.0.extend((0..by).map(|_| cx.make(Clerk::default())));
        for _ in 0..by {
            let (promise, resolver) = cx.promise::<u64>();
            cx.when(promise, |_, _, _| Ok(()));
            self.1.push(resolver);
        }
    }
}

/// A dump counts the objects and promises that it leaves out.
#[test]
fn ten_thousand_objects_and_promises_make_no_long_answer() {
    const COUNT: u64 = 10_000;
    let inspected = Inspected::new(|_| {
        let (crowd, at) = spawn_object(Crowd::default());
        transition_no_state!(name_process(HOSTILE, crowd), tell(|cx| at.grow(cx, COUNT)))
    });
    let dump = dump(&inspected);
    let (vm, crowd) = (&dump["vm"], process(&dump["vm"], HOSTILE));
    let shown = crowd["objects"].as_array().unwrap().len() as u64;
    assert!((10..=200).contains(&shown), "{shown} objects");
    assert_eq!(crowd["more_objects"], COUNT + 1 - shown);
    let shown = promises(&dump).len() as u64;
    assert!((10..=2_000).contains(&shown), "{shown} promises");
    assert!(vm["more_promises"].as_u64().unwrap() >= COUNT - shown);
    let took = inspected.vat.inspect(|debugger| {
        let began = Instant::now();
        drop(debugger.dump());
        began.elapsed()
    });
    println!("a dump of {COUNT} objects and promises takes {:?}", took.unwrap());
    let bytes = inspected.site.get("/api/dump").body.len();
    assert!(bytes < 200_000, "{bytes} bytes");
}
