//! The machines that are missing.

use std::collections::BTreeSet;

use marketplace::Text;

/// The machines that were missing at the last look.
#[derive(Default)]
pub(crate) struct Missing(BTreeSet<Text>);

impl Missing {
    /// The machines that are missing, and were not at the look before.
    pub(crate) fn look(&mut self, names: &[Text], is_there: impl Fn(&Text) -> bool) -> Option<String> {
        let missing: BTreeSet<_> = names.iter().filter(|name| !is_there(name)).cloned().collect();
        let new: Vec<_> = missing.difference(&self.0).map(|name| &**name).collect();
        let told = (!new.is_empty()).then(|| new.join(", "));
        self.0 = missing;
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_that_is_missing_is_named_once_in_one_word_with_others() {
        let names = ["ann", "bob", "cid"].map(Text::from);
        let mut missing = Missing::default();
        let mut look = |there: &[&str]| missing.look(&names, |name| there.contains(&&**name));
        assert_eq!(look(&["ann"]).as_deref(), Some("bob, cid"));
        assert_eq!(look(&["ann"]), None);
        assert_eq!(look(&["bob"]).as_deref(), Some("ann"));
        assert_eq!(look(&["ann", "cid"]).as_deref(), Some("bob"));
        assert_eq!(look(&["ann", "bob", "cid"]), None);
    }
}
