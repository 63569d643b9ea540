//! Patterns, by which clauses take events apart.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprPath, Ident, Lit, Pat, PatIdent, Token, Type, TypeReference};

use crate::mistakes::Mistakes;
use crate::shape::{At, Node, Place, Shape, Style, is_camel_case, is_variable};

pub(crate) type Pattern = Shape<Pat>;

/// `pattern`, `pattern: Type`, either with `if guard`.
pub(crate) struct Matcher {
    pub(crate) pattern: Pat,
    /// The pattern again, as constructors with places.
    pub(crate) shape: Pattern,
    pub(crate) given: Option<Type>,
    pub(crate) guard: Option<Expr>,
}

impl Matcher {
    pub(crate) fn parse(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Self> {
        // Brackets that could not be read would be told a second time.
        let ahead = input.fork();
        let pattern = Pat::parse_multi_with_leading_vert(&ahead).map_err(|error| {
            match typed_place(input.cursor().token_stream()) {
                Some(colon) => syn::Error::new(
                    colon,
                    "a place has the type of its field: a type stands behind the whole pattern, `(n, _): (u64, Text)`",
                ),
                None => error,
            }
        })?;
        input.advance_to(&ahead);
        let given = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        let guard = if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        let shape = Pattern::read(pattern.clone(), mistakes);
        Ok(Self { pattern, shape, given, guard })
    }

    /// The type, if it is a reference.
    pub(crate) const fn given_reference(&self) -> Option<&TypeReference> {
        match &self.given {
            Some(Type::Reference(given)) => Some(given),
            _ => None,
        }
    }

    /// The variable that the whole pattern is, if it is one.
    pub(crate) fn bare(&self) -> Option<&Ident> {
        match &self.pattern {
            Pat::Ident(binding) if binding.subpat.is_none() && !is_camel_case(&binding.ident) => {
                Some(&binding.ident)
            }
            _ => None,
        }
    }
}

impl Pattern {
    /// Reads this pattern as constructors with places.
    pub(crate) fn read(pattern: Pat, mistakes: &Mistakes) -> Self {
        match pattern {
            Pat::Wild(wild) => Self::Wild(wild.underscore_token.span),
            Pat::Paren(inner) => Self::read(*inner.pat, mistakes),
            Pat::Tuple(tuple) if !tuple.elems.is_empty() => {
                let span = tuple.paren_token.span.join();
                Self::Node(positional(None, span, tuple.elems, mistakes))
            }
            Pat::TupleStruct(node) => {
                let path = ExprPath { attrs: Vec::new(), qself: node.qself, path: node.path };
                let span = path.span();
                Self::Node(positional(Some(path), span, node.elems, mistakes))
            }
            Pat::Struct(node) => {
                let path = ExprPath { attrs: Vec::new(), qself: node.qself, path: node.path };
                let place = |field: syn::FieldPat| Place {
                    at: At::Named(field.member),
                    shape: Self::read(*field.pat, mistakes),
                };
                Self::Node(Node {
                    span: path.span(),
                    braces: node.brace_token.span.join(),
                    path: Some(path),
                    style: Style::Named,
                    places: node.fields.into_iter().map(place).collect(),
                    rest: node.rest.map(|rest| (0, rest.dot2_token.span())),
                })
            }
            Pat::Ident(name) if is_unit(&name) => {
                Self::unit(ExprPath { attrs: Vec::new(), qself: None, path: name.ident.into() })
            }
            Pat::Path(path) if path.path.segments.last().is_some_and(|last| is_camel_case(&last.ident)) => {
                Self::unit(path)
            }
            other => Self::Leaf(other),
        }
    }

    /// A constructor without places.
    fn unit(path: ExprPath) -> Self {
        let span = path.span();
        let (path, places) = (Some(path), Vec::new());
        Self::Node(Node { path, span, braces: span, style: Style::Named, places, rest: None })
    }
}

/// Whether an identifier is the name of a constructor, not of a binding.
pub(crate) fn is_unit(name: &PatIdent) -> bool {
    name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none() && is_camel_case(&name.ident)
}

fn positional(
    path: Option<ExprPath>,
    span: Span,
    places: Punctuated<Pat, Token![,]>,
    mistakes: &Mistakes,
) -> Node<Pat> {
    let places = places.into_iter().map(|place| match place {
        Pat::Rest(rest) => Err(rest.dot2_token.span()),
        other => Ok(Pattern::read(other, mistakes)),
    });
    let mut excess = |span| mistakes.at(span, "`..` can stand only once in a pattern");
    Node::positional(path, span, places.collect(), &mut excess)
}

/// The first colon in parentheses before a `=>`, where somebody gives a place a type.
pub(crate) fn typed_place(tokens: TokenStream) -> Option<Span> {
    let mut arrow = false;
    let pattern = tokens.into_iter().take_while(|token| {
        let is_end = arrow && matches!(token, TokenTree::Punct(end) if end.as_char() == '>');
        arrow = matches!(token, TokenTree::Punct(start) if start.as_char() == '=');
        !is_end
    });
    pattern.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => colon(group.stream()),
        _ => None,
    })
}

fn colon(tokens: TokenStream) -> Option<Span> {
    let mut path = false;
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => colon(group.stream()),
        TokenTree::Punct(mark) if mark.as_char() == ':' => {
            let is_colon = !path && mark.spacing() == Spacing::Alone;
            path = mark.spacing() == Spacing::Joint;
            is_colon.then(|| mark.span())
        }
        _ => {
            path = false;
            None
        }
    })
}

/// The literal that a pattern is, or the literals: `"a" | "b"`.
pub(crate) fn text_literals(pattern: &Pat) -> Option<Vec<&Lit>> {
    match pattern {
        Pat::Lit(literal) if is_text(&literal.lit) => Some(vec![&literal.lit]),
        Pat::Paren(inner) => text_literals(&inner.pat),
        Pat::Or(choice) => {
            let cases: Option<Vec<_>> = choice.cases.iter().map(text_literals).collect();
            cases.map(|cases| cases.concat())
        }
        _ => None,
    }
}

/// The literals with which the whole pattern is compared, whether or not it also binds:
/// `"a" | "b"`, `name @ "a"`.
pub(crate) fn compared_literals(pattern: &Pat) -> Option<Vec<&Lit>> {
    match pattern {
        Pat::Ident(PatIdent { subpat: Some((_, below)), .. }) => text_literals(below),
        other => text_literals(other),
    }
}

pub(crate) fn is_text(literal: &Lit) -> bool {
    matches!(literal, Lit::Str(_) | Lit::ByteStr(_))
}

/// Whether an identifier in a pattern is that of a binding, not of a constant or a constructor.
pub(crate) fn binds(name: &PatIdent) -> bool {
    name.subpat.is_some() || is_variable(&name.ident)
}

/// The names that a pattern binds.
pub(crate) fn bindings(pattern: &Pat) -> Vec<&Ident> {
    struct Bindings<'p>(Vec<&'p Ident>);
    impl<'p> Visit<'p> for Bindings<'p> {
        fn visit_pat_ident(&mut self, binding: &'p PatIdent) {
            if binds(binding) {
                self.0.push(&binding.ident);
            }
            visit::visit_pat_ident(self, binding);
        }
        fn visit_expr(&mut self, _: &'p Expr) {}
    }
    let mut bindings = Bindings(Vec::new());
    bindings.visit_pat(pattern);
    bindings.0
}
