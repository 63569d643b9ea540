//! A lot: the goods that are for sale, and the money of the best bid.

use marketplace::objects::*;
use marketplace::prelude::*;

use super::purse::Purse;

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
pub(crate) enum NotSold {
    #[error("the best bid is {0}")]
    Outbid(u64),
    #[error("nobody has bid")]
    NoBids,
    #[error("there is nothing to sell")]
    NoGoods,
    #[error("the auction is over")]
    Over,
    #[error("the seller has gone")]
    CalledOff,
}

/// Something that the house holds, and where it came from.
pub(crate) struct Held {
    pub(crate) held: Promise<Far<Purse>>,
    pub(crate) from: Promise<Far<Purse>>,
}

impl Held {
    /// Puts it back where it came from.
    fn goes_back(self, cx: &impl Asks) -> Promise<u64> {
        self.from.deposit(cx, self.held)
    }
}

struct Bid {
    amount: u64,
    money: Held,
    won: Resolver<Far<Purse>>,
}

/// The holder of this may bid. The goods are there for as long as the auction is open.
pub(crate) struct Lot {
    money: Promise<Far<Purse>>,
    goods: Option<Held>,
    best: Option<Bid>,
}

#[object]
impl Lot {
    /// Bids all that is in a purse. Answers when it is decided: with a purse that has the goods, or
    /// with the reason why not; then the money is in the purse again.
    fn bid(&mut self, cx: &Cx<Self>, from: Promise<Far<Purse>>) -> Promise<Far<Purse>> {
        let held = self.money.draw(cx, 0);
        let amount = held.deposit(cx, &from);
        cx.when(amount, |lot, cx, amount| {
            let (goods, won) = promise::<Far<Purse>>();
            let bid = Bid { amount: amount?, money: Held { held, from }, won };
            let best = lot.best.as_ref().map_or(0, |best| best.amount);
            if lot.goods.is_none() {
                Self::loses(cx, bid, NotSold::Over);
            } else if bid.amount <= best {
                Self::loses(cx, bid, NotSold::Outbid(best));
            } else {
                let why = NotSold::Outbid(bid.amount);
                lot.best.replace(bid).into_iter().for_each(|bid| Self::loses(cx, bid, why.clone()));
            }
            Ok(goods)
        })
    }
}

impl Lot {
    /// `money` is a purse of the bank in which one pays.
    pub(crate) const fn new(money: Promise<Far<Purse>>, goods: Held) -> Self {
        Self { money, goods: Some(goods), best: None }
    }

    /// The bidder is told when the money is there again.
    fn loses(cx: &Cx<Self>, Bid { money, won, .. }: Bid, why: NotSold) {
        cx.when(money.goes_back(cx), move |_, cx, _| cx.act(won.break_because(why)));
    }

    /// Money and goods change hands, or both go back.
    pub(crate) fn ends(&mut self, cx: &Cx<Self>, is_sold: bool) -> Result<Promise<Far<Purse>>, NotSold> {
        let goods = self.goods.take().ok_or(NotSold::Over)?;
        match self.best.take() {
            Some(bid) if is_sold => {
                cx.act(bid.won.follow(goods.held));
                Ok(bid.money.held)
            }
            bid => {
                goods.goes_back(cx);
                bid.into_iter().for_each(|bid| Self::loses(cx, bid, NotSold::CalledOff));
                Err(NotSold::NoBids)
            }
        }
    }
}
