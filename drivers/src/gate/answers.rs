//! Messages and answers, as gates send them on.

use marketplace::Duct;
use marketplace::objects::{Promise, Reference, give_when, promise, send_parts, tell};
use marketplace::prelude::*;

/// Sends a message on as it was heard. Gives the promise of its answer, if anybody wants that:
/// without a promise, no answer is asked for (O9).
pub(super) fn send_on<S>(
    duct: &Duct,
    to: &Reference,
    message: Vec<Value>,
) -> (ActionTree<S>, Option<Promise<Value>>) {
    let mut answer = None;
    // A value that has been a message is not too deep to be one.
    let sent = tell(|cx| answer = send_parts(cx, to, message).ok());
    (sent, answer.filter(|_| duct.is_wanted()))
}

/// Answers with a result.
pub(super) fn answer<S>(duct: &Duct, result: Result<Value, Reason>) -> ActionTree<S> {
    match result {
        Ok(value) => actions![give(duct, &value)],
        Err(reason) => {
            let (broken, resolver) = promise::<Value>();
            actions![resolver.break_because(reason), give_when(duct, broken)]
        }
    }
}
