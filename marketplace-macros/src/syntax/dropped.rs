//! Actions that a block drops: a statement with a semicolon, a loop, an `if` without an `else`.
//! They would never be performed, and rustc would only say that it does not know their type. And
//! branches that give nothing beside those that give an action: all are of one type.

use std::fmt;

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprForLoop, ExprIf, ExprLoop, ExprWhile, Macro, Stmt, parse_quote};

use crate::mistakes::Mistakes;

/// The forms that give actions, or a transition.
const FORMS: &[&str] = &[
    "actions",
    "at_meta_level",
    "build_endpoint",
    "callee",
    "object_of",
    "observe_publishers",
    "observe_publishers_everything",
    "observe_subscribers",
    "observe_subscribers_everything",
    "publisher",
    "replies",
    "send_feedback",
    "send_message",
    "sequence_actions",
    "spawn",
    "spawn_continue",
    "spawn_vm",
    "subscriber",
    "transition",
    "transition_no_state",
    "yield_now",
];

/// The functions that do, and whose names hardly mean anything else.
const FUNCTIONS: &[&str] = &[
    "delete_endpoint",
    "peekable",
    "peekable_data",
    "quit",
    "send_feedback",
    "send_message",
    "send_oriented",
];

/// Reports what is dropped in this expression, and takes it out. If that gives the expression its
/// value, `instead` does then.
pub(crate) fn report(expression: &mut Expr, instead: Expr, mistakes: &Mistakes) {
    Dropped { mistakes, instead }.visit_expr_mut(expression);
}

struct Dropped<'m> {
    mistakes: &'m Mistakes,
    instead: Expr,
}

impl VisitMut for Dropped<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let last = block.stmts.len().saturating_sub(1);
        for (at, statement) in block.stmts.iter_mut().enumerate() {
            let kept = match (dropped(statement, at == last), &statement) {
                (Some(action), _) => {
                    let text = format!(
                        "`{action}` is dropped here, so it does nothing: a block gives its last expression, without `;`\n\
                         several actions are one tree: `actions![a, b]`"
                    );
                    self.mistakes.at(action.name.span(), text);
                    false
                }
                (None, Stmt::Expr(expression, _)) if at != last => self.is_kept(expression),
                _ => true,
            };
            if !kept {
                *statement = parse_quote!(let () = (););
            }
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if !self.is_kept(expression) {
            *expression = self.instead.clone();
        }
        self.fill_branches(expression);
        visit_mut::visit_expr_mut(self, expression);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

impl Dropped<'_> {
    /// Whether this is no loop, and no `if`, that drops an action.
    fn is_kept(&self, expression: &Expr) -> bool {
        let (token, body) = match expression {
            Expr::ForLoop(ExprForLoop { for_token, body, .. }) => (for_token.span, body),
            Expr::While(ExprWhile { while_token, body, .. }) => (while_token.span, body),
            Expr::Loop(ExprLoop { loop_token, body, .. }) => (loop_token.span, body),
            Expr::If(ExprIf { if_token, then_branch, else_branch: None, .. }) => (if_token.span, then_branch),
            _ => return true,
        };
        let Some(action) = given_or_dropped(body) else { return true };
        let text = match expression {
            Expr::ForLoop(_) => format!(
                "a `for` drops the actions of its body, here `{action}`\n\
                 an iterator of actions is a tree: `items.into_iter().map(|item| ..)`"
            ),
            Expr::If(_) => format!(
                "an `if` without `else` gives nothing, and drops `{action}`\n\
                 an action or none: `condition.then(|| ..)`; several: `if .. {{ actions![..] }} else {{ actions![] }}`"
            ),
            _ => format!(
                "a loop drops the actions of its body, here `{action}`\n\
                 collect them in a `Vec`, which is a tree, and give it after the loop"
            ),
        };
        self.mistakes.at(token, text);
        false
    }
}

