// The vat that begins: it tells the user of the bot, and waits for what the user says.
import harden from '@agoric/harden';

export default function setup(syscall, state, helpers) {
  console.log('=> setup called');
  return helpers.makeLiveSlots(
    syscall,
    state,
    _E => harden({
      bootstrap(argv, vats) {
        const answer = vats.user~.talkToBot(vats.bot, 'encouragementBot');
        answer.then(
          said => console.log(`=> the promise given by the call to user.talkToBot resolved to '${said}'`),
          why => console.log(`=> the promise given by the call to user.talkToBot was rejected: ${why}`),
        );
      },
    }),
    helpers.vatID,
  );
}
