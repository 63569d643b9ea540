//! The grammar of the endpoint forms. Parsing goes on after a mistake, so that all of them are
//! found.

pub(crate) mod body;
pub(crate) mod dropped;
pub(crate) mod items;
pub(crate) mod pattern;
pub(crate) mod template;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseBuffer, ParseStream};
use syn::{Expr, Ident, Path, Token, braced, bracketed, parenthesized, token};

use crate::clauses::{self, Filter, Form, Occasion};
use crate::mistakes::Mistakes;
use pattern::{Matcher, typed_place};
use template::Template;

/// `subscriber!(topic, clauses..)` and its kin.
pub(crate) struct Endpoint {
    pub(crate) role: Role,
    pub(crate) clauses: Vec<Clause>,
    /// The clauses as written.
    pub(crate) written: TokenStream,
}

pub(crate) enum Role {
    /// A topic; orientation and interest type are the form's.
    About(Topic),
    /// `build_endpoint!(name, role, ..)`.
    Given { name: Expr, role: Expr },
    /// `callee!(..)`: meets nobody, and takes what is passed to its process.
    Callee,
    /// `replies!(..)`: meets nobody.
    Replies,
    /// `object_of!(here, ..)`: hears what is sent to the reference. Without the place, after a
    /// mistake.
    Object(Option<Expr>),
}

pub(crate) enum Topic {
    Template(Template),
    /// `topic = expression`.
    Computed(Expr),
}

pub(crate) struct Clause {
    /// As written, for mistakes.
    pub(crate) name: Ident,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// `on_presence!` and its kin: the actions.
    Occasion(Occasion, Vec<Expr>),
    /// `on_message!` and `on_reply!`.
    Message(Vec<Arm>),
    /// `match_conversation!` and its kin.
    Filter(Filter, Matcher, Vec<Clause>),
    /// `match_state!`.
    State(Matcher, Vec<Clause>),
}

/// `pattern => body`; of a reply, `wire, pattern => body`.
pub(crate) struct Arm {
    pub(crate) wire: Option<Matcher>,
    pub(crate) matcher: Matcher,
    pub(crate) body: Expr,
}

/// The forms whose first argument is a topic.
pub(crate) const ENDPOINTS: &[&str] = &[
    "publisher",
    "subscriber",
    "observe_publishers",
    "observe_subscribers",
    "observe_publishers_everything",
    "observe_subscribers_everything",
];

impl Endpoint {
    pub(crate) fn parse(input: ParseStream<'_>, mistakes: &Mistakes) -> Self {
        let topic = Topic::parse(input, mistakes);
        Self::with_clauses(Role::About(topic), input, mistakes)
    }

    /// `name, role, clauses..`.
    pub(crate) fn parse_built(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![,]>()?;
        let role = input.parse()?;
        comma(input, mistakes);
        Ok(Self::with_clauses(Role::Given { name, role }, input, mistakes))
    }

    /// `clauses..`, where no topic stands before them.
    pub(crate) fn parse_alone(role: Role, input: ParseStream<'_>, mistakes: &Mistakes) -> Self {
        let start = input.fork();
        let clause = start.call(Path::parse_mod_style).is_ok() && start.peek(Token![!]);
        if !clause && !input.is_empty() {
            let form = if matches!(role, Role::Callee) { "callee" } else { "replies" };
            mistakes.add(input.error(format!(
                "`{form}!` has no topic: what is passed and given is for its process, whatever it is; expected clauses"
            )));
            skip(input);
            comma(input, mistakes);
        }
        Self::with_clauses(role, input, mistakes)
    }

    /// `here, clauses..`.
    pub(crate) fn parse_object(input: ParseStream<'_>, mistakes: &Mistakes) -> Self {
        const EXPECTED: &str = "expected the place of the object, and clauses; `let (object, here) = reference::<T>();` gives a place";
        let is_clause = input.peek2(Token![!])
            && input.fork().parse::<Ident>().is_ok_and(|name| clauses::known(&name).is_some());
        if is_clause || input.is_empty() {
            mistakes.add(input.error(EXPECTED));
            return Self::with_clauses(Role::Object(None), input, mistakes);
        }
        let here = mistakes.keep(input.parse());
        if here.is_none() {
            skip(input);
        }
        comma(input, mistakes);
        Self::with_clauses(Role::Object(here), input, mistakes)
    }

