// Where numbers come from in a file: made beforehand on a grid of settings, and packed into the page.
const placeOf = (sliders, at) => sliders.reduce((place, { values }, i) => place * values.length + values.indexOf(at[i]), 0);
const inWorld = () => placeOf(here().sliders, state.world);
function words({ at, rows }, row, { length }) { // differences in two bytes each: all low bytes of all rows, then all high ones
  let sum = 0;
  const low = at + row * length, high = low + rows * length;
  return Array.from({ length }, (_, i) => (sum = (sum + bytes[low + i] + 256 * bytes[high + i]) & 65535));
}
const source = {
  ready: async () => true,
  outcome(side) { // counts of runs on the days kept: that reached each phase above the lowest, and that are in it
    const { counts, runs, days } = pairOf(side), { phases, sliders } = policyOf(side), upper = phases.slice(1);
    const first = (inWorld() * counts.points + placeOf(sliders, state[side])) * counts.series;
    const reached = upper.map((_, i) => words(counts, first + i, days));
    const inside = counts.series > upper.length ? upper.map((_, i) => words(counts, first + upper.length + i, days))
      : reached.map((each, i) => each.map((count, day) => count - (reached[i + 1]?.[day] ?? 0)));
    return { runs, days, reached, inside };
  },
  rules(side, run) { // as stated, with what the sliders change
    const { rules, moved } = pairOf(side), made = structuredClone(rules[Math.min(run, rules.length - 1)]);
    policyOf(side).sliders.forEach(({ values }, i) => Object.entries(moved[i][values.indexOf(state[side][i])])
      .forEach(([path, part]) => path.split("/").reduce((node, key, at, { length }) => // the last key takes the part
        (at < length - 1 ? node[key] : (node[key] = part)), made)));
    return made;
  },
  seen(side, name) { // of a signpost: five quantiles on the days kept, and the first runs on every day
    const { fan } = here().signposts[name], own = placeOf(policyOf(side).sliders, state[side]);
    const row = inWorld() * fan.settings + (fan.settings > 1 ? own + fan.offsets[$(`policy-${side}`).value] : 0);
    const q = [0, 1, 2, 3, 4].map((level) => words(fan, row * 5 + level, fan.days).map((word) => fan.low + fan.step * word));
    return { days: fan.days, q, singles: this.runs(side, name) };
  },
  control({ values }, id, value, put) { // a range over the values of the grid
    const input = el("input", { type: "range", id, max: values.length - 1, value: values.indexOf(value) });
    input.oninput = () => put(values[input.value]);
    return [input];
  },
  runs(side, name) {
    const { at, settings, runs } = here().signposts[name].singles;
    const row = inWorld() * settings + (settings > 1 ? +$(`policy-${side}`).value : 0);
    return Array.from({ length: runs }, (_, run) => exact(at, row * runs + run, here().days));
  },
  singles(side, run) { // what guards see in one run, a value a day for each signpost; null where it is not kept
    if (here().reactive && policyOf(side).sliders.some(({ stated }, i) => state[side][i] !== stated)) return null;
    return map(Object.keys(here().signposts), (name) => [name, this.runs(side, name).slice(0, run + 1).at(-1)]);
  },
};
