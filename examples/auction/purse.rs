//! Money, and goods: what there is so much of, and no more.
//!
//! A bank is a process with purses in it. The holder of the reference of a purse has what is in it,
//! and nobody can see or take it who has no reference. Only purses of one process take from each
//! other, because only they are *near*: a purse that somebody has forged is somewhere else, or of
//! another type, and nothing comes out of it.

use marketplace::objects::*;
use marketplace::prelude::*;

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("only {0} left")]
pub(crate) struct TooLittle(pub(crate) u64);

/// The first purse of a bank is made with all that there will ever be.
pub(crate) struct Purse(pub(crate) u64);

#[object]
impl Purse {
    fn holds(&self) -> u64 {
        self.0
    }

    /// A new purse with so much out of this one. With 0, it is a new purse of the same bank.
    fn draw(&mut self, cx: &Cx<Self>, amount: u64) -> Result<Far<Self>, TooLittle> {
        self.0 = self.0.checked_sub(amount).ok_or(TooLittle(self.0))?;
        Ok(cx.make(Self(amount)))
    }

    /// Takes all that is in another purse of this bank. Answers how much that was.
    fn deposit(&mut self, cx: &Cx<Self>, from: Promise<Far<Self>>) -> Promise<u64> {
        cx.when(from, |purse, cx, from| {
            let amount = cx.near(&from?, |from, _| std::mem::take(&mut from.0))?;
            purse.0 += amount;
            Ok(amount)
        })
    }
}
