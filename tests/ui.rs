//! Mistakes, one to a file in `tests/ui`: each is an error, and under the compiler that wrote the
//! `.stderr` files it reads as they say. After a change that is meant,
//! `TRYBUILD=overwrite cargo test -p marketplace-ui` writes them anew; then write `rustc -V` to
//! `tests/ui/RUSTC`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the directory of the cases to the process that only compiles them.
const COPIES: &str = "MARKETPLACE_UI_COPIES";

/// Where the cases are that have to be built.
const BUILT: &str = "built";

#[test]
fn mistakes_are_told() {
    let (ours, theirs) = (compiler(), fs::read_to_string("RUSTC").unwrap_or_default());
    if ours == theirs.trim() || env::var_os("TRYBUILD").is_some() {
        return compile("".as_ref());
    }
    println!(
        "this is {ours}: that each mistake is an error is checked, the words of {} are not",
        theirs.trim()
    );
    let copies = copies();
    let status = Command::new(env::current_exe().expect("a test has a file"))
        .args(["--exact", "copies_do_not_compile", "--ignored", "--nocapture"])
        .env(COPIES, &copies)
        .env("TRYBUILD", "overwrite")
        .status();
    assert!(status.is_ok_and(|status| status.success()), "a mistake is no error any more");
}

#[test]
#[ignore = "called by the test above"]
fn copies_do_not_compile() {
    if let Some(copies) = env::var_os(COPIES) {
        compile(copies.as_ref());
    }
}

/// The cases in this directory are checked together, in one run of the compiler. Those in `built`
/// are mistakes that are found later, when code is made: a case that passes, beside them, makes
/// them be built. That is one run each.
fn compile(cases: &Path) {
    trybuild::TestCases::new().compile_fail(cases.join("*.rs"));
    let build = trybuild::TestCases::new();
    build.pass("pass/*.rs");
    build.compile_fail(cases.join(BUILT).join("*.rs"));
}

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-V").output().expect("there is a compiler");
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// The cases without their `.stderr` files.
fn copies() -> PathBuf {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    let _ = fs::remove_dir_all(&copies);
    for (from, to) in [(".".into(), copies.clone()), (PathBuf::from(BUILT), copies.join(BUILT))] {
        fs::create_dir_all(&to).expect("a directory for copies");
        for case in fs::read_dir(from).expect("the cases").filter_map(Result::ok) {
            if case.path().extension().is_some_and(|extension| extension == "rs") {
                fs::copy(case.path(), to.join(case.file_name())).expect("a copy");
            }
        }
    }
    copies
}
