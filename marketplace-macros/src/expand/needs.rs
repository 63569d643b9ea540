//! The calls by which an endpoint says for which events its clauses need it to be called.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Expansion;
use super::endpoint::Kind;
use crate::clauses::{News, Occasion};
use crate::syntax::{Body, Clause, Endpoint};

/// The events that an endpoint's clauses need, as calls around the expression that makes it.
pub(super) struct Needs<'e> {
    krate: &'e TokenStream,
    clauses: &'e [Clause],
    looks_on: bool,
    leaves_out: bool,
}

impl<'e> Needs<'e> {
    pub(super) fn new(expansion: &'e Expansion, kind: &Kind, endpoint: &'e Endpoint) -> Self {
        let (krate, clauses) = (&expansion.krate, &endpoint.clauses);
        // A participant hears messages, even if no clause is about them.
        let looks_on = kind.interest != "Participant" && !hears_messages(clauses);
        Self { krate, clauses, looks_on, leaves_out: !looks_on && !hears_messages(clauses) }
    }

    fn set(&self, endpoint: &TokenStream, call: &str, arguments: &TokenStream) -> TokenStream {
        let (krate, call) = (self.krate, format_ident!("{call}"));
        quote!(#krate::AddEndpoint::#call(#endpoint #arguments))
    }

    fn set_if(&self, set: bool, call: &str, made: TokenStream) -> TokenStream {
        if set { self.set(&made, call, &quote!()) } else { made }
    }

    fn heeds(&self, news: News) -> bool {
        has_occasion(self.clauses, |occasion| occasion.news() == Some(news))
    }

    pub(super) fn heeding(&self, made: TokenStream) -> TokenStream {
        let [presence, absence, vacancy] =
            [News::Presence, News::Absence, News::Vacancy].map(|news| self.heeds(news));
        self.set(&made, "heeding", &quote!(, #presence, #absence, #vacancy))
    }

    pub(super) fn heeding_shutdown(&self, made: TokenStream) -> TokenStream {
        self.set_if(self.heeds(News::Shutdown), "heeding_shutdown", made)
    }

    pub(super) fn counting(&self, made: TokenStream) -> TokenStream {
        self.set_if(has_occasion(self.clauses, Occasion::is_counted), "counted", made)
    }

    pub(super) fn looking_on(&self, made: TokenStream) -> TokenStream {
        self.set_if(self.looks_on, "without_messages", made)
    }

    pub(super) fn leaving_out(&self, made: TokenStream) -> TokenStream {
        self.set_if(self.leaves_out, "leaving_out_messages", made)
    }
}

/// Whether there is a clause for news of this kind.
pub(super) fn has_occasion(clauses: &[Clause], kind: impl Fn(Occasion) -> bool + Copy) -> bool {
    clauses.iter().any(|clause| match &clause.body {
        Body::Occasion(occasion, _) => kind(*occasion),
        Body::Filter(_, _, clauses) | Body::State(_, clauses) => has_occasion(clauses, kind),
        Body::Message(_) => false,
    })
}

/// Whether there is a clause for messages.
fn hears_messages(clauses: &[Clause]) -> bool {
    clauses.iter().any(|clause| match &clause.body {
        Body::Occasion(..) => false,
        Body::Filter(_, _, clauses) | Body::State(_, clauses) => hears_messages(clauses),
        Body::Message(_) => true,
    })
}
