//! An error that reaches nobody is told, the first of its kind.

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::{logs, told};

struct Till;

#[object]
impl Till {
    fn pay(&mut self) -> Result<(), Failure> {
        Err(Failure::value(&Text::from("no money")))
    }
}

#[test]
fn an_error_that_reaches_nobody_is_told_once() {
    let advice = "keep the promise, and look at what it gives";
    assert_eq!(
        logs(&told("unheard::pays")),
        [
            format!("WARN marketplace: an error of Till() reached nobody: no money; {advice}"),
            format!(
                "WARN marketplace: an error of Till() reached nobody: there is no method `steal`: there is `pay`; {advice}"
            ),
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn pays() {
    let (spawn, till) = spawn_object(Till);
    let pays = [tell(|cx| till.pay(cx)), tell(|cx| till.pay(cx))];
    let steals = tell(|cx| send(cx, &till, "steal", ()));
    assert_eq!(ground_vm!(spawn, pays, steals), Ok(()));
}

#[test]
fn an_error_that_somebody_looks_at_is_not_told() {
    assert_eq!(told("unheard::looks"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn looks() {
    let (spawn, till) = spawn_object(Till);
    let asks = ask(
        |cx| till.pay(cx),
        |(), paid| {
            assert!(paid.is_err());
            transition_no_state!()
        },
    );
    assert_eq!(ground_vm!(spawn, asks), Ok(()));
}
