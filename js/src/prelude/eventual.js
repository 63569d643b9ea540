// Eventual sends. Where a message goes: to another vat (`remote`), or to what a promise turns out
// to be (`relays`).

const remote = new WeakMap(); // presence | promise -> (method, args, wanted) => promise
const relays = new WeakMap(); // promise -> { known, to, waiting }

// A promise of which it is known here what it follows, so that messages need not wait for it.
function relayed() {
  const r = {};
  const relay = { known: false, to: undefined, waiting: [] };
  r.p = new ThePromise((res, rej) => {
    r.res = res;
    r.rej = e => {
      if (relay.known) return;
      // It follows nothing: who waits hears of it by the promise itself.
      relay.known = true;
      relay.waiting = [];
      rej(e);
    };
  });
  relays.set(r.p, relay);
  r.follow = to => {
    if (relay.known) return;
    relay.known = true;
    relay.to = to;
    r.res(to);
    const { waiting } = relay;
    relay.waiting = [];
    for (const go of waiting) go(to);
  };
  return r;
}

// All names that a thing has, but for those that every object has.
function namesOf(o) {
  const names = [];
  for (let at = Object(o); at !== null && at !== Object.prototype; at = getPrototypeOf(at)) {
    names.push(...getOwnPropertyNames(at));
  }
  return names.join(', ') || 'none at all';
}

function callLocal(o, key, args) {
  if (key === undefined) {
    if (typeof o !== 'function') {
      throw new TypeError(`${nameOf(o)} cannot be called: it is no function`);
    }
    return o(...args);
  }
  if (o === null || o === undefined || (!isObject(o) && !(key in Object(o)))) {
    throw new TypeError(`data cannot be called: ${String(o)} has no method ${String(key)}`);
  }
  if (!(key in Object(o))) {
    throw new TypeError(`there is no method ${String(key)}, but ${namesOf(o)}`);
  }
  if (typeof o[key] !== 'function') {
    const found = typeof o[key];
    throw new TypeError(`${String(key)} is no method but a ${found}; there is ${namesOf(o)}`);
  }
  return o[key](...args);
}

// Does something with what `target` comes to, in a later turn of the job queue: `send` if that is
// in another vat, `local` if it is here.
function eventually(target, send, local) {
  const answer = relayed();
  const go = to => {
    const away = isObject(to) ? remote.get(to) : undefined;
    if (away) {
      resolved().then(() => answer.follow(send(away))).catch(answer.rej);
      return;
    }
    const relay = isObject(to) ? relays.get(to) : undefined;
    if (relay && !relay.known) {
      relay.waiting.push(go);
      // It may be rejected without ever following anything.
      to.then(quiet, answer.rej);
      return;
    }
    if (relay && isObject(relay.to) && (remote.has(relay.to) || relays.has(relay.to))) {
      go(relay.to);
      return;
    }
    resolved(to).then(o => {
      if (isObject(o) && remote.has(o)) return answer.follow(send(remote.get(o)));
      return answer.follow(local(o));
    }).catch(answer.rej);
  };
  go(target);
  return answer.p;
}

const onlyMethods = what => () => {
  throw new TypeError(`cannot ${what} of a presence: only methods can be called in another vat`);
};
const called = key => {
  if (typeof key !== 'string' && typeof key !== 'number') {
    throw new TypeError(`a method has a name: ${String(key)} is none`);
  }
  return `${key}`;
};

const HandledPromise = {
  applyMethod: (x, key, args) =>
    eventually(x, away => away(called(key), args, true), o => callLocal(o, key, args)),
  applyMethodSendOnly: (x, key, args) => {
    eventually(x, away => away(called(key), args, false), o => callLocal(o, key,
      args)).catch(unheard);
  },
  applyFunction: (x, args) =>
    eventually(x, away => away(undefined, args, true), o => callLocal(o, undefined, args)),
  applyFunctionSendOnly: (x, args) => {
    eventually(x, away => away(undefined, args, false), o => callLocal(o, undefined,
      args)).catch(unheard);
  },
  get: (x, key) => eventually(x, onlyMethods('get a property'), o => o[key]),
  set: (x, key, v) => eventually(x, onlyMethods('set a property'), o => { o[key] = v; return v; }),
  delete: (x, key) => eventually(x, onlyMethods('delete a property'), o => delete o[key]),
  resolve: x => resolved(x),
};
HandledPromise.apply = HandledPromise.applyFunction;

const methodsBy = call => x => freeze(new Proxy(freeze({ __proto__: null }), {
  get: (_t, key) => (typeof key === 'string' ? (...args) => call(x, key, args) : undefined),
  has: () => true,
}));
const E = methodsBy((x, key, args) => harden(HandledPromise.applyMethod(x, key, args)));
E.sendOnly = methodsBy((x, key, args) => HandledPromise.applyMethodSendOnly(x, key, args));
E.get = x => freeze(new Proxy(freeze({ __proto__: null }), {
  get: (_t, key) => harden(HandledPromise.get(x, key)),
  has: () => true,
}));
E.when = (x, ok, bad) => resolved(x).then(ok, bad);
E.resolve = x => resolved(x);
