// The language as it was before anybody could change it, and hardening.

const { freeze, isFrozen, getPrototypeOf, getOwnPropertyNames } = Object;
const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { parse, stringify } = JSON;
const ThePromise = Promise;
const resolved = v => ThePromise.resolve(v);
const isObject = v => (typeof v === 'object' ? v !== null : typeof v === 'function');
const isPromise = v => v instanceof ThePromise && resolved(v) === v;
const quiet = () => {};

const hardened = new WeakSet();

function harden(root) {
  if (!isObject(root) || hardened.has(root)) return root;
  const seen = new Set([root]);
  // What is added while it is walked is walked, too.
  for (const at of seen) {
    freeze(at);
    const parent = getPrototypeOf(at);
    if (parent !== null && !hardened.has(parent)) seen.add(parent);
    for (const key of ownKeys(at)) {
      const d = getOwnPropertyDescriptor(at, key);
      const { value } = d;
      if (isObject(value)) {
        if (!hardened.has(value)) seen.add(value);
      } else if (value === undefined) {
        if (d.get !== undefined && !hardened.has(d.get)) seen.add(d.get);
        if (d.set !== undefined && !hardened.has(d.set)) seen.add(d.set);
      }
    }
  }
  for (const at of seen) hardened.add(at);
  return root;
}

function Nat(n) {
  if (!Number.isSafeInteger(n)) throw new RangeError(`${String(n)} is no safe integer`);
  if (n < 0) throw new RangeError(`${n} is negative`);
  return n;
}