impl Dropped<'_> {
    /// Reports the branches that give nothing, if another one gives an action.
    fn fill_branches(&self, expression: &mut Expr) {
        let Some(action) = of(expression).map(|action| action.to_string()) else { return };
        let instead: Expr = parse_quote!(::core::unreachable!());
        match expression {
            Expr::Match(cases) => {
                for arm in &mut cases.arms {
                    if gives_nothing(&arm.body) {
                        self.report_nothing(arm.body.span(), &action);
                        *arm.body = instead.clone();
                    }
                }
            }
            Expr::If(ExprIf { then_branch, else_branch: Some((_, otherwise)), .. }) => {
                if is_empty(then_branch) {
                    self.report_nothing(then_branch.span(), &action);
                    then_branch.stmts = vec![Stmt::Expr(instead.clone(), None)];
                }
                if gives_nothing(otherwise) {
                    self.report_nothing(otherwise.span(), &action);
                    **otherwise = parse_quote!({ #instead });
                }
            }
            _ => {}
        }
    }

    fn report_nothing(&self, branch: Span, action: &str) {
        let text = format!(
            "this branch gives nothing, and another one `{action}`: all branches are of one type\n\
             an action or none: `condition.then(|| ..)`; or `actions![..]` in each, and here `actions![]`"
        );
        self.mistakes.at(branch, text);
    }
}

/// Whether this is `()` or `{}`.
fn gives_nothing(expression: &Expr) -> bool {
    match expression {
        Expr::Tuple(tuple) => tuple.elems.is_empty(),
        Expr::Block(block) => block.label.is_none() && is_empty(&block.block),
        _ => false,
    }
}

fn is_empty(block: &Block) -> bool {
    match &block.stmts[..] {
        [] => true,
        [Stmt::Expr(last, None)] => gives_nothing(last),
        _ => false,
    }
}

/// A call that gives an action, by its name.
pub(crate) struct Action<'e> {
    pub(crate) name: &'e Ident,
    is_form: bool,
}

impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, if self.is_form { "!" } else { "(..)" })
    }
}

/// The action that a statement drops.
pub(crate) fn dropped(statement: &Stmt, is_last: bool) -> Option<Action<'_>> {
    match statement {
        Stmt::Macro(form) if form.semi_token.is_some() || !is_last => of_form(&form.mac),
        Stmt::Expr(expression, semicolon) if semicolon.is_some() || !is_last => of(expression),
        _ => None,
    }
}

/// The action that a block gives.
pub(crate) fn given(block: &Block) -> Option<Action<'_>> {
    match block.stmts.last()? {
        Stmt::Macro(form) if form.semi_token.is_none() => of_form(&form.mac),
        Stmt::Expr(expression, None) => of(expression),
        _ => None,
    }
}

fn given_or_dropped(block: &Block) -> Option<Action<'_>> {
    given(block).or_else(|| dropped(block.stmts.last()?, true))
}

/// The action that an expression is, if its words say so.
fn of(expression: &Expr) -> Option<Action<'_>> {
    match expression {
        Expr::Macro(form) => of_form(&form.mac),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let name = path.path.get_ident()?;
                FUNCTIONS.iter().any(|known| name == known).then_some(Action { name, is_form: false })
            }
            _ => None,
        },
        // `quit().because(..)`.
        Expr::MethodCall(call) => of(&call.receiver),
        Expr::Paren(inner) => of(&inner.expr),
        Expr::Block(inner) => given(&inner.block),
        Expr::If(ExprIf { then_branch, else_branch: Some((_, otherwise)), .. }) => {
            given(then_branch).or_else(|| of(otherwise))
        }
        Expr::Match(cases) => cases.arms.iter().find_map(|arm| of(&arm.body)),
        _ => None,
    }
}

fn of_form(form: &Macro) -> Option<Action<'_>> {
    let name = &form.path.segments.last()?.ident;
    FORMS.iter().any(|known| name == known).then_some(Action { name, is_form: true })
}
