// What the program says is put in place as text only: this page never makes markup of it, and its policy forbids that.

const TURNS_KEPT = 2000, ROW = 24, PEERS_SHOWN = 24, ENDPOINTS_SHOWN = 200, TOPICS_SHOWN = 200, LED_SHOWN = 4, CARDS_SHOWN = 100, WAITS_SHOWN = 2000;
const $ = id => document.getElementById(id);
const count = n => n.toLocaleString("en");
const plural = (n, one, many = one + "s") => `${count(n)} ${n === 1 ? one : many}`;
/** The list of this key in a map of lists. */
const listed = (map, key) => { let list = map.get(key); if (!list) map.set(key, list = []); return list; };

// The token came in the address, which need not show it. This tab keeps it, for when the page is loaded anew: what is kept so belongs to this
// host and this port, and goes to nobody by itself, as a cookie would.
const TOKEN = "inspector-token";
let token = new URLSearchParams(location.search).get("token") ?? "";
try {
  if (token) sessionStorage.setItem(TOKEN, token); else token = sessionStorage.getItem(TOKEN) ?? "";
} catch { /* A browser that keeps nothing: the page shows what it shows until it is loaded anew. */ }
history.replaceState(null, "", location.pathname + location.hash);

