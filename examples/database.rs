//! A server, its databases and their rows, used in one turn: promises are spoken to before they
//! are settled.
//!
//! The client knows only what can be called: three traits. The objects themselves live in a nested
//! VM; a reference is all that it takes to reach them, over whatever levels. A database that nobody
//! has any more is gone, with its rows.
//!
//! ```sh
//! cargo run --example database
//! ```

use marketplace::objects::*;
use marketplace::prelude::*;

#[object]
trait Server {
    fn open(&mut self) -> Far<dyn Database>;
}

#[object]
trait Database {
    fn select(&mut self, name: Text) -> Result<Far<dyn Row>, NoSuchRow>;
}

#[object]
trait Row {
    /// Gives the value that there was before.
    fn modify(&mut self, value: u64) -> u64;
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("there is no row `{0}`")]
struct NoSuchRow(Text);

/// A server is there, and this is its reference.
#[derive(Message, Clone, Debug)]
struct Serves(Far<dyn Server>);

struct TheServer;

#[object]
impl TheServer {
    fn open(&mut self, cx: &Cx<Self>) -> Far<dyn Database> {
        let row = |name| (Text::from(name), cx.make(TheRow { name, value: 0 }));
        cast(&cx.make(TheDatabase(["apples", "pears"].map(row).into())))
    }
}

struct TheDatabase(Vec<(Text, Far<TheRow>)>);

#[object]
impl TheDatabase {
    fn select(&self, name: Text) -> Result<Far<dyn Row>, NoSuchRow> {
        let row = self.0.iter().find(|(row, _)| *row == name);
        row.map(|(_, row)| cast(row)).ok_or(NoSuchRow(name))
    }
}

struct TheRow {
    name: &'static str,
    value: u64,
}

#[object]
impl TheRow {
    fn modify(&mut self, value: u64) -> u64 {
        std::mem::replace(&mut self.value, value)
    }

    #[method(released)]
    fn forgotten(&mut self, _: &Cx<Self>) {
        println!("nobody has the row {} any more, which says {}", self.name, self.value);
    }
}

fn database() -> Transition<()> {
    let (spawn, server) = spawn_object(TheServer);
    transition_no_state!(spawn, at_meta_level!(publisher!(Serves(cast(&server)))))
}

/// Opens, selects and modifies in one turn. Of the five calls, four are to promises.
fn client() -> Transition<()> {
    let said = |(): (), was: Result<u64, Reason>| {
        match was {
            Ok(was) => println!("it was {was}"),
            Err(reason) => println!("{reason}"),
        }
        transition_no_state!()
    };
    transition_no_state!(subscriber!(
        Serves(_),
        match_conversation!(Serves(server) => on_presence!(actions![
            ask(
                |cx| {
                    let database = server.open(cx);
                    database.select(cx, "pears").modify(cx, 7);
                    database.select(cx, "pears").modify(cx, 8)
                },
                said,
            ),
            // The promise of the row breaks, and with it what was sent there.
            ask(|cx| server.open(cx).select(cx, "plums").modify(cx, 9), said),
        ])),
    ))
}

fn main() -> Result<(), GroundError> {
    ground_vm!(spawn_vm!(spawn!(database())), spawn!(client()))
}
