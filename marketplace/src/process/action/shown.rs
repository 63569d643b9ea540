//! Actions as text, for people: in reasons, traces and verb.

use std::fmt;

use crate::process::action::{Action, AddEndpoint, Ask, EndpointSpec, PreAction, Spawn, SpawnSpec};

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
            Ask::Act(act) => fmt::Debug::fmt(act, f),
            Ask::Yield(_) => f.write_str("yield"),
            Ask::Peekable(_) => f.write_str("peekable"),
            Ask::PeekableNow(_) => f.write_str("peekable now"),
            Ask::When(_) | Ask::Onward(_) => f.write_str("wait for a promise"),
            Ask::Object(clauses) => write!(f, "make {:?}", clauses.arriving.reference()),
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

#[cfg(test)]
mod tests {
    use crate::{peekable, peekable_now};

    #[derive(Debug)]
    struct Line;

    impl From<&u64> for Line {
        fn from(_: &u64) -> Self {
            Self
        }
    }

    #[test]
    fn views_that_a_log_keeps_and_that_only_people_see_are_told_apart() {
        assert_eq!(format!("{:?}", peekable::<u64>()), "peekable");
        assert_eq!(format!("{:?}", peekable_now::<u64, Line>()), "peekable now");
    }
}
