// What the host calls, and what a vat finds around it.

function textOf(v) {
  try {
    return (v instanceof Error || typeof v === 'string' ? `${v}` : inspect(v)).toWellFormed();
  } catch (_) {
    return 'something that cannot be shown';
  }
}
// A rejection of which nobody hears.
const unheard = e => { host.unheard(textOf(e)); };

const wordOf = v => (typeof v === 'string' ? v : inspect(v));
const lineOf = args => args.map(wordOf).join(' ').toWellFormed();
const say = (...args) => { host.say(lineOf(args)); };
const log = (...args) => {
  const words = args.map(v => (typeof v === 'string' ? v : stringify(v) ?? String(v)));
  host.log(words.join('').toWellFormed());
};

const bodyOf = data => {
  if (!isObject(data) || typeof data.body !== 'string' || !Array.isArray(data.slots)) {
    throw new TypeError('data at the wall is { body, slots }');
  }
  return [`${data.body}`, data.slots.map(slot => `${slot}`)];
};
const syscall = {
  send(target, method, args, result) {
    const name = method === undefined || method === null ? undefined : `${method}`;
    const known = result === undefined || result === null ? undefined : `${result}`;
    host.send(`${target}`, name, ...bodyOf(args), known);
  },
  subscribe(slot) { host.subscribe(`${slot}`); },
  fulfillToData(slot, data) { host.settle(`${slot}`, 'data', ...bodyOf(data)); },
  fulfillToPresence(slot, target) { host.settle(`${slot}`, 'presence', '', [`${target}`]); },
  reject(slot, data) { host.settle(`${slot}`, 'reject', ...bodyOf(data)); },
  callNow() { throw new TypeError('there are no devices'); },
};

const library = {
  shell: options.shell ? shell : undefined,
  '@agoric/harden': { default: harden },
  '@agoric/nat': { default: Nat, Nat },
  '@agoric/eventual-send': { E, HandledPromise },
  '@agoric/marshal': {
    makeMarshal: (toSlot, fromSlot) => makeMarshal(toSlot, fromSlot),
    mustPassByPresence: mustBeCallable,
    passStyleOf: v => styleOf(v, false),
    QCLASS: Q,
    Far,
  },
  '@endo/far': { E, Far, passStyleOf: v => styleOf(v, true) },
  '@endo/eventual-send': { E, HandledPromise },
  '@endo/nat': { Nat, isNat: n => Number.isSafeInteger(n) && n >= 0 },
  '@endo/harden': { default: harden, harden },
};

const g = globalThis;
g.console = { log: say, info: say, warn: say, error: say, debug: say };
g.harden = harden;
g.HandledPromise = HandledPromise;
g.E = E;
g.Far = Far;
g.record = record;
if (options.shell) shellGlobals();
lockdown();
harden(library);
harden(syscall);

let dispatch;
// It is the root's `bootstrap` that is called next, and its source wants the vats first.
let withoutArgv = false;

// Takes one message that the host has, and none if it has none.
function turn() {
  const input = host.next();
  if (input === undefined) return;
  for (const gone of host.released()) for (const forget of forgetters) forget(gone);
  const [op, slot, method, body, slots, result] = input;
  const data = () => harden({ body, slots });
  const forward = () => {
    switch (op) {
      case 'deliver': {
        const args = withoutArgv && slot === 'o+0' ? withoutFirst(data()) : data();
        withoutArgv = false;
        return dispatch.deliver(slot, method, args, result);
      }
      case 'data': return dispatch.notifyFulfillToData(slot, data());
      case 'presence': return dispatch.notifyFulfillToPresence(slot, slots[0]);
      default: return dispatch.notifyReject(slot, data());
    }
  };
  resolved().then(forward).catch(unheard);
}

const withoutFirst = ({ body, slots }) => harden({ body: stringify(parse(body).slice(1)), slots });

// Makes a vat of what a module exports. Gives what is missing, if it is none.
function start(ns, name, argv) {
  if (typeof ns.default === 'function') {
    const helpers = harden({ vatID: name, makeLiveSlots, log });
    dispatch = ns.default(syscall, {}, helpers);
  } else if (typeof ns.buildRootObject === 'function') {
    const powers = harden({ testLog: log });
    const parameters = harden(argv ? { argv } : {});
    withoutArgv = argv !== undefined;
    dispatch = liveSlots(syscall, () => ns.buildRootObject(powers, parameters), true);
  } else {
    return 'it exports neither setup, as its default, nor buildRootObject';
  }
  // A vat that subscribes to nothing needs no more.
  if (typeof dispatch?.deliver !== 'function') return 'setup gave a dispatch that has no function deliver';
  return undefined;
}

return freeze({ library, start, turn, inspect: textOf });
