//! The rows that are measured.

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// We.
    Marketplace,
    /// A server by hand, in which sockets and what answers are tasks of their own, as ours are
    /// processes.
    Actors,
    /// A server by hand, in which one task has a socket and answers.
    Tokio,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Marketplace, Self::Actors, Self::Tokio];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Marketplace => "marketplace",
            Self::Actors => "actors",
            Self::Tokio => "tokio",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| format!("no contender {name:?}"))
    }
}

/// A server's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serves {
    /// The bytes that came.
    Bytes,
    /// Each line that came, without what ended it, and a line feed.
    Lines,
}

impl Serves {
    pub(crate) const ALL: [Self; 2] = [Self::Bytes, Self::Lines];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Lines => "lines",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| format!("nothing serves {name:?}"))
    }
}

/// A client's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Sends 64 bytes and waits for them.
    Echo,
    /// Sends 64 KiB after 64 KiB, and waits for nothing.
    Bulk,
    /// Sends a line of 64 bytes and waits for it.
    Lines,
    /// Sends [`BURST`] such lines at once and waits for them.
    Burst,
}

/// How many lines are sent at once in a burst.
pub(crate) const BURST: u64 = 100;

impl Work {
    pub(crate) const ALL: [Self; 4] = [Self::Echo, Self::Bulk, Self::Lines, Self::Burst];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Bulk => "bulk",
            Self::Lines => "lines",
            Self::Burst => "burst",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| format!("no row {name:?}"))
    }

    pub(crate) const fn needs(self) -> Serves {
        match self {
            Self::Echo | Self::Bulk => Serves::Bytes,
            Self::Lines | Self::Burst => Serves::Lines,
        }
    }

    /// The unit of the work.
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Echo | Self::Lines => "round trip",
            Self::Bulk => "64 KiB",
            Self::Burst => "line",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) work: Work,
    pub(crate) connections: u64,
}

pub(crate) const ROWS: [Row; 9] = [
    Row { work: Work::Echo, connections: 1 },
    Row { work: Work::Echo, connections: 50 },
    Row { work: Work::Echo, connections: 1_000 },
    Row { work: Work::Bulk, connections: 1 },
    Row { work: Work::Lines, connections: 1 },
    Row { work: Work::Lines, connections: 50 },
    Row { work: Work::Lines, connections: 1_000 },
    Row { work: Work::Burst, connections: 1 },
    Row { work: Work::Burst, connections: 50 },
];

/// The result of one sample, in nanoseconds for each unit of work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// By the clock.
    pub(crate) wall: f64,
    /// The server's time on a processor.
    pub(crate) server: f64,
    /// So much of that in the program; the rest is the kernel's.
    pub(crate) program: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(Contender::ALL.into_iter().all(|one| Contender::parse(one.name()) == Ok(one)));
        assert!(Serves::ALL.into_iter().all(|one| Serves::parse(one.name()) == Ok(one)));
        assert!(Work::ALL.into_iter().all(|one| Work::parse(one.name()) == Ok(one)));
        assert!(
            Contender::parse("mio").is_err() && Serves::parse("").is_err() && Work::parse("Echo").is_err()
        );
    }
}
