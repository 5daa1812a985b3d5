// The day's rules, a second time: guards, confirm, lag, revocable, min_stay, one change a day (docs/semantics.md, 3 to 6).
// Held to the engine by shared test vectors. `rules` is what sim/workshop/rules.py makes of a policy.
const COMPARE = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  "==": (a, b) => a === b, "!=": (a, b) => a !== b };
const ranked = (values) => (values.some(Number.isNaN) ? values.fill(NaN) : values.sort((a, b) => (a > b) - (a < b)));
const median = (v) => (v.length % 2 ? v[(v.length - 1) / 2] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2);
const AMOUNT = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, minus: (a) => -a,
  abs: Math.abs, min: (...v) => ranked(v)[0], max: (...v) => ranked(v).at(-1), median: (...v) => median(ranked(v)) };
function amount([kind, ...parts], values, odd) { // `odd` collects divisions by zero, which make a whole comparison false
  if (kind === "number") return parts[0];
  if (kind === "name") return values[parts[0]];
  const given = parts.map((each) => amount(each, values, odd));
  if (kind === "/" && given[1] === 0) odd.push(kind);
  return AMOUNT[kind](...given);
}
function holds([kind, ...parts], values) {
  if (kind === "not") return !holds(parts[0], values);
  if (kind === "and") return parts.every((each) => holds(each, values));
  if (kind === "or") return parts.some((each) => holds(each, values));
  const odd = [], [operators, ...operands] = parts, given = operands.map((each) => amount(each, values, odd));
  return operators.every((operator, at) => COMPARE[operator](given[at], given[at + 1])) && !odd.length;
}
const names = (node) => (node[0] === "name" ? [node[1]] : [...new Set(node.slice(1).filter(Array.isArray).flatMap(names))]);
const stepAt = (steps, day) => steps.filter(([from]) => from <= day).at(-1) ?? steps[0];
function confirmed({ window, confirm }, held) { // days before day 0 count as false
  const [need, of] = window ?? [Math.max(confirm, 1), Math.max(confirm, 1)];
  return held.slice(-of).filter(Boolean).length >= need;
}
const heldSince = ({ window }, held) =>
  (window ? held.indexOf(true, Math.max(held.length - window[1], 0)) : held.lastIndexOf(false) + 1);
// `seen` gives for each signpost its value on each day. What comes out: the phase at the end of each day, and each change.
function walk(rules, seen, days) {
  const held = rules.transitions.map(() => []), phases = [], changes = [];
  let phase = rules.initial, entered = 0, pending = null;
  const enter = (change) => { changes.push(change); phase = change.to; entered = change.day; };
  for (let day = 0; day < days; day++) {
    const values = Object.assign(Object.create(null), rules.defaults, { days_in_phase: day - entered });
    for (const name in seen) values[name] = seen[name][day];
    for (const name in rules.thresholds) values[name] = stepAt(rules.thresholds[name].steps, day)[1];
    rules.transitions.forEach(({ guard }, at) => held[at].push(holds(guard, values)));
    if (pending) {
      if (rules.transitions[pending.transition].revocable && !held[pending.transition][day]) pending = null;
      else if (pending.day === day) { enter(pending); pending = null; }
    } else if (day - entered >= rules.phases[phase].min_stay) {
      const at = rules.transitions.findIndex((each, index) => each.leaves[phase] && confirmed(each, held[index]));
      if (at >= 0) {
        const { lag, to } = rules.transitions[at], since = heldSince(rules.transitions[at], held[at]);
        const change = { day: day + lag, decided: day, transition: at, from: phase, to, since, values };
        if (lag === 0) enter(change); else pending = change;
      }
    }
    phases.push(phase);
  }
  return { phases, changes, pending };
}
