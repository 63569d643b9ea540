//! Where the answer of a delivery goes.

use std::mem;
use std::sync::{Arc, Mutex};

use crate::conversation::duct::{Back, Duct, Hop, Site};
use crate::conversation::promise::PromiseState;
use crate::conversation::promise::falling::{Fallen, LetGo};
use crate::data::lock::lock;
use crate::data::numbers::ActionId;
use crate::data::reference::{Reference, ReferenceId, Referred};
use crate::data::symbol::Symbol;
use crate::data::value::Value;

/// Where the answer of a delivery goes.
#[derive(Default)]
pub(crate) enum AnswerTo {
    /// Nobody wants it.
    #[default]
    Nobody,
    /// It is an error: this is what failed, and where the error goes.
    Failing(Box<(Failing, ErrorTo)>),
    /// Nobody wants it: this promise, which nobody has, and at which nothing waits, is kept to be
    /// used again.
    Spare(Option<Reference>),
    /// It settles a promise.
    Promise(Decider),
    /// It settles the promise of a resolver, if that is not settled yet.
    Resolver(Reference),
    /// It is given on a duct.
    Duct(Duct),
}

/// Where an error goes.
// With an `AnswerTo` here, whether an answer is wanted, and its drop, would call themselves.
#[derive(Default)]
pub(crate) enum ErrorTo {
    /// Nobody wants it.
    #[default]
    Nobody,
    /// It breaks a promise.
    Promise(Decider),
    /// It breaks the promise of a resolver, if that is not settled yet.
    Resolver(Reference),
}

/// The thing that failed, which is told if nobody hears of the error.
pub(crate) struct Failing {
    /// The type of the object, if one was reached that has a type.
    pub(crate) object: Option<&'static str>,
    /// The verb; of a continuation, `when`.
    pub(crate) verb: Symbol,
}

/// The one thing that may settle a promise: each that is not settled has one. If it is dropped, the
/// promise breaks.
pub(crate) struct Decider(Option<Reference>);

impl Decider {
    #[inline]
    pub(crate) const fn of(promise: Reference) -> Self {
        Self(Some(promise))
    }

    /// The promise.
    #[inline]
    pub(crate) fn promise(&self) -> &Reference {
        match &self.0 {
            Some(promise) => promise,
            None => unreachable!("a decider has its promise until it is used"),
        }
    }

    #[inline]
    pub(super) const fn take(&mut self) -> Option<Reference> {
        self.0.take()
    }

    /// The promise, which is settled now.
    #[inline]
    pub(crate) fn settles(mut self) -> Reference {
        match self.0.take() {
            Some(promise) => promise,
            None => unreachable!("a decider is used once"),
        }
    }

    /// Whether nobody has the promise, and nothing has ever waited there.
    #[inline]
    pub(super) fn is_never_used(&mut self) -> bool {
        self.0.as_mut().is_some_and(Reference::is_new)
    }

    /// Whether anybody has the promise, or waits there.
    fn is_wanted(&mut self) -> bool {
        let Some(promise) = &mut self.0 else { return false };
        // A weak reference is no holder, but may become one.
        !matches!(promise.alone(), Some(PromiseState::Open(open)) if open.is_empty())
    }
}

/// A resolver in a value: it is no object and no promise, but is shown as they are where
/// somebody only looks on.
struct Resolving {
    decider: Mutex<Option<Decider>>,
    /// The last thing that has it.
    at: LetGo,
}

impl Resolving {
    fn take(&self) -> Option<Decider> {
        lock(&self.decider).take()
    }
}

impl Referred for Resolving {}

impl Drop for Resolving {
    fn drop(&mut self) {
        if let Some(mut decider) = self.take()
            && let Some(promise) = decider.0.take()
        {
            Fallen::undecided(promise, self.at);
        }
    }
}

impl Reference {
    /// Something that settles the promise of this decider.
    pub(crate) fn resolver(decider: Decider) -> Self {
        Self::resolving(Some(decider), LetGo::Promise)
    }

