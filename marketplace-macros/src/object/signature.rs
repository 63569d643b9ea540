//! The rules for the signature of a method.

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{
    FnArg, GenericParam, Ident, Lifetime, Pat, PatType, Path, Receiver, ReceiverKind, ReturnType, Safety,
    Signature, Type, TypeImplTrait, TypeReference, parse_quote,
};

use super::method::{Argument, Call, StandsIn};
use crate::mistakes::Mistakes;

/// The names that every reference has, by a trait in scope or one that is often in scope.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "as_ref", "borrow", "borrow_mut", "clamp", "clone", "clone_from", "clone_into", "cmp", "deref", "eq", "fmt", "ge",
    "gt", "hash", "into", "into_value", "le", "lt", "max", "min", "ne", "partial_cmp", "to_owned", "to_value",
    "try_into", "type_id",
];

/// Whether it is called on an object.
pub(super) fn receiver(sig: &Signature, stands_in: StandsIn, mistakes: &Mistakes) -> bool {
    let Some(FnArg::Receiver(receiver)) = sig.inputs.first() else {
        let text = match stands_in {
            StandsIn::Impl => {
                "a method takes `&self` or `&mut self`; a function without it cannot be called by reference: put it into \
                 another `impl` block"
            }
            StandsIn::Trait => "a method takes `&self` or `&mut self`",
        };
        mistakes.on(&sig.ident, text);
        return false;
    };
    if !lends(receiver) {
        mistakes.on(
            receiver,
            "a method takes `&self` or `&mut self`: the object stays where it is, since others may have references to it",
        );
    }
    true
}

fn lends(Receiver { kind, .. }: &Receiver) -> bool {
    match kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, of) => match &**of {
            Type::Reference(reference) => is_path(&reference.elem, |path| path.is_ident("Self")),
            _ => false,
        },
        _ => false,
    }
}

pub(super) fn is_path(of: &Type, is: impl Fn(&Path) -> bool) -> bool {
    matches!(of, Type::Path(path) if path.qself.is_none() && is(&path.path))
}

pub(super) fn qualifiers(sig: &Signature, mistakes: &Mistakes) {
    if let Some(token) = &sig.asyncness {
        mistakes.on(
            token,
            "a method does not wait: it sends, and `cx.when(promise, |this, cx, result| ..)` goes on when the answer comes; \
             leave out `async`, and return the promise",
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        mistakes.on(token, "whoever has a reference may call a method with anything: it cannot be `unsafe`");
    }
    if let Some(abi) = &sig.abi {
        mistakes.on(abi, "a method is called by messages: it needs no ABI");
    }
    if let Some(bounds) = &sig.generics.where_clause {
        mistakes.on(
            bounds,
            "every object of the type has all its methods: put this condition on the `impl` block",
        );
    }
}

pub(super) fn parameters(sig: &Signature, mistakes: &Mistakes) {
    for parameter in &sig.generics.params {
        match parameter {
            GenericParam::Type(parameter) => mistakes.on(
                &parameter.ident,
                "a method has no type parameters, since its arguments come as data: name the types, take a `Value`, or let \
                 the `impl` block have the parameter",
            ),
            GenericParam::Const(parameter) => mistakes.on(
                &parameter.ident,
                "a method has no parameters but its arguments: let the `impl` block have this one",
            ),
            GenericParam::Lifetime(_) => {}
        }
    }
}

/// The arguments that it takes besides `self`.
fn typed(sig: &Signature) -> impl Iterator<Item = &PatType> {
    sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    })
}

/// Whether it takes a `cx`, and what else.
pub(super) fn arguments(sig: &Signature, mistakes: &Mistakes) -> (bool, Vec<Argument>) {
    let (cx, sent): (Vec<_>, Vec<_>) = typed(sig).partition(|argument| is_cx(&argument.ty));
    let arguments = sent.into_iter().enumerate().map(|(at, PatType { pat, ty: of, .. })| {
        Data { mistakes, what: "an argument" }.visit_type(of);
        let name = match &**pat {
            Pat::Ident(binding) => binding.ident.clone(),
            _ => format_ident!("argument{at}", span = Span::mixed_site()),
        };
        Argument { name, of: (**of).clone() }
    });
    (!cx.is_empty(), arguments.collect())
}

