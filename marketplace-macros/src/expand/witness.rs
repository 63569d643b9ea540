//! Every place of a template or pattern has a witness: a variable whose type rustc infers from a
//! branch that never runs.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::Expansion;
use crate::derive::member_name;
use crate::shape::{At, Node, Shape, Style};

/// A shape whose places have witnesses.
pub(super) struct Seen<'s, L> {
    pub(super) shape: &'s Shape<L>,
    pub(super) witness: Ident,
    /// The places of a node.
    pub(super) below: Vec<Self>,
}

impl<'s, L: ToTokens> Seen<'s, L> {
    pub(super) fn new(expansion: &Expansion, shape: &'s Shape<L>) -> Self {
        let below = match shape {
            Shape::Node(node) => node.places.iter().map(|place| Self::new(expansion, &place.shape)).collect(),
            Shape::Wild(_) | Shape::Leaf(_) => Vec::new(),
        };
        Self { shape, witness: expansion.variable("place", span_of(shape)), below }
    }

    /// The witnesses, and the branch that never runs. The whole may be of a type that the user has
    /// given.
    pub(super) fn declare(&self, expansion: &Expansion, given: Option<&Type>) -> TokenStream {
        let krate = &expansion.krate;
        let is_typed = given.is_some();
        let given = given.map(|given| quote_spanned!(Span::mixed_site().located_at(given.span())=> : #krate::__private::Witness<#given>));
        let witness = &self.witness;
        let mut below = Vec::new();
        self.below.iter().for_each(|place| place.collect(&mut below));
        let names = below.iter().map(|place| &place.witness);
        let whole = (is_typed || !matches!(self.shape, Shape::Wild(_)))
            .then(|| quote!(let #witness #given = #krate::__private::Witness::new();));
        let branch = matches!(self.shape, Shape::Node(_)).then(|| {
            let pattern = self.constructor();
            let facts = below.iter().map(|place| {
                let (witness, place) = (&place.witness, place.reference());
                quote!(#witness.is(#place);)
            });
            quote! {
                if false {
                    #[allow(irrefutable_let_patterns)]
                    if let #pattern = *#witness.never() {
                        #(#facts)*
                    }
                }
            }
        });
        quote! {
            #whole
            #(let #names = #krate::__private::Witness::new();)*
            #branch
        }
    }

    /// The witnesses of a value, and the branch that never runs: there the user's constructors are
    /// called, so that rustc says of a field that is missing that it is.
    pub(super) fn declare_made(&self, expansion: &Expansion) -> TokenStream {
        let krate = &expansion.krate;
        let mut all = Vec::new();
        self.collect(&mut all);
        let names = all.iter().map(|place| &place.witness);
        let branch = matches!(self.shape, Shape::Node(_)).then(|| {
            let made = self.made(expansion);
            quote! {
                if false {
                    let _ = #made;
                }
            }
        });
        quote! {
            #(let #names = #krate::__private::Witness::new();)*
            #branch
        }
    }

    /// The user's constructors, called with what never comes.
    fn made(&self, expansion: &Expansion) -> TokenStream {
        let (krate, witness) = (&expansion.krate, &self.witness);
        let node = match self.shape {
            Shape::Wild(_) => return quote!(#krate::__private::never()),
            Shape::Leaf(_) => return quote!(#witness.nothing()),
            Shape::Node(node) => node,
        };
        let parts: Vec<_> = node
            .places
            .iter()
            .zip(&self.below)
            .map(|(place, seen)| {
                let made = seen.made(expansion);
                match &place.at {
                    At::Named(member) => quote!(#member: #made),
                    At::Front(_) | At::Back(_) => made,
                }
            })
            .collect();
        let path = &node.path;
        let (delimiter, parts) = match (node.style, path) {
            (Style::Named, _) => (Delimiter::Brace, quote!(#(#parts),*)),
            (Style::Positional, Some(_)) => (Delimiter::Parenthesis, quote!(#(#parts),*)),
            (Style::Positional, None) => (Delimiter::Parenthesis, quote!(#(#parts,)*)),
        };
        let mut braces = Group::new(delimiter, parts);
        braces.set_span(node.braces);
        quote!(#witness.made(#path #braces))
    }

    /// Every place below, this one first, that is not wild.
    fn collect<'t>(&'t self, all: &mut Vec<&'t Self>) {
        if !matches!(self.shape, Shape::Wild(_)) {
            all.push(self);
            self.below.iter().for_each(|place| place.collect(all));
        }
    }

    /// The variable that refers to this place in the branch.
    fn reference(&self) -> Ident {
        Ident::new(&format!("{}_ref", self.witness), self.witness.span())
    }

    fn pattern(&self) -> TokenStream {
        let reference = self.reference();
        match self.shape {
            Shape::Wild(span) => quote_spanned!(*span=> _),
            Shape::Leaf(_) => quote_spanned!(reference.span()=> ref #reference),
            Shape::Node(_) => {
                let constructor = self.constructor();
                quote_spanned!(reference.span()=> ref #reference @ #constructor)
            }
        }
    }

    /// The user's constructor as a pattern.
    fn constructor(&self) -> TokenStream {
        let Shape::Node(node) = self.shape else { return self.pattern() };
        let path = &node.path;
        let mut places: Vec<_> = node
            .places
            .iter()
            .zip(&self.below)
            .map(|(place, seen)| {
                let pattern = seen.pattern();
                match &place.at {
                    At::Named(member) => quote!(#member: #pattern),
                    At::Front(_) | At::Back(_) => pattern,
                }
            })
            .collect();
        if let Some((before, span)) = node.rest {
            let at = if node.style == Style::Named { places.len() } else { before };
            places.insert(at, quote_spanned!(span=> ..));
        }
        match node.style {
            Style::Named => {
                let mut braces = Group::new(Delimiter::Brace, quote!(#(#places),*));
                braces.set_span(node.braces);
                quote!(#path #braces)
            }
            // A trailing comma makes one place a tuple; after `..` there can be none.
            Style::Positional if node.path.is_none() && node.rest.is_none() => {
                quote_spanned!(node.span=> (#(#places,)*))
            }
            Style::Positional => quote_spanned!(node.span=> #path (#(#places),*)),
        }
    }

    /// The place number `at` of its node, as an expression.
    pub(super) fn index(&self, expansion: &Expansion, node: &Node<L>, at: usize) -> TokenStream {
        let (witness, name) = (&self.witness, constructor_key(expansion, node));
        match &node.places[at].at {
            At::Front(index) => quote!(#index),
            At::Back(back) => {
                let span = Span::mixed_site().located_at(node.span);
                quote_spanned!(span=> #witness.arity::<#name>() - #back)
            }
            At::Named(member) => {
                let krate = &expansion.krate;
                let field = member_name(member);
                let span = Span::mixed_site().located_at(node.span);
                quote_spanned!(span=> #witness.place::<#name, { #krate::__private::key(#field) }>())
            }
        }
    }
}

/// The key of a node's constructor, as an argument for a const parameter.
pub(super) fn constructor_key<L>(expansion: &Expansion, node: &Node<L>) -> TokenStream {
    let krate = &expansion.krate;
    match node.path.as_ref().and_then(|path| path.path.segments.last()) {
        Some(last) => {
            let name = syn::ext::IdentExt::unraw(&last.ident).to_string();
            quote_spanned!(Span::mixed_site().located_at(last.ident.span())=> { #krate::__private::key(#name) })
        }
        None => quote!(0),
    }
}

fn span_of<L: ToTokens>(shape: &Shape<L>) -> Span {
    match shape {
        Shape::Wild(span) => *span,
        Shape::Node(node) => node.span,
        Shape::Leaf(leaf) => leaf.span(),
    }
}
