//! Channels: their users, their topics, and how a user leaves.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{TcpChannel, TcpPacket};

use crate::{Connection, Irc, US, address};

#[test]
fn who_joins_is_told_who_is_there_and_they_are_told_who_joins() {
    let mut irc = Irc::with(&["ann", "bob"]);
    assert_eq!(
        irc.answers("ann", "JOIN #Tea"),
        [
            ":ann!ann@ann JOIN #tea",
            ":irc.example 353 ann = #tea :ann",
            ":irc.example 366 ann #tea :End of NAMES list"
        ]
    );
    let heard = irc.hears("ann", |irc| {
        assert_eq!(
            irc.answers("bob", "JOIN #tea"),
            [
                ":bob!bob@bob JOIN #tea",
                ":irc.example 353 bob = #tea :ann bob",
                ":irc.example 366 bob #tea :End of NAMES list"
            ]
        );
    });
    assert_eq!(heard, [":bob!bob@bob JOIN #tea"]);
    assert_eq!(irc.answers("ann", "JOIN #tea"), [""; 0], "she is there already");
    let who = irc.answers("ann", "WHO #tea");
    assert_eq!(who.len(), 3);
    assert_eq!(who[1], ":irc.example 352 ann #tea bob bob irc.example bob H :0 bob herself");
}

#[test]
fn what_is_said_all_others_on_the_channel_are_told() {
    let mut irc = Irc::with(&["ann", "bob", "cid", "dan"]);
    irc.all_say(&["ann", "bob", "cid"], "JOIN #tea");
    let heard = irc.hears("dan", |irc| {
        let heard = irc.hears("cid", |irc| {
            let heard = irc.hears("bob", |irc| {
                assert_eq!(irc.answers("ann", "PRIVMSG #Tea :milk: yes"), [""; 0]);
            });
            assert_eq!(heard, [":ann!ann@ann PRIVMSG #Tea :milk: yes"]);
        });
        assert_eq!(heard, [":ann!ann@ann PRIVMSG #Tea :milk: yes"]);
    });
    assert_eq!(heard, [""; 0]);
}

#[test]
fn a_topic_is_told_when_it_is_set_and_to_who_comes_later() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.say("ann", "JOIN #tea");
    assert_eq!(irc.answers("ann", "TOPIC #tea"), [":irc.example 331 ann #tea :No topic is set"]);
    assert_eq!(irc.answers("ann", "TOPIC #tea :Earl Grey"), [":ann!ann@ann TOPIC #tea :Earl Grey"]);
    let told = irc.answers("bob", "JOIN #tea");
    assert_eq!(told[..2], [":bob!bob@bob JOIN #tea", ":irc.example 332 bob #tea :Earl Grey"]);
    let heard = irc.hears("bob", |irc| irc.say("ann", "TOPIC #tea :Assam"));
    assert_eq!(heard, [":ann!ann@ann TOPIC #tea :Assam"]);
    assert_eq!(irc.answers("bob", "TOPIC #tea"), [":irc.example 332 bob #tea :Assam"]);
    // It goes with the last who is there.
    irc.all_say(&["ann", "bob"], "PART #tea");
    irc.say("ann", "JOIN #tea");
    assert_eq!(irc.answers("ann", "TOPIC #tea"), [":irc.example 331 ann #tea :No topic is set"]);
}

#[test]
fn a_list_has_the_channels_that_there_are() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.all_say(&["ann", "bob"], "JOIN #tea");
    irc.say("bob", "JOIN #milk");
    irc.say("bob", "TOPIC #milk :From cows");
    assert_eq!(
        irc.answers("ann", "LIST"),
        [
            ":irc.example 322 ann #milk 1 :From cows",
            ":irc.example 322 ann #tea 2 :",
            ":irc.example 323 ann :End of LIST"
        ]
    );
    irc.say("bob", "QUIT");
    irc.say("ann", "PART #tea");
    assert_eq!(irc.answers("ann", "LIST"), [":irc.example 323 ann :End of LIST"]);
}

#[test]
fn who_leaves_a_channel_sees_that_and_hears_of_the_others_only_where_they_still_meet() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.all_say(&["ann", "bob"], "JOIN #tea,#milk");
    let heard = irc.hears("bob", |irc| {
        assert_eq!(irc.answers("ann", "PART #tea :enough"), [":ann!ann@ann PART #tea :enough"]);
    });
    assert_eq!(heard, [":ann!ann@ann PART #tea :enough"]);
    let heard = irc.hears("ann", |irc| {
        irc.say("bob", "TOPIC #tea :Alone");
        irc.say("bob", "PART #tea");
        irc.say("bob", "PART #milk :me too");
        irc.say("bob", "QUIT");
    });
    assert_eq!(heard, [":bob!bob@bob PART #milk :me too"]);
}

#[test]
fn another_nick_and_the_end_of_somebody_are_told_once_however_many_channels_are_shared() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.all_say(&["ann", "bob"], "JOIN #a,#b,#c");
    let heard = irc.hears("ann", |irc| {
        assert_eq!(irc.answers("bob", "NICK rob"), [":bob!bob@bob NICK :rob"]);
        assert_eq!(irc.answers("bob", "QUIT :tired"), ["ERROR :Quit: tired"]);
    });
    assert_eq!(heard, [":bob!bob@bob NICK :rob", ":rob!bob@bob QUIT :Quit: tired"]);
    for channel in ["#a", "#b", "#c"] {
        let names = irc.answers("ann", &format!("NAMES {channel}"));
        assert_eq!(names[0], format!(":irc.example 353 ann = {channel} :ann"));
    }
}

#[test]
fn why_somebody_is_gone_is_told() {
    let mut irc = Irc::with(&["ann", "bob", "cid", "dan"]);
    irc.all_say(&["ann", "bob", "cid", "dan"], "JOIN #tea");
    let (bob, cid) = (address("bob"), address("cid"));
    for (happens, told) in [
        (Connection::Ends(bob).to_value(), ":bob!bob@bob QUIT :Connection closed"),
        (Connection::Breaks(cid, "cable cut".into()).to_value(), ":cid!cid@cid QUIT :cable cut"),
        (TcpChannel(address("dan"), US, TcpPacket::Eof).to_value(), ":dan!dan@dan QUIT :Connection closed"),
    ] {
        let heard = irc.hears("ann", |irc| {
            irc.0.send(&happens);
            irc.0.run();
        });
        assert_eq!(heard, [told]);
    }
    assert_eq!(irc.0.stats().processes, Irc::with(&["ann"]).0.stats().processes, "of them nothing is left");
}
