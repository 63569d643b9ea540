//! A reference that can be taken back.

use marketplace::objects::{Asks, Far, Here, Reference, give_when, object_of, reference, spawn_with};
use marketplace::prelude::*;

use crate::gate::answers::send_on;
use crate::gate::revoker::{Revoker, revokes};

/// A reference that hears what is meant for this one until it is taken back, and the right to do
/// so. From then on it is gone, for the reason of the [`Revoker`]. Messages that were sent
/// on before are answered still.
///
/// References that pass, as arguments or answers, are not taken back: a
/// [`membrane`](super::membrane) does that. Without a process, a promise can be
/// taken back: [`forwarded`](marketplace::objects::forwarded).
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::gate::revocable;
///
/// struct Safe(u64);
///
/// #[object]
/// impl Safe {
///     fn take(&mut self, amount: u64) -> u64 {
///         self.0 -= amount;
///         self.0
///     }
/// }
///
/// #[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
/// #[message(error)]
/// #[error("the key is taken back")]
/// struct TakenBack;
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let safe = sim.spawn_object(Safe(100));
/// let mut gate = None;
/// sim.tell(|cx| gate = Some(revocable(cx, &safe)));
/// let (key, revoker) = gate.unwrap();
///
/// let left = sim.ask(|cx| key.take(cx, 30));
/// sim.run();
/// assert_eq!(left.answer(), Some(Ok(70)));
///
/// let done = sim.ask(|cx| revoker.revoke(cx, TakenBack));
/// let left = sim.ask(|cx| key.take(cx, 30));
/// sim.run();
/// assert_eq!(done.answer(), Some(Ok(())));
/// assert_eq!(left.answer().unwrap().unwrap_err().to_string(), "it is gone (the key is taken back)");
/// ```
#[must_use]
pub fn revocable<T: ?Sized + 'static>(cx: &impl Asks, to: &Far<T>) -> (Far<T>, Revoker) {
    let (gate, here) = reference();
    let (revoker, of_revoker) = Revoker::new();
    let to = Reference::from(to);
    spawn_with(cx, spawn!(sends_on(here, to, of_revoker)));
    (gate, revoker)
}

fn sends_on(here: Here, to: Reference, of_revoker: Here) -> Transition<()> {
    transition_no_state!(
        object_of!(
            here,
            match_duct!(duct => on_message!(message: Vec<Value> => {
                let (sent, answer) = send_on(&duct, &to, message);
                actions![sent, answer.map(|answer| give_when(&duct, answer))]
            }))
        ),
        revokes(of_revoker),
    )
}
