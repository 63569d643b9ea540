//! `#[object]` on an `impl` block or a trait.

mod expand;
mod forgotten;
mod method;
mod options;
mod outer;
mod signature;
mod this;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{
    Generics, Ident, ImplItem, Item, ItemImpl, ItemTrait, Path, TraitItem, TraitItemFn, Type, Visibility,
    parse_quote,
};

use crate::mistakes::Mistakes;
use method::{Method, StandsIn};
use options::Options;

/// The methods that can be called by reference, and the type to whose references they are given.
struct Face {
    krate: Path,
    generics: Generics,
    /// The type as it is written in other items.
    this: Type,
    methods: Vec<Method>,
}

pub(crate) fn object(options: TokenStream, item: TokenStream) -> TokenStream {
    let mistakes = Mistakes::default();
    let expanded = match syn::parse2(item.clone()) {
        Ok(Item::Impl(block)) => {
            of_impl(&Options::read(options, StandsIn::Impl, &mistakes), block, &mistakes)
        }
        Ok(Item::Trait(face)) => {
            of_trait(&Options::read(options, StandsIn::Trait, &mistakes), face, &mistakes)
        }
        Ok(other) => {
            mistakes.at(
                other.span(),
                "`#[object]` stands on an `impl` block, whose functions others may call, or on a trait, which says only \
                 what can be called",
            );
            item
        }
        Err(error) => {
            mistakes.add(error);
            item
        }
    };
    let errors = mistakes.to_tokens();
    quote!(#errors #expanded)
}

fn of_impl(options: &Options, mut block: ItemImpl, mistakes: &Mistakes) -> TokenStream {
    if let Some((path, _)) = block.trait_.take() {
        mistakes.on(
            path,
            "the methods of an object stand in an `impl` block of its type: leave out the trait. (That an object can be \
             spoken to as another one is said by `cast`.)",
        );
        // Other items here would be mistakes only because of this one.
        block.items.retain(|item| matches!(item, ImplItem::Fn(_)));
    }
    let owns = owns(&block.generics, mistakes);
    let Some(name) = name_of(&block.self_ty) else {
        mistakes.on(&block.self_ty, "an object is a struct or an enum");
        return block.to_token_stream();
    };
    let mut methods = Vec::new();
    for item in &mut block.items {
        match item {
            ImplItem::Fn(function) => {
                let (attributes, sig) = (&mut function.attrs, &function.sig);
                let method = Method::read(sig, attributes, StandsIn::Impl, mistakes);
                if let Some(method) = &method {
                    forgotten::report(sig, method.takes_cx, &mut function.block, mistakes);
                    outer::report(sig, &mut function.block, mistakes);
                }
                methods.extend(method);
            }
            ImplItem::Macro(invocation) => mistakes.on(
                &invocation.mac.path,
                "what a macro writes here would be no method: write the methods out, or let the macro write the whole `impl` block",
            ),
            _ => {}
        }
    }
    method::no_twins(&methods, mistakes);
    let face = Face {
        krate: options.krate.clone(),
        generics: block.generics.clone(),
        this: (*block.self_ty).clone(),
        methods,
    };
    let object = owns.then(|| face.object(&name, options.transactional));
    // That a method takes `self`, and owns its arguments, is not for its author to choose.
    quote! {
        #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
        #block
        #object
    }
}

fn of_trait(options: &Options, face: ItemTrait, mistakes: &Mistakes) -> TokenStream {
    let ItemTrait { attrs, vis, ident, generics, supertraits, items, .. } = face;
    if let Some(first) = supertraits.first() {
        mistakes.on(
            first,
            "a trait that says what can be called has no supertraits: write their methods here, or `cast` the reference",
        );
    }
    owns(&generics, mistakes);
    let (_, arguments, _) = generics.split_for_impl();
    let methods: Vec<_> = items.into_iter().filter_map(|item| of_trait_item(item, &vis, mistakes)).collect();
    method::no_twins(&methods, mistakes);
    let this = parse_quote!(dyn #ident #arguments);
    let face = Face { krate: options.krate.clone(), generics, this, methods };
    face.declared(&attrs, &vis, &ident)
}

fn of_trait_item(item: TraitItem, vis: &Visibility, mistakes: &Mistakes) -> Option<Method> {
    let no_method = "this trait says only what can be called, so there are methods in it and nothing else";
    match item {
        TraitItem::Fn(TraitItemFn { mut attrs, sig, default, .. }) => {
            if let Some(block) = default {
                mistakes
                    .on(block, "this would never run: the object has the code, wherever it is; expected `;`");
            }
            let method = Method::read(&sig, &mut attrs, StandsIn::Trait, mistakes)?;
            Some(Method { vis: vis.clone(), attributes: attrs, ..method })
        }
        TraitItem::Const(item) => {
            mistakes.on(item.const_token, no_method);
            None
        }
        TraitItem::Type(item) => {
            mistakes.on(item.type_token, no_method);
            None
        }
        other => {
            mistakes.on(other, no_method);
            None
        }
    }
}

/// Whether it has no lifetime parameters.
fn owns(generics: &Generics, mistakes: &Mistakes) -> bool {
    for parameter in generics.lifetimes() {
        mistakes.on(
            &parameter.lifetime,
            "an object cannot borrow: it lives as long as anybody has a reference to it; own the data",
        );
    }
    generics.lifetimes().next().is_none()
}

/// The name of a type that can be an object.
fn name_of(this: &Type) -> Option<Ident> {
    match this {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().map(|last| last.ident.clone()),
        Type::Group(group) => name_of(&group.elem),
        Type::Paren(paren) => name_of(&paren.elem),
        _ => None,
    }
}
