//! Conversions lose nothing: a message made into a value and back is the message, and different
//! messages are different values.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use bytes::Bytes;
use marketplace::im::{OrdMap, OrdSet};
use marketplace::{Fresh, InterestType, Message, Opaque, Orientation, Reason, Symbol, Text, Value};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

#[derive(Message, Clone, Debug, PartialEq)]
struct Point {
    x: i64,
    y: i64,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Unit;

#[derive(Message, Clone, Debug, PartialEq)]
struct Reply<T> {
    id: u64,
    body: T,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Pair<A: Clone, B>(A, B)
where
    B: PartialEq;

#[derive(Message, Clone, Debug, PartialEq)]
struct Row<const N: usize>([u8; N]);

#[derive(Message, Clone, Debug, PartialEq)]
enum Shape {
    Empty,
    Circle(Point, u32),
    Polygon {
        points: Vec<Point>,
        name: Option<Text>,
    },
    #[message(label = "shape within")]
    Within(Box<Self>, Box<Self>),
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "r")]
struct Keywords {
    r#type: u8,
    r#fn: (),
}

/// There, back, and there again.
fn keeps<M: Message + PartialEq + Debug>(message: M) -> Result<(), TestCaseError> {
    let value = message.to_value();
    prop_assert_eq!(M::from_value(&value), Some(message));
    prop_assert_eq!(Value::from_value(&value), Some(value.clone()));
    prop_assert_eq!(&value.to_value(), &value);
    Ok(())
}

/// Equal values come from equal messages only.
fn distinguishes<M: Message + PartialEq + Debug>(a: &M, b: &M) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.to_value() == b.to_value(), a == b);
    Ok(())
}

/// `Duration::MAX` has so many, and no duration has more.
const MOST_NANOS: i128 = Duration::MAX.as_nanos() as i128;

/// Integers of which some are durations, and some are just none.
fn nanoseconds() -> impl Strategy<Value = i128> {
    prop_oneof![any::<i128>(), 0..=MOST_NANOS, -3i128..=3, MOST_NANOS - 3..=MOST_NANOS + 3]
}

fn maps() -> impl Strategy<Value = BTreeMap<String, Vec<i8>>> {
    btree_map(".{0,4}", vec(any::<i8>(), 0..5), 0..10)
}

fn points() -> impl Strategy<Value = Point> {
    (any::<i64>(), any::<i64>()).prop_map(|(x, y)| Point { x, y })
}

fn texts() -> impl Strategy<Value = Text> {
    ".{0,8}".prop_map(|text| Text::from(text.as_str()))
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Empty),
        (points(), any::<u32>()).prop_map(|(point, radius)| Shape::Circle(point, radius)),
        (vec(points(), 0..4), proptest::option::of(texts()))
            .prop_map(|(points, name)| Shape::Polygon { points, name }),
    ];
    leaf.prop_recursive(6, 32, 2, |inner| {
        (inner.clone(), inner).prop_map(|(a, b)| Shape::Within(Box::new(a), Box::new(b)))
    })
}

