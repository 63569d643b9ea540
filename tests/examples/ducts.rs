//! The example of ducts: what is on the duct, from the top, and the answer that goes down on it.

use crate::program::Program;

/// U-s01, U-s02
#[test]
fn the_duct_is_the_observed_one_and_ding_comes_out_at_its_end() {
    let (status, said) = Program::start("ducts", &[]).end();
    assert!(status.success(), "{said}");
    let lines = [
        "/g/a/~zod/4_shell_terminal/u/time",
        "/g/a/~zod/shell_terminal/u/child/4/main",
        "/g/a/~zod/terminal/u/txt",
        "/d/term-mess",
        "//term/1",
        "ding",
    ];
    assert_eq!(said, lines.join("\n") + "\n");
}
