//! Objects that nobody has any more, and promises that nobody decides, fall.
//!
//! No destructor of a reference does more than note that. The notes of a step are dealt with when
//! the step is over, by number. A handle that is dropped on a thread which does not turn its tower
//! is an input of the tower.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::conversation::duct::Site;
use crate::conversation::promise::answer::Failing;
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::when::When;
use crate::conversation::promise::{ObjectPlace, PromiseState};
use crate::data::contained;
use crate::data::numbers::{self, Counter, TowerId, TurnId};
use crate::data::reason::Reason;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::value::Value;

/// Something that fell.
pub(crate) struct Fallen {
    pub(crate) id: ReferenceId,
    pub(crate) fell: Fell,
    /// The reason for which the process ended with which it fell.
    pub(crate) reason: Option<Reason>,
}

pub(crate) enum Fell {
    /// Nobody has this object any more.
    Object(ObjectPlace),
    /// Nobody can settle this promise any more, or the object will never be there.
    Undecided(Reference, LetGo),
    /// Somebody of another tower was to settle this promise.
    Foreign(Reference),
    /// This one waits for something that cannot happen any more.
    Over(When),
    /// The process of the object has failed for this reason, before nobody had the object.
    Ended(When, Reason),
    /// Nobody has taken the reason for which a promise was broken.
    Unheard(Reason, Option<Box<Failing>>),
    /// The VM has ended that was to tell somebody further out.
    News(When, Result<Value, Reason>),
    /// The VM has ended that had the place of what waits at this promise, or carried it.
    Place(Reference),
}

/// The last thing that could have settled a promise.
#[derive(Clone, Copy)]
pub(crate) enum LetGo {
    Promise,
    Duct,
    Spawn,
    Here,
}

impl From<LetGo> for Broken {
    fn from(let_go: LetGo) -> Self {
        match let_go {
            LetGo::Promise => Self::Abandoned,
            LetGo::Duct => Self::Unanswered,
            LetGo::Spawn => Self::NeverSpawned,
            LetGo::Here => Self::NeverMade,
        }
    }
}

/// Something that fell, on its way out. It falls again, if the VM ends that carries it.
pub(crate) struct Carried(Option<Fallen>);

impl Carried {
    pub(crate) const fn new(fallen: Fallen) -> Self {
        Self(Some(fallen))
    }

    /// It has arrived.
    pub(crate) fn take(mut self) -> Fallen {
        self.0.take().unwrap_or_else(|| unreachable!("it is taken once"))
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        if let Some(fallen) = self.0.take() {
            fall(fallen, None);
        }
    }
}

/// The place in a queue of what waits at a promise. It falls, if the VM ends whose queue that is.
pub(crate) struct DrainPlace(Option<Reference>);

impl DrainPlace {
    pub(crate) const fn new(promise: Reference) -> Self {
        Self(Some(promise))
    }

    /// The promise.
    pub(crate) fn promise(&self) -> &Reference {
        match &self.0 {
            Some(promise) => promise,
            None => unreachable!("nobody has a place that was taken"),
        }
    }

    /// Its turn has come.
    pub(crate) fn take(mut self) -> Reference {
        self.0.take().unwrap_or_else(|| unreachable!("a place is taken once"))
    }
}

impl Drop for DrainPlace {
    #[inline]
    fn drop(&mut self) {
        if let Some(promise) = self.0.take() {
            Fallen::lost(promise.id(), Fell::Place(promise));
        }
    }
}

/// Something that has fallen in this step.
struct Noted {
    fallen: Fallen,
    /// Where the counter of the tower stood then.
    at: Counter,
    /// The kernel dropped it behind a failure, whose reason it has if there is no nearer one.
    by_failure: bool,
}

thread_local! {
    static FALLEN: RefCell<Vec<Noted>> = const { RefCell::new(Vec::new()) };
    /// The reason for which a process has failed in this step of the tower.
    static FAILED: RefCell<Option<(TowerId, Reason)>> = const { RefCell::new(None) };
    /// States that are to be dropped, while others are being dropped.
    static GRAVES: RefCell<Vec<PromiseState>> = const { RefCell::new(Vec::new()) };
    static BURYING: Cell<bool> = const { Cell::new(false) };
}

impl Fallen {
    pub(super) const fn new(id: ReferenceId, fell: Fell) -> Self {
        Self { id, fell, reason: None }
    }

