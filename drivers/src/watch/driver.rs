//! The driver's process, which sees which paths are wanted, and the process of a watched path.

use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::demand::Demand;
use crate::watch::halves::{FromWatch, Watches};
use crate::watch::messages::{FileChanged, WatchFailure};

pub(super) fn spawn<S>(watches: Arc<dyn Watches>) -> Spawn<S> {
    name_process(Symbol::new("watch-driver"), spawn!(boot(watches))).only(super::DRIVER.kind)
}

fn boot(watches: Arc<dyn Watches>) -> Transition<Demand<Text>> {
    let watch = move |path: &Text| {
        let (path, source) = (path.clone(), watches.watch(path));
        name_process(Symbol::new("watch"), spawn!(transition_no_state!(watcher(path, source))))
    };
    transition!(
        Demand::new(watch),
        observe_subscribers!(
            FileChanged { .. },
            match_conversation!(FileChanged { watched, .. } => match_state!(demand: Demand<Text> =>
                on_presence!(demand.wanted(watched)),
                on_absence!(demand.unwanted(&watched)),
            )),
        ),
    )
}

fn watcher(watched: Text, source: Source) -> ActionTree<()> {
    at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(
            Ground(_, FromWatch::Standing) => publisher!(FileChanged { watched, .. }),
            Ground(_, FromWatch::Changed { path, change }) => send_message!(FileChanged { watched, path, change }),
        ),
        match_reason!(
            why: WatchFailure => on_absence!((
                refuse(topic!(FileChanged { watched, .. }), &why),
                quit().because(why),
            )),
        ),
        match_reason!(why: Reason => on_absence!(quit().because(why))),
    ))
}
