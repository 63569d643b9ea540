//! A customer of the bank that `bank_server` has on another machine, or on this one.
//!
//! It reads amounts, one a line. For each it opens a purse with 10 in it, and pays from that into
//! the till. The three calls leave together. If the bank went, the next line finds it anew: the
//! address lasts, also when the server is started again.
//!
//! ```sh
//! cargo run --features tls --example bank_client -- 'ocapn://..'
//! ```

#[path = "bank/doorman.rs"]
mod doorman;
#[path = "bank/objects.rs"]
mod objects;

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};
use marketplace_captp as captp;
use marketplace_captp::netlayer::tls;

use crate::objects::Bank;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(address) = std::env::args().nth(1) else {
        return Err("say the address that bank_server prints".into());
    };
    // A key that is kept nowhere: the bank does not ask who its customers are.
    let (spawn, peer) = captp::peer(tls::netlayer(tls::Key::fresh()?));
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn, spawn!(doorman::doorman())))?;
    // A connection that nobody uses ends after a while: who holds the bank hears when it falls.
    let mut _held = None;
    for line in std::io::stdin().lines() {
        let amount: u64 = line?.trim().parse()?;
        let paid = vat.ask(|cx| {
            let bank = captp::enliven::<Bank>(cx, &peer, address.as_str());
            let paid = bank.till(cx).deposit(cx, amount, bank.open(cx, 10));
            _held = Some(bank);
            paid
        });
        match paid.wait() {
            Ok(sum) => println!("paid {amount}: the till has {sum}"),
            Err(VatError::Broken { reason }) => println!("cannot pay {amount}: {reason}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
