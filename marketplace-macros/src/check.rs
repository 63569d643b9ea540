//! Rules that the grammar does not say: which clauses can apply, what a pattern may hold.

mod apart;

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Ident, Pat, PatIdent, PatOr, PatReference, Type};

use crate::clauses::{Filter, Occasion};
use crate::mistakes::Mistakes;
use crate::shape::Shape;
use crate::syntax::pattern::{Matcher, binds, is_text, text_literals};
use crate::syntax::template::Template;
use crate::syntax::{Arm, Body, Clause, Endpoint, Role, Topic};

/// Checks the clauses of an endpoint. Its form has that orientation.
pub(crate) fn clauses(endpoint: &Endpoint, orientation: &str, mistakes: &Mistakes) {
    let Endpoint { role, clauses, .. } = endpoint;
    Checker { mistakes, role, publishes: orientation == "Publisher" }.clauses(clauses, Around::default());
}

/// A message has no wildcards.
pub(crate) fn no_wildcard(form: &str, template: &Template, mistakes: &Mistakes) {
    template.each_wildcard(&mut |span| {
        mistakes.at(
            span,
            format!("`{form}!` sends one message: a wildcard is for topics, here every place needs a value"),
        );
    });
}

/// How a `match_state!` takes the state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Moved,
    Lent,
    LentMutably,
}

impl Matcher {
    /// A reference, in the type or in the pattern, lends.
    pub(crate) fn taken(&self) -> Taken {
        let mutability = match (&self.given, reference(&self.pattern)) {
            (Some(Type::Reference(given)), _) => given.mutability,
            (None, Some(pattern)) => pattern.mutability,
            _ => return Taken::Moved,
        };
        if mutability.is_some() { Taken::LentMutably } else { Taken::Lent }
    }
}

/// The reference that a pattern is, or its first alternative.
fn reference(pattern: &Pat) -> Option<&PatReference> {
    match pattern {
        Pat::Reference(reference) => Some(reference),
        Pat::Paren(inner) => reference(&inner.pat),
        Pat::Or(choice) => reference(choice.cases.first()?),
        Pat::Ident(PatIdent { subpat: Some((_, below)), .. }) => reference(below),
        _ => None,
    }
}

impl Matcher {
    fn takes_all(&self) -> bool {
        matches!(self.pattern, Pat::Wild(_)) && self.guard.is_none() && self.given.is_none()
    }
}

/// The clauses around a clause.
#[derive(Clone, Copy, Default)]
struct Around {
    reason: bool,
    /// A filter, whatever it is about.
    filter: bool,
    state: Option<Taken>,
}

struct Checker<'m> {
    mistakes: &'m Mistakes,
    role: &'m Role,
    /// The orientation of the form is the publishers' side, unless the role is given.
    publishes: bool,
}

