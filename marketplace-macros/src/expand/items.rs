//! The forms that are no endpoints.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprClosure, Ident, ReturnType};

use super::Expansion;
use crate::mistakes::Mistakes;
use crate::names::Captures;
use crate::syntax::body::checked;
use crate::syntax::items::{Boot, Family, Names, Options, list};
use crate::syntax::template::{Template, text_literal};

impl Expansion {
    /// A closure that may fail: `?` in its body ends the process.
    fn failing(&self, parameters: &TokenStream, body: &TokenStream) -> TokenStream {
        let krate = &self.krate;
        quote! {
            move |#parameters| -> ::core::result::Result<_, #krate::Failure> {
                #[allow(unreachable_code)]
                ::core::result::Result::Ok(#body)
            }
        }
    }

    fn boot(&self, boot: &Boot) -> TokenStream {
        let krate = &self.krate;
        let captures = boot.pid.iter().fold(Captures::default(), Captures::bind);
        let clones = captures.using(&boot.body).clones();
        let pid = boot.pid.as_ref().map_or_else(|| quote!(_), |pid| quote!(#pid));
        let body = &boot.body;
        let closure = self.failing(&quote!(#pid: #krate::Pid), &quote!(#body));
        let spawn = quote!(#krate::spawn({ #clones #closure }));
        let spawn = match function(body) {
            Some(name) => quote!(#spawn.called(|| #name)),
            None => spawn,
        };
        quote!(#krate::__private::spawned(|| ::core::unreachable!(), #spawn))
    }

    /// A continuation: a closure is made one that may fail; anything else is called as it is.
    fn continuation(&self, next: &Expr, mistakes: &Mistakes) -> TokenStream {
        let Expr::Closure(ExprClosure { inputs, output: ReturnType::Default, body, asyncness: None, .. }) =
            next
        else {
            return quote!(#next);
        };
        let body = checked((**body).clone(), mistakes);
        let clones = inputs.iter().fold(Captures::default(), Captures::bind).using(&body).clones();
        let closure = self.failing(&quote!(#inputs), &quote!(#body));
        quote!({ #clones #closure })
    }
}

pub(crate) fn actions(expansion: &Expansion, trees: &[Expr]) -> TokenStream {
    expansion.actions(trees)
}

pub(crate) fn transition(expansion: &Expansion, state: &Expr, trees: &[Expr]) -> TokenStream {
    expansion.transition(&state.to_token_stream(), trees)
}

pub(crate) fn transition_no_state(expansion: &Expansion, trees: &[Expr]) -> TokenStream {
    // With the type, a boot whose state is another one is told of the two transitions, and not of
    // an argument that nobody wrote.
    expansion.transition_of(&quote!(()), &quote!(()), trees)
}

pub(crate) fn sequence_actions(expansion: &Expansion, start: &Expr, items: &[Expr]) -> TokenStream {
    let krate = &expansion.krate;
    items.iter().fold(quote!(#start), |done, item| match item {
        Expr::Closure(next) => quote!(#krate::Transition::then(#done, #next)),
        tree => quote!(#krate::Transition::and(#done, #tree)),
    })
}

pub(crate) fn at_meta_level(expansion: &Expansion, items: &[Expr], mistakes: &Mistakes) -> TokenStream {
    let krate = &expansion.krate;
    let tree = Ident::new("__tree", Span::mixed_site());
    let mut appended = Vec::new();
    outward(items, 1, mistakes, &mut |levels, item| {
        let span = Span::mixed_site().located_at(item.span());
        appended.push(quote_spanned!(span=> #krate::__private::append_outward(&mut #tree, #levels, #item);));
    });
    quote! {{
        #[allow(unused_mut)]
        let mut #tree = #krate::ActionTree::new();
        #(#appended)*
        #tree
    }}
}

/// Calls `each` with every item and how far out it acts: an `at_meta_level!` inside adds one level.
fn outward(items: &[Expr], levels: usize, mistakes: &Mistakes, each: &mut dyn FnMut(usize, &Expr)) {
    for item in items {
        match nested_items(item, mistakes) {
            Some(nested) => outward(&nested, levels + 1, mistakes, each),
            None => each(levels, item),
        }
    }
}

/// The items in an `at_meta_level!`, if the item is one.
fn nested_items(item: &Expr, mistakes: &Mistakes) -> Option<Vec<Expr>> {
    let Expr::Macro(nested) = item else { return None };
    let name = &nested.mac.path.segments.last()?.ident;
    let read = |input: ParseStream<'_>| Ok(list(input, mistakes));
    (name == "at_meta_level")
        .then(|| mistakes.keep(read.parse2(nested.mac.tokens.clone())).unwrap_or_default())
}

/// The name of the function that is called, if that is all.
fn function(body: &Expr) -> Option<String> {
    match body {
        Expr::Call(ExprCall { func, .. }) => match &**func {
            Expr::Path(path) if path.path.segments.first()?.ident != "Transition" => {
                let name = path.path.segments.last()?.ident.unraw().to_string();
                // A constructor, such as `Ok(..)`, is none.
                Some(name).filter(|name| name.starts_with(|first: char| !first.is_uppercase()))
            }
            _ => None,
        },
        Expr::MethodCall(call) => Some(call.method.unraw().to_string()),
        Expr::Try(tried) => function(&tried.expr),
        Expr::Paren(inner) => function(&inner.expr),
        Expr::Group(inner) => function(&inner.expr),
        _ => None,
    }
}

pub(crate) fn send(expansion: &Expansion, orientation: &str, template: &Template) -> TokenStream {
    let krate = &expansion.krate;
    let orientation = quote::format_ident!("{orientation}");
    let value = expansion.value(template);
    quote!(#krate::__private::send(#value, #krate::__private::#orientation, || ::core::unreachable!()))
}

pub(crate) fn spawn(expansion: &Expansion, boot: &Boot) -> TokenStream {
    expansion.boot(boot)
}

pub(crate) fn spawn_continue(expansion: &Expansion, family: &Family, mistakes: &Mistakes) -> TokenStream {
    let child = expansion.boot(&family.child);
    let parent = expansion.continuation(&family.parent, mistakes);
    quote!(#child.then(#parent))
}

pub(crate) fn yield_now(expansion: &Expansion, next: &Expr, mistakes: &Mistakes) -> TokenStream {
    let krate = &expansion.krate;
    let next = expansion.continuation(next, mistakes);
    quote!(#krate::yield_now(#next))
}

pub(crate) fn spawn_vm(expansion: &Expansion, options: &Options, mistakes: &Mistakes) -> TokenStream {
    let krate = &expansion.krate;
    let vm_pid = pid(options, "vm_pid", mistakes);
    let boot_pid = pid(options, "boot_pid", mistakes);
    let parameters = quote!(#vm_pid: #krate::Pid, #boot_pid: #krate::Pid);
    let (clones, closure) = vm(expansion, &parameters, options);
    let spawn = match options.get("limits") {
        Some(limits) => quote!(#krate::spawn_vm_within(#limits, { #clones #closure })),
        None => quote!(#krate::spawn_vm({ #clones #closure })),
    };
    match options.get("name") {
        Some(name) => {
            let name = match text_literal(name) {
                Some(text) => quote!(#krate::Symbol::new(#text)),
                None => quote!(#name),
            };
            quote!(#krate::name_process(#name, #spawn))
        }
        None => spawn,
    }
}

pub(crate) fn ground_vm(expansion: &Expansion, options: &Options, mistakes: &Mistakes) -> TokenStream {
    let krate = &expansion.krate;
    let boot_pid = pid(options, "boot_pid", mistakes);
    let (clones, closure) = vm(expansion, &quote!(#boot_pid: #krate::Pid), options);
    let within = match (options.get("limits"), options.get("warnings")) {
        (None, None) => return quote!(#krate::__private::ground_vm({ #clones #closure })),
        (Some(only), None) | (None, Some(only)) => quote!(#only),
        (Some(limits), Some(warnings)) => {
            quote!(#krate::ground::Options { limits: #limits, warnings: #warnings })
        }
    };
    quote!(#krate::__private::ground_vm_within(#within, { #clones #closure }))
}

/// The names that options give to PIDs.
fn pids(options: &Options) -> Vec<Ident> {
    let ignored = Mistakes::default();
    ["vm_pid", "boot_pid"].iter().filter_map(|name| options.variable(name, &ignored)).collect()
}

fn pid(options: &Options, name: &str, mistakes: &Mistakes) -> TokenStream {
    options.variable(name, mistakes).map_or_else(|| quote!(_), |pid| quote!(#pid))
}

/// The boot process of a VM.
fn vm(expansion: &Expansion, parameters: &TokenStream, options: &Options) -> (TokenStream, TokenStream) {
    let state = options.get("state");
    let bodies = || state.into_iter().chain(&options.trees);
    let captures = bodies().fold(Captures::default(), Captures::using).without(&pids(options));
    let state = state.map_or_else(|| quote!(()), |state| quote!(#state));
    let closure = expansion.failing(parameters, &expansion.transition(&state, &options.trees));
    (captures.clones(), closure)
}

pub(crate) fn let_fresh(expansion: &Expansion, Names { names, body }: &Names) -> TokenStream {
    let krate = &expansion.krate;
    quote! {{
        #(let #names = #krate::Fresh::new();)*
        #body
    }}
}
