//! Values and topics, made out of any bytes.

use bytes::Bytes;
use marketplace::im::{OrdMap, OrdSet};
use marketplace::{Label, Symbol, Text, Topic, Value};

/// How deep what is made nests.
const DEEPEST: usize = 6;

/// Bytes that are used up; when there are none left, zeros follow.
pub(crate) struct Dough<'d>(&'d [u8]);

impl<'d> Dough<'d> {
    pub(crate) const fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, len: usize) -> &'d [u8] {
        let (taken, left) = self.0.split_at(len.min(self.0.len()));
        self.0 = left;
        taken
    }

    /// A number below this.
    pub(crate) fn below(&mut self, limit: u8) -> u8 {
        self.take(1).first().map_or(0, |byte| byte % limit)
    }

    fn number<const N: usize>(&mut self) -> [u8; N] {
        let mut number = [0; N];
        let taken = self.take(N);
        number[..taken.len()].copy_from_slice(taken);
        number
    }

    fn text(&mut self) -> String {
        let len = self.below(8).into();
        String::from_utf8_lossy(self.take(len)).into_owned()
    }

    fn several<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(5)).map(|_| make(self)).collect()
    }

    /// Any value that can be written.
    pub(crate) fn value(&mut self) -> Value {
        self.value_within(DEEPEST)
    }

    fn value_within(&mut self, depth: usize) -> Value {
        let inner = |dough: &mut Self| dough.value_within(depth - 1);
        match self.below(if depth == 0 { 9 } else { 13 }) {
            0 => Value::UNIT,
            1 => (self.below(2) == 0).into(),
            2 => i128::from(self.below(4)).into(),
            3 => i128::from_le_bytes(self.number()).into(),
            4 => f64::from_bits(u64::from_le_bytes(self.number())).into(),
            5 => Text::from(self.text()).into(),
            6 => Symbol::from(self.text()).into(),
            7 => Bytes::copy_from_slice(self.text().as_bytes()).into(),
            8 => Value::record(self.text(), []),
            9 => Value::record(self.text(), self.several(inner)),
            10 => Value::sequence(self.several(inner)),
            11 => Value::set(OrdSet::from_iter(self.several(inner))).expect("it is not deep"),
            _ => {
                let entries = self.several(|dough| (inner(dough), inner(dough)));
                Value::map(OrdMap::from_iter(entries)).expect("it is not deep")
            }
        }
    }

    /// Any topic that can be written.
    pub(crate) fn topic(&mut self) -> Topic {
        self.topic_within(DEEPEST)
    }

    fn topic_within(&mut self, depth: usize) -> Topic {
        let inner = |dough: &mut Self| dough.topic_within(depth - 1);
        match self.below(if depth == 0 { 2 } else { 4 }) {
            0 => Topic::any(),
            1 => self.value_within(depth).into(),
            2 => Topic::record(self.text(), self.several(inner)),
            _ => Topic::sequence(self.several(inner)),
        }
    }

    /// A topic out of so few that they often meet.
    pub(crate) fn common_topic(&mut self) -> Topic {
        self.common(2, true)
    }

    /// A value out of so few that they often match.
    pub(crate) fn common_value(&mut self) -> Value {
        self.common(2, false).as_value().expect("it has no wildcard").clone()
    }

    fn common(&mut self, depth: usize, wild: bool) -> Topic {
        static LABEL: Label = Label::new("A");
        let kinds = if depth == 0 { 6 } else { 10 };
        match self.below(kinds + 2 * u8::from(wild)) {
            0 | 1 => Value::from(i128::from(self.below(3))).into(),
            2 => Value::from(1.0).into(),
            3 => Value::from(Symbol::new("A")).into(),
            4 => Value::from(&*"long".repeat(20)).into(),
            5 => Value::record("A", []).into(),
            6..=8 if depth > 0 => {
                let label = match self.below(3) {
                    0 => Symbol::from_label(&LABEL),
                    1 => Symbol::new("A"),
                    _ => Symbol::new("B"),
                };
                let arity = self.below(5);
                Topic::record(label, (0..arity).map(|_| self.common(depth - 1, wild)).collect::<Vec<_>>())
            }
            9 if depth > 0 => {
                let len = self.below(3);
                Topic::sequence((0..len).map(|_| self.common(depth - 1, wild)).collect::<Vec<_>>())
            }
            _ => Topic::any(),
        }
    }
}
