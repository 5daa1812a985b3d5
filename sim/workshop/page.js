// The page: what participants move, the charts that answer, and one run explained. Text from files is only ever set as text.
const DAY = 864e5, Z = 1.959963984540054, SIDES = ["A", "B"], charts = {}, later = {};
const state = {}; // numbers of the sliders of the world, of A and of B; null: as stated, where that is not one number
const $ = (id) => document.getElementById(id);
const on = (act, ...ids) => ids.forEach((id) => // a button is clicked, all else changes
  $(id)?.addEventListener($(id).type === "button" ? "click" : "input", act));
function el(tag, properties, ...children) { // an element; text in Korean says so
  const made = Object.assign(document.createElement(tag), properties);
  if (children.some((each) => /[\uac00-\ud7a3]/.test(each))) made.lang = "ko";
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
const drawn = (days, make) => [...days, here().days].map((day, i) => // a row a day; the last day has a width too
  ({ t: time(here(), day), ...make(Math.min(i, days.length - 1)) }));
const packed = new Blob([Uint8Array.from(atob($("packed").textContent), (letter) => letter.charCodeAt(0))]);
const bytes = new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
const exact = (at, row, length) => [...new Float64Array(bytes.buffer, at + row * length * 8, length)];
function wilson(hits, runs) { // Wilson (1927), as sim/intervals.py; one path has no sampling error
  const z = runs === 1 ? 0 : Z, centre = hits + z * z / 2, all = runs + z * z;
  const half = z * Math.sqrt(hits * (runs - hits) / runs + z * z / 4);
  return { low: hits === 0 ? 0 : (centre - half) / all, high: hits === runs ? 1 : (centre + half) / all };
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
// Charts, each with its table, which is made when it is opened
function show(name, data, told) { // `told`: caption, text, note, and the columns of the table over some days of a scenario
  const [caption, drawing, note, details] = $(name).children;
  (details.ontoggle = () => details.open && details.lastElementChild.replaceChildren(tableOf(told)))();
  caption.textContent = told.caption;
  const cut = drawing.clientWidth < 500 ? data.lines?.map(({ label }) => label) : []; // no room for them in the chart
  note.textContent = [told.note, ...cut ?? []].filter(Boolean).join(" ");
  drawing.setAttribute("aria-label", `${told.caption}. ${told.text}`);
  later[name] = data;
  watching.unobserve($(name)); // so that it says again whether the figure is in view
  watching.observe($(name));
}
const watching = new IntersectionObserver((seen) => // what is not in view waits until it is
  seen.forEach(({ target, isIntersecting }) => isIntersecting && drawChart(target.id)), { rootMargin: "25%" });
async function drawChart(name) {
  const data = later[name], place = $(name).children[1].firstChild;
  delete later[name];
  if (!data) return;
  const spec = JSON.stringify(DATA.specs[$(name).dataset.spec], (_, value) => (typeof value === "string" ? word(value) : value));
  if (charts[name]?.spec !== spec) charts[name] = { spec, made: vegaEmbed(place, { ...JSON.parse(spec), datasets: data }) };
  const { view } = await charts[name].made;
  Object.entries(data).forEach(([key, rows]) => view.data(key, rows));
  await view.runAsync();
}
function tableOf({ scenario = here(), days, columns }) {
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
    const { steps } = rules.thresholds[name], text = described(name, 0, rules) + (steps.length > 1 ? " …" : "");
    ((courses[steps.map(([day, value]) => [day, value])] ??= { side, steps, texts: {} }).texts[text] ??= []).push(...side);
  }
  const lines = Object.values(courses).flatMap(({ side, steps, texts }) => {
    const key = Object.entries(texts).map(([text, those]) => [those.join(", "), text].filter(Boolean).join(": ")).join(" · ");
    if (steps.some(([, value]) => value < low - room || value > high + room)) return far.push(t`Beyond the chart: ${key}.`), [];
    const days = [0, ...steps.map(([day]) => day).filter((day) => day > 0 && day < scenario.days), scenario.days];
    return days.map((day, i) =>
      ({ key, style: side || "A", t: time(scenario, day), value: stepAt(steps, day)[1], label: i ? "" : key }));
  });
  return { lines, far: far.join(" ") };
}
function drawSeen() {
  const [name, side] = here().choices[$("signpost").value], { days, q, singles } = source.seen(side, name);
  const held = SIDES.map((each) => [each, source.rules(each, 0), pairOf(each).lines]);
  const { lines, far } = thresholds(held, name, [...q[0], ...q[4]], here()), middle = q[2].map((value) => plain(value, 4));
  const thin = here().reactive || singles.length < 2 ? [] : singles.flatMap((values, run) =>
    values.map((value, day) => ({ t: time(here(), day), value, run })));
  show("seen", { lines, singles: thin, fan: drawn(days, (i) => map(q, (each, level) => [`q${level}`, each[i]])) }, {
    days, caption: t`${name}, in ${here().signposts[name].unit}`,
    note: t`Shaded: 5–95% and 25–75% of runs; thick: median. ${far}`,
    text: t`Median from ${middle[0]} to ${middle.at(-1)}. ${lines.map(({ label }) => label).filter(Boolean).join(". ")}`,
    columns: map(["5%", "25%", t`median`, "75%", "95%"], (head, i) => [head, q[i].map((value) => plain(value, 4))]),
  });
}
function drawOutcome() { // when each phase is reached, and the runs in each
  const sides = SIDES.map((side) => ({ ...policyOf(side), ...source.outcome(side), side }));
  $("headline").replaceChildren(...DATA.phases.map((phase, place) => {
    const at = ({ phases }) => phases.findIndex(({ name }) => name === phase.name);
    const all = sides.map((one) => ({ ...one, counts: one.reached[at(one) - 1] }));
    drawReached(`reached-${place}`, phase, all.filter(({ counts }) => counts));
    return el("p", {}, el("strong", {}, called(phase)),
      ...all.flatMap((one) => [el("b", {}, one.side), el("span", {}, passage(one))]));
  }));
  sides.forEach(drawShares);
}
function drawReached(name, phase, sides) {
  const last = { t: time(here(), here().days) };
  const ends = sides.map(({ side, runs, counts }) => ({ ...last, label: side, share: counts.at(-1) / runs }));
  if (Math.abs(ends[0]?.share - ends[1]?.share) < 0.09) ends.splice(0, 2, { ...ends[0], label: "A, B" });
  const reached = sides.flatMap(({ side, runs, days, counts }) =>
    drawn(days, (i) => ({ side, share: counts[i] / runs, ...wilson(counts[i], runs) })));
  show(name, { ends, reached }, {
    days: sides[0]?.days ?? [], caption: t`${called(phase)}: share of simulated runs that reached it by each day`,
    note: t`Solid: A. Dashed: B. Shaded: 95% Monte Carlo interval.`,
    text: sides.map((one) => `${one.side}: ${passage(one)}`).join(". "),
    columns: map(sides.flatMap(({ side, runs, counts }) => [[side, percents(counts, runs)],
      [t`${side}, 95% interval`, counts.map((count) => interval(count, runs))]])),
  });
}
function drawShares({ side, runs, days, inside, phases }) {
  const counts = [days.map((_, day) => inside.reduce((rest, each) => rest - each[day], runs)), ...inside];
  const shares = phases.flatMap(({ colour }, order) => drawn(days, (i) => ({ share: counts[order][i] / runs, order, colour })));
  show(`shares-${side}`, { shares }, {
    days, caption: headed(side), columns: map(phases, (each, i) => [called(each), percents(counts[i], runs)]),
    text: t`On the last day: ${phases.map((each, i) => `${called(each)} ${percent(counts[i].at(-1) / runs, runs)}%`).join(", ")}`,
  });
  $(`legend-${side}`).replaceChildren(...phases.map((phase) => el("span", {}, swatch(phase), called(phase))));
}
const headed = (side) => `${side}: ${called(policyOf(side))}`;
const swatch = ({ colour }) => el("i", { className: "swatch", style: `background:${colour}` });
// One run: its path, and why; also of the form's rule
function drawPath(name, scenario, rules, seen, phases, lines, caption) {
  const found = walk(rules, seen, scenario.days), post = lines[0]?.[1] ?? Object.keys(seen)[0], values = seen[post];
  const why = reasons(scenario, rules, phases, found), held = thresholds([["", rules, lines]], post, values, scenario);
  const stays = [{ day: 0, to: rules.initial }, ...found.changes, { day: scenario.days }];
  const strip = stays.slice(0, -1).map(({ day, to }, i) =>
    ({ t: time(scenario, day), until: time(scenario, stays[i + 1].day), colour: phases[to].colour }));
  const singles = [...values, values.at(-1)].map((value, day) => ({ t: time(scenario, day), value }));
  show(name, { strip: strip.filter(({ t, until }) => t < until), lines: held.lines, singles }, {
    scenario, days: [...found.phases.keys()], caption, note: t`Strip: the phase. Line: ${post}, as guards see it. ${held.far}`,
    text: why.map(([head]) => head).join(". "),
    columns: { [post]: values.map((value) => plain(value)), [t`Phase`]: found.phases.map((phase) => called(phases[phase])) },
  });
  return why.map(([head, text]) => el("li", {}, el("strong", {}, head), el("br"), text));
}
function reasons(scenario, rules, phases, { changes, pending }) { // each change: what happened, and why
  const label = (phase) => called(phases[phase]), every = [...changes, pending].filter(Boolean);
  const on = (day) => dated(scenario, day), isLine = (name) => Object.hasOwn(rules.thresholds, name);
  if (!every.length) return [[t`No change: ${label(rules.initial)} throughout`, ""]];
  return every.map(({ transition, day, decided, since, from, to, values }) => {
    const { guard, text } = rules.transitions[transition], used = names(guard);
    const seen = used.filter((name) => !isLine(name)).map((name) => `${name} ${plain(values[name])}`).join(", ");
    const against = used.filter(isLine).map((name) => described(name, decided, rules)).join(", ");
    return [`${day === pending?.day ? t`Pending at the end, due ${on(day)}` : on(day)}: ${label(from)} → ${label(to)}`,
      t`Decided ${on(decided)}: “${text}” had held since ${on(since)}. Seen: ${seen}.` +
        (against && t` Against: ${against}.`)];
  });
}
function drawLadder(host, rules, phases) { // lowest first; drawn upwards
  const days = (count) => counted(count, "days");
  const number = (word) => (Object.hasOwn(rules.thresholds, word) ? described(word, 0, rules) : word);
  const rule = ({ leaves, to, text, window, confirm, lag, revocable }) => [
    leaves.slice(to + 1).some(Boolean) && t`stepping down`, t`when ${text.replace(/[A-Za-z_]\w*/g, number)}`,
    window ? t`on ${window[0]} of ${days(window[1])}` : confirm > 1 && t`for ${days(confirm)}`,
    lag > 0 && t`in effect ${days(lag)} later`, revocable && t`lapses if it no longer holds`].filter(Boolean).join(", ");
  host.replaceChildren(...phases.map((phase, place) => el("li", { style: `--step:${place}` }, swatch(phase), el("strong", {},
    called(phase)), ...rules.transitions.filter(({ to }) => to === place).map((each) => el("small", {}, rule(each))))));
}
function drawSide(side) {
  const run = +$("run").value, rules = source.rules(side, run), { phases } = policyOf(side), seen = source.singles(side, run);
  drawLadder($(`ladder-${side}`), rules, phases);
  $(`command-${side}`).textContent = command(side);
  $(`path-${side}`).hidden = !seen;
  $(`why-${side}`).replaceChildren(...(seen
    ? drawPath(`path-${side}`, here(), rules, seen, phases, pairOf(side).lines, headed(side))
    : [el("li", {}, t`This world answers to the policy: its single runs are kept for the numbers as stated only.`)]));
}
let wanted = 0;
function draw() { // once a frame at most, and once more if something moved meanwhile
  source.hurry?.();
  return wanted++ ? null : redraw().finally(() => { wanted = 0; });
}
async function redraw() {
  for (let answered = 0; answered < wanted;) {
    answered = wanted;
    if (await source.ready()) { drawSeen(); drawOutcome(); SIDES.forEach(drawSide); }
    await new Promise((act) => { document.hidden ? setTimeout(act) : requestAnimationFrame(act); });
  }
}
// Controls
const counted = (n, unit) => (unit !== "days" ? `${plain(n)} ${unit}`.trim() : n === 1 ? t`1 day` : t`${plain(n)} days`);
const said = ({ text, unit }, value) => (value === null ? text : counted(value, unit));
function setSliders(host, sliders, at = sliders.map(({ stated }) => stated)) { // gives their numbers, which they move
  host.replaceChildren(...sliders.map((slider, place) => {
    const { name, stated, grade } = slider, id = `${host.id}-${place}`;
    const output = el("output", { htmlFor: id }), note = el("small");
    const [input, ...more] = source.control(slider, id, at[place], (value) => { at[place] = value; say(); draw(); });
    const say = () => {
      output.textContent = said(slider, at[place]);
      input.setAttribute("aria-valuetext", output.textContent + (at[place] === stated ? t`, as stated` : ""));
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
