// A rule of one's own
const factOf = ({ fact }) => DATA.form.facts[fact || -1], formDays = () => DATA.form.days[$("form-days").value];
const formSteps = () => [...$("steps").children].map((step) => Object.fromEntries([...step.querySelectorAll("[name]")].map((field) =>
  [field.name, { checkbox: field.checked, number: field.valueAsNumber }[field.type] ?? field.value.trim()])));
function addStep() {
  const step = $("step").content.cloneNode(true).firstElementChild, place = $("steps").children.length;
  const field = (name) => step.querySelector(`[name=${name}]`);
  const setGrades = () => { // none stronger than the fact can lend, the strongest first
    const lent = factOf({ fact: field("fact").value })?.grades ?? ["assumed"];
    field("grade").replaceChildren(...lent.map((each) => el("option", {}, each)));
  };
  [step.firstElementChild.textContent, field("label").value] = [t`Step ${place + 1}`, t`Phase ${place + 1}`];
  [field("value").value, field("below").value] = DATA.form.first.map((each) => each + place);
  field("fact").addEventListener("change", setGrades);
  speak(step);
  $("steps").append(step);
  setGrades();
}
function ownRules(steps) { // what the form says, as the rules take it
  const transition = (name, from, to, signpost, operator, threshold, confirm, lag, revocable) => ({
    name, to, confirm, lag, revocable, window: null, leaves: [0, ...steps].map((_, i) => +(i === from)),
    text: `${signpost} ${operator} ${threshold}`, guard: ["compare", [operator], ["name", signpost], ["name", threshold]],
  });
  const rules = { initial: 0, defaults: {}, thresholds: {}, lines: [],
    phases: [{ name: "start", label: $("form-start").value.trim() || "start", min_stay: 0 }] };
  const set = (name, { signpost }, value, grade, facts, note) => {
    rules.thresholds[name] = { unit: formDays().signposts[signpost].unit, note, steps: [[0, value, grade, facts]] };
    rules.lines.push([name, signpost]);
  };
  const up = steps.map((each, i) => {
    rules.phases.push({ name: `phase_${i + 1}`, label: each.label || `Phase ${i + 1}`, min_stay: 0 });
    const note = [each.phrase && `“${each.phrase}”`, each.reading].filter(Boolean).join(": ");
    set(`line_${i + 1}`, each, each.value, each.grade, each.fact ? [factOf(each).id] : [], note);
    return transition(`to_phase_${i + 1}`, i, i + 1, each.signpost, ">=", `line_${i + 1}`, each.confirm, each.lag, each.revocable);
  });
  const down = steps.flatMap((each, i) => {
    if (!each.down) return [];
    set(`leave_${i + 1}`, each, each.below, "assumed", [], "Stepping down.");
    return transition(`back_from_phase_${i + 1}`, i + 1, i, each.signpost, "<", `leave_${i + 1}`, each.calm, 0, false);
  });
  return { ...rules, transitions: [...up, ...down] };
}
function ownFile(steps, { phases, thresholds, transitions }) {
  const title = $("form-title").value.trim() || "My rule", days = (value) => ({ value, unit: "days", grade: "assumed" });
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "my-rule";
  return [name, yaml({
    kind: "policy", name, title, evidence: [...new Set(steps.map(factOf).filter(Boolean).map((each) => each.ledger))],
    reads: map(steps, ({ signpost }) => [signpost, { unit: formDays().signposts[signpost].unit }]),
    phases: map(phases, (each) => [each.name, { label: each.label }]),
    thresholds: map(Object.entries(thresholds), ([key, { unit, note, steps: [[, value, grade, evidence]] }]) =>
      [key, { value, unit, grade, evidence, note }]),
    transitions: map(transitions, (each) => [each.name, { from: phases[each.leaves.indexOf(1)].name, to: phases[each.to].name,
      when: each.text, confirm: days(each.confirm), lag: days(each.lag), revocable: each.revocable }]),
  })];
}
function drawForm() {
  const steps = formSteps(), scenario = formDays(), inputs = [...$("steps").querySelectorAll("input[type=number]")];
  const down = (each) => each.closest("fieldset").querySelector("[name=down]").checked;
  inputs.filter(({ name }) => /below|calm/.test(name)).forEach((each) => { each.disabled = !down(each); });
  const wrong = inputs.filter((each) => !each.disabled && !each.validity.valid);
  $("form-wrong").textContent = wrong.map((each) => `${each.closest("fieldset").firstElementChild.textContent}, ` +
    `${each.parentNode.textContent.trim()}: ${each.validationMessage}`).join(" ");
  [$("form-save").disabled, $("form-add").disabled] = [wrong.length > 0, steps.length >= DATA.form.colours.length - 1];
  if (wrong.length) return;
  const rules = ownRules(steps), colours = DATA.form.colours[steps.length];
  const phases = rules.phases.map((each, i) => ({ ...each, colour: colours[i] }));
  const seen = map(Object.entries(scenario.signposts), ([name, { at }]) => [name, exact(at, 0, scenario.days)]);
  drawLadder($("form-ladder"), rules, phases);
  $("form-why").replaceChildren(...drawPath("form-path", scenario, rules, seen, phases, rules.lines, called(scenario)));
  $("form-file").textContent = ownFile(steps, rules)[1];
}
const titles = [["scenario", DATA.scenarios], ["policy-A", DATA.policies], ["policy-B", DATA.policies], ["form-days", DATA.form.days]];
function begin() { // in the language chosen, with the numbers as they stand
  document.querySelectorAll("header, main").forEach(speak);
  const named = (each) => called(each) + (each.note ? ` (${word(each.note)})` : "");
  titles.forEach(([id, all]) => [...$(id).options].forEach((option, i) => { option.textContent = named(all[i]); }));
  setScenario(state.world);
  SIDES.forEach((side) => setSide(side, state[side]));
  return [drawForm(), draw()][1];
}
$("policy-B").value = Math.min(1, DATA.policies.length - 1);
SIDES.forEach((side) => {
  for (const [id, kind] of [["policy", "change"], ["reset", "click"]]) on(`${id}-${side}`, kind, () => { setSide(side); draw(); });
  on(`save-${side}`, "click", () => save(variant(side)));
});
on("scenario", "change", () => { setScenario(); draw(); });
for (const id of ["signpost", "run"]) on(id, "change", draw);
on("form-add", "click", () => { addStep(); drawForm(); });
on("form-remove", "click", () => { $("steps").lastElementChild?.remove(); drawForm(); });
on("form-save", "click", () => save(ownFile(formSteps(), ownRules(formSteps()))));
for (const id of ["form", "form-days"]) on(id, "input", drawForm);
$("language")?.addEventListener("change", ({ target }) => { document.documentElement.lang = target.value; begin(); });
const watching = new IntersectionObserver((seen) => seen.forEach(({ target: { id }, isIntersecting }) => {
  if (inView[isIntersecting ? "add" : "delete"](id) && isIntersecting) drawChart(id);
}), { rootMargin: "25%" });
document.querySelectorAll("figure").forEach((each) => watching.observe(each));
addEventListener("beforeprint", () => Object.keys(later).forEach(drawChart));
addStep();
await begin();
document.body.dataset.ready = "";
