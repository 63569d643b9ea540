//! `#[derive(Message)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericParam, Generics, Ident, Lit, LitStr, Path, parse_quote,
};

use crate::mistakes::Mistakes;

pub(crate) fn message(input: DeriveInput) -> TokenStream {
    let mistakes = Mistakes::default();
    let expanded = Messages::read(&input, &mistakes).expand();
    match mistakes.to_tokens() {
        Some(errors) => errors,
        None => expanded,
    }
}

/// The type, and one constructor for each way to make it.
struct Messages<'i> {
    input: &'i DeriveInput,
    krate: Path,
    reason: bool,
    error: Option<Span>,
    shared: bool,
    driver: Option<Path>,
    constructors: Vec<Constructor<'i>>,
}

struct Constructor<'i> {
    /// `None` for a struct.
    variant: Option<&'i Ident>,
    label: Label,
    fields: &'i Fields,
}

/// The label of the records.
enum Label {
    Text(String),
    /// The label of another struct.
    Of(Path),
}

/// The contents of `#[message(..)]`.
// `reason` and `shared` are for our own crates, and stand in no doc: `Reason` is a message by the
// one, and the other does nothing without `Sharing`, which is hidden.
#[derive(Default)]
struct Options {
    label: Option<Label>,
    krate: Option<Path>,
    reason: bool,
    error: Option<Span>,
    shared: bool,
    driver: Option<Path>,
}

