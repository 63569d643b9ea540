//! The variables that a form clones into its closure: those that its templates use and that nothing
//! inside it binds.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::visit::{self, Visit};
use syn::{Expr, Ident, Macro, Pat, PatIdent, Token};

use crate::mistakes::Mistakes;
use crate::syntax::items::Names;
use crate::syntax::pattern::{Matcher, bindings};
use crate::syntax::template::{Template, variable};
use crate::syntax::{Body, Clause, ENDPOINTS, Endpoint, Role, Topic, drain};

#[derive(Default)]
pub(crate) struct Captures {
    /// In order of first use.
    used: Vec<Ident>,
    bound: BTreeSet<Ident>,
}

impl Captures {
    /// `let x = x.clone();` for the variables that the handler of an endpoint uses: of the topic's
    /// variables, those that the clauses mention.
    pub(crate) fn of_endpoint(endpoint: &Endpoint) -> TokenStream {
        let mut topic = Self::default();
        topic.role(&endpoint.role);
        let mut captures = Self::default();
        captures.clauses(&endpoint.clauses);
        let mentioned =
            topic.used.into_iter().filter(|name| mentions(endpoint.written.clone(), &name.to_string()));
        mentioned.for_each(|name| captures.uses(&name));
        captures.clones()
    }

    /// Takes note of the names that a pattern binds.
    pub(crate) fn bind(mut self, pattern: &Pat) -> Self {
        self.binds(bindings(pattern));
        self
    }

    /// Takes note of the variables that an expression uses.
    pub(crate) fn using(mut self, body: &Expr) -> Self {
        self.visit_expr(body);
        self
    }

    /// Takes note that these names are bound.
    pub(crate) fn without(mut self, names: &[Ident]) -> Self {
        self.bound.extend(names.iter().cloned());
        self
    }

    /// `let x = x.clone();` for each variable that is used and not bound.
    pub(crate) fn clones(self) -> TokenStream {
        let Self { used, bound } = self;
        let clones = used.iter().filter(|name| !bound.contains(name)).map(|name| {
            quote_spanned! {Span::mixed_site().located_at(name.span())=>
                #[allow(unused_variables, clippy::all)]
                let #name = #name.clone();
            }
        });
        quote!(#(#clones)*)
    }

    fn uses(&mut self, name: &Ident) {
        if !self.used.contains(name) {
            self.used.push(name.clone());
        }
    }

    fn binds(&mut self, names: Vec<&Ident>) {
        self.bound.extend(names.into_iter().cloned());
    }

    fn role(&mut self, role: &Role) {
        match role {
            Role::About(Topic::Template(template)) => self.template(template),
            Role::About(Topic::Computed(topic)) => self.visit_expr(topic),
            Role::Given { name, role } => {
                self.visit_expr(name);
                self.visit_expr(role);
            }
            Role::Object(here) => here.iter().for_each(|here| self.visit_expr(here)),
            Role::Callee | Role::Replies => {}
        }
    }

    fn template(&mut self, template: &Template) {
        template.each_leaf(&mut |leaf| match variable(leaf) {
            Some(name) => self.uses(name),
            None => self.visit_expr(leaf),
        });
    }

    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            match &clause.body {
                Body::Occasion(_, bodies) => bodies.iter().for_each(|body| self.visit_expr(body)),
                Body::Message(arms) => {
                    for arm in arms {
                        arm.wire.iter().for_each(|wire| self.matcher(wire));
                        self.matcher(&arm.matcher);
                        self.visit_expr(&arm.body);
                    }
                }
                Body::Filter(_, matcher, clauses) | Body::State(matcher, clauses) => {
                    self.matcher(matcher);
                    self.clauses(clauses);
                }
            }
        }
    }

    fn matcher(&mut self, matcher: &Matcher) {
        self.binds(bindings(&matcher.pattern));
        if let Some(guard) = &matcher.guard {
            self.visit_expr(guard);
        }
    }

    /// The forms inside a form.
    fn nested(&mut self, name: &str, input: ParseStream<'_>) -> syn::Result<()> {
        let ignored = Mistakes::default();
        match name {
            "send_message" | "send_feedback" | "topic" => {
                self.template(&Template::read(input.parse()?, &ignored))
            }
            "let_fresh" => {
                let Names { names, body } = Names::parse(input)?;
                self.binds(names.iter().collect());
                self.visit_expr(&body);
            }
            "build_endpoint" => self.endpoint(&Endpoint::parse_built(input, &ignored)?),
            "callee" => self.endpoint(&Endpoint::parse_alone(Role::Callee, input, &ignored)),
            "replies" => self.endpoint(&Endpoint::parse_alone(Role::Replies, input, &ignored)),
            "object_of" => self.endpoint(&Endpoint::parse_object(input, &ignored)),
            _ if ENDPOINTS.contains(&name) => self.endpoint(&Endpoint::parse(input, &ignored)),
            _ => self.others(input)?,
        }
        drain(input);
        Ok(())
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        self.role(&endpoint.role);
        self.clauses(&endpoint.clauses);
    }

    /// Any other macro: expressions, labelled or not, and patterns before a `=>`.
    fn others(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            if input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
                input.parse::<Ident>()?;
                input.parse::<Token![:]>()?;
            }
            let fork = input.fork();
            match Pat::parse_multi(&fork) {
                Ok(pattern) if fork.peek(Token![=>]) => {
                    self.binds(bindings(&pattern));
                    Pat::parse_multi(input)?;
                    input.parse::<Token![=>]>()?;
                    continue;
                }
                _ => {}
            }
            let expression: Expr = input.parse()?;
            self.visit_expr(&expression);
            if !input.is_empty() {
                input.parse::<TokenTree>()?;
            }
        }
        Ok(())
    }
}

impl<'a> Visit<'a> for Captures {
    fn visit_pat_ident(&mut self, binding: &'a PatIdent) {
        self.bound.insert(binding.ident.clone());
        visit::visit_pat_ident(self, binding);
    }

    fn visit_macro(&mut self, invocation: &'a Macro) {
        let name = invocation.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let read = |input: ParseStream<'_>| {
            let result = self.nested(&name, input);
            drain(input);
            result
        };
        // A mistake in it is reported by the form itself.
        let _ = read.parse2(invocation.tokens.clone());
    }
}

/// Whether these tokens mention a variable, be it in a text to be formatted.
fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(other) => other == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(text) => text.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}