pub(super) fn cx_first(sig: &Signature, mistakes: &Mistakes) {
    for (at, PatType { ty: of, .. }) in typed(sig).enumerate().filter(|(_, argument)| is_cx(&argument.ty)) {
        if !matches!(&**of, Type::Reference(reference) if reference.mutability.is_none()) {
            mistakes.on(of, "`cx` is lent, by shared reference: `cx: &Cx<Self>`");
        }
        if at > 0 {
            mistakes.on(of, "`cx` stands right behind `self`");
        }
    }
}

pub(super) fn is_cx(of: &Type) -> bool {
    let of = match of {
        Type::Reference(reference) => &reference.elem,
        of => of,
    };
    is_path(of, |path| path.segments.last().is_some_and(|last| last.ident == "Cx"))
}

pub(super) fn answer(sig: &Signature, mistakes: &Mistakes) -> Type {
    match &sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, of) => {
            Data { mistakes, what: "an answer" }.visit_type(of);
            if let Type::Never(never) = &**of {
                mistakes.on(
                    never,
                    "a method answers: a message, nothing, a `Promise`, or a `Result` of one of these",
                );
                return parse_quote!(());
            }
            (**of).clone()
        }
    }
}

pub(super) fn released(
    sig: &Signature,
    at: Span,
    arguments: &[Argument],
    stands_in: StandsIn,
    mistakes: &Mistakes,
) {
    if stands_in == StandsIn::Trait {
        mistakes
            .at(at, "`released` is for the `impl` block of an object: a trait says only what can be called");
    }
    for argument in arguments {
        mistakes
            .on(&argument.of, "nobody calls a `released` method: it takes `&mut self` and `cx: &Cx<Self>`");
    }
    if let ReturnType::Type(_, of) = &sig.output {
        mistakes.on(of, "nobody hears what a `released` method returns: it returns nothing");
    }
}

pub(super) fn bare(first: Option<&Argument>, mistakes: &Mistakes) {
    if let Some(first) = first
        && is_path(&first.of, |path| path.segments.last().is_some_and(|last| last.ident == "Symbol"))
    {
        mistakes.on(
            &first.of,
            "a message that begins with a symbol has that as its verb, so it would not come here: take another type first",
        );
    }
}

/// The name of a stub is that of nothing that a reference has.
pub(super) fn free(name: &Ident, call: &Call, mistakes: &Mistakes) {
    let text = name.unraw().to_string();
    if TAKEN.contains(&&*text) {
        let cure = match call {
            Call::Verb { text, .. } => {
                format!("call the function something else, with `#[method(name = \"{text}\")]` before it")
            }
            _ => "call the function something else".to_string(),
        };
        mistakes.on(
            name,
            format!("every reference has a method `{text}` already, which would be called instead: {cure}"),
        );
    }
}

/// Finds what cannot be sent, whatever its type is.
struct Data<'m> {
    mistakes: &'m Mistakes,
    what: &'static str,
}

impl<'a> Visit<'a> for Data<'_> {
    fn visit_type_reference(&mut self, reference: &'a TypeReference) {
        let cure = match &*reference.elem {
            of if is_path(of, |path| path.is_ident("str")) => {
                "own it, as a `Text`: where it is expected, a `&str` will do"
            }
            Type::Slice(_) => "own it, as a `Vec`",
            _ => "own it",
        };
        self.mistakes.on(reference, format!("{} is sent, so it cannot be borrowed: {cure}", self.what));
    }

    fn visit_type_impl_trait(&mut self, of: &'a TypeImplTrait) {
        self.mistakes.on(of, format!("{} is sent as data of one type: name the type", self.what));
    }

    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        if lifetime.ident != "static" {
            self.mistakes.on(lifetime, format!("{} is sent, so it cannot borrow: own the data", self.what));
        }
        visit::visit_lifetime(self, lifetime);
    }
}
