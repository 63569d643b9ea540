//! Folders with sources, and the program on them.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Bounds a hang.
const LIMIT: Duration = Duration::from_secs(60);

/// A basedir.
pub(crate) struct Dir(PathBuf);

impl Dir {
    /// A new folder.
    pub(crate) fn new(name: &str) -> Self {
        // Two tests may want folders of one name at the same time.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let own = COUNT.fetch_add(1, Ordering::Relaxed).to_string();
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program").join(own).join(name);
        // There is none at first.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// One of the folders of the examples.
    pub(crate) fn example(name: &str) -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/vats").join(name))
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<str>) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.as_ref()).unwrap();
        self
    }

    /// A source whose root has these methods.
    pub(crate) fn vat(self, file: &str, methods: &str) -> Self {
        self.file(file, source("", methods))
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        self.command("run", words, "")
    }

    /// The shell, with these lines.
    pub(crate) fn shell(&self, lines: &[&str]) -> Ended {
        self.command("shell", &[], &(lines.join("\n") + "\n"))
    }

    fn command(&self, verb: &str, words: &[&str], input: &str) -> Ended {
        let dir = self.0.to_str().unwrap();
        vat(&[&[verb, dir], words].concat(), input)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// A source of 2019 whose root has these methods; before that stand these statements.
pub(crate) fn source(before: &str, methods: &str) -> String {
    format!(
        "import harden from '@agoric/harden';\n\
         {before}\n\
         export default function setup(syscall, state, helpers) {{\n\
           const log = what => console.log(what);\n\
           return helpers.makeLiveSlots(syscall, state, E => harden({{ {methods} }}), helpers.vatID);\n\
         }}\n"
    )
}

/// A program that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// The lines of stdout.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    /// The lines that stand after each prompt of a shell.
    pub(crate) fn answers(&self) -> Vec<&str> {
        let mut answers: Vec<_> = self.out.split("vat> ").map(str::trim_end).collect();
        assert_eq!(answers.remove(0), "", "before the first prompt: {}", self.out);
        assert_eq!(answers.pop(), Some(""), "after the last line: {}", self.out);
        answers
    }

    /// It has ended well.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "out: {}\nerr: {}", self.out, self.err);
        self
    }
}

/// The program with these words and this input.
pub(crate) fn vat(words: &[&str], input: &str) -> Ended {
    let mut running = Running::start(words);
    running.say(input);
    running.end()
}

/// A program that runs.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    out: Receiver<String>,
    /// The part of its output that nobody has looked at.
    heard: String,
    err: Receiver<String>,
}

impl Running {
    pub(crate) fn start(words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vat"));
        command.args(words);
        Self::try_start(command).expect("the program is built")
    }

    /// Another program, if there is one.
    pub(crate) fn try_start(mut command: Command) -> Option<Self> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().ok()?;
        let out = hear(child.stdout.take().expect("piped"));
        let err = hear(child.stderr.take().expect("piped"));
        let input = child.stdin.take();
        Some(Self { child, input, out, heard: String::new(), err })
    }

    pub(crate) fn say(&mut self, text: &str) {
        // A program that has ended hears nothing: the caller sees that.
        let _ = self.input.as_mut().expect("open").write_all(text.as_bytes());
    }

    /// The next line of stdout that has this in it.
    #[track_caller]
    pub(crate) fn line_with(&mut self, part: &str) -> String {
        loop {
            while let Some(end) = self.heard.find('\n') {
                let line: String = self.heard.drain(..=end).collect();
                if line.contains(part) {
                    return line.trim_end().to_string();
                }
            }
            self.hear_more(part);
        }
    }

    /// Waits until stdout has had this, and a prompt behind it or in it.
    #[track_caller]
    pub(crate) fn prompt_after(&mut self, part: &str) {
        loop {
            if let Some((_, rest)) = self.heard.split_once(part)
                && (part.contains("vat> ") || rest.contains("vat> "))
            {
                self.heard = rest.to_string();
                return;
            }
            self.hear_more(part);
        }
    }

    #[track_caller]
    fn hear_more(&mut self, part: &str) {
        let more = self.out.recv_timeout(LIMIT);
        self.heard += &more.unwrap_or_else(|_| panic!("no {part:?} in {:?}", self.heard));
    }

    /// As Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("there is kill").success());
    }

    /// Its stdin ends, and it does.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.input.take());
        let mut out = std::mem::take(&mut self.heard);
        while let Ok(more) = self.out.recv_timeout(LIMIT) {
            out += &more;
        }
        let mut err = String::new();
        while let Ok(more) = self.err.recv_timeout(LIMIT) {
            err += &more;
        }
        let code = self.child.wait().expect("it ends").code();
        Ended { code, out, err }
    }
}

/// The lines that come out of a pipe, as they come.
fn hear(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (say, heard) = channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = pipe.read(&mut bytes) {
            if say.send(String::from_utf8_lossy(&bytes[..read]).into_owned()).is_err() {
                return;
            }
        }
    });
    heard
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
