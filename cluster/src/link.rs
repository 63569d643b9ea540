//! The link to one other machine, without I/O: packets in, frames in; packets out, news out.
//!
//! Each side begins a *stream* with a greeting, which it says again until the other has answered. A
//! link stands when both streams are known to both. Frames are numbered from 1 in each stream. When
//! one is missing, or either side says so, both streams end, and both sides greet anew: with
//! greater numbers, so that nothing of an old stream is taken for one of a new one.
//!
//! After each call, take [`Link::poll_packet`] and [`Link::poll_news`] until they give nothing, and
//! call [`Link::judge`] and [`Link::tick`] when [`Link::due`] says.

mod batch;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;

use self::standing::Standing;
use crate::lost::Lost;
use crate::settings::Settings;
use crate::wire::{BadBytes, Frame, Greeting, Numbers, PROTOCOL, Packet};

/// How long a link is down that has ended by a fault or an overrun, the first time. It is doubled
/// each time, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// A link that has stood so long is down for [`SHORTEST`] again when it ends.
const WELL: Duration = Duration::from_secs(60);
/// A link that has ended so often, and has not stood for [`WELL`], does not begin anew at once:
/// each time the other side gets a whole picture. Then it is down for [`SHORTEST`], the next time
/// twice as long, and so on, up to the lease.
const ENDS: u32 = 16;

/// The news of a link.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// It stands: the other's program has this version.
    Stands(Text),
    /// The next frame, and how many bytes it had.
    Frame(Frame, usize),
    /// It stands no more.
    Lost(Lost),
    /// There will be none, as long as the other runs.
    Refused(Text),
    /// The other says that a machine of this epoch has our name.
    Taken(u64),
    /// The other did what it must not.
    Fault(String),
}

/// A link, for people who look on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) phase: &'static str,
    /// Since when it stands.
    pub(crate) since: Option<Duration>,
    pub(crate) round_trip: Option<Duration>,
    pub(crate) queued: usize,
    pub(crate) queued_bytes: usize,
    pub(crate) under_way: usize,
    /// How many frames were told and heard.
    pub(crate) said: u64,
    pub(crate) heard: u64,
    pub(crate) gaps: u64,
    pub(crate) resets: u64,
}

pub(crate) struct Link {
    settings: Settings,
    version: Text,
    /// The number of the stream that began last.
    stream: u64,
    /// Whether we have been part of the cluster.
    stood: bool,
    phase: Phase,
    /// How long it was down last.
    down: Duration,
    /// It is not greeted before that.
    held_until: Duration,
    /// How often it has ended since it stood well.
    ends: u32,
    stood_since: Duration,
    /// How often something was missing, and how often it has ended.
    gaps: u64,
    resets: u64,
    packets: VecDeque<Bytes>,
    news: VecDeque<News>,
}

enum Phase {
    /// There is no way.
    Down,
    /// It is down for so long, until then: nothing is said and nothing is heard. The time is set
    /// when it is known.
    Held {
        pause: Duration,
        until: Option<Duration>,
    },
    /// Our greeting is under way. `theirs` is the other's stream, if it has been heard, and the
    /// version of its program.
    Greeting {
        theirs: Option<(u64, Text)>,
        next: Duration,
        /// How many times it has been said again.
        again: u32,
    },
    Standing(Box<Standing>),
    /// The other refuses, is refused, or has left.
    Over,
}

impl Link {
    /// A link whose streams have numbers beyond this one.
    pub(crate) const fn new(settings: Settings, version: Text, beyond: u64) -> Self {
        Self {
            settings,
            version,
            stream: beyond,
            stood: false,
            phase: Phase::Down,
            down: Duration::ZERO,
            held_until: Duration::ZERO,
            ends: 0,
            stood_since: Duration::ZERO,
            gaps: 0,
            resets: 0,
            packets: VecDeque::new(),
            news: VecDeque::new(),
        }
    }

    pub(crate) fn stands(&self) -> bool {
        matches!(self.phase, Phase::Standing(_))
    }

