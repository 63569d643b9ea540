//! So many questions at a time.

use std::collections::VecDeque;

use marketplace::Duct;
use marketplace::objects::{
    Asks, Broken, Far, Here, Reference, give_when, object_of, reference, spawn_with, when,
};
use marketplace::prelude::*;

use crate::gate::answers::{answer, send_on};

/// The bounds of a [`window()`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many questions may be without an answer: 1 at least.
    pub open: usize,
    /// How many messages may wait for their turn. The sender of one more is told: its answer breaks
    /// with [`Broken::TooMany`].
    pub waiting: usize,
}

/// A reference that sends on to this one what it hears, but only so many questions before they are
/// answered. The rest waits in order.
///
/// A message whose answer nobody wants is no question: it keeps its place in the order, and is sent
/// on without waiting for answers. An answer that is a promise is one when that is settled.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::gate::{Window, window};
///
/// /// Is slow: it answers when it is told to.
/// #[derive(Default)]
/// struct Printer { jobs: Vec<(Text, Resolver<()>)> }
///
/// #[object]
/// impl Printer {
///     fn print(&mut self, page: Text) -> Promise<()> {
///         let (printed, resolver) = promise::<()>();
///         self.jobs.push((page, resolver));
///         printed
///     }
///     fn tray(&mut self, cx: &Cx<Self>) -> Vec<Text> {
///         let (pages, printed): (Vec<_>, Vec<_>) = self.jobs.drain(..).unzip();
///         cx.act(printed.iter().map(|job| job.fulfill(())).collect::<ActionTree<Self>>());
///         pages
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let printer = sim.spawn_object(Printer::default());
/// let mut queue = None;
/// sim.tell(|cx| queue = Some(window(cx, &printer, Window { open: 2, waiting: 2 })));
/// let queue = queue.unwrap();
///
/// let printed = ["a", "b", "c", "d", "e"].map(|page| sim.ask(|cx| queue.print(cx, page)));
/// sim.run();
/// let too_many = printed[4].answer().unwrap().unwrap_err();
/// assert_eq!(Broken::of(&too_many), Some(&Broken::TooMany));
/// for pages in [["a", "b"], ["c", "d"]] {
///     let tray = sim.ask(|cx| printer.tray(cx));
///     sim.run();
///     assert_eq!(tray.answer(), Some(Ok(pages.map(Text::from).to_vec())));
/// }
/// ```
///
/// # Panics
/// If no question may be open.
#[must_use]
pub fn window<T: ?Sized + 'static>(cx: &impl Asks, to: &Far<T>, bounds: Window) -> Far<T> {
    assert!(bounds.open > 0, "a window lets one question through at least");
    let (gate, here) = reference();
    let flow = Flow { to: Reference::from(to), bounds, open: 0, waiting: VecDeque::new() };
    spawn_with(cx, spawn!(flows(here, flow)));
    gate
}

fn flows(here: Here, flow: Flow) -> Transition<Flow> {
    transition!(
        flow,
        object_of!(
            here,
            match_duct!(duct => match_state!(flow: &mut Flow => on_message!(
                message: Vec<Value> => flow.hear(&duct, message)
            )))
        ),
    )
}

struct Flow {
    to: Reference,
    bounds: Window,
    /// How many questions have no answer yet.
    open: usize,
    waiting: VecDeque<(Duct, Vec<Value>)>,
}

impl Flow {
    fn hear(&mut self, duct: &Duct, message: Vec<Value>) -> ActionTree<Self> {
        if self.waiting.is_empty() && self.lets_through(duct) {
            return self.send(duct, message);
        }
        if self.waiting.len() >= self.bounds.waiting {
            return answer(duct, Err(Broken::TooMany.into()));
        }
        self.waiting.push_back((duct.clone(), message));
        ActionTree::new()
    }

    /// Whether a message on this duct may be sent now.
    fn lets_through(&self, duct: &Duct) -> bool {
        self.open < self.bounds.open || !duct.is_wanted()
    }

    fn send(&mut self, duct: &Duct, message: Vec<Value>) -> ActionTree<Self> {
        let (sent, answer) = send_on(duct, &self.to, message);
        let Some(answer) = answer else { return sent };
        self.open += 1;
        actions![
            sent,
            give_when(duct, answer.clone()),
            when(answer, |mut flow: Self, _| {
                flow.open -= 1;
                let next = flow.send_waiting();
                transition!(flow, next)
            })
        ]
    }

    /// Sends what has waited, as far as that is let through.
    fn send_waiting(&mut self) -> ActionTree<Self> {
        let mut sent = Vec::new();
        while let Some((duct, message)) = self.waiting.pop_front() {
            if !self.lets_through(&duct) {
                self.waiting.push_front((duct, message));
                break;
            }
            sent.push(self.send(&duct, message));
        }
        actions![sent]
    }
}
