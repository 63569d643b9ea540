use marketplace::objects::*;

struct Purse {
    balance: u64,
}

fn calls(cx: &impl Asks, purse: &Far<Purse>) {
    purse.withdraw(cx, 1);
}

fn main() {}
