//! A process's turn, as its handler sees it.

use std::mem;

use crate::process::Context;
use crate::process::action::Outcome;
use crate::process::transition::{IntoActionTree, IntoTransition, Transition};

/// A process's turn, as its handler sees it: the state, and ways to answer.
///
/// A handler answers with one of [`Turn::act`], [`Turn::transition`] and [`Turn::skip`].
pub struct Turn<'t, S> {
    state: &'t mut Option<S>,
    pub(crate) context: &'t mut Context,
}

impl<'t, S> Turn<'t, S> {
    pub(crate) fn new(state: &'t mut Option<S>, context: &'t mut Context) -> Self {
        Self { state, context }
    }

    /// The process's state.
    #[must_use]
    pub fn state(&self) -> &S {
        self.state.as_ref().unwrap_or_else(|| unreachable!("a turn has a state"))
    }

    /// The process's state, to be changed in place. A change stays, whatever the answer is; if the
    /// handler fails, the process ends, and nobody sees the state again.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let counter = AddEndpoint::new(Role::subscriber(topic!("tick")), |event, turn| {
    ///     if event.body().is_none() {
    ///         return turn.skip();
    ///     }
    ///     *turn.state_mut() += 1;
    ///     turn.act(send_message!(("count", *turn.state())))
    /// });
    /// let mut sim = Sim::new(|_| transition!(0u32, counter));
    /// sim.run();
    /// sim.send(&Text::from("tick"));
    /// sim.run();
    /// assert_eq!(sim.messages_of::<(Text, u32)>(), [("count".into(), 1)]);
    /// ```
    #[must_use]
    pub fn state_mut(&mut self) -> &mut S {
        self.state.as_mut().unwrap_or_else(|| unreachable!("a turn has a state"))
    }

    #[inline]
    pub(crate) fn state_and_context(&mut self) -> (&mut S, &mut Context) {
        let state = self.state.as_mut().unwrap_or_else(|| unreachable!("a turn has a state"));
        (state, self.context)
    }

    /// The number of this turn, which is the cause of what it asks for.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.context.turn.number()
    }

    /// The number of the action or turn that caused this turn; 0 for the host.
    #[must_use]
    pub fn cause(&self) -> u64 {
        self.context.cause.number()
    }

    /// Whether this turn hears the absence of an endpoint whose process has failed: its code has
    /// panicked or given an error, or it has crossed a limit. Its host is told so
    /// ([`Exit::fault`](crate::Exit::fault)). A process that quits has not failed, whatever its
    /// reason. Of processes in other VMs this is not known.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    /// use marketplace::{Event, Turn};
    ///
    /// fn child(fails: bool) -> Transition<()> {
    ///     transition_no_state!(
    ///         publisher!("here"),
    ///         subscriber!("go", on_message!(_ => {
    ///             if fails {
    ///                 Err(Failure::value(&Text::from("over")))?;
    ///             }
    ///             quit().because("over")
    ///         })),
    ///     )
    /// }
    ///
    /// for fails in [true, false] {
    ///     let mut sim = Sim::new(move |_| {
    ///         let hears = move |event: &Event<'_>, turn: &mut Turn<'_, ()>| {
    ///             let failed = turn.is_told_of_failure();
    ///             turn.act(event.reason().map(|why| send_message!((why.to_string(), failed))))
    ///         };
    ///         let role = Role::subscriber(Value::from("here"));
    ///         transition_no_state!(AddEndpoint::new(role, hears), spawn!(child(fails)))
    ///     });
    ///     sim.run();
    ///     sim.send(&Text::from("go"));
    ///     sim.run();
    ///     assert_eq!(sim.messages_of::<(Text, bool)>(), [("over".into(), fails)]);
    /// }
    /// ```
    #[must_use]
    pub const fn is_told_of_failure(&self) -> bool {
        self.context.failing
    }

    /// Answers with actions; the state stays.
    ///
    /// # Errors
    /// None: the type is that of every answer.
    pub fn act(&self, actions: impl IntoActionTree<S>) -> Outcome<S> {
        Ok(Some(actions.into_action_tree()))
    }

    /// Answers with a transition from the present state.
    ///
    /// # Errors
    /// With the reason, if there is no transition: the process ends with it.
    pub fn transition<T: IntoTransition<State = S>>(&mut self, next: impl FnOnce(S) -> T) -> Outcome<S> {
        let Transition { state, actions } = next(self.take()).into_transition()?;
        self.put(state);
        Ok(Some(actions))
    }

    /// Says that no clause applies.
    ///
    /// # Errors
    /// None: the type is that of every answer.
    pub fn skip(&self) -> Outcome<S> {
        Ok(None)
    }

    /// Moves the state out, for a handler that puts one back before it returns or fails.
    #[doc(hidden)]
    #[inline]
    pub fn take(&mut self) -> S {
        self.state.take().unwrap_or_else(|| unreachable!("a turn has a state"))
    }

    // A notification takes 20 instructions more if it looks whether a state is there to be dropped.
    #[doc(hidden)]
    #[inline]
    pub fn put(&mut self, state: S) {
        let before = self.state.replace(state);
        debug_assert!(before.is_none(), "the state was moved out before");
        mem::forget(before);
    }
}