    /// The numbers of the frames that are taken.
    pub(crate) fn hears(&self) -> Option<Numbers> {
        match &self.phase {
            Phase::Greeting { theirs: Some((theirs, _)), .. } => {
                Some(Numbers { from: *theirs, to: self.stream })
            }
            Phase::Standing(standing) => Some(standing.hears()),
            _ => None,
        }
    }

    /// Whether there is no way, and nothing to be remembered.
    pub(crate) fn has_no_way(&self) -> bool {
        matches!(self.phase, Phase::Down) && self.news.is_empty()
    }

    /// Whether we have been part of the cluster, which greetings say.
    pub(crate) fn set_stood(&mut self, stood: bool) {
        self.stood = stood;
    }

    /// There is a way.
    pub(crate) fn up(&mut self, now: Duration) {
        if let Phase::Down = self.phase {
            self.greet(None, now);
        }
    }

    /// The link as it is shown.
    pub(crate) fn shown(&self) -> Shown {
        let since = self.stands().then_some(self.stood_since);
        let mut shown = Shown { since, gaps: self.gaps, resets: self.resets, ..Shown::default() };
        match &self.phase {
            Phase::Down => shown.phase = "no way",
            Phase::Held { .. } => shown.phase = "held",
            Phase::Greeting { .. } => shown.phase = "greets",
            Phase::Standing(standing) => standing.show(&mut shown),
            Phase::Over => shown.phase = "over",
        }
        shown
    }

    /// Takes the counts of the link before it, of another epoch of the machine.
    pub(crate) fn goes_on_from(&mut self, before: &Self) {
        (self.gaps, self.resets) = (before.gaps, before.resets);
        (self.ends, self.held_until) = (before.ends, before.held_until);
    }

    /// There is no way any more.
    pub(crate) fn down(&mut self, now: Duration) {
        self.lose(Lost::Unreachable, now);
        self.packets.clear();
        self.phase = Phase::Down;
    }

    /// The other has left: nothing more is said to it, and nothing is heard that it said then. One
    /// that comes again after that begins anew, too.
    pub(crate) fn over(&mut self, now: Duration) {
        if self.stands() {
            self.is_ending(now);
        }
        self.phase = Phase::Over;
        self.news.clear();
    }

    /// The other takes another machine for ours: nothing more is said to it.
    pub(crate) fn is_taken(&mut self, now: Duration) {
        self.lose(Lost::NameTaken, now);
        self.phase = Phase::Over;
    }

    /// Says that the other's name is another machine's, of this epoch.
    pub(crate) fn say_taken(&mut self, epoch: u64) {
        self.packets.push_back(Packet::Taken(epoch).encode());
    }

    /// Queues a frame, if the link stands. Too many that wait end it.
    pub(crate) fn push(&mut self, frame: &[u8]) {
        let Phase::Standing(standing) = &mut self.phase else { return };
        standing.push(frame);
        if !standing.is_over(&self.settings) {
            return;
        }
        // Some of it may go at once.
        standing.pump(&mut self.packets);
        if standing.is_over(&self.settings) {
            self.reset(Lost::Overrun);
            self.hold(None);
        }
    }

    /// The next packet for the other. Frames that were queued one after the other go together.
    pub(crate) fn poll_packet(&mut self) -> Option<Bytes> {
        if self.packets.is_empty()
            && let Phase::Standing(standing) = &mut self.phase
        {
            standing.pump(&mut self.packets);
        }
        self.packets.pop_front()
    }

