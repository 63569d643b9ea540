//! A café to look into: guests come, order by reference, drink and go, and now and then a cup
//! breaks. Two friends are at the door, and neither goes in first. The inspector shows all of that
//! in the browser.
//!
//! Run it: `cargo run --features inspector --example inspector`, and open the URL that it prints.
//! Try: click on a turn to see what led to it; choose the barista, and see which objects it has
//! and who waits for it; see who waits for whom, and find the friends; pause; kill the barista, and
//! see who hears of that.

use std::collections::VecDeque;
use std::time::Duration;

use marketplace::inspector::{Inspector, InspectorOptions};
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

/// A guest is here.
#[derive(Message, Clone, Debug, PartialEq)]
struct Here(Symbol);

/// A barista is here, and this is the reference to speak to.
#[derive(Message, Clone, Debug)]
struct Serves(Far<Barista>);

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
    let guests = ["ada", "bo", "cleo", "dan", "eve", "finn"].map(Symbol::new);
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
        friends(),
    )
}

/// Sees to it that there is a barista.
fn owner() -> Transition<()> {
    let hires = || {
        let (spawn, barista) = spawn_object(Barista::default());
        actions![name_process("barista", spawn), tell(|cx| barista.begin(cx))]
    };
    transition_no_state!(observe_publishers!(Serves(_), on_vacancy!(hires()), on_last_absence!(hires())))
}

/// Greets whoever is there.
fn host() -> Transition<()> {
    transition_no_state!(observe_publishers!(
        Here(_),
        match_conversation!(Here(guest) => on_presence!(send_message!((Symbol::new("welcome"), guest)))),
    ))
}

/// Orders from whoever serves, drinks a sip a minute, and goes.
fn visit(guest: Symbol, drink: Symbol) -> Transition<()> {
    transition_no_state!(
        publisher!(Here(guest)),
        once(subscriber!(
            Serves(_),
            match_conversation!(Serves(barista) => on_presence!(ask(
                |cx| barista.order(cx, drink.clone()),
                |(), served| match served {
                    Ok(cup) => transition_no_state!(drinks(cup)),
                    Err(reason) => transition_no_state!(quit().because(reason)),
                },
            ))),
        )),
    )
}

fn drinks(cup: Far<Cup>) -> ActionTree<()> {
    at_meta_level!(subscriber!(
        Minute(_),
        on_message!(_ => ask(|cx| cup.sip(cx), |(), left| match left {
            Ok(1..) => transition_no_state!(),
            Ok(0) => transition_no_state!(quit()),
            Err(reason) => transition_no_state!(quit().because(reason)),
        })),
    ))
}

#[derive(Default)]
struct Barista {
    machine: Option<Far<Machine>>,
}

#[object]
impl Barista {
    /// Comes to work. Now and then a cup breaks, which is too much for a barista.
    fn begin(&mut self, cx: &Cx<Self>) {
        self.machine = Some(cx.spawn(Machine::default()));
        cx.act(publisher!(Serves(cx.me())));
        cx.act(at_meta_level!(subscriber!(
            Minute(_),
            match_state!(barista: &mut Self => on_message!(Minute(now) => {
                if now % 20 == 0 {
                    Err(Failure::value(&"a cup broke".to_string()))?;
                }
                barista.machine.as_ref().map(|machine| tell(|cx| machine.brews(cx)))
            })),
        )));
    }

    /// The cup comes when the machine has brewed what is in it.
    fn order(&mut self, cx: &Cx<Self>, drink: Symbol) -> Promise<Far<Cup>> {
        let machine = self.machine.get_or_insert_with(|| cx.spawn(Machine::default()));
        let brewed = machine.brew(cx, drink);
        cx.when(brewed, |_, cx, drink| Ok(cx.make(Cup { drink: drink?, left: 4 })))
    }
}

/// Brews one drink after the other, a drink a minute.
#[derive(Default)]
struct Machine {
    waiting: VecDeque<(Symbol, Resolver<Symbol>)>,
}

#[object]
impl Machine {
    fn brew(&mut self, cx: &Cx<Self>, drink: Symbol) -> Promise<Symbol> {
        let (brewed, resolver) = cx.promise();
        self.waiting.push_back((drink, resolver));
        brewed
    }

    fn brews(&mut self, cx: &Cx<Self>) {
        if let Some((drink, resolver)) = self.waiting.pop_front() {
            cx.act(resolver.fulfill(drink));
        }
    }
}

struct Cup {
    drink: Symbol,
    left: u32,
}

#[object]
impl Cup {
    /// How many sips are left.
    fn sip(&mut self) -> u32 {
        self.left = self.left.saturating_sub(1);
        self.left
    }

    fn drink(&self) -> Symbol {
        self.drink.clone()
    }
}

/// Goes in as soon as the other one has.
struct Friend;

#[object]
impl Friend {
    fn go_in(&mut self, cx: &Cx<Self>, after: Promise<()>) -> Promise<()> {
        cx.when(after, |_, _, _| Ok(()))
    }
}

/// Two friends, each of whom lets the other go first: they wait for ever, and no error says so.
fn friends() -> ActionTree<()> {
    let ((gus, at_gus), (hana, at_hana)) = (spawn_object(Friend), spawn_object(Friend));
    let (hana_is_in, is_in) = promise::<()>();
    let mut in_the_end = None;
    let goes = tell(|cx| {
        in_the_end = Some(at_hana.go_in(cx, at_gus.go_in(cx, hana_is_in)));
    });
    actions![
        name_process("gus", gus),
        name_process("hana", hana),
        goes,
        in_the_end.map(|it| is_in.follow(it))
    ]
}