    /// Whether it is an object or a promise that was made since the counter stood there. One of
    /// another tower has a number of that.
    #[inline]
    pub(crate) fn is_since(&self, counter: Counter) -> bool {
        self.id.is_since(counter) && self.is_own()
    }

    #[cold]
    fn is_own(&self) -> bool {
        match &self.fell {
            Fell::Object(place) => place.site.tower_id() == numbers::tower(),
            Fell::Undecided(promise, _) => promise.tower() == numbers::tower(),
            _ => false,
        }
    }

    /// A process ended for this reason, and it fell with that. The first reason counts.
    fn blame(&mut self, reason: &Reason) {
        self.reason.get_or_insert_with(|| reason.clone());
    }

    /// It fell where nobody is to be told.
    pub(crate) fn alone(self) {
        if let Fell::Undecided(promise, let_go) = self.fell {
            promise.breaks(Broken::from(let_go).into());
        }
    }

    /// It fell outside of every tower, and nobody of one is known who has to do with it. Somebody
    /// may have begun to wait meanwhile, on another thread.
    fn outside(self) {
        if let Fell::Undecided(promise, let_go) = &self.fell
            && let Some(home) = promise.breaks_unawaited(Broken::from(*let_go).into())
        {
            home.let_fall(self);
        }
    }

    /// The thing that fell, if it is of the tower of this site; or else its own tower gets it.
    pub(crate) fn of_tower(self, site: &Arc<Site>) -> Option<Self> {
        let home = match &self.fell {
            Fell::Object(place) => Some(place.site.clone()),
            Fell::Undecided(promise, _) | Fell::Foreign(promise) if promise.is_of_tower(site.tower_id()) => {
                None
            }
            Fell::Undecided(promise, _) | Fell::Foreign(promise) => match promise.state().as_deref() {
                Some(PromiseState::Open(open)) => open.home.clone(),
                _ => None,
            },
            Fell::Over(_) | Fell::Ended(..) | Fell::Unheard(..) | Fell::News(..) | Fell::Place(_) => None,
        };
        match home {
            Some(home) if !home.is_of_tower(site) => {
                home.let_fall(self);
                None
            }
            _ => Some(self),
        }
    }

    /// A VM has ended that was to do this for others.
    #[cold]
    pub(crate) fn lost(id: ReferenceId, fell: Fell) {
        fall(Self::new(id, fell), None);
    }

    /// Nobody can settle this promise any more, or the object will never be there.
    #[cold]
    pub(crate) fn undecided(promise: Reference, let_go: LetGo) {
        let home = match promise.state().as_deref() {
            Some(PromiseState::Open(open)) => open.home.clone(),
            _ => return,
        };
        let id = promise.id();
        fall(Self::new(id, Fell::Undecided(promise, let_go)), home.as_ref());
    }

    /// Somebody of another tower was to settle this promise. It breaks, and its own tower says so
    /// to those who wait.
    #[cold]
    pub(crate) fn foreign(promise: Reference) {
        let home = match promise.state().as_deref() {
            Some(PromiseState::Open(open)) => open.home.clone(),
            _ => return,
        };
        match home {
            Some(home) => home.let_fall(Self::new(promise.id(), Fell::Foreign(promise))),
            None => promise.breaks(Broken::Foreign.into()),
        }
    }
}

/// Notes what fell. `home`: the site of a VM of its tower, if one is known. A promise of another
/// tower goes home when the step is over: a turn that fails in it is the reason there, too.
pub(super) fn fall(fallen: Fallen, home: Option<&Arc<Site>>) {
    let here = numbers::tower();
    let goes_later = || matches!(fallen.fell, Fell::Undecided(..)) && numbers::counter_inside().is_some();
    match home {
        Some(home) if home.tower_id() != here && !goes_later() => home.let_fall(fallen),
        None if numbers::counter_inside().is_none() => fallen.outside(),
        _ => note(fallen),
    }
}

/// The reason for which a process has failed in this step.
fn failed() -> Option<Reason> {
    let here = numbers::tower();
    let reason = |failed: &RefCell<Option<(TowerId, Reason)>>| {
        failed.borrow().as_ref().filter(|(tower, _)| *tower == here).map(|(_, reason)| reason.clone())
    };
    // A thread that is ending has nobody to tell.
    FAILED.try_with(reason).ok().flatten()
}

