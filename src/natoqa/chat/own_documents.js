// The list looks again when a reader's own documents are others; what was added is searched from then on.
document.addEventListener("natoqa-documents", (event) => {
  if (event.detail.chosen.length) set(event.detail.chosen, true);
  else list();
});
