//! The duct, exactly as the document has it, and the answer.

use crate::program::Program;

#[test]
fn the_observed_duct_and_ding() {
    let (status, said) = Program::start("ducts", &[]).end();
    assert!(status.success(), "{said}");
    assert_eq!(
        said,
        "/g/a/~zod/4_shell_terminal/u/time\n\
         /g/a/~zod/shell_terminal/u/child/4/main\n\
         /g/a/~zod/terminal/u/txt\n\
         /d/term-mess\n\
         //term/1\n\
         ding\n"
    );
}
