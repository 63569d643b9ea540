//! A café to look into: guests come, order, drink and go, and now and then a cup breaks. The inspector shows it in the browser.
//!
//! Run it: `cargo run --example inspector`, and open the URL that it prints. Try: pause, then step; click on a turn to see what led to it; kill
//! the barista, and see who hears of that.

use std::time::Duration;

use marketplace::inspector::{Inspector, InspectorOptions};
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_drivers::supervisor::{Child, Supervision};
use marketplace_drivers::timer::{self, TimerExpired, When};

/// To subscribe to it is to work in the café; to publish it, to be a guest.
#[derive(Message, Clone, Debug, PartialEq)]
struct Order {
    guest: Symbol,
    drink: Symbol,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Served {
    guest: Symbol,
    drink: Symbol,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = VatOptions { name: Some("café".into()), ..VatOptions::default() };
    let cafe = Vat::spawn(options, |_| transition_no_state!(timer::driver(), cafe()))?;
    let inspector = Inspector::start(&cafe, InspectorOptions::default())?;
    println!("look inside: {inspector}");
    Ok(cafe.join()??)
}

/// The café is a VM: what is said in it stays in it. Its clock is the one outside.
fn cafe() -> Spawn<()> {
    let barista = Child::new("barista", || name_process("barista", spawn!(barista())));
    let staff = Supervision::new("staff").waits(Duration::from_millis(800), Duration::from_secs(5)).child(barista);
    spawn_vm!(
        name: "room";
        timer::relay(),
        staff.spawn(),
        name_process("waiter", spawn!(waiter())),
        name_process("door", spawn!(transition!(0, next_guest(0)))),
    )
}

/// Makes what is ordered, a while each. A cup may break, and then the barista starts anew.
fn barista() -> Transition<u64> {
    transition!(
        0,
        peekable(),
        subscriber!(
            Order { .. },
            match_state!(made: u64 => on_message!(Order { guest, drink } => {
                if made % 9 == 8 {
                    Err(Failure::value(&format!("the cup for {guest} broke")))?;
                }
                transition!(made + 1, after(300 + made * 37 % 200, move || send_message!(Served { guest, drink })))
            })),
        ),
    )
}

/// Counts who is in the room, and what they drink.
fn waiter() -> Transition<()> {
    transition_no_state!(observe_publishers!(
        Order { .. },
        match_conversation!(Order { guest, .. } =>
            on_presence!(send_message!((Symbol::new("welcome"), guest))),
            on_absence!(send_message!((Symbol::new("goodbye"), guest)))),
    ))
}

/// Somebody comes in every now and then.
fn next_guest(so_far: u64) -> AddEndpoint<u64> {
    const NAMES: [&str; 8] = ["ada", "bo", "cleo", "dan", "eve", "finn", "gus", "hana"];
    const DRINKS: [&str; 4] = ["espresso", "flat-white", "tea", "cocoa"];
    let label = Fresh::new().to_value();
    let wait = 500 + so_far * 331 % 700;
    once(subscriber!(
        TimerExpired { label, when: When::After(wait), now: _ },
        match_state!(so_far: u64 => on_message!(_ => {
            let guest = Symbol::new(NAMES[so_far as usize % NAMES.len()]);
            let drink = Symbol::new(DRINKS[so_far as usize % DRINKS.len()]);
            let came = name_process(guest.clone(), spawn!(guest_who_wants(guest, drink)));
            transition!(so_far + 1, came, next_guest(so_far + 1))
        })),
    ))
}

/// Orders when there is somebody who takes orders, and goes after the drink.
fn guest_who_wants(guest: Symbol, drink: Symbol) -> Transition<()> {
    transition_no_state!(
        publisher!(
            Order { guest, .. },
            on_presence!(send_message!(Order { guest, drink })),
            on_absence!(after(2_500, || quit())),
        ),
        subscriber!(Served { guest, .. }, on_message!(_ => after(4_000, || quit()))),
    )
}

/// Does something after so many milliseconds.
fn after<S, T: IntoActionTree<S>>(ms: u64, what: impl Fn() -> T + Send + 'static) -> AddEndpoint<S> {
    let label = Fresh::new().to_value();
    once(subscriber!(TimerExpired { label, when: When::After(ms), now: _ }, on_message!(_ => what())))
}
