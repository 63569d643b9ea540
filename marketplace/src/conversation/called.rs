//! A process without a name is called by the code that boots it.

use std::any::type_name;
use std::fmt;

/// The code that boots a process. Its name is found out only when it is to be shown, so it costs a
/// process one word.
#[derive(Clone, Copy)]
pub(crate) struct Called(fn() -> &'static str);

impl Called {
    /// Nothing is known, or there is nothing to say.
    pub(crate) const NOTHING: Self = Self(|| "");

    /// By a function or closure of this type.
    pub(crate) const fn by<F>(_: &F) -> Self {
        Self(type_name::<F>)
    }

    /// By the function of this name, which a macro has read.
    pub(crate) const fn as_written(name: fn() -> &'static str) -> Self {
        Self(name)
    }

    /// Its place in the program, which says whether it is the same code as another.
    pub(crate) fn address(self) -> usize {
        (self.0 as *const ()).addr()
    }

    /// The whole path to the code.
    #[cfg(debug_assertions)]
    pub(crate) fn path(self) -> &'static str {
        (self.0)()
    }

    /// The function, as `session()`; `None` if it is a closure, or not known.
    pub(crate) fn function(self) -> Option<String> {
        match last_of((self.0)()) {
            (name, false) if !name.is_empty() => Some(format!("{name}()")),
            _ => None,
        }
    }

    /// The function, or for a closure the function in which that is written, as `main{}`.
    fn code(self) -> Option<String> {
        match last_of((self.0)()) {
            (name, true) if !name.is_empty() => Some(format!("{name}{{}}")),
            _ => self.function(),
        }
    }
}

/// As in a path: `session()`, `main{}`, or nothing.
impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code().unwrap_or_default())
    }
}

/// The code, if it is known.
impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.code())
    }
}

/// The same name is the same code.
impl PartialEq for Called {
    fn eq(&self, other: &Self) -> bool {
        (self.0)() == (other.0)()
    }
}

/// The last name of a path to code, without the types in it; and whether it is a closure in there.
fn last_of(path: &str) -> (String, bool) {
    let (mut plain, mut depth) = (String::new(), 0usize);
    for c in path.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let names = plain.split("::").filter(|name| !name.is_empty());
    let (closures, names): (Vec<_>, Vec<_>) = names.partition(|name| name.starts_with('{'));
    (names.last().copied().unwrap_or_default().to_string(), !closures.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session<T>(_: T) {}

    #[test]
    fn a_function_is_called_by_its_name_and_a_closure_by_the_function_around_it() {
        let boot = Called::by(&session::<Vec<Option<u8>>>);
        assert_eq!(boot.function().as_deref(), Some("session()"));
        assert_eq!(boot.to_string(), "session()");
        let boot = Called::by(&|| ());
        assert_eq!(boot.function(), None);
        assert_eq!(
            boot.to_string(),
            "a_function_is_called_by_its_name_and_a_closure_by_the_function_around_it{}"
        );
        assert_eq!(Called::NOTHING.to_string(), "");
    }

    #[test]
    fn types_in_a_path_are_not_shown() {
        assert_eq!(last_of("<a::B<c::D> as e::F>::boot"), ("boot".into(), false));
        assert_eq!(last_of("a::b<c::D>::{{closure}}::{{closure}}"), ("b".into(), true));
    }
}
