//! The DSL of the `marketplace` crate: use it through that crate, which documents every form.
//!
//! A form goes through three steps: `syntax` parses, `check` knows the rules, `expand` writes calls
//! that a person could write. Mistakes are collected on the way and reported together. The rest is
//! expanded all the same, so that one mistake breaks nothing else.

mod check;
mod clauses;
mod derive;
mod expand;
mod mistakes;
mod names;
mod object;
mod shape;
mod syntax;

use proc_macro::TokenStream;
use proc_macro2::{TokenStream as Tokens, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};

use expand::{Expansion, Kind};
use mistakes::Mistakes;
use names::Captures;
use syntax::items::{Boot, Family, Names, Options, list};
use syntax::template::Template;
use syntax::{Endpoint, Role};

/// Turns a struct or an enum into data that can be sent: implements the trait `Message`.
///
/// A struct is a record with its name as label, a variant a record labelled `Enum.Variant`, fields
/// in order. Type parameters must be messages.
///
/// - `#[message(label = "..")]` on a struct or variant is its label; on an enum, it stands for the
///   enum's name in the labels of variants that have none of their own.
/// - `#[message(label = Type)]` on a struct is the label of that other struct: the same records,
///   for code that takes them apart in another way. Labels shared so are compared by address; equal
///   texts would have to be read.
/// - `#[message(crate = path)]` is the path of `marketplace` in this crate, if it was renamed.
#[proc_macro_derive(Message, attributes(message))]
pub fn message(input: TokenStream) -> TokenStream {
    derive::message(syn::parse_macro_input!(input)).into()
}

/// Use it through the crate `marketplace`, where it is documented, as `objects::object`.
#[proc_macro_attribute]
pub fn object(options: TokenStream, item: TokenStream) -> TokenStream {
    object::object(options.into(), item.into()).into()
}

