//! A list of machines, as a person writes it: a line for each, with name and address.

use std::collections::BTreeMap;

use marketplace::Text;
use marketplace_cluster::ConfigError;

use crate::plan::is_address;

/// Machines, and where they are reached.
pub(crate) type List = BTreeMap<Text, Option<String>>;

/// Reads a list. `of` names it in errors.
pub(crate) fn read(of: &str, text: &str) -> Result<List, ConfigError> {
    let mut list = List::new();
    for (line, number) in text.lines().zip(1..) {
        let wrong = |why: String| ConfigError::Line { list: of.to_string(), line: number, why };
        let line = line.split('#').next().unwrap_or_default();
        let (name, address) = match line.split_whitespace().collect::<Vec<_>>()[..] {
            [] => continue,
            [name, "-"] => (name, None),
            [name, address] if is_address(address) => (name, Some(address.to_string())),
            [_, address] => {
                let none = "is no address: that is a host and a port, or `-` for none";
                return Err(wrong(format!("`{address}` {none}")));
            }
            _ => return Err(wrong("a line is a name and an address".to_string())),
        };
        if list.insert(name.into(), address).is_some() {
            return Err(wrong(format!("`{name}` is there already")));
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c11_a_list_is_read_as_a_person_writes_it() {
        let text =
            "# ours\n\nann  10.0.0.1:7000\n\tbob bob.example:7000 # the old one\ncid -\r\ndan [::1]:7\n";
        let expected = [
            ("ann", Some("10.0.0.1:7000")),
            ("bob", Some("bob.example:7000")),
            ("cid", None),
            ("dan", Some("[::1]:7")),
        ];
        let expected = expected.map(|(name, address)| (name.into(), address.map(Into::into)));
        assert_eq!(read("three", text), Ok(List::from(expected)));
    }

    #[test]
    fn c11_a_list_that_is_none_says_where_and_why() {
        let why = |text: &str| read("three", text).unwrap_err().to_string();
        assert_eq!(why("\nann"), "three, line 2: a line is a name and an address");
        assert_eq!(why("ann a:1 key"), "three, line 1: a line is a name and an address");
        let no_address = "is no address: that is a host and a port, or `-` for none";
        for address in ["7000", ":7000", "a:b", "a:70000", "a", "tcp/a:7"] {
            assert_eq!(why(&format!("ann {address}")), format!("three, line 1: `{address}` {no_address}"));
        }
        assert_eq!(why("ann a:1\nann b:1"), "three, line 2: `ann` is there already");
    }
}
