use marketplace::objects::*;

struct Window<'a>(&'a str);

#[object]
impl<'a> Window<'a> {
    fn width(&self) -> usize {
        self.0.len()
    }
}

fn main() {}
