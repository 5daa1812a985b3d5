// The page: what participants move, the charts that answer, and one run explained. Text from files is only ever set as text.
const DATA = JSON.parse(document.getElementById("told").textContent);
const DAY = 864e5, Z = 1.959963984540054, SIDES = ["A", "B"], charts = {};
const state = {}; // positions of the sliders of the world, of A and of B
const $ = (id) => document.getElementById(id);
const on = (id, kind, act) => $(id).addEventListener(kind, act);
function el(tag, attributes, ...children) { // an element; text in Korean says so
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (children.some((each) => /[\uac00-\ud7a3]/.test(each))) made.lang = "ko";
  made.append(...children);
  return made;
}
const map = (list, make) => Object.fromEntries(list.map(make));
const plain = (value, digits = 6) => String(+value.toPrecision(digits));
const here = () => DATA.scenarios[$("scenario").value];
const policyOf = (side) => DATA.policies[$(`policy-${side}`).value];
const pairOf = (side) => here().pairs[$(`policy-${side}`).value];
const placeOf = (sliders, indexes) => sliders.reduce((place, each, i) => place * each.said.length + indexes[i], 0);
const time = (scenario, day) => Date.parse(scenario.start) + day * DAY;
const dated = (scenario, day) => `${new Date(time(scenario, day)).toISOString().slice(0, 10)} (day ${day})`;
const drawn = (days, make) => [...days, here().days].map((day, i) => // a row a day; the last day has a width too
  ({ t: time(here(), day), ...make(Math.min(i, days.length - 1)) }));
