//! The hub, as the processes of its sessions see it.

use std::time::Duration;

use marketplace::Ground;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::hub::{Hub, ask_of};
use crate::peer::talk::{Greeting, Judge, Standing, Verdict, from_opaque};
use crate::sessions::{Deed, LineId, PeerName};
use crate::wire::PublicKey;

/// Answers that the process of a connection waits for.
#[derive(Default)]
pub(super) struct Judged {
    greets: Option<Duct>,
    hello: Option<Duct>,
    ends: Option<Duct>,
    /// The connection is to end for this reason, and nothing has asked yet that could be told.
    told: Option<String>,
    /// Why it ended.
    failed: Option<Reason>,
    /// The peer has made it, and has not said hello.
    is_unheard: bool,
}

impl Hub {
    /// The object to which the process of this connection speaks.
    pub(super) fn judge_of(&mut self, line: LineId, dialled: bool) -> (Far<dyn Judge>, Action<Self>) {
        self.lines.insert(line, Judged { is_unheard: !dialled, ..Judged::default() });
        let (judge, here) = reference();
        let clauses = object_of!(
            here,
            match_duct!(duct => match_state!(hub: &mut Self => on_message!(
                ("greets", ours) => hub.on_greets(line, &ours, duct),
                ("ends",) => hub.on_ends(line, duct),
                ("hello", greeting) => hub.on_hello(line, &greeting, duct),
                ("given", give, keys) => hub.on_given(line, &give, &keys, duct),
            ))),
            match_state!(hub: &mut Self => on_message!(
                ("stands", standing) => hub.on_stands(line, &standing),
                ("failed", why) => hub.on_failed(line, why),
            )),
            match_state!(hub: &mut Self => on_release!(hub.on_released(line))),
        );
        (judge, clauses)
    }

    fn on_greets(&mut self, line: LineId, ours: &Value, duct: Duct) -> ActionTree<Self> {
        let (Some(ours), Some(judged)) = (from_opaque::<PublicKey>(ours), self.lines.get_mut(&line)) else {
            return actions![];
        };
        judged.greets = Some(duct);
        let deeds = self.sessions.greets(line, ours.id());
        self.perform(deeds)
    }

    fn on_ends(&mut self, line: LineId, duct: Duct) -> ActionTree<Self> {
        let Some(judged) = self.lines.get_mut(&line) else { return actions![] };
        match &judged.told {
            Some(why) => give(&duct, why).into_action_tree(),
            None => {
                judged.ends = Some(duct);
                actions![]
            }
        }
    }

    fn on_hello(&mut self, line: LineId, greeting: &Value, duct: Duct) -> ActionTree<Self> {
        let (Some(greeting), Some(judged)) = (from_opaque::<Greeting>(greeting), self.lines.get_mut(&line))
        else {
            return actions![];
        };
        judged.hello = Some(duct);
        judged.is_unheard = false;
        let peer = PeerName::of(&greeting.hello.location);
        let deeds = self.sessions.hello(line, peer, greeting.hello.key.id(), greeting.ours.id());
        self.perform(deeds)
    }

    fn on_stands(&mut self, line: LineId, standing: &Value) -> ActionTree<Self> {
        let Some(standing) = from_opaque::<Standing>(standing) else { return actions![] };
        let Some(peer) = self.sessions.stands(line, standing.clone()) else { return actions![] };
        self.met = self.met.max(standing.reach);
        self.named.insert(standing.id, line);
        // A question that was to be answered before it stood is not asked any more.
        if let Some(judged) = self.lines.get_mut(&line) {
            (judged.greets, judged.hello) = (None, None);
        }
        let bootstrap: Far<()> = cast(&standing.bootstrap);
        actions![
            self.win(&peer),
            when_broken(&bootstrap, move |mut hub: Self, why| {
                let actions = hub.over(line, &why);
                transition!(hub, actions)
            }),
        ]
    }

    fn on_failed(&mut self, line: LineId, why: Reason) -> ActionTree<Self> {
        if let Some(judged) = self.lines.get_mut(&line) {
            judged.failed = Some(why);
        }
        actions![]
    }

    /// The process of the connection has ended. If its session stood, the end of that is told with
    /// its reason.
    fn on_released(&mut self, line: LineId) -> ActionTree<Self> {
        if self.sessions.standing(line).is_some() {
            return actions![];
        }
        let failed = self.lines.get_mut(&line).and_then(|judged| judged.failed.take());
        let ended = || Reason::value(&"the connection ended before a session stood".to_string());
        self.over(line, &failed.unwrap_or_else(ended))
    }

