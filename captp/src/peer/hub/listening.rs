//! Whether peers can connect: as long as something is published (K18).

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::{Ground, Source};

use crate::netlayer::FromListener;
use crate::peer::PeerError;
use crate::peer::hub::{Hub, break_off};
use crate::sessions::PeerName;
use crate::value::hide_swiss;
use crate::wire::{Location, Sturdyref};

/// The name of the endpoint that hears of peers.
const LISTENER: &str = "listener";

/// Whether peers can connect.
pub(super) enum Listening {
    No,
    /// It is not known yet.
    Starts {
        /// The programs that have published something, with the number of that.
        told: Vec<(Bytes, Duct)>,
    },
    Yes,
}

impl Hub {
    /// Answers with the address of what was published under this number, when peers can connect.
    pub(super) fn announce(&mut self, swiss: Bytes, duct: Duct) -> ActionTree<Self> {
        match &mut self.listening {
            Listening::Yes => self.address(swiss, &duct),
            Listening::Starts { told } => {
                told.push((swiss, duct));
                actions![]
            }
            Listening::No => {
                self.listening = Listening::Starts { told: vec![(swiss, duct)] };
                self.listen()
            }
        }
    }

    fn listen(&mut self) -> ActionTree<Self> {
        let source = self.netlayer.listen();
        self.listener = Some(source.clone());
        at_meta_level!(name_endpoint(
            LISTENER,
            subscriber!(
                Ground::<Value>(source, _),
                match_state!(hub: &mut Self => on_message!(
                    Ground(_, FromListener::Listening { hints }) => hub.on_listening(&hints),
                    Ground(_, FromListener::Accepted { line }) => hub.accept(line),
                )),
                match_state!(hub: &mut Self if hub.listener.as_ref() == Some(&source) =>
                    match_reason!(reason: Reason => on_absence!(hub.on_deaf(&reason)))),
                // It was turned off.
                on_absence!(),
            ),
        ))
    }

    fn on_listening(&mut self, hints: &[(String, String)]) -> ActionTree<Self> {
        let hints: Vec<_> = hints.iter().map(|(name, hint)| (name.as_str(), hint.as_str())).collect();
        self.location = Location::new(self.netlayer.transport(), self.netlayer.designator(), &hints);
        let Listening::Starts { told } = std::mem::replace(&mut self.listening, Listening::Yes) else {
            return actions![];
        };
        let mut actions = actions![];
        for (swiss, duct) in told {
            actions = actions![actions, self.address(swiss, &duct)];
        }
        actions![actions, self.pursue_all(), self.listen_no_more()]
    }

    /// Nobody can connect any more, or nobody ever could.
    fn on_deaf(&mut self, why: &Reason) -> ActionTree<Self> {
        self.location = Location::new(self.netlayer.transport(), self.netlayer.designator(), &[]);
        let before = std::mem::replace(&mut self.listening, Listening::No);
        self.listener = None;
        let mut actions = actions![self.hear_unheard(), at_meta_level!(delete_endpoint(LISTENER))];
        if let Listening::Starts { told } = before {
            for (swiss, duct) in told {
                self.published.retract(&swiss);
                let why = PeerError::Deaf(why.to_string().into());
                actions = actions![actions, break_off(&duct, why)];
            }
            return actions![actions, self.pursue_all()];
        }
        tracing::warn!(%why, peer = %PeerName::of(&self.location), "nobody can connect any more");
        actions
    }

    /// If nothing is published any more, nobody need connect.
    pub(super) fn listen_no_more(&mut self) -> ActionTree<Self> {
        if !self.published.is_empty() || !matches!(self.listening, Listening::Yes) {
            return actions![];
        }
        self.listening = Listening::No;
        self.listener = None;
        self.location = Location::new(self.netlayer.transport(), self.netlayer.designator(), &[]);
        actions![self.hear_unheard(), at_meta_level!(delete_endpoint(LISTENER))]
    }

    fn address(&self, swiss: Bytes, duct: &Duct) -> ActionTree<Self> {
        let uri = Sturdyref { location: self.location.clone(), swiss }.to_uri();
        give(duct, &hide_swiss(&uri)).into_action_tree()
    }

    fn accept(&mut self, source: Source) -> ActionTree<Self> {
        let line = self.new_line();
        let deeds = self.sessions.accepted(line);
        actions![self.start(line, source, false), self.perform(deeds)]
    }
}
