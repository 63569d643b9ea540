//! `#[object(..)]` and `#[method(..)]`.

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, Path, parse_quote};

use super::method::StandsIn;
use crate::mistakes::{Mistakes, listed, nearest};

/// The contents of `#[object(..)]`.
pub(super) struct Options {
    pub(super) krate: Path,
    /// An error undoes the turn.
    pub(super) transactional: Option<Span>,
}

/// The contents of `#[method(..)]`.
#[derive(Default)]
pub(super) struct MethodOptions {
    pub(super) name: Option<LitStr>,
    pub(super) bare: Option<Span>,
    pub(super) released: Option<Span>,
}

impl Options {
    pub(super) fn read(options: TokenStream, stands_in: StandsIn, mistakes: &Mistakes) -> Self {
        let mut read = Self { krate: parse_quote!(::marketplace), transactional: None };
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("transactional") {
                if stands_in == StandsIn::Trait {
                    let text = "`transactional` is for the `impl` block of an object: a trait says only what can be called";
                    mistakes.on(&meta.path, text);
                }
                read.transactional = Some(meta.path.span());
            } else if meta.path.is_ident("crate") {
                read.krate = meta.value()?.call(Path::parse_mod_style)?;
            } else {
                unknown(&meta, &["transactional", "crate"], "`transactional` or `crate = path`", mistakes);
            }
            Ok(())
        });
        mistakes.keep(parser.parse2(options));
        read
    }
}

impl MethodOptions {
    /// Takes the attribute out, which nothing else knows.
    pub(super) fn take(attributes: &mut Vec<Attribute>, mistakes: &Mistakes) -> Self {
        let mut read = Self::default();
        for attribute in attributes.extract_if(.., |attribute| attribute.path().is_ident("method")) {
            mistakes.keep(attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    read.name = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("bare") {
                    read.bare = Some(meta.path.span());
                } else if meta.path.is_ident("released") {
                    read.released = Some(meta.path.span());
                } else {
                    let expected = "`name = \"..\"`, `bare` or `released`";
                    unknown(&meta, &["name", "bare", "released"], expected, mistakes);
                }
                Ok(())
            }));
        }
        read.agree(mistakes);
        read
    }

    fn agree(&self, mistakes: &Mistakes) {
        match self {
            Self { name: Some(name), bare: Some(_), .. } => {
                mistakes.on(name, "a message to a `bare` method has no verb, so the method needs no name");
            }
            Self { name: Some(name), released: Some(_), .. } => {
                mistakes.on(name, "nobody calls a `released` method, so it needs no name");
            }
            Self { bare: Some(bare), released: Some(_), .. } => {
                mistakes.at(*bare, "nobody sends a message to a `released` method: leave out `bare`");
            }
            _ => {}
        }
    }
}

/// Says that there is no such option, and skips its value.
fn unknown(meta: &ParseNestedMeta<'_>, names: &[&str], expected: &str, mistakes: &Mistakes) {
    let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
    let hint = nearest(&name, names).map(|meant| format!("; did you mean {}?", listed(&[meant])));
    mistakes.on(&meta.path, format!("unknown option{}: expected {expected}", hint.unwrap_or_default()));
    if let Ok(value) = meta.value() {
        let _ = value.parse::<syn::Expr>();
    }
}
