//! The process of one session: bytes come in, calls go to objects; and the other way.
//!
//! Its tables are those of [`Session`]. The things of the peer stand in the process's table of
//! objects, so all of it breaks when the process ends. A turn collects what is to be done; what the
//! session has written meanwhile goes out at its end, in the order in which it was written.

mod deciding;
mod ended;
mod greeting;
mod heard;
mod held;
mod idle;
mod outbox;
mod parts;
mod presence;
mod roster;
mod running;
mod showing;
mod stand_ins;
#[cfg(test)]
mod tests;
mod world;

use std::sync::Arc;
use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Ground, IntoActionTree, Source, peekable_as, peekable_now};

pub use self::ended::SessionEnded;
use self::greeting::Greeted;
pub(super) use self::idle::IDLE;
pub use self::presence::CapTpSession;
use self::running::Running;
use crate::netlayer::{FromLine, Known, ToLine};
use crate::peer::settlers::Settlers;
use crate::peer::shown::{SessionLines, SessionState};
use crate::peer::talk::{Judge, Roster};
use crate::session::{Bounds, Inbox};
use crate::sessions::REPLACED;
use crate::syrup::Writer;
use crate::wire::{Keys, Location, Spelling};

/// The reason of a session that ends because the program does.
pub(super) const SHUTDOWN: &str = "shutdown";

/// The beginnings of a session: a connection, and who decides.
pub(super) struct Start {
    /// The connection, a source of [`FromLine`].
    pub(super) source: Source,
    /// It was made by us, so we say hello first.
    pub(super) dialled: bool,
    /// Our own location.
    pub(super) location: Location,
    pub(super) spelling: Spelling,
    pub(super) bounds: Bounds,
    pub(super) judge: Far<dyn Judge>,
    pub(super) roster: Roster,
    pub(super) settlers: Settlers,
    /// Gives sources of one item, after so long.
    pub(super) after: After,
    /// How long a session that nobody uses stays, if we have dialled.
    pub(super) idle_for: Duration,
    /// How long a gift counts as use.
    pub(super) gift_for: Duration,
    /// How many bytes of messages may wait for objects of third machines.
    pub(super) held: usize,
    /// How many bytes may wait until it is known whether the session begins.
    pub(super) unheard: usize,
}

/// Gives a source of one item, after so long.
pub(super) type After = Arc<dyn Fn(Duration) -> Source + Send + Sync>;

/// The process of a session. It ends with [`SessionEnded`].
pub(super) fn line<S>(start: Start) -> Spawn<S> {
    let process = spawn(move |pid| {
        let (source, judge) = (start.source.clone(), start.judge.clone());
        transition!(
            Line::new(start, pid),
            peekable_as::<Line, SessionState>(),
            peekable_now::<Line, SessionLines>(),
            ask(
                |cx| judge.ends(cx),
                |mut line: Line, why| {
                    let end = why.ok().map(|why| line.end(&why, Farewell::Abort));
                    transition!(line, end)
                },
            ),
            at_meta_level!(subscriber!(
                Ground::<Value>(source, _),
                match_state!(line: &mut Line => on_message!(
                    Ground::<Value>(_, said) => match FromLine::from_value(&said) {
                        Some(said) => line.hear(said),
                        None => ActionTree::new(),
                    },
                )),
                match_state!(line: &mut Line => match_reason!(
                    why: Reason => on_absence!(line.end(&why.to_string(), Farewell::None)),
                )),
                // Behind what waits to be written.
                on_shutdown!(yield_now!(|mut line: Line| {
                    let end = line.end(SHUTDOWN, Farewell::Abort);
                    transition!(line, end)
                })),
            )),
        )
    });
    name_process(Symbol::new("captp-session"), process)
}

/// The state of the process.
struct Line {
    start: Start,
    pid: Pid,
    inbox: Inbox,
    known: Known,
    /// Bytes that came while the hub was asked.
    unheard: usize,
    stage: Stage,
    /// More waits to be written than should: no message of ours is added.
    congested: bool,
    /// How many operations there had been when nobody used the session any more, if that is so.
    idle_since: Option<u64>,
    /// The time runs for which gifts count as use.
    gifts_wait: bool,
    /// Why it is over, though the process may still be called.
    over: Option<Reason>,
}

enum Stage {
    /// The connection does not stand yet.
    Awaited,
    /// The hub is asked whether we may say hello, or is to judge that of the peer.
    Asked(Greeted),
    /// The peer is to say hello.
    Connected(Greeted),
    /// Both hellos were said.
    Running(Box<Running>),
}

/// The last word to the peer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Farewell {
    /// It is told why.
    Abort,
    /// It has said why itself, or hears nothing any more.
    None,
}

