//! The one structure that templates and patterns share: constructors, whose places hold wildcards,
//! leaves and further constructors. A leaf of a template is an expression, a leaf of a pattern is a
//! pattern.

use proc_macro2::Span;
use syn::{ExprPath, Ident, Member};

pub(crate) enum Shape<L> {
    /// `_`.
    Wild(Span),
    Node(Node<L>),
    Leaf(L),
}

/// A constructor, or a tuple.
pub(crate) struct Node<L> {
    /// `None` for a tuple.
    pub(crate) path: Option<ExprPath>,
    pub(crate) span: Span,
    /// The user's braces, or the parentheses of a template, as a whole; without them, the path.
    /// rustc adds a missing field in there.
    pub(crate) braces: Span,
    pub(crate) style: Style,
    pub(crate) places: Vec<Place<L>>,
    /// `..`: the rest are wild. In a positional constructor it stands before the place of this
    /// number.
    pub(crate) rest: Option<(usize, Span)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `Path(..)` or `(..)`.
    Positional,
    /// `Path { .. }`.
    Named,
}

pub(crate) struct Place<L> {
    pub(crate) at: At,
    pub(crate) shape: Shape<L>,
}

/// A place of a constructor.
pub(crate) enum At {
    Front(usize),
    /// Counted from the end, which has number one: behind a `..`.
    Back(usize),
    Named(Member),
}

impl<L> Shape<L> {
    /// The first wildcard in it.
    pub(crate) fn wildcard(&self) -> Option<Span> {
        match self {
            Self::Wild(span) => Some(*span),
            Self::Leaf(_) => None,
            Self::Node(node) => {
                let rest = node.rest.map(|(_, span)| span);
                node.places.iter().find_map(|place| place.shape.wildcard()).or(rest)
            }
        }
    }

    pub(crate) fn each_wildcard(&self, found: &mut dyn FnMut(Span)) {
        match self {
            Self::Wild(span) => found(*span),
            Self::Leaf(_) => {}
            Self::Node(node) => {
                node.places.iter().for_each(|place| place.shape.each_wildcard(found));
                if let Some((_, span)) = node.rest {
                    found(span);
                }
            }
        }
    }

    pub(crate) fn each_leaf<'s>(&'s self, found: &mut dyn FnMut(&'s L)) {
        match self {
            Self::Wild(_) => {}
            Self::Leaf(leaf) => found(leaf),
            Self::Node(node) => node.places.iter().for_each(|place| place.shape.each_leaf(found)),
        }
    }
}

impl<L> Node<L> {
    /// The places of a positional constructor, of which some may be a `..` (`Err`).
    pub(crate) fn positional(
        path: Option<ExprPath>,
        span: Span,
        places: Vec<Result<Shape<L>, Span>>,
        excess: &mut dyn FnMut(Span),
    ) -> Self {
        let total = places.len();
        let mut node =
            Self { path, span, braces: span, style: Style::Positional, places: Vec::new(), rest: None };
        for (number, place) in places.into_iter().enumerate() {
            match (place, node.rest) {
                (Ok(shape), None) => node.places.push(Place { at: At::Front(number), shape }),
                (Ok(shape), Some(_)) => node.places.push(Place { at: At::Back(total - number), shape }),
                (Err(span), None) => node.rest = Some((number, span)),
                (Err(span), Some(_)) => excess(span),
            }
        }
        node
    }
}

/// Whether a name is written like a type or variant (`Eof`), not like a variable or a constant
/// (`eof`, `EOF`).
pub(crate) fn is_camel_case(name: &Ident) -> bool {
    let name = name.to_string();
    let mut letters = name.trim_start_matches("r#").chars();
    letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase)
}

/// Whether a name is written like a variable.
pub(crate) fn is_variable(name: &Ident) -> bool {
    let name = name.to_string();
    let first = name.trim_start_matches("r#").chars().find(|letter| *letter != '_');
    first.is_some_and(|letter| !letter.is_uppercase())
        && !matches!(&*name, "self" | "Self" | "super" | "crate")
}