    fn resolving(decider: Option<Decider>, at: LetGo) -> Self {
        Self::new(ReferenceId::fresh(), Resolving { decider: Mutex::new(decider), at })
    }

    /// Whether it is a resolver whose promise is not settled yet.
    fn resolves(&self) -> bool {
        self.inside::<Resolving>().is_some_and(|resolving| lock(&resolving.decider).is_some())
    }

    /// The promise that it is to settle, if it is a resolver.
    pub(crate) fn to_resolve(&self) -> Option<Self> {
        let decider = lock(&self.inside::<Resolving>()?.decider);
        decider.as_ref().map(|decider| decider.promise().clone())
    }

    /// Whether it is a resolver.
    pub(crate) fn is_resolver(&self) -> bool {
        self.inside::<Resolving>().is_some()
    }
}

impl Duct {
    /// The duct on which an answer settles the promise of this resolver.
    fn to(resolver: Reference, site: &Arc<Site>, id: ActionId) -> Self {
        let (to, wire) = (Back::Promise(resolver), Value::UNIT);
        let hop = Hop { to, wire, name: None, site: site.clone() };
        Self::EMPTY.push(hop, id).unwrap_or_else(|_| unreachable!("one hop is not too many"))
    }

    /// The promise that an answer on it settles, and its resolver, if a promise waits at its end.
    pub(crate) fn promised(&self) -> Option<(Reference, Reference)> {
        let (Hop { to: Back::Promise(resolver), .. }, _) = self.top()? else { return None };
        Some((resolver.to_resolve()?, resolver.clone()))
    }

    /// Whether anybody waits for an answer on it. A message to an object comes with a duct also if
    /// its sender does not keep the promise of the answer; what is given then is nothing.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        match self.top() {
            Some((Hop { to: Back::Promise(resolver), .. }, _)) => resolver.resolves(),
            Some(_) => true,
            None => false,
        }
    }
}

impl Drop for Decider {
    #[inline]
    fn drop(&mut self) {
        if let Some(promise) = self.0.take() {
            Fallen::undecided(promise, LetGo::Promise);
        }
    }
}

impl AnswerTo {
    /// Lets the answer go to nobody from now on, unless somebody wants it. Says whether anybody
    /// does.
    #[inline]
    pub(super) fn keep_if_wanted(&mut self) -> bool {
        let decider = match self {
            Self::Promise(decider) => decider,
            Self::Nobody | Self::Spare(_) => return false,
            Self::Failing(failing) => return failing.1.keep_if_wanted(),
            Self::Resolver(_) | Self::Duct(_) => return true,
        };
        if decider.is_never_used() {
            let spare = decider.take();
            // The decider has no promise any more.
            mem::forget(mem::replace(self, Self::Spare(spare)));
            return false;
        }
        let is_wanted = decider.is_wanted();
        if !is_wanted {
            decider.take().into_iter().for_each(Reference::waive);
            *self = Self::Nobody;
        }
        is_wanted
    }

    /// The duct on which an object of clauses gives the answer. If the promise is settled in
    /// another way, what is given on the duct is nothing.
    pub(crate) fn as_duct(&mut self, site: &Arc<Site>, id: ActionId) -> Duct {
        let promise = match self {
            // A clause answers all the same: what it gives is nothing.
            Self::Nobody | Self::Failing(_) | Self::Spare(_) => {
                return Duct::to(Reference::resolving(None, LetGo::Duct), site, id);
            }
            Self::Duct(duct) => return duct.held(),
            Self::Resolver(resolver) => resolver.clone(),
            Self::Promise(_) => match mem::take(self).decider() {
                decider @ Some(_) => Reference::resolving(decider, LetGo::Duct),
                None => return Duct::EMPTY,
            },
        };
        *self = Self::Resolver(promise.clone());
        Duct::to(promise, site, id)
    }

