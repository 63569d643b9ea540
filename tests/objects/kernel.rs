//! The kernel alone, with objects that are written by hand.

use marketplace::__private::Heard;
use marketplace::objects::{Cx, Object, Reference, ask, promise, send, spawn_object};
use marketplace::prelude::*;
use marketplace::sim::Sim;

#[derive(Message, Clone, Debug)]
struct Here(Value);

type Does = Box<dyn FnMut(&Cx<'_, Script>, &str, &[Value]) -> Heard + Send>;

struct Script(Does);

impl Object for Script {
    const NAME: &'static str = "Script";
    const VERBS: &'static [&'static str] = &[];
    fn hear(&mut self, cx: &Cx<'_, Self>, message: &[Value]) -> Heard {
        let verb = Text::from_value(&Text::from(format!("{}", message[0])).to_value()).unwrap();
        let does = &mut self.0;
        does(cx, verb.trim_start_matches('\''), &message[1..])
    }
}

fn script(does: impl FnMut(&Cx<'_, Script>, &str, &[Value]) -> Heard + Send + 'static) -> Script {
    Script(Box::new(does))
}

fn u(value: &Value) -> u64 {
    u64::from_value(value).unwrap()
}

fn counter() -> Script {
    let mut sum = 0;
    script(move |_, verb, args| match verb {
        "add" => {
            sum += u(&args[0]);
            Ok(sum.to_value())
        }
        "fail" => Err(Failure::value(&Text::from("failed"))),
        "panic" => panic!("at the disco"),
        _ => Ok(Value::UNIT),
    })
}

#[test]
fn a_round() {
    let mut sim = Sim::new(|_| {
        let (spawn, far) = spawn_object(counter());
        transition_no_state!(
            spawn,
            ask(
                |cx| {
                    send(cx, &far, "add", (3u64,));
                    send(cx, &far, "add", (4u64,))
                },
                |(): (), sum: Result<Value, Reason>| Ok(transition_no_state!(send_message!(sum?)))
            ),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<u64>(), [7]);
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

#[test]
fn errors_break() {
    let mut sim = Sim::new(|_| {
        let (spawn, far) = spawn_object(counter());
        let told =
            |(): (), sum: Result<Value, Reason>| transition_no_state!(send_message!(format!("{sum:?}")));
        transition_no_state!(
            spawn,
            ask(|cx| send(cx, &far, "fail", ()), told),
            ask(|cx| send(cx, &far, "panic", ()), told),
            ask(|cx| send(cx, &far, "add", (1u64,)), told),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<Text>().len(), 3);
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

#[test]
fn pipeline_and_drain() {
    let mut sim = Sim::new(|_| {
        let (later, resolver) = promise::<Value>();
        let (spawn, far) = spawn_object(counter());
        let told = |(): (), sum: Result<Value, Reason>| transition_no_state!(send_message!(sum.unwrap()));
        transition_no_state!(
            ask(|cx| send(cx, &later, "add", (1u64,)), told),
            ask(|cx| send(cx, &later, "add", (2u64,)), told),
            spawn,
            resolver.fulfill(far.to_value()),
            ask(|cx| send(cx, &later, "add", (3u64,)), told),
            ask(|cx| send(cx, &far, "add", (4u64,)), told),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<u64>(), [4, 5, 7, 10]);
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

#[test]
fn continuations_of_objects() {
    let mut sim = Sim::new(|_| {
        let (spawn, far) = spawn_object(counter());
        let (spawn2, client) = spawn_object(script(move |cx, verb, _| match verb {
            "go" => {
                let p = send(cx, &far, "add", (5u64,));
                let q = cx.when(p, |_, _, got| {
                    let got = got?;
                    Ok(got)
                });
                Ok(q.to_value())
            }
            "make" => Ok(cx.make(counter()).to_value()),
            _ => unreachable!(),
        }));
        let told = |(): (), sum: Result<Value, Reason>| transition_no_state!(send_message!(sum.unwrap()));
        transition_no_state!(
            spawn,
            spawn2,
            ask(|cx| send(cx, &client, "go", ()), told),
            ask(|cx| send(cx, &send(cx, &client, "make", ()), "add", (9u64,)), told),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<u64>(), [5, 9]);
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

#[test]
fn across_levels() {
    let mut sim = Sim::new(|_| {
        let (spawn, far) = spawn_object(counter());
        let inner_far = far.clone();
        transition_no_state!(
            spawn,
            spawn_vm!(spawn!({
                let (spawn, inside) = spawn_object(counter());
                let told = |(): (), sum: Result<Value, Reason>| {
                    transition_no_state!(at_meta_level!(send_message!(sum.unwrap())))
                };
                transition_no_state!(
                    spawn,
                    ask(|cx| send(cx, &inner_far, "add", (5u64,)), told),
                    at_meta_level!(send_message!(Here(inside.to_value()))),
                )
            })),
            subscriber!(
                Here(_),
                on_message!(Here(inside) => ask(
                    |cx| send(cx, &Reference::from_value(&inside).unwrap(), "add", (6u64,)),
                    |(): (), sum: Result<Value, Reason>| transition_no_state!(send_message!(sum.unwrap()))
                ))
            ),
        )
    });
    sim.run();
    assert_eq!(sim.messages_of::<u64>().len(), 2);
}

/// Tells when it is gone.
struct Bell(&'static str, std::sync::Arc<std::sync::Mutex<Vec<&'static str>>>);

impl Drop for Bell {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn objects_go() {
    let rung = std::sync::Arc::default();
    let (a, b) = (Bell("a", std::sync::Arc::clone(&rung)), Bell("b", rung.clone()));
    let mut sim = Sim::new(move |_| {
        let (spawn, far) = spawn_object(script(move |_, _, _| {
            let _ = &a;
            Ok(Value::UNIT)
        }));
        let (spawn2, far2) = spawn_object(script(move |_, _, _| {
            let _ = (&b, &far);
            Ok(Value::UNIT)
        }));
        transition!(
            Some(far2),
            spawn,
            spawn2,
            subscriber!(
                "drop",
                match_state!(_s: Option<marketplace::objects::Far<Script>> => on_message!("drop" => transition!(None)))
            )
        )
    });
    sim.run();
    assert!(rung.lock().unwrap().is_empty());
    assert_eq!(sim.stats().processes, 4);
    sim.send(&Text::from("drop"));
    sim.run();
    assert_eq!(*rung.lock().unwrap(), ["b", "a"]);
    assert_eq!(sim.stats().processes, 2);
}

#[test]
fn ends_are_heard() {
    let mut sim = Sim::new(|_| {
        let (spawn, far) = spawn_object(counter());
        let (spawn2, far2) = spawn_object(counter());
        let told = |what: &'static str| {
            move |(): (), why: Reason| transition_no_state!(send_message!(format!("{what} {why}")))
        };
        let answer = |what: &'static str| {
            move |(): (), sum: Result<Value, Reason>| {
                transition_no_state!(send_message!(format!("{what} {}", sum.unwrap_err())))
            }
        };
        transition_no_state!(
            spawn,
            spawn2,
            marketplace::objects::when_broken(&far, told("broken")),
            marketplace::objects::when_broken(&far2, told("never")),
            ask(|cx| send(cx, &far, "panic", ()), answer("first")),
            ask(|cx| send(cx, &far, "add", (1u64,)), answer("second")),
            ask(
                |_| {
                    let (promise, _) = promise::<u64>();
                    promise
                },
                |(): (), sum: Result<u64, Reason>| transition_no_state!(send_message!(format!("{sum:?}")))
            ),
        )
    });
    sim.run();
    assert_eq!(sim.stats().processes, 1, "the event relay's");
}

#[test]
fn o20_what_waits_at_promises_counts_among_the_bytes_that_wait() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let far = sim.spawn_object(counter());
    sim.run();
    let (later, resolver) = promise::<Value>();
    let text = Text::from("x".repeat(1_000));
    for _ in 0..10 {
        sim.tell(|cx| {
            send(cx, &later, "note", (text.clone(),));
        });
    }
    sim.run();
    assert!(sim.stats().queued_bytes > 10_000, "{}", sim.stats().queued_bytes);
    let limits = marketplace::Limits { queued_bytes: 10_000, ..marketplace::Limits::default() };
    sim.set_limits(limits);
    let sends_one_more = |text: Text, later: marketplace::objects::Promise<Value>| {
        spawn!(transition_no_state!(marketplace::objects::tell(|cx| {
            send(cx, &later, "note", (text,));
        }),))
    };
    sim.spawn(sends_one_more(text.clone(), later.clone()));
    sim.run();
    assert_eq!(sim.exits()[0].reason.to_string(), "queue too large: at most 10000 bytes may wait");
    let far_value = far.to_value();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(far_value))));
    sim.run();
    assert_eq!(sim.stats().queued_bytes, 0);
    sim.spawn(sends_one_more(text, later));
    sim.run();
    assert_eq!(sim.exits().len(), 1, "there is room again");
}