impl Checker<'_> {
    fn clauses(&self, clauses: &[Clause], around: Around) {
        self.order(clauses);
        for clause in clauses {
            self.clause(clause, around);
        }
    }

    fn clause(&self, clause: &Clause, around: Around) {
        let mistakes = self.mistakes;
        let name = &clause.name;
        match &clause.body {
            Body::Occasion(occasion, bodies) => self.occasion(name, *occasion, bodies, around),
            Body::Message(arms) => self.arms(name, arms, around),
            Body::Filter(filter, matcher, clauses) => {
                match filter {
                    Filter::Conversation => {
                        self.matcher(matcher, "conversation");
                        self.conversation(matcher);
                        self.on_topic(matcher);
                    }
                    Filter::Reason => self.matcher(matcher, "reason"),
                    Filter::Part(part) => self.matcher(matcher, part),
                    Filter::Plain(_) | Filter::Duct => {}
                }
                self.bound_once([matcher]);
                let reason = around.reason || *filter == Filter::Reason;
                self.clauses(clauses, Around { reason, filter: true, ..around });
            }
            Body::State(matcher, clauses) => {
                if around.state.is_some() {
                    mistakes
                        .on(name, "the state is taken apart already by the `match_state!` around this one");
                }
                self.state(matcher);
                self.clauses(clauses, Around { state: Some(matcher.taken()), ..around });
            }
        }
    }

    /// A clause for when an event tells this.
    fn occasion(&self, name: &Ident, occasion: Occasion, bodies: &[Expr], around: Around) {
        let mistakes = self.mistakes;
        if around.reason && !occasion.has_reason() && occasion.is_of_peers() {
            mistakes.on(name, never_inside_reason(name));
        }
        if around.filter && !occasion.is_of_peers() {
            mistakes.on(
                name,
                format!("`{name}!` can never apply here: it is not about a peer, so it stands outside of `match_conversation!` and its like"),
            );
        }
        if let Some(why) = self.never_told(occasion) {
            mistakes.on(name, format!("`{name}!` can never apply here: {why}"));
        }
        if around.state == Some(Taken::Moved) && bodies.len() != 1 {
            mistakes.on(
                name,
                format!("the state was moved in: `{name}!` takes one transition here, `transition!(state, actions..)`"),
            );
        }
    }

    /// A clause for messages, or for replies.
    fn arms(&self, name: &Ident, arms: &[Arm], around: Around) {
        let mistakes = self.mistakes;
        if matches!(self.role, Role::Replies) && name == "on_message" {
            mistakes.on(
                name,
                "`on_message!` can never apply here: `replies!` is for answers; for what is passed to the process there is `callee!`",
            );
        }
        if matches!(self.role, Role::Object(_)) && name == "on_reply" {
            mistakes.on(
                name,
                "`on_reply!` can never apply here: an object hears what is sent to it; for answers there is `replies!`",
            );
        }
        if around.reason {
            mistakes.on(name, never_inside_reason(name));
        }
        for Arm { wire, matcher, .. } in arms {
            let what = if wire.is_some() { "reply" } else { "message" };
            wire.iter().for_each(|wire| self.matcher(wire, "wire"));
            self.matcher(matcher, what);
            self.bound_once(wire.iter().chain([matcher]));
            self.by_value(matcher);
            if wire.is_none() {
                self.on_topic(matcher);
            }
        }
    }

    /// Why an endpoint in this role never hears this.
    fn never_told(&self, occasion: Occasion) -> Option<&'static str> {
        match (self.role, occasion) {
            (Role::Object(_), Occasion::Release) => None,
            (Role::Object(_), _) => Some("an object hears what is sent to it, and its release"),
            (_, Occasion::Release) => Some("only an object is released: `object_of!(here, on_release!(..))`"),
            (_, Occasion::DuctAbsence | Occasion::Shutdown) => None,
            (Role::Callee | Role::Replies, _) => Some("an endpoint for ducts meets nobody"),
            (Role::About(_), Occasion::Refusal) if self.publishes => {
                Some("only endpoints on the subscribers' side hear refusals")
            }
            _ => None,
        }
    }

    /// A clause below one that takes everything it could.
    fn order(&self, clauses: &[Clause]) {
        for (at, clause) in clauses.iter().enumerate() {
            let Some(taker) = clauses[..at].iter().find(|above| takes_all_of(above, clause)) else {
                continue;
            };
            let text = format!(
                "`{}!` can never apply: the `{}!` above takes every event that it could",
                clause.name, taker.name
            );
            self.mistakes.on(&clause.name, text);
        }
    }

    fn matcher(&self, matcher: &Matcher, what: &str) {
        if let (Some(name), None) = (matcher.bare(), &matcher.given) {
            let text = format!(
                "`{name}` binds the whole {what}, whose type is not known: write `{name}: Type`, for example `{name}: Value`"
            );
            self.mistakes.on(name, text);
        }
        if let (Shape::Node(node), None) = (&matcher.shape, &matcher.given)
            && let (None, Some((_, dots))) = (&node.path, node.rest)
        {
            self.mistakes.at(
                dots,
                "how many places are left is not known: write `_` for each, or the tuple's type (`pattern: Type`)",
            );
        }
        TextsBelowChoice { mistakes: self.mistakes, choice: false }.visit_pat(&matcher.pattern);
    }

    /// Places are taken one after the other, so that rustc would take the second binding for one
    /// that hides the first.
    fn bound_once<'a>(&self, matchers: impl IntoIterator<Item = &'a Matcher>) {
        let mut bound = Bound { mistakes: self.mistakes, names: Vec::new() };
        matchers.into_iter().for_each(|matcher| bound.visit_pat(&matcher.pattern));
    }

    /// No other code holds the message's parts.
    fn by_value(&self, matcher: &Matcher) {
        if let (Some(reference), None) = (reference(&matcher.pattern), &matcher.given) {
            self.mistakes.on(reference.and_token, "a message is handed over by value: leave out the `&`");
        }
        if let Some(given) = matcher.given_reference() {
            let shown = given.elem.to_token_stream().to_string();
            let text = match given.mutability {
                None if shown == "str" => "a message is handed over by value: a text is a `Text`".to_string(),
                None => format!("a message is handed over by value: write `{shown}`"),
                Some(_) => format!(
                    "a message is handed over by value; the state is lent around the clause: \
                     `match_state!(state: &mut {shown} => on_message!(..))`"
                ),
            };
            self.mistakes.on(given, text);
        }
    }

    /// All that is heard is on the endpoint's topic.
    fn on_topic(&self, matcher: &Matcher) {
        if let Role::About(Topic::Template(topic)) = self.role
            && let Some(apart) = apart::apart(topic, &matcher.shape)
        {
            let text = format!(
                "this can never apply: whatever the endpoint hears of is on its topic, which has {} here",
                apart.topic
            );
            self.mistakes.at(apart.span, text);
        }
    }

    /// Below `|` and `@` a place is decoded whole: not possible where a wildcard may be.
    fn conversation(&self, matcher: &Matcher) {
        matcher.shape.each_leaf(&mut |leaf| {
            if let Some(wild) = wildcard(leaf) {
                self.mistakes.at(
                    wild,
                    "below `|` or `@` a place is looked at whole, so a conversation that is wild here would never match: \
                     write one `match_conversation!` for each alternative",
                );
            }
        });
    }

    fn state(&self, matcher: &Matcher) {
        let pattern = &matcher.pattern;
        if matcher.given.is_none() && (matches!(pattern, Pat::Wild(_)) || matcher.bare().is_some()) {
            self.mistakes.on(
                pattern,
                "the state's type is missing: `match_state!(s: Session => ..)` moves it in, \
                 `match_state!(s: &Session => ..)` and `match_state!(s: &mut Session => ..)` lend it",
            );
        }
    }
}

