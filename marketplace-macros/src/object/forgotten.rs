//! Actions that a method drops. It gives no actions, but asks for them.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ReturnType, Signature, Stmt, parse_quote};

use crate::mistakes::Mistakes;
use crate::syntax::dropped::{Action, dropped, given};

/// Reports the actions that the body of a method drops, and takes them out.
pub(super) fn report(sig: &Signature, takes_cx: bool, body: &mut Block, mistakes: &Mistakes) {
    let mut forgotten = Forgotten { mistakes, takes_cx };
    if let ReturnType::Default = sig.output {
        forgotten.take_last(body);
    }
    forgotten.visit_block_mut(body);
}

struct Forgotten<'m> {
    mistakes: &'m Mistakes,
    takes_cx: bool,
}

impl Forgotten<'_> {
    fn report(&self, action: &Action<'_>) {
        let cx = if self.takes_cx { "" } else { ", with `cx: &Cx<Self>` behind `self`" };
        self.mistakes.at(
            action.name.span(),
            format!(
                "`{action}` is dropped here, so it does nothing: in a method an action is asked for, by \
                 `cx.act(..)`{cx}"
            ),
        );
    }

    /// The value of this block is dropped.
    fn take_last(&self, block: &mut Block) {
        if let Some(action) = given(block) {
            self.report(&action);
            block.stmts.pop();
        }
    }
}

impl VisitMut for Forgotten<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let last = block.stmts.len().saturating_sub(1);
        for (at, statement) in block.stmts.iter_mut().enumerate() {
            if let Some(action) = dropped(statement, at == last) {
                self.report(&action);
                *statement = nothing();
            }
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::ForLoop(loops) => self.take_last(&mut loops.body),
            Expr::While(loops) => self.take_last(&mut loops.body),
            Expr::Loop(loops) => self.take_last(&mut loops.body),
            Expr::If(only) if only.else_branch.is_none() => self.take_last(&mut only.then_branch),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expression);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn nothing() -> Stmt {
    parse_quote!(let () = ();)
}
