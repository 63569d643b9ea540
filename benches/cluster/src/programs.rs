//! The programs of our machines.

use std::time::Instant;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace_cluster::{Config, Gateway, Member};

use crate::ours::Signal;
use crate::row::{MESSAGES, WINDOW};

#[derive(Message, Clone, Debug)]
struct Ask(u64, Bytes);
#[derive(Message, Clone, Debug)]
struct Answer(u64, Bytes);
#[derive(Message, Clone, Debug)]
struct Load(Bytes);
/// So many have been heard.
#[derive(Message, Clone, Debug)]
struct Heard(u64);
#[derive(Message, Clone, Debug)]
struct Thing(u64);
/// The program runs.
#[derive(Message, Clone, Debug)]
struct Running();

/// Lets so many round trips be made.
#[derive(Message, Clone, Debug)]
pub(crate) struct Trip(pub(crate) u64, pub(crate) Bytes);
/// Lets the load begin.
#[derive(Message, Clone, Debug)]
pub(crate) struct Begin(pub(crate) Bytes);
/// Lets so many endpoints come, from this number on.
#[derive(Message, Clone, Debug)]
pub(crate) struct Come(pub(crate) u64, pub(crate) u64);

pub(crate) fn shares(config: Config) -> Config {
    let topics =
        [topic!(Ask(_, _)), topic!(Answer(_, _)), topic!(Load(_)), topic!(Heard(_)), topic!(Thing(_))];
    topics.into_iter().fold(config.peers(["a", "b"]), Config::share)
}

fn signal(to: &Signal) {
    // The one that measures may have gone.
    let _ = to.send(Instant::now());
}

/// Tells when the program runs, and the other machine is a member.
pub(crate) fn meets<S>(met: Signal) -> Spawn<S> {
    spawn!(transition!(
        (met, 0u64),
        observe_publishers!(
            Member { .. },
            match_state!(meets: &mut (Signal, u64) => on_presence!(count(meets)))
        ),
        observe_publishers!(Running(), match_state!(meets: &mut (Signal, u64) => on_presence!(count(meets)))),
    ))
}

/// Two members and a program make three.
fn count((met, seen): &mut (Signal, u64)) {
    *seen += 1;
    if *seen == 3 {
        signal(met);
    }
}

struct Asker {
    told: Signal,
    load: Bytes,
    /// How much of the load has not been sent.
    left: u64,
}

impl Asker {
    fn send(&mut self, count: u64) -> Vec<PreAction<Self>> {
        let count = count.min(self.left);
        self.left -= count;
        (0..count).map(|_| send_message!(Load(self.load.clone()))).collect()
    }
}

/// Makes round trips, and has a load. It tells first that somebody hears it.
pub(crate) fn asker(told: Signal) -> Spawn<Gateway> {
    spawn!(transition!(
        Asker { told, load: Bytes::new(), left: 0 },
        publisher!(Running()),
        publisher!(Load(..), match_state!(asker: &Asker => on_presence!(signal(&asker.told)))),
        subscriber!(Trip(..), on_message!(Trip(left, bytes) => send_message!(Ask(left, bytes)))),
        subscriber!(
            Answer(..),
            match_state!(asker: &mut Asker => on_message!(Answer(left, bytes) => {
                if left == 1 {
                    signal(&asker.told);
                }
                (left > 1).then(|| send_message!(Ask(left - 1, bytes)))
            }))
        ),
        subscriber!(
            Begin(..),
            match_state!(asker: &mut Asker => on_message!(Begin(load) => {
                (asker.load, asker.left) = (load, MESSAGES);
                asker.send(WINDOW)
            }))
        ),
        subscriber!(
            Heard(..),
            match_state!(asker: &mut Asker => on_message!(Heard(count) => {
                if count == MESSAGES {
                    signal(&asker.told);
                }
                asker.send(WINDOW / 4)
            }))
        ),
    ))
}

/// Answers, and says how much of the load it has heard.
pub(crate) fn answerer() -> Spawn<Gateway> {
    spawn!(transition!(
        0u64,
        publisher!(Running()),
        subscriber!(Ask(..), on_message!(Ask(left, bytes) => send_message!(Answer(left, bytes)))),
        subscriber!(
            Load(..),
            match_state!(heard: &mut u64 => on_message!(Load(_) => {
                *heard = *heard % MESSAGES + 1;
                (*heard % (WINDOW / 4) == 0).then(|| send_message!(Heard(*heard)))
            }))
        ),
    ))
}

/// Endpoints come when it is told to let them.
pub(crate) fn coming() -> Spawn<Gateway> {
    spawn!(transition_no_state!(
        publisher!(Running()),
        subscriber!(
            Come(..),
            on_message!(Come(from, count) => {
                (from..from + count).map(|n| publisher!(Thing(n))).collect::<Vec<_>>()
            })
        )
    ))
}

/// Tells each time that so many have come.
pub(crate) fn watching(told: Signal, each: u64) -> Spawn<Gateway> {
    spawn!(transition!(
        (told, 0u64),
        publisher!(Running()),
        observe_publishers!(
            Thing(..),
            match_state!((told, seen): &mut (Signal, u64) => on_presence!({
                *seen += 1;
                if seen.is_multiple_of(each) {
                    signal(told);
                }
            })),
        )
    ))
}

/// Tells that somebody who answers has come, and has gone.
pub(crate) fn losing(told: Signal) -> Spawn<Gateway> {
    spawn!(transition!(
        told,
        observe_subscribers!(
            Ask(..),
            match_state!(told: &Signal => on_presence!(signal(told)), on_absence!(signal(told))),
        )
    ))
}