fn never_inside_reason(name: &Ident) -> String {
    format!("`{name}!` can never apply inside `match_reason!`: only an absence has a reason")
}

/// Whether `above`, which stands before `below`, leaves no event to it.
fn takes_all_of(above: &Clause, below: &Clause) -> bool {
    match (&above.body, &below.body) {
        (Body::Occasion(above, _), Body::Occasion(below, _)) => above.includes(*below),
        (Body::Message(arms), Body::Message(_)) => {
            above.name == below.name
                && arms.iter().any(|arm| arm.matcher.takes_all() && arm.wire.iter().all(Matcher::takes_all))
        }
        _ => false,
    }
}

/// The first `_` or `..` of a pattern.
fn wildcard(pattern: &Pat) -> Option<Span> {
    struct Wildcard(Option<Span>);
    impl<'a> Visit<'a> for Wildcard {
        fn visit_pat_wild(&mut self, wild: &'a syn::PatWild) {
            self.0.get_or_insert(wild.span());
        }
        fn visit_pat_rest(&mut self, rest: &'a syn::PatRest) {
            self.0.get_or_insert(rest.span());
        }
    }
    let mut found = Wildcard(None);
    found.visit_pat(pattern);
    found.0
}

/// Finds names that are bound twice. Alternatives bind the same names, once in each.
struct Bound<'m, 'p> {
    mistakes: &'m Mistakes,
    names: Vec<&'p Ident>,
}

impl<'p> Visit<'p> for Bound<'_, 'p> {
    fn visit_pat_ident(&mut self, binding: &'p PatIdent) {
        if binds(binding) {
            let name = &binding.ident;
            if self.names.contains(&name) {
                self.mistakes.on(name, format!("`{name}` is bound twice in this pattern"));
            }
            self.names.push(name);
        }
        visit::visit_pat_ident(self, binding);
    }

    fn visit_pat_or(&mut self, choice: &'p PatOr) {
        let before = self.names.clone();
        let mut after = Vec::new();
        for case in &choice.cases {
            self.names.clone_from(&before);
            self.visit_pat(case);
            after.append(&mut self.names);
        }
        self.names = after;
    }

    fn visit_expr(&mut self, _: &'p Expr) {}
}

/// Finds string literals that are alternatives together with something else.
struct TextsBelowChoice<'m> {
    mistakes: &'m Mistakes,
    choice: bool,
}

impl<'a> Visit<'a> for TextsBelowChoice<'_> {
    fn visit_pat_or(&mut self, choice: &'a PatOr) {
        let outer = self.choice;
        self.choice |= choice.cases.iter().any(|case| text_literals(case).is_none());
        visit::visit_pat_or(self, choice);
        self.choice = outer;
    }

    fn visit_pat(&mut self, pattern: &'a Pat) {
        match pattern {
            Pat::Lit(literal) if self.choice && is_text(&literal.lit) => {
                self.mistakes.on(
                    literal.to_token_stream(),
                    "a text cannot be compared below a `|`: bind it and compare in a guard, or write one arm for each alternative",
                );
            }
            other => visit::visit_pat(self, other),
        }
    }
}
