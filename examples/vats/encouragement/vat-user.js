// The user: asks the bot for encouragement, and answers before that has come.
import harden from '@agoric/harden';

export default function setup(syscall, state, helpers) {
  return helpers.makeLiveSlots(
    syscall,
    state,
    _E => harden({
      talkToBot(bot, botName) {
        console.log(`=> user.talkToBot is called with ${botName}`);
        bot~.encourageMe('user')
          .then(words => console.log(`=> user receives the encouragement: ${words}`));
        return 'Thanks for the setup. I sure hope I get some encouragement...';
      },
    }),
    helpers.vatID,
  );
}
