//! The index: a network is told what a scan of all its endpoints would find, in that order.

use std::sync::{Arc, Mutex};

use marketplace::{
    AddEndpoint, GroundVm, Heard, InterestType, Message, Orientation, Pid, Reason, Role, Topic, Transition,
    Value, spawn,
};

use crate::made::Dough;

/// How many steps are taken of one input at most, so that one takes no longer than others.
const STEPS: usize = 100;

/// An endpoint, as the scan knows it: the process of this number has it, and nothing else.
struct Known {
    pid: u64,
    role: Role,
}

/// The event relay: a PID.
const RELAY: u64 = 1;

type Notes = Arc<Mutex<Vec<(u64, Heard)>>>;

/// A VM, and what is in it.
struct Checked {
    vm: GroundVm,
    /// In the order in which they were made.
    all: Vec<Known>,
    next_pid: u64,
    heard: Notes,
}

/// Adds and ends endpoints, and sends, as the bytes say.
pub(crate) fn check(data: &[u8]) {
    let mut dough = Dough::new(data);
    let mut checked = Checked::new();
    for _ in 0..STEPS {
        if dough.is_used_up() {
            break;
        }
        match dough.below(8) {
            0..=3 => checked.add(role(&mut dough)),
            4 => checked.end(dough.below(u8::MAX).into()),
            5 | 6 => checked.send(dough.common_value(), Orientation::Publisher),
            _ => checked.send(dough.common_value(), Orientation::Subscriber),
        }
    }
    for _ in 1..checked.all.len() {
        checked.end(checked.all.len() / 2);
    }
}

fn role(dough: &mut Dough<'_>) -> Role {
    let orientation = [Orientation::Publisher, Orientation::Subscriber][usize::from(dough.below(2))];
    let interest = match dough.below(4) {
        0 | 1 => InterestType::Participant,
        2 => InterestType::Observer,
        _ => InterestType::Everything,
    };
    Role::new(orientation, dough.common_topic(), interest)
}

impl Checked {
    fn new() -> Self {
        let mut vm = GroundVm::new(|_| Transition::new((), ()));
        vm.run(usize::MAX);
        // An endpoint that looks at everything sees the endpoint of the event relay, too.
        let ground = Topic::record("Ground", [Topic::any(), Topic::any()]);
        let relay = Known { pid: RELAY, role: Role::observer_of_subscribers(ground) };
        Self { vm, all: vec![relay], next_pid: RELAY + 1, heard: Notes::default() }
    }

    fn add(&mut self, role: Role) {
        let (pid, notes) = (self.next_pid, self.heard.clone());
        self.next_pid += 1;
        let endpoint = AddEndpoint::new(role.clone(), move |event, turn| {
            notes.lock().expect("no test fails here").push((pid, Heard::from(event)));
            turn.act(())
        });
        self.vm.spawn(spawn(move |_| Transition::new((), endpoint)));
        let mut expected = Vec::new();
        let mut shown = false;
        for peer in &self.all {
            if let Some(new) = sees(&peer.role, &role) {
                expected.push((peer.pid, Heard::Presence(new)));
            }
            if let Some(peer) = sees(&role, &peer.role) {
                shown = true;
                expected.push((pid, Heard::Presence(peer)));
            }
        }
        if !shown {
            let nobody =
                Role::new(role.orientation.opposite(), role.topic.clone(), InterestType::Participant);
            expected.push((pid, Heard::Vacancy(nobody)));
        }
        self.all.push(Known { pid, role });
        self.expect(expected);
    }

    /// Ends one of those that were added.
    fn end(&mut self, at: usize) {
        let added = self.all.len() - 1;
        if added == 0 {
            return;
        }
        let gone = self.all.remove(1 + at % added);
        self.vm.kill(Pid::from_value(&gone.pid.to_value()).expect("a PID"), Reason::Normal);
        let told =
            |peer: &Known| Some((peer.pid, Heard::Absence(sees(&peer.role, &gone.role)?, Reason::Normal)));
        self.expect(self.all.iter().filter_map(told).collect());
    }

    fn send(&mut self, body: Value, sender: Orientation) {
        match sender {
            Orientation::Publisher => self.vm.send(&body),
            Orientation::Subscriber => self.vm.send_feedback(&body),
        }
        let hears = |known: &&Known| known.role.orientation != sender && known.role.topic.matches(&body);
        let message = |known: &Known| (known.pid, Heard::Message(sender, body.clone()));
        self.expect(self.all.iter().filter(hears).map(message).collect());
    }

    fn expect(&mut self, mut expected: Vec<(u64, Heard)>) {
        self.vm.run(usize::MAX);
        while self.vm.poll().is_some() {}
        // The relay's events are not part of the model.
        expected.retain(|(pid, _)| *pid != RELAY);
        assert_eq!(std::mem::take(&mut *self.heard.lock().expect("no test fails here")), expected);
        assert_eq!(self.vm.stats().endpoints, self.all.len());
    }
}

/// The role in which an endpoint `ear` hears of a peer `peer`.
fn sees(ear: &Role, peer: &Role) -> Option<Role> {
    let meets = ear.orientation != peer.orientation;
    let visible = peer.interest == InterestType::Participant || ear.interest == InterestType::Everything;
    let topic = ear.topic.intersect(&peer.topic)?;
    (meets && visible).then(|| Role::new(peer.orientation, topic, peer.interest))
}
