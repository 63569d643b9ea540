use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn withdraw(&mut self, amount: u64) -> u64 {
        self.balance -= amount;
        self.balance
    }
}

struct Owner {
    purse: Far<Purse>,
}

#[object]
impl Owner {
    fn spend(&mut self, cx: &Cx<Self>) -> Promise<u64> {
        let left = self.purse.withdraw(cx, 1);
        cx.when(left, |owner, _, left| Ok(owner.purse.withdraw(cx, left?)))
    }

    fn spends_again(&mut self, cx: &Cx<Self>) {
        cx.when(self.purse.withdraw(cx, 1), |owner, inner, left| {
            owner.purse.withdraw(cx, left?);
            Ok(owner.purse.withdraw(inner, 1))
        });
    }

    fn once_more(&mut self, cx: &Cx<Self>) {
        cx.when(self.purse.withdraw(cx, 1), |owner, cx, left| {
            cx.when(owner.purse.withdraw(cx, left?), |owner, _, left| Ok(owner.purse.withdraw(cx, left?)));
            Ok(())
        });
    }

    fn fine(&mut self, cx: &Cx<Self>) {
        cx.when(self.purse.withdraw(cx, 1), |owner, cx, left| Ok(owner.purse.withdraw(cx, left?)));
    }
}

fn main() {}
