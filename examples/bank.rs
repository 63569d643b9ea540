//! A bank: objects that are spoken to by reference, and promises of what they answer.
//!
//! A process with the reference of a purse can draw on it; no other one can, whatever it subscribes
//! to. Customers find the bank by presence: it shows its reference in a topic. Each opens a purse
//! with 10 in it, and pays from that into the till. If there is not so much in a purse, the promise
//! of the payment breaks, with the reason.
//!
//! ```sh
//! cargo run --example bank
//! ```

use marketplace::objects::*;
use marketplace::prelude::*;

/// Somebody offers something, and this is the reference to speak to.
#[derive(Message, Clone, Debug)]
struct Service {
    name: Symbol,
    at: Far<Bank>,
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("only {0} left")]
struct Overdrawn(u64);

#[derive(Default)]
struct Bank {
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

struct Purse {
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

/// Pays so much, as soon as the bank is there.
fn customer(name: &'static str, amount: u64) -> Transition<()> {
    transition_no_state!(subscriber!(
        Service { name: "bank", .. },
        match_conversation!(Service { at: bank, .. } => on_presence!(ask(
            // Three calls in one turn: none of them waits for the answer to another.
            |cx| bank.till(cx).deposit(cx, amount, bank.open(cx, 10)),
            move |(), paid| {
                match paid {
                    Ok(sum) => println!("{name} pays {amount}: the till has {sum}"),
                    Err(reason) => println!("{name} cannot pay {amount}: {reason}"),
                }
                transition_no_state!()
            },
        ))),
    ))
}

fn bank() -> Transition<()> {
    let (spawn, bank) = spawn_object(Bank::default());
    transition_no_state!(spawn, publisher!(Service { name: "bank", at: bank }))
}

fn main() -> Result<(), GroundError> {
    ground_vm!(
        spawn!(bank()),
        spawn!(customer("ann", 7)),
        spawn!(customer("bob", 30)),
        spawn!(customer("cyd", 2)),
    )
}
