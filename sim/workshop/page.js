// The page: what participants move, the charts that answer, and one run explained. Text from files is only ever set as text.
const DAY = 864e5, Z = 1.959963984540054, SIDES = ["A", "B"], charts = {}, later = {};
const state = {}; // numbers of the sliders of the world, of A and of B; null: as stated, where that is not one number
const $ = (id) => document.getElementById(id);
const on = (act, ...ids) => ids.forEach((id) => // a button is clicked, all else changes
  $(id)?.addEventListener($(id).type === "button" ? "click" : "input", act));
function el(tag, properties, ...children) { // an element; text in Korean says so
  const made = Object.assign(document.createElement(tag), properties, /[\uac00-\ud7a3]/.test(children) && { lang: "ko" });
  made.append(...children);
  return made;
}
const map = (list, make = (each) => each) => Object.fromEntries(list.map(make));
const plain = (value, digits = 6) => String(+value.toPrecision(digits));
const here = () => DATA.scenarios[$("scenario").value];
const policyOf = (side) => DATA.policies[$(`policy-${side}`).value];
const pairOf = (side) => here().pairs[$(`policy-${side}`).value];
const time = (scenario, day) => Date.parse(scenario.start) + day * DAY;
const dated = (scenario, day) => t`${new Date(time(scenario, day)).toISOString().slice(0, 10)} (day ${day})`;
const daysOf = (scenario) => [...Array(scenario.days).keys()];
const ofRun = (list, run) => list[run] ?? list[0]; // one may stand for all
const drawn = (scenario, courses, make, days = daysOf(scenario)) => // a row where a step begins; the last day has a width too
  [...days.keys(), days.length].filter((i) => courses.some((each) => each[i] !== each[i - 1])).map((i) =>
    ({ t: time(scenario, days[i] ?? scenario.days), ...make(Math.min(i, days.length - 1)) }));
const packed = new Blob([Uint8Array.from(atob($("packed").textContent), (letter) => letter.charCodeAt(0))]);
const bytes = new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
const exact = (at, row, length) => [...new Float64Array(bytes.buffer, at + row * length * 8, length)];
function wilson(hits, runs) { // Wilson (1927), as sim/intervals.py; one path has no sampling error
  const z = runs === 1 ? 0 : Z, centre = hits + z * z / 2, half = z * Math.sqrt(hits * (runs - hits) / runs + z * z / 4);
  return { low: Math.max(centre - half, 0) / (runs + z * z), high: (centre + half) / (runs + z * z) };
}
const percent = (share, runs = 1000) => (100 * share).toFixed(runs < 1000 ? 0 : 1);
const percents = (counts, runs) => counts.map((count) => `${percent(count / runs)}%`);
const interval = (count, runs, digits) => Object.values(wilson(count, runs)).map((each) => percent(each, digits)).join("–");
function passage({ runs, days, counts }) { // when one side reaches a phase, in words
  if (!counts) return t`has no such phase`;
  const half = days[counts.findIndex((count) => 2 * count >= runs)], by = half !== undefined && dated(here(), half);
  if (runs === 1) return t`${by ? t`reached ${by}` : t`not reached by the end`}; one path`;
  const share = t`${percent(counts.at(-1) / runs, runs)}% (${interval(counts.at(-1), runs, runs)}) of simulated runs`;
  return `${share}, ${by ? t`half by ${by}` : t`fewer than half by the end`}`;
}
// Charts, each with its table; both are made when they are looked at
function show(name, told) { // `told`: texts, labels of lines, those too far off; rows, and a table's columns by day
  const [caption, drawing, note, details] = $(name).children, { labels = [], far = [] } = told;
  (details.ontoggle = () => details.open && details.lastElementChild.replaceChildren(tableOf(told)))();
  caption.textContent = told.caption;
  note.replaceChildren([told.note, ...far, ""].join(" "), el("span", { className: "narrow" }, labels.join(" ")));
  drawing.ariaLabel = `${told.caption}. ${told.text}`;
  later[name] = told.data;
  watching.unobserve($(name)); // so that it says again whether the figure is in view
  watching.observe($(name));
}
const watching = new IntersectionObserver((seen) => // what is not in view waits until it is
  seen.forEach(({ target, isIntersecting }) => isIntersecting && drawChart(target.id)), { rootMargin: "25%" });
