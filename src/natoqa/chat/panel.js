// The panel beside the conversation: which documents there are, and the one that is being read.
const panel = element.querySelector("#panel");
const part = (selector) => panel.querySelector(selector);
const PANEL_WORDS = {
  silent: "The server does not answer. Is natoqa chat still running?",
  all: (total) => `All ${total} documents are searched.`,
  some: (chosen, total, one) => `${chosen} of ${total} documents ${one ? "is" : "are"} searched.`,
  button: (total) => `Documents (${total})`,
  buttonSome: (chosen, total) => `Documents (${chosen} of ${total})`,
  place: (at, total, cut) => `${at} of ${total}${cut ? " or more" : ""}`,
  nowhere: "Not in this document",
  mismatch: "The quote does not stand in the document as it was given. Ask again.",
  copied: "Copied",
};
const figure = (number) => number.toLocaleString("en");
const wide = matchMedia("(min-width: 64rem)");
const root = document.documentElement;
let cameFrom = null;

function open(view) {
  root.classList.add("panel-open");
  panel.dataset.view = view;
  for (const tab of panel.querySelectorAll("[data-show]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.show === view));
  }
  for (const button of document.querySelectorAll("[data-opens]")) button.setAttribute("aria-expanded", "true");
}

function close() {
  point(null, 0);
  root.classList.remove("panel-open");
  for (const button of document.querySelectorAll("[data-opens]")) button.setAttribute("aria-expanded", "false");
  const back = cameFrom?.isConnected ? cameFrom : document.querySelector("#question textarea");
  back?.focus();
}

function complain(where, message) {
  const said = document.createElement("p");
  said.className = "problem";
  said.setAttribute("role", "alert");
  said.textContent = message || PANEL_WORDS.silent;
  where.replaceChildren(said);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener) return;
  if (root.classList.contains("panel-open") && panel.dataset.view === "library") return close();
  cameFrom = opener;
  open("library");
  list();
  if (!wide.matches) part("#filter").focus();
});
panel.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-show]");
  if (tab && tab.dataset.show === "library") list();
  if (tab) open(tab.dataset.show);
  if (event.target.closest(".close")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !root.classList.contains("panel-open")) return;
  if (panel.contains(document.activeElement) || document.activeElement?.matches(".cite, .source, .opens")) close();
});

// Which documents are searched: all but some, or none but those. The server reads it with every question.
let choice = {all: true, but: []};
let asking = 0;

async function list() {
  const turn = ++asking;
  const answer = await server.list_documents({words: part("#filter").value, choice});
  if (turn !== asking) return;
  if (!answer || answer.error) return complain(part(".list"), answer?.error);
  const held = part(".list").contains(document.activeElement) ? document.activeElement : null;
  part(".list").innerHTML = answer.html;
  // The keyboard goes on where it was.
  const same = (one) => one.tagName === held.tagName && ["document", "own"].every((k) => one.dataset[k] === held.dataset[k]);
  if (held) [...part(".list").querySelectorAll("[data-document]")].find(same)?.focus({preventScroll: true});
  part(".list").shown = answer.shown;
  tell(answer.chosen, answer.total);
}

function tell(chosen, total) {
  const all = chosen === total;
  const [some, sum] = [figure(chosen), figure(total)];
  part(".chosen").textContent = all ? PANEL_WORDS.all(sum) : PANEL_WORDS.some(some, sum, chosen === 1);
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.textContent = all ? PANEL_WORDS.button(sum) : PANEL_WORDS.buttonSome(some, sum);
  }
}

function choose(changed) {
  choice = changed;
  props.value = choice;
  list();
}

function set(identities, wanted) {
  const but = new Set(choice.but);
  for (const identity of identities) {
    if (choice.all === wanted) but.delete(identity);
    else but.add(identity);
  }
  choose({all: choice.all, but: [...but]});
}

part(".list").addEventListener("change", (event) => {
  const box = event.target.closest("input[type=checkbox]");
  if (box) set([box.dataset.document], box.checked);
});
part(".list").addEventListener("click", (event) => {
  const title = event.target.closest(".open");
  if (title) browse(title);
});
part("#filter").addEventListener("input", list);
for (const [name, wanted] of [[".all", true], [".none", false]]) {
  part(name).addEventListener("click", () => {
    if (part("#filter").value.trim()) set(part(".list").shown || [], wanted);
    else choose({all: wanted, but: []});
  });
}
document.addEventListener("natoqa-choose-all", () => choose({all: true, but: []}));
