//! Patterns that no message on the endpoint's topic can have, as far as their words say so. Faults
//! of which only their types tell are found when the program is built.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, Lit, Pat};

use crate::shape::{At, Node, Shape};
use crate::syntax::pattern::Pattern;
use crate::syntax::template::Template;

/// A place of a pattern that differs from that of the topic.
pub(super) struct Apart {
    pub(super) span: Span,
    /// The topic's place, in words.
    pub(super) topic: String,
}

/// The first place at which a pattern meets nothing that is on the topic.
pub(super) fn apart(topic: &Template, pattern: &Pattern) -> Option<Apart> {
    match (topic, pattern) {
        (Shape::Node(topic), Shape::Node(pattern)) => match (&topic.path, &pattern.path) {
            (None, None) => tuples(topic, pattern),
            (Some(a), Some(b)) if a.to_token_stream().to_string() == b.to_token_stream().to_string() => {
                below(topic, pattern)
            }
            (Some(_), Some(_)) => None,
            _ => Some(Apart { span: pattern.span, topic: said(topic) }),
        },
        (Shape::Node(topic), Shape::Leaf(pattern)) => {
            literals(pattern)?;
            Some(Apart { span: pattern.span(), topic: said(topic) })
        }
        (Shape::Leaf(topic), Shape::Node(pattern)) => {
            let Expr::Lit(literal) = topic else { return None };
            Some(Apart { span: pattern.span, topic: format!("`{}`", literal.to_token_stream()) })
        }
        (Shape::Leaf(Expr::Lit(topic)), Shape::Leaf(pattern)) => {
            let differ = literals(pattern)?.iter().all(|literal| differ(&topic.lit, literal));
            differ.then(|| Apart { span: pattern.span(), topic: format!("`{}`", topic.to_token_stream()) })
        }
        _ => None,
    }
}

fn tuples(topic: &Node<Expr>, pattern: &Node<Pat>) -> Option<Apart> {
    if topic.rest.is_some() || pattern.rest.is_some() || topic.places.len() == pattern.places.len() {
        return below(topic, pattern);
    }
    Some(Apart { span: pattern.span, topic: said(topic) })
}

/// The places of the same constructor.
fn below(topic: &Node<Expr>, pattern: &Node<Pat>) -> Option<Apart> {
    pattern.places.iter().find_map(|place| {
        let same = topic.places.iter().find(|other| match (&other.at, &place.at) {
            (At::Front(a), At::Front(b)) => a == b,
            (At::Named(a), At::Named(b)) => a == b,
            _ => false,
        })?;
        apart(&same.shape, &place.shape)
    })
}

/// A constructor, or a tuple, in words.
fn said<L>(node: &Node<L>) -> String {
    match &node.path {
        Some(path) => format!("a `{}`", path.to_token_stream().to_string().replace(' ', "")),
        None if node.rest.is_some() => "a tuple".into(),
        None => format!(
            "a tuple with {} place{}",
            node.places.len(),
            if node.places.len() == 1 { "" } else { "s" }
        ),
    }
}

/// The literals that a pattern is, whether or not it also binds.
fn literals(pattern: &Pat) -> Option<Vec<&Lit>> {
    match pattern {
        Pat::Lit(literal) => Some(vec![&literal.lit]),
        Pat::Paren(inner) => literals(&inner.pat),
        Pat::Ident(name) => literals(&name.subpat.as_ref()?.1),
        Pat::Or(choice) => {
            let cases: Option<Vec<_>> = choice.cases.iter().map(literals).collect();
            cases.map(|cases| cases.concat())
        }
        _ => None,
    }
}

/// Whether no value is both.
fn differ(a: &Lit, b: &Lit) -> bool {
    let text = |literal: &Lit| match literal {
        Lit::Str(text) => Some(text.value()),
        Lit::Char(one) => Some(one.value().to_string()),
        _ => None,
    };
    match (a, b) {
        (Lit::Int(a), Lit::Int(b)) => match (a.base10_parse::<u128>(), b.base10_parse::<u128>()) {
            (Ok(a), Ok(b)) => a != b,
            _ => false,
        },
        (Lit::Bool(a), Lit::Bool(b)) => a.value != b.value,
        _ => match (text(a), text(b)) {
            (Some(a), Some(b)) => a != b,
            (None, None) => false,
            _ => matches!((a, b), (Lit::Int(_) | Lit::Bool(_), _) | (_, Lit::Int(_) | Lit::Bool(_))),
        },
    }
}
