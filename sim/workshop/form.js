// Policy files from the page: the numbers moved, and a rule of one's own, which is drawn and run as one types.
const save = ([name, text]) =>
  el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/yaml" })), download: `${name}.yaml` }).click();
function variant(side) { // a file that extends the policy, with the lines of those numbers that were moved
  const { changed, file, sliders } = policyOf(side), moved = (i) => state[side][i] !== sliders[i].stated;
  const lines = file.filter(([, of]) => !of.length || of.some(moved)).map(([line, [at]]) => line.replace("\0", state[side][at]));
  return [changed, `# ${command(side).replace(/[^ -~]/g, "?")}\n${lines.join("\n")}\n`];
}
const quoted = (value) => JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, // as YAML takes it
  (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, "0")}`);
const yaml = (value, margin = "\n") => (!Object.keys(value).some(isNaN) ? ` ${quoted(value)}` // no map with names
  : Object.entries(value).map(([key, each]) => `${margin}${key}:${yaml(each, `${margin}  `)}`).join(""));
const formSteps = () => [...$("steps").children].map((step) => map([...step.querySelectorAll("[name]")], (field) =>
  [field.name, { checkbox: field.checked, number: field.valueAsNumber }[field.type] ?? field.value.trim()]));
function addStep() {
  const step = $("step").content.cloneNode(true).firstElementChild, place = $("steps").children.length;
  const field = (name) => step.querySelector(`[name=${name}]`);
  [step.firstElementChild.textContent, field("label").value] = [t`Step ${place + 1}`, t`Phase ${place + 1}`];
  [field("value").value, field("below").value] = DATA.form.first.map((each) => each + place);
  field("fact").oninput = ({ target }) => field("grade").replaceChildren(... // none stronger than the fact can lend
    (DATA.form.facts[target.value]?.grades ?? ["assumed"]).map((each) => el("option", {}, each)));
  speak(step);
  $("steps").append(step);
}
function ownPolicy(steps, { signposts }) { // its file, and the same as a walk takes it: up from phase to phase, then down again
  const title = $("form-title").value.trim() || "My rule", facts = steps.map(({ fact }) => DATA.form.facts[fact]);
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "my-rule";
  const labels = [$("form-start").value.trim() || "start", ...steps.map(({ label }, i) => label || `Phase ${i + 1}`)];
  const phase = (place) => (place ? `phase_${place}` : "start"), colours = DATA.form.colours[steps.length];
  const file = { kind: "policy", name, title, evidence: [...new Set(facts.flatMap((fact) => fact?.ledger ?? []))],
    reads: { __proto__: null }, phases: map(labels, (label, i) => [phase(i), { label }]), thresholds: {}, transitions: {} };
  const rules = { initial: 0, phases: labels.map((label, i) => ({ label, colour: colours[i], min_stay: 0 })),
    thresholds: {}, transitions: [], lines: [] };
  const move = (from, to, way, line, sign, { signpost, value, grade, evidence, note, confirm, lag, revocable }) => {
    const { unit } = signposts[signpost], when = `${signpost} ${sign} ${line}`;
    const text = `${line} ${plain(value)} ${unit} (${[grade, ...evidence].join(", ")})`;
    file.reads[signpost] = { unit };
    file.thresholds[line] = { value, unit, grade, evidence, note };
    file.transitions[way + phase(Math.max(from, to))] =
      { from: phase(from), to: phase(to), when, confirm: `${confirm} days`, lag: `${lag} days`, revocable };
    rules.lines.push([line, signpost]);
    rules.thresholds[line] = { text, steps: [[0, value, text]] };
    rules.transitions.push({ leaves: labels.map((_, place) => place === from), to, guard: [sign, signpost, line], text: when,
      confirm, lag, revocable, reads: [signpost], against: [line] });
  };
  steps.forEach((each, i) => move(i, i + 1, "to_", `line_${i + 1}`, ">=", { ...each, evidence: facts[i] ? [facts[i].id] : [],
    note: [each.phrase && `“${each.phrase}”`, each.reading].filter(Boolean).join(": ") }));
  const back = { grade: "assumed", evidence: [], note: "Stepping down.", lag: 0, revocable: false };
  steps.forEach(({ down, signpost, below, calm }, i) => down &&
    move(i + 1, i, "back_from_", `leave_${i + 1}`, "<", { ...back, signpost, value: below, confirm: calm }));
  return { file, rules };
}
function drawForm() {
  const steps = formSteps(), scenario = DATA.form.days[$("form-days").value];
  const wrong = [...$("steps").querySelectorAll("input:invalid")].filter((each) => each.offsetParent); // but what is not shown
  $("form-wrong").textContent = wrong.map((each) => `${each.closest("fieldset").firstElementChild.textContent}, ` +
    `${each.parentNode.textContent.trim()}: ${each.validationMessage}`).join(" ");
  [$("form-save").disabled, $("form-add").disabled] = [wrong.length > 0, steps.length >= DATA.form.colours.length - 1];
  if (wrong.length) return;
  const { file, rules } = ownPolicy(steps, scenario);
  const seen = map(Object.entries(scenario.signposts), ([name, { at }]) => [name, exact(at, 0, scenario.days)]);
  drawRule("form", scenario, rules, seen, called(scenario));
  [$("form-save").value, $("form-file").textContent] = [file.name, `${yaml(file).trim()}\n`];
}
function begin() { // in the language chosen, with the numbers as they stand
  document.querySelectorAll("header, main").forEach(speak);
  setScenario(state.world);
  SIDES.forEach((side) => setSide(side, state[side]));
  drawForm();
  return draw();
}
SIDES.forEach((side) => {
  on(() => { setSide(side); draw(); }, `policy-${side}`, `reset-${side}`);
  on(() => save(variant(side)), `save-${side}`);
});
on(() => { setScenario(); draw(); }, "scenario");
on(draw, "signpost", "run");
on(() => { addStep(); drawForm(); }, "form-add");
on(() => { $("steps").lastElementChild?.remove(); drawForm(); }, "form-remove");
on(({ target }) => save([target.value, $("form-file").textContent]), "form-save");
on(drawForm, "form", "form-days");
on(({ target }) => { document.documentElement.lang = target.value; begin(); }, "language");
addEventListener("beforeprint", () => Object.keys(later).forEach(drawChart));
addStep();
await begin();
document.body.dataset.ready = "";
