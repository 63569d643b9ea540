// Values as text, for people: as node shows them.

const NAME = /^[A-Za-z_$][\w$]*$/;
const quoted = text => {
  const escaped = stringify(text).slice(1, -1).replaceAll('\\"', '"');
  if (!text.includes("'")) return `'${escaped}'`;
  if (!text.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", "\\'")}'`;
};
const errorText = v => {
  try {
    return `${v}`;
  } catch (_) {
    return 'Error';
  }
};

function inspect(v, depth = 0, seen = []) {
  if (typeof v === 'string') return quoted(v);
  if (typeof v === 'bigint') return `${v}n`;
  if (typeof v === 'symbol') return String(v);
  if (typeof v === 'function') return v.name ? `[Function: ${v.name}]` : '[Function (anonymous)]';
  if (!isObject(v)) return Object.is(v, -0) ? '-0' : String(v);
  if (seen.includes(v)) return '[Circular *1]';
  if (isPromise(v)) return 'Promise { <pending> }';
  if (v instanceof Error) return seen.length === 0 ? errorText(v) : `[${errorText(v)}]`;
  if (remote.has(v)) return String(v);
  if (records.has(v)) {
    const { label, fields } = records.get(v);
    const parts = [label, ...fields].map(part => inspect(part, depth, [...seen, v]));
    return `record(${parts.join(', ')})`;
  }
  const list = Array.isArray(v);
  if (seen.length > 2) return list ? '[Array]' : '[Object]';
  return bracketed(list, partsOf(v, list, depth, [...seen, v]), depth, prefixOf(v, list));
}

function prefixOf(v, list) {
  const parent = getPrototypeOf(v);
  if (parent === null) return '[Object: null prototype] ';
  if (list || parent === Object.prototype) return '';
  const d = getOwnPropertyDescriptor(parent, 'constructor');
  const name = d && typeof d.value === 'function' ? d.value.name : '';
  return name ? `${name} ` : '';
}

function partsOf(v, list, depth, seen) {
  const parts = [];
  const keys = ownKeys(v).filter(key => getOwnPropertyDescriptor(v, key)?.enumerable);
  for (const key of keys.slice(0, 100)) {
    const d = getOwnPropertyDescriptor(v, key);
    const text = 'value' in d ? inspect(d.value, depth + 1, seen) : '[Getter]';
    const name = typeof key === 'symbol' ? `[${String(key)}]` : NAME.test(key) ? key : quoted(key);
    parts.push(list && /^\d+$/.test(String(key)) ? text : `${name}: ${text}`);
  }
  if (keys.length > 100) parts.push(`... ${keys.length - 100} more items`);
  return parts;
}

function bracketed(list, parts, depth, prefix) {
  const [open, close] = list ? '[]' : '{}';
  if (parts.length === 0) return `${prefix}${open}${close}`;
  const line = `${prefix}${open} ${parts.join(', ')} ${close}`;
  if (line.length <= 72 && !line.includes('\n')) return line;
  const pad = '  '.repeat(depth + 1);
  return `${prefix}${open}\n${pad}${parts.join(`,\n${pad}`)}\n${'  '.repeat(depth)}${close}`;
}
