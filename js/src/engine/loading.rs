//! From a program to a vat's JavaScript.

use std::sync::Arc;

use rquickjs::{CatchResultExt, CaughtError, Ctx, Function, Module, Object, Promise};

use super::functions::{Calls, nobody};
use super::modules::Modules;
use super::{Engine, made, text_of};
use crate::error::LoadError;
use crate::options::Options;
use crate::prelude::PRELUDE;
use crate::sources::Program;

/// Whether errors say where they are from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stacks {
    /// They do not: a vat sees nothing of that.
    Hidden,
    /// They do: for the message about a source that cannot be loaded.
    Shown,
}

/// Why it cannot be loaded.
enum Failed {
    Thrown { what: String, stack: String },
    NoVat(String),
    Limit(String),
}

impl Engine {
    /// Evaluates the program, and calls its `setup`.
    ///
    /// # Errors
    /// If it cannot be evaluated, or is no vat.
    pub(crate) fn load(
        program: &Arc<Program>,
        options: &Options,
        calls: &Calls,
        is_shell: bool,
    ) -> Result<Self, LoadError> {
        Self::attempt(program, options, calls, is_shell, Stacks::Hidden).map_err(|failed| {
            let vat = program.name().to_string();
            let place = program.entry().to_string();
            match failed {
                Failed::Limit(limit) => LoadError::Limit { vat, place, limit },
                Failed::NoVat(what) => LoadError::NoVat { vat, place, what },
                Failed::Thrown { what, .. } => {
                    let place = Self::place(program, options).unwrap_or(place);
                    LoadError::Thrown { vat, place, what }
                }
            }
        })
    }

    /// Loads it once more, to see where it throws.
    fn place(program: &Arc<Program>, options: &Options) -> Option<String> {
        let quiet =
            Options { tables: options.tables.clone(), argv: options.argv.clone(), ..Options::default() };
        let quiet = Options { memory: options.memory, stack: options.stack, polls: options.polls, ..quiet };
        match Self::attempt(program, &quiet, &nobody(), false, Stacks::Shown) {
            Err(Failed::Thrown { stack, .. }) => place_in(&stack, program),
            _ => None,
        }
    }

    fn attempt(
        program: &Arc<Program>,
        options: &Options,
        calls: &Calls,
        is_shell: bool,
        stacks: Stacks,
    ) -> Result<Self, Failed> {
        let broken = |error: rquickjs::Error| Failed::Limit(error.to_string());
        let engine = Self::new(program.name(), options, is_shell).map_err(broken)?;
        let modules = || Modules(program.clone());
        engine.runtime.set_loader(modules(), modules());
        engine.guarded(|ctx| engine.furnish(ctx, calls, stacks))?;
        // All that comes now is the vat's own.
        engine.meter.begin();
        engine.guarded(|ctx| {
            let entry = program.module(program.entry()).unwrap_or_default();
            let (module, promise) = Module::declare(ctx.clone(), program.entry(), entry)?.eval()?;
            ctx.globals().set("__module", module.namespace()?)?;
            ctx.globals().set("__evaluated", promise)
        })?;
        engine.drained()?;
        let missing = engine.guarded(|ctx| {
            let globals = ctx.globals();
            let evaluated: Promise<'_> = globals.get("__evaluated")?;
            let module: Object<'_> = globals.get("__module")?;
            for name in ["__evaluated", "__module", "__library"] {
                globals.remove(name)?;
            }
            match evaluated.result::<()>() {
                None => return Ok(Some("what it awaits at its top never comes".to_string())),
                Some(evaluated) => evaluated?,
            }
            let start: Function<'_> = made(ctx)?.get("start")?;
            start.call((module, program.name(), options.argv.clone()))
        })?;
        if let Some(missing) = missing {
            return Err(Failed::NoVat(missing));
        }
        engine.drained()?;
        engine.tell_rejected();
        Ok(engine)
    }

    /// Evaluates the prelude.
    fn furnish<'js>(&self, ctx: &Ctx<'js>, calls: &Calls, stacks: Stacks) -> rquickjs::Result<()> {
        let prelude: Function<'_> = ctx.eval(PRELUDE)?;
        let options = Object::new(ctx.clone())?;
        options.set("shell", self.is_shell)?;
        options.set("stacks", stacks == Stacks::Shown)?;
        let made: Object<'_> = prelude.call((self.functions(ctx, calls)?, options))?;
        ctx.globals().set("__library", made.get::<_, Object<'_>>("library")?)?;
        drop(ctx.store_userdata(made));
        Ok(())
    }

    fn guarded<R>(&self, work: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<R>) -> Result<R, Failed> {
        self.context.with(|ctx| {
            work(&ctx).catch(&ctx).map_err(|error| {
                if let Some(limit) = self.meter.reached() {
                    return Failed::Limit(limit);
                }
                let stack = match &error {
                    CaughtError::Exception(exception) => exception.stack().unwrap_or_default(),
                    _ => String::new(),
                };
                Failed::Thrown { what: text_of(&ctx, error), stack }
            })
        })
    }

    fn drained(&self) -> Result<(), Failed> {
        let drained = self.drain();
        match self.meter.reached() {
            Some(limit) => Err(Failed::Limit(limit)),
            None => drained.map_err(Failed::Limit),
        }
    }
}

/// The first place in a stack that is in a file of the program: its name and line.
fn place_in(stack: &str, program: &Program) -> Option<String> {
    stack.lines().find_map(|line| {
        let place = line.trim().rsplit(['(', ' ']).next()?.trim_end_matches(')');
        let (place, _column) = place.rsplit_once(':')?;
        let (file, _line) = place.rsplit_once(':')?;
        program.module(file).map(|_| place.to_string())
    })
}
