// Files that a reader adds: one after the other they are sent, read and indexed, and each says how it went.
const root = document.documentElement;
const picker = element.querySelector("input[type=file]");
const files = element.querySelector(".files");
const waiting = [];
let isBusy = false;
let count = 0;

picker.accept = props.suffixes.join(",");
root.classList.toggle("may-keep", props.mayKeep);

function line(name) {
  const item = document.createElement("li");
  item.innerHTML = '<bdi class="name"></bdi><progress max="1" hidden></progress><span class="state"></span>' +
    '<button type="button" class="dismiss" aria-label="Hide this line" hidden>×</button>';
  item.querySelector(".name").textContent = name;
  files.append(item);
  return item;
}

function say(item, state, message) {
  item.dataset.state = state;
  item.querySelector(".state").textContent = message;
  item.querySelector(".dismiss").hidden = ["waiting", "busy"].includes(state);
}

function refusal(file) {
  const suffix = (/\.[^.]*$/.exec(file.name) || [""])[0].toLowerCase();
  if (!props.suffixes.includes(suffix)) {
    return `natoqa does not read ${suffix || "files without a suffix"} (it reads ${props.suffixes.join(" ")})`;
  }
  const most = props.maxBytes / 1e6;
  return file.size > props.maxBytes ? `it is larger than ${most.toLocaleString("en")} MB` : "";
}

// The name goes with the message and not with the file: nothing is stored under it.
function send(file, told) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("files", file, `${Date.now()}-${count}.bin`);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => told(event.loaded / Math.max(1, event.total));
    request.onerror = () => reject(new Error("the server does not answer, or refuses the file"));
    request.onload = () => {
      let paths = null;
      try { paths = JSON.parse(request.responseText); } catch { /* said below */ }
      if (request.status === 200 && paths?.length === 1) return resolve(paths[0]);
      reject(new Error(request.status === 413 ? "it is too large" : `the server refuses it (${request.status})`));
    };
    request.open("POST", new URL("gradio_api/upload", document.baseURI));
    request.send(form);
  });
}

async function work() {
  if (isBusy) return;
  isBusy = true;
  while (waiting.length) {
    const {file, item} = waiting.shift();
    const bar = item.querySelector("progress");
    try {
      bar.hidden = false;
      say(item, "busy", "Sending…");
      const path = await send(file, (share) => { bar.value = share; });
      bar.hidden = true;
      say(item, "busy", "Reading…");
      const key = String(++count);
      const looking = setInterval(() => look(item, key), 700);
      try {
        finish(item, await server.receive_file({key, path, name: file.name}));
      } finally {
        clearInterval(looking);
      }
    } catch (error) {
      say(item, "refused", `Not added: ${error.message}.`);
    }
    bar.hidden = true;
  }
  isBusy = false;
}

function take(chosen) {
  for (const file of chosen) {
    const item = line(file.name);
    const why = refusal(file);
    if (why) say(item, "refused", `Not added: ${why}.`);
    else waiting.push({file, item});
    if (!why) say(item, "waiting", "Waiting…");
  }
  work();
}

function changed(chosen) {
  document.dispatchEvent(new CustomEvent("natoqa-documents", {detail: {chosen: chosen || []}}));
}

async function look(item, key) {
  const said = await server.report_progress({key});
  if (said?.message && item.dataset.state === "busy") say(item, "busy", said.message);
}

const BEGINNINGS = {refused: "Not added: ", there: "Not added again: ", failed: "Not done: "};

function finish(item, said) {
  if (!said) throw new Error("the server does not answer");
  if (said.name) item.querySelector(".name").textContent = said.name;
  say(item, said.state, (BEGINNINGS[said.state] || "") + said.message + (/[.…]$/.test(said.message) ? "" : "."));
  if (!["refused", "failed"].includes(said.state)) changed(said.chosen);
}

element.addEventListener("click", (event) => {
  if (event.target.closest(".add-files")) picker.click();
  const dismiss = event.target.closest(".dismiss");
  if (!dismiss) return;
  dismiss.closest("li").remove();
  element.querySelector(".add-files").focus();
});
picker.addEventListener("change", () => {
  take([...picker.files]);
  picker.value = "";
});

// A document's own buttons, in the list of documents.
document.addEventListener("click", async (event) => {
  if (event.target.closest(".restart")) {
    await server.forget_documents({});
    files.replaceChildren();
    return changed();
  }
  const button = event.target.closest(".own button[data-own]");
  if (!button) return;
  const own = button.closest(".own");
  const item = line(button.closest(".row").querySelector(".open").textContent);
  const isKept = button.dataset.own === "keep";
  say(item, "busy", isKept ? "Keeping: copying and indexing…" : "Removing…");
  for (const one of own.querySelectorAll("button")) one.disabled = true;
  const wanted = {document: button.dataset.document};
  try {
    finish(item, await (isKept ? server.adopt_document(wanted) : server.discard_document(wanted)));
  } catch (error) {
    say(item, "failed", `Not done: ${error.message}.`);
  }
  for (const one of own.querySelectorAll("button")) one.disabled = false;
  // On a small screen the list covers the lines.
  if (item.dataset.state === "failed" && own.isConnected) {
    own.querySelector(".said")?.remove();
    own.append(Object.assign(document.createElement("span"), {className: "said"}));
    own.lastChild.textContent = item.querySelector(".state").textContent;
  }
});

// What went well has been read when the next question is asked.
document.addEventListener("natoqa-ask", () => {
  for (const item of files.querySelectorAll('[data-state="added"], [data-state="kept"], [data-state="removed"]')) {
    item.remove();
  }
});

// Anywhere on the page: a file that is dropped beside a target would otherwise be opened in its place.
const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    root.classList.add("dropping");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) root.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  root.classList.remove("dropping");
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.stopPropagation();
  take([...event.dataTransfer.files]);
}, true);
