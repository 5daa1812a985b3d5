// Policy files from the page: the numbers moved, and a rule of one's own, which is drawn and run as one types.
const save = ([name, text]) =>
  el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/yaml" })), download: `${name}.yaml` }).click();
function variant(side) { // a file that extends the policy, with the lines of those numbers that were moved
  const { changed, file, sliders } = policyOf(side), moved = (i) => state[side][i] !== sliders[i].stated;
  const lines = file.flatMap(([line, [first, ...more]]) => (first === undefined ? line
    : [first, ...more].some(moved) ? line.replace("{value}", state[side][first]) : []));
  const head = `# Numbers moved on a lesson page; all of them count as assumed.\n# ${command(side).replace(/[^ -~]/g, "?")}\n`;
  return [changed, `${head}${lines.join("\n")}\n`];
}
const quoted = (value) => JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, // as YAML takes it
  (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, "0")}`);
const formDays = () => DATA.form.days[$("form-days").value];
const formSteps = () => [...$("steps").children].map((step) => map([...step.querySelectorAll("[name]")], (field) =>
  [field.name, { checkbox: field.checked, number: field.valueAsNumber }[field.type] ?? field.value.trim()]));
function addStep() {
  const step = $("step").content.cloneNode(true).firstElementChild, place = $("steps").children.length;
  const field = (name) => step.querySelector(`[name=${name}]`), lent = () => DATA.form.facts[field("fact").value]?.grades;
  const setGrades = () => field("grade").replaceChildren(...(lent() ?? ["assumed"]).map((each) => el("option", {}, each)));
  [step.firstElementChild.textContent, field("label").value] = [t`Step ${place + 1}`, t`Phase ${place + 1}`];
  [field("value").value, field("below").value] = DATA.form.first.map((each) => each + place);
  field("fact").oninput = setGrades; // none stronger than the fact can lend, the strongest first
  setGrades();
  speak(step);
  $("steps").append(step);
}
function ownMoves(steps) { // up from phase to phase, then down again
  const up = ({ phrase, reading, fact, ...each }, i) => ({ ...each, from: i, to: i + 1, name: `to_phase_${i + 1}`, operator: ">=",
    line: `line_${i + 1}`, facts: [DATA.form.facts[fact || -1] ?? []].flat(),
    note: [phrase && `“${phrase}”`, reading].filter(Boolean).join(": ") });
  const down = (each, i) => (each.down ? [{ ...each, from: i + 1, to: i, name: `back_from_phase_${i + 1}`, operator: "<",
    line: `leave_${i + 1}`, facts: [], note: "Stepping down.", value: each.below, grade: "assumed", confirm: each.calm, lag: 0,
    revocable: false }] : []);
  return [...steps.map(up), ...steps.flatMap(down)].map((each) => ({ ...each, unit: formDays().signposts[each.signpost].unit,
    text: `${each.signpost} ${each.operator} ${each.line}` }));
}
const ownRules = (moves, phases) => ({ initial: 0, defaults: {}, phases,
  thresholds: map(moves, ({ line, unit, value, grade, facts }) =>
    [line, { unit, steps: [[0, value, grade, facts.map(({ id }) => id)]] }]),
  transitions: moves.map((each) => ({ ...each, window: null, leaves: phases.map((_, place) => +(place === each.from)),
    guard: [each.operator, ["name", each.signpost], ["name", each.line]] })) });
function ownFile(moves, phases) {
  const title = $("form-title").value.trim() || "My rule", each = (list, make) => [...new Set(list.map(make))];
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "my-rule";
  const block = (key, rows) => `${key}:${rows.length ? "" : " {}"}\n${rows.map((row) => `  ${row}\n`).join("")}`;
  const ledgers = each(moves.flatMap(({ facts }) => facts), ({ ledger }) => ledger);
  return [name, `kind: policy\nname: ${quoted(name)}\ntitle: ${quoted(title)}\nevidence: ${quoted(ledgers)}\n` +
    block("reads", each(moves, ({ signpost, unit }) => `${signpost}: {unit: ${quoted(unit)}}`)) +
    block("phases", each(phases, ({ name, label }) => `${name}: {label: ${quoted(label)}}`)) +
    block("thresholds", each(moves, ({ line, value, unit, grade, facts, note }) => `${line}: {value: ${value}, ` +
      `unit: ${quoted(unit)}, grade: ${grade}, evidence: ${quoted(facts.map(({ id }) => id))}, note: ${quoted(note)}}`)) +
    block("transitions", each(moves, ({ name, from, to, text, confirm, lag, revocable }) =>
      `${name}: {from: ${phases[from].name}, to: ${phases[to].name}, when: ${text}, ` +
      `confirm: ${confirm} days, lag: ${lag} days, revocable: ${revocable}}`))];
}
let own = null; // name and text of the file as it stands
function drawForm() {
  const steps = formSteps(), scenario = formDays(), colours = DATA.form.colours[steps.length];
  for (const each of $("steps").querySelectorAll("[name=below], [name=calm]"))
    each.disabled = !each.closest("fieldset").querySelector("[name=down]").checked;
  const wrong = [...$("steps").querySelectorAll("input:invalid")];
  $("form-wrong").textContent = wrong.map((each) => `${each.closest("fieldset").firstElementChild.textContent}, ` +
    `${each.parentNode.textContent.trim()}: ${each.validationMessage}`).join(" ");
  [$("form-save").disabled, $("form-add").disabled] = [wrong.length > 0, steps.length >= DATA.form.colours.length - 1];
  if (wrong.length) return;
  const labels = [$("form-start").value.trim() || "start", ...steps.map(({ label }, i) => label || `Phase ${i + 1}`)];
  const phases = labels.map((label, i) => ({ name: i ? `phase_${i}` : "start", label, min_stay: 0, colour: colours[i] }));
  const moves = ownMoves(steps), rules = ownRules(moves, phases), lines = moves.map(({ line, signpost }) => [line, signpost]);
  const seen = map(Object.entries(scenario.signposts), ([name, { at }]) => [name, exact(at, 0, scenario.days)]);
  drawLadder($("form-ladder"), rules, phases);
  $("form-why").replaceChildren(...drawPath("form-path", scenario, rules, seen, phases, lines, called(scenario)));
  own = ownFile(moves, phases);
  $("form-file").textContent = own[1];
}
function begin() { // in the language chosen, with the numbers as they stand
  document.querySelectorAll("header, main").forEach(speak);
  setScenario(state.world);
  SIDES.forEach((side) => setSide(side, state[side]));
  drawForm();
  return draw();
}
$("policy-B").value = Math.min(1, DATA.policies.length - 1);
SIDES.forEach((side) => {
  on(() => { setSide(side); draw(); }, `policy-${side}`, `reset-${side}`);
  on(() => save(variant(side)), `save-${side}`);
});
on(() => { setScenario(); draw(); }, "scenario");
on(draw, "signpost", "run");
on(() => { addStep(); drawForm(); }, "form-add");
on(() => { $("steps").lastElementChild?.remove(); drawForm(); }, "form-remove");
on(() => save(own), "form-save");
on(drawForm, "form", "form-days");
on(({ target }) => { document.documentElement.lang = target.value; begin(); }, "language");
addEventListener("beforeprint", () => Object.keys(later).forEach(drawChart));
addStep();
await begin();
document.body.dataset.ready = "";
