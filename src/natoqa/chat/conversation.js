// The log of turns. The server sends one turn at a time; what stands in the page already is not sent again.
const root = document.documentElement;
const section = element.querySelector("section");
const WORDS = {
  waits: "Looking through the sources…",
  lost: "The server does not answer. Is natoqa chat still running?",
};
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// A turn that waits for its answer. The server knows it by the number that goes out with the question.
let count = 0;

function begin(question) {
  const turn = document.createElement("article");
  turn.className = "turn pending";
  turn.dataset.asking = ++count;
  turn.question = question;
  turn.innerHTML = '<h2 class="question" dir="auto"></h2><p class="waits"></p>';
  turn.querySelector("h2").textContent = question.length > 300 ? `${question.slice(0, 300)}…` : question;
  turn.querySelector("p").textContent = WORDS.waits;
  section.append(turn);
  root.classList.add("has-turns");
  turn.scrollIntoView({behavior: calm, block: "start"});
  return count;
}

// One question is on its way at a time: two that are sent together need not arrive in their order.
let line = [];
let underway = null;

function ask(question, how) {
  const asking = begin(question);
  asked(asking);
  line.push({question, asking, ...how});
  sendNext();
  if (!watching) watching = setInterval(watchOver, 3000);
}

const waitingFor = (asking) => section.querySelector(`.pending[data-asking="${asking}"]`);

function sendNext() {
  // What was taken away with the rest of the conversation before its turn came is not asked.
  line = line.filter((sent) => waitingFor(sent.asking));
  if (underway || !line.length) return;
  underway = line.shift();
  trigger("ask", underway);
}

// Another conversation begins: what was not sent yet belongs to none.
function forgetLine() {
  for (const sent of line) waitingFor(sent.asking)?.remove();
  line = [];
}

function arrived(asking) {
  if (underway?.asking !== asking) return;
  underway = null;
  // After this answer has taken the place of the turn that waited for it.
  queueMicrotask(sendNext);
}

// What stands in the box when Enter is pressed is asked: a moment later it may be the beginning of the next question.
function askFromBox() {
  const box = document.querySelector("#question textarea");
  const question = box.value;
  if (!question) return;
  box.value = "";
  box.dispatchEvent(new Event("input", {bubbles: true}));
  ask(question, {});
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("#question textarea")) return;
  event.preventDefault();
  event.stopPropagation();
  askFromBox();
}, true);

function giveBack(turn) {
  if (!document.querySelector("#question textarea").value) fill(turn.question);
}

// No answer came: what waits for one will wait for ever.
function lost() {
  line = [];
  underway = null;
  for (const turn of section.querySelectorAll(".pending:not(.lost)")) {
    turn.classList.add("lost");
    turn.querySelector(".waits").textContent = WORDS.lost;
    turn.querySelector(".waits").setAttribute("role", "alert");
    giveBack(turn);
  }
}

document.addEventListener("natoqa-lost", lost);

// While a turn waits: is there still anybody who could answer?
let watching = 0;

function watchOver() {
  if (section.querySelector(".pending:not(.lost)")) {
    fetch(new URL("gradio_api/queue/status", document.baseURI), {cache: "no-store"}).catch(lost);
  } else {
    watching = clearInterval(watching);
  }
}

const seen = new Set();

function put(value) {
  // What was sent in the last second is sent again: two values that arrive together may be seen as one.
  const messages = (value?.messages || []).filter((message) => !seen.has(message.serial));
  for (const message of messages) {
    seen.add(message.serial);
    take(message);
  }
  root.classList.toggle("has-turns", section.childElementCount > 0);
}

function take(message) {
  if (message.download) return hand(message.download);
  if ("reopened" in message) return reopened(message);
  if (message.kept) keep(message);
  const there = document.getElementById(`turn-${message.turn}`);
  if (message.slot) return there?.querySelector(`.${message.slot}`)?.replaceChildren(fragment(message.html));
  if (message.asking) arrived(message.asking);
  const waiting = waitingFor(message.asking);
  if (!message.html) {
    waiting?.remove();
    return waiting && giveBack(waiting);
  }
  // The turn that waited may have been taken away with the rest of the conversation.
  if (waiting) waiting.replaceWith(fragment(message.html));
}

watch("value", () => put(props.value));

function fill(question) {
  const box = document.querySelector("#question textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", {bubbles: true}));
  box.focus();
  box.setSelectionRange(question.length, question.length);
}

// The page's <base> would make the browser load the page anew.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.querySelector("#question textarea").focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  // The second click of a double one is not meant.
  if (!button || event.detail > 1) return;
  if (button.matches("#send")) {
    askFromBox();
  } else if (button.matches(".ask")) {
    ask(button.textContent, {});
  } else if (button.matches(".ask-all")) {
    document.dispatchEvent(new CustomEvent("natoqa-choose-all"));
    ask(button.dataset.question, {all: true});
  } else if (button.matches(".edit")) {
    fill(button.dataset.question);
  } else if (button.matches(".cite, .source, .opens")) {
    hide();
    document.dispatchEvent(new CustomEvent("natoqa-read", {detail: {mark: button}}));
  }
});

// What a mark quotes, at a glance: for the mouse and for the keyboard.
const tip = document.createElement("div");
tip.id = "quote-tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;
const tipTitle = document.createElement("p");
const tipQuote = document.createElement("q");
tip.append(tipTitle, tipQuote);
element.append(tip);

function show(mark) {
  tipTitle.textContent = mark.dataset.title;
  tipQuote.textContent = mark.dataset.quote;
  tip.hidden = false;
  mark.setAttribute("aria-describedby", tip.id);
  const at = mark.getBoundingClientRect();
  const room = document.documentElement.clientWidth - tip.offsetWidth - 12;
  tip.style.left = `${Math.max(12, Math.min(at.left - 24, room))}px`;
  const above = at.top - tip.offsetHeight - 8;
  tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
}

function hide() {
  tip.hidden = true;
}

for (const [kind, react] of [["mouseover", show], ["focusin", show], ["mouseout", hide], ["focusout", hide]]) {
  section.addEventListener(kind, (event) => {
    const mark = event.target.closest?.(".cite");
    if (mark) react(mark);
  });
}
document.addEventListener("scroll", hide, {passive: true});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
