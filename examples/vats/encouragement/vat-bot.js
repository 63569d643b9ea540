// The bot, as a source of 2026: its module exports the maker of its root.
import { Far } from '@endo/far';

export const buildRootObject = () => Far('bot', {
  encourageMe(name) {
    console.log(`=> encouragementBot.encourageMe got the name: ${name}`);
    return `${name}, you are awesome, keep it up!`;
  },
});
