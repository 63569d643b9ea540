use marketplace::objects::*;
use marketplace::prelude::*;

struct Guest {
    names: Vec<Text>,
}

#[object]
impl Guest {
    fn leaves(&mut self, cx: &Cx<Self>) {
        send_message!("farewell");
        cx.act(send_message!("fine"));
        quit()
    }

    fn greets(&self) -> usize {
        for _ in &self.names {
            send_message!("hello")
        }
        if self.names.is_empty() {
            quit().because("nobody is here");
        }
        self.names.len()
    }
}

fn main() {}
