//! An auction house: it takes goods from a seller, and gives a lot and a hammer.

use marketplace::objects::*;
use marketplace::prelude::*;

use super::lot::{Held, Lot, NotSold};
use super::purse::Purse;

/// An empty purse of either bank: of it, the house makes purses that are in that bank for certain.
pub(crate) struct House {
    pub(crate) money: Promise<Far<Purse>>,
    pub(crate) goods: Promise<Far<Purse>>,
}

#[object]
impl House {
    /// Takes the goods out of a purse. Gives a lot, for whoever may bid, and the hammer.
    fn sell(&mut self, cx: &Cx<Self>, from: Promise<Far<Purse>>) -> Promise<(Far<Lot>, Far<Hammer>)> {
        let held = self.goods.draw(cx, 0);
        let amount = held.deposit(cx, &from);
        cx.when(amount, |house, cx, amount| {
            if amount? == 0 {
                return Err(Failure::from(Reason::from(NotSold::NoGoods)));
            }
            let lot = cx.make(Lot::new(house.money.clone(), Held { held, from }));
            Ok((lot.clone(), cx.make(Hammer(lot))))
        })
    }
}

/// Ends the auction of a lot. If it is dropped, the auction is called off.
pub(crate) struct Hammer(Far<Lot>);

#[object]
impl Hammer {
    /// Answers with a purse that has the money.
    fn falls(&mut self, cx: &Cx<Self>) -> Result<Promise<Far<Purse>>, Failure> {
        Ok(cx.near(&self.0, |lot, cx| lot.ends(cx, true))?.map_err(Reason::from)?)
    }

    #[method(released)]
    fn is_dropped(&mut self, cx: &Cx<Self>) {
        // It may have fallen before.
        let _ = cx.near(&self.0, |lot, cx| lot.ends(cx, false));
    }
}
