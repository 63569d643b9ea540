//! The first program of SwingSet, in sources of our own.

use crate::stage::Stage;

#[test]
fn s_s04_encouragement_bot() {
    let mut stage = Stage::new();
    stage.root(
        "bot",
        "encourageMe(name) {
        log(`=> encouragementBot.encourageMe got the name: ${name}`);
        return `${name}, you are awesome, keep it up!`;
    }",
    );
    stage.root(
        "user",
        "talkToBot(bot, botName) {
        log(`=> user.talkToBot is called with ${botName}`);
        E(bot).encourageMe('user').then(line => log(`=> user receives the encouragement: ${line}`));
        return 'Thanks for the setup. I sure hope I get some encouragement...';
    }",
    );
    stage.root(
        "bootstrap",
        "bootstrap(argv, vats) {
        log('=> setup called');
        E(vats.user).talkToBot(vats.bot, 'encouragementBot').then(
            r => log(`=> the promise given by the call to user.talkToBot resolved to '${r}'`));
    }",
    );
    stage.bootstrap(&[]);
    assert_eq!(
        stage.logged.take(),
        [
            "=> setup called",
            "=> user.talkToBot is called with encouragementBot",
            "=> encouragementBot.encourageMe got the name: user",
            "=> the promise given by the call to user.talkToBot resolved to 'Thanks for the setup. I sure hope I get some encouragement...'",
            "=> user receives the encouragement: user, you are awesome, keep it up!",
        ]
    );
    assert_eq!(stage.unheard.take(), [] as [String; 0]);
}
