//! The link's process here: it stands for the publishers of the far vat.

use std::collections::HashMap;

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError};
use marketplace::{Event, Ground, Outcome, Source, Turn};

use crate::vat_link::far;
use crate::vat_link::line::{Asked, News, line, said, say};

pub(super) struct Near {
    line: Source,
    /// The subscribers here: their number in the far vat, and how many they are.
    wanted: HashMap<(Topic, InterestType), (u64, usize)>,
    /// The publishers that stand here, by topic: their numbers.
    present: HashMap<Topic, Vec<u64>>,
    next: u64,
    /// The number of the last action that was told: feedback may match several publishers, and is
    /// told once.
    last: u64,
}

pub(super) fn boot(far: &Vat, topic: Topic) -> Result<Transition<Near>, VatError> {
    let (here, there) = line();
    let over = topic.clone();
    // The far vat does it, even if nobody waits for the answer.
    if !far.is_running() {
        return Err(VatError::NotRunning);
    }
    drop(far.call_async(move |caller| {
        caller.act(name_process(Symbol::new("vat-link"), spawn!(far::boot(&there, &over))));
    }));
    let state =
        Near { line: here.clone(), wanted: HashMap::new(), present: HashMap::new(), next: 0, last: 0 };
    Ok(transition!(
        state,
        at_meta_level!(AddEndpoint::new(Role::subscriber(topic!(Ground::<Value>(here, _))), hear_line)),
        AddEndpoint::new(Role::new(Orientation::Publisher, topic, InterestType::Everything), see),
    ))
}

impl Near {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn ask(&self, asked: Asked) -> ActionTree<Self> {
        let line = &self.line;
        at_meta_level!(send_feedback!(Ground(line, say(asked))))
    }

    /// A subscriber comes.
    fn want(mut self, topic: Topic, interest: InterestType) -> Transition<Self> {
        let new = self.number();
        let (number, by) = self.wanted.entry((topic.clone(), interest)).or_insert((new, 0));
        *by += 1;
        let asked = (*by == 1).then_some(Asked::Want(*number, topic, interest));
        let asked = asked.map(|asked| self.ask(asked));
        transition!(self, asked)
    }

    /// A subscriber goes.
    fn unwant(mut self, topic: Topic, interest: InterestType, reason: Reason) -> Transition<Self> {
        let key = (topic, interest);
        let Some((number, by)) = self.wanted.get_mut(&key) else { return transition!(self) };
        *by -= 1;
        let asked = (*by == 0).then_some(Asked::Unwant(*number, reason));
        if asked.is_some() {
            self.wanted.remove(&key);
        }
        let asked = asked.map(|asked| self.ask(asked));
        transition!(self, asked)
    }

    /// Does here what a publisher of the far vat has done there.
    fn on_news(mut self, news: News) -> Transition<Self> {
        match news {
            News::Present(topic) => {
                let number = self.number();
                self.present.entry(topic.clone()).or_default().push(number);
                let stand_in = AddEndpoint::new(Role::publisher(topic), hear_feedback);
                transition!(self, name_endpoint(number.to_value(), stand_in))
            }
            News::Absent(topic, reason) => {
                let number = self.present.get_mut(&topic).and_then(Vec::pop);
                if self.present.get(&topic).is_some_and(Vec::is_empty) {
                    self.present.remove(&topic);
                }
                transition!(self, number.map(|number| delete_endpoint(number.to_value()).because(reason)))
            }
            News::Message(body) => transition!(self, send_message(&body)),
            News::Refused(topic, why) => transition!(self, refuse(topic, why)),
        }
    }
}

/// Hears news of the far vat, or that the line has ended.
fn hear_line(event: &Event<'_>, turn: &mut Turn<'_, Near>) -> Outcome<Near> {
    if let Some(reason) = event.reason() {
        return turn.act(quit().because(reason.clone()));
    }
    match event.decode::<Ground<Value>>().and_then(|Ground(_, item)| said(&item)) {
        Some(news) => turn.transition(|near| near.on_news(news)),
        None => turn.act(()),
    }
}

/// Sees the subscribers here.
fn see(event: &Event<'_>, turn: &mut Turn<'_, Near>) -> Outcome<Near> {
    let (topic, interest) = (event.conversation().to_topic(), event.interest_type());
    match event.reason() {
        Some(reason) if event.is_absence() && !event.is_refusal() => {
            let reason = reason.clone();
            turn.transition(|near| near.unwant(topic, interest, reason))
        }
        None if event.is_presence() => turn.transition(|near| near.want(topic, interest)),
        _ => turn.act(()),
    }
}

fn hear_feedback(event: &Event<'_>, turn: &mut Turn<'_, Near>) -> Outcome<Near> {
    let (Some(body), action) = (event.body(), turn.cause()) else { return turn.act(()) };
    let body = body.clone();
    turn.transition(move |mut near| {
        let new = std::mem::replace(&mut near.last, action) != action;
        let asked = new.then(|| near.ask(Asked::Feedback(body)));
        transition!(near, asked)
    })
}
