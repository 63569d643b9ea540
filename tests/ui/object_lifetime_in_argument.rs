use marketplace::objects::*;

struct Purse {
    balance: u64,
}

struct Name<'a>(&'a str);

#[object]
impl Purse {
    fn name<'a>(&mut self, name: Name<'a>) {
        let _ = name.0;
    }
}

fn main() {}