    fn with_clauses(role: Role, input: ParseStream<'_>, mistakes: &Mistakes) -> Self {
        let written = input.fork().parse().unwrap_or_default();
        Self { role, clauses: all_clauses(input, mistakes), written }
    }
}

impl Topic {
    fn parse(input: ParseStream<'_>, mistakes: &Mistakes) -> Self {
        const EXPECTED: &str = "expected a topic, such as `Says { who: _, what: _ }`, or `_` for any";
        const UNTYPED: &str = "a topic has no types: `_` is any value, and a place has the type of its field\n\
                               a type stands behind the pattern of a clause: `on_message!(n: u64 => ..)`";
        let any = || Self::Template(Template::Wild(Span::call_site()));
        if input.is_empty() {
            mistakes.add(input.error(EXPECTED));
            return any();
        }
        if input.peek2(Token![!])
            && let Ok(name) = input.fork().parse::<Ident>()
            && clauses::known(&name).is_some()
        {
            mistakes.at(name.span(), format!("missing topic before the clauses: {EXPECTED}"));
            return any();
        }
        let ahead = input.fork();
        let topic = if ahead.peek(kw::topic) && ahead.peek2(Token![=]) && !ahead.peek2(Token![==]) {
            ahead
                .parse::<kw::topic>()
                .and_then(|_| ahead.parse::<Token![=]>())
                .and_then(|_| ahead.parse())
                .map(Self::Computed)
        } else {
            ahead.parse().map(|topic| Self::Template(Template::read(topic, mistakes)))
        };
        let topic = mistakes.keep(topic.map_err(|error| {
            let tokens = input.cursor().token_stream().into_iter().take_while(|token| !is_comma(token));
            typed_place(tokens.collect()).map_or(error, |colon| syn::Error::new(colon, UNTYPED))
        }));
        if topic.is_some() {
            input.advance_to(&ahead);
        }
        let topic = topic.unwrap_or_else(|| {
            skip(input);
            any()
        });
        if input.peek(Token![:]) {
            mistakes.add(input.error(UNTYPED));
            skip(input);
        }
        comma(input, mistakes);
        topic
    }
}

pub(crate) mod kw {
    syn::custom_keyword!(topic);
}

/// Clauses to the end of the input.
fn all_clauses(input: ParseStream<'_>, mistakes: &Mistakes) -> Vec<Clause> {
    let mut clauses = Vec::new();
    while !input.is_empty() {
        match Clause::parse(input, mistakes) {
            Ok(clause) => clauses.extend(clause),
            Err(error) => {
                mistakes.add(error);
                skip(input);
            }
        }
        comma(input, mistakes);
    }
    clauses
}

