/* The work: a log of steps over map, look and settings, kept in the browser. The server remembers nothing: it is sent
 * the state a step starts from and gives back the state it leads to, one step after the other.
 *
 *   step  {id, what, kind, change, args, state}
 *   kind    the event that makes it: "paint" for what the user did here (`change`: the map or a setting, seen at once),
 *           or one of the server's ("roll", "template" ...)
 *   state   null until the server has answered, then {look, map, seed, diversity, harmony, locked, src}; look and src
 *           are null for an empty map; `failed` when the picture could not be drawn
 */

const UNDO = 100;
const FORMAT = 1;
const SETTINGS = ["seed", "diversity", "harmony"];
const STATE = ["look", "map", ...SETTINGS, "locked", "pairs", "src"];

function mountWork(store, on, first) {
  const state = Object.fromEntries(STATE.map((key) => [key, first[key]]));
  const work = { steps: [{ id: 0, what: "start", kind: "start", change: {}, state }], at: 0, next: 1, saved: 0, things: {} };
  const jobs = [];
  let busy = false, touched = 0, again = null;

  // ---- what stands on the page

  /** The last step at or before `at` that has been answered. */
  const answered = (at) => { while (!work.steps[at].state) at--; return at; };

  /** The state at a step as far as it is known: the last answer, and what was done here since. */
  work.state = (at = work.at) => {
    const from = answered(at);
    return work.steps.slice(from + 1, at + 1).reduce((state, { change }) => ({ ...state, ...change }), work.steps[from].state);
  };
  work.known = () => work.steps[work.at].state !== null; // its look and picture, whatever else is under way
  work.settled = () => work.known() && !busy;
  work.unsaved = () => work.steps.length > 1 && work.steps[work.at].id !== work.saved;

  function keep(steps = [], dropped = [], things = {}) {
    const { at, next, saved } = work;
    store.write({ head: { format: FORMAT, at, next, saved, ids: work.steps.map(({ id }) => id), side: page.side, weights: page.weights }, steps, dropped, things });
  }

  /** A named thing beside the steps: variants, blend, photo. */
  work.set = (name, value) => {
    work.things[name] = value;
    keep([], [], { [name]: value });
    say("thing:" + name, value);
  };

  // ---- steps

  function push(step) {
    const dropped = work.steps.splice(work.at + 1);
    work.steps.push(step);
    while (work.steps.length > UNDO && work.steps[1].state) dropped.push(work.steps.shift());
    work.at = work.steps.length - 1;
    touched = performance.now();
    pump(); // first: the rest is done while the server paints
    say("state");
    keep([step], dropped.map(({ id }) => id));
  }

  /** Something done here: {map} or a setting. Settings that follow one another quickly are one step. */
  work.change = (what, change) => {
    const last = work.steps[work.at];
    if (what !== "map" && last.what === what && work.at > 0 && performance.now() - touched < 1500) work.at--;
    say("busy");
    push({ id: work.next++, what, kind: "paint", change, state: null });
  };

  /** Something the server does. */
  work.ask = (kind, args = {}, what = kind) => {
    say("busy");
    push({ id: work.next++, what, kind, change: {}, args, state: null });
  };

  /** A former state again, as a step of its own. */
  work.recall = (state) => push({ id: work.next++, what: "recall", kind: "recall", change: {}, state });

  work.travel = (by) => {
    if (!work.steps[work.at + by]) return;
    work.at += by;
    touched = 0;
    keep();
    say("state");
    pump();
  };

  // ---- the server

  function send(kind, args, { look, map, seed, diversity, harmony }) {
    return on[kind]({ lang: page.lang, look, map, seed, diversity, harmony, ...args });
  }

  /** The next step without an answer; strokes that others have overtaken are not drawn. */
  async function pump() {
    if (busy) return;
    const from = answered(work.at);
    if (from === work.at) return runJob();
    let next = from + 1;
    while (next < work.at && work.steps[next].kind === "paint") next++;
    busy = true;
    const step = work.steps[next];
    const answer = await send(step.kind, step.args, work.state(next));
    busy = false;
    if (answer.lost) return wait();
    say("away", false);
    take(step, answer);
    pump();
  }

  /** No answer came: the step is asked for again, for as long as it takes; what else was asked for would come unawares. */
  function wait() {
    say("idle");
    say("away", true);
    for (const job of jobs.splice(0)) finish(job, { lost: true });
    clearTimeout(again);
    again = setTimeout(pump, 3000);
  }

  function take(step, answer) {
    const index = work.steps.indexOf(step);
    if (index < 0) return; // undone and painted over meanwhile
    const refused = answer.error && step.kind !== "paint";
    if (refused) {
      work.steps.splice(index, 1);
      if (index <= work.at) work.at--;
      tell(answer);
    } else {
      if (answer.blank) step.state = { ...work.state(index), look: null, src: null, locked: [] };
      else if (answer.error) { step.state = { ...work.state(index), failed: true }; tell(answer); }
      else step.state = Object.fromEntries(STATE.map((key) => [key, answer[key]]));
      tellNotes(answer.notes ?? []);
      if (step.kind === "opened") work.saved = step.id;
      if (["template", "opened"].includes(step.kind) || step.what === "import") work.set("variants", []);
    }
    say(index <= work.at ? "answered" : "late", answer);
    say("state");
    keep(refused ? [] : [step], refused ? [step.id] : []); // last: the garment is shown first
  }

  function tell(answer) {
    notice("error", answer.error);
    say("idle");
  }

  /** Ask for something that is no step (a strip, a file), once the look has caught up; null when it failed. */
  work.request = (kind, args = {}) => new Promise((done) => { jobs.push({ kind, args, done }); pump(); });

  async function runJob() {
    const job = jobs.shift();
    if (!job) return say("away", false);
    busy = true;
    const answer = await send(job.kind, typeof job.args === "function" ? job.args(work.state()) : job.args, work.state());
    busy = false;
    finish(job, answer);
    pump(); // with the next, or there is nothing left to wait for
  }

  function finish(job, answer) {
    if (answer.lost) notice("error", message("not_done"));
    else if (answer.error) tell(answer);
    job.done(answer.lost || answer.error ? null : answer);
  }

  /** As `request` for files, which wait for no picture and no picture waits for. */
  work.read = async (kind, args) => {
    const answer = await send(kind, args, { map: null, look: null, seed: 0, diversity: 1, harmony: 1 });
    return new Promise((done) => finish({ done }, answer));
  };

  // ---- files and coming back

  /** The state whose picture is on screen, once it has caught up; null, with the reason told, when there is none. */
  work.shown = async () => {
    for (let tries = 0; tries < 40 && !work.settled(); tries++) await new Promise((go) => setTimeout(go, 100));
    const { state } = work.steps[work.at];
    if (state?.look && !state.failed) return state;
    notice("error", message(state && !state.failed ? "nothing_shown" : "not_caught_up"));
    return null;
  };

  /** The look exactly as the server gave it with that picture: it counts as saved from now on. */
  work.session = async () => {
    const state = await work.shown();
    if (!state) return null;
    work.saved = work.steps[work.at].id; // not the step that first had this state: it may have been recalled
    keep();
    return state.look;
  };

  /** Start anew with what the page opened with. */
  work.begin = (things) => {
    keep(work.steps, [], things);
    for (const [name, value] of Object.entries(Object.assign(work.things, things))) say("thing:" + name, value);
    say("answered", { ms: null }); // drawn before anybody waited
    say("state");
  };

  /** Go on with work that the store kept; false when it cannot be shown here. */
  work.restore = ({ head, steps, things }) => {
    const kept = head.ids.map((id) => steps.get(id)).filter(Boolean);
    if (head.format !== FORMAT || head.side !== page.side || kept.length !== head.ids.length || !kept[0].state) return false;
    Object.assign(work, { steps: kept, at: head.at, next: head.next, saved: head.saved, things });
    if (head.tab !== store.tab) keep(kept, [], things); // another tab's work goes on under this one's number
    if (head.weights !== page.weights) notice("warning", message("other_weights_kept"));
    for (const [name, value] of Object.entries(things)) say("thing:" + name, value);
    say("answered", { ms: null });
    say("state");
    pump();
    return true;
  };

  return work;
}