/// Reads `krate; tokens` and writes the expansion that `form` makes of the tokens, or of as many as
/// it understands. If it understands none, the mistakes stand for a value of the type `fallback`,
/// so that nothing else breaks.
fn form(
    input: TokenStream,
    fallback: Option<&str>,
    form: impl FnOnce(&Expansion, ParseStream<'_>, &Mistakes) -> syn::Result<Tokens>,
) -> TokenStream {
    let mut input = Tokens::from(input).into_iter();
    let krate =
        input.by_ref().take_while(|token| !matches!(token, TokenTree::Punct(end) if end.as_char() == ';'));
    let expansion = Expansion::new(krate.collect());
    let mistakes = Mistakes::default();
    let read = |input: ParseStream<'_>| {
        let result = form(&expansion, input, &mistakes);
        if result.is_err() {
            syntax::drain(input);
        }
        result
    };
    let expanded = mistakes.keep(read.parse2(input.collect())).unwrap_or_else(|| {
        let krate = &expansion.krate;
        let fallback = fallback.map_or_else(
            || quote!(_),
            |name| {
                let name = quote::format_ident!("{name}");
                quote!(#krate::#name<_>)
            },
        );
        quote!(#krate::__private::never::<#fallback>())
    });
    match mistakes.to_tokens() {
        Some(errors) => quote!({ #errors #expanded }).into(),
        None => expanded.into(),
    }
}

macro_rules! endpoints {
    ($($name:ident: $orientation:ident as $interest:ident;)*) => {$(
        #[doc(hidden)]
        #[proc_macro]
        pub fn $name(input: TokenStream) -> TokenStream {
            form(input, Some("AddEndpoint"), |expansion, input, mistakes| {
                let kind = Kind { orientation: stringify!($orientation), interest: stringify!($interest) };
                let endpoint = Endpoint::parse(input, mistakes);
                Ok(finish(expansion, kind, &endpoint, mistakes))
            })
        }
    )*};
}

fn finish(expansion: &Expansion, kind: Kind, endpoint: &Endpoint, mistakes: &Mistakes) -> Tokens {
    check::clauses(endpoint, kind.orientation, mistakes);
    expand::endpoint(expansion, kind, endpoint, &Captures::of_endpoint(endpoint))
}

endpoints! {
    publisher: Publisher as Participant;
    subscriber: Subscriber as Participant;
    observe_publishers: Subscriber as Observer;
    observe_subscribers: Publisher as Observer;
    observe_publishers_everything: Subscriber as Everything;
    observe_subscribers_everything: Publisher as Everything;
}

/// An endpoint that meets nobody observes publishers of a topic that nobody publishes.
const OBSERVER: Kind = Kind { orientation: "Subscriber", interest: "Observer" };

macro_rules! forms {
    ($($name:ident gives $type:literal: |$expansion:ident, $input:ident, $mistakes:ident| $body:expr;)*) => {$(
        #[doc(hidden)]
        #[proc_macro]
        pub fn $name(input: TokenStream) -> TokenStream {
            form(input, Some($type), |$expansion, $input, $mistakes| Ok($body))
        }
    )*};
}

forms! {
    build_endpoint gives "AddEndpoint": |expansion, input, mistakes| {
        let kind = Kind { orientation: "Publisher", interest: "Participant" };
        finish(expansion, kind, &Endpoint::parse_built(input, mistakes)?, mistakes)
    };
    callee gives "AddEndpoint": |expansion, input, mistakes| {
        finish(expansion, OBSERVER, &Endpoint::parse_alone(Role::Callee, input, mistakes), mistakes)
    };
    replies gives "AddEndpoint": |expansion, input, mistakes| {
        finish(expansion, OBSERVER, &Endpoint::parse_alone(Role::Replies, input, mistakes), mistakes)
    };
    object_of gives "Action": |expansion, input, mistakes| {
        finish(expansion, OBSERVER, &Endpoint::parse_object(input, mistakes), mistakes)
    };
    send_message gives "PreAction": |expansion, input, mistakes| send("send_message", "MESSAGE", expansion, input, mistakes)?;
    send_feedback gives "PreAction": |expansion, input, mistakes| send("send_feedback", "FEEDBACK", expansion, input, mistakes)?;
    actions gives "ActionTree": |expansion, input, mistakes| expand::actions(expansion, &list(input, mistakes));
    at_meta_level gives "ActionTree": |expansion, input, mistakes| {
        expand::at_meta_level(expansion, &list(input, mistakes), mistakes)
    };
    transition gives "Transition": |expansion, input, mistakes| {
        let mut items = list(input, mistakes);
        if items.is_empty() {
            Err(input.error("expected a state, then actions: `transition!(state, actions..)`"))?;
        }
        let trees = items.split_off(1);
        expand::transition(expansion, &items[0], &trees)
    };
    transition_no_state gives "Transition": |expansion, input, mistakes| {
        expand::transition_no_state(expansion, &list(input, mistakes))
    };
    sequence_actions gives "Transition": |expansion, input, mistakes| {
        let mut items = list(input, mistakes);
        if items.is_empty() {
            Err(input.error("expected a transition, then functions of the state and actions: `sequence_actions!(transition, items..)`"))?;
        }
        let more = items.split_off(1);
        expand::sequence_actions(expansion, &items[0], &more)
    };
    spawn gives "Spawn": |expansion, input, mistakes| {
        let boot = Boot::parse(input, mistakes)?;
        syntax::end(input)?;
        expand::spawn(expansion, &boot)
    };
    spawn_continue gives "Spawn": |expansion, input, mistakes| {
        expand::spawn_continue(expansion, &Family::parse(input, mistakes)?, mistakes)
    };
    spawn_vm gives "Spawn": |expansion, input, mistakes| {
        let names = ["vm_pid", "boot_pid", "limits", "state", "name"];
        let options = Options::parse("spawn_vm", &names, input, mistakes);
        expand::spawn_vm(expansion, &options, mistakes)
    };
    yield_now gives "Action": |expansion, input, mistakes| {
        let next = input.parse()?;
        syntax::end(input)?;
        expand::yield_now(expansion, &next, mistakes)
    };
}

fn send(
    form: &str,
    orientation: &str,
    expansion: &Expansion,
    input: ParseStream<'_>,
    mistakes: &Mistakes,
) -> syn::Result<Tokens> {
    let template = Template::read(input.parse()?, mistakes);
    syntax::end(input)?;
    check::no_wildcard(form, &template, mistakes);
    Ok(expand::send(expansion, orientation, &template))
}

#[doc(hidden)]
#[proc_macro]
pub fn topic(input: TokenStream) -> TokenStream {
    form(input, None, |expansion, input, mistakes| {
        let template = Template::read(input.parse()?, mistakes);
        syntax::end(input)?;
        Ok(expansion.topic(&template))
    })
}

/// The value of the expression is not known when it cannot be read.
#[doc(hidden)]
#[proc_macro]
pub fn let_fresh(input: TokenStream) -> TokenStream {
    form(input, None, |expansion, input, _| Ok(expand::let_fresh(expansion, &Names::parse(input)?)))
}

#[doc(hidden)]
#[proc_macro]
pub fn ground_vm(input: TokenStream) -> TokenStream {
    form(input, None, |expansion, input, mistakes| {
        let options =
            Options::parse("ground_vm", &["boot_pid", "limits", "warnings", "state"], input, mistakes);
        Ok(expand::ground_vm(expansion, &options, mistakes))
    })
}
