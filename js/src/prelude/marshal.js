// Values as a body (text) and slots (names of what goes by reference).

const Q = '@qclass';
const errorTypes = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError,
  URIError };

// Objects that are callable because it was said so.
const fars = new WeakSet();
// Labelled data, which other languages have: object -> { label, fields }.
const records = new WeakMap();

function Far(name, methods = {}) {
  if (typeof name !== 'string') throw new TypeError('Far takes a name and methods');
  for (const key of ownKeys(methods)) {
    const d = getOwnPropertyDescriptor(methods, key);
    if (typeof d.value !== 'function') throw new TypeError(`${name}.${String(key)} is no function`);
  }
  harden(methods);
  fars.add(methods);
  return methods;
}

function record(label, ...fields) {
  if (typeof label !== 'string') throw new TypeError('the label of a record is a string');
  const made = harden({ __proto__: null, label, fields: harden(fields) });
  records.set(made, made);
  return made;
}

// Names a thing in an error, whatever its own methods do.
function nameOf(v) {
  if (typeof v === 'function') return 'a function';
  if (Array.isArray(v)) return 'an array';
  return isObject(v) ? 'an object' : String(v);
}

// Whether each property of it, and of what it inherits, is a function; an error if it is mixed.
function isCallable(v) {
  let data;
  let method;
  for (let at = v; at !== null && at !== Object.prototype; at = getPrototypeOf(at)) {
    if (!isFrozen(at)) throw new TypeError('an object must be hardened before it is passed');
    for (const key of ownKeys(at)) {
      const d = getOwnPropertyDescriptor(at, key);
      if (!('value' in d)) throw new TypeError(`cannot pass the accessor ${String(key)}`);
      if (typeof d.value === 'function') method ??= String(key);
      else if (typeof key === 'symbol') {
        throw new TypeError(`cannot pass the property ${String(key)}`);
      }
      else data ??= key;
    }
  }
  if (data !== undefined && method !== undefined) {
    throw new TypeError(`cannot pass a mixed object: ${method} is a method, ${data} is data`);
  }
  return data === undefined;
}

function mustBeCallable(v) {
  if (!isObject(v) || typeof v !== 'object') {
    throw new TypeError(`${nameOf(v)} is no callable object`);
  }
  if (fars.has(v)) return;
  if (Array.isArray(v) || !isCallable(v)) {
    throw new TypeError(`${nameOf(v)} of data is not callable`);
  }
}

function mustBeText(text) {
  if (!text.isWellFormed()) throw new TypeError('cannot pass a string with half of a character');
}

function mustBeList(list) {
  if (ownKeys(list).length !== list.length + 1) {
    throw new TypeError('cannot pass an array with holes, or with other properties');
  }
}

// How a value is passed. `emptyIsData`: so is an object that has nothing in it, and methods make no
// object callable.
function styleOf(v, emptyIsData) {
  if (v === null) return 'plain';
  switch (typeof v) {
    case 'string':
      mustBeText(v);
      return 'plain';
    case 'boolean': return 'plain';
    case 'undefined': case 'number': case 'bigint': return typeof v;
    case 'symbol': {
      const key = Symbol.keyFor(v);
      if (key === undefined) throw new TypeError('a symbol can be passed only if it is registered');
      mustBeText(key);
      return 'symbol';
    }
    case 'function': throw new TypeError('cannot pass a function: pass an object with a method');
    default:
  }
  if (fars.has(v)) return 'slot';
  if (records.has(v)) return 'tagged';
  if (Q in v) throw new TypeError(`cannot pass an object with a property ${Q}`);
  if (!isFrozen(v)) throw new TypeError('an object must be hardened before it is passed');
  if (isPromise(v)) return 'slot';
  if (typeof v.then === 'function') {
    throw new TypeError('cannot pass an object with a method then that is no promise');
  }
  if (v instanceof Error) return 'error';
  if (Array.isArray(v)) {
    mustBeList(v);
    return 'array';
  }
  const parent = getPrototypeOf(v);
  const plain = parent === Object.prototype || parent === null;
  if (plain && emptyIsData && ownKeys(v).length === 0) return 'record';
  if (!isCallable(v)) {
    if (!plain) throw new TypeError('cannot pass data of a class');
    return 'record';
  }
  if (emptyIsData) {
    throw new TypeError('cannot pass an object with methods that is not made by Far');
  }
  return 'slot';
}

