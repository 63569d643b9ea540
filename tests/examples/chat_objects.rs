//! The chat room by references, with real clients.

use crate::chat::{Client, in_a_room};

impl Client {
    async fn hears(&mut self, expected: &str) {
        assert_eq!(self.hear().await, expected, "{}", self.name);
    }

    async fn hears_of(&mut self, who: &Self, what: &str) {
        self.hears(&format!("{} {what}", who.name)).await;
    }

    /// Somebody else came to the door.
    async fn announces(&mut self, who: &Self) {
        self.hears_of(who, &format!("is at the door: /invite {}", who.name)).await;
    }

    async fn is_let_in(&mut self) {
        self.hears("You are in the room.").await;
    }

    async fn invites(&mut self, who: &mut Self) {
        self.say(format!("/invite {}\n", who.name)).await;
        who.is_let_in().await;
        self.hears_of(who, "arrived.").await;
    }
}

#[test]
fn who_is_invited_may_speak_and_invite_and_nobody_else_can() {
    in_a_room("chat_objects", |room| async move {
        let mut ann = Client::connect(room).await;
        ann.is_let_in().await;
        let mut bob = Client::connect(room).await;
        ann.announces(&bob).await;
        let mut cid = Client::connect(room).await;
        ann.announces(&cid).await;
        for line in ["let me in\n".to_string(), format!("/invite {}\n", bob.name)] {
            bob.say(line).await;
            bob.hears("You are at the door: somebody must invite you.").await;
        }
        ann.say("/invite nobody\n").await;
        ann.hears("Nobody of that name is there.").await;
        ann.invites(&mut bob).await;
        bob.invites(&mut cid).await;
        ann.hears_of(&cid, "arrived.").await;
        // Cid is in, and so at the door no more.
        ann.say(format!("/invite {}\n", cid.name)).await;
        ann.hears("Nobody of that name is there.").await;
        cid.say("hello\n").await;
        let line = format!("{}: hello", cid.name);
        for client in [&mut ann, &mut bob, &mut cid] {
            client.hears(&line).await;
        }
    });
}

#[test]
fn who_leaves_is_missed_and_whoever_waits_at_an_empty_room_is_let_in() {
    in_a_room("chat_objects", |room| async move {
        let mut ann = Client::connect(room).await;
        ann.is_let_in().await;
        let mut bob = Client::connect(room).await;
        ann.announces(&bob).await;
        ann.invites(&mut bob).await;
        let mut cid = Client::connect(room).await;
        for client in [&mut ann, &mut bob] {
            client.announces(&cid).await;
        }
        bob.say(b"\xff\xff\n").await;
        assert!(ann.hear().await.starts_with(&format!("{} left: invalid utf-8", bob.name)));
        assert_eq!(ann.leave().await, "");
        cid.is_let_in().await;
        let mut dan = Client::connect(room).await;
        cid.announces(&dan).await;
        cid.invites(&mut dan).await;
        let name = cid.name.clone();
        assert_eq!(cid.leave().await, "");
        dan.hears(&format!("{name} left.")).await;
        assert_eq!(dan.leave().await, "");
    });
}
