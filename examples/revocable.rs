//! References that can be taken back, and such as wear out: caretakers.
//!
//! A reference is a permission for as long as somebody has it. So the owner of a diary gives none
//! away. The guest has a *key*, which goes on to the diary until the owner takes it back. The guest
//! lends it to a friend, who can do no more with it, nor for longer. The guest has a *ticket*, too,
//! which can only count the pages, and that once. Nobody can get the diary out of a key or a
//! ticket. But what was got by them stays: the page that the guest has written is the guest's.
//!
//! ```sh
//! cargo run --example revocable
//! ```

use marketplace::objects::*;
use marketplace::prelude::*;

#[derive(Default)]
struct Diary(u64);

struct Page(Text);

#[object]
impl Diary {
    fn write(&mut self, cx: &Cx<Self>, line: Text) -> Far<Page> {
        self.0 += 1;
        cx.make(Page(line))
    }

    fn pages(&self) -> u64 {
        self.0
    }
}

#[object]
impl Page {
    fn read(&self) -> Text {
        self.0.clone()
    }
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
enum Over {
    #[error("the key is taken back")]
    TakenBack,
    #[error("the ticket is used up")]
    UsedUp,
}

struct Ticket(Option<Far<Diary>>);

#[object]
impl Ticket {
    fn pages(&mut self, cx: &Cx<Self>) -> Result<Promise<u64>, Over> {
        Ok(self.0.take().ok_or(Over::UsedUp)?.pages(cx))
    }
}

fn owner() -> Transition<()> {
    let (spawn, diary) = spawn_object(Diary::default());
    let (spawn_ticket, ticket) = spawn_object(Ticket(Some(diary.clone())));
    // The holder of `gate` can take the key back.
    let (key, gate) = forwarded::<Far<Diary>>(&diary);
    transition_no_state!(
        (spawn, spawn_ticket),
        spawn!(guest(key, ticket)),
        subscriber!(
            "thanks",
            on_message!(_ => actions![
                gate.break_because(Over::TakenBack),
                tries("owner counts", |cx| diary.pages(cx)),
                send_message!("closed"),
            ]),
        ),
    )
}

fn guest(key: Promise<Far<Diary>>, ticket: Far<Ticket>) -> Transition<Option<Far<Page>>> {
    let lent = key.clone();
    transition!(
        None,
        ask(
            |cx| key.write(cx, "dear diary"),
            |_, page| Ok(transition!(Some(page?), spawn!(friend(lent.clone())))),
        ),
        tries("guest counts", |cx| ticket.pages(cx)),
        subscriber!(
            "closed",
            match_state!(page: &Option<Far<Page>> => on_message!(_ => actions![
                tries("guest counts", |cx| ticket.pages(cx)),
                tries("guest writes", |cx| key.write(cx, "once more")),
                page.as_ref().map(|page| tries("guest reads", |cx| page.read(cx))),
            ])),
        ),
    )
}

fn friend(key: Promise<Far<Diary>>) -> Transition<()> {
    transition_no_state!(
        tries("friend counts", |cx| key.pages(cx)),
        send_message!("thanks"),
        subscriber!("closed", on_message!(_ => tries("friend counts", |cx| key.pages(cx)))),
    )
}

/// Calls, and prints what came of it.
fn tries<S: Send + 'static, T: Message + std::fmt::Debug>(
    who: &'static str,
    call: impl FnOnce(&Asker) -> Promise<T>,
) -> ActionTree<S> {
    ask(call, move |state: S, answer: Result<T, Reason>| {
        let said = answer.map_or_else(|why| why.to_string(), |answer| format!("{answer:?}"));
        println!("{who}: {said}");
        transition!(state)
    })
}

fn main() -> Result<(), GroundError> {
    ground_vm!(spawn!(owner()))
}
