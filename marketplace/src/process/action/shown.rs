//! Actions as text, for people: in reasons, traces and verb.

use std::fmt;

use crate::process::action::{
    Act, Action, AddEndpoint, EndpointSpec, Given, Giving, Passing, Pre, PreAction, Spawn, SpawnSpec,
};

impl<S> fmt::Debug for Pre<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(spec, _) => write!(f, "add endpoint {spec:?}"),
            Self::Delete(delete, _) => write!(f, "delete endpoint {} ({})", delete.name, delete.reason),
            Self::Message(body) => write!(f, "send message {body}"),
            Self::Feedback(body) => write!(f, "send feedback {body}"),
            Self::Refuse(refusal) => write!(f, "refuse {} ({})", refusal.0, refusal.1),
            Self::Spawn(spec, _) => write!(f, "spawn {spec:?}"),
            Self::Quit(pid, reason) => {
                f.write_str("quit")?;
                if let Some(pid) = pid {
                    write!(f, " {pid}")?;
                }
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Self::Pass(passing) => write!(f, "{passing:?}"),
            Self::Give(giving) => write!(f, "{giving:?}"),
            Self::MessageOut(body) => write!(f, "at meta level: send message {body}"),
            Self::FeedbackOut(body) => write!(f, "at meta level: send feedback {body}"),
            Self::Meta(inner) => write!(f, "at meta level: {inner:?}"),
        }
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pass {} to {} on {}", self.body, self.to, self.wire)
    }
}

impl fmt::Debug for Giving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Given::Reply(body) => write!(f, "give {body}"),
            Given::Nothing(reason) => write!(f, "give no reply ({reason})"),
            Given::Returned(reason) => write!(f, "return a reply that did not arrive ({reason})"),
        }
    }
}

impl fmt::Debug for EndpointSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name} ")?;
        }
        if self.once {
            f.write_str("once ")?;
        }
        fmt::Display::fmt(&self.role, f)
    }
}

impl fmt::Debug for SpawnSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => fmt::Debug::fmt(name, f),
            None => f.write_str("process"),
        }
    }
}

impl<S> fmt::Debug for Action<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Act::Pre(pre) => fmt::Debug::fmt(pre, f),
            Act::Relayed(relayed) => fmt::Debug::fmt(&relayed.pre, f),
            Act::Yield(_) => f.write_str("yield"),
            Act::Peekable(_) => f.write_str("peekable"),
        }
    }
}

impl<S> fmt::Debug for PreAction<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<S> fmt::Debug for AddEndpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.spec, f)
    }
}

impl<S> fmt::Debug for Spawn<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.spec, f)
    }
}
