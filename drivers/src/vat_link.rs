//! Topics of one vat's ground network, visible in another's.
//!
//! [`link`] is an action, performed in the ground VM of the near vat. From then on, within its
//! topic, the subscribers of the near network talk with the publishers of the far one as if those
//! were here. In the far vat a process of the link stands for the subscribers of here; in the near
//! vat another one stands for the publishers of there.
//!
//! | there (in the far vat) | here (where the link is) |
//! |---|---|
//! | a publisher is present | a publisher with the same topic is present |
//! | it is absent, for a reason | that one is absent, for the same reason |
//! | a subscriber is present, participant or observer | a subscriber with the same topic is present |
//! | .. and absent, for a reason | .. when the last one with that topic is absent, for its reason |
//! | a message is sent | the same message, if anybody subscribes to it: once, however many topics it matches |
//! | feedback is sent | the same feedback, if a publisher of there hears it |
//! | a conversation is refused | the same refusal |
//!
//! A link looks only at conversations within its topic. Messages of one sender stay in order.
//! Presence comes as late as a message does: a process that subscribes here may hear a vacancy
//! before the presence of a publisher of there.
//!
//! | failure | what is told |
//! |---|---|
//! | the far vat is not running when the link begins | the link ends with the [error](marketplace::vat::VatError) |
//! | the far vat ends or is halted | the link ends with [`LinkError::Lost`]: its publishers are absent for that reason |
//! | one side is [`WAITING`] messages ahead of the other | the link ends with [`LinkError::Overrun`], on both sides |
//! | the link ends here | the endpoints that stood there for the subscribers of here are absent |
//!
//! A link carries one way: publishers of there, subscribers of here. Another link, made there,
//! carries the other way. A message that came over one link is sent on over another: so the topics
//! of links must not lead in a circle.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::vat::{Vat, VatEvent, VatOptions};
//! use marketplace_drivers::vat_link;
//!
//! let far = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
//!     publisher!(("news", _), on_presence!(send_message!(("news", 7u32)))),
//! )).unwrap();
//! let near = Vat::spawn(VatOptions::default(), {
//!     let far = far.clone();
//!     move |_| transition_no_state!(vat_link::link(&far, topic!(("news", _))))
//! }).unwrap();
//!
//! // Somebody here wants news: so somebody does there, and the news comes.
//! let mut news = near.subscribe::<(Text, u32)>(topic!(("news", _))).unwrap();
//! while news.wait().unwrap() != Some(VatEvent::Message(("news".into(), 7))) {}
//! ```

mod far;
mod line;
mod near;

use marketplace::prelude::*;
use marketplace::vat::Vat;

pub use crate::vat_link::line::WAITING;

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The other vat, or the link's process there, has ended.
    #[error("the other vat has gone")]
    Lost,
    /// The other vat does not keep up.
    #[error("more than {WAITING} messages wait for the other vat")]
    Overrun,
}

/// A link: an action, for the ground VM of a vat. Messages of the `far` vat's publishers within
/// this topic are heard here. [The module](self) says the rest.
pub fn link<S>(far: &Vat, topic: impl Into<Topic>) -> Spawn<S> {
    let (far, topic) = (far.clone(), topic.into());
    name_process(Symbol::new("vat-link"), spawn!(near::boot(&far, topic)))
}
