// Earlier conversations, kept in this browser alone. What is read back may have been written by anybody: here it is text
// and nothing else, and the server looks at every quote again before a turn is shown.
const MOST_CONVERSATIONS = 50;
const MOST_TURNS = 100;
// A browser stores two bytes for each: 2 MB.
const MOST_UNITS = 1_000_000;
const EARLIER = {
  none: "Nothing yet.",
  full: "This browser's storage is full: the last answer is not kept.",
  deleted: "Deleted.",
  sure: "Delete all for good?",
  all: "Delete all",
  answers: (count) => `${count} ${count === 1 ? "question" : "questions"}`,
  open: (title) => `Open: ${title}`,
  forget: (title) => `Delete: ${title}`,
  resume: "Go on with your last conversation:",
};
const dialog = element.querySelector("#earlier");
const part = (selector) => dialog.querySelector(selector);
const opener = document.querySelector(".commands .earlier");

// The key under which this reader's conversations with this collection are; none until the server has said whose.
let key = "";
let current = newName();
// Questions that are on their way, by number, and the conversation that each belongs to.
const belongs = new Map();
// A conversation that was asked for, and the one that stays open if it does not come.
let opening = null;

function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isTurn = (turn) => isObject(turn) && typeof turn.asked === "string" && typeof turn.at === "string";
const isConversation = (one) =>
  isObject(one) && typeof one.name === "string" && Array.isArray(one.turns) && one.turns.length > 0 &&
  one.turns.every(isTurn);

// Oldest first. Whatever else stands there is no conversation.
function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return Array.isArray(kept?.conversations) ? kept.conversations.filter(isConversation) : [];
  } catch {
    return [];
  }
}

const written = (conversations) => JSON.stringify({conversations});

// Whether it was kept; the oldest go until it fits. When nothing fits, what is there stays as it is.
function store(conversations) {
  const kept = conversations.slice(-MOST_CONVERSATIONS);
  if (!kept.length) {
    try { localStorage.removeItem(key); } catch { return false; }
    return true;
  }
  while (kept.length) {
    const text = written(kept);
    if (text.length <= MOST_UNITS) {
      try {
        localStorage.setItem(key, text);
        return true;
      } catch { /* full, or not allowed: with less it may go */ }
    }
    const last = kept[kept.length - 1];
    if (kept.length > 1) kept.shift();
    else if (last.turns.length > 1) kept[0] = {...last, turns: last.turns.slice(1)};
    else return false;
  }
  return false;
}

function asked(asking) {
  belongs.set(asking, current);
}

function keep(message) {
  const name = belongs.get(message.asking);
  belongs.delete(message.asking);
  if (!key || !name) return;
  // Read anew: another window may have kept something meanwhile.
  const conversations = load();
  const before = conversations.find((one) => one.name === name);
  const turns = [...(before?.turns || []), message.kept].slice(-MOST_TURNS);
  const isKept = store([...conversations.filter((one) => one !== before), {name, turns}]);
  part(".state").textContent = isKept ? "" : EARLIER.full;
  offer();
}

function beginAnew() {
  forgetLine();
  current = newName();
  opening = null;
  offer();
}

const titleOf = (one) => (one.turns[0].asked.length > 120 ? `${one.turns[0].asked.slice(0, 120)}…` : one.turns[0].asked);

function dateOf(one) {
  const at = new Date(one.turns[one.turns.length - 1].at);
  return Number.isNaN(at.getTime()) ? "" : at.toLocaleString(document.documentElement.lang || "en", {dateStyle: "medium", timeStyle: "short"});
}

function button(kind, one, label, words) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = words;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => (kind === "again" ? reopen(one) : forget(one)));
  return made;
}

