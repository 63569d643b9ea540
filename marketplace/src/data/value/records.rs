//! Records that nobody has any more, to be written anew.
//!
//! A VM lets go of a message when it has delivered it, and as a rule nobody else has it then. The
//! next message of as many fields is written in its place: that saves 170 instructions of a
//! message, and 220 of one with five fields.

use std::cell::RefCell;
use std::mem;

use triomphe::{Arc, UniqueArc};
use unsize::{CoerceUnsize, Coercion};

use crate::data::spare::{More, Spare};
use crate::data::value::Value;

/// How many parts a record has at most that is kept: the label and seven fields.
const MOST_PARTS: usize = 8;

/// How many records of one length lie at hand.
const FEW: usize = 128;

/// How many more are kept: as many as may well wait at once. A message in a burst of 10,000 takes a
/// quarter less time, if all that wait are used again. With three fields they take about as much
/// memory as the places in the queue do that they have had, which stay, too.
const MORE: usize = 10_000;

/// The records of each length that lie at hand, and those that do not.
type AtHand = [Spare<UniqueArc<[Value]>, FEW>; MOST_PARTS - 1];
type Spares = [RefCell<More<UniqueArc<[Value]>, MORE>>; MOST_PARTS - 1];

// Nothing is in them that would have to be dropped.
thread_local! {
    /// By length.
    static SPARE: AtHand = const { [const { Spare::new() }; MOST_PARTS - 1] };
    /// The records that are not at hand.
    // All in such lists would be 9 instructions more for a message between two processes.
    static SPARES: Spares = const { [const { RefCell::new(More::new()) }; MOST_PARTS - 1] };
}

/// A record of these parts: in the place of one that is spare, if there is one.
// Either way they are written where they stay: what has just been written in pieces is not read as
// a whole.
#[inline(always)]
pub(super) fn of_parts<const N: usize>(parts: [Value; N]) -> Arc<[Value]> {
    let spare = match N.checked_sub(2) {
        Some(at) if at < MOST_PARTS - 1 => SPARE.try_with(|spare| spare[at].take()).ok().flatten(),
        _ => None,
    };
    let mut record = spare.unwrap_or_else(another::<N>);
    let Some(own) = record.first_chunk_mut::<N>() else { unreachable!("it has as many parts") };
    // Nothing is there that would have to be dropped.
    mem::forget(mem::replace(own, parts));
    record.shareable()
}

/// A record to be written, when none is at hand.
#[inline(never)]
fn another<const N: usize>() -> UniqueArc<[Value]> {
    bring(N.wrapping_sub(2))
        .unwrap_or_else(|| UniqueArc::new([const { Value::UNIT }; N]).unsize(Coercion::to_slice()))
}

/// Brings records to hand, and gives one, if there is any.
#[inline]
fn bring(at: usize) -> Option<UniqueArc<[Value]>> {
    let bring = |spare: &AtHand, spares: &Spares| spares.get(at)?.try_borrow_mut().ok()?.bring(&spare[at]);
    SPARE.try_with(|spare| SPARES.try_with(|spares| bring(spare, spares)).ok().flatten()).ok().flatten()
}

/// Nobody needs these parts of a record any more, none of which has to be dropped.
#[inline]
pub(super) fn retire(parts: Arc<[Value]>) {
    // A thread that is ending makes no message any more.
    let _ = SPARE.try_with(move |spare| {
        if let Some(spare) = spare.get(parts.len().wrapping_sub(2))
            && let Ok(record) = Arc::try_unique(parts)
        {
            match spare.has_room() {
                true => spare.put(record),
                false => keep(record),
            }
        }
    });
}

/// Keeps a record, when there is no room at hand.
// It finds its list itself: the way of a message that is retired needs nothing more for it.
#[inline(never)]
fn keep(record: UniqueArc<[Value]>) {
    let at = record.len().wrapping_sub(2);
    let keep = |spare: &AtHand, spares: &Spares| {
        if let (Some(at_hand), Some(Ok(mut spares))) =
            (spare.get(at), spares.get(at).map(RefCell::try_borrow_mut))
        {
            spares.keep(at_hand, record);
        }
    };
    let _ = SPARE.try_with(|spare| SPARES.try_with(|spares| keep(spare, spares)));
}

