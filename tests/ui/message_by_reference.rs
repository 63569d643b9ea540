use marketplace::prelude::*;

fn endpoints() -> ActionTree<u32> {
    actions![
        subscriber!(_, on_message!(count: &mut u32 => *count += 1)),
        subscriber!(_, on_message!(line: &str => println!("{line}"))),
        subscriber!(_, on_message!(n: &u32 => println!("{n}"))),
    ]
}

fn main() {}
