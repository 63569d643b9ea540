//! From checked syntax to calls that a person could write.

mod endpoint;
mod items;
mod pattern;
mod template;
mod witness;

use std::cell::Cell;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Expr, Ident, Lifetime};

pub(crate) use endpoint::{Kind, endpoint};
pub(crate) use items::{
    actions, at_meta_level, ground_vm, let_fresh, send, sequence_actions, spawn, spawn_continue, spawn_vm,
    transition, transition_no_state, yield_now,
};

/// One expansion: the path of the kernel in the user's crate, and names that no user can have
/// written.
pub(crate) struct Expansion {
    pub(crate) krate: TokenStream,
    used: Cell<usize>,
}

impl Expansion {
    pub(crate) fn new(krate: TokenStream) -> Self {
        Self { krate, used: Cell::new(0) }
    }

    fn number(&self) -> usize {
        let number = self.used.get();
        self.used.set(number + 1);
        number
    }

    /// A new variable, shown at this place.
    fn variable(&self, prefix: &str, span: Span) -> Ident {
        format_ident!("__{prefix}{}", self.number(), span = Span::mixed_site().located_at(span))
    }

    fn label(&self) -> Lifetime {
        Lifetime::new(&format!("'__clause{}", self.number()), Span::mixed_site())
    }
}

/// Several trees as one: nothing, the tree itself, or a tuple.
fn tree(trees: &[Expr]) -> TokenStream {
    match trees {
        [] => quote!(()),
        [only] => quote!(#only),
        // Longer tuples are no trees.
        _ if trees.len() > 12 => {
            let (first, rest) = trees.split_at(11);
            let rest = tree(rest);
            quote!((#(#first,)* #rest))
        }
        _ => quote!((#(#trees),*)),
    }
}
