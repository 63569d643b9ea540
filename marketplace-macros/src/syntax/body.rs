//! Bodies of clauses and arms.

use syn::parse::ParseStream;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

use crate::mistakes::Mistakes;
use crate::syntax::dropped;

/// A body that ends where an argument does.
pub(crate) fn argument(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Expr> {
    input.parse().map(|body| checked(body, mistakes))
}

/// A body that ends where that of a `match` arm does.
pub(crate) fn arm(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Expr> {
    Expr::parse_with_earlier_boundary_rule(input).map(|body| checked(body, mistakes))
}

/// A body becomes part of a closure of ours, from which it must not return. An action that it
/// drops does nothing.
pub(crate) fn checked(mut body: Expr, mistakes: &Mistakes) -> Expr {
    Returns(mistakes).visit_expr_mut(&mut body);
    dropped::report(&mut body, parse_quote!(::core::unreachable!()), mistakes);
    body
}

struct Returns<'m>(&'m Mistakes);

impl VisitMut for Returns<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Return(found) = expression {
            self.0.on(
                found.return_token,
                "`return` has nothing to return from here: a body's value is its last expression \
                 (use `if .. else ..` or `match`; `Err(..)?` ends the process)",
            );
            *expression = parse_quote!(::core::unreachable!());
        }
        visit_mut::visit_expr_mut(self, expression);
    }
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