proptest! {
    #[test]
    fn integers(a in any::<u64>(), b in any::<i128>(), c in any::<i8>(), d in any::<usize>(), e in any::<u64>()) {
        keeps((a, b, c, d))?;
        keeps([a, e])?;
        distinguishes(&a, &e)?;
        distinguishes(&i128::from(a), &b)?;
        // One kind of integer, whatever the Rust type; what does not fit is no such integer.
        prop_assert_eq!(a.to_value(), i128::from(a).to_value());
        prop_assert_eq!(u64::from_value(&b.to_value()), u64::try_from(b).ok());
        prop_assert_eq!(i8::from_value(&a.to_value()), i8::try_from(a).ok());
    }

    #[test]
    fn floats(bits in any::<u64>(), other in any::<u64>(), single in any::<u32>()) {
        let (x, y) = (f64::from_bits(bits), f64::from_bits(other));
        prop_assert_eq!(f64::from_value(&x.to_value()).map(f64::to_bits), Some(bits));
        prop_assert_eq!(x.to_value() == y.to_value(), bits == other);
        let single = f32::from_bits(single);
        let back = f32::from_value(&single.to_value());
        prop_assert!(back.is_some_and(|back| back.to_bits() == single.to_bits() || back.is_nan() && single.is_nan()));
        // A number that an `f32` cannot hold is none.
        let fits = x.is_nan() || f64::from(x as f32).to_bits() == bits;
        prop_assert_eq!(f32::from_value(&x.to_value()).is_some(), fits);
    }

    #[test]
    fn texts_symbols_and_bytes(a in ".{0,12}", b in ".{0,12}", bytes in any::<Vec<u8>>(), letter in any::<char>()) {
        keeps(a.clone())?;
        keeps(Text::from(a.as_str()))?;
        keeps(Symbol::new(&a))?;
        keeps(Bytes::from(bytes.clone()))?;
        keeps(bytes)?;
        keeps(letter)?;
        distinguishes(&a, &b)?;
        prop_assert_ne!(Text::from(a.as_str()).to_value(), Symbol::new(&a).to_value());
        prop_assert_eq!(Symbol::from_value(&a.to_value()), None);
    }

    #[test]
    fn durations(a in any::<(u64, u32)>(), b in any::<Duration>(), nanos in nanoseconds()) {
        let a = Duration::new(a.0, a.1 % 1_000_000_000);
        keeps(a)?;
        distinguishes(&a, &b)?;
        prop_assert_eq!(a.to_value(), (a.as_nanos() as i128).to_value());
        prop_assert_eq!(a.to_value() < b.to_value(), a < b);
        let read = Duration::from_value(&nanos.to_value());
        let is_one = (0..=MOST_NANOS).contains(&nanos);
        prop_assert_eq!(read.map(|read| read.as_nanos() as i128), is_one.then_some(nanos));
    }

    #[test]
    fn addresses(
        a in any::<SocketAddr>(),
        b in any::<SocketAddr>(),
        v6 in any::<(Ipv6Addr, u16, Option<u32>, Option<u32>)>(),
    ) {
        keeps(a)?;
        keeps(a.ip())?;
        distinguishes(&a, &b)?;
        distinguishes(&a.ip(), &b.ip())?;
        prop_assert_eq!(a.ip().to_value(), a.ip().to_string().to_value());
        let (ip, port, flow, scope) = v6;
        let v6 = SocketAddrV6::new(ip, port, flow.unwrap_or(0), scope.unwrap_or(0));
        keeps(v6)?;
        keeps(SocketAddr::V6(v6))?;
        prop_assert_eq!(v6.flowinfo() == 0, v6.to_value() == v6.to_string().to_value());
    }

    #[test]
    fn options(a in any::<Option<Option<Option<u8>>>>(), b in any::<Option<Option<Option<u8>>>>()) {
        keeps(a)?;
        distinguishes(&a, &b)?;
    }

    #[test]
    fn collections(
        list in vec(vec(any::<u8>(), 0..10), 0..10),
        set in btree_set(any::<u64>(), 0..20),
        map in maps(),
        other in maps(),
    ) {
        keeps(set.iter().copied().collect::<OrdSet<u64>>())?;
        keeps(map.clone().into_iter().collect::<OrdMap<String, Vec<i8>>>())?;
        keeps(set.iter().copied().collect::<std::collections::HashSet<_>>())?;
        keeps(map.clone().into_iter().collect::<std::collections::HashMap<_, _>>())?;
        distinguishes(&map, &other)?;
        keeps((list, set, map, other))?;
    }

    #[test]
    fn derived(a in shapes(), b in shapes(), id in any::<u64>(), row in any::<[u8; 3]>()) {
        distinguishes(&a, &b)?;
        keeps(a.clone())?;
        keeps(Reply { id, body: a.clone() })?;
        keeps(Reply { id, body: Some(Pair(a, vec![Unit])) })?;
        keeps(Row(row))?;
        keeps(Keywords { r#type: row[0], r#fn: () })?;
        // A record of another arity, label or type of field is another message.
        prop_assert_eq!(Reply::<Unit>::from_value(&Reply { id, body: b.clone() }.to_value()), None);
        prop_assert_eq!(Row::<2>::from_value(&Row(row).to_value()), None);
        prop_assert_eq!(Point::from_value(&b.to_value()), None);
    }
}

#[test]
fn extremes() {
    fn check<M: Message + PartialEq + Debug>(message: M) {
        keeps(message).unwrap_or_else(|error| panic!("{error}"));
    }
    check([u64::MIN, u64::MAX, i64::MAX as u64 + 1]);
    check([i128::MIN, i128::MAX]);
    check([i64::MIN, i64::MAX]);
    check([f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 0.0]);
    check((String::new(), Text::from(""), Symbol::new(""), Bytes::new(), Vec::<u8>::new()));
    check((None::<Option<u8>>, Some(None::<u8>), Some(Some(0u8)), ()));
    check(Fresh::new());
    check(Opaque::new(7u8));
    check([InterestType::Participant, InterestType::Observer, InterestType::Everything]);
    check([Orientation::Publisher, Orientation::Subscriber]);
    check(Unit);
    assert_ne!(0.0f64.to_value(), (-0.0f64).to_value());
    assert_ne!(1u8.to_value(), 1.0f64.to_value());
    assert!(f64::from_value(&f64::NAN.to_value()).is_some_and(f64::is_nan));
    assert_eq!(u8::from_value(&256u16.to_value()), None);
    assert_eq!(u8::from_value(&(-1i8).to_value()), None);
}

#[test]
fn reasons_are_messages() {
    let error = "x".parse::<u8>().expect_err("no number");
    for reason in [
        Reason::Normal,
        Reason::Changed,
        Reason::Shutdown,
        Reason::Refused(1u8.to_value()),
        Reason::Killed(None),
        Reason::Killed(Some(Symbol::new("me").to_value())),
        Reason::value(&Reason::Normal),
        Reason::Panic(Text::from("oh")),
        Reason::error(error),
    ] {
        keeps(reason.clone()).unwrap_or_else(|error| panic!("{error}"));
        // `match_reason!` sees the reason itself, and the message that a reason is.
        assert_eq!(Reason::from_reason(&reason), Some(reason.clone()));
    }
    assert_eq!(u8::from_reason(&Reason::value(&7u8)), Some(7));
    assert_eq!(u8::from_reason(&Reason::Normal), None);
}

#[test]
fn labels_are_names_unless_given() {
    let shown = |message: &dyn Fn() -> Value| message().to_string();
    assert_eq!(shown(&|| Shape::Empty.to_value()), "Shape.Empty");
    assert_eq!(shown(&|| Shape::Circle(Point { x: 1, y: 2 }, 3).to_value()), "Shape.Circle(Point(1, 2), 3)");
    let within = Shape::Within(Box::new(Shape::Empty), Box::new(Shape::Empty));
    assert_eq!(shown(&|| within.to_value()), "|shape within|(Shape.Empty, Shape.Empty)");
    assert_eq!(shown(&|| Keywords { r#type: 1, r#fn: () }.to_value()), "r(1, ())");
    assert_eq!(shown(&|| Reply { id: 1, body: Unit }.to_value()), "Reply(1, Unit)");
}

/// A type that is sent, matched, asked for and given, and is not `Clone`.
#[test]
fn a_message_need_not_be_clone() {
    use marketplace::objects::object;
    use marketplace::prelude::*;
    use marketplace::sim::Sim;

    #[derive(Message, Debug, PartialEq)]
    struct Order(Vec<Item>);

    #[derive(Message, Debug, PartialEq)]
    enum Item {
        Tea { cups: u8 },
    }

    #[derive(Message, Debug, PartialEq, thiserror::Error)]
    #[message(error)]
    #[error("no {0}")]
    struct NoMilk(u8);

    struct Kitchen;

    #[object]
    impl Kitchen {
        fn cook(&self, order: Order) -> Result<Item, NoMilk> {
            let cups = order.0.iter().map(|Item::Tea { cups }| cups).sum();
            if cups < 9 { Ok(Item::Tea { cups }) } else { Err(NoMilk(cups)) }
        }
    }

    let mut sim = Sim::new(|_| {
        transition_no_state!(subscriber!(
            Order(_),
            on_message!(Order(items) => items.into_iter().map(|item| send_message!(item)).collect::<ActionTree<_>>()),
        ))
    });
    sim.run();
    sim.send(&Order(vec![Item::Tea { cups: 2 }]));
    let kitchen = sim.spawn_object(Kitchen);
    let cooked = sim.ask(|cx| {
        let item = kitchen.cook(cx, Order(vec![Item::Tea { cups: 3 }, Item::Tea { cups: 4 }]));
        marketplace::objects::all(cx, [item])
    });
    let none = sim.ask(|cx| kitchen.cook(cx, Order(vec![Item::Tea { cups: 9 }])));
    sim.run();
    assert_eq!(sim.messages_of::<Item>(), [Item::Tea { cups: 2 }]);
    assert_eq!(cooked.answer(), Some(Ok(vec![Item::Tea { cups: 7 }])));
    let Some(Err(none)) = none.answer() else { panic!("no milk for so much tea") };
    assert_eq!(none.decode(), Some(NoMilk(9)));
}

/// Each message has one value: of several ways to write an address, the way it prints is it.
#[test]
fn an_address_is_the_text_that_it_prints() {
    let reads = |text: &str| IpAddr::from_value(&text.to_string().to_value());
    assert_eq!(reads("::1"), Some(Ipv6Addr::LOCALHOST.into()));
    assert_eq!(reads("127.0.0.1"), Some(Ipv4Addr::LOCALHOST.into()));
    for other in ["0:0::1", "::0001", "127.0.0.1:80", "localhost", ""] {
        assert_eq!(reads(other), None, "{other}");
    }
    let socket = |text: &str| SocketAddr::from_value(&text.to_string().to_value());
    assert_eq!(socket("[fe80::1%3]:80").map(|it| it.to_string()), Some("[fe80::1%3]:80".to_string()));
    assert_eq!(socket("[::1%0]:80"), None);
    let with_flow = |flow: u32| SocketAddr::from_value(&("[::1]:80".to_string(), flow).to_value());
    assert_eq!(with_flow(7).map(|it| it.to_string()), Some("[::1]:80".to_string()));
    assert_eq!(with_flow(0), None, "a flow label of 0 is left out");
}

#[test]
fn only_whole_times_that_are_not_negative_are_durations() {
    for none in [(-1i128).to_value(), i128::MAX.to_value(), i128::MIN.to_value(), 1.5f64.to_value()] {
        assert_eq!(Duration::from_value(&none), None);
    }
    assert_eq!(Duration::from_value(&Duration::MAX.to_value()), Some(Duration::MAX));
    assert_eq!(Value::from(Duration::from_millis(3)).to_string(), "3000000");
}
