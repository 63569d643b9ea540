//! A list of machines, as a person writes it: a line for each, with name, address and key.

use std::collections::BTreeMap;

use marketplace::Text;

use crate::config::ConfigError;
use crate::links::meeting::Listed;

/// Reads a list. `of` names it in errors.
pub(super) fn read_list(of: &str, text: &str) -> Result<BTreeMap<Text, Listed>, ConfigError> {
    let mut list = BTreeMap::new();
    for (line, number) in text.lines().zip(1..) {
        let wrong = |why: String| ConfigError::Line { list: of.to_string(), line: number, why };
        let line = line.split('#').next().unwrap_or_default();
        let (name, listed) = match &line.split_whitespace().collect::<Vec<_>>()[..] {
            [] => continue,
            [name, address] => (*name, listed(address, None)),
            [name, address, key] => (*name, listed(address, Some((*key).to_string()))),
            _ => {
                return Err(wrong(
                    "a line is a name, an address, and a key if machines have one".to_string(),
                ));
            }
        };
        let listed = listed.map_err(wrong)?;
        if list.insert(Text::from(name), listed).is_some() {
            return Err(wrong(format!("`{name}` is there already")));
        }
    }
    Ok(list)
}

fn listed(address: &str, key: Option<String>) -> Result<Listed, String> {
    if address == "-" {
        return Ok(Listed { address: None, key });
    }
    let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    if port.is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
        return Err(format!("`{address}` is no address: that is a host and a port, or `-` for none"));
    }
    Ok(Listed { address: Some(address.to_string()), key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c11_a_list_is_read_as_a_person_writes_it() {
        let text = "# ours\n\nann  10.0.0.1:7000  5kmv\n\tbob bob.example:7000 # the old one\ncid - c2wq\r\ndan [::1]:7\n";
        let expected = [
            ("ann", Some("10.0.0.1:7000"), Some("5kmv")),
            ("bob", Some("bob.example:7000"), None),
            ("cid", None, Some("c2wq")),
            ("dan", Some("[::1]:7"), None),
        ];
        let expected = expected.map(|(name, address, key)| {
            (name.into(), Listed { address: address.map(Into::into), key: key.map(Into::into) })
        });
        assert_eq!(read_list("three", text), Ok(BTreeMap::from(expected)));
    }

    #[test]
    fn c11_a_list_that_is_none_says_where_and_why() {
        let why = |text: &str| read_list("three", text).unwrap_err().to_string();
        assert_eq!(
            why("\nann"),
            "three, line 2: a line is a name, an address, and a key if machines have one"
        );
        assert!(why("ann a:1 k x").starts_with("three, line 1: a line is"));
        let no_address = "is no address: that is a host and a port, or `-` for none";
        for address in ["7000", ":7000", "a:b", "a:70000", "a"] {
            assert_eq!(why(&format!("ann {address}")), format!("three, line 1: `{address}` {no_address}"));
        }
        assert_eq!(why("ann a:1\nann b:1"), "three, line 2: `ann` is there already");
    }
}
