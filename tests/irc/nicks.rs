//! A nick has one owner.

use crate::{Connection, Irc, address};

const TAKEN: &str = ":irc.example 433 * ann :Nickname is already in use";

#[test]
fn of_two_who_want_a_nick_at_once_one_gets_it() {
    let mut irc = Irc::with_strangers(&["x", "y"]);
    irc.say("x", "USER x 0 * :X");
    irc.say("y", "USER y 0 * :Y");
    irc.begin_to_say("x", "NICK ann");
    irc.begin_to_say("y", "NICK ann");
    irc.0.run();
    assert!(irc.told("x")[0].contains(" 001 ann "), "{:?}", irc.told("x"));
    assert_eq!(irc.told("y"), [TAKEN]);
}

#[test]
fn a_nick_is_free_when_its_owner_has_another_or_is_gone() {
    let mut irc = Irc::with(&["ann"]);
    irc.say("ann", "NICK eve");
    assert_eq!(irc.answers("ann", "NICK ann"), [":eve!ann@ann NICK :ann"]);

    let mut irc = Irc::with_strangers(&["x", "y"]);
    irc.say("x", "NICK ann");
    assert_eq!(irc.answers("y", "NICK ann"), [TAKEN]);
    irc.0.send(&Connection::Ends(address("x")));
    irc.0.run();
    irc.say("y", "NICK ann");
    assert!(irc.answers("y", "USER y 0 * :Y")[0].contains(" 001 ann "), "{}", irc.0.trace());
}

#[test]
fn who_is_refused_a_nick_keeps_the_one_that_they_have() {
    let mut irc = Irc::with(&["ann", "bob", "cid"]);
    irc.say("ann", "NICK bob");
    let heard = irc.hears("ann", |irc| irc.say("bob", "PRIVMSG ann :hi"));
    assert_eq!(heard, [":bob!bob@bob PRIVMSG ann :hi"]);
    // Ann is not the one who gives it back.
    assert_eq!(irc.answers("cid", "NICK bob"), [":irc.example 433 cid bob :Nickname is already in use"]);
    // Bob's nick is free for others as soon as he lets it go: Ann does not want it any more.
    irc.say("bob", "NICK rob");
    assert_eq!(irc.answers("cid", "NICK bob"), [":cid!cid@cid NICK :bob"]);
}

#[test]
fn capitals_make_no_other_nick() {
    let mut irc = Irc::with(&["ann", "bob"]);
    assert_eq!(irc.answers("ann", "NICK Ann"), [":ann!ann@ann NICK :Ann"]);
    assert_eq!(irc.answers("bob", "NICK ANN"), [":irc.example 433 bob ANN :Nickname is already in use"]);
    let heard = irc.hears("ann", |irc| irc.say("bob", "PRIVMSG aNN :hi"));
    assert_eq!(heard, [":bob!bob@bob PRIVMSG aNN :hi"]);
}

#[test]
fn who_is_asked_for_by_a_nick_has_that_nick() {
    let mut irc = Irc::with(&["ann", "bob"]);
    irc.say("bob", "NICK rob");
    assert_eq!(irc.answers("ann", "WHO bob"), [":irc.example 315 ann bob :End of WHO list"]);
    let found = irc.answers("ann", "WHO rob");
    assert_eq!(found[0], ":irc.example 352 ann * bob bob irc.example rob H :0 bob herself");
    assert_eq!(irc.answers("ann", "PRIVMSG bob :hi"), [":irc.example 401 ann bob :No such nick"]);
    assert_eq!(irc.answers("ann", "PRIVMSG ann :hi"), [":ann!ann@ann PRIVMSG ann :hi"]);
}
