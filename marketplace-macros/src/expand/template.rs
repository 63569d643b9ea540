//! Templates become values and topics, place by place.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::Expansion;
use super::witness::{Seen, constructor_key};
use crate::shape::{Node, Shape, Style};
use crate::syntax::template::{Template, text_literal, variable};

impl Expansion {
    /// The value that a template without wildcards is.
    pub(super) fn value(&self, template: &Template) -> TokenStream {
        match self.parts(template) {
            Some(parts) => {
                let krate = &self.krate;
                let parts = parts.map(|part| self.value(part));
                quote!(#krate::Value::sequence([#(#parts),*]))
            }
            None => self.witnessed(template, |seen| {
                // A wildcard has been reported, and stands for nothing that could be made.
                let declared = match template.wildcard() {
                    None => seen.declare_made(self),
                    Some(_) => seen.declare(self, None),
                };
                (declared, seen.value(self))
            }),
        }
    }

    /// The topic that a template is.
    pub(crate) fn topic(&self, template: &Template) -> TokenStream {
        let krate = &self.krate;
        match (self.parts(template), template) {
            (_, Shape::Wild(_)) => quote!(#krate::Topic::any()),
            (Some(parts), _) => {
                let parts = parts.map(|part| self.topic(part));
                quote!(#krate::Topic::sequence([#(#parts),*]))
            }
            (None, Shape::Leaf(_)) => {
                let value = self.value(template);
                quote!(#krate::Topic::from(#value))
            }
            _ => self.witnessed(template, |seen| (seen.declare(self, None), seen.topic(self))),
        }
    }

    /// The parts of a tuple that is the whole template: only the parts themselves say what their
    /// types are.
    fn parts<'t>(&self, template: &'t Template) -> Option<impl Iterator<Item = &'t Template>> {
        match template {
            Shape::Node(node @ Node { path: None, rest: None, .. }) => {
                Some(node.places.iter().map(|place| &place.shape))
            }
            _ => None,
        }
    }

    fn witnessed(
        &self,
        template: &Template,
        of: impl FnOnce(&Seen<'_, Expr>) -> (TokenStream, TokenStream),
    ) -> TokenStream {
        if let Shape::Leaf(text) = template
            && text_literal(text).is_some()
        {
            let krate = &self.krate;
            return quote!(#krate::Value::from(#krate::Text::from(#text)));
        }
        // Nothing says its type but it itself.
        if let Shape::Leaf(leaf) = template
            && is_variable(leaf)
        {
            let krate = &self.krate;
            return quote_spanned!(Span::mixed_site().located_at(leaf.span())=> #krate::__private::whole(&#leaf));
        }
        let (declared, whole) = of(&Seen::new(self, template));
        quote!({ #declared #whole })
    }
}

/// Whether this is a variable, a field, or a reference: not moved, and perhaps a reference already.
fn is_variable(leaf: &Expr) -> bool {
    variable(leaf).is_some() || matches!(leaf, Expr::Field(_) | Expr::Reference(_))
}

impl Seen<'_, Expr> {
    fn value(&self, expansion: &Expansion) -> TokenStream {
        let krate = &expansion.krate;
        let witness = &self.witness;
        let node = match self.shape {
            Shape::Wild(_) => return quote!(#krate::Value::UNIT),
            Shape::Leaf(leaf) => return self.leaf(leaf),
            Shape::Node(node) => node,
        };
        let values = self.below.iter().map(|place| place.value(expansion));
        if node.path.is_none() {
            return quote!(#krate::Value::sequence([#(#values),*]));
        }
        let (name, arity) = (constructor_key(expansion, node), node.places.len());
        let parts = arity + 1;
        let span = Span::mixed_site().located_at(node.span);
        match node.style {
            Style::Positional => {
                quote_spanned!(span=> #witness.record_of::<#name, #parts>([#krate::Value::UNIT, #(#values),*]))
            }
            Style::Named => {
                let indexes: Vec<_> = (0..arity).map(|at| self.index(expansion, node, at)).collect();
                let order = 0..arity;
                quote_spanned!(span=> #witness.record_with::<#name, #arity, #parts>(
                    true #(& (#indexes == #order))*,
                    [#(#indexes),*],
                    [#krate::Value::UNIT, #(#values),*],
                ))
            }
        }
    }

    fn leaf(&self, leaf: &Expr) -> TokenStream {
        let witness = &self.witness;
        let span = Span::mixed_site().located_at(leaf.span());
        if is_variable(leaf) || text_literal(leaf).is_some() {
            quote_spanned!(span=> #witness.variable(&#leaf))
        } else {
            let binds_less =
                matches!(leaf, Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Closure(_));
            let leaf = if binds_less { quote!((#leaf)) } else { quote!(#leaf) };
            quote_spanned!(span=> #witness.expression(&#leaf))
        }
    }

    pub(super) fn topic(&self, expansion: &Expansion) -> TokenStream {
        let krate = &expansion.krate;
        let node = match self.shape {
            Shape::Wild(_) => return quote!(#krate::Topic::any()),
            Shape::Node(node) if self.shape.wildcard().is_some() => node,
            Shape::Node(_) | Shape::Leaf(_) => {
                let value = self.value(expansion);
                return quote!(#krate::Topic::from(#value));
            }
        };
        let given = self.below.iter().enumerate().filter(|(_, place)| !matches!(place.shape, Shape::Wild(_)));
        let places: Vec<_> = given
            .map(|(at, place)| {
                let (index, topic) = (self.index(expansion, node, at), place.topic(expansion));
                quote!((#index, #topic))
            })
            .collect();
        let (witness, count) = (&self.witness, places.len());
        if node.path.is_none() {
            return quote!(#witness.tuple_topic::<#count>([#(#places),*]));
        }
        let name = constructor_key(expansion, node);
        quote_spanned!(Span::mixed_site().located_at(node.span)=> #witness.record_topic::<#name, #count>([#(#places),*]))
    }
}
