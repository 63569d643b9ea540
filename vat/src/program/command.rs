//! The command line, read.

use std::ffi::OsString;
use std::path::PathBuf;

use marketplace::one_line;

pub(crate) const USAGE: &str = "\
vat run [BASEDIR] [--root DIR] [-- ARGV..]     runs the vats until nothing is left to do
vat shell [BASEDIR] [--root DIR] [-- ARGV..]   loads the vats, and gives a prompt
vat serve [BASEDIR] [--root DIR] [-- ARGV..]   runs the vats, and lets others reach their roots

BASEDIR has `bootstrap.js`, `vat-NAME.js` and `vat-NAME/index.js`; it is the current folder unless
another one is given. `bootstrap` gets ARGV. Imports lead to files below DIR, or else BASEDIR.
";

/// The deed that is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) verb: Verb,
    pub(crate) dir: PathBuf,
    /// Where imports may lead, if that is not the basedir.
    pub(crate) root: Option<PathBuf>,
    pub(crate) argv: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Run,
    Shell,
    Serve,
    Help,
}

/// Why a command line is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mistake {
    #[error("use `vat run`, `vat shell` or `vat serve`, not `vat {}`", one_line(.0))]
    Verb(String),
    #[error("use `vat run`, `vat shell` or `vat serve`")]
    NoVerb,
    #[error("there is no option `{}`", one_line(.0))]
    Option(String),
    #[error("`--root` needs a folder")]
    NoRoot,
    #[error("`{}` is one too many: the words for `bootstrap` stand behind `--`", one_line(.0))]
    TooMany(String),
    #[error("`{}` is not UTF-8", one_line(.0))]
    NotUtf8(String),
}

impl Command {
    pub(crate) fn read(mut words: impl Iterator<Item = OsString>) -> Result<Self, Mistake> {
        let verb = words.next().ok_or(Mistake::NoVerb)?;
        let verb = match verb.to_str() {
            Some("run") => Verb::Run,
            Some("shell") => Verb::Shell,
            Some("serve") => Verb::Serve,
            Some("help" | "--help" | "-h") => Verb::Help,
            _ => return Err(Mistake::Verb(verb.to_string_lossy().into_owned())),
        };
        let (mut dir, mut root) = (None, None);
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--") => break,
                Some("--root") => root = Some(words.next().ok_or(Mistake::NoRoot)?.into()),
                Some(option) if option.starts_with('-') => return Err(Mistake::Option(option.into())),
                _ if dir.is_some() => return Err(Mistake::TooMany(word.to_string_lossy().into_owned())),
                _ => dir = Some(word.into()),
            }
        }
        let argv = words.map(|word| {
            word.into_string().map_err(|word| Mistake::NotUtf8(word.to_string_lossy().into_owned()))
        });
        let argv = argv.collect::<Result<_, _>>()?;
        Ok(Self { verb, dir: dir.unwrap_or_else(|| ".".into()), root, argv })
    }
}
