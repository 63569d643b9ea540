// The world, made safe: what is there from the start cannot be changed, and nothing tells the time.

// Lengths that built-ins take at most: those that run in one piece would stop everything else.
const MOST = 2 ** 20;

// Charges the turn for work that a built-in does in one piece, if it is much.
function charge(units) {
  // The loop is ended from outside, and nothing can catch that.
  if (units > 4096 && host.charge(units)) for (;;);
}

const deny = what => () => { throw new TypeError(`${what} is not to be had in a vat`); };

// Puts `check(this, args)` before a method.
function guard(owner, name, check) {
  const d = owner && getOwnPropertyDescriptor(owner, name);
  if (!d || typeof d.value !== 'function') return;
  const real = d.value;
  const guarded = {
    [name](...args) {
      check(this, args);
      return apply(real, this, args);
    },
  }[name];
  defineProperty(guarded, 'length', { value: real.length, configurable: true });
  defineProperty(owner, name, { ...d, value: guarded });
}

function guardLengths() {
  const mustBeShort = n => {
    if (n > MOST) throw new RangeError(`a length of ${n} is too much for one step`);
    charge(n);
  };
  const lengthOf = v => (isObject(v) ? Number(v.length) : 0);
  const short = v => mustBeShort(lengthOf(v));
  // Those that call a function for each item are stopped in that.
  const walking = ['copyWithin', 'fill', 'flat', 'includes', 'indexOf', 'join', 'lastIndexOf',
    'reverse',
    'shift', 'slice', 'sort', 'splice', 'toLocaleString', 'toReversed', 'toSorted', 'toSpliced',
    'toString',
    'unshift', 'with', 'every', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex',
    'flatMap', 'forEach',
    'map', 'reduce', 'reduceRight', 'some'];
  for (const name of walking) guard(Array.prototype, name, short);
  guard(Array.prototype, 'flat', list => {
    // All lists within it, whatever the depth that is asked for.
    const todo = [list];
    let count = 0;
    for (let i = 0; i < todo.length; i += 1) {
      for (const item of Object.values(todo[i])) if (Array.isArray(item)) todo.push(item);
      count += todo[i].length;
      mustBeShort(count);
    }
  });
  guard(Array.prototype, 'concat', (list, args) => { short(list); args.forEach(short); });
  for (const name of ['from', 'fromAsync']) guard(Array, name, (_, [like]) => short(like));
  guard(JSON, 'parse', (_, [text]) => charge(typeof text === 'string' ? text.length : 0));
  guard(String, 'raw', (_, [strings]) => short(strings?.raw));
  guard(Reflect, 'apply', (_, args) => short(args[2]));
  guard(Reflect, 'construct', (_, args) => short(args[1]));
  guard(getPrototypeOf(quiet), 'apply', (_, args) => short(args[1]));
  const Typed = getPrototypeOf(Uint8Array);
  guard(Typed, 'from', (_, [like]) => short(like));
  for (const name of ownKeys(Typed.prototype)) {
    const weight = name === 'sort' || name === 'toSorted' ? 24 : 1;
    if (name !== 'constructor') guard(Typed.prototype, name,
      v => charge(weight * (v?.length ?? 0)));
  }
  const linear = ['concat', 'includes', 'indexOf', 'isWellFormed', 'lastIndexOf', 'localeCompare',
    'match', 'matchAll',
    'normalize', 'padEnd', 'padStart', 'repeat', 'replace', 'replaceAll', 'search', 'slice',
    'split', 'substr',
    'substring', 'toLocaleLowerCase', 'toLocaleUpperCase', 'toLowerCase', 'toUpperCase',
    'toWellFormed', 'trim',
    'trimEnd', 'trimStart'];
  for (const name of linear) {
    guard(String.prototype, name, (v, [what]) => {
      if (typeof v !== 'string') return;
      charge(v.length);
      if (typeof what === 'string' && what.length > 64) charge((v.length / 64) * what.length);
    });
  }
  const Iterators = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()));
  for (const name of ['drop', 'take']) guard(Iterators, name, (_, [n]) => mustBeShort(Number(n)));
  for (const name of ['Set', 'Map']) {
    const Real = globalThis[name];
    const Guarded = {
      [name]: function (items) {
        if (new.target === undefined) throw new TypeError(`${name} is made with new`);
        if (isObject(items)) short(items);
        return Reflect.construct(Real, [items], new.target);
      },
    }[name];
    for (const key of ownKeys(Real)) {
      if (!['length', 'name', 'prototype'].includes(key)) {
        defineProperty(Guarded, key, getOwnPropertyDescriptor(Real, key));
      }
    }
    Guarded.prototype = Real.prototype;
    defineProperty(Guarded, 'length', { value: 0 });
    defineProperty(Real.prototype, 'constructor', { value: Guarded, writable: true,
      configurable: true });
    defineProperty(globalThis, name, { value: Guarded, writable: true, configurable: true });
  }
}

