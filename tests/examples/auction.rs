//! The auction, as a program, and its cheats, in a sim.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::{Asked, Sim};

use crate::program::Program;

#[path = "../../examples/auction/house.rs"]
mod house;
#[path = "../../examples/auction/lot.rs"]
mod lot;
#[path = "../../examples/auction/purse.rs"]
mod purse;

use self::house::{Hammer, House};
use self::lot::{Lot, NotSold};
use self::purse::{Purse, TooLittle};

#[test]
fn auction_gives_each_either_the_money_or_the_goods() {
    let (status, said) = Program::start("auction", &[]).end();
    assert!(status.success(), "{said}");
    assert_eq!(
        said,
        "ann has got nothing: the best bid is 50; 30 in the purse\n\
         cyd has got nothing: the best bid is 50; 20 in the purse\n\
         the seller has got 50\n\
         bob has got 3 tulips; 0 in the purse\n"
    );
}

/// A market with two banks and a house. The test is everybody else.
struct Market {
    sim: Sim,
    money: Far<Purse>,
    tulips: Far<Purse>,
    house: Far<House>,
}

impl Market {
    fn new() -> Self {
        let mut sim = Sim::new(|_| transition_no_state!());
        let [money, tulips] = [100, 3].map(|amount| sim.spawn_object(Purse(amount)));
        let empty = [&money, &tulips].map(|bank| sim.ask(|cx| bank.draw(cx, 0)));
        sim.run();
        let [of_money, of_tulips] = empty.map(|purse| purse.answer().unwrap().unwrap());
        let house = sim.spawn_object(House { money: of_money.into(), goods: of_tulips.into() });
        Self { sim, money, tulips, house }
    }

    fn answer<T: Message>(&mut self, send: impl FnOnce(&Asker) -> Promise<T>) -> Result<T, Reason> {
        let asked = self.sim.ask(send);
        self.sim.run();
        asked.answer().expect("it is decided")
    }

    /// A purse with so much money.
    fn purse(&mut self, amount: u64) -> Far<Purse> {
        let money = self.money.clone();
        self.answer(|cx| money.draw(cx, amount)).unwrap()
    }

    fn holds(&mut self, purse: &Far<Purse>) -> u64 {
        self.answer(|cx| purse.holds(cx)).unwrap()
    }

    /// Three tulips are for sale. Also gives the purse in which they were.
    fn sale(&mut self) -> (Far<Purse>, Far<Lot>, Far<Hammer>) {
        let (tulips, house) = (self.tulips.clone(), self.house.clone());
        let goods = self.answer(|cx| tulips.draw(cx, 3)).unwrap();
        let (lot, hammer) = self.answer(|cx| house.sell(cx, &goods)).unwrap();
        assert_eq!(self.holds(&goods), 0, "the house has them");
        (goods, lot, hammer)
    }

    fn bid(&mut self, lot: &Far<Lot>, purse: &Far<Purse>) -> Asked<Far<Purse>> {
        let asked = self.sim.ask(|cx| lot.bid(cx, purse));
        self.sim.run();
        asked
    }
}

/// Why it was not to be, if that is decided.
fn lost(asked: &Asked<Far<Purse>>) -> Option<NotSold> {
    asked.answer()?.unwrap_err().decode()
}

#[test]
fn a_bidder_that_vanishes_owes_what_it_has_bid() {
    let mut market = Market::new();
    let (_, lot, hammer) = market.sale();
    let purse = market.purse(50);
    let vanishes = lot.clone();
    market.sim.spawn(spawn!(transition_no_state!(tell(|cx| vanishes.bid(cx, purse)), quit())));
    market.sim.run();
    let anns = market.purse(30);
    let ann = market.bid(&lot, &anns);
    assert_eq!(lost(&ann), Some(NotSold::Outbid(50)));
    assert_eq!(market.holds(&anns), 30);
    assert_eq!(market.answer(|cx| hammer.falls(cx).holds(cx)), Ok(50));
}