function row(one) {
  const item = document.createElement("li");
  const about = document.createElement("span");
  about.className = "when";
  about.textContent = [dateOf(one), EARLIER.answers(one.turns.length)].filter(Boolean).join(" · ");
  const open = button("again", one, `${EARLIER.open(titleOf(one))}, ${about.textContent}`, titleOf(one));
  open.dir = "auto";
  if (one.name === current) open.setAttribute("aria-current", "true");
  const words = document.createElement("div");
  words.append(open, about);
  item.append(words, button("forget", one, EARLIER.forget(titleOf(one)), "Delete"));
  return item;
}

function fillList() {
  const conversations = load();
  part("ul").replaceChildren(...conversations.reverse().map(row));
  part(".forget-all").hidden = !conversations.length;
  part(".forget-all").textContent = EARLIER.all;
  delete part(".forget-all").dataset.sure;
  if (!conversations.length && !part(".state").textContent) part(".state").textContent = EARLIER.none;
}

function reopen(one) {
  dialog.close();
  opening = {name: one.name, instead: opening ? opening.instead : current};
  // What is asked from now on belongs to it already: the server takes one after the other.
  current = one.name;
  forgetLine();
  trigger("reopen", {name: one.name, turns: one.turns});
}

function reopened(message) {
  if (opening?.name !== message.reopened) return;
  const before = opening.instead;
  opening = null;
  if (!message.html) {
    for (const [asking, name] of belongs) if (name === current) belongs.set(asking, before);
    current = before;
    return;
  }
  const later = [...section.querySelectorAll(".pending")].filter(
    (turn) => belongs.get(Number(turn.dataset.asking)) === current
  );
  section.replaceChildren(fragment(message.html), ...later);
  root.classList.add("has-turns");
  section.lastElementChild.scrollIntoView({behavior: "auto", block: "start"});
  document.querySelector("#question textarea").focus({preventScroll: true});
}

function forget(one) {
  const rows = [...part("ul").children];
  const place = rows.findIndex((item) => item.contains(document.activeElement));
  if (one.name === current) current = newName();
  store(load().filter((other) => other.name !== one.name));
  part(".state").textContent = EARLIER.deleted;
  fillList();
  offer();
  // The keyboard goes on with the next one.
  const next = part("ul").children[Math.min(Math.max(place, 0), part("ul").children.length - 1)];
  (next?.querySelector(".forget") || part(".leave")).focus();
}

part(".forget-all").addEventListener("click", (event) => {
  if (!event.target.dataset.sure) {
    event.target.dataset.sure = "yes";
    event.target.textContent = EARLIER.sure;
    return;
  }
  store([]);
  current = newName();
  part(".state").textContent = EARLIER.deleted;
  fillList();
  offer();
  part(".leave").focus();
});
part(".leave").addEventListener("click", () => dialog.close());
// Beside the dialog is its backdrop, which belongs to it.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  // The panel behind would close as well.
  if (event.key === "Escape") event.stopPropagation();
});
opener.addEventListener("click", () => {
  if (part(".state").textContent !== EARLIER.full) part(".state").textContent = "";
  fillList();
  dialog.showModal();
});
addEventListener("storage", (event) => {
  if (event.key !== key && event.key !== null) return;
  if (dialog.open) fillList();
  offer();
});

// Before anything is asked, the page offers to go on.
function offer() {
  const welcome = document.querySelector("#welcome");
  welcome.querySelector(".resume")?.remove();
  const last = key && load().pop();
  if (!last) return;
  const words = document.createElement("p");
  words.className = "resume";
  words.append(`${EARLIER.resume} `, button("again", last, EARLIER.open(titleOf(last)), titleOf(last)));
  words.lastChild.dir = "auto";
  (welcome.querySelector("h2")?.parentElement || welcome).append(words);
}

function mayStore() {
  try {
    return localStorage.getItem("") !== undefined;
  } catch {
    return false;
  }
}

if (mayStore()) {
  server.history_owner({}).then((answer) => {
    if (typeof answer?.owner !== "string") return;
    key = `natoqa.history.1.${answer.owner}`;
    opener.hidden = false;
    offer();
  }).catch(() => { /* without an owner nothing is kept, and nothing shown */ });
}
