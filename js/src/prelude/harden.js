// The language as it was before anybody could change it, and hardening.

const { freeze, isFrozen, getPrototypeOf, getOwnPropertyDescriptors, getOwnPropertyNames } = Object;
const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { parse, stringify } = JSON;
const ThePromise = Promise;
const resolved = v => ThePromise.resolve(v);
const isObject = v => Object(v) === v;
const isPromise = v => v instanceof ThePromise && resolved(v) === v;
const quiet = () => {};

const hardened = new WeakSet();

function harden(root) {
  if (!isObject(root)) return root;
  const seen = new Set();
  const todo = [root];
  for (let i = 0; i < todo.length; i += 1) {
    const at = todo[i];
    if (hardened.has(at) || seen.has(at)) continue;
    seen.add(at);
    freeze(at);
    const add = v => { if (isObject(v)) todo.push(v); };
    add(getPrototypeOf(at));
    const descs = getOwnPropertyDescriptors(at);
    for (const key of ownKeys(descs)) {
      const d = descs[key];
      if ('value' in d) add(d.value); else { add(d.get); add(d.set); }
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
