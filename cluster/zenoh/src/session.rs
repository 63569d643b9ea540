//! A session with Zenoh, from its beginning to its end, on a thread that may wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;
use zenoh::liveliness::LivelinessToken;
use zenoh::sample::{Sample, SampleKind};
use zenoh::{Session, Wait};

use crate::inbox::Inbox;
use crate::keys::{Keys, Vm};
use crate::missing::Missing;
use crate::ways::{Out, Way};

/// How long it waits before it opens a session anew, the first time and at most.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a machine is alone at least, before it looks whether it should dial others. Others
/// that dial it do so within a second.
const ALONE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_secs(1);

/// The logs in which Zenoh says why it reaches nobody.
const SAYS_WHY: &str = "warn,zenoh::net::runtime::orchestrator=debug";

/// The ways to all machines.
pub(crate) type Ways = BTreeMap<Text, Vec<(u64, Arc<Way>)>>;

/// The sessions that a machine may want.
pub(crate) struct Wanted {
    pub(crate) config: zenoh::Config,
    /// One that dials all others, if that is another one.
    pub(crate) dials_all: Option<zenoh::Config>,
    /// One that looks who is there, and is not dialled.
    pub(crate) looks: Option<zenoh::Config>,
    pub(crate) lease: Duration,
    /// The other machines of the list.
    pub(crate) others: Vec<Text>,
}

/// Opens a session, and ends it when it is told to, or when nobody is there to tell it. With that
/// word come ways: Zenoh may wait where they end, too.
pub(crate) fn run(mut wanted: Wanted, out: &Out, end: &Receiver<Ways>, ended: &AtomicBool) {
    while let Some(session) = open(&wanted.config, out, end) {
        // In the others' sight as soon as it hears and sees them.
        let begun = hear(&session, out).and_then(|()| see(&session, out)).and_then(|()| live(&session, out));
        out.set_session(Some(session));
        let over = match begun {
            Ok(token) => {
                out.inbox.open();
                let over = look(&wanted, out, end);
                // The others hear of the end behind all that was said to them.
                tell(out, "Zenoh does not take the end of this machine", token.undeclare().wait());
                over
            }
            Err(error) => {
                tell(out, "Zenoh does not take this machine", Err(error));
                match end.recv_timeout(LONGEST_PAUSE) {
                    Err(RecvTimeoutError::Timeout) => Over::Again,
                    _ => Over::End,
                }
            }
        };
        if let Some(session) = out.set_session(None) {
            tell(out, "the session with Zenoh does not close", session.close().wait());
        }
        if over == Over::End {
            break;
        }
        out.inbox.all_down();
        if over == Over::Alone {
            wanted.config = wanted.dials_all.take().unwrap_or(wanted.config);
        }
    }
    ended.store(true, Ordering::Release);
    out.inbox.look_again();
}

/// Why a session is over.
#[derive(PartialEq, Eq)]
enum Over {
    /// It is to end.
    End,
    /// Another one is to dial all.
    Alone,
    /// Another one is to try the same.
    Again,
}

fn tell(out: &Out, what: &'static str, done: zenoh::Result<()>) {
    if let Err(error) = done {
        out.inbox.tell(what, || error.to_string());
    }
}

/// Opens a session, unless the end comes first.
fn open(config: &zenoh::Config, out: &Out, end: &Receiver<Ways>) -> Option<Session> {
    let mut pause = PAUSE;
    loop {
        match zenoh::open(config.clone()).wait() {
            Ok(session) => return Some(session),
            Err(error) => tell(out, "there is no session with Zenoh", Err(error)),
        }
        match end.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(LONGEST_PAUSE),
            _ => return None,
        }
    }
}

/// Waits for the end, and looks meanwhile who is missing: Zenoh tries in silence.
fn look(wanted: &Wanted, out: &Out, end: &Receiver<Ways>) -> Over {
    let mut missing = Missing::default();
    loop {
        match end.recv_timeout(wanted.lease.max(ALONE)) {
            Err(RecvTimeoutError::Timeout) => {}
            // The ways end here, with all that was said on them.
            _ => return Over::End,
        }
        if let Some(names) = missing.look(&wanted.others, |name| out.inbox.has(name)) {
            let shows = format!("MARKETPLACE_LOG={SAYS_WHY} shows what Zenoh tries");
            out.inbox.tell_all(&format!("missing machines: {names}. {shows}"));
        }
        let is_alone = out.inbox.has_nobody();
        if let Some(looks) = wanted.looks.as_ref().filter(|_| is_alone && wanted.dials_all.is_some())
            && somebody_lives(looks, out)
            && out.inbox.has_nobody()
        {
            return Over::Alone;
        }
    }
}

/// Whether somebody lives where this machine does not dial, and who does not dial it either:
/// perhaps they cannot, or another machine has its name.
fn somebody_lives(looks: &zenoh::Config, out: &Out) -> bool {
    let (tell, told) = std::sync::mpsc::channel();
    let Ok(session) = zenoh::open(looks.clone()).wait() else { return false };
    let seen = session.liveliness().declare_subscriber(out.keys.tokens()).history(true);
    let sees = move |sample: Sample| {
        // If nobody listens any more, enough is known.
        let _ = tell.send(sample.kind());
    };
    let sees = seen.callback(sees).background().wait();
    let lives = sees.is_ok() && told.recv_timeout(LOOK) == Ok(SampleKind::Put);
    // There is nothing that others hear of it.
    let _ = session.close().wait();
    lives
}

fn live(session: &Session, out: &Out) -> zenoh::Result<LivelinessToken> {
    session.liveliness().declare_token(out.keys.token(&out.me)).wait()
}

fn hear(session: &Session, out: &Out) -> zenoh::Result<()> {
    let (keys, inbox) = (out.keys.clone(), out.inbox.clone());
    let hears = move |sample: Sample| match read(&keys, &sample) {
        Some((vm, packet)) => inbox.packet(vm, packet),
        None => inbox.tell("what comes is no packet", || sample.key_expr().to_string()),
    };
    session.declare_subscriber(out.keys.inbox(&out.me)).callback(hears).background().wait()
}

fn read(keys: &Keys, sample: &Sample) -> Option<(Vm, Bytes)> {
    let name = keys.speaker(sample.key_expr().as_str())?;
    let epoch = sample.attachment()?.to_bytes();
    let epoch = u64::from_be_bytes(epoch.as_ref().try_into().ok()?);
    let packet = Bytes::copy_from_slice(&sample.payload().to_bytes());
    (sample.kind() == SampleKind::Put).then_some(((name, epoch), packet))
}

fn see(session: &Session, out: &Out) -> zenoh::Result<()> {
    let (keys, inbox, me): (_, Arc<Inbox>, _) = (out.keys.clone(), out.inbox.clone(), out.me.clone());
    let sees = move |sample: Sample| {
        let Some(vm) = keys.living(sample.key_expr().as_str()) else {
            let what = || sample.key_expr().to_string();
            return inbox.tell("what lives there is no machine", what);
        };
        match sample.kind() {
            _ if vm == me => {}
            SampleKind::Put => inbox.up(vm),
            SampleKind::Delete => inbox.down(&vm),
        }
    };
    // `history` tells what lives already, in one order with what comes and goes.
    let seen = session.liveliness().declare_subscriber(out.keys.tokens()).history(true);
    seen.callback(sees).background().wait()
}