impl<'i> Messages<'i> {
    fn read(input: &'i DeriveInput, mistakes: &Mistakes) -> Self {
        let options = Options::read(&input.attrs, true, mistakes);
        let own = options.label.unwrap_or_else(|| Label::Text(input.ident.unraw().to_string()));
        let mut constructors = Vec::new();
        match &input.data {
            Data::Struct(data) => {
                constructors.push(Constructor { variant: None, label: own, fields: &data.fields });
            }
            Data::Enum(data) => {
                let own = match own {
                    Label::Text(text) => text,
                    Label::Of(path) => {
                        mistakes.on(&path, "an enum has a label for each variant: give their first part, `label = \"..\"`");
                        String::new()
                    }
                };
                for variant in &data.variants {
                    let label = match Options::read(&variant.attrs, false, mistakes).label {
                        Some(Label::Text(text)) => text,
                        _ => format!("{own}.{}", variant.ident.unraw()),
                    };
                    let twin = |other: &&Constructor<'_>| {
                        matches!(&other.label, Label::Text(text) if *text == label) && other.fields.len() == variant.fields.len()
                    };
                    if let Some(other) = constructors.iter().find(twin).and_then(|other| other.variant) {
                        mistakes.on(
                            &variant.ident,
                            format!("`{}` and `{other}` are the same message: equal label (`{label}`) and arity", variant.ident),
                        );
                    }
                    let label = Label::Text(label);
                    constructors.push(Constructor { variant: Some(&variant.ident), label, fields: &variant.fields });
                }
            }
            Data::Union(data) => mistakes.on(
                data.union_token,
                "a union cannot be a message: nobody knows which of its fields holds; derive `Message` for a struct or an enum",
            ),
        }
        for lifetime in input.generics.lifetimes() {
            mistakes.on(
                &lifetime.lifetime,
                "a message cannot borrow: it lives as long as anybody keeps it; own the data",
            );
        }
        let krate = options.krate.unwrap_or_else(|| parse_quote!(::marketplace));
        Self {
            input,
            krate,
            reason: options.reason,
            error: options.error,
            shared: options.shared,
            driver: options.driver,
            constructors,
        }
    }

    /// The declaration of a label: its own, or that of another constructor.
    fn declared(&self, constructor: &Constructor<'_>, label: &Ident) -> TokenStream {
        let Self { input, krate, .. } = self;
        match &constructor.label {
            Label::Text(text) => {
                let driver = self.driver.as_ref().map(|driver| quote!(.of_driver(#driver)));
                let origin = constructor.origin(krate, input);
                quote!(static #label: #krate::Label = #krate::Label::new(#text) #driver .of_origin(#origin);)
            }
            Label::Of(path) => {
                let span = Span::mixed_site().located_at(path.span());
                let label_of = quote_spanned!(span=> label_of::<#path>());
                quote!(const #label: &#krate::Label = { use #krate::__private::label_of; #label_of };)
            }
        }
    }

    /// The methods by which a message is a reason: `Reason` itself is one, and so is an error.
    fn reason_methods(&self) -> TokenStream {
        let krate = &self.krate;
        let itself = self.reason.then(|| {
            quote! {
                fn from_reason(reason: &#krate::Reason) -> ::core::option::Option<Self> {
                    ::core::option::Option::Some(::core::clone::Clone::clone(reason))
                }
                fn to_reason(&self) -> #krate::Reason {
                    ::core::clone::Clone::clone(self)
                }
            }
        });
        let of_error = self.as_reason().map(|as_reason| {
            quote! {
                fn from_reason(reason: &#krate::Reason) -> ::core::option::Option<Self> {
                    (#as_reason.from)(reason)
                }
            }
        });
        quote!(#itself #of_error)
    }

    /// An error becomes a reason by `From`.
    fn error_into_reason(&self, generics: &Generics) -> Option<TokenStream> {
        let (krate, name) = (&self.krate, &self.input.ident);
        let (parameters, arguments, bounds) = generics.split_for_impl();
        let as_reason = self.as_reason()?;
        Some(quote! {
            impl #parameters ::core::convert::From<#name #arguments> for #krate::Reason #bounds {
                fn from(error: #name #arguments) -> Self {
                    (#as_reason.into)(error)
                }
            }
        })
    }

    /// The two ways between an error and a reason, as the error is data or not.
    fn as_reason(&self) -> Option<TokenStream> {
        let (krate, span) = (&self.krate, Span::mixed_site().located_at(self.error?));
        let as_reason = quote_spanned!(span=> as_reason());
        Some(quote!({ use #krate::__private::as_reason; #as_reason }))
    }

    fn expand(&self) -> TokenStream {
        let Self { input, krate, constructors, .. } = self;
        let name = &input.ident;
        let generics = bounded(&input.generics, krate);
        let (parameters, arguments, bounds) = generics.split_for_impl();
        let labels: Vec<Ident> = (0..constructors.len())
            .map(|at| format_ident!("LABEL_{at}", span = Span::mixed_site()))
            .collect();
        let declared =
            constructors.iter().zip(&labels).map(|(constructor, label)| self.declared(constructor, label));
        let labelled: Vec<_> = constructors
            .iter()
            .zip(&labels)
            .map(|(constructor, label)| match constructor.label {
                Label::Text(_) => (constructor, quote!(&#label)),
                Label::Of(_) => (constructor, label.to_token_stream()),
            })
            .collect();
        let shapes = labelled.iter().map(|(constructor, label)| constructor.shape(krate, label));
        let encoded =
            labelled.iter().map(|(constructor, label)| constructor.encode(krate, label, self.shared));
        let decoded = labelled.iter().map(|(constructor, label)| constructor.decode(krate, label));
        let (reason_methods, error_into_reason) = (self.reason_methods(), self.error_into_reason(&generics));
        let gives = quote_spanned!(Span::mixed_site().located_at(name.span())=> type Gives = Self;);
        // A struct is written where it is sent, and not moved there.
        let inline = (self.constructors.len() == 1).then(|| quote!(#[inline]));
        quote! {
            #[automatically_derived]
            #[allow(unused_qualifications)]
            const _: () = {
                #(#declared)*
                impl #parameters #krate::Message for #name #arguments #bounds {
                    #gives
                    const CONSTRUCTORS: &'static [#krate::__private::Constructor] = &[#(#shapes),*];
                    const IS_LISTED: bool = true;
                    #inline
                    fn to_value(&self) -> #krate::Value {
                        match *self { #(#encoded)* }
                    }
                    fn from_value(value: &#krate::Value) -> ::core::option::Option<Self> {
                        #(#decoded)*
                        ::core::option::Option::None
                    }
                    #reason_methods
                }
                impl #parameters ::core::convert::From<#name #arguments> for #krate::Value #bounds {
                    fn from(message: #name #arguments) -> Self {
                        #krate::Message::into_value(message)
                    }
                }
                #error_into_reason
            };
        }
    }
}

impl Constructor<'_> {
    fn path(&self) -> TokenStream {
        match self.variant {
            Some(variant) => quote!(Self::#variant),
            None => quote!(Self),
        }
    }

    /// The fields by name (of a tuple: by number), whatever the constructor's syntax.
    fn members(&self) -> Vec<syn::Member> {
        self.fields.members().collect()
    }

    /// A variable for each field.
    fn variables(&self) -> Vec<Ident> {
        let named = self.fields.iter().enumerate();
        named
            .map(|(at, field)| {
                Ident::new(&format!("field_{at}"), field.ty.span().resolved_at(Span::mixed_site()))
            })
            .collect()
    }

    fn shape(&self, krate: &Path, label: &TokenStream) -> TokenStream {
        let key = |name: String| quote!(#krate::__private::key(#name));
        let name = match self.variant {
            Some(variant) => {
                let key = key(variant.unraw().to_string());
                quote!(::core::option::Option::Some(#key))
            }
            None => quote!(::core::option::Option::None),
        };
        let fields = self.members().into_iter().map(|member| key(member_name(&member)));
        quote! {
            #krate::__private::Constructor {
                name: #name,
                label: ::core::option::Option::Some(#label),
                fields: &[#(#fields),*],
            }
        }
    }

    /// Says whose records these are.
    fn origin(&self, krate: &Path, input: &DeriveInput) -> TokenStream {
        let variant = self.variant.map(|variant| format!("::{}", variant.unraw())).unwrap_or_default();
        let path = format!("::{}{variant}", input.ident.unraw());
        let parameters: Vec<String> =
            input.generics.params.iter().map(|parameter| parameter_name(parameter).to_string()).collect();
        let fields = self.members().into_iter().zip(self.fields).map(|(member, field)| {
            let (name, of) = (member_name(&member), &field.ty);
            // A static knows no parameters.
            let named = match mentions(of.to_token_stream(), &parameters) {
                true => quote!(|| ::core::stringify!(#of)),
                false => quote!(::core::any::type_name::<#of>),
            };
            quote!((#name, #named))
        });
        quote! {
            &#krate::__private::Origin {
                path: ::core::concat!(::core::module_path!(), #path),
                fields: &[#(#fields),*],
            }
        }
    }

    /// The arm that makes its record, which may be shared with earlier ones.
    fn encode(&self, krate: &Path, label: &TokenStream, shared: bool) -> TokenStream {
        let (path, members, variables) = (self.path(), self.members(), self.variables());
        let method = |method: &'static str| {
            variables.iter().zip(self.fields).map(move |(variable, field)| {
                let (of, method) = (&field.ty, Ident::new(method, Span::mixed_site()));
                let span = Span::mixed_site().located_at(of.span());
                quote_spanned!(span=> <#of as #krate::Message>::#method(#variable))
            })
        };
        let (values, identities) = (method("to_value"), method("identity"));
        let parts = quote!([#krate::Value::UNIT, #(#values),*]);
        let record = match shared {
            true => quote!(#krate::__private::shared_record(#label, [#(#identities),*], || #parts)),
            false => quote!(#krate::__private::record(#label, #parts)),
        };
        quote!(#path { #(#members: ref #variables),* } => #record,)
    }

    fn decode(&self, krate: &Path, label: &TokenStream) -> TokenStream {
        let (path, members, variables) = (self.path(), self.members(), self.variables());
        let values = variables.iter().zip(self.fields).map(|(variable, field)| {
            let of = &field.ty;
            quote_spanned!(Span::mixed_site().located_at(of.span())=> <#of as #krate::Message>::from_value(#variable)?)
        });
        quote! {
            if let ::core::option::Option::Some([#(#variables),*]) =
                #krate::__private::fields(value, const { &#krate::Symbol::from_label(#label) })
            {
                return ::core::option::Option::Some(#path { #(#members: #values),* });
            }
        }
    }
}

fn parameter_name(parameter: &GenericParam) -> &Ident {
    match parameter {
        GenericParam::Type(parameter) => &parameter.ident,
        GenericParam::Const(parameter) => &parameter.ident,
        GenericParam::Lifetime(parameter) => &parameter.lifetime.ident,
    }
}

/// Whether these tokens mention `Self`, or one of these names.
fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "Self" || names.iter().any(|known| name == known),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

/// The name of a field in a template.
pub(crate) fn member_name(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.unraw().to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Every type parameter is a message.
fn bounded(generics: &Generics, krate: &Path) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#krate::Message));
    }
    generics
}

impl Options {
    fn read(attributes: &[Attribute], whole: bool, mistakes: &Mistakes) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("message")) {
            mistakes.keep(attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("label") {
                    let label = meta.value()?;
                    options.label = Some(if whole && !label.peek(Lit) {
                        Label::Of(label.parse()?)
                    } else {
                        Label::Text(label.parse::<LitStr>()?.value())
                    });
                } else if whole && meta.path.is_ident("crate") {
                    options.krate = Some(meta.value()?.call(Path::parse_mod_style)?);
                } else if whole && meta.path.is_ident("error") {
                    options.error = Some(meta.path.span());
                } else if whole && meta.path.is_ident("reason") {
                    options.reason = true;
                } else if whole && meta.path.is_ident("shared") {
                    options.shared = true;
                } else if whole && meta.path.is_ident("driver") {
                    options.driver = Some(meta.value()?.parse()?);
                } else if whole {
                    return Err(meta.error(
                        "expected `label = \"..\"`, `label = Type`, `driver = CONST`, `error` or `crate = path`",
                    ));
                } else {
                    return Err(meta.error("expected `label = \"..\"`"));
                }
                Ok(())
            }));
        }
        options
    }
}
