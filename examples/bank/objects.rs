//! The objects of a bank. They do not know whether who calls them is in another vat.

use marketplace::objects::*;
use marketplace::prelude::*;

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("only {0} left")]
pub(crate) struct Overdrawn(pub(crate) u64);

#[derive(Default)]
pub(crate) struct Bank {
    till: Option<Far<Purse>>,
}

#[object]
impl Bank {
    /// A new purse, which is in the process of the bank.
    fn open(&mut self, cx: &Cx<Self>, balance: u64) -> Far<Purse> {
        cx.make(Purse { balance })
    }

    /// The purse into which customers pay, always the same.
    fn till(&mut self, cx: &Cx<Self>) -> Far<Purse> {
        self.till.get_or_insert_with(|| cx.make(Purse { balance: 0 })).clone()
    }
}

pub(crate) struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn withdraw(&mut self, amount: u64) -> Result<(), Overdrawn> {
        self.balance = self.balance.checked_sub(amount).ok_or(Overdrawn(self.balance))?;
        Ok(())
    }

    /// Takes so much from another purse. Gives a promise, since there is no answer before that
    /// purse has paid. `from` may be the promise of a purse: it can be called before it is there.
    fn deposit(&mut self, cx: &Cx<Self>, amount: u64, from: Promise<Far<Self>>) -> Promise<u64> {
        let paid = from.withdraw(cx, amount);
        cx.when(paid, move |purse, _, paid| {
            paid?;
            purse.balance += amount;
            Ok(purse.balance)
        })
    }
}
