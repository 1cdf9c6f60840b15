// The document in the panel, with the cited sentence marked. A quote that is not the text of its marks is never shown
// as one: the server compares it with the document, and the page with what it has drawn.
const text = part(".text");
let marks = [];
let at = -1;
let shown = null;
let places = [];
let placeAt = -1;
let isCut = false;
let reading = 0;

const quoted = (mark) => ({
  document: mark.dataset.document,
  start: Number(mark.dataset.start),
  end: Number(mark.dataset.end),
  quote: mark.dataset.quote,
});

document.addEventListener("natoqa-read", (event) => {
  const mark = event.detail.mark;
  cameFrom = mark;
  const turn = mark.closest(".turn");
  // A citation may be marked more than once; its card in the list of sources stands for all of them.
  marks = [...turn.querySelectorAll(".source")];
  at = marks.findIndex((one) => one.dataset.number === mark.dataset.number);
  forget();
  read(quoted(mark));
  point(turn, mark.dataset.number);
});

// Which marks of a turn lead to what is open; on a small screen the conversation keeps in sight of them.
function point(turn, number) {
  for (const mark of document.querySelectorAll("#conversation .is-open")) mark.classList.remove("is-open");
  const same = turn ? turn.querySelectorAll(`.cite[data-number="${number}"], .number[data-number="${number}"]`) : [];
  for (const mark of same) mark.classList.add("is-open");
  if (!wide.matches && cameFrom?.isConnected) {
    const header = document.querySelector("#introduction").offsetHeight;
    scrollBy({top: cameFrom.getBoundingClientRect().top - header - 0.1 * innerHeight, behavior: "instant"});
  }
}

function browse(title) {
  cameFrom = title;
  marks = [];
  at = -1;
  forget();
  read({document: title.dataset.document});
}

function forget() {
  places = [];
  placeAt = -1;
  part("#find").value = "";
  part(".finds").textContent = "";
}

async function read(place) {
  const turn = ++reading;
  open("reader");
  panel.classList.remove("as-page");
  pressed();
  const answer = await server.read_document(place);
  if (turn !== reading) return;
  navigate();
  if (!answer || answer.error) {
    shown = null;
    part(".head").hidden = true;
    return complain(text, answer?.error);
  }
  shown = {...answer, place};
  part(".head").hidden = false;
  part(".head .title").innerHTML = answer.title;
  part(".head .about").innerHTML = answer.about;
  part(".identity").textContent = answer.identity;
  part(".copy").hidden = !answer.reference;
  part(".copied").textContent = "";
  part(".views").hidden = !answer.hasPages;
  text.innerHTML = answer.html;
  edges();
  const drawn = [...text.querySelectorAll("mark.quote")];
  if (place.quote && drawn.map((mark) => mark.textContent).join("") !== place.quote) {
    return complain(text, PANEL_WORDS.mismatch);
  }
  const target = drawn[0] || text.querySelector("mark.current");
  if (!target) {
    text.scrollTop = 0;
    return text.focus({preventScroll: true});
  }
  target.tabIndex = -1;
  // Searching goes on in its box.
  if (place.quote) target.focus({preventScroll: true});
  text.scrollTop += target.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
  if (answer.hasPages && panel.dataset.prefers === "page" && place.quote) picture();
}

function edges() {
  part(".earlier").hidden = shown.first === 0;
  part(".later").hidden = shown.last === shown.length;
}

async function extend(before) {
  const answer = await server.read_more({
    document: shown.place.document, version: shown.version, first: shown.first, last: shown.last, before,
  });
  if (!answer || answer.error) return complain(text, answer?.error);
  const height = text.scrollHeight;
  text.insertAdjacentHTML(before ? "afterbegin" : "beforeend", answer.html);
  if (before) text.scrollTop += text.scrollHeight - height;
  if (before) shown.first = answer.first;
  else shown.last = answer.last;
  edges();
}

part(".earlier").addEventListener("click", () => extend(true));
part(".later").addEventListener("click", () => extend(false));

// From citation to citation.
function navigate() {
  part(".citations").hidden = marks.length < 2 || at < 0;
  part(".which").textContent = PANEL_WORDS.place(at + 1, marks.length);
  part(".previous").disabled = at <= 0;
  part(".following").disabled = at >= marks.length - 1;
}

function step(by) {
  at += by;
  const turn = marks[at].closest(".turn");
  cameFrom = turn.querySelector(`.cite[data-number="${marks[at].dataset.number}"]`) || marks[at];
  forget();
  read(quoted(marks[at]));
  point(turn, marks[at].dataset.number);
}

part(".previous").addEventListener("click", () => step(-1));
part(".following").addEventListener("click", () => step(1));

// The page of a PDF, drawn, with the quote marked on it.
async function picture() {
  panel.dataset.prefers = "page";
  const turn = reading;
  const image = part(".image");
  panel.classList.add("as-page");
  pressed();
  image.replaceChildren();
  const answer = await server.draw_page(shown.place);
  if (turn !== reading) return;
  if (!answer || answer.error) return complain(image, answer?.error);
  image.innerHTML = answer.html;
  const rectangle = image.querySelector("rect");
  await image.querySelector("img")?.decode().catch(() => null);
  if (!rectangle) return;
  const [place, frame] = [rectangle.getBoundingClientRect(), image.getBoundingClientRect()];
  image.scrollTop += place.top - frame.top - image.clientHeight / 3;
  image.scrollLeft += place.left - frame.left - 16;
}

function pressed() {
  const drawn = panel.classList.contains("as-page");
  part(".as-image").setAttribute("aria-pressed", String(drawn));
  part(".as-text").setAttribute("aria-pressed", String(!drawn));
}

part(".as-image").addEventListener("click", picture);
part(".as-text").addEventListener("click", () => {
  panel.dataset.prefers = "text";
  panel.classList.remove("as-page");
  pressed();
});

// A reference to paste elsewhere. Where the page may not write to the clipboard it is selected by hand.
part(".copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(shown.reference);
  } catch {
    const area = document.createElement("textarea");
    area.value = shown.reference;
    panel.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    part(".copy").focus();
  }
  part(".copied").textContent = PANEL_WORDS.copied;
});

// Searching within the document.
async function look() {
  const words = part("#find").value.trim();
  placeAt = -1;
  if (!words || !shown) {
    places = [];
    part(".finds").textContent = "";
    return;
  }
  const wanted = shown.place.document;
  const answer = await server.find_words({document: wanted, words});
  if (words !== part("#find").value.trim() || wanted !== shown?.place.document) return;
  places = answer?.places || [];
  part(".finds").textContent = places.length ? "" : answer?.error || PANEL_WORDS.nowhere;
  isCut = Boolean(answer?.isCut);
  if (places.length) go(1);
}

async function go(by) {
  if (!places.length) return;
  placeAt = (placeAt + by + places.length) % places.length;
  const [start, end] = places[placeAt];
  part(".finds").textContent = PANEL_WORDS.place(placeAt + 1, places.length, isCut);
  await read({document: shown.place.document, start, end, isFound: true, words: part("#find").value.trim()});
}

let typing = 0;
part("#find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(look, 150);
});
part("#find").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (placeAt >= 0) go(event.shiftKey ? -1 : 1);
  else look();
});
part(".before").addEventListener("click", () => go(-1));
part(".after").addEventListener("click", () => go(1));

if (wide.matches) open("library");
list();