    pub(crate) fn poll_news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// When [`Link::tick`] is to be called.
    pub(crate) fn due(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Down | Phase::Over => None,
            Phase::Held { until, .. } => Some(until.unwrap_or(Duration::ZERO)),
            Phase::Greeting { next, .. } => Some(*next),
            Phase::Standing(standing) => Some(standing.due(&self.settings)),
        }
    }

    /// All that had come by this time has been heard. If nothing came for a lease before it, the
    /// other cannot be reached.
    pub(crate) fn judge(&mut self, now: Duration, heard: Duration) {
        if let Phase::Standing(standing) = &self.phase
            && standing.is_silent(heard, &self.settings)
        {
            self.lose(Lost::Unreachable, now);
            self.greet(None, now);
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Duration) {
        if self.stands() {
            self.is_well(now);
        }
        match &mut self.phase {
            Phase::Held { pause, until } => match *until {
                None => {
                    self.held_until = now + *pause;
                    *until = Some(self.held_until);
                }
                Some(until) if until <= now => self.greet(None, now),
                Some(_) => {}
            },
            Phase::Greeting { theirs, next, again } if *next <= now => {
                *again += 1;
                // A stream of which nothing has come for a lease is none.
                if *again % 4 == 0 {
                    *theirs = None;
                }
                self.say_greeting(now);
            }
            Phase::Standing(standing) => standing.say_last(now, &self.settings, &mut self.packets),
            _ => {}
        }
    }

    /// A packet has come.
    pub(crate) fn hear(&mut self, now: Duration, bytes: &Bytes) {
        self.up(now);
        let heard = Packet::decode(bytes).and_then(|packet| self.on_packet(now, packet));
        if let Err(error) = heard {
            self.fault(error.to_string(), now);
        }
    }

    /// The other did what it must not: the link is down for a while.
    pub(crate) fn fault(&mut self, what: String, now: Duration) {
        if matches!(self.phase, Phase::Greeting { .. } | Phase::Standing(_)) {
            self.news.push_back(News::Fault(what));
            self.reset(Lost::LinkReset);
            self.hold(Some(now));
        }
    }

    fn on_packet(&mut self, now: Duration, packet: Packet) -> Result<(), BadBytes> {
        match packet {
            Packet::Greeting(greeting) => self.greeted(now, greeting),
            Packet::Refusal(why) => {
                self.lose(Lost::LinkReset, now);
                self.phase = Phase::Over;
                self.news.push_back(News::Refused(why));
            }
            Packet::Taken(epoch) => self.news.push_back(News::Taken(epoch)),
            Packet::Frames { numbers, first, taken, frames } => {
                if self.is_current(now, numbers)
                    && let Phase::Standing(standing) = &mut self.phase
                {
                    standing.acknowledge(taken)?;
                    let whole = standing.on_frames(now, first, frames, &mut self.news)?;
                    standing.answer(now, &mut self.packets);
                    self.go_on(whole, now);
                }
            }
            Packet::Last { numbers, last, taken, clocks } => {
                if self.is_current(now, numbers)
                    && let Phase::Standing(standing) = &mut self.phase
                {
                    standing.acknowledge(taken)?;
                    let whole = standing.is_whole(now, last);
                    standing.measure(now, clocks);
                    self.go_on(whole, now);
                }
            }
            Packet::Reset { numbers, why } => {
                let Phase::Standing(standing) = &self.phase else { return Ok(()) };
                if numbers == standing.sends() {
                    self.lose(why, now);
                    self.greet(None, now);
                }
            }
        }
        Ok(())
    }

    fn greeted(&mut self, now: Duration, greeting: Greeting) {
        if greeting.protocol != PROTOCOL {
            let why = format!("protocol {PROTOCOL} is spoken here, and {} there", greeting.protocol);
            self.lose(Lost::LinkReset, now);
            self.packets.push_back(Packet::Refusal(why.as_str().into()).encode());
            self.phase = Phase::Over;
            self.news.push_back(News::Refused(why.into()));
            return;
        }
        let answered = greeting.heard == self.stream;
        match &self.phase {
            Phase::Standing(standing) if greeting.stream > standing.other_stream() => {
                self.lose(Lost::LinkReset, now);
                self.greet(Some((greeting.stream, greeting.version)), now);
            }
            Phase::Standing(standing) if greeting.stream == standing.other_stream() && !answered => {
                self.say_greeting(now);
            }
            Phase::Greeting { theirs, again, .. } => {
                let again = *again;
                let known = theirs.as_ref().map_or(0, |(stream, _)| *stream);
                if greeting.stream < known {
                    return;
                }
                self.phase =
                    Phase::Greeting { theirs: Some((greeting.stream, greeting.version)), next: now, again };
                // The other is to know that its greeting was heard.
                if known < greeting.stream || !answered {
                    self.say_greeting(now);
                }
                if answered {
                    self.stand(now);
                }
            }
            _ => {}
        }
    }

    /// Whether the streams with these numbers are those of now. If they are not, the other is told.
    fn is_current(&mut self, now: Duration, numbers: Numbers) -> bool {
        if let Phase::Greeting { theirs: Some((theirs, _)), .. } = &self.phase
            && numbers == (Numbers { from: *theirs, to: self.stream })
        {
            self.stand(now);
        }
        match &self.phase {
            Phase::Standing(standing) if numbers == standing.hears() => true,
            Phase::Standing(_) | Phase::Greeting { .. } => {
                self.packets.push_back(Packet::Reset { numbers, why: Lost::LinkReset }.encode());
                false
            }
            _ => false,
        }
    }

    fn go_on(&mut self, whole: bool, now: Duration) {
        if !whole {
            self.gaps += 1;
            self.is_ending(now);
            self.reset(Lost::LinkReset);
            self.greet(None, now);
        }
    }

    fn stand(&mut self, now: Duration) {
        let Phase::Greeting { theirs: Some((theirs, version)), .. } = &mut self.phase else { return };
        let (theirs, version) = (*theirs, version.clone());
        self.phase = Phase::Standing(Box::new(Standing::new(self.stream, theirs, now)));
        self.stood_since = now;
        self.news.push_back(News::Stands(version));
    }

    fn greet(&mut self, theirs: Option<(u64, Text)>, now: Duration) {
        if now < self.held_until {
            self.phase = Phase::Held { pause: Duration::ZERO, until: Some(self.held_until) };
            return;
        }
        self.stream += 1;
        self.phase = Phase::Greeting { theirs, next: now, again: 0 };
        self.say_greeting(now);
    }

    fn say_greeting(&mut self, now: Duration) {
        let heard = match &mut self.phase {
            Phase::Greeting { theirs, next, .. } => {
                *next = now + self.settings.quarter();
                theirs.as_ref().map_or(0, |(stream, _)| *stream)
            }
            Phase::Standing(standing) => standing.other_stream(),
            _ => return,
        };
        let (version, stream, stood) = (self.version.clone(), self.stream, self.stood);
        let greeting = Greeting { protocol: PROTOCOL, version, stream, heard, stood };
        self.packets.push_back(Packet::Greeting(greeting).encode());
    }

    /// Ends the streams, and says so to the other.
    fn reset(&mut self, why: Lost) {
        if let Phase::Standing(standing) = &self.phase {
            self.packets.push_back(Packet::Reset { numbers: standing.hears(), why }.encode());
            self.resets += 1;
            self.news.push_back(News::Lost(why));
            self.phase = Phase::Down;
        }
    }

    fn lose(&mut self, why: Lost, now: Duration) {
        if self.stands() {
            self.is_ending(now);
            self.resets += 1;
            self.news.push_back(News::Lost(why));
            self.phase = Phase::Down;
        }
    }

    /// If it has stood well, it is down for the shortest time when it ends.
    fn is_well(&mut self, now: Duration) {
        if now.saturating_sub(self.stood_since) >= WELL {
            (self.down, self.ends) = (Duration::ZERO, 0);
        }
    }

    /// It stands no more. If that was so too often, it is down for a while.
    fn is_ending(&mut self, now: Duration) {
        self.is_well(now);
        self.ends = self.ends.saturating_add(1);
        if let Some(more) = self.ends.checked_sub(ENDS + 1) {
            let longest = self.settings.lease.clamp(SHORTEST, LONGEST);
            let pause = (SHORTEST * (1 << more.min(5))).min(longest);
            self.held_until = self.held_until.max(now + pause);
        }
    }

    /// The link is down for a while. The time may not be known.
    fn hold(&mut self, now: Option<Duration>) {
        let pause = (self.down * 2).clamp(SHORTEST, LONGEST);
        self.down = pause;
        self.held_until = now.map_or(self.held_until, |now| now + pause);
        self.phase = Phase::Held { pause, until: now.map(|now| now + pause) };
    }
}
