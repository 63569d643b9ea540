//! The link's process in the far vat: it stands for the subscribers of the near one.

use marketplace::prelude::*;
use marketplace::{Event, Ground, Outcome, Source, Turn};

use crate::vat_link::line::{Asked, News, said, say};

/// The number of the last action that was told: a message may match several subscribers, and is
/// told once.
type State = u64;

pub(super) fn boot(line: &Source, topic: &Topic) -> Transition<State> {
    let hears = {
        let line = line.clone();
        move |event: &Event<'_>, turn: &mut Turn<'_, State>| hear_line(&line, event, turn)
    };
    let sees = {
        let line = line.clone();
        move |event: &Event<'_>, turn: &mut Turn<'_, State>| see(&line, event, turn)
    };
    transition!(
        0,
        at_meta_level!(AddEndpoint::new(Role::subscriber(topic!(Ground::<Value>(line, _))), hears)),
        // It sees the publishers, and they do not see it.
        AddEndpoint::new(Role::observer_of_publishers(topic.clone()), sees).without_messages(),
    )
}

/// The subscribers of the near vat want something, or nothing any more; or the line has ended.
fn hear_line(line: &Source, event: &Event<'_>, turn: &mut Turn<'_, State>) -> Outcome<State> {
    if let Some(reason) = event.reason() {
        return turn.act(quit().because(reason.clone()));
    }
    let Some(Ground(_, item)) = event.decode::<Ground<Value>>() else { return turn.act(()) };
    match said(&item) {
        Some(Asked::Want(id, topic, interest)) => {
            let line = line.clone();
            let ear = AddEndpoint::new(
                Role::new(Orientation::Subscriber, topic, interest),
                move |event: &Event<'_>, turn: &mut Turn<'_, State>| hear_message(&line, event, turn),
            );
            turn.act(name_endpoint(id.to_value(), ear))
        }
        Some(Asked::Unwant(id, reason)) => turn.act(delete_endpoint(id.to_value()).because(reason)),
        Some(Asked::Feedback(body)) => turn.act(send_feedback(&body)),
        None => turn.act(()),
    }
}

/// A publisher comes or goes.
fn see(line: &Source, event: &Event<'_>, turn: &mut Turn<'_, State>) -> Outcome<State> {
    let topic = || event.conversation().to_topic();
    let news = match event.reason() {
        Some(_) if event.is_refusal() => return turn.act(()),
        Some(reason) if event.is_absence() => News::Absent(topic(), reason.clone()),
        _ if event.is_presence() => News::Present(topic()),
        _ => return turn.act(()),
    };
    turn.act(send_news(line, news))
}

/// Hears the messages that the subscribers in the other vat would hear.
fn hear_message(line: &Source, event: &Event<'_>, turn: &mut Turn<'_, State>) -> Outcome<State> {
    let news = match (event.body(), event.reason()) {
        (Some(body), _) => News::Message(body.clone()),
        (None, Some(Reason::Refused(why))) if event.is_refusal() => {
            News::Refused(event.conversation().to_topic(), why.clone())
        }
        _ => return turn.act(()),
    };
    let (action, tell) = (turn.cause(), send_news(line, news));
    turn.transition(move |last| Transition::new(action, (action != last).then_some(tell)))
}

fn send_news(line: &Source, news: News) -> ActionTree<State> {
    at_meta_level!(send_feedback!(Ground(line, say(news))))
}
