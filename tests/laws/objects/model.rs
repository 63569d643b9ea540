//! The model says from outside whether a run was right: from the trace, and from notes of players.

use std::collections::{BTreeMap, BTreeSet};

use marketplace::sim::Sim;
use marketplace::{Performed, Reason, Value, What};

use super::players::{Ledger, Wait, of_the_host};
use super::programs::Answer;

/// A note, as the trace has it.
#[derive(Default)]
struct Way {
    /// When its send was performed first, and when it was heard.
    sent: Option<usize>,
    heard: Option<usize>,
}

/// The trace, read.
#[derive(Default)]
pub(super) struct Told {
    ways: BTreeMap<usize, Way>,
    /// When each promise was settled, and with which reference, if with one.
    settled: BTreeMap<String, (usize, Option<String>)>,
}

/// The number in a message with this verb.
fn number_in(message: &Value, verb: &str) -> Option<usize> {
    let text = message.to_string();
    let rest = text.trim_start_matches(['[', '(']).trim_start_matches('\'').strip_prefix(verb)?;
    let digits: String =
        rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn is_reference(text: &str) -> bool {
    text.starts_with("ref#")
}

impl Told {
    pub(super) fn of(sim: &Sim, ledger: &Ledger) -> Self {
        let mut told = Self::default();
        // The turns in which a player settled a promise with its resolver.
        let mut settling = BTreeMap::new();
        for (now, record) in sim.trace().records().iter().enumerate() {
            match &record.what {
                What::Performed { action: Performed::SendTo(_, message), .. } => {
                    let Some(note) = number_in(message, "note") else { continue };
                    told.ways.entry(note).or_default().sent.get_or_insert(now);
                }
                What::Turn { id, heard: marketplace::Heard::Sent(_, message), .. } => {
                    if let Some(note) = number_in(message, "note") {
                        told.ways.entry(note).or_default().heard.get_or_insert(now);
                    }
                    if let Some(promise) =
                        number_in(message, "do").and_then(|number| ledger.settles.get(&number))
                    {
                        settling.insert(*id, promise.clone());
                    }
                }
                What::Performed { cause, action: Performed::Answer(promise, result), .. } => {
                    let promise = match promise {
                        Some(promise) => format!("{promise:?}"),
                        None => match settling.remove(cause) {
                            Some(promise) => promise,
                            None => continue,
                        },
                    };
                    told.settles(promise, now, result);
                }
                _ => {}
            }
        }
        told
    }

    fn settles(&mut self, promise: String, now: usize, result: &Result<Value, Reason>) {
        let with = result.as_ref().ok().map(ToString::to_string).filter(|with| is_reference(with));
        self.settled.entry(promise).or_insert((now, with));
    }

    /// All that a reference stands for: itself, and what the promises are settled with that it
    /// follows; and when the last of them was settled.
    fn chain(&self, reference: &str) -> (Vec<String>, usize) {
        let (mut chain, mut when) = (vec![reference.to_string()], 0);
        while let Some((now, with)) = self.settled.get(chain.last().unwrap()) {
            when = when.max(*now);
            match with {
                Some(with) if !chain.contains(with) => chain.push(with.clone()),
                _ => break,
            }
        }
        (chain, when)
    }
}

impl Told {
    /// The references at which messages to this one may end: those with which it, and what it
    /// follows, is settled, and those that hear for forwarded promises.
    fn ends(&self, reference: &str, ledger: &Ledger) -> BTreeSet<String> {
        let (mut ends, mut left, mut seen) = (BTreeSet::new(), vec![reference], BTreeSet::new());
        while let Some(at) = left.pop() {
            if !seen.insert(at) {
                continue;
            }
            left.extend(ledger.forwarded.get(at).map(String::as_str));
            match self.settled.get(at) {
                Some((_, Some(with))) => left.push(with),
                // An object, or a promise that gives data, or that nobody could settle any more.
                _ => drop(ends.insert(at.to_string())),
            }
        }
        ends
    }

    /// Whether messages that were sent at these times may go different ways, of which nothing is
    /// said: through a promise that hears for a forwarded one, and past it, when the forwarded one
    /// has been settled or closed in between.
    fn may_turn(&self, to: &str, first: usize, then: usize, ledger: &Ledger) -> bool {
        let settled = |at: &String| self.settled.get(at).map_or(usize::MAX, |(now, _)| *now);
        let (chain, _) = self.chain(to);
        let mut led_on = chain.iter().filter(|at| ledger.is_led_on(at));
        led_on.any(|at| ledger.closed.contains(at) || (first..then).contains(&settled(at)))
    }
}

impl Ledger {
    fn is_object(&self, reference: &str) -> bool {
        self.lives.iter().any(|life| life.reference == reference)
    }

    /// Whether another promise hears for it: that has its own time.
    fn is_led_on(&self, promise: &String) -> bool {
        self.forwarded.get(promise).is_some_and(|here| !self.is_object(here))
    }
}

/// O6: what a process sends to a reference is heard in that order; what waited at a promise is
/// heard before what is sent by those who learned of its object there.
pub(super) fn order(told: &Told, ledger: &Ledger) -> Result<(), String> {
    let mut last: BTreeMap<(usize, &str), (usize, usize)> = BTreeMap::new();
    let mut last_heard: BTreeMap<(usize, &str, usize), (usize, usize, usize)> = BTreeMap::new();
    for (number, note) in ledger.notes.iter().enumerate() {
        let Some(Way { sent: Some(sent), heard }) = told.ways.get(&number) else { continue };
        if let Some((before, at)) = last.insert((note.process, &note.to), (number, *sent))
            && at > *sent
        {
            return Err(format!("note {before} was asked for before {number}, but performed later"));
        }
        let (Some(heard), [player, ..]) = (heard, &note.heard[..]) else { continue };
        if let Some((before, was_sent, at)) =
            last_heard.insert((note.process, &note.to, *player), (number, *sent, *heard))
            && at > *heard
            && !told.may_turn(&note.to, was_sent, *sent, ledger)
        {
            return Err(format!("note {before} was sent to {} before {number}, but heard later", note.to));
        }
        let Some(promise) = &note.learned else { continue };
        let (chain, settled) = told.chain(promise);
        // The object that hears for a forwarded promise may have gone: nobody hears the note.
        let is_forwarded = chain.iter().any(|reference| ledger.forwarded.contains_key(reference));
        if chain.iter().any(|at| ledger.is_led_on(at)) {
            continue;
        }
        for (early, before) in ledger.notes.iter().enumerate().filter(|(_, before)| before.to == *promise) {
            let Some(Way { sent: Some(sent), heard: at }) = told.ways.get(&early) else { continue };
            if *sent < settled && before.learned.is_none() && at.map_or(!is_forwarded, |at| at > *heard) {
                return Err(format!(
                    "note {early} waited at {promise}, but {number}, by who heard of its object, overtook it"
                ));
            }
        }
    }
    Ok(())
}

/// Nothing is heard or called twice. When every promise is decided, each that waits was called
/// once, and messages to somebody who is there were heard.
pub(super) fn once(told: &Told, ledger: &Ledger, all_decided: bool) -> Result<(), String> {
    for (number, note) in ledger.notes.iter().enumerate() {
        if note.heard.len() > 1 {
            return Err(format!("note {number} was heard {} times", note.heard.len()));
        }
        let is_sent = told.ways.get(&number).is_some_and(|way| way.sent.is_some());
        // Each of those who may hear it is there; some promises lead to two.
        let is_there = |end: &String| {
            let mut lives = ledger.lives.iter().filter(|life| life.is_alive && life.reference == *end);
            lives.any(|life| !ledger.gone.contains(&life.process))
        };
        if all_decided
            && is_sent
            && note.heard.is_empty()
            // Sends that are carried outward are dropped with the VM that carries them (O7, O15).
            && !ledger.gone.contains(&note.process)
            && told.ends(&note.to, ledger).iter().all(is_there)
        {
            return Err(format!("note {number} was never heard"));
        }
    }
    for (number, wait) in ledger.waits.iter().enumerate() {
        let Wait { process, note, called, is_watch, .. } = wait;
        if called.len() > 1 {
            return Err(format!("`when` {number} was called {} times: {called:?}", called.len()));
        }
        let (is_gone, is_told) = (ledger.gone.contains(process), !called.is_empty());
        if all_decided && !is_told && !is_gone && !is_watch {
            return Err(format!("`when` {number} was never called"));
        }
        if let (Some(note), [said]) = (note, &called[..]) {
            let of = &ledger.notes[*note];
            let answers = |player: &usize| !ledger.gone.contains(&ledger.lives[*player].process);
            let is_answer = *said == note.to_string();
            let may_be = match of.heard.first() {
                Some(player) if of.answer == Answer::Data && answers(player) => is_answer,
                // Its process may have ended before it answered.
                Some(_) if of.answer == Answer::Data => is_answer || said.starts_with("broken: it is gone"),
                _ => true,
            };
            if !may_be {
                return Err(format!("note {note} was answered with {said}"));
            }
        }
    }
    Ok(())
}

/// Nobody is gone whom somebody has. When every promise is decided, nobody is there whom nobody
/// has.
pub(super) fn life(told: &Told, ledger: &Ledger, all_decided: bool) -> Result<(), String> {
    let there = |life: &&super::players::Life| life.is_alive && !ledger.gone.contains(&life.process);
    let mut held: BTreeSet<String> = of_the_host(ledger).into_iter().collect();
    for life in ledger.lives.iter().filter(there) {
        held.extend(life.hands.iter().flat_map(|hand| told.chain(hand).0));
    }
    for (number, life) in ledger.lives.iter().enumerate() {
        if ledger.gone.contains(&life.process) {
            continue;
        }
        match (life.is_alive, held.contains(&life.reference)) {
            (false, true) => {
                return Err(format!("player {number} ({}) is gone, but somebody has it", life.reference));
            }
            (true, false) if all_decided => {
                return Err(format!("nobody has player {number} ({}), but it is there", life.reference));
            }
            _ => {}
        }
    }
    Ok(())
}

/// When nobody has anything any more, nothing is there.
pub(super) fn leaks(sim: &Sim, ledger: &Ledger) -> Result<(), String> {
    let there: Vec<_> = (0..ledger.lives.len()).filter(|number| ledger.lives[*number].is_alive).collect();
    if !there.is_empty() {
        return Err(format!("players {there:?} are still there"));
    }
    if let Some(number) = ledger.waits.iter().position(|wait| wait.is_kept) {
        return Err(format!("what `when` {number} keeps is still there"));
    }
    let stats = sim.stats();
    if (stats.processes, stats.queued, stats.queued_bytes) != (1, 0, 0) {
        return Err(format!("only the event relay should be left: {stats:?}"));
    }
    Ok(())
}
