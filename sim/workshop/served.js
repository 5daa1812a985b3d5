// Where numbers come from on a server: the engine, for any setting. What was asked before is kept.
const kept = new Map(), self = Math.random().toString(36).slice(2), now = {};
let moves = 0, asking = null, since = 0;
async function ask(what, question) {
  const key = what + JSON.stringify(question);
  if (!kept.has(key)) {
    const body = JSON.stringify({ ...question, page: self, number: moves });
    const answer = await fetch(what, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: asking.signal });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    kept.set(key, told);
    if (kept.size > 300) kept.delete(kept.keys().next().value);
  }
  return kept.get(key);
}
const source = {
  async ready() { // all that the present numbers need; false where something newer is wanted, or there is no answer
    const scenario = +$("scenario").value, world = state.world;
    [moves, asking, since] = [moves + 1, new AbortController(), performance.now()];
    const questions = SIDES.map((side) => ({ scenario, world, policy: +$(`policy-${side}`).value, values: state[side] }));
    const worlds = questions.map((each) => (here().reactive ? each : { scenario, world, policy: null, values: [] }));
    try {
      const found = await Promise.all([...questions.map((each) => ask("outcome", each)), ...worlds.map((each) => ask("seen", each))]);
      SIDES.forEach((side, i) => { now[side] = { ...found[i], seen: found[i + 2] }; });
      $("trouble").textContent = "";
      return true;
    } catch (error) {
      if (error.name !== "AbortError") $("trouble").textContent = t`The server did not answer (${error.message}). Move again to try again.`;
      return false;
    }
  },
  hurry: () => performance.now() - since > 250 && asking?.abort(), // something newer is wanted
  outcome(side) {
    const { runs, reached, inside } = now[side], days = [...Array(here().days).keys()];
    return { runs, days, reached, inside: [days.map((_, day) => inside.reduce((rest, each) => rest - each[day], runs)), ...inside] };
  },
  rules: (side, run) => structuredClone(now[side].rules[Math.min(run, now[side].rules.length - 1)]),
  seen: (side, name) => ({ days: [...Array(here().days).keys()], ...now[side].seen[name] }),
  singles: (side, run) => map(Object.entries(now[side].seen), ([name, { singles }]) => [name, singles.slice(0, run + 1).at(-1)]),
  control({ name, stated, low, high, step, whole }, id, value, put) { // a range, and a field for any number in between
    const input = el("input", { type: "range", id, min: low, max: high, step, value: value ?? low });
    const field = el("input", { type: "number", min: low, max: high, step: whole ? 1 : "any", "aria-label": t`${name}, as a number` });
    field.value = value ?? "";
    input.addEventListener("input", () => put(+(field.value = plain(+input.value, 10))));
    field.addEventListener("input", () => { // emptied: as stated
      if (field.validity.valid) put(field.value === "" ? stated : +plain(+field.value, 10));
      input.value = field.value === "" ? stated ?? low : field.value;
    });
    return [input, field];
  },
};
