//! An auction among a seller, bidders and a house, who trust each other no further than they must.
//!
//! | who | has | cannot |
//! |---|---|---|
//! | a bank | all purses of its money, or its goods | know what is bid, or for what |
//! | the house | an empty purse of each bank; what is bid and sold, until it is decided | take from a purse that it was not given |
//! | the seller | its purses, the hammer | get the money but for the goods; take the goods back when the hammer has fallen |
//! | a bidder | its purses, the lot | take its money back while its bid is the best; end the auction; be left without both |
//!
//! To bid is to give the house a purse. The house moves what is in it into one that nobody else
//! has; so the bidder may keep the purse, but there is nothing in it, and how much was bid is what
//! was there. The answer to a bid is a promise of the goods. If it breaks, the money is back. If a
//! bidder is gone, the bid stands; if the seller is gone, nobody has the hammer any more: it is
//! released, and all goes back. All trust the banks with their purses, and the house with what they
//! bid or sell. So one bids from a purse that has no more in it than the bid. Nobody can hinder a
//! seller from bidding, too.
//!
//! ```sh
//! cargo run --example auction
//! ```

mod house;
mod lot;
mod purse;

use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace_drivers::timer;

use self::house::House;
use self::lot::Lot;
use self::purse::Purse;

/// How long the auction lasts.
const SHORT: Duration = Duration::from_millis(100);

/// Something is for sale, and this is where one bids. Everybody may see it.
#[derive(Message, Clone, Debug)]
struct ForSale {
    what: Symbol,
    lot: Far<Lot>,
}

/// Shows what is for sale, and lets the hammer fall when bidders have had time enough.
fn seller(house: Far<House>, tulips: Promise<Far<Purse>>) -> Transition<()> {
    transition_no_state!(ask(
        |cx| house.sell(cx, tulips),
        |(), sold| {
            let (lot, hammer) = sold?;
            let ends = timer::after(SHORT, move || {
                ask(
                    |cx| hammer.falls(cx).holds(cx),
                    |(), price| Ok(says(format!("the seller has got {}", price?))),
                )
            });
            Ok(transition_no_state!(publisher!(ForSale { what: "tulips", lot }), ends))
        },
    ))
}

/// Bids all that is in its purse, as soon as it sees what is for sale.
fn bidder(who: &'static str, purse: Promise<Far<Purse>>) -> Transition<()> {
    transition_no_state!(subscriber!(
        ForSale { what: "tulips", .. },
        match_conversation!(ForSale { lot, .. } => on_presence!({
            let bidden = purse.clone();
            ask(
                |cx| lot.bid(cx, &purse).holds(cx),
                move |(), tulips| {
                    let got = match tulips {
                        Ok(tulips) => format!("{who} has got {tulips} tulips"),
                        Err(why) => format!("{who} has got nothing: {why}"),
                    };
                    transition_no_state!(ask(
                        |cx| bidden.holds(cx),
                        move |(), rest| Ok(says(format!("{got}; {} in the purse", rest?))),
                    ))
                },
            )
        })),
    ))
}

fn says(line: String) -> Transition<()> {
    println!("{line}");
    transition_no_state!()
}

fn main() -> Result<(), GroundError> {
    let (bank_of_money, money) = spawn_object(Purse(100));
    let (bank_of_tulips, tulips) = spawn_object(Purse(3));
    // The first purses draw others, which are the only ones that are given away.
    let mut purses = None;
    let drawn = tell(|cx| {
        let bidders = ["ann", "bob", "cyd"].into_iter().zip([30, 50, 20]);
        purses = Some((
            House { money: money.draw(cx, 0), goods: tulips.draw(cx, 0) },
            tulips.draw(cx, 3),
            bidders.map(|(who, amount)| (who, money.draw(cx, amount))).collect::<Vec<_>>(),
        ));
    });
    let Some((house, tulips, bidders)) = purses else { unreachable!("`tell` calls its closure at once") };
    let (spawn_house, house) = spawn_object(house);
    ground_vm!(
        (bank_of_money, bank_of_tulips, drawn, spawn_house),
        timer::driver(),
        spawn!(seller(house, tulips)),
        bidders.into_iter().map(|(who, purse)| spawn!(bidder(who, purse))).collect::<ActionTree<_>>(),
    )
}
