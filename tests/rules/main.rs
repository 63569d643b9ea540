//! Smoke.
use marketplace::sim::Sim;
use marketplace::*;

#[derive(Clone, Debug, PartialEq)]
struct Ping(u64);
#[derive(Clone, Debug, PartialEq)]
struct Pong(u64);
macro_rules! m {
    ($t:ident) => {
        impl Message for $t {
            fn to_value(&self) -> Value {
                Value::record(stringify!($t), [self.0.to_value()])
            }
            fn from_value(v: &Value) -> Option<Self> {
                match v.view() {
                    View::Record(l, [f]) if l.as_str() == stringify!($t) => Some(Self(u64::from_value(f)?)),
                    _ => None,
                }
            }
        }
    };
}
m!(Ping);
m!(Pong);
fn topic(l: &str) -> Topic {
    Topic::record(l, [Topic::any()])
}
fn ponger<S>() -> Spawn<S> {
    spawn(|_| {
        Transition::new(
            (),
            AddEndpoint::new(Role::subscriber(topic("Ping")), |e, t| match e.decode::<Ping>() {
                Some(Ping(n)) if n > 0 => t.act(send_message(&Pong(n - 1))),
                _ => t.skip(),
            }),
        )
    })
}
fn pinger<S>() -> Spawn<S> {
    spawn(|_| {
        Transition::new(
            (),
            AddEndpoint::new(Role::subscriber(topic("Pong")), |e, t| match e.decode::<Pong>() {
                Some(Pong(n)) if n > 0 => t.act(send_message(&Ping(n - 1))),
                _ => t.skip(),
            }),
        )
    })
}
#[test]
fn ping_pong() {
    let mut sim = Sim::new(|_| Transition::new((), (ponger(), pinger())));
    sim.run();
    sim.send(&Ping(6));
    sim.run();
    println!("{}", sim.trace());
    assert_eq!(sim.messages().len(), 7);
}
#[test]
fn nested() {
    let mut sim = Sim::new(|_| {
        Transition::new(
            (),
            (
                ponger(),
                spawn_vm(|_, _| {
                    Transition::new(
                        (),
                        (
                            at_meta_level(AddEndpoint::new(Role::subscriber(topic("Pong")), |e, t| match e
                                .decode::<Pong>()
                            {
                                Some(Pong(n)) => {
                                    t.act((send_message(&n), at_meta_level(send_message(&Ping(n)))))
                                }
                                _ => t.skip(),
                            })),
                            at_meta_level(send_message(&Ping(4))),
                        ),
                    )
                }),
            ),
        )
    });
    sim.run();
    println!("{}", sim.trace());
    assert_eq!(sim.stats().queued, 0);
}
#[test]
fn source() {
    let s = Sim::source([1u8, 2, 3]);
    let s2 = s.clone();
    let mut sim = Sim::new(move |_| {
        Transition::new(
            (),
            AddEndpoint::new(
                Role::subscriber(Topic::record("Ground", [s.to_value().into(), Topic::any()])),
                |e, t| {
                    if e.is_absence() { t.act(quit()) } else { t.skip() }
                },
            ),
        )
    });
    sim.run();
    println!("{}", sim.trace());
    assert!(!sim.is_on(&s2));
    assert!(sim.is_done());
}