impl Line {
    fn new(start: Start, pid: Pid) -> Self {
        let inbox = Inbox::new(start.bounds.message);
        Self {
            start,
            pid,
            inbox,
            known: Known::default(),
            unheard: 0,
            stage: Stage::Awaited,
            congested: false,
            idle_since: None,
            gifts_wait: false,
            over: None,
        }
    }

    fn hear(&mut self, said: FromLine) -> ActionTree<Self> {
        if self.over.is_some() {
            return ActionTree::new();
        }
        match said {
            FromLine::Connected(seed) => self.connected(&seed),
            FromLine::Known(known) => {
                self.known = known;
                ActionTree::new()
            }
            FromLine::Heard(bytes) => {
                if let Stage::Asked(_) = self.stage {
                    self.unheard += bytes.len();
                    if self.unheard > self.start.unheard {
                        return self.end("too much was said before the session began", Farewell::Abort);
                    }
                }
                self.inbox.push(bytes);
                self.hear_inbox()
            }
            FromLine::Congested(congested) => {
                self.congested = congested;
                ActionTree::new()
            }
            FromLine::Ended => self.end("the peer has closed the connection", Farewell::None),
        }
    }

    /// Hears the messages that are there as a whole, unless the hub is being asked.
    fn hear_inbox(&mut self) -> ActionTree<Self> {
        let mut actions = Vec::new();
        while self.over.is_none() && !matches!(self.stage, Stage::Awaited | Stage::Asked(_)) {
            let message = match self.inbox.next() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) => {
                    actions.push(self.end(&error.to_string(), Farewell::Abort));
                    break;
                }
            };
            actions.push(match &mut self.stage {
                Stage::Running(running) => match running.hear(&message) {
                    Ok(()) => continue,
                    Err(Over { why, farewell }) => self.end(&why, farewell),
                },
                _ => self.hello(&message),
            });
        }
        actions.push(self.asked());
        actions.into_action_tree()
    }

    /// The actions that are to be done, and the bytes that were written.
    fn asked(&mut self) -> ActionTree<Self> {
        match &mut self.stage {
            Stage::Running(running) if self.over.is_none() => {
                let asked = running.take_asked(&self.start.source);
                actions![asked, self.mind_gifts(), self.mind_idleness()]
            }
            _ => ActionTree::new(),
        }
    }

    /// The session, if it has begun and is not over.
    fn running(&mut self) -> Option<&mut Running> {
        match &mut self.stage {
            Stage::Running(running) if self.over.is_none() => Some(running),
            _ => None,
        }
    }

    /// Works on the session, if it is not over.
    fn run(&mut self, work: impl FnOnce(&mut Running)) -> ActionTree<Self> {
        let Some(running) = self.running() else { return ActionTree::new() };
        work(running);
        self.asked()
    }

    /// Ends the session and, behind that, the process. The promises that the peer was to settle
    /// break with the process.
    fn end(&mut self, why: &str, farewell: Farewell) -> ActionTree<Self> {
        if self.over.is_some() {
            return ActionTree::new();
        }
        if farewell == Farewell::Abort
            && let Stage::Running(running) = &mut self.stage
        {
            running.abort(why);
        }
        let asked = self.asked();
        let aborted = match (&self.stage, farewell) {
            (Stage::Connected(_) | Stage::Asked(_), Farewell::Abort) => {
                let mut writer = Writer::new();
                self.start.spelling.abort(&mut writer, why);
                Some(say(&self.start.source, self.start.spelling.framed(writer.into_bytes()).into()))
            }
            _ => None,
        };
        if let Stage::Running(running) = &mut self.stage {
            // Nobody hands off objects of the peer from now on.
            running.around.listed = None;
            if why == IDLE {
                running.ending.comes();
            }
        }
        let ended = SessionEnded { why: why.into() };
        // That a peer goes is no failure of the process, and no warning.
        let reason = match farewell {
            Farewell::Abort if ![SHUTDOWN, IDLE, REPLACED].contains(&why) => Reason::error(ended.clone()),
            _ => Reason::value(&ended),
        };
        self.over = Some(reason.clone());
        let failed = (!matches!(self.stage, Stage::Running(_))).then(|| {
            let judge = &self.start.judge;
            tell(|cx| judge.failed(cx, Reason::error(ended.clone())))
        });
        actions![asked, aborted, failed, to_line(&self.start.source, ToLine::Close), quit().because(reason),]
    }
}

/// Why the session cannot go on.
struct Over {
    why: String,
    farewell: Farewell,
}

/// Says bytes to the peer.
fn say(source: &Source, bytes: bytes::Bytes) -> ActionTree<Line> {
    to_line(source, ToLine::Say(bytes))
}

fn to_line(source: &Source, said: ToLine) -> ActionTree<Line> {
    at_meta_level(send_feedback(&Ground(source.clone(), said)))
}

/// The key pair of a session, of the seed that the connection brings.
fn keys_of(seed: &[u8]) -> Option<Keys> {
    seed.try_into().ok().map(Keys::of_seed)
}
