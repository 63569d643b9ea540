//! The grammar of the other forms: lists, options, `name => body`.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Pat, Token, parse_quote};

use crate::mistakes::{Mistakes, listed, nearest};
use crate::syntax::{body, comma, dropped, skip};

/// Expressions to the end of the input; a wrong one is reported and left out.
pub(crate) fn list(input: ParseStream<'_>, mistakes: &Mistakes) -> Vec<Expr> {
    let mut items = Vec::new();
    while !input.is_empty() {
        match input.parse() {
            Ok(mut item) => {
                dropped::report(&mut item, parse_quote!(()), mistakes);
                items.push(item);
            }
            Err(error) => {
                mistakes.add(error);
                skip(input);
            }
        }
        comma(input, mistakes);
    }
    items
}

/// `boot` or `pid => boot`.
pub(crate) struct Boot {
    pub(crate) pid: Option<Pat>,
    pub(crate) body: Expr,
}

impl Boot {
    pub(crate) fn parse(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Self> {
        let named = (input.peek(Ident) || input.peek(Token![_]) || input.peek(Token![mut])) && {
            let fork = input.fork();
            Pat::parse_single(&fork).is_ok() && fork.peek(Token![=>])
        };
        let pid = if named {
            let pid = Pat::parse_single(input)?;
            input.parse::<Token![=>]>()?;
            Some(pid)
        } else {
            None
        };
        Ok(Self { pid, body: body::argument(input, mistakes)? })
    }
}

/// `name: value, ..; trees..`, where the first part may be missing.
pub(crate) struct Options {
    pub(crate) given: Vec<(Ident, Expr)>,
    pub(crate) trees: Vec<Expr>,
}

impl Options {
    /// Reads options of these names, and what follows.
    pub(crate) fn parse(form: &str, names: &[&str], input: ParseStream<'_>, mistakes: &Mistakes) -> Self {
        let mut given: Vec<(Ident, Expr)> = Vec::new();
        while input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            match option(input, mistakes) {
                Ok((name, value)) => {
                    let text = name.to_string();
                    if !names.contains(&&*text) {
                        let hint = nearest(&text, names)
                            .map(|meant| format!("did you mean `{meant}`? "))
                            .unwrap_or_default();
                        mistakes.at(
                            name.span(),
                            format!(
                                "`{form}!` has no option `{name}`: {hint}its options are {}",
                                listed(names)
                            ),
                        );
                    } else if given.iter().any(|(other, _)| *other == name) {
                        mistakes.at(name.span(), format!("the option `{name}` is given twice"));
                    } else {
                        given.push((name, value));
                    }
                }
                Err(error) => {
                    mistakes.add(error);
                    skip(input);
                }
            }
            if input.peek(Token![,]) {
                let _ = input.parse::<Token![,]>();
            } else {
                break;
            }
        }
        if input.peek(Token![;]) {
            let _ = input.parse::<Token![;]>();
        } else if !given.is_empty() && !input.is_empty() {
            mistakes.add(input.error("expected `;` between the options and the trees"));
        }
        let trees = list(input, mistakes).into_iter().map(|tree| body::checked(tree, mistakes)).collect();
        Self { given, trees }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Expr> {
        self.given.iter().find(|(given, _)| given == name).map(|(_, value)| value)
    }

    /// The name of a variable that an option gives.
    pub(crate) fn variable(&self, name: &str, mistakes: &Mistakes) -> Option<Ident> {
        let value = self.get(name)?;
        match value {
            Expr::Path(path) if path.path.get_ident().is_some() => path.path.get_ident().cloned(),
            _ => {
                mistakes.on(
                    value,
                    format!("expected a name: `{name}: v` makes `v` stand for the PID in what follows"),
                );
                None
            }
        }
    }
}

fn option(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<(Ident, Expr)> {
    let name = input.parse()?;
    input.parse::<Token![:]>()?;
    Ok((name, body::argument(input, mistakes)?))
}

/// `child: boot, parent: continuation`.
pub(crate) struct Family {
    pub(crate) child: Boot,
    pub(crate) parent: Expr,
}

impl Family {
    pub(crate) fn parse(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Self> {
        const EXPECTED: &str = "expected `child: boot, parent: |state: S, child: Result<Pid, Reason>| ..`";
        let label = |name: &str| -> syn::Result<()> {
            let wrong = input.error(EXPECTED);
            match input.parse::<Ident>() {
                Ok(label) if label == name => input.parse::<Token![:]>().map(drop),
                _ => Err(wrong),
            }
        };
        label("child")?;
        let child = Boot::parse(input, mistakes)?;
        input.parse::<Token![,]>().map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
        label("parent")?;
        let parent = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { child, parent })
    }
}

/// `a, b => expression`.
pub(crate) struct Names {
    pub(crate) names: Vec<Ident>,
    pub(crate) body: Expr,
}

impl Names {
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let names = Punctuated::<Ident, Token![,]>::parse_separated_nonempty(input).map_err(|error| {
            syn::Error::new(error.span(), "expected names, `=>` and an expression: `let_fresh!(a, b => ..)`")
        })?;
        if !input.peek(Token![=>]) {
            let names: TokenStream = quote::quote!(#names);
            return Err(syn::Error::new_spanned(
                names,
                "missing body: fresh names are for the expression after `=>`, as in `let_fresh!(a, b => ..)`",
            ));
        }
        input.parse::<Token![=>]>()?;
        Ok(Self { names: names.into_iter().collect(), body: input.parse()? })
    }
}