impl Clause {
    /// `None` when its name is unknown.
    fn parse(input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Option<Self>> {
        let start = input.fork();
        let name = match input.call(Path::parse_mod_style) {
            Ok(path) if input.peek(Token![!]) => path.segments.last().map(|last| last.ident.clone()),
            _ => None,
        };
        let Some(name) = name else {
            let stray: Expr =
                start.parse().map_err(|error| syn::Error::new(error.span(), clauses::expected()))?;
            skip(input);
            return Err(syn::Error::new_spanned(stray, clauses::expected()));
        };
        input.parse::<Token![!]>()?;
        let content = delimited(input)?;
        let meant = clauses::known(&name).or_else(|| {
            let (text, meant) = clauses::unknown(&name);
            mistakes.at(name.span(), text);
            meant
        });
        let body = meant.and_then(|meant| mistakes.keep(Body::parse(meant, &name, &content, mistakes)));
        drain(&content);
        Ok(body.map(|body| Self { name, body }))
    }
}

impl Body {
    fn parse(form: Form, name: &Ident, input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Self> {
        Ok(match form {
            Form::Occasion(occasion) => Self::Occasion(occasion, bodies(name, input, mistakes)?),
            Form::Message => Self::Message(arms(name, false, input, mistakes)?),
            Form::Reply => Self::Message(arms(name, true, input, mistakes)?),
            Form::Filter(filter) => {
                let (matcher, clauses) = around(name, input, mistakes)?;
                Self::Filter(filter, matcher, clauses)
            }
            Form::State => {
                let (matcher, clauses) = around(name, input, mistakes)?;
                Self::State(matcher, clauses)
            }
        })
    }
}

/// A pattern, and the clauses to which it leads.
fn around(name: &Ident, input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<(Matcher, Vec<Clause>)> {
    let matcher = Matcher::parse(input, mistakes)?;
    arrow(name, input, "clauses")?;
    Ok((matcher, all_clauses(input, mistakes)))
}

/// The bodies, to the end of the input.
fn bodies(name: &Ident, input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Vec<Expr>> {
    let mut bodies = Vec::new();
    while !input.is_empty() {
        bodies.push(body::argument(input, mistakes)?);
        if input.peek(Token![=>]) {
            return Err(input.error(format!(
                "`{name}!` takes no pattern; to match what the event is about, put it into `match_conversation!(pattern => {name}!(..))`"
            )));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(bodies)
}

/// `has_wire`: the arms are about replies.
fn arms(name: &Ident, has_wire: bool, input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Vec<Arm>> {
    let mut arms = Vec::new();
    if input.is_empty() {
        return Err(input.error("expected `pattern => body`; the pattern `_` fits every message"));
    }
    while !input.is_empty() {
        let wire = has_wire.then(|| wire(name, input, mistakes)).transpose()?;
        let matcher = Matcher::parse(input, mistakes)?;
        arrow(name, input, "a body")?;
        let body = body::arm(input, mistakes)?;
        let ends_itself = matches!(
            body,
            Expr::Block(_)
                | Expr::If(_)
                | Expr::Match(_)
                | Expr::Loop(_)
                | Expr::While(_)
                | Expr::ForLoop(_)
                | Expr::Unsafe(_)
        );
        arms.push(Arm { wire, matcher, body });
        if !input.is_empty() && (!ends_itself || input.peek(Token![,])) {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(arms)
}

/// The wire's pattern, and the comma that parts it from that of the reply.
fn wire(name: &Ident, input: ParseStream<'_>, mistakes: &Mistakes) -> syn::Result<Matcher> {
    let matcher = Matcher::parse(input, mistakes)?;
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
        return Ok(matcher);
    }
    let text =
        "expected `,`: `on_reply!` takes the wire's pattern, `,`, the reply's pattern, `=>` and a body";
    Err(if input.is_empty() { syn::Error::new(name.span(), text) } else { input.error(text) })
}

fn arrow(name: &Ident, input: ParseStream<'_>, after: &str) -> syn::Result<()> {
    if input.peek(Token![=>]) {
        return input.parse::<Token![=>]>().map(drop);
    }
    let text = format!("missing `=>`: `{name}!` takes a pattern, `=>` and {after}");
    Err(if input.is_empty() { syn::Error::new(name.span(), text) } else { input.error(text) })
}

/// The contents of any kind of brackets.
fn delimited<'i>(input: ParseStream<'i>) -> syn::Result<ParseBuffer<'i>> {
    let content;
    if input.peek(token::Paren) {
        parenthesized!(content in input);
    } else if input.peek(token::Brace) {
        braced!(content in input);
    } else {
        bracketed!(content in input);
    }
    Ok(content)
}

/// The comma after an argument, if there is more.
fn comma(input: ParseStream<'_>, mistakes: &Mistakes) {
    if !input.is_empty() && input.parse::<Token![,]>().is_err() {
        mistakes.add(input.error("expected `,`"));
        skip(input);
        let _ = input.parse::<Token![,]>();
    }
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')
}

/// On to the next comma.
fn skip(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _ = input.parse::<TokenTree>();
    }
}

/// On to the end.
pub(crate) fn drain(input: ParseStream<'_>) {
    let _ = input.parse::<TokenStream>();
}

/// The end, perhaps after a comma.
pub(crate) fn end(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(()) } else { Err(input.error("expected nothing more")) }
}
