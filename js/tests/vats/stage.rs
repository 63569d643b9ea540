//! A program of vats, from texts, in a sim.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::{Asked, Sim};
use marketplace_js::{Listener, LoadError, Options, Program, Tables, bootstrap, shell_vat, vat};

/// A folder of sources, which goes with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("marketplace-js-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn read(&self, name: &str, file: &str) -> Result<Program, LoadError> {
        Program::read(name, &self.0.join(file), &self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Lines that were said, with whoever said them.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn listener(&self, with_name: bool) -> Listener {
        let lines = self.0.clone();
        Arc::new(move |vat, line| {
            let line = if with_name { format!("{vat}: {line}") } else { line.to_string() };
            lines.lock().unwrap().push(line);
        })
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// How many polls a turn may have on a stage: a loop without end is soon over.
pub(crate) const POLLS: u64 = 10_000_000;

/// No machine is so slow that a turn takes this long.
pub(crate) const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A program of vats that runs in a sim.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) said: Lines,
    pub(crate) logged: Lines,
    pub(crate) unheard: Lines,
    pub(crate) options: Options,
    pub(crate) roots: Vec<(String, Reference)>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let (said, logged, unheard) = (Lines::default(), Lines::default(), Lines::default());
        let options = Options {
            console: said.listener(false),
            log: logged.listener(false),
            unheard: unheard.listener(true),
            polls: POLLS,
            deadline: NEVER,
            ..Options::default()
        };
        let sim = Sim::new(|_| transition_no_state!());
        Self { sim, said, logged, unheard, options, roots: Vec::new() }
    }

    /// Loads one vat.
    pub(crate) fn load(&mut self, program: &Program) -> Result<Reference, LoadError> {
        let (process, root) = vat(program, &self.options)?;
        self.sim.spawn(process);
        self.roots.push((program.name().into(), root.clone()));
        Ok(root)
    }

    /// A vat of one text.
    pub(crate) fn vat(&mut self, name: &str, text: &str) -> Reference {
        let folder = Folder::new(&[("vat.js", text)]);
        self.load(&folder.read(name, "vat.js").unwrap()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A vat in the form of 2019, whose root has these methods.
    pub(crate) fn root(&mut self, name: &str, methods: &str) -> Reference {
        self.vat(name, &setup(methods))
    }

    /// Sends `bootstrap` to the last vat that was loaded.
    pub(crate) fn bootstrap(&mut self, argv: &[&str]) {
        let argv: Vec<_> = argv.iter().map(ToString::to_string).collect();
        let (_, root) = self.roots.pop().unwrap();
        let parts = bootstrap(&argv, self.roots.iter().cloned());
        self.sim.tell(|cx| drop(send_parts(cx, &root, parts)));
        self.sim.run();
    }

    pub(crate) fn ask(&mut self, root: &Reference, verb: &str, arguments: impl Into<Value>) -> Asked<Value> {
        let asked = self.sim.ask(|cx| send(cx, root, verb, arguments.into()));
        self.sim.run();
        asked
    }

    /// The answer of a method, as text; or the reason.
    pub(crate) fn answer(&mut self, root: &Reference, verb: &str, arguments: impl Into<Value>) -> String {
        match self.ask(root, verb, arguments).answer() {
            Some(Ok(value)) => value.to_string(),
            Some(Err(reason)) => format!("broken: {reason}"),
            None => "open".into(),
        }
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.options.tables
    }

    pub(crate) fn shell(&mut self) -> Reference {
        let (process, root) = shell_vat(&self.options);
        self.sim.spawn(process);
        let vats = marketplace::im::OrdMap::from_iter(
            self.roots
                .iter()
                .map(|(name, root)| (Value::from(Text::from(name.as_str())), Value::from(root.clone()))),
        );
        self.ask(&root, "adopt", (Value::map(vats).unwrap(),));
        root
    }
}

/// A source in the form of 2019, whose root has these methods.
pub(crate) fn setup(methods: &str) -> String {
    format!(
        "import harden from '@agoric/harden';
         export default function setup(syscall, state, helpers) {{
           const log = helpers.log;
           return helpers.makeLiveSlots(syscall, state, E => harden({{ {methods} }}), helpers.vatID);
         }}"
    )
}