const packed = new Blob([Uint8Array.from(atob($("packed").textContent), (letter) => letter.charCodeAt(0))]);
const bytes = new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
function words(from, rows, row, length) { // differences in two bytes each: all low bytes of all rows, then all high ones
  let sum = 0;
  return Array.from({ length }, (_, i) =>
    (sum = (sum + bytes[from + row * length + i] + 256 * bytes[from + (rows + row) * length + i]) & 65535));
}
const exact = (from, row, length) => [...new Float64Array(bytes.buffer.slice(from + row * length * 8, from + (row + 1) * length * 8))];
// What came out of a setting
function outcome(side) { // counts of runs on the days kept: that reached each phase above the lowest, and that are in each phase
  const { counts, runs, days } = pairOf(side), { phases, sliders } = policyOf(side), upper = phases.slice(1);
  const place = placeOf(here().sliders, state.world) * counts.points + placeOf(sliders, state[side]);
  const series = (i) => words(counts.at, here().worlds * counts.points * counts.series, place * counts.series + i, days.length);
  const reached = upper.map((_, i) => series(i));
  const inside = counts.series > upper.length ? upper.map((_, i) => series(upper.length + i))
    : reached.map((each, i) => each.map((count, day) => count - (reached[i + 1]?.[day] ?? 0)));
  return { side, runs, days, reached, inside: [days.map((_, day) => inside.reduce((rest, each) => rest - each[day], runs)), ...inside] };
}
function wilson(hits, runs) { // Wilson (1927), as sim/intervals.py; one path has no sampling error
  if (runs === 1) return [hits, hits];
  const centre = hits + Z * Z / 2, half = Z * Math.sqrt(hits * (runs - hits) / runs + Z * Z / 4);
  return [hits === 0 ? 0 : (centre - half) / (runs + Z * Z), hits === runs ? 1 : (centre + half) / (runs + Z * Z)];
}
const percent = (share, runs = 1000) => (100 * share).toFixed(runs < 1000 ? 0 : 1);
const interval = (count, runs, digits) => wilson(count, runs).map((each) => percent(each, digits)).join("–");
function passage({ runs, days }, counts) { // when one side reaches a phase, in words
  if (!counts) return "has no such phase";
  const half = days[counts.findIndex((count) => 2 * count >= runs)], by = half !== undefined && dated(here(), half);
  if (runs === 1) return `${by ? `reached ${by}` : "not reached by the end"}; one path`;
  const share = `${percent(counts.at(-1) / runs, runs)}% (${interval(counts.at(-1), runs, runs)}) of simulated runs`;
  return `${share}, ${by ? `half by ${by}` : "fewer than half by the end"}`;
}
function rulesAt(side, run) { // the policy's rules with the sliders' numbers in them
  const { rules, moved } = pairOf(side), made = structuredClone(rules[Math.min(run, rules.length - 1)]);
  state[side].forEach((value, slider) => Object.entries(moved[slider][value]).forEach(([key, part]) => {
    const keys = key.split("/"), last = keys.pop();
    keys.reduce((inner, each) => inner[each], made)[last] = part;
  }));
  return made;
}
function singleRun(side, run) { // what guards see: a value a day for each signpost
  return map(Object.entries(here().signposts), ([name, { singles: { at, settings, runs } }]) => {
    const row = placeOf(here().sliders, state.world) * settings + (settings > 1 ? +$(`policy-${side}`).value : 0);
    return [name, exact(at, row * runs + Math.min(run, runs - 1), here().days)];
  });
}
// Charts, each with its table, which is made when it is opened
async function show(name, data, told) { // `told`: caption, text, note, and the columns of the table over some days of a scenario
  const [caption, drawing, note, details] = $(name).children;
  const list = () => details.lastElementChild.replaceChildren(tableOf(told.scenario, told.days, told.columns));
  (details.ontoggle = () => details.open && list())();
  caption.textContent = told.caption;
  const cut = drawing.clientWidth < 500 ? (data.lines ?? []).map(({ label }) => label).filter(Boolean) : []; // no room in the chart
  note.textContent = [told.note, ...cut].join(" ");
  drawing.setAttribute("aria-label", `${told.caption}. ${told.text}`);
  const look = { actions: false, renderer: "svg", ast: true, defaultStyle: false, tooltip: false, logLevel: 1 };
  charts[name] ??= vegaEmbed(drawing.firstChild, { ...DATA.specs[$(name).dataset.spec], datasets: data }, look);
  const { view } = await charts[name];
  Object.entries(data).forEach(([key, rows]) => view.data(key, rows));
  await view.runAsync();
}
function tableOf(scenario, days, columns) {
  const head = ["Day", ...Object.keys(columns)].map((each) => el("th", { scope: "col" }, each));
  const body = days.map((day, i) => el("tr", {}, el("th", { scope: "row" }, dated(scenario, day)),
    ...Object.values(columns).map((each) => el("td", {}, each[i]))));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
}
function described(name, day, { thresholds: { [name]: { unit, steps } } }) { // a threshold on a day, with its grade and facts
  const [, value, grade, facts] = stepAt(steps, day);
  return `${name} ${plain(value)} ${unit} (${[grade, ...facts].join(", ")})`;
}
function thresholds(sides, signpost, values, scenario) { // lines for a chart, one for each course of values, with all that it is
  const low = Math.min(...values), high = Math.max(...values), room = Math.max(high - low, Math.abs(high) / 2, 1);
  const courses = {}, far = [];
  for (const [side, rules, lines] of sides) for (const [name] of lines.filter(([, post]) => post === signpost)) {
    const { steps } = rules.thresholds[name], course = (courses[steps.map(([day, value]) => [day, value])] ??= { side, steps, texts: {} });
    (course.texts[described(name, 0, rules) + (steps.length > 1 ? " …" : "")] ??= []).push(...side);
  }
  const lines = Object.values(courses).flatMap(({ side, steps, texts }) => {
    const label = Object.entries(texts).map(([text, those]) => [those.join(", "), text].filter(Boolean).join(": ")).join(" · ");
    if (steps.some(([, value]) => value < low - room || value > high + room)) return far.push(`Beyond the chart: ${label}.`), [];
    const days = [0, ...steps.map(([day]) => day).filter((day) => day > 0 && day < scenario.days), scenario.days];
    const line = { key: label, style: side || "A" };
    return days.map((day, i) => ({ ...line, t: time(scenario, day), value: stepAt(steps, day)[1], label: i ? "" : label }));
  });
  return { lines, far: far.join(" ") };
}
function drawSeen() {
  const [name, side] = here().choices[$("signpost").value], { fan, unit, singles } = here().signposts[name], shared = fan.settings === 1;
  const row = placeOf(here().sliders, state.world) * fan.settings +
    (shared ? 0 : fan.offsets[$(`policy-${side}`).value] + placeOf(policyOf(side).sliders, state[side]));
  const q = [0, 1, 2, 3, 4].map((level) => words(fan.at, here().worlds * fan.settings * 5, row * 5 + level, fan.days.length)
    .map((word) => fan.low + fan.step * word));
  const { lines, far } = thresholds(SIDES.map((each) => [each, rulesAt(each, 0), pairOf(each).lines]), name, [...q[0], ...q[4]], here());
  const thin = [0, 1, 2].flatMap((run) => singleRun(side, run)[name].map((value, day) => ({ t: time(here(), day), value, run })));
  const bands = drawn(fan.days, (i) => map(q, (each, level) => [`q${level}`, each[i]]));
  show("seen", { lines, singles: shared && singles.runs > 1 ? thin : [], fan: bands }, {
    scenario: here(), days: fan.days, caption: `${name}, in ${unit}`, note: `Shaded: 5–95% and 25–75% of runs; thick: median. ${far}`,
    text: `Median from ${plain(q[2][0], 4)} to ${plain(q[2].at(-1), 4)}. ${lines.map((each) => each.label).filter(Boolean).join(". ")}`,
    columns: map(["5%", "25%", "median", "75%", "95%"], (head, i) => [head, q[i].map((value) => plain(value, 4))]),
  });
}
function drawReached() {
  const found = SIDES.map(outcome), ofPhase = (name) => found.map((one) => ({
    ...one, counts: one.reached[policyOf(one.side).phases.findIndex((each) => each.name === name) - 1] }));
  $("headline").replaceChildren(...DATA.phases.map(({ name, label }) => el("p", {}, el("strong", {}, label),
    ...ofPhase(name).flatMap((one) => [el("b", {}, one.side), el("span", {}, passage(one, one.counts))]))));
  DATA.phases.forEach(({ name, label }, place) => {
    const lines = ofPhase(name).filter((one) => one.counts);
    const ends = lines.map(({ side, runs, counts }) => ({ t: time(here(), here().days), label: side, share: counts.at(-1) / runs }));
    if (ends.length > 1 && Math.abs(ends[0].share - ends[1].share) < 0.09) ends.splice(0, 2, { ...ends[0], label: "A, B" });
    const rows = lines.flatMap(({ side, runs, days, counts }) => drawn(days, (i) => {
      const [low, high] = wilson(counts[i], runs);
      return { side, share: counts[i] / runs, low, high };
    }));
    show(`reached-${place}`, { ends, reached: rows }, {
      scenario: here(), days: found[0].days, caption: `${label}: share of simulated runs that reached it by each day`,
      text: lines.map((one) => `${one.side}: ${passage(one, one.counts)}`).join(". "),
      note: "Solid: A. Dashed: B. Shaded: 95% Monte Carlo interval.",
      columns: map(lines.flatMap(({ side, runs, counts }) => [[side, counts.map((count) => `${percent(count / runs)}%`)],
        [`${side}, 95% interval`, counts.map((count) => interval(count, runs))]]), (column) => column),
    });
  });
  found.forEach(drawShares);
}
function drawShares({ side, runs, days, inside }) {
  const { phases, title } = policyOf(side);
  const rows = phases.flatMap(({ colour }, order) => drawn(days, (i) => ({ share: inside[order][i] / runs, order, colour })));
  show(`shares-${side}`, { shares: rows }, {
    scenario: here(), days, caption: `${side}: ${title}`,
    text: `On the last day: ${phases.map(({ label }, i) => `${label} ${percent(inside[i].at(-1) / runs, runs)}%`).join(", ")}`,
    columns: map(phases, ({ label }, i) => [label, inside[i].map((count) => `${percent(count / runs)}%`)]),
  });
  $(`legend-${side}`).replaceChildren(...phases.map((phase) => el("span", {}, swatch(phase), phase.label)));
}
const swatch = ({ colour }) => el("i", { class: "swatch", style: `background:${colour}` });
// One run: its path, and why; also of the form's rule
function drawPath(name, scenario, rules, seen, phases, lines, caption) {
  const found = walk(rules, seen, scenario.days), post = lines[0]?.[1] ?? Object.keys(seen)[0], why = reasons(scenario, rules, found);
  const cuts = [{ day: 0, to: rules.initial }, ...found.changes, { day: scenario.days }];
  const strip = cuts.slice(0, -1).map(({ day, to }, i) =>
    ({ t: time(scenario, day), until: time(scenario, cuts[i + 1].day), colour: phases[to].colour }));
  const held = thresholds([["", rules, lines]], post, seen[post], scenario);
  const singles = [...seen[post], seen[post].at(-1)].map((value, day) => ({ t: time(scenario, day), value }));
  show(name, { strip: strip.filter(({ t, until }) => t < until), lines: held.lines, singles }, {
    scenario, days: [...found.phases.keys()], caption, note: `Strip: the phase. Line: ${post}, as guards see it. ${held.far}`,
    text: why.map(([head]) => head).join(". "),
    columns: { [post]: seen[post].map((value) => plain(value)), Phase: found.phases.map((phase) => rules.phases[phase].label) },
  });
  return why.map(([head, text]) => el("li", {}, el("strong", {}, head), el("br", {}), text));
}
function reasons(scenario, rules, { changes, pending }) { // each change: what happened, and why
  const label = (phase) => rules.phases[phase].label, every = [...changes, ...(pending ? [pending] : [])];
  if (!every.length) return [[`No change: ${label(rules.initial)} throughout`, ""]];
  return every.map((each) => {
    const { guard, text } = rules.transitions[each.transition], held = Object.keys(rules.thresholds), used = names(guard);
    const seen = used.filter((name) => !held.includes(name)).map((name) => `${name} ${plain(each.values[name])}`);
    const against = used.filter((name) => held.includes(name)).map((name) => described(name, each.decided, rules));
    return [`${each === pending ? "Pending at the end, due " : ""}${dated(scenario, each.day)}: ${label(each.from)} → ${label(each.to)}`,
      `Decided ${dated(scenario, each.decided)}: “${text}” had held since ${dated(scenario, each.since)}. Seen: ${seen.join(", ")}.` +
      (against.length ? ` Against: ${against.join(", ")}.` : "")];
  });
}
function drawLadder(host, rules, phases) { // lowest first; drawn upwards
  const days = (count) => `${plain(count)} day${count === 1 ? "" : "s"}`;
  const number = (word) => (Object.hasOwn(rules.thresholds, word) ? described(word, 0, rules) : word);
  const rule = ({ leaves, to, text, window, confirm, lag, revocable }) => [
    `${leaves.slice(to + 1).some(Boolean) ? "back down when" : "when"} ${text.replace(/[A-Za-z_]\w*/g, number)}`,
    window ? `on ${window[0]} of ${days(window[1])}` : confirm > 1 && `for ${days(confirm)}`,
    lag > 0 && `in effect ${days(lag)} later`, revocable && "lapses if it no longer holds"].filter(Boolean).join(", ");
  host.replaceChildren(...rules.phases.map(({ label }, place) => el("li", { style: `--step:${place}` }, swatch(phases[place]),
    el("strong", {}, label), ...rules.transitions.filter(({ to }) => to === place).map((each) => el("small", {}, rule(each))))));
}
function drawSide(side) {
  const run = +$("run").value, rules = rulesAt(side, run), { phases, title, sliders } = policyOf(side);
  const known = !here().reactive || sliders.every(({ start }, i) => state[side][i] === start);
  drawLadder($(`ladder-${side}`), rules, phases);
  $(`command-${side}`).textContent = command(side);
  $(`path-${side}`).hidden = !known;
  $(`why-${side}`).replaceChildren(...(known
    ? drawPath(`path-${side}`, here(), rules, singleRun(side, run), phases, pairOf(side).lines, `${side}: ${title}`)
    : [el("li", {}, "This world answers to the policy: its single runs are kept for the numbers as stated only.")]));
}
const draw = () => { drawSeen(); drawReached(); SIDES.forEach(drawSide); };
// Controls
function setSliders(host, sliders) { // ranges over the values of the grid, as stated; gives their positions, which they move
  const at = sliders.map(({ start }) => start);
  host.replaceChildren(...sliders.map(({ name, start, said, grade }, place) => {
    const id = `${host.id}-${place}`, input = el("input", { type: "range", id, max: said.length - 1, value: start });
    const output = el("output", { for: id }), note = el("small", {});
    const say = () => {
      const stated = at[place] === start;
      output.textContent = said[at[place]];
      input.setAttribute("aria-valuetext", said[at[place]] + (stated ? ", as stated" : ""));
      note.textContent = stated ? `as stated: ${grade}` : `assumed; stated: ${said[start]} (${grade})`;
    };
    input.addEventListener("input", () => { at[place] = +input.value; say(); draw(); });
    say();
    return el("div", { class: "slider" }, el("label", { for: id }, name), output, input, note);
  }));
  return at;
}
function setScenario() {
  state.world = setSliders($("world"), here().sliders);
  $("answers").hidden = !here().reactive;
  $("signpost").replaceChildren(...here().choices.map(([, , text], value) => el("option", { value }, text)));
}
const setSide = (side) => { state[side] = setSliders($(`sliders-${side}`), policyOf(side).sliders); };
function command(side) {
  const moved = [[policyOf(side).sliders, state[side]], [here().sliders, state.world]]
    .flatMap(([sliders, at]) => sliders.flatMap(({ sets }, i) => sets[at[i]].map((each) => `--set ${each}`)));
  return ["phased run", here().typed, "--policy", policyOf(side).typed, `--runs ${DATA.runs} --seed ${DATA.seed}`, ...moved].join(" ");
}
function yaml(node, indent = "") { // maps in blocks, the innermost in a line; what is no plain word or number in quotes
  const text = (value) => (/^(?!(null|true|false|yes|no|on|off|y|n)$)[a-z][a-z0-9_-]*$/.test(value) ? value
    : JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
      (odd) => `\\u${(odd.charCodeAt(0) + 65536).toString(16).slice(1)}`));
  const within = (value) => (typeof value === "object" ? Object.entries(value ?? {}) : []);
  const flat = (value) => (Array.isArray(value) ? `[${value.map(flat).join(", ")}]` : value && typeof value === "object"
    ? `{${within(value).map(([key, each]) => `${key}: ${flat(each)}`).join(", ")}}` : text(value));
  const nested = (value) => within(value).some(([, each]) => each && typeof each === "object");
  return Object.entries(node).map(([key, value]) =>
    (nested(value) ? `${indent}${key}:\n${yaml(value, `${indent}  `)}` : `${indent}${key}: ${flat(value)}\n`)).join("");
}
function variant(side) { // the policy with the sliders' numbers, as a file that extends it
  const { changed: name, title, sliders, extends: base } = policyOf(side);
  const tree = { kind: "policy", name, title: `${title}, with changed numbers`, extends: base };
  sliders.forEach(({ files }, i) => files[state[side][i]].forEach(([path, value]) => {
    path.slice(0, -1).reduce((node, key) => (node[key] ??= Object.create(null)), tree)[path.at(-1)] = value;
  }));
  const head = `# Numbers moved on a lesson page; all of them count as assumed.\n# ${command(side).replace(/[^ -~]/g, "?")}\n`;
  return [name, head + yaml(tree)];
}
const save = ([name, text]) =>
  el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/yaml" })), download: `${name}.yaml` }).click();
