//! The host's functions, as the prelude sees them.

use std::sync::Arc;

use rquickjs::context::EvalOptions;
use rquickjs::function::Func;
use rquickjs::{Array, CatchResultExt, Ctx, Exception, Object, Value};

use super::{Engine, text_of};
use crate::tildot::tildot;
use crate::wall::{Body, Input, Settled, Shared, Syscalls, lock};

/// The one who hears the calls.
pub(super) type Calls = Shared<dyn Syscalls>;

impl Engine {
    /// The functions that the prelude calls.
    pub(super) fn functions<'js>(&self, ctx: &Ctx<'js>, calls: &Calls) -> rquickjs::Result<Object<'js>> {
        let host = Object::new(ctx.clone())?;
        self.lines(&host)?;
        syscalls(&host, calls)?;
        let input = self.input.clone();
        host.set("next", Func::from(move |ctx: Ctx<'js>| next(&ctx, lock(&input).take())))?;
        let meter = self.meter.clone();
        host.set("charge", Func::from(move |units: f64| meter.charge(units as u64)))?;
        if self.is_shell {
            self.shell(&host, calls)?;
        }
        Ok(host)
    }

    fn lines(&self, host: &Object<'_>) -> rquickjs::Result<()> {
        let listeners =
            [("say", &self.options.console), ("log", &self.options.log), ("unheard", &self.options.unheard)];
        for (function, listener) in listeners {
            let (listener, name) = (listener.clone(), self.name.clone());
            host.set(function, Func::from(move |line: String| listener(&name, &line)))?;
        }
        Ok(())
    }

    fn shell<'js>(&self, host: &Object<'js>, calls: &Calls) -> rquickjs::Result<()> {
        let tables = self.options.tables.clone();
        host.set("tables", Func::from(move || tables.to_json()))?;
        let wanted = calls.clone();
        host.set("want", Func::from(move |what: String| lock(&wanted).want(what)))?;
        let meter = self.meter.clone();
        host.set(
            "evaluate",
            Func::from(move |ctx: Ctx<'js>, line: String| {
                let shown = evaluate(&ctx, &line);
                // A line that went over a limit is over; the prompt is not.
                meter.begin();
                shown
            }),
        )
    }
}

fn syscalls(host: &Object<'_>, calls: &Calls) -> rquickjs::Result<()> {
    let to = calls.clone();
    host.set(
        "send",
        Func::from(
            move |ctx: Ctx<'_>,
                  target: String,
                  method: Option<String>,
                  text,
                  slots,
                  result: Option<String>| {
                let sent = lock(&to).send(&target, method.as_deref(), &Body { text, slots }, result);
                or_throw(&ctx, sent)
            },
        ),
    )?;
    let to = calls.clone();
    host.set(
        "subscribe",
        Func::from(move |ctx: Ctx<'_>, promise: String| {
            let subscribed = lock(&to).subscribe(&promise);
            or_throw(&ctx, subscribed)
        }),
    )?;
    let to = calls.clone();
    host.set(
        "settle",
        Func::from(move |ctx: Ctx<'_>, promise: String, how: String, text, slots| {
            let how = match how.as_str() {
                "data" => Settled::Data,
                "presence" => Settled::Presence,
                _ => Settled::Rejected,
            };
            let settled = lock(&to).settle(&promise, how, &Body { text, slots });
            or_throw(&ctx, settled)
        }),
    )?;
    let to = calls.clone();
    host.set("released", Func::from(move || lock(&to).take_released()))?;
    let to = calls.clone();
    host.set("retire", Func::from(move |promise: String| lock(&to).retire(&promise)))
}

/// Throws the error of a call.
fn or_throw(ctx: &Ctx<'_>, outcome: Result<(), String>) -> rquickjs::Result<()> {
    outcome.map_err(|why| Exception::throw_type(ctx, &why))
}

/// An input, as a list.
fn next<'js>(ctx: &Ctx<'js>, input: Option<Input>) -> rquickjs::Result<Value<'js>> {
    let Some(input) = input else { return Ok(Value::new_undefined(ctx.clone())) };
    let list = Array::new(ctx.clone())?;
    match input {
        Input::Deliver { target, method, arguments, result } => {
            list.set(0, "deliver")?;
            list.set(1, target)?;
            list.set(2, method)?;
            list.set(3, arguments.text)?;
            list.set(4, arguments.slots)?;
            list.set(5, result)?;
        }
        Input::Notify { promise, news, body } => {
            list.set(
                0,
                match news {
                    Settled::Data => "data",
                    Settled::Presence => "presence",
                    Settled::Rejected => "reject",
                },
            )?;
            list.set(1, promise)?;
            list.set(3, body.text)?;
            list.set(4, body.slots)?;
        }
    }
    Ok(list.into_value())
}

/// Evaluates the line of a shell. Gives a list: its value, or in the second place a text that says
/// what went wrong; whether the value is a promise of it; whether nothing is to be shown.
fn evaluate<'js>(ctx: &Ctx<'js>, line: &str) -> rquickjs::Result<Array<'js>> {
    let outcome = Array::new(ctx.clone())?;
    let source = match tildot(line) {
        Ok(source) => source,
        Err(error) => {
            outcome.set(1, format!("SyntaxError: {error}"))?;
            return Ok(outcome);
        }
    };
    let awaits = has_await(&source);
    let options = || {
        let mut options = EvalOptions::default();
        options.strict = false;
        options.promise = awaits;
        options
    };
    outcome.set(2, awaits)?;
    let source_begins = |name: &str| source.trim_start().starts_with(name);
    let is_silent = ["HandledPromise.applyMethodSendOnly(", "HandledPromise.applyFunctionSendOnly("];
    outcome.set(3, is_silent.into_iter().any(source_begins))?;
    // An object rather than a block, as every console takes it.
    if source.trim_start().starts_with('{') && !source.trim_end().ends_with(';') {
        match ctx.eval_with_options::<Value<'_>, _>(format!("({source}\n)"), options()) {
            Ok(value) => {
                outcome.set(0, value)?;
                return Ok(outcome);
            }
            Err(_) => drop(ctx.catch()),
        }
    }
    match ctx.eval_with_options::<Value<'_>, _>(source.as_str(), options()).catch(ctx) {
        Ok(value) => outcome.set(0, value)?,
        Err(error) => outcome.set(1, text_of(ctx, error))?,
    }
    Ok(outcome)
}

fn has_await(source: &str) -> bool {
    source.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|word| word == "await")
}

/// The calls of a vat that is loaded only to see where it fails.
pub(super) struct Nobody;

impl Syscalls for Nobody {
    fn send(&mut self, _: &str, _: Option<&str>, _: &Body, _: Option<String>) -> Result<(), String> {
        Ok(())
    }
    fn subscribe(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn settle(&mut self, _: &str, _: Settled, _: &Body) -> Result<(), String> {
        Ok(())
    }
    fn retire(&mut self, _: &str) {}
    fn take_released(&mut self) -> Vec<String> {
        Vec::new()
    }
    fn want(&mut self, _: String) {}
}

/// Nobody hears.
pub(super) fn nobody() -> Calls {
    Arc::new(std::sync::Mutex::new(Nobody))
}
