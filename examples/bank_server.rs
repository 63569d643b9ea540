//! The bank of the example `bank`, for customers on other machines.
//!
//! It prints its address, which has two secrets of the bank's: whoever has the address has the
//! bank, and nobody else can answer at it. The address is the same at each start, since both are
//! made of the key in a file, which is made at the first start.
//!
//! ```sh
//! cargo run --features tls --example bank_server                 # listens at port 4433
//! cargo run --features tls --example bank_server -- 127.0.0.1:4433 bank.key
//! ```
//!
//! The example `bank_client` is a customer.

#[path = "bank/doorman.rs"]
mod doorman;
#[path = "bank/objects.rs"]
mod objects;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_captp as captp;
use marketplace_captp::netlayer::tls;

use crate::objects::Bank;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let at = arguments.next().unwrap_or("0.0.0.0:4433".to_string());
    let key = tls::key_file(arguments.next().unwrap_or("bank.key".to_string()))?;
    let number = key.swiss("bank");
    let (spawn_peer, peer) = captp::peer(tls::netlayer(key).listen(at));
    let (spawn_bank, bank) = spawn_object(Bank::default());
    Ok(ground_vm!(
        spawn_peer,
        spawn_bank,
        spawn!(doorman::doorman()),
        ask(
            move |cx| peer.publish_as(cx, number, &bank),
            |(), address: Result<Text, Reason>| {
                match address {
                    Ok(address) => println!("{address}"),
                    Err(why) => println!("the bank is closed: {why}"),
                }
                transition_no_state!()
            },
        ),
    )?)
}
