//! Loads the vats of a basedir.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use tokio::runtime::Builder;
use tokio::sync::Notify;

#[cfg(feature = "js")]
use crate::basedir::BOOTSTRAP;
use crate::basedir::{Basedir, Recipe, Setting};
use crate::container::{Container, Ended, LoadError, Loaded, others};

pub(super) fn load(basedir: Basedir, argv: Vec<String>) -> Result<Container, LoadError> {
    let (setting, recipes) = basedir.into_recipes()?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|why| LoadError::NoRuntime(Arc::new(why)))?;

    let ended = Arc::new(Mutex::new(Vec::new()));
    let (mut actions, mut vats) = (ActionTree::new(), Vec::new());
    for (name, recipe) in recipes {
        let (spawn, root) = make(&name, recipe, &setting, &argv)?;
        actions = actions!(actions, name_process(name.as_str(), spawn), watch(&name, &root, &ended));
        vats.push(Loaded { name, root });
    }
    let (spawn, peer) = setting.peer.unzip();
    actions = actions!(actions, spawn);
    #[cfg(feature = "js")]
    let shell = if setting.has_shell {
        let (spawn, shell) = marketplace_js::shell_vat(&setting.options);
        actions = actions!(actions, name_process("shell", spawn));
        Some(shell)
    } else {
        None
    };

    let bell = Arc::new(Notify::new());
    let rings = bell.clone();
    let (vat, pump) = {
        let _runtime = runtime.enter();
        Vat::manual(VatOptions::default(), move |_| transition_no_state!(actions), move || rings.notify_one())
    };
    let mut container = Container {
        pump,
        vat,
        runtime,
        bell,
        vats,
        ended,
        peer,
        #[cfg(feature = "js")]
        options: setting.options,
        #[cfg(feature = "js")]
        shell,
    };
    container.turn_over();
    if let Some(Ended { vat, reason }) = container.ended().into_iter().next() {
        return Err(LoadError::Ended { vat, reason });
    }
    #[cfg(feature = "js")]
    container.introduce_shell()?;
    container.begin(argv)?;
    Ok(container)
}

fn make(
    name: &str,
    recipe: Recipe,
    setting: &Setting,
    argv: &[String],
) -> Result<(Spawn<()>, Reference), LoadError> {
    match recipe {
        Recipe::Native(make) => Ok(make()),
        Recipe::Source(path) => source(name, path, setting, argv),
    }
}

#[cfg(feature = "js")]
fn source(
    name: &str,
    path: PathBuf,
    setting: &Setting,
    argv: &[String],
) -> Result<(Spawn<()>, Reference), LoadError> {
    use marketplace_js::{Options, Program};

    let program = Program::read(name, &path, &setting.root).map_err(Arc::new)?;
    let argv = (name == BOOTSTRAP).then(|| argv.to_vec());
    let options = Options { argv, ..setting.options.clone() };
    Ok(marketplace_js::vat(&program, &options).map_err(Arc::new)?)
}

#[cfg(not(feature = "js"))]
fn source(
    name: &str,
    path: PathBuf,
    _setting: &Setting,
    _argv: &[String],
) -> Result<(Spawn<()>, Reference), LoadError> {
    Err(LoadError::NoJavaScript { vat: name.into(), path })
}

/// Notes the end of a vat.
fn watch(name: &str, root: &Reference, ended: &Arc<Mutex<Vec<Ended>>>) -> Action<()> {
    let (vat, ended) = (name.to_string(), ended.clone());
    when_broken(&cast::<()>(root), move |(), reason| {
        let reason = match reason.decode::<Broken>() {
            Some(Broken::Gone(why)) => why,
            _ => reason,
        };
        ended.lock().unwrap_or_else(PoisonError::into_inner).push(Ended { vat, reason });
        transition_no_state!()
    })
}

impl Container {
    /// Queues the message that begins.
    fn begin(&mut self, argv: Vec<String>) -> Result<(), LoadError> {
        let argv: Vec<Text> = argv.into_iter().map(Text::from).collect();
        let roots = others(&self.vats).map(|vat| (Text::from(&*vat.name), vat.root.clone()));
        let roots: BTreeMap<_, _> = roots.collect();
        let devices = BTreeMap::<Text, Value>::new();
        let Some(Loaded { root, .. }) = self.vats.last().cloned() else {
            unreachable!("`bootstrap` is the last one")
        };
        self.vat.tell(|cx| send(cx, &root, "bootstrap", (argv, roots, devices)))?;
        // It takes the message in, and performs nothing.
        self.pump.pump_max(0);
        self.look(|debugger| debugger.pause());
        Ok(())
    }
}