    /// A connection is gone.
    pub(super) fn over(&mut self, line: LineId, why: &Reason) -> ActionTree<Self> {
        let unheard = self.lines.remove(&line).filter(|judged| judged.is_unheard);
        let told = unheard.map(|_| self.tell_unheard(why));
        let (session, deeds) = self.sessions.gone(line, &why.to_string());
        let forgotten = session.map(|standing| self.forget(line, &standing, why));
        actions![told, forgotten, at_meta_level!(delete_endpoint(patience(line))), self.perform(deeds)]
    }

    /// A session that stood has ended.
    fn forget(&mut self, line: LineId, standing: &Standing, why: &Reason) -> ActionTree<Self> {
        self.named.remove(&standing.id);
        self.used.remove(&line);
        self.next_count.remove(&line);
        let waits = self.gifts.ended(line);
        let broken: Vec<_> = waits.into_iter().map(|wants| wants.break_because(why.clone())).collect();
        actions![broken, self.mind_no_gifts(line)]
    }

    /// Does what is to be done.
    pub(super) fn perform(&mut self, deeds: Vec<Deed>) -> ActionTree<Self> {
        let deeds: Vec<_> = deeds.into_iter().map(|deed| self.perform_one(deed)).collect();
        deeds.into_action_tree()
    }

    fn perform_one(&mut self, deed: Deed) -> ActionTree<Self> {
        match deed {
            Deed::Greet(line) => {
                let duct = self.lines.get_mut(&line).and_then(|judged| judged.greets.take());
                actions![duct.map(|duct| give(&duct, &()))]
            }
            Deed::Begin(line) => {
                let Some(duct) = self.lines.get_mut(&line).and_then(|judged| judged.hello.take()) else {
                    return actions![];
                };
                let (bootstrap, clauses) = self.bootstrap_of(line);
                let waits_no_more = at_meta_level!(delete_endpoint(patience(line)));
                actions![waits_no_more, clauses, give(&duct, &Verdict::Begin { bootstrap })]
            }
            Deed::Abort(line, why) => self.abort(line, why),
            Deed::Ask(line) => self.ask(line),
            Deed::Wait(line, time) => self.wait(line, time),
            Deed::Lost(peer, why) => self.lose(&peer, &why),
        }
    }

    /// Asks the peer of a session for something that nobody has: any answer will do.
    fn ask(&mut self, line: LineId) -> ActionTree<Self> {
        let swiss = self.published.fresh_swiss();
        let Some(standing) = self.sessions.standing(line) else { return actions![] };
        let (asked, answer) = ask_of(&standing.bootstrap, "fetch", (swiss,));
        let answers = when(answer, move |mut hub: Self, answer: Result<Value, Reason>| {
            // The session has ended, or the question was not written at all.
            let silent = answer.is_err_and(|why| {
                let why = Broken::of(&why);
                matches!(why, Some(Broken::Gone(_) | Broken::TooMany | Broken::NotPassable { .. }))
            });
            let deeds = if silent { Vec::new() } else { hub.sessions.answers(line) };
            let done = hub.perform(deeds);
            transition!(hub, done)
        });
        actions![asked, answers]
    }

    /// Ends a connection, by the answer that its process waits for.
    fn abort(&mut self, line: LineId, why: String) -> ActionTree<Self> {
        let Some(judged) = self.lines.get_mut(&line) else { return actions![] };
        if let Some(duct) = judged.hello.take() {
            return give(&duct, &Verdict::Abort { why: why.into() }).into_action_tree();
        }
        if let Some(duct) = judged.greets.take() {
            return super::break_off(&duct, Reason::value(&why));
        }
        if let Some(duct) = judged.ends.take() {
            return give(&duct, &why).into_action_tree();
        }
        judged.told = Some(why);
        actions![]
    }

    fn wait(&self, line: LineId, time: Duration) -> ActionTree<Self> {
        let source = self.netlayer.after(time);
        let before = at_meta_level!(delete_endpoint(patience(line)));
        let waits = at_meta_level!(name_endpoint(
            patience(line),
            once(subscriber!(
                Ground::<Value>(source, _),
                match_state!(hub: &mut Self => on_message!(_ => {
                    let deeds = hub.sessions.waited(line);
                    hub.perform(deeds)
                })),
            )),
        ));
        actions![before, waits]
    }
}

/// The name of the endpoint that waits for a while.
fn patience(line: LineId) -> Value {
    ("patience", line.0).into()
}