async function drawChart(name) {
  const data = later[name]?.(), spec = DATA.specs[document.documentElement.lang][$(name).dataset.spec];
  delete later[name];
  if (!data) return;
  const place = $(name).children[1].firstChild, rows = map(Object.entries(data), ([key, each]) => [key, JSON.stringify(each)]);
  if (charts[name]?.spec !== spec) charts[name] = { spec, rows, made: vegaEmbed(place, { ...spec, datasets: data }) };
  const chart = charts[name], { view } = await chart.made;
  const changed = Object.keys(data).filter((key) => rows[key] !== chart.rows[key]);
  chart.rows = rows;
  if (changed.length) await changed.reduce((to, key) => to.data(key, data[key]), view).runAsync(); // else it stands
}
function tableOf({ scenario, columns, days = daysOf(scenario) }) {
  const made = columns(), head = [t`Day`, ...made.map(([each]) => each)].map((each) => el("th", { scope: "col" }, each));
  const body = days.map((day, i) => el("tr", {}, el("th", { scope: "row" }, dated(scenario, day)),
    ...made.map(([, each]) => el("td", {}, each[i]))));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
}
function thresholds(held, signpost, values, scenario) { // lines for a chart, one for each course of values, with all that it is
  const low = Math.min(...values), high = Math.max(...values), room = Math.max(high - low, Math.abs(high) / 2, 1);
  const courses = {}, found = { lines: [], labels: [], far: [] };
  for (const [side, rules] of held) for (const [name] of rules.lines.filter(([, post]) => post === signpost)) {
    const { text, steps } = rules.thresholds[name], at = daysOf(scenario).map((day) => stepAt(steps, day)[1]);
    ((courses[at] ??= { at, style: side || "A", texts: {} }).texts[text] ??= []).push(...side);
  }
  for (const { at, style, texts } of Object.values(courses)) {
    const key = Object.entries(texts).map(([text, sides]) => [sides.join(", "), text].filter(Boolean).join(": ")).join(" · ");
    const near = at.every((value) => value >= low - room && value <= high + room);
    (near ? found.labels : found.far).push(near ? key : t`Beyond the chart: ${key}.`);
    if (near) found.lines.push(...drawn(scenario, [at], (i) => ({ key, style, value: at[i] })));
  }
  return found;
}
function drawSeen() {
  const scenario = here(), [name, side] = scenario.choices[$("signpost").value], singles = source.singles(side, name);
  const { q, days = daysOf(scenario) } = source.fan(side, name), short = (value) => plain(value, 4);
  const held = thresholds(SIDES.map((each) => [each, source.rules(each, 0)]), name, [...q[0], ...q[4]], scenario);
  show("seen", {
    ...held, scenario, days, caption: t`${name}, in ${scenario.signposts[name].unit}`,
    note: t`Shaded: 5–95% and 25–75% of runs; thick: median.`,
    text: t`Median from ${short(q[2][0])} to ${short(q[2].at(-1))}. ${held.labels.join(". ")}`,
    columns: () => ["5%", "25%", t`median`, "75%", "95%"].map((head, i) => [head, q[i].map(short)]),
    data: () => ({ lines: held.lines, fan: drawn(scenario, q, (i) => map(q, (each, level) => [`q${level}`, each[i]]), days),
      singles: singles.flatMap((values, run) => drawn(scenario, [values], (i) => ({ value: values[i], run }))) }),
  });
}
function drawOutcome() { // when each phase is reached, and the runs in each
  const sides = SIDES.map((side) => ({ days: daysOf(here()), ...policyOf(side), ...source.outcome(side), side }));
  $("headline").replaceChildren(...DATA.phases.map((phase, place) => {
    const all = sides.map((one) => ({ ...one, counts: one.reached[one.places[phase.name]] }));
    drawReached(`reached-${place}`, here(), phase, all.filter(({ counts }) => counts));
    return el("p", {}, el("strong", {}, called(phase)),
      ...all.flatMap((one) => [el("b", {}, one.side), el("span", {}, passage(one))]));
  }));
  sides.forEach((one) => drawShares(here(), one));
}
function drawReached(name, scenario, phase, sides) {
  show(name, {
    scenario, days: sides[0]?.days ?? [], caption: t`${called(phase)}: share of simulated runs that reached it by each day`,
    note: t`Solid: A. Dashed: B. Shaded: 95% Monte Carlo interval.`,
    text: sides.map((one) => `${one.side}: ${passage(one)}`).join(". "),
    columns: () => sides.flatMap(({ side, runs, counts }) => [[side, percents(counts, runs)],
      [t`${side}, 95% interval`, counts.map((count) => interval(count, runs))]]),
    data: () => ({ reached: sides.flatMap(({ side, runs, days, counts }) =>
      drawn(scenario, [counts], (i) => ({ side, share: counts[i] / runs, ...wilson(counts[i], runs) }), days)) }),
  });
}
function drawShares(scenario, { side, runs, days, above, phases, ...policy }) {
  const least = [days.map(() => runs), ...above]; // runs in each phase or above, from the lowest
  const shares = (i) => percents(least[i].map((count, day) => count - (least[i + 1]?.[day] ?? 0)), runs);
  show(`shares-${side}`, {
    scenario, days, caption: `${side}: ${called(policy)}`, columns: () => phases.map((each, i) => [called(each), shares(i)]),
    text: t`On the last day: ${phases.map((each, i) => `${called(each)} ${shares(i).at(-1)}`).join(", ")}`,
    data: () => ({ shares: phases.flatMap(({ colour }, order) =>
      drawn(scenario, [least[order]], (i) => ({ share: 1 - least[order][i] / runs, order, colour }), days)) }),
  });
  $(`legend-${side}`).replaceChildren(...phases.map((phase) => el("span", {}, swatch(phase), called(phase))));
}
const swatch = ({ colour }) => el("i", { className: "swatch", style: `background:${colour}` });
// A rule in words, and one run of it: its path, and why
function drawRule(place, scenario, rules, seen, caption) {
  drawLadder($(`ladder-${place}`), rules);
  $(`path-${place}`).hidden = Object.values(seen).includes(undefined);
  if ($(`path-${place}`).hidden) return $(`why-${place}`).replaceChildren(el("li", {},
    t`This world answers to the policy: its single runs are kept for the numbers as stated only.`));
  const { phases } = rules, found = walk(rules, seen, scenario.days);
  const post = rules.lines[0]?.[1] ?? Object.keys(seen)[0], values = seen[post];
  const why = reasons(scenario, rules, found), held = thresholds([["", rules]], post, values, scenario);
  show(`path-${place}`, {
    ...held, scenario, caption, note: t`Strip: the phase. Line: ${post}, as guards see it.`,
    text: why.map(([head]) => head).join(". "),
    columns: () => [[post, values.map((each) => plain(each))], [t`Phase`, found.phases.map((phase) => called(phases[phase]))]],
    data: () => ({ lines: held.lines, singles: drawn(scenario, [values], (i) => ({ value: values[i] })),
      strip: drawn(scenario, [found.phases], (i) => ({ colour: phases[found.phases[i]].colour })) }),
  });
  $(`why-${place}`).replaceChildren(...why.map(([head, text]) => el("li", {}, el("strong", {}, head), el("br"), text)));
}
function reasons(scenario, { initial, phases, thresholds, transitions }, { changes, pending }) { // each change: what, and why
  const label = (phase) => called(phases[phase]), on = (day) => dated(scenario, day);
  if (!changes.length && !pending) return [[t`No change: ${label(initial)} throughout`, ""]];
  return [...changes, pending].filter(Boolean).map(({ transition, day, decided, since, from, to, values }) => {
    const { text, reads, against } = transitions[transition];
    const seen = reads.map((name) => `${name} ${plain(values[name])}`).join(", ");
    const held = against.map((name) => stepAt(thresholds[name].steps, decided)[2]).join(", ");
    return [`${day === pending?.day ? t`Pending at the end, due ${on(day)}` : on(day)}: ${label(from)} → ${label(to)}`,
      t`Decided ${on(decided)}: “${text}” had held since ${on(since)}. Seen: ${seen}.` + (held && t` Against: ${held}.`)];
  });
}
function drawLadder(host, { phases, thresholds, transitions }) { // lowest first; drawn upwards
  const rule = ({ leaves, to, text, window, confirm, lag, revocable }) => [leaves.slice(to + 1).some(Boolean) && t`stepping down`,
    t`when ${text.replace(/[A-Za-z_]\w*/g, (name) => thresholds[name]?.text ?? name)}`,
    window ? t`on ${window[0]} of ${counted(window[1])}` : confirm > 1 && t`for ${counted(confirm)}`,
    lag > 0 && t`in effect ${counted(lag)} later`, revocable && t`lapses if it no longer holds`].filter(Boolean).join(", ");
  host.replaceChildren(...phases.map((phase, place) => el("li", { style: `--step:${place}` }, swatch(phase), el("strong", {},
    called(phase)), ...transitions.filter(({ to }) => to === place).map((each) => el("small", {}, rule(each))))));
}
function drawSide(side) {
  const run = $("run").value, names = Object.keys(here().signposts);
  const seen = map(names, (name) => [name, ofRun(source.singles(side, name), run)]);
  $(`command-${side}`).textContent = command(side);
  drawRule(side, here(), source.rules(side, run), seen, `${side}: ${called(policyOf(side))}`);
}
let moved = 0, drawing = null;
function draw() { // once a frame at most; of what moves meanwhile, the last
  const mine = ++moved;
  source.hurry?.();
  return (drawing = Promise.allSettled([drawing]).then(() => mine === moved && redraw()));
}
async function redraw() {
  if (await source.ready()) { drawSeen(); drawOutcome(); SIDES.forEach(drawSide); }
  await new Promise(requestAnimationFrame);
}
// Controls
const counted = (n, unit = "days") => (unit !== "days" ? `${plain(n)} ${unit}`.trim() : n === 1 ? t`1 day` : t`${plain(n)} days`);
const said = ({ text, unit }, value) => (value === null ? text : counted(value, unit));
function setSliders(host, sliders, at = sliders.map(({ stated }) => stated)) { // gives their numbers, which they move
  host.replaceChildren(...sliders.map((slider, place) => {
    const { name, stated, grade } = slider, id = `${host.id}-${place}`;
    const output = el("output", { htmlFor: id }), note = el("small");
    const [input, ...more] = source.control(slider, id, at[place], (value) => { at[place] = value; say(); draw(); });
    const say = () => {
      output.textContent = said(slider, at[place]);
      input.ariaValueText = output.textContent + (at[place] === stated ? t`, as stated` : "");
      note.textContent = at[place] === stated ? t`as stated: ${grade}` : t`assumed; stated: ${said(slider, stated)} (${grade})`;
    };
    say();
    return el("div", { className: "slider" }, el("label", { htmlFor: id }, name), output, input, ...more, note);
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
  const { typed, sliders } = policyOf(side), at = [...state[side], ...state.world];
  const sets = [...sliders, ...here().sliders].flatMap(({ paths, stated }, i) =>
    (at[i] === stated ? [] : paths.map((path) => ` --set ${path}=${plain(at[i], 10)}`)));
  return `phased run ${here().typed} --policy ${typed} --runs ${DATA.runs} --seed ${DATA.seed}${sets.join("")}`;
}