/// Nobody needs these parts of a record any more. Records and bytes among them are kept in turn, if
/// nobody else has them.
#[inline(never)]
pub(super) fn retire_owners(parts: Arc<[Value]>) {
    let Ok(mut record) = Arc::try_unique(parts) else { return };
    record.iter_mut().for_each(Value::retire_part);
    put(record);
}

/// The fields of a record that nobody needs any more, if there are so many: taken out, if nobody
/// else has it.
#[inline]
pub(super) fn take_fields<const N: usize>(parts: Arc<[Value]>) -> Option<[Value; N]> {
    match Arc::try_unique(parts) {
        Err(shared) => <&[Value; N]>::try_from(shared.get(1..)?).ok().cloned(),
        Ok(mut record) => {
            let [label, fields @ ..] = &mut record[..] else { return None };
            let fields = <&mut [Value; N]>::try_from(fields).ok()?;
            let fields = mem::replace(fields, [const { Value::UNIT }; N]);
            label.retire_part();
            put(record);
            Some(fields)
        }
    }
}

/// Keeps a record in which nothing has to be dropped.
#[inline]
fn put(record: UniqueArc<[Value]>) {
    // A thread that is ending makes no message any more.
    let _ = SPARE.try_with(move |spare| match spare.get(record.len().wrapping_sub(2)) {
        Some(spare) if spare.has_room() => spare.put(record),
        Some(_) => keep(record),
        None => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::opaque::Opaque;
    use crate::data::symbol::Label;
    use crate::data::value::View;

    static PAIR: Label = Label::new("pair");
    static OTHER: Label = Label::new("other");

    fn pair(label: &'static Label, a: impl Into<Value>, b: impl Into<Value>) -> Value {
        Value::from_array(label, [Value::UNIT, a.into(), b.into()])
    }

    /// Where the parts of a record lie.
    fn place(record: &Value) -> *const Value {
        let View::Record(_, fields) = record.view() else { panic!("{record:?} is no record") };
        fields.as_ptr()
    }

    #[test]
    fn a_record_is_written_in_the_place_of_one_that_nobody_has() {
        for first in [pair(&PAIR, 1, 2), pair(&PAIR, "a", "b"), Value::record("pair", [1.into(), 2.into()])] {
            let old = place(&first);
            first.retire();
            let second = pair(&OTHER, "three", 4);
            assert_eq!(place(&second), old);
            assert_eq!(second, Value::record("other", ["three".into(), 4.into()]));
            assert_eq!(second.bytes(), 2 * 24 + 5);
        }
    }

    #[test]
    fn so_is_one_of_seven_fields() {
        let seven = |label, n: i128| {
            let fields = [1, 2, 3, 4, 5, 6, 7].map(|at| Value::from(at * n));
            let [a, b, c, d, e, f, g] = fields;
            Value::from_array(label, [Value::UNIT, a, b, c, d, e, f, g])
        };
        let first = seven(&PAIR, 1);
        let old = place(&first);
        first.retire();
        let second = seven(&OTHER, 2);
        assert_eq!(place(&second), old);
        assert_eq!(second, Value::record("other", (1..=7).map(|at| Value::from(2 * at))));
        assert_eq!(second.bytes(), 7 * 24);
    }

    #[test]
    fn nothing_is_written_where_somebody_looks() {
        let first = pair(&PAIR, 1, "two");
        let (kept, part) = (first.clone(), Value::sequence([first.clone()]));
        first.retire();
        let second = pair(&OTHER, 3, 4);
        assert_ne!(place(&second), place(&kept));
        kept.clone().retire();
        assert_eq!(kept, pair(&PAIR, 1, "two"));
        assert_eq!(part, Value::sequence([kept]));
    }

    #[test]
    fn the_records_in_it_are_kept_in_turn() {
        let (inner, shared) = (pair(&PAIR, 1, "two"), pair(&PAIR, 3, 4));
        let old = place(&inner);
        let outer = Value::from_array(&OTHER, [Value::UNIT, inner, shared.clone(), "five".into()]);
        let outer_old = place(&outer);
        outer.retire();
        assert_eq!(place(&pair(&OTHER, 6, 7)), old);
        let next = Value::from_array(&OTHER, [Value::UNIT, 8.into(), 9.into(), 10.into()]);
        assert_eq!(place(&next), outer_old);
        assert_eq!(shared, pair(&PAIR, 3, 4), "somebody has it");
    }

    #[test]
    fn fields_are_taken_out_of_a_record_and_copied_if_somebody_has_it() {
        let (inner, told) = (pair(&PAIR, 1, "two"), std::sync::Arc::new(()));
        let outer = || pair(&OTHER, inner.clone(), Opaque::new(told.clone()));
        let first = outer();
        let old = place(&first);
        let Some([record, opaque]) = first.into_fields() else { panic!("it has two fields") };
        assert_eq!((place(&record), std::sync::Arc::strong_count(&told)), (place(&inner), 2));
        drop(opaque);
        assert_eq!(std::sync::Arc::strong_count(&told), 1, "nothing is left in the record");
        assert_eq!(place(&pair(&PAIR, 3, 4)), old);
        let kept = outer();
        assert_eq!(kept.clone().into_fields(), Some([inner.clone(), kept.fields()[1].clone()]));
        assert_eq!(kept.fields()[0], inner);
        assert_eq!([kept.into_fields::<1>(), Value::from(1).into_fields()], [None, None]);
        let own_label = Value::record("own label", [inner.clone(), 5.into()]);
        assert_eq!(own_label.into_fields(), Some([inner, 5.into()]));
    }

    #[test]
    fn nothing_is_held_by_a_record_that_is_kept() {
        let told = std::sync::Arc::new(());
        let opaque = || Value::from(Opaque::new(told.clone()));
        pair(&PAIR, opaque(), 1).retire();
        pair(&PAIR, 1, pair(&PAIR, 2, opaque())).retire();
        pair(&PAIR, Value::sequence([opaque()]), Value::record("own label", [opaque()])).retire();
        let shared = Value::record("a", [opaque(), opaque()]);
        shared.clone().retire();
        shared.retire();
        assert_eq!(std::sync::Arc::strong_count(&told), 1);
    }

    fn kept() -> usize {
        let few: usize = SPARE.with(|spare| spare.iter().map(Spare::len).sum());
        few + SPARES.with(|spares| spares.iter().map(|more| more.borrow().len()).sum::<usize>())
    }

    fn retire_all(records: impl Iterator<Item = Value>) {
        records.collect::<Vec<_>>().into_iter().for_each(Value::retire);
    }

    #[test]
    fn so_many_records_are_kept_and_no_more() {
        for _ in 0..2 {
            retire_all((0..2 * MORE).map(|n| pair(&PAIR, n as i128, 0)));
            assert_eq!(kept(), FEW + MORE);
        }
        Value::from_array(&PAIR, [Value::UNIT; MOST_PARTS + 1]).retire();
        Value::from_array(&PAIR, [Value::UNIT]).retire();
        Value::from(1).retire();
        assert_eq!(kept(), FEW + MORE, "others are too long, or need no place");
    }

    #[test]
    fn few_records_are_kept_that_nothing_uses_again() {
        for _ in 0..2 {
            retire_all((0..2 * MORE).map(|n| Value::record("made", [Value::from(n as i128), 0.into()])));
            assert_eq!(kept(), FEW);
        }
        retire_all((0..2 * FEW).map(|n| pair(&PAIR, n as i128, 0)));
        assert_eq!(kept(), 2 * FEW, "those that were missing");
    }
}
