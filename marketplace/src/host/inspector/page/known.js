// What the page knows: the last dump, and the turns that it was told.

let dump = null;                    // the last dump
let index = { processes: new Map(), vms: new Map(), owners: new Map(), further: new Map(), objects: new Map(), promises: new Map(), objectCount: 0, morePromises: 0, endpoints: 0, queued: 0 };
let turns = [];                     // the last turns, and gaps, by stamp
const turnIds = new Map();          // id -> turn
const byAction = new Map();         // action id -> the turns to which it led
const byPromise = new Map();        // promise -> the answer that settles it
const active = new Map();           // process key -> when it last took a turn
const closed = new Set();           // keys of VMs that are folded
let choice = { kind: "vm", key: "" };
let causes = null;                  // { turn, turns, more } of the chosen turn
let connection = "new";

const keyOf = (vm, pid) => [...vm, pid].join("/");

/** Names that are plain text or symbols are shown without their marks. */
function plainName(name) {
  if (name == null) return null;
  if (/^"(?:[^"\\]|\\.)*"$/s.test(name)) { try { return JSON.parse(name) || name; } catch { return name.slice(1, -1) || name; } }
  return /^'[^\s'"()]+$/.test(name) ? name.slice(1) : name;
}

function take(next) {
  const processes = new Map(), vms = new Map(), owners = new Map(), further = new Map(), objects = new Map(), promises = new Map();
  let endpoints = 0, queued = 0, objectCount = 0, morePromises = 0;
  const waiting = [[next.vm, "", 0]];
  while (waiting.length) {
    const [vm, vmKey, depth] = waiting.pop();
    vms.set(vmKey, vm);
    queued += vm.queued ?? vm.queue.length;
    morePromises += vm.more_promises;
    for (const promise of vm.promises) promises.set(promise.ref, { promise, vmKey });
    for (const process of vm.processes) {
      const key = vmKey === "" ? String(process.pid) : vmKey + "/" + process.pid;
      processes.set(key, { key, vmKey, depth, process });
      endpoints += process.endpoints.length;
      for (const endpoint of process.endpoints) owners.set(vmKey + ":" + endpoint.id, key);
      objectCount += process.objects.length + process.more_objects;
      for (const object of process.objects) objects.set(object.ref, { object, key });
      if (process.vm) waiting.push([process.vm, key, depth + 1]);
      // Further out, an endpoint is one of the VM around the process.
      for (const { levels, outside } of process.outer) further.set(key.split("/").slice(0, -levels).join("/") + " " + outside, key);
    }
  }
  dump = next;
  index = { processes, vms, owners, further, objects, promises, objectCount, morePromises, endpoints, queued };
}

/** A name for people: what it is called (as a turn of it tells, if it is gone), or else the function
    that booted it; or a hint: what it talks about. */
function nameOf(key, turn) {
  const known = index.processes.get(key)?.process;
  const name = plainName(turn?.name ?? known?.name ?? null) ?? turn?.function ?? known?.function ?? null;
  if (name != null) return { name };
  return { hint: known?.endpoints[0]?.topic ?? known?.objects[0]?.kind ?? "" };
}

function pathNames(vm) {
  return vm.map((_, at) => { const key = vm.slice(0, at + 1).join("/"); return nameOf(key).name ?? "p" + vm[at]; });
}

