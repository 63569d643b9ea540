//! From turn to turn.

use crate::data::hash::Map;
use crate::record::log::{Log, LoggedTurn};

/// A turn and the turns to which it led.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tree<'l> {
    /// The turn.
    pub turn: &'l LoggedTurn,
    /// The turns that it led to, in order.
    pub next: Vec<Self>,
}

impl Log {
    /// The turn that led to this one, if the log still has it.
    #[must_use]
    pub fn previous(&self, id: u64) -> Option<&LoggedTurn> {
        self.get(self.get(id)?.cause)
    }

    /// The turns to which this one led, in order.
    pub fn next(&self, id: u64) -> impl Iterator<Item = &LoggedTurn> {
        self.turns().filter(move |turn| turn.cause == id && id != 0)
    }

    /// The causes of a turn: the turn itself, the turn that led to it, and so on to the first that
    /// the log has.
    #[must_use]
    pub fn trace(&self, id: u64) -> Vec<&LoggedTurn> {
        std::iter::successors(self.get(id), |turn| self.get(turn.cause)).collect()
    }

    /// The causal tree of a turn: it begins at the first turn of its [trace](Log::trace) and has
    /// every turn to which that led. `None` if the log does not have the turn. It stays in this
    /// log: `Vat::tree` follows causes into other vats.
    #[must_use]
    pub fn tree(&self, id: u64) -> Option<Tree<'_>> {
        Some(self.tree_below(self.trace(id).pop()?))
    }

    /// A turn and everything to which it led.
    #[must_use]
    pub fn tree_below<'l>(&'l self, turn: &'l LoggedTurn) -> Tree<'l> {
        let mut next: Map<u64, Vec<Tree<'l>>> = Map::default();
        // A cause is older than its turn. So, from the newest turn on, the turns to which a turn
        // led are complete when it is reached.
        for later in self.turns().rev().take_while(|later| later.id > turn.id) {
            let mut below = next.remove(&later.id).unwrap_or_default();
            below.reverse();
            next.entry(later.cause).or_default().push(Tree { turn: later, next: below });
        }
        let mut below = next.remove(&turn.id).unwrap_or_default();
        below.reverse();
        Tree { turn, next: below }
    }
}

impl<'l> Tree<'l> {
    /// The turns of the tree, each before those to which it led, with how deep it lies: 0 for the
    /// first.
    #[must_use]
    pub fn turns(&self) -> Vec<(usize, &'l LoggedTurn)> {
        let mut turns = Vec::new();
        let mut waiting = vec![(0, self)];
        while let Some((depth, tree)) = waiting.pop() {
            turns.push((depth, tree.turn));
            waiting.extend(tree.next.iter().rev().map(|next| (depth + 1, next)));
        }
        turns
    }
}

impl Drop for Tree<'_> {
    /// A tree may be as deep as the log is long, so it is dropped without recursion.
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.next);
        while let Some(mut tree) = waiting.pop() {
            waiting.append(&mut tree.next);
        }
    }
}
