// One script for the pages of a live exercise. The server says what stands in each section; here it is drawn, and forms are sent.
const by = id => document.getElementById(id);
const body = document.body.dataset;
const DRAWN = ['svg', 'polyline', 'line', 'text'];

/** A part of a page, [tag.class, {attribute: value}, child…]. A text only ever becomes a text node. */
function made(part) {
  if (typeof part === 'string') return document.createTextNode(part);
  const [name, about, ...children] = part;
  const [tag, ...classes] = name.split('.');
  const place = DRAWN.includes(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  if (classes.length) place.setAttribute('class', classes.join(' '));
  for (const [key, value] of Object.entries(about)) place.setAttribute(key, value);
  place.append(...children.map(made));
  return place;
}

const drawn = {};
const keyOf = place => place.id || place.dataset.key;
const keyed = (place, wanted, key) => [...place.querySelectorAll(wanted)].find(each => keyOf(each) === key);

/** Draws a section where it differs from what is drawn. What is open stays open, and the focus stays where it was. */
function show(id, parts) {
  const text = JSON.stringify(parts), place = by(id);
  if (drawn[id] === text) return;
  drawn[id] = text;
  const open = [...place.querySelectorAll('details[open]')].map(keyOf);
  const focus = place.contains(document.activeElement) && keyOf(document.activeElement);
  place.replaceChildren(...parts.map(made));
  for (const each of place.querySelectorAll('details')) each.open ||= open.includes(keyOf(each));
  for (const form of place.querySelectorAll('form[data-draft]')) fill(form);
  if (focus) keyed(place, '[id], [data-key]', focus)?.focus();
}

// What is new ---------------------------------------------------------------------------------------------------------------

let told = null, known = null, wake = () => {};

function draw(view) {
  told = view;
  document.title = view.title;
  for (const [id, parts] of Object.entries(view.parts)) show(id, parts);
  for (const section of document.querySelectorAll('[data-if]')) section.hidden = !view.parts[section.dataset.if].length;
  const fresh = known ? view.news.filter(([key]) => !known.includes(key)) : [];
  known = view.news.map(([key]) => key);
  if (fresh.length) by('news').textContent = fresh.map(([, words]) => words).join(' ');
  for (const [key] of fresh) keyed(document, '.card', key)?.classList.add('new');
}

/** Asks every two seconds what is new, for as long as the page is open; less often while nobody answers. */
async function follow() {
  let since = '', wait = 2000;
  for (let asked = 1; ; asked += 1) {
    try {
      const all = asked % 15 === 0; // now and then everything, so that the clocks agree
      const answer = await fetch(`${body.state}?since=${all ? '' : since}`, {cache: 'no-store'});
      const view = answer.status === 204 ? null : await answer.json();
      if (answer.status === 401) return stopped(view.error);
      if (!answer.ok) throw new Error(view.error);
      if (view) {
        setClock(view.clock);
        if (view.since !== since) draw(view);
        since = view.since;
        lock();
      }
      by('lost').hidden = true;
      wait = 2000;
    } catch {
      by('lost').hidden = false;
      wait = Math.min(wait * 1.5, 10000);
    }
    await new Promise(done => { wake = done; setTimeout(done, wait); });
  }
}

function stopped(words) {
  by('lost').replaceChildren(`${words} `, made(['a', {href: '/'}, 'To the first page']));
  by('lost').hidden = false;
}

// The clock -----------------------------------------------------------------------------------------------------------------

let clock = null;
const setClock = said => { clock = said && {...said, at: Date.now()}; };
const left = () => clock && Math.max(0, clock.remaining - (clock.running ? (Date.now() - clock.at) / 1000 : 0));

function words(seconds) {
  if (seconds === null) return '';
  if (seconds <= 0) return 'Time is up';
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}${clock.running ? '' : ' (paused)'}`;
}

/** Shows the clock, and closes the form of a move whose time is up. */
function lock() {
  const text = words(left());
  for (const each of document.querySelectorAll('.clock')) if (each.textContent !== text) each.textContent = text;
  if (!told?.lock) return;
  const why = told.lock.open && left() > 0 ? told.lock.until : told.lock.over;
  for (const each of document.querySelectorAll('[data-lock]')) each.disabled = why === told.lock.over;
  if (by('why-not').textContent !== why) by('why-not').textContent = why;
}
setInterval(lock, 500);

// Forms ---------------------------------------------------------------------------------------------------------------------

const fields = form => Object.fromEntries(new FormData(form));

/** What was typed and not sent, or else what was sent before. */
function fill(form) {
  const kept = JSON.parse(localStorage.getItem(form.dataset.draft)) ?? told.kept;
  for (const each of form.elements) {
    if (each.type === 'radio') each.checked = kept[each.name] === each.value;
    else if (each.name && kept[each.name] !== undefined) each.value = kept[each.name];
  }
}

document.addEventListener('input', ({target: {form}}) => {
  if (form?.dataset.draft) localStorage.setItem(form.dataset.draft, JSON.stringify(fields(form)));
});

/** Has it been confirmed, where that is asked for? */
function sure({confirm, yes}) {
  if (!confirm) return true;
  by('confirm-text').textContent = confirm;
  by('confirm-yes').textContent = yes;
  by('confirm').returnValue = '';
  by('confirm').showModal();
  return new Promise(done => by('confirm').addEventListener('close', () => done(by('confirm').returnValue === 'yes'), {once: true}));
}

/** Sends an object as JSON, and says beside the button how it went. Whether it was taken. */
async function send(path, object, place, done) {
  const say = (text, refused) => { place.textContent = text; place.classList.toggle('refused', refused); };
  try {
    const request = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(object)};
    const answer = await fetch(path, request).catch(() => { throw new Error('No connection. Nothing is lost: try again in a moment.'); });
    const {error} = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(error ?? `This was not taken (${answer.status}). Try again in a moment.`);
    say(done, false);
    return true;
  } catch (error) {
    say(error.message, true);
    return false;
  } finally {
    wake();
  }
}

document.addEventListener('submit', async event => {
  const form = event.target, {post, fixed, draft, done, said, reset, next} = form.dataset;
  if (!post) return; // the dialog's own
  event.preventDefault();
  const object = {...JSON.parse(fixed ?? '{}'), ...fields(form)};
  for (const each of form.querySelectorAll('[multiple]')) object[each.name] = [...each.selectedOptions].map(one => one.value);
  if (!await sure(form.dataset)) return;
  if (!await send(post, object, by(said), done)) return;
  if (draft) localStorage.removeItem(draft);
  if (reset) form.reset();
  if (next) location.assign(next);
});

// The first page, and the facilitator's link --------------------------------------------------------------------------------

const behind = location.hash.slice(1);
if (behind && body.opens) {
  history.replaceState(null, '', location.pathname);
  await send(body.opens, {secret: behind}, by('bar-told'), '');
}
if (by('code')) by('code').value = behind.slice(0, 20);
for (const each of document.querySelectorAll('[data-shows]')) each.addEventListener('change', () => {
  for (const part of document.querySelectorAll('[data-shown]')) {
    part.hidden = part.dataset.shown !== each.value;
    for (const input of part.querySelectorAll('input')) input.disabled = part.hidden;
  }
});
if (body.state) await follow();
