//! Something that an outer half has open, and the process that publishes it until it is closed.

use std::convert::Infallible;

use marketplace::prelude::*;
use marketplace::{Ground, Source};
use tokio::sync::oneshot;

/// An outer half keeps this with the thing that it has open, and drops it after it has closed that.
pub(crate) struct Open {
    _told: oneshot::Sender<Infallible>,
}

impl Open {
    /// This, and a source that ends when it is dropped.
    pub(crate) fn new() -> (Self, Source) {
        let (_told, closed) = oneshot::channel();
        let closed = Source::future(async {
            let _: Result<Infallible, _> = closed.await;
            Ok::<_, Infallible>(())
        });
        (Self { _told }, closed)
    }
}

/// Publishes this topic until `closed` ends. That is later than the end of the acting process,
/// which has the source that is to be closed. The absence says why that process ended.
pub(crate) fn say_while_open<S>(name: &str, topic: Topic, closed: &Source) -> ActionTree<S> {
    let (topic, closed) = (topic.clone(), closed.clone());
    let holder = Topic::record("Holder", [Fresh::new().to_value().into()]);
    actions![
        publisher!(topic = holder.clone()),
        name_process(Symbol::new(name), spawn!(herald(topic, &holder, &closed)))
    ]
}

/// The process that publishes the topic. Its state is the reason for which the holder ended.
fn herald(topic: Topic, holder: &Topic, closed: &Source) -> Transition<Reason> {
    transition!(
        Reason::Normal,
        observe_publishers!(
            topic = holder.clone(),
            on_refusal!(),
            match_reason!(why: Reason => match_state!(_: Reason => on_absence!(transition!(why)))),
        ),
        at_meta_level!(subscriber!(
            Ground::<Value>(closed, _),
            match_state!(why: &Reason => on_absence!(quit().because(why.clone()))),
        )),
        publisher!(topic = topic),
    )
}
