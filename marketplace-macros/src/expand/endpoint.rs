//! An endpoint: a role, and one closure of all clauses.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident, Pat, Type};

use super::needs::{Needs, has_occasion};
use super::witness::Seen;
use super::{Expansion, typed};
use crate::check::Taken;
use crate::clauses::{Filter, Occasion};
use crate::shape::{Node, Shape};
use crate::syntax::pattern::{Matcher, compared_literals};
use crate::syntax::{Arm, Body, Clause, Endpoint, Role, Topic};

/// The role that an endpoint form gives.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) orientation: &'static str,
    pub(crate) interest: &'static str,
}

pub(crate) fn endpoint(
    expansion: &Expansion,
    kind: Kind,
    endpoint: &Endpoint,
    clones: &TokenStream,
) -> TokenStream {
    let krate = &expansion.krate;
    let seen = match &endpoint.role {
        Role::About(Topic::Template(topic @ Shape::Node(Node { path: Some(_), .. }))) => {
            Some(Seen::new(expansion, topic))
        }
        _ => None,
    };
    let handler = handler(expansion, seen.as_ref(), endpoint, clones);
    let needs = Needs::new(expansion, &kind, endpoint);
    match &endpoint.role {
        Role::About(topic) => {
            let declared = seen.as_ref().map(|seen| seen.declare(expansion, None));
            let topic = match (&seen, topic) {
                (Some(seen), _) => seen.topic(expansion),
                (None, Topic::Template(template)) => expansion.topic(template),
                (None, Topic::Computed(topic)) => quote!(#topic),
            };
            let (orientation, interest) =
                (format_ident!("{}", kind.orientation), format_ident!("{}", kind.interest));
            let made = quote! {
                #krate::__private::add_endpoint(#krate::__private::Acts::new(|| ::core::unreachable!()),
                    #krate::Role::new(#krate::Orientation::#orientation, #topic, #krate::InterestType::#interest),
                    #handler
                )
            };
            let made = needs.heeding(made);
            let made = needs.leaving_out(needs.looking_on(needs.counting(needs.heeding_shutdown(made))));
            match declared {
                Some(declared) => quote!({ #declared #made }),
                None => made,
            }
        }
        Role::Callee => needs.heeding_shutdown(
            quote!(#krate::__private::add_callee(#krate::__private::Acts::new(|| ::core::unreachable!()), #handler)),
        ),
        Role::Replies => {
            let made = quote! {
                #krate::__private::add_endpoint(#krate::__private::Acts::new(|| ::core::unreachable!()),
                    #krate::Role::observer_of_publishers(#krate::Value::from(#krate::Fresh::new())),
                    #handler
                )
            };
            needs.looking_on(needs.heeding_shutdown(needs.heeding(made)))
        }
        Role::Object(here) => {
            let here = here.as_ref().map_or_else(|| quote!(#krate::__private::never()), |here| quote!(#here));
            let heeds_release = has_occasion(&endpoint.clauses, |occasion| occasion == Occasion::Release);
            quote! {
                #krate::__private::object_of(
                    #krate::__private::Acts::new(|| ::core::unreachable!()), #here, #heeds_release, #handler
                )
            }
        }
        Role::Given { name, role } => {
            let made = quote!(#krate::__private::add_endpoint(#krate::__private::Acts::new(|| ::core::unreachable!()), #role, #handler));
            let made = needs.leaving_out(needs.counting(needs.heeding_shutdown(needs.heeding(made))));
            quote!(#krate::name_endpoint(#name, #made))
        }
    }
}

/// The method that says of an event whether a clause applies to it.
fn applies(occasion: Occasion) -> Ident {
    Ident::new(occasion.asked(), Span::call_site())
}

/// The methods that say of an event whether one of these clauses may apply to it; none, if some
/// clauses are about messages.
fn kinds(clauses: &[Clause]) -> Vec<Ident> {
    let mut about = Vec::new();
    for clause in clauses {
        match &clause.body {
            Body::Occasion(occasion, _) => about.push(applies(*occasion)),
            Body::Message(_) => return Vec::new(),
            Body::Filter(_, _, inner) | Body::State(_, inner) => match kinds(inner) {
                inner if inner.is_empty() => return inner,
                inner => about.extend(inner),
            },
        }
    }
    about
}

/// Whether all clauses are about peers, whose conversations meet the topic.
fn are_about_peers(clauses: &[Clause]) -> bool {
    clauses.iter().all(|clause| match &clause.body {
        Body::Occasion(occasion, _) => occasion.is_of_peers() && *occasion != Occasion::DuctAbsence,
        Body::Message(_) => false,
        Body::Filter(_, _, clauses) | Body::State(_, clauses) => are_about_peers(clauses),
    })
}

/// How many bodies there are.
fn bodies(clauses: &[Clause]) -> usize {
    let count = |clause: &Clause| match &clause.body {
        Body::Occasion(..) => 1,
        Body::Message(arms) => arms.len(),
        Body::Filter(_, _, clauses) | Body::State(_, clauses) => bodies(clauses),
    };
    clauses.iter().map(count).sum()
}

fn handler(
    expansion: &Expansion,
    topic: Option<&Seen<'_, Expr>>,
    endpoint: &Endpoint,
    clones: &TokenStream,
) -> TokenStream {
    let Endpoint { role, clauses, .. } = endpoint;
    let krate = &expansion.krate;
    let event = Ident::new("__event", Span::mixed_site());
    let turn = Ident::new("__turn", Span::mixed_site());
    let acts = Ident::new("__acts", Span::mixed_site());
    let is_object = matches!(role, Role::Object(_));
    let handler =
        Handler { expansion, topic, event: event.clone(), turn: turn.clone(), acts: acts.clone(), is_object };
    // The closure is shown at its first clause.
    let span = clauses.first().map_or_else(Span::call_site, |clause| clause.name.span());
    let clauses = handler.clauses(clauses, &Around::default());
    let closure = quote_spanned! {Span::mixed_site().located_at(span)=>
        move |#event: &#krate::Event<'_>, #turn: &mut #krate::Turn<'_, _>| -> #krate::__private::Outcome<_> {
            let #acts = #krate::__private::acts(#turn);
            #clauses
            #krate::__private::skip()
        }
    };
    quote!({ #clones #closure })
}

struct Handler<'e> {
    expansion: &'e Expansion,
    /// The endpoint's topic, if it has a constructor.
    topic: Option<&'e Seen<'e, Expr>>,
    event: Ident,
    turn: Ident,
    /// Knows the type of the state, so that a mistake in a body is where it was made.
    acts: Ident,
    /// Its messages begin with verbs.
    is_object: bool,
}

/// The state pattern around a clause, and the guards that must wait for it.
#[derive(Clone, Default)]
struct Around<'a> {
    state: Option<&'a Matcher>,
    /// The state pattern is repeated for several bodies, each of which uses what it likes.
    repeated: bool,
    guards: Vec<&'a Expr>,
}

impl<'a> Around<'a> {
    /// With this guard, if it must wait; else the guard comes back.
    fn guarded(&self, guard: Option<&'a Expr>) -> (Self, Option<&'a Expr>) {
        let mut around = self.clone();
        if around.state.is_none() {
            return (around, guard);
        }
        around.guards.extend(guard);
        (around, None)
    }
}

impl Handler<'_> {
    fn clauses(&self, clauses: &[Clause], around: &Around<'_>) -> TokenStream {
        clauses.iter().map(|clause| self.clause(clause, around)).collect()
    }

    fn clause(&self, clause: &Clause, around: &Around<'_>) -> TokenStream {
        let event = &self.event;
        match &clause.body {
            Body::Occasion(occasion, bodies) => {
                let applies = applies(*occasion);
                let acts = &self.acts;
                let body = self.expansion.tree(acts, bodies);
                let answer = self.answer(&body, clause.name.span(), around);
                quote!(if #event.#applies() { #answer })
            }
            // The form has said it if the type is wrong, and rustc would say it again.
            Body::Message(arms) => {
                let by_value = arms.iter().filter(|arm| arm.matcher.given_reference().is_none());
                by_value.map(|arm| self.arm(arm, around)).collect()
            }
            Body::Filter(filter, matcher, clauses) => self.filter(*filter, matcher, clauses, around),
            Body::State(matcher, clauses) => {
                let around = Around { state: Some(matcher), repeated: bodies(clauses) > 1, ..around.clone() };
                let (around, _) = around.guarded(matcher.guard.as_ref());
                self.clauses(clauses, &around)
            }
        }
    }

    fn arm(&self, arm: &Arm, around: &Around<'_>) -> TokenStream {
        let (krate, event) = (&self.expansion.krate, &self.event);
        let (label, part) = (self.expansion.label(), self.expansion.variable("message", Span::mixed_site()));
        let topic = self.topic.filter(|_| arm.wire.is_none());
        let taken = match self.is_object {
            true => self.expansion.take_sent(&arm.matcher, &quote!(#part), &label),
            false => self.expansion.take_on(topic, &arm.matcher, &quote!(#part), &label),
        };
        let (around, guard) = around.guarded(arm.matcher.guard.as_ref());
        let answer = guarded(guard, self.answer(&typed(&self.acts, &arm.body), arm.body.span(), &around));
        let open = match &arm.wire {
            None => {
                quote!(let ::core::option::Option::Some(#part) = #krate::__private::message(#event) else { break #label };)
            }
            Some(wire) => {
                let wire = self.part(wire, "wire", &label);
                quote! {
                    let ::core::option::Option::Some(#part) = #krate::__private::reply(#event) else { break #label };
                    #wire
                }
            }
        };
        quote! {
            #label: {
                #open
                #taken
                #answer
            }
        }
    }

    fn filter(
        &self,
        filter: Filter,
        matcher: &Matcher,
        inner: &[Clause],
        around: &Around<'_>,
    ) -> TokenStream {
        let event = &self.event;
        let label = self.expansion.label();
        let (around, guard) = around.guarded(matcher.guard.as_ref());
        let clauses = guarded(guard, self.clauses(inner, &around));
        let taken = match filter {
            Filter::Conversation if are_about_peers(inner) => {
                self.expansion.take_about(self.topic, matcher, event, &label)
            }
            Filter::Conversation => {
                self.expansion.take_on(self.topic, matcher, &quote!(#event.conversation()), &label)
            }
            Filter::Reason => self.reason(matcher, &label),
            Filter::Duct => self.duct(matcher, &label),
            Filter::Plain(method) => self.plain(matcher, method, &label),
            Filter::Part(part) => self.part(matcher, part, &label),
        };
        // Taking a conversation apart costs; most events of most endpoints are messages, which
        // these clauses may not be about.
        let about = kinds(inner);
        let unheard = (filter == Filter::Conversation && !about.is_empty())
            .then(|| quote!(if !(#(#event.#about())||*) { break #label }));
        quote! {
            #[allow(unused_labels)]
            #label: {
                #unheard
                #taken
                #clauses
            }
        }
    }

    /// A reason is matched whole: it is one of a few forms, or any message. A text or a tuple can
    /// only be a message, and is matched as one.
    fn reason(&self, matcher: &Matcher, label: &syn::Lifetime) -> TokenStream {
        let (krate, event) = (&self.expansion.krate, &self.event);
        let is_message = match &matcher.shape {
            Shape::Node(Node { path, .. }) => path.is_none(),
            Shape::Leaf(leaf) => compared_literals(leaf).is_some(),
            Shape::Wild(_) => false,
        };
        if is_message {
            return self.part(matcher, "reason", label);
        }
        let (witness, reason) = (
            self.expansion.variable("reason", Span::mixed_site()),
            self.expansion.variable("given", Span::mixed_site()),
        );
        let given = matcher.given.as_ref().map(|given| quote!(: #krate::__private::Witness<#given>));
        let (pattern, conditions) = self.expansion.native(&matcher.pattern);
        let open = quote!(let ::core::option::Option::Some(#reason) = #event.reason() else { break #label };);
        if let (Pat::Wild(_), None) = (&pattern, &given) {
            return quote!(if #event.reason().is_none() { break #label });
        }
        quote! {
            #open
            let #witness #given = #krate::__private::Witness::new();
            let ::core::option::Option::Some(#pattern) = #witness.decode_reason(#reason) else { break #label };
            #(if !#conditions { break #label })*
        }
    }

    /// A part that an event may have, such as the wire of a reply, or of its absence.
    fn part(&self, matcher: &Matcher, of: &str, label: &syn::Lifetime) -> TokenStream {
        let (krate, event) = (&self.expansion.krate, &self.event);
        let of = Ident::new(of, Span::call_site());
        let part = self.expansion.variable("part", Span::mixed_site());
        let taken = self.expansion.take(matcher, &quote!(#part), label);
        quote! {
            let ::core::option::Option::Some(#part) = #krate::__private::#of(#event) else { break #label };
            #taken
        }
    }

    /// A duct is bound whole: nobody looks into it.
    fn duct(&self, matcher: &Matcher, label: &syn::Lifetime) -> TokenStream {
        let (krate, event) = (&self.expansion.krate, &self.event);
        let pattern = alone(&self.expansion.native(&matcher.pattern).0);
        let duct = self.expansion.variable("duct", Span::mixed_site());
        let given = matcher.given.as_ref().map(|given| quote!(: #given));
        quote! {
            let ::core::option::Option::Some(#duct) = #krate::__private::duct(#event) else { break #label };
            #[allow(irrefutable_let_patterns)]
            let #pattern #given = #duct else { break #label };
        }
    }

    fn plain(&self, matcher: &Matcher, of: &str, label: &syn::Lifetime) -> TokenStream {
        let event = &self.event;
        let of = Ident::new(of, Span::call_site());
        let pattern = alone(&self.expansion.native(&matcher.pattern).0);
        let given = matcher.given.as_ref().map(|given| quote!(: #given));
        quote! {
            #[allow(irrefutable_let_patterns)]
            let #pattern #given = #event.#of() else { break #label };
        }
    }

    /// Returns what a body is, if the state fits.
    fn answer(&self, body: &TokenStream, span: Span, around: &Around<'_>) -> TokenStream {
        let (krate, turn, acts) = (&self.expansion.krate, &self.turn, &self.acts);
        let span = Span::mixed_site().located_at(span);
        let act = quote_spanned!(span=> return #acts.act(#body));
        let Some(matcher @ Matcher { pattern, given, .. }) = around.state else {
            return quote!(#[allow(unreachable_code, clippy::diverging_sub_expression)] #act;);
        };
        let guard = match &around.guards[..] {
            [] => quote!(),
            [only] => quote!(if #only),
            all => quote!(if #((#all))&&*),
        };
        let lenient = around.repeated.then(|| quote!(#[allow(unused_variables, unused_mut)]));
        let state = Ident::new("__state", Span::mixed_site());
        // A type that the user gives is checked where it stands.
        let lent = |lend: &str| {
            let lend = format_ident!("{lend}");
            let lent = match given {
                Some(Type::Reference(given)) => {
                    let of = &given.elem;
                    quote!(#acts.#lend::<#of>(#turn))
                }
                _ => quote!(#turn.#lend()),
            };
            quote! {
                let #state = #lent;
                #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::needless_borrowed_reference)]
                match #state {
                    #lenient #pattern #guard => #act,
                    #[allow(unreachable_patterns)]
                    _ => {}
                }
            }
        };
        match matcher.taken() {
            Taken::Lent => lent("state"),
            // The guard sees what the pattern binds as shared: rustc lets it change nothing.
            Taken::LentMutably => lent("state_mut"),
            Taken::Moved => {
                let (taken, answer, put) = match given {
                    Some(given) => (
                        quote!(#acts.take::<#given>(#turn)),
                        quote_spanned!(span=> return #acts.answer::<#given>(#turn, #body)),
                        quote!(#acts.put::<#given>(#turn, #state)),
                    ),
                    None => (
                        quote!(#turn.take()),
                        quote_spanned!(span=> return #krate::__private::answer(#turn, #body)),
                        quote!(#turn.put(#state)),
                    ),
                };
                quote! {
                    let #state = #taken;
                    #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::needless_borrowed_reference)]
                    match #state {
                        #lenient #pattern #guard => #answer,
                        #[allow(unreachable_patterns)]
                        #state => #put,
                    }
                }
            }
        }
    }
}

/// A pattern that is the whole of a `let`, where alternatives stand in parentheses.
fn alone(pattern: &Pat) -> TokenStream {
    match pattern {
        Pat::Or(_) => quote!((#pattern)),
        other => quote!(#other),
    }
}

fn guarded(guard: Option<&Expr>, then: TokenStream) -> TokenStream {
    match guard {
        Some(guard) => quote!(if #guard { #then }),
        None => then,
    }
}
