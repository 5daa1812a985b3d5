// Where numbers come from on a server: the engine, for any setting. What was asked before is kept.
const kept = new Map(), self = Math.random().toString(36).slice(2), now = {};
let moves = 0, asking = null, since = 0;
async function ask(what, question) {
  const key = what + JSON.stringify(question);
  if (!kept.has(key)) {
    const body = new Blob([JSON.stringify({ ...question, page: self, number: moves })], { type: "application/json" });
    const answer = await fetch(what, { method: "POST", body, signal: asking.signal }), told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    kept.set(key, told);
    if (kept.size > 300) kept.delete(kept.keys().next().value);
  }
  return kept.get(key);
}
const chosen = () => ["scenario", "policy-A", "policy-B"].map((id) => +$(id).value);
const source = {
  async ready() { // all that the present numbers need; false where it is of another choice meanwhile, or there is no answer
    const [scenario, ...policies] = chosen(), world = state.world;
    [moves, asking, since] = [moves + 1, new AbortController(), performance.now()];
    const questions = SIDES.map((side, i) => ({ scenario, world, policy: policies[i], values: state[side] }));
    const worlds = questions.map((each) => (here().reactive ? each : { scenario, world, policy: null, values: [] }));
    try {
      const asked = (what, those) => Promise.all(those.map((each) => ask(what, each)));
      const [found, seen] = await Promise.all([asked("outcome", questions), asked("seen", worlds)]);
      SIDES.forEach((side, i) => { now[side] = { ...found[i], days: [...Array(here().days).keys()], seen: seen[i] }; });
      $("trouble").textContent = "";
      return String(chosen()) === String([scenario, ...policies]);
    } catch ({ name, message }) {
      if (name !== "AbortError") $("trouble").textContent = t`The server did not answer (${message}). Move again to try again.`;
      return false;
    }
  },
  hurry: () => performance.now() - since > 250 && asking?.abort(), // something newer is wanted
  outcome: (side) => now[side],
  rules: (side, run) => structuredClone(now[side].rules[Math.min(run, now[side].rules.length - 1)]),
  seen: (side, name) => ({ days: now[side].days, ...now[side].seen[name] }),
  singles: (side, run) => map(Object.entries(now[side].seen), ([name, { singles }]) => [name, singles.slice(0, run + 1).at(-1)]),
  control({ name, stated, low, high, step, whole }, id, value, put) { // a range, and a field for any number in between
    const input = el("input", { type: "range", id, min: low, max: high, step, value: value ?? low });
    const field = el("input", { type: "number", min: low, max: high, step: whole ? 1 : "any", value: value ?? "" });
    field.setAttribute("aria-label", t`${name}, as a number`);
    input.oninput = () => put(+(field.value = plain(+input.value, 10)));
    field.oninput = () => { // emptied: as stated
      if (field.validity.valid) put(field.value === "" ? stated : +plain(+field.value, 10));
      input.value = field.value === "" ? stated ?? low : field.value;
    };
    return [input, field];
  },
};
