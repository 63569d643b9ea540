//! From methods to what the kernel calls, and to stubs.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Type, Visibility};

use super::Face;
use super::method::{Argument, Call, Method, converts};
use super::this::without_self;

/// Lints that are about code which a person wrote: types and names of stubs are shown where the
/// method has them.
fn lenient() -> TokenStream {
    quote! {
        #[allow(
            dead_code, deprecated, non_camel_case_types, non_snake_case, private_bounds, private_interfaces, unreachable_pub,
            unused_qualifications, clippy::fn_params_excessive_bools, clippy::many_single_char_names,
            clippy::must_use_candidate, clippy::return_self_not_must_use, clippy::similar_names,
            clippy::too_many_arguments, clippy::type_complexity, clippy::use_self, clippy::useless_conversion
        )]
    }
}

impl Face {
    /// The object of an `impl` block. Its face is a trait that nobody can name.
    pub(super) fn object(&self, name: &Ident, transactional: Option<Span>) -> TokenStream {
        let Self { krate, generics, this, methods } = self;
        let (parameters, arguments, bounds) = generics.split_for_impl();
        let face = format_ident!("__{}Face", name.unraw());
        let short = name.unraw().to_string();
        let labels = self.labels();
        let verbs = methods.iter().filter_map(|method| {
            let (verb, conditions) = (method.verb()?, method.conditions());
            Some(quote!(#(#conditions)* #verb))
        });
        let hear = self.hear_method();
        let released = self.released_method();
        let backup = transactional.map(|span| {
            let span = span.resolved_at(Span::call_site());
            let clone = quote_spanned!(span=> ::core::clone::Clone::clone(self));
            quote! {
                const IS_TRANSACTIONAL: bool = true;
                fn backup(&self) -> ::core::option::Option<Self> { ::core::option::Option::Some(#clone) }
            }
        });
        let face_type = quote!(dyn #face #arguments);
        let faced = self.faced(&quote!(#face), &face_type);
        let lenient = lenient();
        quote! {
            #lenient
            const _: () = {
                #labels
                #[automatically_derived]
                impl #parameters #krate::objects::Object for #this #bounds {
                    const NAME: &'static str = #short;
                    const VERBS: &'static [&'static str] = &[#(#verbs),*];
                    #hear
                    #released
                    #backup
                }
                #[doc(hidden)]
                pub trait #face #parameters #bounds {
                    fn __reference(&self) -> &#krate::objects::Reference;
                }
                #faced
            };
        }
    }

    /// A face without an object. The trait has no methods: they are those of the references.
    pub(super) fn declared(&self, attributes: &[Attribute], vis: &Visibility, name: &Ident) -> TokenStream {
        let Self { krate, generics, this, .. } = self;
        let (parameters, _, bounds) = generics.split_for_impl();
        let labels = self.labels();
        let faced = self.faced(&name.to_token_stream(), &this.to_token_stream());
        let lenient = lenient();
        quote! {
            #(#attributes)*
            #vis trait #name #parameters #bounds {
                #[doc(hidden)]
                fn __reference(&self) -> &#krate::objects::Reference;
            }
            #lenient
            const _: () = {
                #labels
                #faced
            };
        }
    }

    /// Gives the methods to the references.
    fn faced(&self, face: &TokenStream, face_type: &TokenStream) -> TokenStream {
        let Self { krate, generics, this, methods } = self;
        let (parameters, arguments, bounds) = generics.split_for_impl();
        let offered = methods.iter().enumerate().filter(|(_, method)| method.is_offered);
        let stubs = offered.filter_map(|(at, method)| self.stub(at, method));
        quote! {
            #[automatically_derived]
            impl #parameters #face #arguments for #krate::objects::Reference #bounds {
                fn __reference(&self) -> &#krate::objects::Reference { self }
            }
            impl #parameters #face_type #bounds { #(#stubs)* }
            #[automatically_derived]
            impl #parameters #krate::__private::OneObjectBlock for #this #bounds {
                type Face = #face_type;
                fn face(reference: &#krate::objects::Reference) -> &Self::Face { reference }
            }
        }
    }

    /// A label for each verb, which stubs and object have in common: it is compared by its address
    /// first.
    fn labels(&self) -> TokenStream {
        let krate = &self.krate;
        let labels = self.methods.iter().enumerate().filter_map(|(at, method)| {
            let (verb, label) = (method.verb()?, label(at));
            Some(quote!(static #label: #krate::Label = #krate::Label::new(#verb);))
        });
        quote!(#(#labels)*)
    }

    fn hear_method(&self) -> TokenStream {
        let krate = &self.krate;
        let heard = || self.methods.iter().enumerate().filter(|(_, method)| method.is_heard);
        let verbs = || heard().filter(|(_, method)| method.verb().is_some());
        let labels = verbs().map(|(at, _)| label(at));
        let arms = verbs().enumerate().map(|(number, (_, method))| {
            let (conditions, call) = (method.conditions(), self.call(method, &quote!(&message[1..])));
            quote!(#(#conditions)* ::core::option::Option::Some(#number) => #call)
        });
        let bare = heard().filter(|(_, method)| matches!(method.call, Call::Bare(_))).map(|(_, method)| {
            let (conditions, call) = (method.conditions(), self.call(method, &quote!(message)));
            quote!(#(#conditions)* ::core::option::Option::None => #call)
        });
        quote! {
            #[allow(unused_variables)]
            #[inline]
            fn hear(
                &mut self,
                cx: &#krate::objects::Cx<'_, Self>,
                message: &[#krate::Value],
            ) -> #krate::__private::Heard {
                #[allow(unused_imports)]
                use #krate::__private::{AnyAnswer as _, NoAnswer as _, NoArgument as _};
                match #krate::__private::verb_among(message, &[#(&#labels),*]) {
                    #(#arms)*
                    #(#bare)*
                    _ => #krate::__private::no_method::<Self>(message),
                }
            }
        }
    }

    fn call(&self, method: &Method, given: &TokenStream) -> TokenStream {
        let krate = &self.krate;
        let Method { name, arguments, takes_cx, .. } = method;
        let verb = method.verb().unwrap_or_default();
        let count = arguments.len();
        let parts = Ident::new("arguments", Span::mixed_site());
        let given_as = arguments.iter().enumerate().map(|(at, Argument { of, .. })| {
            let krate = self.krate_at(of);
            quote_spanned! {shown_at(of)=>
                #krate::__private::argument(#verb, #parts, #at, |value| {
                    #krate::__private::Reads::<#of>(::core::marker::PhantomData).read(value)
                })?
            }
        });
        let cx = takes_cx.then(|| quote!(cx,));
        let answered = quote!(#krate::__private::Returned(Self::#name(self, #cx #(#given_as),*)).answer());
        quote! {{
            let #parts = #given;
            #krate::__private::arity(#verb, #parts, #count)?;
            #answered
        }}
    }

    fn released_method(&self) -> Option<TokenStream> {
        let krate = &self.krate;
        let is_released = |method: &&Method| matches!(method.call, Call::Released(_)) && method.is_heard;
        let method = self.methods.iter().find(is_released)?;
        let Method { name, takes_cx, .. } = method;
        let cx = takes_cx.then(|| quote!(cx));
        let conditions: Vec<_> = method.conditions().collect();
        Some(quote! {
            #(#conditions)*
            const HEEDS_RELEASE: bool = true;
            #(#conditions)*
            #[allow(unused_variables)]
            fn released(&mut self, cx: &#krate::objects::Cx<'_, Self>) {
                Self::#name(self, #cx);
            }
        })
    }

    /// The path of the kernel, for a mistake about this type.
    fn krate_at(&self, of: &Type) -> TokenStream {
        let respan = |mut token: TokenTree| {
            token.set_span(shown_at(of));
            token
        };
        self.krate.to_token_stream().into_iter().map(respan).collect()
    }

    /// A method of the references, which sends.
    fn stub(&self, at: usize, method: &Method) -> Option<TokenStream> {
        let krate = &self.krate;
        let Method { name, attributes, vis, arguments, .. } = method;
        let answer = without_self(&method.answer, &self.this);
        let types: Vec<_> = arguments.iter().map(|argument| without_self(&argument.of, &self.this)).collect();
        let parameters = arguments.iter().zip(&types).map(|(Argument { name, .. }, of)| match converts(of) {
            true => quote!(#name: impl #krate::__private::TurnsInto<#of>),
            false => quote!(#name: #of),
        });
        let values = arguments.iter().zip(&types).map(|(Argument { name, .. }, of)| {
            let name = match converts(of) {
                true => quote!(#krate::__private::TurnsInto::<#of>::turn_into(#name)),
                false => quote!(#name),
            };
            let krate = self.krate_at(of);
            quote_spanned!(shown_at(of)=> <#of as #krate::__private::Argument>::send(#name))
        });
        let cx = Ident::new("cx", Span::mixed_site());
        let krate_there = self.krate_at(&answer);
        let promise = quote_spanned! {shown_at(&answer)=>
            #krate_there::objects::Promise<<#answer as #krate_there::objects::Answers>::Gives>
        };
        let call = match &method.call {
            Call::Verb { .. } => {
                let label = label(at);
                quote_spanned! {shown_at(&answer)=>
                    #krate_there::__private::call::<#answer, _>(
                        #cx, self.__reference(), &#label, [#krate::Value::UNIT, #(#values),*]
                    )
                }
            }
            Call::Bare(_) => quote_spanned! {shown_at(&answer)=>
                #krate_there::__private::call_bare::<#answer, _>(#cx, self.__reference(), [#(#values),*])
            },
            Call::Released(_) => return None,
        };
        Some(quote! {
            #(#attributes)*
            #[inline]
            #vis fn #name(
                &self,
                #cx: &impl #krate::objects::Asks,
                #(#parameters),*
            ) -> #promise {
                #call
            }
        })
    }
}

/// Where a mistake about this type is shown.
fn shown_at(of: &Type) -> Span {
    of.span()
}

fn label(at: usize) -> Ident {
    format_ident!("__VERB_{at}")
}
