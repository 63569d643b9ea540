//! Values that nest deep.

use marketplace::im::{OrdMap, OrdSet};
use marketplace::prelude::*;
use marketplace::{MAX_DEPTH, TooDeep};

use super::*;
use crate::syrup::SyrupError;

/// A value of the greatest depth, each level of which this makes.
fn deepest(around: impl Fn(Value) -> Value) -> Value {
    let mut value = Value::UNIT;
    loop {
        let next = around(value.clone());
        if 2 * next.depth() - value.depth() > MAX_DEPTH {
            return next;
        }
        value = next;
    }
}

fn around(kind: &str) -> impl Fn(Value) -> Value {
    let symbol = |text| Value::from(Symbol::new(text));
    move |inner: Value| match kind {
        "sequence" => Value::sequence([inner]),
        "record" => Value::record("Level", [inner]),
        "named" => Value::record("mp:record", [inner]),
        "error" => Value::record("desc:error", [inner]),
        "tagged" => Value::record("desc:tagged", [symbol("level"), inner]),
        "plain" => Value::record("mp:plain", [symbol("level"), Value::sequence([inner])]),
        "map" => Value::map(OrdMap::unit(inner, true.into())).unwrap(),
        "struct" => Value::map(OrdMap::unit("key".into(), inner)).unwrap(),
        _ => Value::set(OrdSet::unit(inner)).unwrap(),
    }
}

const KINDS: [&str; 9] = ["sequence", "record", "named", "error", "tagged", "plain", "map", "struct", "set"];

#[test]
fn k19_the_deepest_value_arrives() {
    for kind in KINDS {
        let value = deepest(around(kind));
        let mut mirror = Mirror::default();
        let bytes = mirror.written(&value).unwrap();
        assert_eq!(mirror.read(&bytes), Ok(value), "{kind}");
    }
}

/// Each opening makes the value before it one level deeper, also where the reader may nest deeper
/// than a value.
#[test]
fn what_nests_deeper_is_refused() {
    let limits = Limits { bytes: usize::MAX, depth: usize::MAX };
    for opening in [
        "[",
        "{1\"a",
        "{",
        "#",
        "<",
        "<4'null",
        "<3'odd",
        "<11'desc:tagged",
        "<11'desc:tagged1'a",
        "<11'desc:tagged1'a[",
        "<11'desc:tagged6'mp:set[",
        "<11'desc:tagged6'mp:map[[",
        "<11'desc:tagged9'mp:record[1'a[",
    ] {
        let bytes = opening.repeat(100_000).into_bytes();
        let read = |limits| value::read(&mut Reader::new(&bytes, limits), &mut Mirror::default());
        assert_eq!(read(limits), Err(TooDeep.into()), "{opening}");
        let few = Limits { depth: 9, ..limits };
        assert_eq!(read(few), Err(SyrupError::TooDeep { limit: 9 }.into()), "{opening}");
    }
}

/// Each promise is settled with a list of the next one. They make no value that could be read.
#[test]
fn what_nests_deeper_by_promises_is_refused() {
    let chain: Vec<Reference> = (0..1_000).map(|_| reference()).collect();
    let mut mirror = Mirror::default();
    for (level, kind) in KINDS.into_iter().cycle().take(chain.len() - 1).enumerate() {
        let next = Value::from(chain[level + 1].clone());
        mirror.settled.push((chain[level].clone(), around(kind)(next)));
    }
    let refused = mirror.written(&chain[0].clone().into());
    assert_eq!(refused, Err(Unpassable { what: TooDeep.to_string() }));
    // Some can be read.
    let (last, _) = mirror.settled[100].clone();
    mirror.settled[100] = (last, 7.into());
    let bytes = mirror.written(&chain[0].clone().into()).unwrap();
    assert!(mirror.read(&bytes).unwrap().depth() >= 100);
}
