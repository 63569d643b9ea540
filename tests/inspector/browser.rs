//! A Chromium without a window, driven through its pipe for debuggers.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};

use crate::TOO_LONG;

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    session: Value,
    sent: u64,
    profile: PathBuf,
    /// The errors of the page.
    problems: Vec<Value>,
}

impl Browser {
    /// `None`, and a line that says so, where there is none that starts.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = find() else {
            println!("skipped: there is no Chromium here");
            return None;
        };
        let browser = Self::start_program(&program);
        if browser.is_none() {
            println!("skipped: {} does not start here", program.display());
        }
        browser
    }

    fn start_program(program: &PathBuf) -> Option<Self> {
        static PROFILES: AtomicU32 = AtomicU32::new(0);
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("inspector-test-{}-{number}", std::process::id()));
        // It reads commands from file 3 and writes answers to file 4.
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#]).arg(program);
        command.args(["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--mute-audio"]);
        command.args(["--disable-dev-shm-usage", "--remote-debugging-pipe", "--window-size=1440,900"]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command.arg("about:blank").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let (commands, output) = (child.stdin.take()?, child.stdout.take()?);
        let (tell, answers) = channel();
        thread::spawn(move || {
            for answer in BufReader::new(output).split(0) {
                let answer = answer.ok().and_then(|answer| serde_json::from_slice::<Value>(&answer).ok());
                let Some(answer) = answer else { return };
                if tell.send(answer).is_err() {
                    return;
                }
            }
        });
        let mut browser =
            Self { child, commands, answers, session: Value::Null, sent: 0, profile, problems: Vec::new() };
        let targets = browser.try_call("Target.getTargets", json!({}))?;
        let page = targets["targetInfos"].as_array()?.iter().find(|target| target["type"] == "page")?;
        let attach = json!({"targetId": page["targetId"], "flatten": true});
        browser.session = browser.try_call("Target.attachToTarget", attach)?["sessionId"].clone();
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
        self.until(
            "document.readyState === 'complete' && document.querySelector('#tree') && connection === 'live'",
        );
    }

    /// The value of an expression of the page's.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let ask = json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", ask);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer:#}");
        answer["result"]["value"].clone()
    }

    /// Waits until it holds.
    pub(crate) fn until(&mut self, condition: &str) {
        // A page that is on its way out does not answer: the next one is asked then.
        let look = format!(
            "new Promise(done => {{ const look = () => {{ let holds = false; try {{ holds = !!({condition}); }} catch {{}}
             if (holds) done(true); else setTimeout(look, 10); }}; look(); }})"
        );
        let ask = json!({"expression": look, "awaitPromise": true, "returnByValue": true});
        loop {
            match self.try_call("Runtime.evaluate", ask.clone()) {
                Some(answer) if answer["result"]["value"] == true => return,
                Some(_) => {}
                None => panic!("it never holds: {condition}\n{:#?}", self.problems),
            }
        }
    }

    pub(crate) fn click(&mut self, selector: &str) {
        self.eval(&format!("document.querySelector({selector:?}).click()"));
    }

    /// The text that is seen.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let text = self.eval(&format!("document.querySelector({selector:?}).innerText"));
        text.as_str().unwrap_or_else(|| panic!("no {selector}")).to_string()
    }

    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({"type": kind, "key": key, "text": key}));
        }
    }

    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap_or_else(|| panic!("{method} is answered"))
    }

    /// Errors and refusals of the browser's are answers, too.
    fn try_call(&mut self, method: &str, params: Value) -> Option<Value> {
        self.sent += 1;
        let mut command = json!({"id": self.sent, "method": method, "params": params});
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        self.commands.write_all((command.to_string() + "\0").as_bytes()).ok()?;
        loop {
            let mut answer = self.answers.recv_timeout(TOO_LONG).ok()?;
            if answer["id"] == self.sent {
                return Some(if answer["result"].is_object() { answer["result"].take() } else { answer });
            }
            let is_problem = match answer["method"].as_str() {
                Some("Runtime.exceptionThrown") => true,
                Some("Log.entryAdded") => answer["params"]["entry"]["level"] == "error",
                _ => false,
            };
            if is_problem {
                self.problems.push(answer);
            }
        }
    }

    /// The errors of the page, policy violations too, since the last call.
    pub(crate) fn problems(&mut self) -> Vec<Value> {
        self.eval("0");
        std::mem::take(&mut self.problems)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = Value::Null;
        if self.try_call("Browser.close", json!({})).is_none() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let mut found = std::env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name)));
    found.find(|program| program.is_file())
}
