//! A process that has booted.

use std::any::{Any, TypeId};
use std::mem;

use crate::conversation::called::Called;
use crate::conversation::pid::Pid;
use crate::conversation::promise::ObjectPlace;
use crate::conversation::role::Role;
use crate::data::door;
use crate::data::few::Few;
use crate::data::reason::{Failure, Reason};
use crate::data::slots::{FirstNear, Slots};
use crate::data::spare::SpareErased;
use crate::process::action::{Act, EndpointSpec, Stored, Watch};
use crate::process::objects::Arriving;
use crate::process::queue::Work;
use crate::process::transition::Transition;
use crate::process::{Context, ErasedProcess, Process};
use crate::vm::Vm;

/// How large a process may be whose box is kept, and how many are kept of a type.
const MOST_BYTES: usize = 256;
const MOST: usize = 128;

thread_local! {
    /// Processes that are as new, but for the box. A process takes 200 instructions less.
    static SPARE: SpareErased<dyn Any, MOST> = const { SpareErased::new() };
}

/// A process in a box, which may have been that of another one.
#[inline]
fn boxed<S: Send + 'static>(state: S, called: Called) -> Box<Process<S>> {
    if let Some(mut process) = spare() {
        // Nothing is there that would have to be dropped.
        mem::forget(process.state.replace(state));
        process.called = called;
        return process;
    }
    let (handlers, kept) = (FirstNear::new(), Slots::new());
    Box::new(Process { state: Some(state), handlers, kept, peeks: None, called })
}

#[inline]
fn spare<S: Send + 'static>() -> Option<Box<Process<S>>> {
    if size_of::<Process<S>>() > MOST_BYTES {
        return None;
    }
    SPARE.try_with(SpareErased::take::<S>).ok()??.downcast().ok()
}

/// Keeps a process that has been emptied.
#[inline]
pub(super) fn keep<S: Send + 'static>(mut process: Box<Process<S>>) {
    if size_of::<Process<S>>() <= MOST_BYTES {
        process.peeks = None;
        // A thread that is ending makes no process any more.
        let _ = SPARE.try_with(|spare| spare.put::<S>(process));
    }
}

/// A process that has booted, and its first actions, not queued yet.
pub(crate) struct Booted {
    pub(crate) body: Box<dyn ErasedProcess>,
    pub(crate) actions: Few<Work>,
    /// The rest, which few processes have.
    pub(crate) rest: Option<Box<Rest>>,
}

/// The things of a process that has booted which few have.
#[derive(Default)]
pub(crate) struct Rest {
    /// It is a VM.
    pub(crate) is_vm: bool,
    /// Endpoints that the process's parent gives it.
    pub(crate) guests: Vec<Act<Stored>>,
    /// The object for which the process was made, and where it is.
    pub(crate) arriving: Option<(Arriving, ObjectPlace)>,
}

