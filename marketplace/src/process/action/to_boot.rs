//! A process that is to boot.

use std::any::Any;
use std::mem;

use crate::conversation::called::Called;
use crate::conversation::pid::Pid;
use crate::data::reason::Reason;
use crate::data::spare::SpareErased;
use crate::data::value::Value;
use crate::process::action::Outside;
use crate::process::{Booted, Context};

/// A process to be, without its parent's continuation.
pub(crate) struct SpawnSpec<B: ?Sized = dyn Boot> {
    pub(crate) name: Option<Value>,
    /// The code that boots it.
    pub(crate) called: Called,
    /// The kind of process of which a VM holds at most one, if this process is of such a kind.
    pub(crate) only: Option<&'static str>,
    /// Its endpoints do not meet each other and do not hear what it sends.
    pub(crate) apart: bool,
    pub(crate) boot: B,
}

/// A boot: a closure that is called once.
pub(crate) trait Boot: Send {
    /// Takes the PID of the new process, and where it is to be.
    fn boot(&mut self, pid: Pid, outside: &Outside<'_>, context: &mut Context) -> Result<Booted, Reason>;
    /// The place of the closure, in which another one of its type may be put.
    fn place(&mut self) -> &mut dyn Any;
    /// The function that keeps the box of a boot of this type.
    fn keeper(&self) -> fn(Box<SpawnSpec>);
}

/// How large a box may be that is kept, and how many are kept of a type: as many as a host may well
/// ask for at once.
const MOST_BYTES: usize = 256;
const MOST: usize = 128;

thread_local! {
    /// Nothing is in them that would have to be dropped. A process takes 200 instructions less.
    static SPARE: SpareErased<SpawnSpec, MOST> = const { SpareErased::new() };
}

impl SpawnSpec {
    #[inline]
    pub(crate) fn new<F>(called: Called, boot: F) -> Box<Self>
    where
        F: FnOnce(Pid, &Outside<'_>, &mut Context) -> Result<Booted, Reason> + Send + 'static,
    {
        if size_of::<SpawnSpec<Once<F>>>() <= MOST_BYTES
            && let Ok(Some(mut spec)) = SPARE.try_with(SpareErased::take::<F>)
            && let Some(Once(place @ None)) = spec.boot.place().downcast_mut()
        {
            mem::forget(place.replace(boot));
            (spec.called, spec.only, spec.apart) = (called, None, false);
            return spec;
        }
        Box::new(SpawnSpec { name: None, called, only: None, apart: false, boot: Once(Some(boot)) })
    }

    /// Drops it, after its boot has been called and its name has been taken out. Its box is kept
    /// for another one, if it is small.
    #[inline]
    pub(crate) fn retire(mut self: Box<Self>) {
        self.name = None;
        self.boot.keeper()(self);
    }
}

struct Once<F>(Option<F>);

impl<F> Boot for Once<F>
where
    F: FnOnce(Pid, &Outside<'_>, &mut Context) -> Result<Booted, Reason> + Send + 'static,
{
    fn boot(&mut self, pid: Pid, outside: &Outside<'_>, context: &mut Context) -> Result<Booted, Reason> {
        match self.0.take() {
            Some(boot) => boot(pid, outside, context),
            None => unreachable!("a process boots once"),
        }
    }

    fn place(&mut self) -> &mut dyn Any {
        self
    }

    fn keeper(&self) -> fn(Box<SpawnSpec>) {
        match size_of::<SpawnSpec<Self>>() <= MOST_BYTES {
            true => keep::<F>,
            false => drop,
        }
    }
}

/// Keeps a box in which there is no boot any more.
fn keep<F: 'static>(spec: Box<SpawnSpec>) {
    // A thread that is ending makes no process any more.
    let _ = SPARE.try_with(|spare| spare.put::<F>(spec));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conversation::duct::Site;
    use crate::data::numbers::TowerId;

    /// A boot that fails, and holds this until then.
    fn spec(held: Arc<()>) -> Box<SpawnSpec> {
        SpawnSpec::new(Called::NOTHING, move |_, _, _| {
            drop(held);
            Err(Reason::Normal)
        })
    }

    fn boot(spec: &mut SpawnSpec) {
        let site = Site::ground(TowerId::NONE);
        let outside = Outside { path: &site.vm().clone(), site: &site, name: None, called: Called::NOTHING };
        assert!(spec.boot.boot(Pid::BOOT, &outside, &mut Context::new(None)).is_err());
    }

    /// Where it lies.
    fn place(spec: &SpawnSpec) -> *const () {
        (spec as *const SpawnSpec).cast()
    }

    #[test]
    fn a_boot_is_put_into_the_box_of_one_that_has_been_called() {
        let held = Arc::new(());
        let mut first = spec(held.clone());
        (first.name, first.only, first.apart) = (Some("first".into()), Some("kind"), true);
        boot(&mut first);
        assert_eq!(Arc::strong_count(&held), 1);
        let old = place(&first);
        first.retire();
        let mut second = spec(held.clone());
        assert_eq!(place(&second), old);
        assert_eq!((&second.name, second.only, second.apart), (&None, None, false));
        boot(&mut second);
        assert_eq!(Arc::strong_count(&held), 1, "the second is called, too");
    }

    #[test]
    fn a_boot_that_has_not_been_called_leaves_no_box_and_is_dropped() {
        let held = Arc::new(());
        let uncalled = spec(held.clone());
        uncalled.retire();
        let next = spec(held.clone());
        assert_eq!(Arc::strong_count(&held), 2, "that of the next one, and ours");
        drop(next);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
