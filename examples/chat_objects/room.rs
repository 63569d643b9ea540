//! The room, its seats, and what shows itself at its door. It knows nothing of connections.

use marketplace::objects::*;
use marketplace::prelude::*;

/// Somebody is at the door.
#[derive(Message, Clone, Debug)]
pub(crate) struct AtTheDoor {
    pub(crate) who: Symbol,
    pub(crate) guest: Far<dyn Guest>,
}

#[object]
pub(crate) trait Guest {
    fn invited(&mut self, seat: Far<Seat>);
    fn hears(&mut self, line: Text);
}

/// The guests in the room, in the order in which they came.
#[derive(Default)]
pub(crate) struct Room(Vec<Far<dyn Guest>>);

#[object]
impl Room {
    /// A guest who comes to an empty room is let in. Of others, those in the room are told.
    fn knocks(&mut self, cx: &Cx<Self>, who: Symbol, guest: Far<dyn Guest>) {
        match self.0.is_empty() {
            true => self.lets_in(cx, who, guest),
            false => self.tell_all(cx, &format!("{who} is at the door: /invite {who}")),
        }
    }
}

impl Room {
    fn lets_in(&mut self, cx: &Cx<Self>, who: Symbol, guest: Far<dyn Guest>) {
        if self.0.contains(&guest) {
            return;
        }
        self.tell_all(cx, &format!("{who} arrived."));
        self.0.push(guest.clone());
        guest.invited(cx, cx.make(Seat(cx.me(), who.clone())));
        cx.when_broken(&guest.clone(), move |room, cx, why| {
            room.0.retain(|other| *other != guest);
            room.tell_all(
                cx,
                &match Broken::of(&why) {
                    Some(Broken::Gone(why)) if why.is_normal() => format!("{who} left."),
                    Some(Broken::Gone(why)) => format!("{who} left: {why}"),
                    _ => format!("{who} is out of reach: {why}"),
                },
            );
            cx.act(room.0.is_empty().then(|| send_message!("the room is empty")));
        });
    }

    fn tell_all(&self, cx: &Cx<Self>, line: &str) {
        for guest in &self.0 {
            guest.hears(cx, line);
        }
    }
}

/// The permission to speak in the room, under this name.
pub(crate) struct Seat(Far<Room>, Symbol);

#[object]
impl Seat {
    fn says(&self, cx: &Cx<Self>, what: Text) -> Result<(), NotNear> {
        cx.near(&self.0, |room, cx| room.tell_all(cx, &format!("{}: {what}", self.1)))
    }

    fn invites(&self, cx: &Cx<Self>, who: Symbol, guest: Far<dyn Guest>) -> Result<(), NotNear> {
        cx.near(&self.0, |room, cx| room.lets_in(cx, who, guest))
    }
}
