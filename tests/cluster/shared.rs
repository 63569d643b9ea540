//! C15: the values that cross, in the codec of CapTP.

use marketplace::im::{OrdMap, OrdSet};
use marketplace::prelude::*;

use crate::stage::*;

#[test]
fn c15_all_data_crosses_as_it_is() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    spawn_at(&mut sim, "b", silent(subscriber("x(_)")));
    let map: OrdMap<Value, Value> = [(Value::from(1), Value::from("one"))].into_iter().collect();
    let set: OrdSet<Value> = [Value::from(2), Value::from("two")].into_iter().collect();
    let texts: OrdMap<Value, Value> = [(Value::from("k"), Value::UNIT)].into_iter().collect();
    let data = [
        Value::UNIT,
        true.into(),
        i128::MAX.into(),
        f64::NEG_INFINITY.into(),
        "text".into(),
        Symbol::new("symbol").into(),
        bytes::Bytes::from_static(b"bytes").into(),
        Value::sequence([Value::from(1), "2".into()]),
        value("y(1, z(_a))"),
        (&map).into(),
        (&set).into(),
        (&texts).into(),
        Value::record("desc:tagged", [Symbol::new("mp:_").into(), 7.into()]),
    ];
    for datum in &data {
        sim.at("a").send(&Value::record("x", [datum.clone()]));
        // A topic with it at a place, and a wildcard beside it.
        let role = Role::publisher(Topic::record("x", [datum.clone().into(), Topic::any()]));
        spawn_at(&mut sim, "a", silent(role.clone()));
        let sees = Role::observer_of_publishers(Topic::record("x", [datum.clone().into(), Topic::any()]));
        spawn_at(&mut sim, "b", log.endpoint("o", sees));
        assert_eq!(log.take(), [format!("o: presence of {role}")]);
    }
    let came: Vec<_> =
        sim.at("b").messages().into_iter().filter(|body| topic("x(_)").matches(body)).collect();
    assert_eq!(came, data.map(|datum| Value::record("x", [datum])));
}

#[test]
fn c15_a_value_that_would_read_as_a_wildcard_is_not_announced() {
    let mut sim = machines(&["a", "b"]);
    let log = Log::default();
    let wildcard = Value::record("desc:tagged", [Symbol::new("mp:_").into(), false.into()]);
    spawn_at(&mut sim, "b", log.endpoint("s", subscriber("x(_)")));
    let role = Role::publisher(Topic::from(Value::record("x", [wildcard.clone()])));
    spawn_at(&mut sim, "a", silent(role));
    assert_eq!(log.take(), ["s: vacancy: no publisher x(_)"]);
    // As a message it is data.
    sim.at("a").send(&Value::record("x", [wildcard.clone()]));
    settle(&mut sim);
    assert_eq!(log.take(), [format!("s: message {}", Value::record("x", [wildcard]))]);
}
