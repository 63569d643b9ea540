//! The clauses: their names, and the events that each is about. A new clause is a line of
//! [`CLAUSES`].

#[cfg(test)]
mod tests;

use proc_macro2::Ident;

use crate::mistakes::{listed, nearest};
use Filter::{Conversation, Duct, Part, Plain, Reason};

/// The contents of a clause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The actions for when an event tells this.
    Occasion(Occasion),
    /// `pattern => body`, as often as one likes.
    Message,
    /// `wire, pattern => body`, as often as one likes.
    Reply,
    /// A pattern for something that the event has, `=>` and clauses.
    Filter(Filter),
    /// A pattern for the state, `=>` and clauses.
    State,
}

/// The news that an event may tell of a peer, or of a duct.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Presence,
    FirstPresence,
    Absence,
    LastAbsence,
    Refusal,
    Vacancy,
    DuctAbsence,
    Shutdown,
    Release,
}

/// The subject of a pattern. The text is the name of the function that gives it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    Conversation,
    Reason,
    Duct,
    /// A method of the event.
    Plain(&'static str),
    /// A function in `__private`: an event may have it, as a part of a value.
    Part(&'static str),
}

/// In the order in which mistakes list them.
pub(crate) const CLAUSES: &[(&str, Form)] = &[
    ("on_message", Form::Message),
    ("on_reply", Form::Reply),
    ("on_presence", Form::Occasion(Occasion::Presence)),
    ("on_absence", Form::Occasion(Occasion::Absence)),
    ("on_refusal", Form::Occasion(Occasion::Refusal)),
    ("on_vacancy", Form::Occasion(Occasion::Vacancy)),
    ("on_first_presence", Form::Occasion(Occasion::FirstPresence)),
    ("on_last_absence", Form::Occasion(Occasion::LastAbsence)),
    ("on_duct_absence", Form::Occasion(Occasion::DuctAbsence)),
    ("on_shutdown", Form::Occasion(Occasion::Shutdown)),
    ("on_release", Form::Occasion(Occasion::Release)),
    ("match_state", Form::State),
    ("match_conversation", Form::Filter(Conversation)),
    ("match_orientation", Form::Filter(Plain("orientation"))),
    ("match_interest_type", Form::Filter(Plain("interest_type"))),
    ("match_reason", Form::Filter(Reason)),
    ("match_duct", Form::Filter(Duct)),
    ("match_wire", Form::Filter(Part("wire"))),
];

/// The clause of this name.
pub(crate) fn known(name: &Ident) -> Option<Form> {
    CLAUSES.iter().find(|(clause, _)| name == clause).map(|(_, form)| *form)
}

/// A mistake: there is no clause of this name. With it comes the clause that was probably meant.
pub(crate) fn unknown(name: &Ident) -> (String, Option<Form>) {
    let clauses = names();
    let meant = nearest(&name.to_string(), &clauses);
    let hint = meant.map(|meant| format!("; did you mean `{meant}!`?")).unwrap_or_default();
    let text = format!("unknown clause `{name}!`{hint}\nthe clauses are {}", listed(&clauses));
    let form = CLAUSES.iter().find(|(clause, _)| Some(*clause) == meant).map(|(_, form)| *form);
    (text, form)
}

/// A mistake: there is no clause where one must stand.
pub(crate) fn expected() -> String {
    format!("expected a clause: {}", listed(&names()))
}

fn names() -> Vec<&'static str> {
    CLAUSES.iter().map(|(clause, _)| *clause).collect()
}

/// News. An endpoint is not called for news that none of its clauses is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    Presence,
    Absence,
    Vacancy,
    Shutdown,
}

impl Occasion {
    /// The method of an event that says whether it tells this.
    pub(crate) const fn asked(self) -> &'static str {
        match self {
            Self::Presence => "is_presence",
            Self::FirstPresence => "is_first_presence",
            Self::Absence => "is_absence",
            Self::LastAbsence => "is_last_absence",
            Self::Refusal => "is_refusal",
            Self::Vacancy => "is_vacancy",
            Self::DuctAbsence => "is_duct_absence",
            Self::Shutdown => "is_shutdown",
            Self::Release => "is_release",
        }
    }

    /// `None`: every endpoint is called for it.
    pub(crate) const fn news(self) -> Option<News> {
        match self {
            Self::Presence | Self::FirstPresence => Some(News::Presence),
            Self::Absence | Self::LastAbsence => Some(News::Absence),
            Self::Vacancy => Some(News::Vacancy),
            Self::Shutdown => Some(News::Shutdown),
            Self::Refusal | Self::DuctAbsence | Self::Release => None,
        }
    }

    /// Whether an event that tells it has a reason.
    pub(crate) const fn has_reason(self) -> bool {
        match self {
            Self::Absence | Self::LastAbsence | Self::Refusal | Self::DuctAbsence => true,
            Self::Presence | Self::FirstPresence | Self::Vacancy | Self::Shutdown | Self::Release => false,
        }
    }

    /// Whether it is about a peer, or something that was passed: not about the program,
    /// or the object itself.
    pub(crate) const fn is_of_peers(self) -> bool {
        !matches!(self, Self::Shutdown | Self::Release)
    }

    /// Whether the endpoint must count its peers, so that an event can tell it.
    pub(crate) const fn is_counted(self) -> bool {
        matches!(self, Self::FirstPresence | Self::LastAbsence)
    }

    /// Whether every event that tells the other tells this, too.
    pub(crate) fn includes(self, other: Self) -> bool {
        self == other
            || match self {
                Self::Presence => other == Self::FirstPresence,
                Self::Absence => matches!(other, Self::LastAbsence | Self::Refusal),
                _ => false,
            }
    }
}
