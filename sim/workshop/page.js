// The page: what participants move, the charts that answer, and one run explained. Text from files is only ever set as text.
const DAY = 864e5, Z = 1.959963984540054, SIDES = ["A", "B"], charts = {}, later = {}, inView = new Set();
const state = {}; // numbers of the sliders of the world, of A and of B; null: as stated, where that is not one number
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
const time = (scenario, day) => Date.parse(scenario.start) + day * DAY;
const dated = (scenario, day) => t`${new Date(time(scenario, day)).toISOString().slice(0, 10)} (day ${day})`;
const drawn = (days, make) => [...days, here().days].map((day, i) => // a row a day; the last day has a width too
  ({ t: time(here(), day), ...make(Math.min(i, days.length - 1)) }));
const packed = new Blob([Uint8Array.from(atob($("packed").textContent), (letter) => letter.charCodeAt(0))]);
const bytes = new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
const exact = (from, row, length) => [...new Float64Array(bytes.buffer.slice(from + row * length * 8, from + (row + 1) * length * 8))];
function wilson(hits, runs) { // Wilson (1927), as sim/intervals.py; one path has no sampling error
  if (runs === 1) return { low: hits, high: hits };
  const centre = hits + Z * Z / 2, half = Z * Math.sqrt(hits * (runs - hits) / runs + Z * Z / 4), all = runs + Z * Z;
  return { low: hits === 0 ? 0 : (centre - half) / all, high: hits === runs ? 1 : (centre + half) / all };
}
const percent = (share, runs = 1000) => (100 * share).toFixed(runs < 1000 ? 0 : 1);
const interval = (count, runs, digits) => Object.values(wilson(count, runs)).map((each) => percent(each, digits)).join("–");
function passage({ runs, days }, counts) { // when one side reaches a phase, in words
  if (!counts) return t`has no such phase`;
  const half = days[counts.findIndex((count) => 2 * count >= runs)], by = half !== undefined && dated(here(), half);
  if (runs === 1) return t`${by ? t`reached ${by}` : t`not reached by the end`}; one path`;
  const share = t`${percent(counts.at(-1) / runs, runs)}% (${interval(counts.at(-1), runs, runs)}) of simulated runs`;
  return `${share}, ${by ? t`half by ${by}` : t`fewer than half by the end`}`;
}
// Charts, each with its table, which is made when it is opened
function show(name, data, told) { // `told`: caption, text, note, and the columns of the table over some days of a scenario
  const [caption, drawing, note, details] = $(name).children;
  const list = ({ scenario, days, columns }) => details.lastElementChild.replaceChildren(tableOf(scenario, days, columns));
  (details.ontoggle = () => details.open && list(told))();
  caption.textContent = told.caption;
  const cut = drawing.clientWidth < 500 ? (data.lines ?? []).map(({ label }) => label).filter(Boolean) : []; // no room in the chart
  note.textContent = [told.note, ...cut].join(" ");
  drawing.setAttribute("aria-label", `${told.caption}. ${told.text}`);
  later[name] = data;
  if (inView.has(name)) drawChart(name);
}
async function drawChart(name) { // what is not in view waits until it is
  const data = later[name], place = $(name).children[1].firstChild;
  delete later[name];
  if (!data) return;
  const look = { actions: false, renderer: "svg", ast: true, defaultStyle: false, tooltip: false, logLevel: 1 };
  const spec = JSON.stringify(DATA.specs[$(name).dataset.spec], (_, value) => (typeof value === "string" ? word(value) : value));
  if (charts[name]?.spec !== spec) charts[name] = { spec, made: vegaEmbed(place, { ...JSON.parse(spec), datasets: data }, look) };
  const { view } = await charts[name].made;
  Object.entries(data).forEach(([key, rows]) => view.data(key, rows));
  await view.runAsync();
}
function tableOf(scenario, days, columns) {
  const head = [t`Day`, ...Object.keys(columns)].map((each) => el("th", { scope: "col" }, each));
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
    if (steps.some(([, value]) => value < low - room || value > high + room)) return far.push(t`Beyond the chart: ${label}.`), [];
    const days = [0, ...steps.map(([day]) => day).filter((day) => day > 0 && day < scenario.days), scenario.days];
    const line = { key: label, style: side || "A" };
    return days.map((day, i) => ({ ...line, t: time(scenario, day), value: stepAt(steps, day)[1], label: i ? "" : label }));
  });
  return { lines, far: far.join(" ") };
}
function drawSeen() {
  const [name, side] = here().choices[$("signpost").value], { days, q, singles } = source.seen(side, name);
  const held = SIDES.map((each) => [each, source.rules(each, 0), pairOf(each).lines]);
  const { lines, far } = thresholds(held, name, [...q[0], ...q[4]], here());
  const several = here().reactive || singles.length < 2 ? [] : singles;
  const thin = several.flatMap((values, run) => values.map((value, day) => ({ t: time(here(), day), value, run })));
  show("seen", { lines, singles: thin, fan: drawn(days, (i) => map(q, (each, level) => [`q${level}`, each[i]])) }, {
    scenario: here(), days, caption: t`${name}, in ${here().signposts[name].unit}`,
    note: t`Shaded: 5–95% and 25–75% of runs; thick: median. ${far}`,
    text: t`Median from ${plain(q[2][0], 4)} to ${plain(q[2].at(-1), 4)}. ${lines.map((each) => each.label).filter(Boolean).join(". ")}`,
    columns: map(["5%", "25%", t`median`, "75%", "95%"], (head, i) => [head, q[i].map((value) => plain(value, 4))]),
  });
}
function drawReached() {
  const found = SIDES.map((side) => ({ side, runs: pairOf(side).runs, ...source.outcome(side) }));
  const place = (side, name) => policyOf(side).phases.findIndex((each) => each.name === name);
  const ofPhase = (name) => found.map((one) => ({ ...one, counts: one.reached[place(one.side, name) - 1] }));
  $("headline").replaceChildren(...DATA.phases.map((phase) => el("p", {}, el("strong", {}, called(phase)),
    ...ofPhase(phase.name).flatMap((one) => [el("b", {}, one.side), el("span", {}, passage(one, one.counts))]))));
  DATA.phases.forEach((phase, place) => {
    const lines = ofPhase(phase.name).filter((one) => one.counts);
    const ends = lines.map(({ side, runs, counts }) => ({ t: time(here(), here().days), label: side, share: counts.at(-1) / runs }));
    if (ends.length > 1 && Math.abs(ends[0].share - ends[1].share) < 0.09) ends.splice(0, 2, { ...ends[0], label: "A, B" });
    const rows = lines.flatMap(({ side, runs, days, counts }) =>
      drawn(days, (i) => ({ side, share: counts[i] / runs, ...wilson(counts[i], runs) })));
    show(`reached-${place}`, { ends, reached: rows }, {
      scenario: here(), days: found[0].days, caption: t`${called(phase)}: share of simulated runs that reached it by each day`,
      text: lines.map((one) => `${one.side}: ${passage(one, one.counts)}`).join(". "),
      note: t`Solid: A. Dashed: B. Shaded: 95% Monte Carlo interval.`,
      columns: map(lines.flatMap(({ side, runs, counts }) => [[side, counts.map((count) => `${percent(count / runs)}%`)],
        [t`${side}, 95% interval`, counts.map((count) => interval(count, runs))]]), (column) => column),
    });
  });
  found.forEach(drawShares);
}
function drawShares({ side, runs, days, inside }) {
  const { phases } = policyOf(side);
  const rows = phases.flatMap(({ colour }, order) => drawn(days, (i) => ({ share: inside[order][i] / runs, order, colour })));
  show(`shares-${side}`, { shares: rows }, {
    scenario: here(), days, caption: `${side}: ${called(policyOf(side))}`,
    text: t`On the last day: ${phases.map((each, i) => `${called(each)} ${percent(inside[i].at(-1) / runs, runs)}%`).join(", ")}`,
    columns: map(phases, (each, i) => [called(each), inside[i].map((count) => `${percent(count / runs)}%`)]),
  });
  $(`legend-${side}`).replaceChildren(...phases.map((phase) => el("span", {}, swatch(phase), called(phase))));
}
const swatch = ({ colour }) => el("i", { class: "swatch", style: `background:${colour}` });
// One run: its path, and why; also of the form's rule
function drawPath(name, scenario, rules, seen, phases, lines, caption) {
  const found = walk(rules, seen, scenario.days), post = lines[0]?.[1] ?? Object.keys(seen)[0];
  const why = reasons(scenario, rules, phases, found);
  const cuts = [{ day: 0, to: rules.initial }, ...found.changes, { day: scenario.days }];
  const strip = cuts.slice(0, -1).map(({ day, to }, i) =>
    ({ t: time(scenario, day), until: time(scenario, cuts[i + 1].day), colour: phases[to].colour }));
  const held = thresholds([["", rules, lines]], post, seen[post], scenario);
  const singles = [...seen[post], seen[post].at(-1)].map((value, day) => ({ t: time(scenario, day), value }));
  show(name, { strip: strip.filter(({ t, until }) => t < until), lines: held.lines, singles }, {
    scenario, days: [...found.phases.keys()], caption, note: t`Strip: the phase. Line: ${post}, as guards see it. ${held.far}`,
    text: why.map(([head]) => head).join(". "),
    columns: { [post]: seen[post].map((value) => plain(value)), [t`Phase`]: found.phases.map((phase) => called(phases[phase])) },
  });
  return why.map(([head, text]) => el("li", {}, el("strong", {}, head), el("br", {}), text));
}
function reasons(scenario, rules, phases, { changes, pending }) { // each change: what happened, and why
  const label = (phase) => called(phases[phase]), every = [...changes, ...(pending ? [pending] : [])];
  if (!every.length) return [[t`No change: ${label(rules.initial)} throughout`, ""]];
  return every.map((each) => {
    const { guard, text } = rules.transitions[each.transition], held = Object.keys(rules.thresholds), used = names(guard);
    const seen = used.filter((name) => !held.includes(name)).map((name) => `${name} ${plain(each.values[name])}`);
    const against = used.filter((name) => held.includes(name)).map((name) => described(name, each.decided, rules));
    const when = each === pending ? t`Pending at the end, due ${dated(scenario, each.day)}` : dated(scenario, each.day);
    return [`${when}: ${label(each.from)} → ${label(each.to)}`,
      t`Decided ${dated(scenario, each.decided)}: “${text}” had held since ${dated(scenario, each.since)}. Seen: ${seen.join(", ")}.` +
      (against.length ? t` Against: ${against.join(", ")}.` : "")];
  });
}
function drawLadder(host, rules, phases) { // lowest first; drawn upwards
  const days = (count) => counted(count, "days");
  const number = (word) => (Object.hasOwn(rules.thresholds, word) ? described(word, 0, rules) : word);
  const rule = ({ leaves, to, text, window, confirm, lag, revocable }) => [
    leaves.slice(to + 1).some(Boolean) && t`stepping down`, t`when ${text.replace(/[A-Za-z_]\w*/g, number)}`,
    window ? t`on ${window[0]} of ${days(window[1])}` : confirm > 1 && t`for ${days(confirm)}`,
    lag > 0 && t`in effect ${days(lag)} later`, revocable && t`lapses if it no longer holds`].filter(Boolean).join(", ");
  host.replaceChildren(...phases.map((phase, place) => el("li", { style: `--step:${place}` }, swatch(phase),
    el("strong", {}, called(phase)), ...rules.transitions.filter(({ to }) => to === place).map((each) => el("small", {}, rule(each))))));
}
function drawSide(side) {
  const run = +$("run").value, rules = source.rules(side, run), { phases } = policyOf(side), seen = source.singles(side, run);
  drawLadder($(`ladder-${side}`), rules, phases);
  $(`command-${side}`).textContent = command(side);
  $(`path-${side}`).hidden = !seen;
  $(`why-${side}`).replaceChildren(...(seen
    ? drawPath(`path-${side}`, here(), rules, seen, phases, pairOf(side).lines, `${side}: ${called(policyOf(side))}`)
    : [el("li", {}, t`This world answers to the policy: its single runs are kept for the numbers as stated only.`)]));
}
let wanted = false, drawing = null;
function draw() { // once a frame at most, and once more if something moved meanwhile
  [wanted] = [true, source.hurry?.()];
  return (drawing ??= redraw().finally(() => { drawing = null; }));
}
async function redraw() {
  for (; wanted; await new Promise((act) => { document.hidden ? setTimeout(act) : requestAnimationFrame(act); })) {
    wanted = false;
    if (await source.ready()) { drawSeen(); drawReached(); SIDES.forEach(drawSide); }
  }
}
// Controls
const counted = (value, unit) => (unit === "days" ? (value === 1 ? t`1 day` : t`${plain(value)} days`) : `${plain(value)} ${unit}`.trim());
const said = ({ text, unit }, value) => (value === null ? text : counted(value, unit));
function setSliders(host, sliders, at = sliders.map(({ stated }) => stated)) { // gives their numbers, which they move
  host.replaceChildren(...sliders.map((slider, place) => {
    const { name, stated, grade } = slider, id = `${host.id}-${place}`, output = el("output", { for: id }), note = el("small", {});
    const [input, ...more] = source.control(slider, id, at[place], (value) => { at[place] = value; say(); draw(); });
    const say = () => {
      output.textContent = said(slider, at[place]);
      input.setAttribute("aria-valuetext", output.textContent + (at[place] === stated ? t`, as stated` : ""));
      note.textContent = at[place] === stated ? t`as stated: ${grade}` : t`assumed; stated: ${said(slider, stated)} (${grade})`;
    };
    say();
    return el("div", { class: "slider" }, el("label", { for: id }, name), output, input, ...more, note);
  }));
  return at;
}
function setScenario(at) {
  state.world = setSliders($("world"), here().sliders, at);
  $("answers").hidden = !here().reactive;
  $("signpost").replaceChildren(...here().choices.map(([name, side], value) =>
    el("option", { value }, here().reactive ? t`${name}, as ${side} meets it` : name)));
}
const setSide = (side, at) => { state[side] = setSliders($(`sliders-${side}`), policyOf(side).sliders, at); };
function command(side) {
  const moved = [[policyOf(side).sliders, state[side]], [here().sliders, state.world]].flatMap(([sliders, at]) =>
    sliders.flatMap(({ paths, stated }, i) => (at[i] === stated ? [] : paths.map((path) => `--set ${path}=${plain(at[i], 10)}`))));
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
  sliders.forEach(({ files, stated }, i) => (state[side][i] === stated ? [] : files).forEach(([path, more]) => {
    path.slice(0, -1).reduce((node, key) => (node[key] ??= Object.create(null)), tree)[path.at(-1)] =
      { value: state[side][i], grade: "assumed", note: "Set on a lesson page.", ...more };
  }));
  const head = `# Numbers moved on a lesson page; all of them count as assumed.\n# ${command(side).replace(/[^ -~]/g, "?")}\n`;
  return [name, head + yaml(tree)];
}
const save = ([name, text]) =>
  el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/yaml" })), download: `${name}.yaml` }).click();