function makeMarshal(toSlot, fromSlot, options = {}) {
  const { isPassed = () => false, emptyIsData = false } = options;

  function serialize(root) {
    const slots = [];
    const places = new Map();
    const seen = new Map();
    const open = new Set();

    function encode(v) {
      const style = isPassed(v) ? 'slot' : styleOf(v, emptyIsData);
      switch (style) {
        case 'plain': return v;
        case 'undefined': return { [Q]: 'undefined' };
        case 'bigint': return { [Q]: 'bigint', digits: String(v) };
        case 'symbol': return { [Q]: 'symbol', key: Symbol.keyFor(v) };
        case 'number':
          if (Object.is(v, -0)) return { [Q]: '-0' };
          return Number.isFinite(v) ? v : { [Q]: String(v) };
        default:
      }
      if (open.has(v)) throw new TypeError('cannot pass a thing that contains itself');
      if (seen.has(v)) return { [Q]: 'ibid', index: seen.get(v) };
      seen.set(v, seen.size);
      if (style === 'slot') {
        if (!places.has(v)) {
          places.set(v, slots.length);
          slots.push(toSlot(v));
        }
        return { [Q]: 'slot', index: places.get(v) };
      }
      if (style === 'error') {
        return { [Q]: 'error', name: `${v.name}`.toWellFormed(),
          message: `${v.message}`.toWellFormed() };
      }
      open.add(v);
      const encoded = parts(v, style);
      open.delete(v);
      return encoded;
    }

    // Loops, and few calls: a value may nest deep.
    function parts(v, style) {
      if (style === 'array') return items(v);
      if (style === 'tagged') {
        const { label, fields } = records.get(v);
        mustBeText(label);
        mustBeList(fields);
        return { [Q]: 'tagged', label, fields: items(fields) };
      }
      const copy = { __proto__: null };
      for (const key of Object.keys(v)) {
        mustBeText(key);
        copy[key] = encode(v[key]);
      }
      return copy;
    }

    function items(list) {
      const copy = [];
      for (let i = 0; i < list.length; i += 1) copy[i] = encode(list[i]);
      return copy;
    }

    const body = stringify(encode(root));
    return harden({ body, slots });
  }

  function unserialize({ body, slots }) {
    const ibids = [];
    const open = new Set();
    const keep = v => { ibids.push(v); return v; };

    function decode(tree) {
      if (!isObject(tree)) return tree;
      if (Object.hasOwn(tree, Q)) return special(tree);
      const copy = Array.isArray(tree) ? [] : {};
      const at = ibids.length;
      keep(copy);
      open.add(at);
      for (const key of Object.keys(tree)) {
        // Not `copy[key] =`: `__proto__` is only a name here.
        const value = decode(tree[key]);
        defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true });
      }
      open.delete(at);
      return copy;
    }

    function special(tree) {
      switch (tree[Q]) {
        case 'undefined': return undefined;
        case '-0': return -0;
        case 'NaN': return NaN;
        case 'Infinity': return Infinity;
        case '-Infinity': return -Infinity;
        case 'bigint': return BigInt(tree.digits);
        case 'symbol': return Symbol.for(tree.key);
        case 'error': return keep(errorOf(tree.name, tree.message));
        case 'slot': return keep(fromSlot(slots[Nat(tree.index)]));
        case 'tagged': {
          const at = ibids.length;
          keep(undefined);
          open.add(at);
          const fields = [];
          for (let i = 0; i < tree.fields.length; i += 1) fields[i] = decode(tree.fields[i]);
          ibids[at] = record(`${tree.label}`, ...fields);
          open.delete(at);
          return ibids[at];
        }
        case 'ibid': {
          const at = Nat(tree.index);
          if (at >= ibids.length) throw new RangeError(`there is no earlier value ${at}`);
          if (open.has(at)) throw new TypeError(`value ${at} contains itself`);
          return ibids[at];
        }
        default: throw new TypeError(`there is no kind of value ${tree[Q]}`);
      }
    }

    return harden(decode(parse(body)));
  }
  return harden({ serialize, unserialize });
}

function errorOf(name, message) {
  const Type = Object.hasOwn(errorTypes, name) ? errorTypes[name] : Error;
  const error = new Type(`${message}`);
  if (error.name !== name) defineProperty(error, 'name', { value: `${name}` });
  return harden(error);
}
