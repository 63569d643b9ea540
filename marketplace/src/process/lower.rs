//! What a process asks for joins the queue; what of it is typed stays in the process.

use crate::conversation::duct::Duct;
use crate::conversation::pid::Pid;
use crate::data::door;
use crate::data::few::Few;
use crate::data::reason::Failed;
use crate::process::action::{Act, Action, Answered, On, Pre, Relayed, Resume};
use crate::process::queue::{Ending, Lane, Under, Work};
use crate::process::transition::ActionTree;
use crate::process::{Kept, Process};
use crate::vm::nested::lift;

/// The duct of the event to which actions answer.
#[derive(Clone, Copy)]
struct AnswersOn<'d> {
    duct: &'d Duct,
    /// The same, if none of them gives an answer on it.
    unanswered: &'d Duct,
}

impl<'d> AnswersOn<'d> {
    const NOTHING: AnswersOn<'static> = AnswersOn { duct: &NO_DUCT, unanswered: &NO_DUCT };

    fn new<S>(duct: &'d Duct, actions: &[Action<S>]) -> Self {
        let gives = |Action(action): &Action<S>| match action {
            Act::Pre(Pre::Give(giving)) => giving.duct.identity() == duct.identity(),
            _ => false,
        };
        let unanswered = if duct.is_empty() || actions.iter().any(gives) { &NO_DUCT } else { duct };
        Self { duct, unanswered }
    }
}

/// That of turns to which no event led.
pub(super) static NO_DUCT: Duct = Duct::EMPTY;

/// A transition's yields: they are queued behind its other actions, wherever in it they stand.
type Yields<S> = Few<Resume<S>>;

impl<S: Send + 'static> Process<S> {
    /// Queues what a handler answered. Says whether a clause applied.
    #[inline(always)]
    pub(super) fn answer(
        &mut self,
        answered: Answered<S>,
        duct: &Duct,
        lane: &mut Lane<'_>,
    ) -> Result<bool, Failed> {
        match answered {
            // What most handlers answer goes the shortest way.
            Ok(Some(ActionTree(Few::One(Action(Act::Pre(Pre::Message(body))))))) => {
                match lane.push_message(body) {
                    Ok(()) => Ok(true),
                    Err(body) => self
                        .queue(ActionTree::one(Action(Act::Pre(Pre::Message(body)))), duct, lane)
                        .map(|()| true),
                }
            }
            Ok(Some(ActionTree(Few::None))) => Ok(true),
            Ok(Some(actions)) => self.queue(actions, duct, lane).map(|()| true),
            Ok(None) => Ok(false),
            Err(reason) => Err(reason),
        }
    }

    /// `duct`: that of the event to which these actions answer.
    #[inline(never)]
    pub(super) fn queue(
        &mut self,
        actions: ActionTree<S>,
        duct: &Duct,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed> {
        if let Err(full) = lane.places_for(actions.len()) {
            let actions = actions.0.into_vec();
            for Action(action) in &actions {
                if let Act::Relayed(relayed) = action {
                    relayed.lose();
                }
            }
            // In the turn, which fails over that.
            actions.into_iter().map(|action| door::enter(|| drop(action))).fold(Ok(()), Result::and)?;
            return Err(full);
        }
        let (end, room) = (lane.queue.end(), lane.queue.room);
        let on = AnswersOn::new(duct, actions.0.as_slice());
        let mut yields = Yields::None;
        actions.0.each(|Action(action)| {
            if let Some(resume) = self.queue_one(action, on, lane) {
                yields.push(resume);
            }
        });
        yields.each(|resume| lane.push(self.keep(resume)));
        if lane.is_too_much(room) { Err(lane.take_back(end)) } else { Ok(()) }
    }

    /// Queues an action; a yield comes back, since it is queued last.
    #[inline]
    fn queue_one(&mut self, action: Act<S>, on: AnswersOn<'_>, lane: &mut Lane<'_>) -> Option<Resume<S>> {
        match action {
            Act::Pre(pre) => lane.push(self.lower(pre, on, lane.pid)),
            Act::Yield(resume) => return Some(resume),
            Act::Peekable(peek) => self.peek = Some(peek),
            Act::Relayed(relayed) => {
                let Relayed { id, cause, pre, .. } = *relayed;
                let work = self.lower(pre, on, lane.pid);
                lane.push_numbered(id, cause, work);
            }
        }
        None
    }

    /// What a process does first.
    #[inline]
    pub(super) fn first(&mut self, actions: ActionTree<S>, pid: Pid) -> Few<Work> {
        match actions.0 {
            // What most processes begin with goes the shortest way.
            Few::One(Action(Act::Pre(pre))) => Few::One(self.lower(pre, AnswersOn::NOTHING, pid)),
            actions => self.first_few(actions, pid),
        }
    }

    #[inline(never)]
    fn first_few(&mut self, first: Few<Action<S>>, pid: Pid) -> Few<Work> {
        let (mut actions, mut yields) = (Few::None, Yields::None);
        first.each(|Action(action)| match action {
            Act::Pre(pre) => actions.push(self.lower(pre, AnswersOn::NOTHING, pid)),
            Act::Yield(resume) => yields.push(resume),
            Act::Peekable(peek) => self.peek = Some(peek),
            Act::Relayed(..) => unreachable!("a booting VM has performed nothing"),
        });
        yields.each(|resume| actions.push(self.keep(resume)));
        actions
    }

    fn keep(&mut self, resume: Resume<S>) -> Work {
        Work::Resume(Under::new(self.kept.insert(Kept::Resume(resume))), None)
    }

    /// Takes what is typed out of an action: handlers and continuations stay here.
    #[inline]
    fn lower(&mut self, pre: Pre<S>, on: AnswersOn<'_>, pid: Pid) -> Work {
        match pre {
            Pre::Message(body) => Work::Message(body),
            Pre::Feedback(body) => Work::Feedback(body),
            Pre::Add(spec, handler) => Work::Add(spec, Under::new(self.handlers.insert(handler))),
            Pre::Delete(delete, done) => {
                Work::Delete(delete, done.map(|done| Under::new(self.kept.insert(Kept::Done(done)))))
            }
            Pre::Refuse(refusal) => Work::Refuse(refusal),
            Pre::Spawn(spec, None) => Work::Spawn(spec, None),
            Pre::Spawn(spec, Some(parent)) => {
                Work::Spawn(spec, Some(Under::new(self.kept.insert(Kept::Continuation(*parent)))))
            }
            Pre::Quit(pid, reason) => {
                let instead = (pid.is_none() && !on.unanswered.is_empty()).then(|| on.unanswered.clone());
                let reason = reason.map(|reason| *reason);
                let says_more = reason.is_some() || instead.is_some();
                Work::Quit(pid, says_more.then(|| Box::new(Ending { reason, instead })))
            }
            Pre::Pass(mut passing) => {
                if let On::Event = passing.on {
                    passing.on = On::Duct(on.duct.clone());
                }
                Work::Pass(passing)
            }
            Pre::Give(giving) => Work::Give(giving),
            Pre::MessageOut(body) => Work::MessageOut(body),
            Pre::FeedbackOut(body) => Work::FeedbackOut(body),
            Pre::Meta(mut inner) => {
                let mut innermost = &mut *inner;
                while let Pre::Meta(next) = innermost {
                    innermost = next;
                }
                if let Pre::Pass(passing) = innermost
                    && let On::Event = passing.on
                {
                    passing.on = On::Duct(on.duct.clone());
                }
                Work::Meta(Box::new(lift(*inner, pid, 1)))
            }
        }
    }
}