#[test]
fn a_bidder_that_bids_twice_pays_once() {
    let mut market = Market::new();
    let (_, lot, hammer) = market.sale();
    let (small, big) = (market.purse(30), market.purse(40));
    let first = market.bid(&lot, &small);
    let same = market.bid(&lot, &small);
    assert_eq!(lost(&same), Some(NotSold::Outbid(30)), "there is nothing in that purse any more");
    let equal = market.purse(30);
    let late = market.bid(&lot, &equal);
    assert_eq!((lost(&late), market.holds(&equal)), (Some(NotSold::Outbid(30)), 30));
    assert_eq!(first.answer(), None);
    let second = market.bid(&lot, &big);
    assert_eq!(lost(&first), Some(NotSold::Outbid(40)));
    assert_eq!((market.holds(&small), market.holds(&big)), (30, 0));
    assert_eq!(market.answer(|cx| hammer.falls(cx).holds(cx)), Ok(40));
    let won = second.answer().unwrap().unwrap();
    assert_eq!(market.holds(&won), 3);
}

#[test]
fn a_bidder_that_wants_the_money_back_finds_none_and_forged_money_is_none() {
    #[derive(Default)]
    struct Forged;
    #[object]
    impl Forged {
        fn holds(&self) -> u64 {
            1_000
        }
        fn deposit(&self, _from: Promise<Far<Purse>>) -> u64 {
            1_000
        }
    }
    let mut market = Market::new();
    let (goods, lot, hammer) = market.sale();
    let purse = market.purse(50);
    let bid = market.bid(&lot, &purse);
    let back = market.answer(|cx| purse.draw(cx, 50));
    assert_eq!(back.unwrap_err().decode(), Some(TooLittle(0)));
    let other = market.purse(1);
    assert_eq!(market.answer(|cx| other.deposit(cx, &purse)), Ok(0));
    let forged = market.sim.spawn_object(Forged);
    for forged in [cast::<Purse>(&forged), goods, cast(&lot)] {
        let bid = market.bid(&lot, &forged).answer().unwrap();
        assert_eq!(bid.unwrap_err().to_string(), NotNear::Elsewhere.to_string());
    }
    assert_eq!(bid.answer(), None, "it is still the best");
    assert_eq!(market.answer(|cx| hammer.falls(cx).holds(cx)), Ok(50));
}

#[test]
fn when_the_seller_quits_all_goes_back() {
    let mut market = Market::new();
    let (tulips, house) = (market.tulips.clone(), market.house.clone());
    let goods = market.answer(|cx| tulips.draw(cx, 3)).unwrap();
    let ((lot, shows), sells) = (promise::<Far<Lot>>(), goods.clone());
    market.sim.spawn(spawn!(transition!(
        None,
        ask(
            |cx| house.sell(cx, sells),
            move |_: Option<Far<Hammer>>, sold| {
                let (lot, hammer) = sold?;
                Ok(transition!(Some(hammer), shows.fulfill(lot)))
            },
        ),
        subscriber!("the police come", on_message!(_ => quit())),
    )));
    let lot = market.answer(|_| lot).unwrap();
    let purse = market.purse(50);
    let bid = market.bid(&lot, &purse);
    assert_eq!((bid.answer(), market.holds(&goods)), (None, 0));
    market.sim.send(&Text::from("the police come"));
    market.sim.run();
    assert_eq!(lost(&bid), Some(NotSold::CalledOff));
    assert_eq!((market.holds(&purse), market.holds(&goods)), (50, 3));
    let late = market.bid(&lot, &purse);
    assert_eq!(lost(&late), Some(NotSold::Over));
    assert_eq!(market.holds(&purse), 50);
}

#[test]
fn the_hammer_falls_once_and_not_for_what_is_not_there() {
    let mut market = Market::new();
    let (goods, lot, hammer) = market.sale();
    let (purse, house) = (market.purse(50), market.house.clone());
    // The money is not there yet when the hammer falls.
    let (bid, price) = (market.sim.ask(|cx| lot.bid(cx, &purse)), market.sim.ask(|cx| hammer.falls(cx)));
    market.sim.run();
    assert_eq!(lost(&bid), Some(NotSold::Over));
    assert_eq!(lost(&price), Some(NotSold::NoBids));
    assert_eq!((market.holds(&purse), market.holds(&goods)), (50, 3));
    let again = market.answer(|cx| hammer.falls(cx));
    assert_eq!(again.unwrap_err().decode(), Some(NotSold::Over));
    let money = market.answer(|cx| house.sell(cx, &purse));
    assert_eq!(money.unwrap_err().to_string(), NotNear::Elsewhere.to_string(), "money is no goods");
    let tulips = market.tulips.clone();
    let nothing = market.answer(|cx| house.sell(cx, tulips.draw(cx, 0)));
    assert_eq!(nothing.unwrap_err().decode(), Some(NotSold::NoGoods));
}
