/* The browser's own memory of the work: one head, its steps and some things for each tab, in IndexedDB. A tab is known
 * by a number in its sessionStorage, which a reload, Back and a restored tab keep. Without IndexedDB nothing is kept.
 */

const KEPT_TABS = 8;
const TABLES = { heads: "tab", steps: ["tab", "id"], things: ["tab", "name"] };

function mountStore() {
  const store = { db: null, tab: null, broken: false };
  const done = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });
  const range = (tab) => IDBKeyRange.bound([tab], [tab, []]);
  const fresh = () => Date.now().toString(36) + Math.random().toString(36).slice(2, 8);

  async function connect() {
    const request = indexedDB.open("garmentgen", 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(TABLES)) request.result.createObjectStore(name, { keyPath });
    };
    store.db = await done(request);
    store.db.onversionchange = () => store.db.close();
  }

  /** Whether another tab of this browser works under this number: a duplicated tab brings its sessionStorage along. */
  function inUse(tab) {
    if (!window.BroadcastChannel) return false;
    const channel = new BroadcastChannel("garmentgen"), me = fresh();
    store.channel = channel;
    return new Promise((answer) => {
      channel.onmessage = ({ data }) => {
        if (data.asks === store.tab && data.me !== me) channel.postMessage({ taken: data.asks });
        if (data.taken === tab && store.tab === null) answer(true);
      };
      channel.postMessage({ asks: tab, me });
      setTimeout(() => answer(false), 80);
    });
  }

  /** The work of this tab, or null: {head, steps: by id, things: by name}. */
  store.open = async () => {
    let former = null;
    try {
      former = sessionStorage.getItem("garmentgen.tab");
      await connect();
    } catch { store.broken = true; }
    const taken = former !== null && await inUse(former);
    if (former === null) inUse("");
    store.tab = former === null || taken ? null : former;
    if (store.tab === null) store.leave();
    return former === null ? null : store.read(former);
  };

  /** Leave this tab's record as it is, for it cannot be shown, and write a new one. */
  store.leave = () => {
    store.tab = fresh();
    try { sessionStorage.setItem("garmentgen.tab", store.tab); } catch { store.broken = true; }
  };

  store.read = async (tab) => {
    if (!store.db) return null;
    try {
      const reading = store.db.transaction(Object.keys(TABLES));
      const [head, steps, things] = await Promise.all([done(reading.objectStore("heads").get(tab)),
        done(reading.objectStore("steps").getAll(range(tab))), done(reading.objectStore("things").getAll(range(tab)))]);
      if (!head) return null;
      return { head, steps: new Map(steps.map((step) => [step.id, step])),
        things: Object.fromEntries(things.map(({ name, value }) => [name, value])) };
    } catch { return null; }
  };

  /** Write what has changed in one transaction; what it replaces stays whole if that fails. */
  store.write = ({ head, steps = [], dropped = [], things = {} }) => {
    if (!store.db) return;
    try {
      const writing = store.db.transaction(Object.keys(TABLES), "readwrite");
      writing.onabort = writing.onerror = () => { store.broken = true; };
      writing.oncomplete = () => { store.broken = false; };
      for (const step of steps) writing.objectStore("steps").put({ ...step, tab: store.tab });
      for (const id of dropped) writing.objectStore("steps").delete([store.tab, id]);
      for (const [name, value] of Object.entries(things)) writing.objectStore("things").put({ tab: store.tab, name, value });
      writing.objectStore("heads").put({ ...head, tab: store.tab, time: Date.now() });
    } catch { store.broken = true; }
  };

  /** The latest work of another tab, which may be closed by now; older ones than the last few are forgotten. */
  store.latest = async () => {
    if (!store.db) return null;
    const heads = (await done(store.db.transaction("heads").objectStore("heads").getAll())).filter(({ tab }) => tab !== store.tab);
    heads.sort((a, b) => b.time - a.time);
    const writing = store.db.transaction(Object.keys(TABLES), "readwrite");
    for (const { tab } of heads.slice(KEPT_TABS)) {
      writing.objectStore("heads").delete(tab);
      for (const name of ["steps", "things"]) writing.objectStore(name).delete(range(tab));
    }
    return heads.find(({ ids }) => ids.length > 1) ?? null;
  };

  return store;
}
