//! Settings of an action that is made.

use crate::conversation::duct::Duct;
use crate::conversation::pid::{MAX_LEVELS, Pid};
use crate::data::reason::{IntoReason, Reason};
use crate::process::action::{Act, Ending, Onto, PreAction};

impl<S> PreAction<S> {
    /// Gives the reason, for [`quit`](crate::quit()) and
    /// [`delete_endpoint`](crate::delete_endpoint()): peers hear it with the absence. It is a
    /// [`Reason`], a message or a `&str`.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// #[derive(Message, Clone, Debug, PartialEq)]
    /// enum Left { Quit(Text) }
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!(
    ///     subscriber!("talk", match_reason!(why: Left => on_absence!(send_message!(why)))),
    ///     spawn!(transition_no_state!(publisher!("talk"), quit().because(Left::Quit("tired".into())))),
    /// ));
    /// sim.run();
    /// assert_eq!(sim.messages_of::<Left>(), [Left::Quit("tired".into())]);
    /// ```
    ///
    /// # Panics
    /// If the action ends nothing and so has no reason.
    pub fn because(self, reason: impl IntoReason) -> Self {
        self.because_of(reason.into_reason())
    }

    fn because_of(self, reason: Reason) -> Self {
        Self(match self.0 {
            Act::Quit(pid, _) => Act::Quit(pid, Ending::because(reason)),
            Act::Delete(mut delete, done) => {
                delete.reason = reason;
                Act::Delete(delete, done)
            }
            Act::Meta(inner) => Act::Meta(Box::new(Self(*inner).because_of(reason).0)),
            other => {
                panic!("{other:?} ends nothing: only `quit` and `delete_endpoint` have a reason")
            }
        })
    }

    /// Says which process is to end, for [`quit`](crate::quit()).
    ///
    /// # Panics
    /// If the action is not a quit.
    pub fn pid(self, pid: Pid) -> Self {
        Self(match self.0 {
            Act::Quit(_, reason) => Act::Quit(Some(pid), reason),
            Act::Meta(inner) => Act::Meta(Box::new(Self(*inner).pid(pid).0)),
            other => panic!("{other:?} ends no process: only `quit` has a PID"),
        })
    }

    /// Says on which duct a [`pass`](crate::pass()) goes, instead of that of the event at hand; on
    /// [`Duct::EMPTY`] it starts a new one.
    ///
    /// # Panics
    /// If the action passes nothing.
    pub fn onto(self, duct: &Duct) -> Self {
        Self(match self.0 {
            Act::Pass(mut passing) => {
                passing.onto = Onto::Duct(duct.clone());
                Act::Pass(passing)
            }
            Act::Meta(inner) => Act::Meta(Box::new(Self(*inner).onto(duct).0)),
            other => panic!("{other:?} goes on no duct: only `pass` does"),
        })
    }

    /// This action one level further out. Calls nest: n calls act n levels out.
    ///
    /// # Panics
    /// If no VM is so deep that it could be performed: further out than [`MAX_LEVELS`] and the
    /// host.
    pub fn at_meta_level(self) -> Self {
        assert!(
            self.0.levels() <= MAX_LEVELS,
            "an action goes at most {MAX_LEVELS} levels out, and to the host"
        );
        Self(match self.0 {
            Act::Message(body) => Act::MessageOut(body),
            Act::Feedback(body) => Act::FeedbackOut(body),
            other => Act::Meta(Box::new(other)),
        })
    }
}
