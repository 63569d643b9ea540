//! Values that others send, made at random.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::made::{label, number};
use super::*;

/// Syrup that OCapN knows.
#[derive(Clone, Debug)]
enum Syrup {
    Bool(bool),
    Int(i128),
    Float(f64),
    Bytes(Vec<u8>),
    Text(String),
    Symbol(String),
    List(Vec<Self>),
    Struct(Vec<(String, Self)>),
    Record(Box<Self>, Vec<Self>),
    Export(u64),
    Give(Box<Self>),
}

impl Syrup {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Bool(b) => writer.bool(*b),
            Self::Int(i) => writer.int(*i),
            Self::Float(x) => writer.float(*x),
            Self::Bytes(bytes) => writer.bytes(bytes),
            Self::Text(text) => writer.text(text),
            Self::Symbol(symbol) => writer.symbol(symbol),
            Self::List(items) => {
                writer.open(Kind::List);
                items.iter().for_each(|item| item.write(writer));
                writer.close(Kind::List);
            }
            Self::Struct(entries) => {
                let mut sorted = writer.open_sorted(Kind::Dict);
                for (key, value) in entries {
                    writer.entry(&mut sorted);
                    writer.text(key);
                    value.write(writer);
                }
                writer.close_sorted(sorted);
            }
            Self::Record(label, fields) => {
                writer.open(Kind::Record);
                label.write(writer);
                fields.iter().for_each(|field| field.write(writer));
                writer.close(Kind::Record);
            }
            Self::Export(at) => writer.raw(&spelled(Descriptor::Export(*at))),
            Self::Give(inside) => {
                writer.open(Kind::Record);
                writer.symbol("desc:sig-envelope");
                Self::Record(Box::new(Self::Symbol("desc:handoff-give".into())), vec![(**inside).clone()])
                    .write(writer);
                inside.write(writer);
                writer.close(Kind::Record);
            }
        }
    }

    /// Whether a label means something of its own, so that not every field will do.
    fn is_reference(label: &str) -> bool {
        ["desc:import-object", "desc:import-promise", "desc:export", "desc:answer", "desc:sig-envelope"]
            .contains(&label)
    }
}

fn syrup() -> impl Strategy<Value = Syrup> {
    let free = || label().prop_filter("it is free", |label| !Syrup::is_reference(label));
    let leaf = prop_oneof![
        any::<bool>().prop_map(Syrup::Bool),
        any::<i128>().prop_map(Syrup::Int),
        number().prop_map(Syrup::Float),
        vec(any::<u8>(), 0..4).prop_map(Syrup::Bytes),
        ".{0,4}".prop_map(Syrup::Text),
        label().prop_map(Syrup::Symbol),
        (0..3u64).prop_map(Syrup::Export),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let symbol = |label| Box::new(Syrup::Symbol(label));
        let ours = |tag: &str| ["mp:record", "mp:map", "mp:set"].contains(&tag);
        let tag = label().prop_filter("it is not ours", move |tag| !ours(tag)).prop_map(Syrup::Symbol);
        let tagged = (tag, inner.clone());
        let others = inner.clone().prop_filter("it is no symbol or reference", |label| {
            !matches!(label, Syrup::Symbol(_) | Syrup::Export(_) | Syrup::Give(_))
        });
        let fields = || vec(inner.clone(), 0..4);
        let no_tag = |(label, fields): &(String, Vec<Syrup>)| label != "desc:tagged" || fields.is_empty();
        prop_oneof![
            fields().prop_map(Syrup::List),
            btree_map(".{0,3}", inner.clone(), 0..4).prop_map(|map| Syrup::Struct(map.into_iter().collect())),
            (free(), fields())
                .prop_filter("it is not tagged", no_tag)
                .prop_map(move |(label, fields)| Syrup::Record(symbol(label), fields)),
            (others, fields()).prop_map(|(label, fields)| Syrup::Record(Box::new(label), fields)),
            tagged
                .prop_map(move |(tag, inner)| Syrup::Record(symbol("desc:tagged".into()), vec![tag, inner])),
            inner.clone().prop_map(|inside| Syrup::Give(Box::new(inside))),
        ]
    })
}

fn bytes_of(syrup: &Syrup) -> Vec<u8> {
    let mut writer = Writer::new();
    syrup.write(&mut writer);
    writer.into_bytes()
}

/// Reads it, if it can be read, and expects that it arrives when it is sent.
fn check(bytes: &[u8]) {
    let mut mirror = Mirror::default();
    let mut reader = Reader::new(bytes, Limits::default());
    let Ok(value) = value::read(&mut reader, &mut mirror) else { return };
    assert!(reader.at() <= bytes.len());
    let sent = mirror.written(&value).unwrap();
    let arrived = mirror.read(&sent).unwrap();
    // A certificate is an opaque value, which is equal only to itself.
    assert_eq!(mirror.written(&arrived).unwrap(), sent);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn k19_what_is_unknown_goes_home_unchanged(syrup in syrup()) {
        let bytes = bytes_of(&syrup);
        let mut mirror = Mirror::default();
        let value = mirror.read(&bytes).unwrap();
        let home = mirror.written(&value).unwrap();
        prop_assert_eq!(String::from_utf8_lossy(&home), String::from_utf8_lossy(&bytes), "{}", value);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn what_looks_like_syrup_is_read_or_refused(text in "([0-3][+\"':-]|[a-c{}<>\\[\\]#$tf]|<11'desc:(tagged|export)|6'mp:map|9'mp:record|6'mp:set|4'void){0,24}") {
        check(text.as_bytes());
    }

    #[test]
    fn spoiled_bytes_are_read_or_refused(syrup in syrup(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = bytes_of(&syrup);
        let at = at.index(bytes.len());
        check(&bytes[..at]);
        check(&bytes[at..]);
        bytes[at] = byte;
        check(&bytes);
        bytes.insert(at, byte);
        check(&bytes);
        bytes.remove(at);
        bytes.remove(at);
        check(&bytes);
    }
}
