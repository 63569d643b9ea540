//! A simple model of a VM's network, which checks a trace: every endpoint is told what the rules
//! say, in that order, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use marketplace::*;

use crate::program::{Mood, apart, name};

#[derive(Clone, Debug)]
struct Endpoint {
    pid: Pid,
    name: Option<Value>,
    role: Role,
}

/// The network of one level, as far as the trace has been read.
#[derive(Default)]
pub(crate) struct Model {
    endpoints: Vec<Endpoint>,
    /// Processes of which no code runs any more.
    deaf: BTreeSet<Pid>,
    alive: BTreeSet<Pid>,
    /// Processes whose endpoints do not meet each other and do not hear what they send.
    apart: BTreeSet<Pid>,
}

/// The events that were heard because of one action, still to be explained.
type Heards = std::collections::VecDeque<(Pid, Heard, bool)>;

/// Checks every level of a trace and gives the model of the ground.
pub(crate) fn check(trace: &Trace) -> Result<Model, String> {
    let mut levels: BTreeMap<Arc<[Pid]>, Vec<&Record>> = BTreeMap::new();
    for record in trace.records() {
        levels.entry(record.vm.clone()).or_default().push(record);
    }
    let mut ground = Model::default();
    for (path, records) in levels {
        let model = check_level(&records).map_err(|error| format!("level {path:?}: {error}\n{trace}"))?;
        if path.is_empty() {
            ground = model;
        }
    }
    Ok(ground)
}