impl Booted {
    /// Calls a boot.
    pub(crate) fn new<S: Send + 'static>(
        pid: Pid,
        called: Called,
        context: &mut Context,
        boot: impl FnOnce(&mut Context) -> Result<Transition<S>, Failure>,
    ) -> Result<Self, Reason> {
        let mut boot = Some(boot);
        let mut boot = |context: &mut Context| match boot.take() {
            Some(boot) => boot(context),
            None => unreachable!("a boot is called once"),
        };
        Self::of_state(pid, called, context, &mut boot)
    }

    /// One function for all boots that make this state: a program has many more boots than states,
    /// and is compiled in less time if each brings less code of its own.
    // Optimized and not in line, a process that is spawned and exits takes 50 instructions more.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn of_state<S: Send + 'static>(
        pid: Pid,
        called: Called,
        context: &mut Context,
        boot: &mut dyn FnMut(&mut Context) -> Result<Transition<S>, Failure>,
    ) -> Result<Self, Reason> {
        let transition =
            door::enter(|| boot(context)).map_err(|failed| *failed)?.map_err(|Failure(reason)| reason)?;
        let Transition { state, actions } = transition;
        let mut process = boxed(state, called);
        let actions = process.first(actions, pid);
        let is_vm = TypeId::of::<S>() == TypeId::of::<Vm>();
        let rest = is_vm.then(|| Box::new(Rest { is_vm, ..Rest::default() }));
        Ok(Self { body: process, actions, rest })
    }

    /// One more endpoint, of which the process knows nothing.
    pub(crate) fn add_guest(&mut self, role: Role, watch: Watch) {
        let handler = self.body.adopt(watch);
        self.rest.get_or_insert_default().guests.push(Act::Add(EndpointSpec::boxed(role), handler.into()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{AddEndpoint, Value, peekable, peekable_now, yield_now};

    fn booted<S: Send + 'static>(state: S) -> Box<dyn ErasedProcess> {
        booted_by(Called::NOTHING, Transition::new(state, ()))
    }

    fn booted_by<S: Send + 'static>(called: Called, made: Transition<S>) -> Box<dyn ErasedProcess> {
        match Booted::new(Pid::BOOT, called, &mut Context::new(None), |_| Ok(made)) {
            Ok(booted) => booted.body,
            Err(reason) => panic!("{reason}"),
        }
    }

    fn state<S: Send + 'static>(body: &dyn ErasedProcess) -> Option<&S> {
        body.as_any_ref().downcast_ref::<Process<S>>()?.state()
    }

    /// Where it lies.
    fn place(body: &dyn ErasedProcess) -> *const () {
        (body as *const dyn ErasedProcess).cast()
    }

    #[test]
    fn a_process_is_made_in_the_box_of_one_of_its_type_that_has_ended() {
        let told = Arc::new(());
        let first = booted(("first", told.clone()));
        let old = place(&*first);
        first.retire();
        assert_eq!(Arc::strong_count(&told), 1, "nothing of the first is left");
        let second = booted(("second", told.clone()));
        assert_eq!((place(&*second), state::<(&str, Arc<()>)>(&*second).unwrap().0), (old, "second"));
        drop(second);
        assert_eq!(Arc::strong_count(&told), 1);
    }

    #[test]
    fn nothing_of_the_first_is_seen_in_the_second() {
        let deaf = AddEndpoint::new(Role::subscriber(Value::from("a")), |_, turn| turn.skip());
        let later = yield_now(|state: String| Transition::new(state, ()));
        let actions = (peekable(), peekable_now::<_, String>(), deaf, later);
        let by_first = Called::as_written(|| "first");
        let first = booted_by(by_first, Transition::new("first".to_string(), actions));
        let own = |body: &dyn ErasedProcess| {
            let process: &Process<String> = body.as_any_ref().downcast_ref().unwrap();
            (process.handlers.iter().count(), process.kept.len(), process.called)
        };
        assert_eq!(own(&*first), (1, 1, by_first));
        assert!(first.snapshot().is_some() && first.snapshot_now().is_some());
        let old = place(&*first);
        first.retire();
        let by_second = Called::as_written(|| "second");
        let second = booted_by(by_second, Transition::new("second".to_string(), ()));
        assert_eq!(place(&*second), old);
        assert_eq!(own(&*second), (0, 0, by_second));
        assert_eq!((second.snapshot(), second.snapshot_now()), (None, None));
    }

    #[test]
    fn so_many_boxes_are_kept_and_none_that_is_large() {
        let bodies: Vec<_> = (0..2 * MOST as u32).map(|n| booted((n, "small"))).collect();
        bodies.into_iter().for_each(|body| body.retire());
        let kept = || std::iter::from_fn(|| SPARE.with(SpareErased::take::<(u32, &str)>)).count();
        assert_eq!(kept(), MOST);
        booted([0u8; MOST_BYTES]).retire();
        assert!(SPARE.with(SpareErased::take::<[u8; MOST_BYTES]>).is_none());
    }
}
