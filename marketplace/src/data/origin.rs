//! Where a label comes from: so that two types which are one message by mistake can be told.

/// A constructor whose records have a label.
#[doc(hidden)]
#[derive(Debug)]
pub struct Origin {
    /// The path of its type, or of the enum's variant.
    pub path: &'static str,
    /// Its fields, in order: the name, and what gives the name of the type.
    pub fields: &'static [(&'static str, NameOfType)],
}

type NameOfType = fn() -> &'static str;

impl Origin {
    /// The first field in which they differ, as each of the two has it: `name: Type`. Both have as
    /// many.
    #[cfg(any(debug_assertions, test))]
    pub(crate) fn difference(&self, other: &Self) -> Option<[String; 2]> {
        let (mine, theirs) = self
            .fields
            .iter()
            .zip(other.fields)
            .find(|((name, of), (other_name, other_of))| name != other_name || of() != other_of())?;
        let written =
            |shown: fn(&str) -> String| [mine, theirs].map(|(name, of)| format!("{name}: {}", shown(of())));
        let [mine, theirs] = written(without_paths);
        Some(if mine == theirs { written(str::to_string) } else { [mine, theirs] })
    }
}

/// The name of a type, with the last word of each path.
#[cfg(any(debug_assertions, test))]
fn without_paths(name: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let mut short = String::new();
    for part in name.split_inclusive(|c| !is_word(c)) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_without_paths_where_that_tells_them_apart() {
        assert_eq!(without_paths("alloc::vec::Vec<(a::B, [core::c::D; 2])>"), "Vec<(B, [D; 2])>");
        const A: Origin = Origin { path: "a::Says", fields: &[("0", || "a::B"), ("who", || "a::C")] };
        const B: Origin = Origin { path: "b::Says", fields: &[("0", || "a::B"), ("who", || "b::C")] };
        const C: Origin = Origin { path: "c::Says", fields: &[("0", || "a::B"), ("what", || "a::C")] };
        assert_eq!(A.difference(&A), None);
        assert_eq!(A.difference(&B), Some(["who: a::C".into(), "who: b::C".into()]));
        assert_eq!(B.difference(&C), Some(["who: C".into(), "what: C".into()]));
    }
}