fn check_level(records: &[&Record]) -> Result<Model, String> {
    let performed: BTreeSet<u64> = records
        .iter()
        .filter_map(|record| match &record.what {
            What::Performed { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    let mut heards: BTreeMap<u64, Heards> = BTreeMap::new();
    for record in records {
        if let (What::Turn { cause, heard, outcome, .. }, Some(pid)) = (&record.what, record.pid)
            && performed.contains(cause)
            && is_event(heard)
        {
            let failed = matches!(outcome, TurnOutcome::Failed(_));
            heards.entry(*cause).or_default().push_back((pid, heard.clone(), failed));
        }
    }
    let set_apart: BTreeSet<u64> = records
        .iter()
        .filter_map(|record| match &record.what {
            What::Performed { id, action: Performed::Spawn(Some(name)), .. } if *name == apart() => Some(*id),
            _ => None,
        })
        .collect();
    let fatal = fatal_refusals(records);
    let mut model = Model::default();
    for record in records {
        match (&record.what, record.pid) {
            (What::Turn { cause, heard: Heard::Boot, outcome: TurnOutcome::Done { .. }, .. }, Some(pid)) => {
                model.alive.insert(pid);
                if set_apart.contains(cause) {
                    model.apart.insert(pid);
                }
            }
            // Explained with the action that led to it.
            (What::Turn { cause, heard, .. }, _) if performed.contains(cause) && is_event(heard) => {}
            // A boot, a yield, a continuation, or something from further out.
            (What::Turn { outcome: TurnOutcome::Failed(_), .. }, Some(pid)) => {
                model.deaf.insert(pid);
            }
            (What::Turn { .. }, Some(pid)) if model.deaf.contains(&pid) => {
                return Err(format!("{record}: its code runs"));
            }
            (What::Turn { id, .. }, Some(pid)) if fatal.contains(id) => {
                model.deaf.insert(pid);
            }
            (What::Performed { id, action, .. }, pid) => {
                if let Some(pid) = pid
                    && !model.alive.contains(&pid)
                {
                    return Err(format!("{record}: it is gone"));
                }
                let mut told = heards.remove(id).unwrap_or_default();
                model.perform(pid, action, &mut told).map_err(|error| format!("{record}: {error}"))?;
                if let Some((pid, heard, _)) = told.front() {
                    return Err(format!("{record}: {pid} {heard}, for no reason"));
                }
            }
            (What::Exit(_) | What::Dropped, Some(pid)) => {
                model.alive.remove(&pid);
                if model.endpoints.iter().any(|endpoint| endpoint.pid == pid) {
                    return Err(format!("{record}: it had endpoints"));
                }
            }
            _ => {}
        }
    }
    Ok(model)
}

/// The turns in which processes failed because they did not handle a refusal: the last ones that
/// they heard, since they quit because of them.
fn fatal_refusals(records: &[&Record]) -> BTreeSet<u64> {
    let mut last: BTreeMap<Pid, u64> = BTreeMap::new();
    let mut fatal = BTreeSet::new();
    for record in records {
        match (&record.what, record.pid) {
            (What::Turn { id, heard: Heard::Absence(_, Reason::Refused(_)), .. }, Some(pid)) => {
                last.insert(pid, *id);
            }
            (What::Performed { action: Performed::Quit(None, Some(Reason::Refused(_))), .. }, Some(pid)) => {
                fatal.extend(last.remove(&pid));
            }
            _ => {}
        }
    }
    fatal
}

impl Model {
    pub(crate) fn endpoints(&self) -> usize {
        self.endpoints.len()
    }

    pub(crate) fn processes(&self) -> usize {
        self.alive.len()
    }

    fn perform(&mut self, pid: Option<Pid>, action: &Performed, told: &mut Heards) -> Result<(), String> {
        match (action, pid) {
            (Performed::AddEndpoint(name, role), Some(pid)) => {
                let known = name.as_ref().and_then(|name| self.find(pid, name));
                match known {
                    Some(at) => self.change(at, role.clone(), told),
                    None => self.add(Endpoint { pid, name: name.clone(), role: role.clone() }, told),
                }
            }
            (Performed::DeleteEndpoint(name, reason), Some(pid)) => match self.find(pid, name) {
                Some(at) => self.delete(at, reason, told),
                None => Ok(()),
            },
            (Performed::Send(side, body), _) => self.send(pid, *side, body, told),
            (Performed::Refuse(topic, why), _) => self.refuse(pid, topic, why, told),
            (Performed::Quit(who, reason), _) => self.quit(pid, who.or(pid), reason.clone(), told),
            _ => Ok(()),
        }
    }

    /// The endpoints of others, and of the process itself, unless it is apart: in creation order.
    fn around(&self, pid: Option<Pid>) -> Vec<Endpoint> {
        let apart = pid.filter(|pid| self.apart.contains(pid));
        self.endpoints.iter().filter(|endpoint| Some(endpoint.pid) != apart).cloned().collect()
    }

    fn find(&self, pid: Pid, name: &Value) -> Option<usize> {
        self.endpoints.iter().position(|endpoint| endpoint.pid == pid && endpoint.name.as_ref() == Some(name))
    }

    /// Somebody must have heard this now, unless it is deaf.
    fn tell(&mut self, pid: Pid, heard: Heard, told: &mut Heards) -> Result<bool, String> {
        if self.deaf.contains(&pid) {
            return Ok(false);
        }
        match told.pop_front() {
            Some((who, what, failed)) if (who, &what) == (pid, &heard) => {
                if failed {
                    self.deaf.insert(pid);
                }
                Ok(!failed)
            }
            Some((who, what, _)) => Err(format!("{who} {what}, but it should be {pid} that {heard}")),
            None => Err(format!("nobody is told, but {pid} {heard}")),
        }
    }

    fn add(&mut self, new: Endpoint, told: &mut Heards) -> Result<(), String> {
        let peers = self.around(Some(new.pid));
        self.endpoints.push(new.clone());
        let mut shown = false;
        for peer in peers {
            if let Some(role) = sees(&peer.role, &new.role) {
                self.tell(peer.pid, Heard::Presence(role), told)?;
            }
            if let Some(role) = sees(&new.role, &peer.role) {
                shown = true;
                self.tell(new.pid, Heard::Presence(role), told)?;
            }
        }
        if !shown {
            let nobody =
                Role::new(new.role.orientation.opposite(), new.role.topic, InterestType::Participant);
            self.tell(new.pid, Heard::Vacancy(nobody), told)?;
        }
        Ok(())
    }

    fn change(&mut self, at: usize, role: Role, told: &mut Heards) -> Result<(), String> {
        let old = std::mem::replace(&mut self.endpoints[at].role, role.clone());
        let this = self.endpoints[at].clone();
        let mut peers = self.around(Some(this.pid));
        peers.retain(|peer| (peer.pid, &peer.name) != (this.pid, &this.name));
        for peer in peers {
            self.told_change(peer.pid, sees(&peer.role, &old), sees(&peer.role, &role), told)?;
            self.told_change(this.pid, sees(&old, &peer.role), sees(&role, &peer.role), told)?;
        }
        self.release(&this);
        Ok(())
    }

    fn told_change(
        &mut self,
        pid: Pid,
        before: Option<Role>,
        now: Option<Role>,
        told: &mut Heards,
    ) -> Result<(), String> {
        if before == now {
            return Ok(());
        }
        if let Some(now) = now {
            self.tell(pid, Heard::Presence(now), told)?;
        }
        if let Some(before) = before {
            self.tell(pid, Heard::Absence(before, Reason::Changed), told)?;
        }
        Ok(())
    }

    fn delete(&mut self, at: usize, reason: &Reason, told: &mut Heards) -> Result<(), String> {
        let gone = self.endpoints.remove(at);
        self.mourn(&gone, reason, true, told)?;
        self.release(&gone);
        Ok(())
    }

    fn mourn(
        &mut self,
        gone: &Endpoint,
        reason: &Reason,
        listens: bool,
        told: &mut Heards,
    ) -> Result<(), String> {
        for peer in self.around(Some(gone.pid)) {
            if let Some(role) = sees(&peer.role, &gone.role) {
                self.tell(peer.pid, Heard::Absence(role, reason.clone()), told)?;
            }
            if listens && let Some(role) = sees(&gone.role, &peer.role) {
                self.tell(gone.pid, Heard::Absence(role, reason.clone()), told)?;
            }
        }
        Ok(())
    }

    /// Its handler is dropped: who made a bomb fails.
    fn release(&mut self, gone: &Endpoint) {
        if has_mood(gone, Mood::Bomb) {
            self.deaf.insert(gone.pid);
        }
    }

    fn send(
        &mut self,
        sender: Option<Pid>,
        side: Orientation,
        body: &Value,
        told: &mut Heards,
    ) -> Result<(), String> {
        for receiver in self.around(sender) {
            if receiver.role.orientation == side || !receiver.role.topic.matches(body) {
                continue;
            }
            let once = is_once(&receiver);
            if once && let Some(at) = receiver.name.as_ref().and_then(|name| self.find(receiver.pid, name)) {
                self.endpoints.remove(at);
            }
            self.tell(receiver.pid, Heard::Message(side, body.clone()), told)?;
            if once {
                self.mourn(&receiver, &Reason::Normal, false, told)?;
                self.release(&receiver);
            }
        }
        Ok(())
    }

    fn refuse(
        &mut self,
        sender: Option<Pid>,
        topic: &Topic,
        why: &Value,
        told: &mut Heards,
    ) -> Result<(), String> {
        for ear in self.around(sender) {
            if ear.role.orientation == Orientation::Publisher {
                continue;
            }
            let Some(topic) = ear.role.topic.intersect(topic) else { continue };
            let heard = Heard::Absence(Role::publisher(topic), Reason::Refused(why.clone()));
            let well = self.tell(ear.pid, heard, told)?;
            if well && has_mood(&ear, Mood::Picky) && ear.role.interest != InterestType::Everything {
                self.deaf.insert(ear.pid);
            }
        }
        Ok(())
    }

    fn quit(
        &mut self,
        acting: Option<Pid>,
        who: Option<Pid>,
        reason: Option<Reason>,
        told: &mut Heards,
    ) -> Result<(), String> {
        let Some(pid) = who.filter(|pid| self.alive.contains(pid)) else {
            return Ok(());
        };
        let killer = acting.filter(|pid| self.apart.contains(pid)).map(|_| apart());
        let default = if acting == Some(pid) { Reason::Normal } else { Reason::Killed(killer) };
        let reason = reason.unwrap_or(default);
        self.deaf.insert(pid);
        while let Some(at) = self.endpoints.iter().position(|endpoint| endpoint.pid == pid) {
            self.delete(at, &reason, told)?;
        }
        Ok(())
    }
}

fn is_event(heard: &Heard) -> bool {
    matches!(heard, Heard::Presence(_) | Heard::Absence(..) | Heard::Vacancy(_) | Heard::Message(..))
}

/// The role in which an endpoint `ear` hears of a peer `peer`.
fn sees(ear: &Role, peer: &Role) -> Option<Role> {
    let meets = ear.orientation != peer.orientation;
    let visible = peer.interest == InterestType::Participant || ear.interest == InterestType::Everything;
    let topic = ear.topic.intersect(&peer.topic)?;
    (meets && visible).then(|| Role::new(peer.orientation, topic, peer.interest))
}

fn has_mood(endpoint: &Endpoint, mood: Mood) -> bool {
    let named = |once| (0..2).any(|number| endpoint.name.as_ref() == Some(&name(number, mood, once)));
    named(true) || named(false)
}

fn is_once(endpoint: &Endpoint) -> bool {
    [Mood::Calm, Mood::Picky, Mood::Chatty, Mood::Nervous, Mood::Strict, Mood::Bomb]
        .iter()
        .any(|mood| (0..2).any(|number| endpoint.name.as_ref() == Some(&name(number, *mood, true))))
}
