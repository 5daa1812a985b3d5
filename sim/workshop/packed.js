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
  outcome(side) { // counts of runs on the days kept: that reached each phase above the lowest, and that are in it or above
    const { reached, above, points, runs, days } = pairOf(side), { phases, sliders } = policyOf(side), upper = phases.slice(1);
    const row = (inWorld() * points + placeOf(sliders, state[side])) * upper.length;
    const rows = (counts) => upper.map((_, i) => words(counts, row + i, days));
    return { runs, days, reached: rows(reached), above: rows(above) };
  },
  rules(side, run) { // as stated, with what the sliders change
    const { rules, moved } = pairOf(side), made = structuredClone(ofRun(rules, run));
    policyOf(side).sliders.forEach(({ values }, i) => moved[i][values.indexOf(state[side][i])].forEach(([path, key, part]) => {
      path.reduce((node, each) => node[each], made)[key] = part;
    }));
    return made;
  },
  fan(side, name) { // of a signpost: five quantiles on the days kept
    const { fan } = here().signposts[name], own = placeOf(policyOf(side).sliders, state[side]);
    const row = inWorld() * fan.settings + (fan.settings > 1 ? own + fan.offsets[$(`policy-${side}`).value] : 0);
    const q = [0, 1, 2, 3, 4].map((level) => words(fan, row * 5 + level, fan.days).map((word) => fan.low + fan.step * word));
    return { days: fan.days, q };
  },
  singles(side, name) { // of a signpost: the first runs, on every day; none where they are not kept
    const { at, settings, runs } = here().signposts[name].singles;
    if (here().reactive && policyOf(side).sliders.some(({ stated }, i) => state[side][i] !== stated)) return [];
    const row = inWorld() * settings + (settings > 1 ? +$(`policy-${side}`).value : 0);
    return Array.from({ length: runs }, (_, run) => exact(at, row * runs + run, here().days));
  },
  control({ values }, id, value, put) { // a range over the values of the grid
    const input = el("input", { type: "range", id, max: values.length - 1, value: values.indexOf(value) });
    input.oninput = () => put(values[input.value]);
    return [input];
  },
};
