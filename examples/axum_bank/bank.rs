//! The objects of the bank. They know nothing of HTTP.

use std::collections::BTreeMap;

use marketplace::objects::*;
use marketplace::prelude::*;

/// Why the bank does not do something.
#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
pub(crate) enum Refused {
    #[error("{0} has a purse already")]
    Taken(Text),
    #[error("{0} has no purse")]
    NoPurse(Text),
    #[error("only {0} left")]
    Overdrawn(u64),
}

#[derive(Default)]
pub(crate) struct Bank {
    purses: BTreeMap<Text, Far<Purse>>,
}

#[object]
impl Bank {
    /// Opens a purse, with 10 in it.
    fn open(&mut self, cx: &Cx<Self>, owner: Text) -> Result<Far<Purse>, Refused> {
        if self.purses.contains_key(&owner) {
            return Err(Refused::Taken(owner));
        }
        let purse = cx.make(Purse { balance: 10, next: None });
        self.purses.insert(owner, purse.clone());
        Ok(purse)
    }

    fn purse(&self, owner: Text) -> Result<Far<Purse>, Refused> {
        self.purses.get(&owner).cloned().ok_or(Refused::NoPurse(owner))
    }
}

pub(crate) struct Purse {
    balance: u64,
    /// The amount of the next payment, and what says it, if anybody waits for it.
    next: Option<(Promise<u64>, Resolver<u64>)>,
}

#[object]
impl Purse {
    fn balance(&self) -> u64 {
        self.balance
    }

    fn withdraw(&mut self, amount: u64) -> Result<(), Refused> {
        self.balance = self.balance.checked_sub(amount).ok_or(Refused::Overdrawn(self.balance))?;
        Ok(())
    }

    /// Takes so much from another purse; answers with the balance when that has paid.
    fn deposit(&mut self, cx: &Cx<Self>, amount: u64, from: Promise<Far<Self>>) -> Promise<u64> {
        let paid = from.withdraw(cx, amount);
        cx.when(paid, move |purse, cx, paid| {
            paid?;
            purse.balance += amount;
            cx.act(purse.next.take().map(|(_, says)| says.fulfill(amount)));
            Ok(purse.balance)
        })
    }

    /// Answers with the amount of the next payment, when that comes.
    fn next(&mut self) -> Promise<u64> {
        self.next.get_or_insert_with(promise).0.clone()
    }
}
