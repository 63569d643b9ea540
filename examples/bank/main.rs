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
//!
//! `bank_link` has the same bank in another vat.

mod objects;

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::objects::Bank;

/// Somebody offers something, and this is the reference to speak to.
#[derive(Message, Clone, Debug)]
struct Service {
    name: Symbol,
    at: Far<Bank>,
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
