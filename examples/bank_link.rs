//! The bank of the example `bank`, in another vat: its objects are the same, and only how the bank
//! is found is different.
//!
//! The bank's vat publishes it, which gives an address. Customers are in a vat of their own, which
//! knows the address and no more. The three calls of a customer leave together, so they take one
//! round trip to the bank.
//!
//! ```sh
//! cargo run --example bank_link
//! ```

#[path = "bank/objects.rs"]
mod objects;

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};
use marketplace_captp as captp;

use crate::objects::Bank;

fn main() -> Result<(), VatError> {
    let vat = || Vat::spawn(VatOptions::default(), |_| transition_no_state!());
    let (here, there) = (vat()?, vat()?);
    let [peer, peer_there] = captp::link(&here, &there)?;

    let bank = there.spawn_object(Bank::default())?;
    let address = there.ask(|cx| peer_there.publish(cx, &bank)).wait()?;

    let bank = here.ask(|cx| captp::enliven::<Bank>(cx, &peer, address)).wait()?;
    for (name, amount) in [("ann", 7), ("bob", 30), ("cyd", 2)] {
        let paid = here.ask(|cx| bank.till(cx).deposit(cx, amount, bank.open(cx, 10)));
        match paid.wait() {
            Ok(sum) => println!("{name} pays {amount}: the till has {sum}"),
            Err(VatError::Broken { reason }) => println!("{name} cannot pay {amount}: {reason}"),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
