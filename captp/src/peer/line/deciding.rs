//! Promises that the peer decides, and the order of what is sent through them (K4).
//!
//! A message through such a promise goes to the peer, which sends it on. If the promise is then
//! settled with something that is not the peer's, what is sent to that goes another way, and could
//! be there earlier. So the promise is closed first: what is sent to it waits here. If messages
//! that went through it may still be on their way, the session listens to it once more. When that
//! is answered they have arrived, for they went before it.

use std::collections::HashMap;

use marketplace::View;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::line::Line;
use crate::peer::line::running::Running;
use crate::session::Target;

/// The promises that the peer decides.
#[derive(Default)]
pub(super) struct Deciding {
    table: HashMap<Target, Decided>,
    next: u64,
}

struct Decided {
    resolver: Resolver<Value>,
    /// Tells it from others that stand at its place before or after it.
    number: u64,
    /// The object that hears what is sent to it.
    here: WeakFar<()>,
    /// Keeps its place, once it is closed.
    closed: Option<Far<()>>,
    /// How many messages went through it whose answer is not there, or will never be.
    unanswered: u64,
    /// The promise through which its question was asked, and the number of that.
    through: Option<(Target, u64)>,
}

impl Deciding {
    /// A promise that the peer decides. `here` hears what is sent to it.
    pub(super) fn promise(&mut self, target: Target, here: &Far<()>) -> Promise<Value> {
        let (promise, resolver) = forwarded::<Value>(here);
        self.next += 1;
        let (number, here) = (self.next, weak(here));
        let decided = Decided { resolver, number, here, closed: None, unanswered: 0, through: None };
        self.table.insert(target, decided);
        promise
    }

    /// A message was sent to this. If an answer is wanted, this is its question.
    pub(super) fn sent(&mut self, to: Target, question: Option<u64>) {
        let Some(through) = self.table.get_mut(&to) else { return };
        through.unanswered += 1;
        let through = Some((to, through.number));
        if let Some(asked) = question.and_then(|question| self.table.get_mut(&Target::Question(question))) {
            asked.through = through;
        }
    }

    /// The peer has answered: so the question has arrived where it was to go.
    fn answered(&mut self, promise: Target) {
        let asked = self.table.get_mut(&promise).and_then(|asked| asked.through.take());
        if let Some((through, number)) = asked
            && let Some(through) = self.table.get_mut(&through).filter(|decided| decided.number == number)
        {
            through.unanswered -= 1;
        }
    }

    /// The resolver that settles it. It is decided now.
    pub(super) fn take(&mut self, promise: Target) -> Option<Resolver<Value>> {
        self.table.remove(&promise).map(|decided| decided.resolver)
    }
}

impl Running {
    /// The peer has settled a promise.
    pub(super) fn settled(&mut self, promise: Target, result: Result<Value, Reason>) {
        self.around.deciding.answered(promise);
        let goes_another_way = result.as_ref().is_ok_and(|value| match value.view() {
            View::Reference(reference) => !self.session.goes_to_peer(reference),
            // Data hears nothing.
            _ => false,
        });
        match self.around.deciding.table.get_mut(&promise) {
            Some(decided) if goes_another_way && decided.closed.is_none() => {
                decided.closed = decided.here.upgrade();
                let (close, number) = (decided.resolver.close(), decided.number);
                self.around.ask(close);
                // Behind all that is sent to it before it is closed.
                self.around.ask(yield_now!(|mut line: Line| {
                    let asked = line.run(|running| running.closed(promise, number, result));
                    transition!(line, asked)
                }));
            }
            _ => self.settle_here(promise, result),
        }
    }

    /// Nothing goes through the promise any more.
    fn closed(&mut self, promise: Target, number: u64, result: Result<Value, Reason>) {
        match self.around.deciding.table.get(&promise).filter(|decided| decided.number == number) {
            Some(Decided { unanswered: 0, .. }) => self.settle_here(promise, result),
            Some(_) => self.session.listen_again(promise),
            None => {}
        }
    }

    fn settle_here(&mut self, promise: Target, result: Result<Value, Reason>) {
        let resolver = self.around.deciding.take(promise);
        self.around.ask(resolver.map(|resolver| match result {
            Ok(value) => resolver.fulfill(value),
            Err(reason) => resolver.break_because(reason),
        }));
    }
}
