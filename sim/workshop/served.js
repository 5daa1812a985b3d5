// Where numbers come from on a server: the engine, for any setting. What was asked before is kept.
const kept = new Map(), self = Math.random().toString(36).slice(2), now = {};
let asking = null, since = 0;
async function ask(what, question) {
  const key = what + JSON.stringify(question);
  if (kept.has(key)) return kept.get(key);
  const body = new Blob([JSON.stringify({ ...question, page: self, number: moved })], { type: "application/json" });
  const answer = await fetch(what, { method: "POST", body, signal: asking.signal }), told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  if (kept.size > 300) kept.clear();
  kept.set(key, told);
  return told;
}
const source = {
  async ready() { // all that the present numbers need; false where it is of another choice meanwhile, or there is no answer
    const pairs = SIDES.map(pairOf), alone = !here().reactive && { policy: null, values: [] };
    [asking, since] = [new AbortController(), performance.now()];
    try {
      const answers = await Promise.all(SIDES.map((side) => {
        const [scenario, policy] = ["scenario", `policy-${side}`].map((id) => +$(id).value);
        const question = { scenario, policy, world: state.world, values: state[side] };
        return Promise.all([ask("outcome", question), ask("seen", { ...question, ...alone })]);
      }));
      [now.A, now.B] = answers.map(([found, seen]) => ({ ...found, seen }));
      $("trouble").textContent = "";
      return SIDES.every((side, i) => pairOf(side) === pairs[i]);
    } catch ({ name, message }) {
      if (name !== "AbortError") $("trouble").textContent = t`The server did not answer (${message}). Move again to try again.`;
    }
  },
  hurry: () => performance.now() - since > 250 && asking?.abort(), // something newer is wanted
  outcome: (side) => now[side],
  rules: (side, run) => ofRun(now[side].rules, run),
  fan: (side, name) => now[side].seen[name],
  singles: (side, name) => now[side].seen[name].singles,
  control({ name, stated, low, high, step, whole }, id, value, put) { // a range, and a field for any number in between
    const input = el("input", { type: "range", id, min: low, max: high, step, value: value ?? low });
    const field = el("input", { type: "number", min: low, max: high, step: whole ? 1 : "any", value: value ?? "" });
    field.ariaLabel = t`${name}, as a number`;
    input.oninput = () => put(+(field.value = plain(+input.value, 10)));
    field.oninput = () => { // emptied: as stated
      if (field.validity.valid) put(field.value === "" ? stated : +plain(+field.value, 10));
      input.value = field.value === "" ? stated ?? low : field.value;
    };
    return [input, field];
  },
};
