//! A café to look into: guests come, order, drink and go, and now and then a cup breaks. The
//! inspector shows it in the browser.
//!
//! Run it: `cargo run --features inspector --example inspector`, and open the URL that it prints.
//! Try: click on a turn to see what led to it; choose a guest, and see who is present to whom;
//! pause; kill the barista, and see who hears of that.

use std::collections::VecDeque;
use std::time::Duration;

use marketplace::inspector::{Inspector, InspectorOptions};
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

/// A guest and a drink. To subscribe to it is to serve; to publish it, to be a guest.
#[derive(Message, Clone, Debug, PartialEq)]
struct Order(Symbol, Symbol);

#[derive(Message, Clone, Debug, PartialEq)]
struct Served(Symbol, Symbol);

/// Somebody comes in who wants a drink.
#[derive(Message, Clone, Debug, PartialEq)]
struct Comes(Symbol, Symbol);

#[derive(Message, Clone, Debug, PartialEq)]
struct Minute(u64);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = VatOptions { name: Some("café".into()), ..VatOptions::default() };
    let cafe = Vat::spawn(options, |_| transition_no_state!(room()))?;
    let inspector = Inspector::start(&cafe, InspectorOptions::default())?;
    println!("look inside: {inspector}");
    Ok(open(&cafe)?)
}

/// The world outside: a clock, and people.
fn open(cafe: &Vat) -> Result<(), VatError> {
    let guests = ["ada", "bo", "cleo", "dan", "eve", "finn", "gus", "hana"].map(Symbol::new);
    let drinks = ["espresso", "tea", "cocoa"].map(Symbol::new);
    for (minute, (guest, drink)) in (1..).zip(guests.iter().cycle().zip(drinks.iter().cycle())) {
        std::thread::sleep(Duration::from_millis(400));
        cafe.send(&Minute(minute))?;
        if minute % 3 > 0 {
            cafe.send(&Comes(guest.clone(), drink.clone()))?;
        }
    }
    Ok(())
}

/// The café is a VM: what is said in it stays in it, and it hears from outside at the meta level.
fn room() -> Spawn<()> {
    spawn_vm!(
        name: "room";
        name_process("owner", spawn!(owner())),
        name_process("host", spawn!(host())),
        name_process("door", spawn!(transition_no_state!(at_meta_level!(subscriber!(
            Comes(_, _),
            on_message!(Comes(guest, drink) => name_process(guest.clone(), spawn!(visit(guest, drink)))),
        ))))),
    )
}

/// Sees to it that there is a barista.
fn owner() -> Transition<()> {
    transition_no_state!(observe_subscribers!(
        Order(_, _),
        on_vacancy!(name_process("barista", spawn!(barista()))),
        on_last_absence!(name_process("barista", spawn!(barista()))),
    ))
}

/// Greets whoever is there.
fn host() -> Transition<()> {
    transition_no_state!(observe_publishers!(
        Order(_, _),
        match_conversation!(Order(guest, _) =>
            on_presence!(send_message!((Symbol::new("welcome"), guest)))),
    ))
}

/// Makes a drink a minute. Now and then a cup breaks, which is too much for a barista.
fn barista() -> Transition<VecDeque<Order>> {
    transition!(
        VecDeque::<Order>::new(),
        peekable(),
        subscriber!(
            Order(_, _),
            match_state!(waiting: &mut VecDeque<Order> => on_message!(
                Order(guest, drink) => waiting.push_back(Order(guest, drink))))
        ),
        at_meta_level!(subscriber!(
            Minute(_),
            match_state!(waiting: &mut VecDeque<Order> => on_message!(Minute(now) => {
                let next = waiting.pop_front();
                if let (0, Some(Order(guest, _))) = (now % 20, &next) {
                    Err(Failure::value(&format!("the cup for {guest} broke")))?;
                }
                next.map(|Order(guest, drink)| send_message!(Served(guest, drink)))
            }))
        )),
    )
}

/// Orders from whoever serves, drinks for some minutes, and goes.
fn visit(guest: Symbol, drink: Symbol) -> Transition<u32> {
    let drinks = || {
        at_meta_level!(subscriber!(
            Minute(_),
            match_state!(left: &mut u32 => on_message!(_ => {
                *left -= 1;
                (*left == 0).then(quit)
            })),
        ))
    };
    transition!(
        8,
        publisher!(Order(guest, _), on_presence!(send_message!(Order(guest, drink)))),
        once(subscriber!(Served(guest, _), on_message!(_ => drinks()))),
    )
}
