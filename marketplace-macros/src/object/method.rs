//! A method, as it is written.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Signature, Type, Visibility, parse_quote};

use super::options::MethodOptions;
use super::signature::{
    answer, arguments, bare, cx_first, free, is_path, parameters, qualifiers, receiver, released,
};
use crate::mistakes::Mistakes;

/// The item that the method stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StandsIn {
    Impl,
    Trait,
}

pub(super) struct Method {
    pub(super) name: Ident,
    pub(super) call: Call,
    /// The attributes of the stub.
    pub(super) attributes: Vec<Attribute>,
    /// The visibility of the stub.
    pub(super) vis: Visibility,
    pub(super) takes_cx: bool,
    pub(super) arguments: Vec<Argument>,
    /// The type that it returns.
    pub(super) answer: Type,
    /// There is a stub: its types can be written in one.
    pub(super) is_offered: bool,
    /// The object hears it: there is no mistake in it.
    pub(super) is_heard: bool,
}

pub(super) enum Call {
    Verb {
        text: String,
        span: Span,
    },
    /// A message without a verb.
    Bare(Span),
    /// The last turn.
    Released(Span),
}

pub(super) struct Argument {
    pub(super) name: Ident,
    pub(super) of: Type,
}

impl Method {
    /// `None`: it is not called on an object.
    pub(super) fn read(
        sig: &Signature,
        attributes: &mut Vec<Attribute>,
        stands_in: StandsIn,
        mistakes: &Mistakes,
    ) -> Option<Self> {
        let before = mistakes.count();
        let (takes_cx, arguments) = arguments(sig, mistakes);
        let answer = answer(sig, mistakes);
        parameters(sig, mistakes);
        let is_offered = mistakes.count() == before;
        cx_first(sig, mistakes);
        qualifiers(sig, mistakes);
        let receives = receiver(sig, stands_in, mistakes);
        let options = MethodOptions::take(attributes, mistakes);
        let call = match options {
            MethodOptions { released: Some(at), .. } => {
                released(sig, at, &arguments, stands_in, mistakes);
                Call::Released(at)
            }
            MethodOptions { bare: Some(at), .. } => {
                bare(arguments.first(), mistakes);
                Call::Bare(at)
            }
            MethodOptions { name: Some(name), .. } => Call::Verb { text: name.value(), span: name.span() },
            _ => Call::Verb { text: sig.ident.unraw().to_string(), span: sig.ident.span() },
        };
        if !matches!(call, Call::Released(_)) {
            free(&sig.ident, &call, mistakes);
        }
        receives.then(|| Self {
            name: sig.ident.clone(),
            call,
            attributes: attributes.iter().filter(is_copied).cloned().collect(),
            vis: parse_quote!(pub),
            takes_cx,
            arguments,
            answer,
            is_offered,
            is_heard: mistakes.count() == before,
        })
    }

    /// The conditions under which it is there.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    pub(super) fn verb(&self) -> Option<&str> {
        match &self.call {
            Call::Verb { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// Whether a stub has this attribute of its method, too.
fn is_copied(attribute: &&Attribute) -> bool {
    ["doc", "cfg", "deprecated"].iter().any(|name| attribute.path().is_ident(name))
}

/// Each message fits one method, if no conditions part the methods.
pub(super) fn no_twins(methods: &[Method], mistakes: &Mistakes) {
    for (at, method) in methods.iter().enumerate() {
        let is_twin = |other: &&Method| match (&other.call, &method.call) {
            (Call::Verb { text: other, .. }, Call::Verb { text, .. }) => other == text,
            (Call::Bare(_), Call::Bare(_)) | (Call::Released(_), Call::Released(_)) => true,
            _ => false,
        };
        let Some(twin) = methods[..at].iter().find(is_twin) else { continue };
        if twin.conditions().chain(method.conditions()).next().is_some() {
            continue;
        }
        let (span, text) = match &method.call {
            Call::Verb { text, span } => (*span, format!("`{}` is called `{text}` already", twin.name)),
            Call::Bare(span) => (*span, format!("`{}` takes the messages without a verb already", twin.name)),
            Call::Released(span) => (*span, format!("`{}` is the last turn already", twin.name)),
        };
        mistakes.at(span, text);
    }
}

/// Whether a stub takes whatever can be turned into this type.
pub(super) fn converts(of: &Type) -> bool {
    const CONVERTED: &[&str] = &["Text", "Symbol", "Value", "Reference", "Far", "Promise"];
    is_path(of, |path| {
        path.segments.last().is_some_and(|last| CONVERTED.iter().any(|name| last.ident == name))
    })
}
