//! From checked syntax to calls that a person could write.

mod endpoint;
mod items;
mod needs;
mod pattern;
mod template;
mod witness;

use std::cell::Cell;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident, Lifetime};

use crate::syntax::ENDPOINTS;
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

impl Expansion {
    /// The bodies of a clause: nothing, the tree itself, or one after the other, so that a mistake
    /// is that of the tree with which it was made. `acts` knows the type of the state.
    fn tree(&self, acts: &Ident, trees: &[Expr]) -> TokenStream {
        match trees {
            [] => quote!(()),
            [only] => typed(acts, only),
            several => {
                let all = Ident::new("__tree", Span::mixed_site());
                let appended = self.appended(&quote!(#all), several);
                quote!({
                    let mut #all = #acts.tree();
                    #appended
                    #all
                })
            }
        }
    }

    /// Several trees as one. Each call has the tree so far as its first argument. So what is
    /// expected of the whole is known when a tree is looked at.
    fn actions(&self, trees: &[Expr]) -> TokenStream {
        let krate = &self.krate;
        if let [only] = trees
            && !is_endpoint(only)
        {
            return quote!(#krate::IntoActionTree::into_action_tree(#only));
        }
        trees.iter().fold(quote!(#krate::ActionTree::new()), |all, tree| {
            let and = if is_endpoint(tree) { "and_endpoint" } else { "and" };
            let and = Ident::new(and, Span::mixed_site().located_at(tree.span()));
            quote!(#krate::__private::#and(#all, #tree))
        })
    }

    /// A transition. The state comes first, so that it says what the trees must be.
    fn transition(&self, state: &TokenStream, trees: &[Expr]) -> TokenStream {
        self.transition_of(&quote!(_), state, trees)
    }

    /// A transition whose state is of this type.
    fn transition_of(&self, of: &TokenStream, state: &TokenStream, trees: &[Expr]) -> TokenStream {
        let krate = &self.krate;
        match trees {
            [] => quote!(#krate::Transition::<#of>::new(#state, ())),
            [only] if is_endpoint(only) => quote!(#krate::__private::with_endpoint::<#of>(#state, #only)),
            [only] => quote!(#krate::Transition::<#of>::new(#state, #only)),
            several => {
                let transition = Ident::new("__transition", Span::mixed_site());
                let appended = self.appended(&quote!(#transition.actions), several);
                quote!({
                    let mut #transition = #krate::Transition::<#of>::new(#state, ());
                    #appended
                    #transition
                })
            }
        }
    }

    fn appended(&self, to: &TokenStream, trees: &[Expr]) -> TokenStream {
        let krate = &self.krate;
        let append = |tree: &Expr| {
            let span = Span::mixed_site().located_at(tree.span());
            let append = Ident::new(if is_endpoint(tree) { "append_endpoint" } else { "append" }, span);
            quote_spanned!(span=> #krate::__private::#append(&mut #to, #tree);)
        };
        trees.iter().map(append).collect()
    }
}

/// Lets an endpoint form know what `acts` knows: the type of the state.
fn typed(acts: &Ident, tree: &Expr) -> TokenStream {
    if is_endpoint(tree) { quote!(#acts.endpoint(#tree)) } else { quote!(#tree) }
}

/// Whether this is an endpoint form.
fn is_endpoint(tree: &Expr) -> bool {
    let Expr::Macro(form) = tree else { return false };
    form.mac.path.segments.last().is_some_and(|last| {
        ENDPOINTS.iter().chain(&["build_endpoint", "callee", "replies"]).any(|known| last.ident == known)
    })
}
