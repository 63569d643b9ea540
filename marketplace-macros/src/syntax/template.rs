//! Templates: expressions with wildcards.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprInfer, ExprPath, Ident, Lit, RangeLimits, Token};

use crate::mistakes::Mistakes;
use crate::shape::{At, Node, Place, Shape, Style, is_variable};

pub(crate) type Template = Shape<Expr>;

impl Template {
    /// Reads this expression as a template.
    pub(crate) fn read(expression: Expr, mistakes: &Mistakes) -> Self {
        match expression {
            Expr::Infer(wild) => Self::Wild(wild.underscore_token.span),
            Expr::Paren(inner) => Self::read(*inner.expr, mistakes),
            Expr::Group(inner) => Self::read(*inner.expr, mistakes),
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                let span = tuple.paren_token.span.join();
                Self::Node(positional(None, span, tuple.elems, mistakes))
            }
            Expr::Call(call) => match *call.func {
                Expr::Path(path) if is_constructor(&path) => {
                    let (span, braces) = (path.span(), call.paren_token.span.join());
                    let node = positional(Some(path), span, call.args, mistakes);
                    Self::Node(Node { braces, ..node })
                }
                _ => Self::leaf(Expr::Call(call), mistakes),
            },
            Expr::Struct(node) if node.rest.is_none() => {
                let (span, braces) = (node.path.span(), node.brace_token.span.join());
                let place = |field: syn::FieldValue| Place {
                    at: At::Named(field.member),
                    shape: Self::read(field.expr, mistakes),
                };
                Self::Node(Node {
                    path: Some(ExprPath { attrs: node.attrs, qself: node.qself, path: node.path }),
                    span,
                    braces,
                    style: Style::Named,
                    places: node.fields.into_iter().map(place).collect(),
                    rest: node.dot2_token.map(|dots| (0, dots.span())),
                })
            }
            other => Self::leaf(other, mistakes),
        }
    }

    fn leaf(expression: Expr, mistakes: &Mistakes) -> Self {
        let mut stray = Stray { mistakes, inside: "an expression", found: None };
        stray.visit_expr(&expression);
        match stray.found {
            None => Self::Leaf(expression),
            // The mistake is reported; the place counts as wild.
            Some(wild) => Self::Wild(wild),
        }
    }
}

fn positional(
    path: Option<ExprPath>,
    span: Span,
    places: Punctuated<Expr, Token![,]>,
    mistakes: &Mistakes,
) -> Node<Expr> {
    let places = places.into_iter().map(|place| match place {
        Expr::Range(range)
            if range.start.is_none()
                && range.end.is_none()
                && matches!(range.limits, RangeLimits::HalfOpen(_)) =>
        {
            Err(range.span())
        }
        other => Ok(Template::read(other, mistakes)),
    });
    let mut excess = |span| mistakes.at(span, "`..` can stand only once: it says that the rest are wild");
    Node::positional(path, span, places.collect(), &mut excess)
}

/// Whether a call makes a tuple struct or variant.
fn is_constructor(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.starts_with(char::is_uppercase)
    })
}

/// The variable that an expression is.
pub(crate) fn variable(expression: &Expr) -> Option<&Ident> {
    match expression {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident().filter(|name| is_variable(name)),
        _ => None,
    }
}

/// The literal that an expression is.
pub(crate) fn text_literal(expression: &Expr) -> Option<&syn::LitStr> {
    match expression {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// Finds wildcards where none can be.
struct Stray<'m> {
    mistakes: &'m Mistakes,
    inside: &'static str,
    found: Option<Span>,
}

impl<'a> Visit<'a> for Stray<'_> {
    fn visit_expr_infer(&mut self, wild: &'a ExprInfer) {
        self.report(wild.underscore_token.span);
    }

    fn visit_expr_array(&mut self, array: &'a syn::ExprArray) {
        let outer = std::mem::replace(&mut self.inside, "an array");
        visit::visit_expr_array(self, array);
        self.inside = outer;
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        let outer = std::mem::replace(&mut self.inside, "a method call");
        visit::visit_expr_method_call(self, call);
        self.inside = outer;
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        let outer = std::mem::replace(&mut self.inside, "a function's arguments");
        visit::visit_expr_call(self, call);
        self.inside = outer;
    }

    fn visit_expr_assign(&mut self, _: &'a syn::ExprAssign) {
        // `_ = expression` is no wildcard.
    }

    fn visit_macro(&mut self, invocation: &'a syn::Macro) {
        if invocation.path.is_ident("vec") {
            let items = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(invocation.tokens.clone());
            let outer = std::mem::replace(&mut self.inside, "a `Vec`");
            match items {
                Ok(items) => items.iter().for_each(|item| self.visit_expr(item)),
                Err(_) => self.scan(invocation.tokens.clone()),
            }
            self.inside = outer;
        }
    }

    // A wildcard in a closure's or function's body is its own affair.
    fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}
    fn visit_expr_block(&mut self, _: &'a syn::ExprBlock) {}
}

impl Stray<'_> {
    fn report(&mut self, wild: Span) {
        self.found = Some(wild);
        let text = format!(
            "a wildcard cannot stand inside {}: only in constructors and tuples, whose places are matched one by one; \
             use `_` for the whole",
            self.inside
        );
        self.mistakes.at(wild, text);
    }

    fn scan(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(name) if name == "_" => self.report(name.span()),
                _ => {}
            }
        }
    }
}
