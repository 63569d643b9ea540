//! The modules of a vat: those of its program, and no other.

use std::sync::Arc;

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Exception, Module};

use crate::sources::Program;

/// The modules of a program.
pub(super) struct Modules(pub(super) Arc<Program>);

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        match self.0.link(base, name) {
            Some(module) => Ok(module.into()),
            None => {
                Err(Exception::throw_type(ctx, &format!("'{name}' was not there when the vat was loaded")))
            }
        }
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        match self.0.module(name) {
            Some(text) => Module::declare(ctx.clone(), name, text),
            None => Err(Exception::throw_type(ctx, &format!("there is no module '{name}'"))),
        }
    }
}
