//! The figures that are kept in the repository, and what they are for.

use std::fmt;
use std::process::Command;

/// The cost of each operation, in instructions, and the setting: other compilers, targets and
/// allocators give other figures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) setting: String,
    pub(crate) figures: Vec<(String, u64)>,
}

/// Lines that are no figures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RecordedError {
    /// None begins with `for`.
    NoSetting,
    /// This one is neither empty, nor a comment, nor a name and a number.
    Line(String),
}

/// Where they are.
pub(crate) const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recorded.txt");

/// The compiler and the target of this program, and its allocator.
pub(crate) fn setting() -> String {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let libc = said.ok().filter(|output| output.status.success());
    let libc = libc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    let libc = libc.unwrap_or_else(|| String::from("another libc"));
    format!("{}, {}, {libc}", env!("BUILT_BY"), env!("BUILT_FOR"))
}

impl Recorded {
    pub(crate) fn parse(text: &str) -> Result<Self, RecordedError> {
        let mut setting = None;
        let mut figures = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(' ') {
                Some(("for", what)) => setting = Some(what.trim().to_string()),
                Some((name, figure)) => match figure.trim().parse() {
                    Ok(figure) => figures.push((name.to_string(), figure)),
                    Err(_) => return Err(RecordedError::Line(line.to_string())),
                },
                None => return Err(RecordedError::Line(line.to_string())),
            }
        }
        Ok(Self { setting: setting.ok_or(RecordedError::NoSetting)?, figures })
    }

    pub(crate) fn figure(&self, name: &str) -> Option<u64> {
        self.figures.iter().find(|(known, _)| known == name).map(|(_, figure)| *figure)
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# What one of each costs, in instructions. Written by: instructions check --record")?;
        writeln!(f, "for {}", self.setting)?;
        self.figures.iter().try_for_each(|(name, figure)| writeln!(f, "{name:<10} {figure:>8}"))
    }
}

impl fmt::Display for RecordedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSetting => f.write_str("it does not say what the figures are for"),
            Self::Line(line) => write!(f, "this is no figure: {line}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;

    #[test]
    fn what_is_written_is_read() {
        let figures = vec![("ping-pong".to_string(), 1_422), ("spawn".to_string(), 12)];
        let recorded = Recorded { setting: setting(), figures };
        assert_eq!(Recorded::parse(&recorded.to_string()), Ok(recorded));
    }

    #[test]
    fn what_is_not_understood_is_told() {
        assert_eq!(Recorded::parse("spawn 12"), Err(RecordedError::NoSetting));
        assert_eq!(Recorded::parse("for x\nspawn"), Err(RecordedError::Line("spawn".into())));
        assert_eq!(Recorded::parse("for x\nspawn 1.5"), Err(RecordedError::Line("spawn 1.5".into())));
    }

    #[test]
    fn there_is_a_figure_for_each_operation_and_no_other() {
        let recorded = Recorded::parse(include_str!("../recorded.txt")).unwrap();
        let names = recorded.figures.iter().map(|(name, _)| name.as_str());
        assert!(names.eq(OPERATIONS.iter().map(|operation| operation.name)));
    }
}
