// The day's rules, a second time: guards, confirm, lag, revocable, min_stay, one change a day (docs/semantics.md, 3 to 6).
// Held to the engine by shared test vectors. `rules` is what sim/workshop/rules.py makes of a policy.
const middle = (v) => (v.some(Number.isNaN) ? NaN : (v[(v.length - 1) >> 1] + v[v.length >> 1]) / 2);
const OPERATORS = { not: (a) => !a, and: (...v) => v.every(Boolean), or: (...v) => v.some(Boolean), "==": (a, b) => a === b,
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b, abs: Math.abs, min: Math.min,
  max: Math.max, "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
  median: (...v) => middle(v.sort((a, b) => (a > b) - (a < b))) };
const holds = (node, values) => (typeof node === "number" ? node : typeof node === "string" ? values[node] // a guard's part
  : OPERATORS[node[0]](...node.slice(1).map((each) => holds(each, values))));
const stepAt = (steps, day) => steps.filter(([from]) => from <= day).at(-1) ?? steps[0];
const confirmed = ({ confirm, window: [need, of] = [confirm, confirm] }, held) => // days before day 0 count as false
  held.slice(-of).filter(Boolean).length >= need;
const heldSince = ({ window }, held) => (window ? held.indexOf(true, -window[1]) : held.lastIndexOf(false) + 1);
// `seen` gives for each signpost its value on each day. What comes out: the phase at the end of each day, and each change.
function walk(rules, seen, days) {
  const held = rules.transitions.map(() => []), phases = [], changes = [];
  let phase = rules.initial, entered = 0, pending = null;
  for (let day = 0; day < days; day++) {
    const values = { __proto__: null, ...rules.defaults, days_in_phase: day - entered };
    for (const name in seen) values[name] = seen[name][day];
    for (const name in rules.thresholds) values[name] = stepAt(rules.thresholds[name].steps, day)[1];
    rules.transitions.forEach(({ guard }, at) => held[at].push(holds(guard, values)));
    if (pending) {
      if (rules.transitions[pending.transition].revocable && !held[pending.transition][day]) pending = null;
    } else if (day - entered >= rules.phases[phase].min_stay) {
      const at = rules.transitions.findIndex((each, index) => each.leaves[phase] && confirmed(each, held[index]));
      const next = rules.transitions[at], since = next && heldSince(next, held[at]);
      if (next) pending = { day: day + next.lag, decided: day, transition: at, from: phase, to: next.to, since, values };
    }
    if (pending?.day === day) { // a lag of 0 is over at once
      changes.push(pending);
      [phase, entered, pending] = [pending.to, day, null];
    }
    phases.push(phase);
  }
  return { phases, changes, pending };
}