// Dates without the time, in no zone but UTC.
function tameDate() {
  const Real = Date;
  const ZONED = /(?:[zZ]|GMT|UTC|[+-]\d\d:?\d\d)\s*(?:\(.*\))?$/;
  const read = text => {
    const t = `${text}`;
    if (/^[+-]?\d{4,6}(?:-\d\d(?:-\d\d)?)?$/.test(t) || ZONED.test(t)) return Real.parse(t);
    const direct = Real.parse(`${t}Z`);
    return Number.isNaN(direct) ? Real.parse(`${t} UTC`) : direct;
  };
  const Safe = function Date(...args) {
    if (new.target === undefined || args.length === 0) {
      throw new TypeError('the time is not to be had in a vat');
    }
    let [time] = args;
    if (args.length > 1) time = Real.UTC(...args);
    else if (time instanceof Real) time = time.getTime();
    else if (isObject(time)) time = time[Symbol.toPrimitive]?.('default') ?? `${time}`;
    if (typeof time === 'string') time = read(time);
    return Reflect.construct(Real, [time], new.target);
  };
  Safe.prototype = Real.prototype;
  defineProperty(Safe.prototype, 'constructor', { value: Safe, writable: true,
    configurable: true });
  Safe.UTC = Real.UTC;
  Safe.parse = read;
  Safe.now = deny('Date.now()');
  for (const key of getOwnPropertyNames(Real.prototype)) {
    const utc = key.replace(/^([gs]et)(?!UTC)/, '$1UTC');
    if (utc !== key && Object.hasOwn(Real.prototype,
      utc)) Real.prototype[key] = Real.prototype[utc];
  }
  const { toISOString, toUTCString } = Real.prototype;
  Object.assign(Real.prototype, {
    getTimezoneOffset() { return this.getTime() * 0; },
    toString() { return apply(toUTCString, this, []); },
    toDateString() { return apply(toUTCString, this, []).slice(0, 16); },
    toTimeString() { return apply(toUTCString, this, []).slice(17); },
    toLocaleString() { return apply(toISOString, this, []); },
    toLocaleDateString() { return apply(toISOString, this, []).slice(0, 10); },
    toLocaleTimeString() { return apply(toISOString, this, []).slice(11, 19); },
  });
  delete Real.prototype.getYear;
  delete Real.prototype.setYear;
  globalThis.Date = Safe;
}

// No text becomes code.
function withoutEvaluation() {
  const kinds = [quiet, function* () {}, async () => {}, async function* () {}];
  for (const kind of kinds) {
    defineProperty(getPrototypeOf(kind), 'constructor', { value: deny('Function()') });
  }
  const NoFunction = deny('Function()');
  NoFunction.prototype = getPrototypeOf(quiet);
  globalThis.Function = NoFunction;
}

// So that `thing.toString = ..` works on things that inherit from a frozen prototype. Of prototypes
// with many methods only those that programs assign: what is repaired is slower to call.
function repairOverrides() {
  const all = undefined;
  const few = ['constructor', 'toString', 'valueOf', 'toJSON'];
  const repaired = [
    [Object.prototype, all], [Error.prototype, all], [ThePromise.prototype, all], [Map.prototype,
    all],
    [Set.prototype, all], [Date.prototype, few], [RegExp.prototype, [...few, 'exec', 'test']],
    [Array.prototype, [...few, 'push', 'concat', 'join', Symbol.iterator]],
    [getPrototypeOf(quiet), [...few, 'bind', 'call', 'apply']],
  ];
  for (const T of Object.values(errorTypes)) if (T !== Error) repaired.push([T.prototype, all]);
  for (const [proto, keys] of repaired) for (const key of keys ?? ownKeys(proto)) repair(proto,
    key);
}

function repair(proto, key) {
  const d = getOwnPropertyDescriptor(proto, key);
  if (!d || !d.configurable || !d.writable) return;
  const { value } = d;
  defineProperty(proto, key, {
    get() { return value; },
    set(v) {
      if (this === proto) {
        throw new TypeError(`cannot assign to ${String(key)} of a frozen prototype`);
      }
      if (Object.hasOwn(this, key)) this[key] = v;
      else defineProperty(this, key, { value: v, writable: true, enumerable: true,
        configurable: true });
    },
    enumerable: d.enumerable,
    configurable: false,
  });
}

function lockdown() {
  const g = globalThis;
  g.Math.random = deny('Math.random()');
  tameDate();
  const gone = ['WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'performance',
    'DOMException',
    'queueMicrotask', 'gc', 'setTimeout', 'navigator', 'Intl', 'Temporal', 'escape', 'unescape',
    'InternalError',
    'eval', 'print'];
  for (const name of gone) delete g[name];
  withoutEvaluation();
  guardLengths();
  // Errors do not show the stack.
  delete Error.captureStackTrace;
  delete Error.prepareStackTrace;
  if (!options.stacks) Error.stackTraceLimit = 0;
  // It is an accessor, whose setter would turn them on again.
  defineProperty(Error, 'stackTraceLimit', { value: 0, configurable: true });
  repairOverrides();
  const hidden = [
    function* () {}, async () => {}, async function* () {}, [][Symbol.iterator](),
      new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](), ''[Symbol.iterator](), ''.matchAll(/./g), (function* () {})(),
    (async function* () {})(), [][Symbol.iterator]().map?.(quiet),
      g.Iterator?.from?.({ next: quiet }),
  ];
  const all = [];
  for (const h of hidden) if (h) all.push(getPrototypeOf(h));
  for (const key of ownKeys(g)) {
    const d = getOwnPropertyDescriptor(g, key);
    if (key === 'globalThis' || !('value' in d)) continue;
    all.push(d.value);
    const fixed = { value: d.value, writable: false, configurable: false,
      enumerable: d.enumerable };
    if (d.configurable) defineProperty(g, key, fixed);
  }
  harden(all);
}
