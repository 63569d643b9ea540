//! The `cx` of a method in a closure that runs later: the method is over then, and so is its `cx`.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprClosure, ExprMethodCall, FnArg, Pat, PatIdent, Path, Signature, parse_quote};

use super::signature::is_cx;
use crate::mistakes::Mistakes;

/// The methods of a `cx` whose closures run later, and have a `cx` of their own.
const LATER: &[&str] = &["when", "when_broken"];

/// Reports the method's own `cx` where a closure that runs later uses it, and lets that closure use
/// its own.
pub(super) fn report(sig: &Signature, body: &mut Block, mistakes: &Mistakes) {
    if let Some(name) = name_of_cx(sig) {
        Closures { mistakes, name }.visit_block_mut(body);
    }
}

fn name_of_cx(sig: &Signature) -> Option<Ident> {
    sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(argument) if is_cx(&argument.ty) => match &*argument.pat {
            Pat::Ident(binding) => Some(binding.ident.clone()),
            _ => None,
        },
        _ => None,
    })
}

struct Closures<'m> {
    mistakes: &'m Mistakes,
    name: Ident,
}

impl VisitMut for Closures<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        if LATER.iter().any(|later| call.method == later)
            && is_name(&call.receiver, &self.name)
            && let Some(Expr::Closure(closure)) = call.args.last_mut()
        {
            self.look_into(closure);
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

impl Closures<'_> {
    fn look_into(&self, closure: &mut ExprClosure) {
        let name = &self.name;
        let mut uses = Uses { name, first: None, binds: false };
        uses.visit_expr_closure(closure);
        let (Some(first), false, 3) = (uses.first, uses.binds, closure.inputs.len()) else { return };
        self.mistakes.at(
            first.span(),
            format!(
                "this `{name}` is of a turn that is over when the closure runs: the closure has its own, \
                 `|this, {name}, result| ..`"
            ),
        );
        let own = &mut closure.inputs[1];
        match own {
            Pat::Wild(_) => *own = parse_quote!(#name),
            Pat::Ident(PatIdent { ident, .. }) => {
                let body = &closure.body;
                *closure.body = parse_quote!({ let #name = #ident; #body });
            }
            _ => {}
        }
    }
}

fn is_name(receiver: &Expr, name: &Ident) -> bool {
    matches!(receiver, Expr::Path(path) if path.path.get_ident() == Some(name))
}

/// Looks whether a name is used, and whether something else of this name is bound.
struct Uses<'n> {
    name: &'n Ident,
    first: Option<Ident>,
    binds: bool,
}

impl Visit<'_> for Uses<'_> {
    fn visit_path(&mut self, path: &Path) {
        if let Some(ident) = path.get_ident().filter(|ident| *ident == self.name) {
            self.first.get_or_insert_with(|| ident.clone());
        }
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, binding: &PatIdent) {
        self.binds |= binding.ident == *self.name;
        visit::visit_pat_ident(self, binding);
    }
}