    /// The same goal for an action that may be dropped without being performed: then it is this one
    /// that answers.
    pub(crate) fn lent(&mut self) -> Self {
        let resolver = match mem::take(self) {
            Self::Resolver(resolver) => resolver,
            Self::Promise(decider) => Reference::resolver(decider),
            Self::Duct(duct) => {
                *self = Self::Duct(duct.clone());
                return Self::Duct(duct);
            }
            Self::Failing(failing) => {
                let (failing, to) = *failing;
                *self = to.into();
                let lent = match self.lent() {
                    Self::Resolver(resolver) => ErrorTo::Resolver(resolver),
                    _ => ErrorTo::Nobody,
                };
                return Self::Failing(Box::new((failing, lent)));
            }
            other => return other,
        };
        *self = Self::Resolver(resolver.clone());
        Self::Resolver(resolver)
    }

    /// The promise that it settles, or that its resolver does.
    pub(crate) fn settles(&self) -> Option<Reference> {
        match self {
            Self::Promise(decider) => Some(decider.promise().clone()),
            Self::Resolver(resolver) => resolver.to_resolve(),
            Self::Duct(duct) => duct.promised().map(|(promise, _)| promise),
            Self::Failing(failing) => match &failing.1 {
                ErrorTo::Promise(decider) => Some(decider.promise().clone()),
                ErrorTo::Resolver(resolver) => resolver.to_resolve(),
                ErrorTo::Nobody => None,
            },
            Self::Nobody | Self::Spare(_) => None,
        }
    }

    /// Whether nobody is to be told.
    #[inline]
    pub(crate) fn is_nobody(&self) -> bool {
        match self {
            Self::Nobody | Self::Spare(_) => true,
            Self::Failing(failing) => matches!(failing.1, ErrorTo::Nobody),
            _ => false,
        }
    }

    /// Where an error goes: it says what failed, as long as nobody hears of it.
    #[cold]
    pub(crate) fn of_failing(self, failing: impl FnOnce() -> Failing) -> Self {
        let to = match self {
            Self::Nobody | Self::Spare(_) => ErrorTo::Nobody,
            Self::Promise(decider) => ErrorTo::Promise(decider),
            Self::Resolver(resolver) => ErrorTo::Resolver(resolver),
            Self::Failing(_) | Self::Duct(_) => return self,
        };
        Self::Failing(Box::new((failing(), to)))
    }

    /// Messages to the promise of a resolver wait from now on.
    pub(crate) fn close(&self) {
        if let Self::Resolver(resolver) = self
            && let Some(promise) = resolver.to_resolve()
        {
            promise.close();
        }
    }

    /// The decider of its promise, if it goes to one that is not settled yet.
    pub(crate) fn decider(self) -> Option<Decider> {
        match self {
            Self::Promise(decider) => Some(decider),
            Self::Resolver(resolver) => resolver.inside::<Resolving>().and_then(Resolving::take),
            Self::Failing(failing) => Self::from(failing.1).decider(),
            Self::Nobody | Self::Spare(_) | Self::Duct(_) => None,
        }
    }
}

impl From<ErrorTo> for AnswerTo {
    fn from(to: ErrorTo) -> Self {
        match to {
            ErrorTo::Nobody => Self::Nobody,
            ErrorTo::Promise(decider) => Self::Promise(decider),
            ErrorTo::Resolver(resolver) => Self::Resolver(resolver),
        }
    }
}

impl ErrorTo {
    /// Lets the error go to nobody from now on, unless somebody wants it. Says whether anybody
    /// does.
    #[cold]
    #[inline(never)]
    fn keep_if_wanted(&mut self) -> bool {
        let is_wanted = match self {
            Self::Nobody => return false,
            Self::Resolver(_) => return true,
            Self::Promise(decider) => decider.is_wanted(),
        };
        if is_wanted {
            return true;
        }
        if let Self::Promise(mut decider) = mem::take(self) {
            decider.take().into_iter().for_each(Reference::waive);
        }
        false
    }
}
