//! The mistakes of an invocation: all of them, each at the user's token.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// Collects mistakes, so that one invocation reports all of its own at once.
#[derive(Default)]
pub(crate) struct Mistakes(RefCell<Option<Error>>);

impl Mistakes {
    pub(crate) fn at(&self, span: Span, text: impl Display) {
        self.add(Error::new(span, text));
    }

    pub(crate) fn on(&self, tokens: impl ToTokens, text: impl Display) {
        self.add(Error::new_spanned(tokens, text));
    }

    pub(crate) fn add(&self, error: Error) {
        match &mut *self.0.borrow_mut() {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    /// The result, if there is one; a mistake is noted.
    pub(crate) fn keep<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().as_ref().map_or(0, |all| all.into_iter().count())
    }

    /// The compile errors, as statements.
    pub(crate) fn to_tokens(&self) -> Option<TokenStream> {
        self.0.borrow().as_ref().map(Error::to_compile_error)
    }
}

/// The one of `names` that was probably meant.
pub(crate) fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let (distance, nearest) = names.iter().map(|other| (distance(name, other), *other)).min()?;
    (distance <= name.len().max(nearest.len()) / 3).then_some(nearest)
}

/// How many letters must be changed, added or left out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// `a, b or c`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}