fn note(fallen: Fallen) {
    // User code that drops something in a turn of its own does that for its own reasons.
    let by_failure = contained::is_in_kernel() && failed().is_some();
    let mut noted = Some(Noted { fallen, at: numbers::counter(), by_failure });
    // A thread that is ending has nobody to tell.
    let _ = FALLEN.try_with(|list| list.borrow_mut().extend(noted.take()));
    contained::note_fallen();
}

/// Takes what has fallen on this thread since the last call, by number. The step, or the input, in
/// which that was is over.
pub(crate) fn take_fallen() -> Vec<Fallen> {
    let failed = FAILED.take().map(|(_, reason)| reason);
    let known = |Noted { mut fallen, by_failure, .. }: Noted| {
        if let Some(reason) = failed.as_ref().filter(|_| by_failure) {
            fallen.blame(reason);
        }
        fallen
    };
    let mut fallen: Vec<_> = FALLEN.take().into_iter().map(known).collect();
    fallen.sort_by_key(|fallen| fallen.id);
    fallen
}

/// A process has failed in this turn: its reason is that of what has fallen since the turn began.
#[cold]
pub(crate) fn blame_turn(turn: TurnId, reason: &Reason) {
    if contained::noted().has_fallen() {
        FALLEN.with_borrow_mut(|fallen| {
            let since = fallen.iter_mut().filter(|noted| turn.is_before(noted.at));
            since.for_each(|noted| noted.fallen.blame(reason));
        });
    }
}

/// A process has failed of what it was told, or of its own action: this is the reason of what falls
/// when the kernel drops that, before the step is over, and has no other reason. The first failure
/// counts.
#[cold]
pub(crate) fn blame_rest(reason: &Reason) {
    FAILED.with_borrow_mut(|failed| {
        failed.get_or_insert_with(|| (numbers::tower(), reason.clone()));
    });
    // So that it is forgotten when the step is over.
    contained::note_fallen();
}

/// How much has fallen so far in this step.
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

impl Mark {
    /// A process is about to end.
    #[inline]
    pub(crate) fn set() -> Self {
        Self(if contained::noted().has_fallen() { FALLEN.with_borrow(Vec::len) } else { 0 })
    }

    /// The process has ended for this reason: it is that of what has fallen since.
    #[inline]
    pub(crate) fn blame(self, reason: &Reason) {
        if contained::noted().has_fallen() {
            self.give_reason(reason, |_| true);
        }
    }

    /// The process has ended for this reason, and its actions that were not performed have gone. An
    /// object that one of them was to spawn was never there, which says more.
    #[inline]
    pub(crate) fn blame_undone(self, reason: &Reason) {
        if contained::noted().has_fallen() {
            self.give_reason(reason, |fell| !matches!(fell, Fell::Undecided(_, LetGo::Spawn)));
        }
    }

    /// The process has failed in this step.
    #[cold]
    pub(crate) fn blame_as_rest(self) {
        if let Some(reason) = failed() {
            self.blame(&reason);
        }
    }

    #[cold]
    fn give_reason(self, reason: &Reason, to: fn(&Fell) -> bool) {
        FALLEN.with_borrow_mut(|fallen| {
            let since = fallen.iter_mut().skip(self.0).filter(|noted| to(&noted.fallen.fell));
            since.for_each(|noted| noted.fallen.blame(reason));
        });
    }
}

/// Drops the state of something that nobody has any more. In it may be the last reference to
/// something else, and so on: each is dropped by itself, so that a long chain needs no stack.
pub(super) fn bury(state: PromiseState) {
    let mut state = Some(state);
    let _ = GRAVES.try_with(|graves| graves.borrow_mut().extend(state.take()));
    if BURYING.replace(true) {
        return;
    }
    let burial = Burial;
    burial.go_on();
}

/// States are being dropped, until none is left. If a destructor in one panics, in a turn, the rest
/// is dropped while that unwinds.
struct Burial;

impl Burial {
    fn go_on(&self) {
        while let Some(state) = GRAVES.try_with(|graves| graves.borrow_mut().pop()).ok().flatten() {
            drop(state);
        }
    }
}

impl Drop for Burial {
    fn drop(&mut self) {
        self.go_on();
        BURYING.set(false);
    }
}
