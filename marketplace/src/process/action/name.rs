//! The names of endpoints.

use std::cell::Cell;

use crate::data::hash;
use crate::data::symbol::Symbol;
use crate::data::text::Text;
use crate::data::value::from::IntoValue;
use crate::data::value::{Value, View};

/// How many names a thread knows, and how long they may be. A name takes the place of another one,
/// if their hashes say so.
const PLACES: usize = 16;
const LONGEST: usize = 32;

thread_local! {
    /// The symbols of names that were texts. A program has few of them, and writes the same ones
    /// again and again: to name an endpoint takes 400 instructions less, and to delete it, too.
    static KNOWN: [Cell<Option<Symbol>>; PLACES] = const { [const { Cell::new(None) }; PLACES] };
}

/// The name of an endpoint: a text is a symbol.
pub(crate) fn as_name(name: impl IntoValue) -> Value {
    let name = name.into();
    match name.view() {
        View::Text(text) => symbol_of(text).into(),
        _ => name,
    }
}

fn symbol_of(text: &Text) -> Symbol {
    // A secret is not kept.
    if text.len() > LONGEST || text.shown_instead().is_some() {
        return Symbol::of_text(text);
    }
    // A thread that is ending knows no names any more.
    KNOWN.try_with(|known| known_symbol_of(text, known)).unwrap_or_else(|_| Symbol::of_text(text))
}

fn known_symbol_of(text: &Text, known: &[Cell<Option<Symbol>>; PLACES]) -> Symbol {
    let hash = hash::of_text(text);
    let place = &known[hash as usize % PLACES];
    let is_it = |symbol: &Symbol| symbol.hash_code() == hash && symbol.as_str() == text.as_str();
    let symbol = place.take().filter(is_it).unwrap_or_else(|| Symbol::of_text(text));
    place.set(Some(symbol.clone()));
    symbol
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_symbol_of_this_text_however_often_it_is_asked_for() {
        let texts: Vec<_> =
            (0..4 * PLACES).map(|n| format!("name {n}")).chain(["n".repeat(LONGEST + 1)]).collect();
        for text in texts.iter().chain(&texts).chain(texts.iter().rev()) {
            assert_eq!(as_name(&**text), Value::from(Symbol::new(text)));
            assert_eq!(as_name(&**text), as_name(Symbol::new(text)));
        }
        assert_eq!(as_name(7), Value::from(7));
    }

    #[test]
    fn short_names_are_known_and_long_ones_and_secrets_are_not() {
        let is_known = |text: Text| {
            symbol_of(&text);
            let hash = hash::of_text(&text);
            KNOWN.with(|known| {
                let symbol = known[hash as usize % PLACES].take();
                symbol.is_some_and(|symbol| symbol.as_str() == text.as_str())
            })
        };
        assert!(is_known("door".into()));
        assert!(!is_known("d".repeat(LONGEST + 1).into()));
        assert!(!is_known(Text::with_secret("4711", "..")));
    }
}
