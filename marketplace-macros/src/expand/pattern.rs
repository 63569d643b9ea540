//! Patterns take an event apart, place by place: only the places that a pattern names are looked
//! at.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Ident, Lifetime, Lit, Pat, PatIdent, Type, parse_quote};

use super::Expansion;
use super::witness::{Seen, constructor_key};
use crate::shape::{Node, Shape};
use crate::syntax::pattern::{Matcher, Pattern, compared_literals, is_unit, text_literals};

impl Expansion {
    /// Statements that bind what the pattern names in `part`, or break from `label`.
    pub(super) fn take(&self, matcher: &Matcher, part: &TokenStream, label: &Lifetime) -> TokenStream {
        self.take_on(None, matcher, part, label)
    }

    /// Takes a part that is on this topic: a pattern that is not is an error.
    pub(super) fn take_on(
        &self,
        topic: Option<&Seen<'_, Expr>>,
        matcher: &Matcher,
        part: &TokenStream,
        label: &Lifetime,
    ) -> TokenStream {
        self.take_shape(topic, &matcher.shape, matcher.given.as_ref(), part, label)
    }

    /// Takes the conversation of an event about a peer, whose endpoint has this topic. A pattern
    /// that only says again what the topic is about has nothing to look at, as a rule.
    pub(super) fn take_about(
        &self,
        topic: Option<&Seen<'_, Expr>>,
        matcher: &Matcher,
        event: &Ident,
        label: &Lifetime,
    ) -> TokenStream {
        match (topic.map(|topic| topic.shape), &matcher.shape, &matcher.given) {
            (Some(Shape::Node(topic)), Shape::Node(node), None)
                if topic.path.as_ref().map(words) == node.path.as_ref().map(words)
                    && node.path.is_some()
                    && node.places.iter().all(|place| matches!(place.shape, Shape::Wild(_))) =>
            {
                let seen = Seen::new(self, &matcher.shape);
                let (declared, witness) = (seen.declare(self, None), &seen.witness);
                let name = constructor_key(self, node);
                let span = Span::mixed_site().located_at(node.span);
                let is_about = quote_spanned!(span=> #witness.is_about::<#name>(#event));
                quote!(#declared if !#is_about { break #label })
            }
            _ => self.take_on(topic, matcher, &quote!(#event.conversation()), label),
        }
    }

    /// Takes a message to an object: a text at its first place is its verb, which is a symbol.
    pub(super) fn take_sent(&self, matcher: &Matcher, part: &TokenStream, label: &Lifetime) -> TokenStream {
        let krate = &self.krate;
        match (&matcher.shape, &matcher.given) {
            (Shape::Node(node @ Node { path: None, rest: None, places, .. }), None) => {
                let is_verb = places.first().is_some_and(|place| self.literal_type(&place.shape).is_some());
                let verb = is_verb.then(|| parse_quote!(#krate::Symbol));
                self.take_places(node, verb.as_ref(), part, label)
            }
            _ => self.take(matcher, part, label),
        }
    }

    fn take_shape(
        &self,
        topic: Option<&Seen<'_, Expr>>,
        shape: &Pattern,
        given: Option<&Type>,
        part: &TokenStream,
        label: &Lifetime,
    ) -> TokenStream {
        match (shape, given) {
            (Shape::Node(node @ Node { path: None, rest: None, .. }), None) => {
                self.take_places(node, None, part, label)
            }
            _ => {
                let literal = self.literal_type(shape);
                let seen = Seen::new(self, shape);
                let declared = seen.declare(self, given.or(literal.as_ref()));
                let read = given.map(|given| seen.check_given(given, part, label));
                let agreed = topic.and_then(|topic| seen.agrees(self, topic, given));
                let taken = seen.take(self, part, label);
                quote!(#declared #agreed #read #taken)
            }
        }
    }

    /// The places of a tuple of which only the places themselves say what their types are, but for
    /// the first, if that is known.
    fn take_places(
        &self,
        node: &Node<Pat>,
        first: Option<&Type>,
        part: &TokenStream,
        label: &Lifetime,
    ) -> TokenStream {
        let (parts, arity) = (self.variable("parts", Span::mixed_site()), node.places.len());
        let taken =
            node.places.iter().enumerate().filter(|(_, place)| !matches!(place.shape, Shape::Wild(_)));
        let taken = taken.map(|(at, place)| {
            let given = first.filter(|_| at == 0);
            self.take_shape(None, &place.shape, given, &quote!(#parts.at(#at)), label)
        });
        quote! {
            let ::core::option::Option::Some(#parts) = #part.sequence(#arity) else { break #label };
            #(#taken)*
        }
    }

    /// The type that literals say which could be compared with several.
    fn literal_type(&self, shape: &Pattern) -> Option<Type> {
        let krate = &self.krate;
        let Shape::Leaf(leaf) = shape else { return None };
        let literals = compared_literals(leaf)?;
        if literals.iter().all(|literal| matches!(literal, Lit::Str(_))) {
            Some(parse_quote!(#krate::Text))
        } else if literals.iter().all(|literal| matches!(literal, Lit::ByteStr(_))) {
            Some(parse_quote!(#krate::__private::Bytes))
        } else {
            None
        }
    }

    /// A pattern for Rust's own matching, and the conditions on the variables that it binds.
    pub(super) fn native(&self, pattern: &Pat) -> (Pat, Vec<TokenStream>) {
        let mut native = Native { expansion: self, conditions: Vec::new(), choice: false };
        let mut pattern = pattern.clone();
        native.visit_pat_mut(&mut pattern);
        (pattern, native.conditions)
    }
}

impl Seen<'_, Pat> {
    /// A type that the user gives holds for what the pattern does not name, too.
    fn check_given(&self, given: &Type, part: &TokenStream, label: &Lifetime) -> Option<TokenStream> {
        let witness = &self.witness;
        let span = Span::mixed_site().located_at(given.span());
        let is_read = match self.shape {
            Shape::Wild(_) => quote_spanned!(span=> #witness.decode(#part).is_some()),
            shape => {
                shape.wildcard()?;
                quote_spanned!(span=> #witness.reads(#part))
            }
        };
        Some(quote!(if !#is_read { break #label }))
    }

    /// Lets rustc see that a message which has this pattern can be on the topic, which has a
    /// constructor.
    fn agrees(
        &self,
        expansion: &Expansion,
        topic: &Seen<'_, Expr>,
        given: Option<&Type>,
    ) -> Option<TokenStream> {
        let krate = &expansion.krate;
        let Shape::Node(about @ Node { path: Some(topic_path), .. }) = topic.shape else { return None };
        let (span, said, name) = match (self.shape, given) {
            (Shape::Node(node @ Node { path: Some(path), .. }), _) => {
                (path.span(), words(path), Some(constructor_key(expansion, node)))
            }
            (Shape::Node(_), _) => return None,
            (_, Some(given)) => (given.span(), words(given), None),
            (Shape::Leaf(leaf), None) => (leaf.span(), words(leaf), None),
            (Shape::Wild(_), None) => return None,
        };
        let about_said = words(topic_path);
        if said == about_said {
            return None;
        }
        let why = format!(
            "`{said}` can never be heard of here: the endpoint's topic is about `{about_said}`, which is another message\n\
             two types are one message if their labels are equal and they have as many fields"
        );
        let about_name = constructor_key(expansion, about);
        let (theirs, ours) = (&topic.witness, &self.witness);
        // At the user's own span: rustc shows the caller of a `track_caller` at the outermost form.
        let (call, name) = match name {
            Some(name) => ("one_record", quote!(, #name)),
            None => ("one_of_records", quote!()),
        };
        let call = Ident::new(call, span);
        let agreed = quote_spanned!(span=> #call::<_, _, #about_name #name>(#why));
        Some(quote! {
            if false {
                #theirs.agrees(&#ours, const { use #krate::__private::#call; #agreed });
            }
        })
    }

    fn take(&self, expansion: &Expansion, part: &TokenStream, label: &Lifetime) -> TokenStream {
        let witness = &self.witness;
        let node = match self.shape {
            Shape::Wild(_) => return TokenStream::new(),
            Shape::Node(node) => node,
            Shape::Leaf(leaf) => {
                let (pattern, conditions) = expansion.native(leaf);
                let conditions = conditions.iter().map(|condition| quote!(if !#condition { break #label }));
                let span = Span::mixed_site().located_at(leaf.span());
                return quote_spanned! {span=>
                    let ::core::option::Option::Some(#pattern) = #witness.decode(#part) else { break #label };
                    #(#conditions)*
                };
            }
        };
        let parts = expansion.variable("parts", node.span);
        let open = match &node.path {
            Some(_) => {
                let name = constructor_key(expansion, node);
                quote_spanned!(Span::mixed_site().located_at(node.span)=> #witness.record::<#name>(#part))
            }
            None => quote!(#witness.tuple(#part)),
        };
        let taken = self.below.iter().enumerate().filter(|(_, place)| !matches!(place.shape, Shape::Wild(_)));
        let mut taken = taken
            .map(|(at, place)| {
                let index = self.index(expansion, node, at);
                place.take(expansion, &quote!(#parts.at(#index)), label)
            })
            .peekable();
        if taken.peek().is_none() {
            return quote!(if #open.is_none() { break #label });
        }
        quote! {
            let ::core::option::Option::Some(#parts) = #open else { break #label };
            #(#taken)*
        }
    }
}

/// Tokens as a person would write them.
fn words(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(" :: ", "::").replace(" < ", "<").replace(" >", ">")
}

/// Replaces texts by variables to compare, and marks the names of constructors as such.
struct Native<'e> {
    expansion: &'e Expansion,
    conditions: Vec<TokenStream>,
    /// Inside alternatives, where texts cannot be: that is reported elsewhere.
    choice: bool,
}

impl Native<'_> {
    fn compare(&mut self, name: &Ident, literals: &[&Lit]) {
        let krate = &self.expansion.krate;
        let read = if matches!(literals, [Lit::ByteStr(_), ..]) { quote!(bytes) } else { quote!(text) };
        self.conditions.push(quote!(::core::matches!(#krate::__private::#read(&#name), #(#literals)|*)));
    }
}

impl VisitMut for Native<'_> {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        match pattern {
            Pat::Ident(PatIdent { subpat: Some((_, below)), ident, .. })
                if text_literals(below).is_some() =>
            {
                self.compare(&ident.clone(), &text_literals(below).unwrap_or_default());
            }
            Pat::Ident(name) if is_unit(name) => {
                let name = &name.ident;
                *pattern = parse_quote!(#name {});
                return;
            }
            _ => {
                if let Some(literals) = text_literals(pattern) {
                    if self.choice {
                        *pattern = parse_quote!(_);
                        return;
                    }
                    let name = self.expansion.variable("text", pattern.span());
                    self.compare(&name, &literals);
                    *pattern = parse_quote!(#name);
                    return;
                }
                let outer = self.choice;
                self.choice |= matches!(pattern, Pat::Or(_));
                visit_mut::visit_pat_mut(self, pattern);
                self.choice = outer;
                return;
            }
        }
        if let Pat::Ident(name) = pattern {
            name.subpat = None;
        }
    }
}
