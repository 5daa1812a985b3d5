// The page in the language chosen: its own words by a table (words.json), labels and titles as the files give them.
const DATA = JSON.parse(document.getElementById("told").textContent);
const word = (english) => DATA.languages[document.documentElement.lang]?.[english] ?? english;
const t = (texts, ...values) => // a text of the page's own in the language chosen; {0}, {1} … stand for what is filled in
  word(texts.map((each, i) => (i ? `{${i - 1}}${each}` : each)).join("")).replace(/\{(\d)\}/g, (_, i) => values[i]);
const called = ({ label, title, others }) => others?.[document.documentElement.lang] ?? label ?? title;
function speak(root) { // what stands on the page from the beginning, in the language chosen
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), put = (node, key) => {
    const now = node[key].trim();
    node[key] = node[key].replace(now, () => word(node.english ??= now));
  };
  while (texts.nextNode()) put(texts.currentNode, "data");
  root.querySelectorAll("[aria-label]").forEach((each) => put(each, "ariaLabel"));
}
