//! JavaScript: one engine a vat, which shares nothing with another.

mod allocator;
mod functions;
mod loading;
mod meter;
mod modules;
mod rejected;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Function, Object, Runtime};

use self::allocator::Counting;
use self::meter::Meter;
use self::rejected::Rejected;
use crate::options::Options;
use crate::wall::{Input, Shared, Wall, lock};

/// A vat's JavaScript, loaded. Nothing in it runs but in a turn.
pub(crate) struct Engine {
    context: Context,
    runtime: Runtime,
    meter: Arc<Meter>,
    input: Shared<Option<Input>>,
    /// Promises that were rejected in this turn, and that nobody has taken.
    rejected: Shared<Rejected>,
    options: Options,
    name: String,
    is_shell: bool,
}

impl Engine {
    /// An engine without anything of the vat's in it.
    fn new(name: &str, options: &Options, is_shell: bool) -> rquickjs::Result<Self> {
        let meter = Arc::new(Meter::new(options));
        let runtime = Runtime::new_with_alloc(Counting(meter.clone()))?;
        runtime.set_max_stack_size(options.stack);
        let polled = meter.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || polled.poll())));
        let context = Context::full(&runtime)?;
        let rejected: Shared<Rejected> = Arc::default();
        let noted = rejected.clone();
        runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, why, is_handled| {
            let id = id_of(&promise);
            if is_handled {
                return lock(&noted).taken(id);
            }
            let has_room = lock(&noted).has_room();
            let reason = has_room.then(|| shown(&ctx, why));
            lock(&noted).add(id, reason);
        })));
        Ok(Self {
            context,
            runtime,
            meter,
            input: Arc::new(Mutex::new(None)),
            rejected,
            options: options.clone(),
            name: name.into(),
            is_shell,
        })
    }

    /// Runs the jobs that there are.
    ///
    /// # Errors
    /// If there are too many, or one failed: no job of the language's own does, so something ran
    /// out.
    fn drain(&self) -> Result<(), String> {
        for _ in 0..self.options.jobs {
            match self.runtime.execute_pending_job() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    let why = error.0.with(|ctx| shown(&ctx, ctx.catch()));
                    if !self.is_shell {
                        return Err(why);
                    }
                    (self.options.unheard)(&self.name, &why);
                }
            }
        }
        Err(format!("a turn had more than {} jobs", self.options.jobs))
    }

    /// Tells of the promises that were rejected, and that nobody has taken.
    fn tell_rejected(&self) {
        let rejected = std::mem::take(&mut *lock(&self.rejected));
        rejected.lines().for_each(|why| (self.options.unheard)(&self.name, &why));
    }

    /// Whether nearly all memory is in use by what can be reached.
    fn is_still_full(&self) -> bool {
        self.runtime.run_gc();
        self.meter.is_full()
    }

    fn call_turn(&self) -> Result<(), String> {
        self.context.with(|ctx| {
            let called = made(&ctx).and_then(|made| made.get::<_, Function<'_>>("turn")?.call::<_, ()>(()));
            called.catch(&ctx).map_err(|error| text_of(&ctx, error))
        })
    }
}

impl Wall for Engine {
    fn turn(&mut self, input: Input) -> Result<(), String> {
        self.meter.begin();
        *lock(&self.input) = Some(input);
        let called = self.call_turn();
        let drained = self.drain();
        self.tell_rejected();
        match self.meter.reached() {
            Some(limit) if !self.is_shell || self.is_still_full() => Err(limit),
            _ if self.is_shell => Ok(()),
            _ => called.and(drained),
        }
    }
}

/// The object that the prelude made.
fn made<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    match ctx.userdata::<Object<'js>>() {
        Some(made) => Ok((*made).clone()),
        None => Err(rquickjs::Error::Unknown),
    }
}

/// The identity of a promise, while it is there.
fn id_of(promise: &rquickjs::Value<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    promise.hash(&mut hasher);
    hasher.finish()
}

/// A value as text, for people.
fn shown<'js>(ctx: &Ctx<'js>, value: rquickjs::Value<'js>) -> String {
    let text = made(ctx).and_then(|made| made.get::<_, Function<'_>>("inspect")?.call((value,)));
    text.catch(ctx).unwrap_or_else(|error| error.to_string().trim().to_string())
}

fn text_of<'js>(ctx: &Ctx<'js>, error: CaughtError<'js>) -> String {
    match error {
        CaughtError::Error(error) => error.to_string(),
        CaughtError::Exception(error) => shown(ctx, error.into_object().into_value()),
        CaughtError::Value(value) => shown(ctx, value),
    }
}
