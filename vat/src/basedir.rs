//! A basedir: which vats there are, and where each comes from.

mod error;
mod scan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use marketplace::Spawn;
use marketplace::objects::*;
use marketplace_captp::Peer;
use marketplace_captp::netlayer::Netlayer;

pub use self::error::BasedirError;

/// The name of the vat that begins.
pub const BOOTSTRAP: &str = "bootstrap";

/// The vats of a container before they are loaded: sources in a folder, and vats of Rust.
///
/// A vat of Rust is an object in a process of its own. `bootstrap` is a name like any other; a
/// basedir without it cannot be loaded.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use vat::{Basedir, Container};
///
/// struct Greeter;
///
/// #[object]
/// impl Greeter {
///     fn greet(&self, name: Text) -> Text {
///         format!("hello, {name}").into()
///     }
/// }
///
/// struct Bootstrap;
///
/// #[object]
/// impl Bootstrap {
///     fn bootstrap(&self, cx: &Cx<Self>, argv: Vec<Text>, vats: BTreeMap<Text, Far<Greeter>>, _: Value) {
///         let greeting = vats[&Text::from("greeter")].greet(cx, &*argv[0]);
///         drop(cx.when(greeting, |_, _, greeting| {
///             assert_eq!(greeting?, "hello, ann");
///             Ok(())
///         }));
///     }
/// }
///
/// let basedir = Basedir::new().with("greeter", || Greeter).with("bootstrap", || Bootstrap);
/// let mut container = Container::load(basedir, ["ann"]).unwrap();
/// container.run();
/// assert!(container.ended().is_empty());
/// ```
#[derive(Default)]
pub struct Basedir {
    pub(crate) setting: Setting,
    vats: BTreeMap<String, Recipe>,
    /// Two vats of one name.
    twice: Option<BasedirError>,
    ignored: Vec<PathBuf>,
    /// The folder, for errors.
    dir: PathBuf,
}

/// The things with which vats are made, and those that are there besides.
#[derive(Default)]
pub(crate) struct Setting {
    /// Where imports may lead.
    pub(crate) root: PathBuf,
    /// How others reach the vats.
    pub(crate) peer: Option<(Spawn<()>, Far<dyn Peer>)>,
    #[cfg(feature = "js")]
    pub(crate) options: marketplace_js::Options,
    /// There is a prompt.
    #[cfg(feature = "js")]
    pub(crate) has_shell: bool,
}

/// How a vat is made.
pub(crate) enum Recipe {
    /// From this source.
    Source(PathBuf),
    /// By this closure.
    Native(Native),
}

type Native = Box<dyn FnOnce() -> (Spawn<()>, Reference) + Send>;

impl Basedir {
    /// A basedir without a folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The sources in this folder: `vat-NAME.js` and `vat-NAME/index.js` are vats called NAME, and
    /// `bootstrap.js` is the vat that begins. Names that end in `~` are ignored silently; all else
    /// is in [`Basedir::ignored`].
    ///
    /// # Errors
    /// If the folder cannot be read, or a name is given twice, is empty or reserved.
    pub fn scan(dir: impl AsRef<Path>) -> Result<Self, BasedirError> {
        scan::scan(dir.as_ref())
    }

    /// The folder below which the real path of every import must lie, in place of the basedir.
    #[must_use]
    pub fn root(mut self, root: impl Into<PathBuf>) -> Self {
        self.setting.root = root.into();
        self
    }

    /// A way to vats elsewhere, and from there: [`Container::publish`](crate::Container::publish).
    #[must_use]
    pub fn netlayer(mut self, netlayer: impl Netlayer) -> Self {
        self.setting.peer = Some(marketplace_captp::peer(netlayer));
        self
    }

    /// The limits of each vat of JavaScript, and where its lines go.
    #[cfg(feature = "js")]
    #[must_use]
    pub fn options(mut self, options: marketplace_js::Options) -> Self {
        self.setting.options = options;
        self
    }

    /// With a prompt: [`Container::evaluate`](crate::Container::evaluate).
    #[cfg(feature = "js")]
    #[must_use]
    pub const fn shell(mut self) -> Self {
        self.setting.has_shell = true;
        self
    }

    /// A vat of Rust, whose root is this object.
    #[must_use]
    pub fn with<O: Object>(self, name: impl Into<String>, root: impl FnOnce() -> O + Send + 'static) -> Self {
        self.with_process(name, move || spawn_object(root()))
    }

    /// A vat of Rust that is this process; its root is this object in it.
    #[must_use]
    pub fn with_process<T: ?Sized + 'static>(
        mut self,
        name: impl Into<String>,
        vat: impl FnOnce() -> (Spawn<()>, Far<T>) + Send + 'static,
    ) -> Self {
        let native = move || {
            let (spawn, root) = vat();
            (spawn, root.into())
        };
        self.add(name.into(), Recipe::Native(Box::new(native)));
        self
    }

    /// The things that are in the folder besides, by name.
    #[must_use]
    pub fn ignored(&self) -> &[PathBuf] {
        &self.ignored
    }

    /// The names of the vats, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.vats.keys().map(String::as_str)
    }

    fn add(&mut self, name: String, recipe: Recipe) {
        let place = recipe.place();
        if let Some(before) = self.vats.insert(name.clone(), recipe) {
            self.twice.get_or_insert(BasedirError::Twice { name, one: before.place(), other: place });
        }
    }

    /// The vats, the one that begins last.
    pub(crate) fn into_recipes(mut self) -> Result<(Setting, Vec<(String, Recipe)>), BasedirError> {
        if let Some(twice) = self.twice {
            return Err(twice);
        }
        let bootstrap = self.vats.remove(BOOTSTRAP).ok_or(BasedirError::NoBootstrap { dir: self.dir })?;
        Ok((self.setting, self.vats.into_iter().chain([(BOOTSTRAP.into(), bootstrap)]).collect()))
    }
}

impl Recipe {
    fn place(&self) -> String {
        match self {
            Self::Source(path) => path.display().to_string(),
            Self::Native(_) => "a vat of Rust".into(),
        }
    }
}
