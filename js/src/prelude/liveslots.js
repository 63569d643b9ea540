// Live slots: which slot stands for which object, and the messages that come and go.

const callable = v => {
  mustBeCallable(v);
  return v;
};

const forgetters = [];

function makeLiveSlots(syscall, _state, buildRoot, _vatID) {
  return liveSlots(syscall, buildRoot, false);
}

function liveSlots(syscall, buildRoot, emptyIsData) {
  const slotOf = new WeakMap();
  const valueOf = new Map();
  const deciders = new Map(); // promises that somebody else decides: slot -> relayed
  let nextExport = 1;
  let nextPromise = 5;
  const bind = (slot, v) => { slotOf.set(v, slot); valueOf.set(slot, v); };
  const freshPromise = () => { nextPromise += 1; return `p+${nextPromise - 1}`; };

  // A promise that is settled and told has no slot any more. If this vat was given the promise that
  // it settles, it is still to be told: until then it may speak to it.
  function retire(slot) {
    if (deciders.has(slot)) return;
    const v = valueOf.get(slot);
    if (v !== undefined) slotOf.delete(v);
    valueOf.delete(slot);
    host.retire(slot);
  }

  function toSlot(v) {
    if (!slotOf.has(v)) {
      let slot;
      if (isPromise(v)) {
        slot = freshPromise();
        v.then(settle(slot), refuse(slot));
      } else {
        slot = `o+${nextExport}`;
        nextExport += 1;
      }
      bind(slot, v);
    }
    return slotOf.get(v);
  }

  function awaited(slot) {
    const r = relayed();
    remote.set(r.p, (key, args, wanted) => post(slot, key, args, wanted));
    bind(slot, r.p);
    deciders.set(slot, r);
    syscall.subscribe(slot);
    return harden(r.p);
  }

  function fromSlot(slot) {
    if (valueOf.has(slot)) return valueOf.get(slot);
    const [type, sign] = `${slot}`;
    if (sign !== '-') throw new Error(`this vat has not given out ${slot}`);
    if (type === 'p') return awaited(slot);
    if (type !== 'o') throw new Error(`there is no such kind of slot: ${slot}`);
    const presence = harden({ __proto__: null, toString: () => `[Presence ${slot}]` });
    remote.set(presence, (key, args, wanted) => post(slot, key, args, wanted));
    bind(slot, presence);
    return presence;
  }

  const m = makeMarshal(toSlot, fromSlot, { isPassed: v => isObject(v) && slotOf.has(v),
    emptyIsData });

  function post(target, key, args, wanted) {
    const data = m.serialize(harden(args));
    if (!wanted) {
      syscall.send(target, key, data);
      return undefined;
    }
    const slot = freshPromise();
    syscall.send(target, key, data, slot);
    return awaited(slot);
  }

  const settle = slot => v => {
    let data;
    try {
      data = m.serialize(harden(v));
    } catch (e) {
      refuse(slot)(e);
      return;
    }
    const top = parse(data.body);
    try {
      if (isObject(top) && top[Q] === 'slot') syscall.fulfillToPresence(slot,
        data.slots[top.index]);
      else syscall.fulfillToData(slot, data);
    } catch (e) {
      refuse(slot)(e);
      return;
    }
    retire(slot);
  };
  const refuse = slot => e => {
    let data;
    try {
      data = m.serialize(harden(e));
    } catch (_) {
      data = m.serialize(harden(new Error(textOf(e))));
    }
    try {
      syscall.reject(slot, data);
    } catch (mistake) {
      syscall.reject(slot, m.serialize(mistake));
    }
    retire(slot);
  };

  function told(slot) {
    const r = deciders.get(slot);
    if (!r) throw new Error(`this vat does not wait for ${slot}`);
    deciders.delete(slot);
    remote.delete(r.p);
    retire(slot);
    return r;
  }

  // What nobody else has any more has no slot. If it goes out again, it gets another one.
  forgetters.push(slot => {
    const v = valueOf.get(slot);
    if (v === undefined || slot === 'o+0') return;
    slotOf.delete(v);
    valueOf.delete(slot);
  });

  const D = () => { throw new TypeError('there are no devices'); };
  const root = buildRoot(E, D);
  mustBeCallable(root);
  if (emptyIsData && !fars.has(root)) Far('root', root);
  bind('o+0', root);
  return harden({
    deliver(target, method, data, result) {
      const t = valueOf.get(target);
      if (!t) throw new Error(`this vat has no ${target}`);
      const args = m.unserialize(data);
      const p = isPromise(t)
        ? HandledPromise.applyMethod(t, method, args)
        : resolved().then(() => callLocal(t, method, args));
      if (result) p.then(settle(result), refuse(result));
      else p.catch(unheard);
    },
    notifyFulfillToData(slot, data) { const v = m.unserialize(data); told(slot).follow(v); },
    notifyFulfillToPresence(slot, to) { const v = fromSlot(to); told(slot).follow(v); },
    notifyReject(slot, data) { const v = m.unserialize(data); told(slot).rej(v); },
  });
}
