// The reader's language. What natoqa says is written in English everywhere; here it is said in the reader's language, as
// soon as it stands in the page. Texts of documents and of readers are passed over. In English nothing is done.
const root = document.documentElement;
const select = element.querySelector(".language select");
const COOKIE = "natoqa_language";
// Whose words these are: not natoqa's.
const AS_IS = "[translate=no], script, style, q, blockquote, textarea, .question, .sentence, .identity, .para, .gap, " +
  "bdi:not(.byline bdi), .ask, .again, .hit > p:not(.title), #quote-tip, .language";
// Of these only places and numbers are natoqa's.
const PLACES = ".byline bdi";
const ATTRIBUTES = ["aria-label", "placeholder", "alt"];
const said = new WeakMap();
let table = null;

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function sentences(pairs) {
  const templates = [];
  for (const [english, own] of Object.entries(pairs)) {
    if (!/\{\w+\}/.test(english)) continue;
    const pattern = english.split(/(\{\w+\})/).map((piece) => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (!name) return escaped(piece);
      return `(?<${name}>${["n", "m"].includes(name) ? "[\\d,.]*\\d" : "[^]+?"})`;
    });
    templates.push({pattern: new RegExp(`^${pattern.join("")}$`), own, weight: english.replace(/\{\w+\}/g, "").length});
  }
  templates.sort((one, other) => other.weight - one.weight);
  return {pairs, templates};
}

function value(name, found, book) {
  if (/^said/.test(name)) return translated(found, book) ?? found;
  if (name === "n" || name === "m") {
    const decimals = (/\.(\d+)$/.exec(found) || ["", ""])[1].length;
    return Number(found.replaceAll(",", "")).toLocaleString(table.tag, {minimumFractionDigits: decimals});
  }
  if (name === "share") return (parseFloat(found) / 100).toLocaleString(table.tag, {style: "percent"});
  if (name === "when" && /^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/.test(found)) {
    const at = new Date(`${found.slice(0, 16).replace(" ", "T")}Z`);
    return `${at.toLocaleString(table.tag, {dateStyle: "medium", timeStyle: "short", timeZone: "UTC"})} UTC`;
  }
  return found;
}

// An English sentence in the reader's language; undefined when it is not one of natoqa's.
function translated(english, book) {
  if (Object.hasOwn(book.pairs, english)) return book.pairs[english];
  for (const {pattern, own} of book.templates) {
    const found = pattern.exec(english)?.groups;
    if (!found) continue;
    return own.replace(/\{(\w+)\}/g, (_, name) => {
      if (name === "words_or") return found.words.replaceAll("’ or ‘", `’${table.or}‘`);
      if (name === "words_and") return found.words.replaceAll("’ and ‘", `’${table.and}‘`);
      return value(name, found[name], book);
    });
  }
  return undefined;
}

function spoken(text, book) {
  const words = text.trim();
  const own = words && translated(words, book);
  return own === undefined || own === "" ? undefined : text.replace(words, () => own);
}

// English as it was written, and what was made of it: what is written again is said again.
function say(node, name, text, put) {
  const known = said.get(node) || {};
  if (known[name]?.shown === text) return;
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  if (!element || element.closest(name === "text" ? AS_IS : "script, style, .language")) return;
  const isPlace = name === "text" && element.closest(PLACES);
  const shown = spoken(text, isPlace ? table.places : table.page);
  if (shown === undefined) {
    // A document's words, in a language that is not known.
    if (isPlace && !element.hasAttribute("lang")) element.lang = "";
    return;
  }
  said.set(node, {...known, [name]: {english: text, shown}});
  if (shown !== text) put(shown);
}

const sayText = (node) => say(node, "text", node.data, (shown) => { node.data = shown; });

function sayAttributes(element) {
  for (const name of ATTRIBUTES) {
    const text = element.getAttribute(name);
    if (text) say(element, name, text, (shown) => element.setAttribute(name, shown));
  }
}

function each(start, onText, onElement) {
  if (start.nodeType === Node.TEXT_NODE) return onText(start);
  if (start.nodeType !== Node.ELEMENT_NODE) return;
  onElement(start);
  const walker = document.createTreeWalker(start, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode.nodeType === Node.TEXT_NODE) onText(walker.currentNode);
    else onElement(walker.currentNode);
  }
}

function translate(start) {
  each(start, sayText, (element) => {
    if (element.matches(AS_IS) && !element.matches("script, style, .language") && !element.hasAttribute("lang")) {
      element.lang = "";
    }
    sayAttributes(element);
  });
}

function restore() {
  const back = (node, name, put) => {
    const known = said.get(node)?.[name];
    if (known) put(known.english);
  };
  each(document.body, (node) => back(node, "text", (english) => { node.data = english; }), (element) => {
    if (element.getAttribute("lang") === "") element.removeAttribute("lang");
    for (const name of ATTRIBUTES) back(element, name, (english) => element.setAttribute(name, english));
    said.delete(element);
  });
}

// Its callback comes before the page is drawn: English is never seen.
const observer = new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "childList") change.addedNodes.forEach(translate);
    else if (change.type === "characterData") sayText(change.target);
    else sayAttributes(change.target);
  }
});

function speak(language) {
  observer.disconnect();
  if (table) restore();
  const words = props.tables[language];
  table = words && {...words, page: sentences(words.page), places: sentences(words.places)};
  root.lang = table ? table.tag : "en";
  root.style.setProperty("--drop-words", JSON.stringify(table ? table.page.pairs[props.drop] : props.drop));
  select.value = language;
  select.parentElement.dataset.code = language.toUpperCase();
  select.setAttribute("aria-label", table ? table.page.pairs.Language : "Language");
  if (!table) return;
  translate(document.body);
  observer.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
}

const known = (language) => [...select.options].some((option) => option.value === language);
const kept = (new RegExp(`(?:^|; )${COOKIE}=(\\w+)`).exec(document.cookie) || [])[1];
const wanted = [kept, props.fixed, ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()), "en"];
speak(wanted.find(known));
select.addEventListener("change", () => {
  document.cookie = `${COOKIE}=${select.value}; path=${new URL(document.baseURI).pathname}; max-age=31536000; samesite=lax`;
  speak(select.value);
});
