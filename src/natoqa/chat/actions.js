// What the buttons of a turn and of the header do beside asking and opening sources.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || event.detail > 1) return;
  const turn = button.closest(".turn");
  if (button.matches("[data-verdict]")) {
    const form = turn.querySelector(".note");
    for (const other of turn.querySelectorAll("[data-verdict]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    form.dataset.chosen = button.dataset.verdict;
    form.hidden = false;
    form.querySelector("input").focus();
  } else if (button.matches(".save")) {
    judge(turn);
  } else if (button.matches("[data-export]")) {
    button.closest("details").open = false;
    trigger("export", {form: button.dataset.export});
  } else if (button.matches(".restart")) {
    section.replaceChildren();
    root.classList.remove("has-turns");
    beginAnew();
    document.querySelector("#question textarea").focus();
    trigger("restart", {});
  } else if (button.matches(".ask-alone")) {
    ask(button.dataset.question, {alone: true});
  }
});

function judge(turn) {
  const form = turn.querySelector(".note");
  trigger("judge", {
    turn: Number(turn.id.slice("turn-".length)), verdict: form.dataset.chosen, note: form.querySelector("input").value,
  });
}

section.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.closest(".note input")) return;
  event.preventDefault();
  judge(event.target.closest(".turn"));
});

// A menu that is left open hides what is under it.
document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.export");
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

function hand(file) {
  const bytes = Uint8Array.from(atob(file.data), (character) => character.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], {type: file.type}));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
