"use strict";
// The view (filters, order, or one question) lives in the fragment: #verdict=wrong&tag=fact, #worst, #q-17.
(() => {
  const WORST = 10;
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const showing = document.getElementById("showing");
  const nothing = document.getElementById("nothing");
  const heading = document.getElementById("questions-title");
  const tagNames = Array.from(form.elements.tag.options, (option) => option.textContent);
  const natural = new Intl.Collator("en", { numeric: true });
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const confidence = (item) => {
    const value = Number(item.dataset.confidence);
    return Number.isNaN(value) ? 0 : value;
  };
  const items = Array.from(list.children);
  const worst = new Set(items.slice(0, WORST));
  const searchable = new Map();
  const orders = {
    surest: (one, other) => confidence(other) - confidence(one),
    unsure: (one, other) => confidence(one) - confidence(other),
    id: (one, other) => natural.compare(one.dataset.id, other.dataset.id),
  };
  let opened = [];
  let order = "";

  const textOf = (item) => {
    if (!searchable.has(item)) {
      searchable.set(item, plain(item.textContent + " " + item.dataset.id));
    }
    return searchable.get(item);
  };

  const controls = () => form.querySelectorAll("input[name=verdict]");

  const fragmentOf = () => {
    const view = new URLSearchParams();
    const verdicts = Array.from(controls()).filter((box) => box.checked).map((box) => box.value);
    if (verdicts.length) view.set("verdict", verdicts.join(","));
    if (form.elements.tag.value) view.set("tag", tagNames[form.elements.tag.selectedIndex]);
    if (form.elements.q.value.trim()) view.set("q", form.elements.q.value);
    if (form.elements.sort.value) view.set("sort", form.elements.sort.value);
    return view.toString();
  };

  const fill = (view) => {
    const verdicts = (view.get("verdict") || "").split(",");
    controls().forEach((box) => { box.checked = verdicts.includes(box.value); });
    const tag = view.has("tag") ? tagNames.indexOf(view.get("tag"), 1) : 0;
    form.elements.tag.selectedIndex = Math.max(tag, 0);
    form.elements.q.value = view.get("q") || "";
    form.elements.sort.value = view.get("sort") in orders ? view.get("sort") : "";
  };

  const sort = (name) => {
    if (name === order) return;
    order = name;
    list.append(...(name ? [...items].sort(orders[name]) : items));
  };

  const show = (isWanted, words) => {
    let shown = 0;
    for (const item of items) {
      const wanted = isWanted(item);
      if (item.hidden === wanted) item.hidden = !wanted;
      shown += wanted;
    }
    nothing.hidden = shown > 0;
    showing.textContent = words(shown.toLocaleString("en"), items.length.toLocaleString("en"));
  };

  const close = () => {
    opened.forEach((details) => { details.open = false; });
    opened = [];
  };

  const open = (item) => {
    const details = item.querySelector("details");
    if (!details.open) {
      details.open = true;
      opened.push(details);
    }
  };

  const filter = () => {
    const verdicts = Array.from(controls()).filter((box) => box.checked).map((box) => box.value);
    const tag = form.elements.tag.value;
    const words = plain(form.elements.q.value).split(/\s+/).filter(Boolean);
    sort(form.elements.sort.value);
    show(
      (item) =>
        (!verdicts.length || verdicts.includes(item.dataset.verdict)) &&
        (!tag || item.dataset.tags.split(" ").includes(tag)) &&
        words.every((word) => textOf(item).includes(word)),
      (shown, all) => (shown === all ? `All ${all} questions` : `${shown} of ${all} questions`),
    );
  };

  const showWorst = () => {
    fill(new URLSearchParams());
    sort("");
    show((item) => worst.has(item), (shown, all) => `The ${shown} worst of ${all} questions`);
    worst.forEach(open);
  };

  const showOne = (item) => {
    if (item.hidden) {
      fill(new URLSearchParams());
      filter();
    }
    open(item);
    item.scrollIntoView();
    item.querySelector("summary").focus({ preventScroll: true });
  };

  const goToQuestions = () => {
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
  };

  const apply = () => {
    const fragment = location.hash.slice(1);
    const question = /^q-\d+$/.test(fragment) ? document.getElementById(fragment) : null;
    if (question) {
      showOne(question);
      return;
    }
    // A part of the page (#metrics) is no view.
    if (fragment && document.getElementById(fragment)) return;
    close();
    if (fragment === "worst") {
      showWorst();
    } else {
      fill(new URLSearchParams(fragment));
      filter();
    }
    if (fragment) goToQuestions();
  };

  const remember = () => {
    close();
    const fragment = fragmentOf();
    history.replaceState(null, "", fragment ? "#" + fragment : location.pathname + location.search);
    filter();
  };

  document.querySelectorAll("a[data-view]").forEach((link) => {
    link.setAttribute("href", "#" + link.dataset.view);
  });
  document.querySelectorAll("a[data-tag]").forEach((link) => {
    const view = new URLSearchParams({ tag: tagNames[Number(link.dataset.tag) + 1] });
    link.setAttribute("href", "#" + view.toString());
  });
  // A link to the view that is already in the address changes nothing there, but was meant.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) apply();
  });
  form.addEventListener("input", remember);
  form.addEventListener("reset", (event) => {
    event.preventDefault(); // It would come into force after this.
    fill(new URLSearchParams());
    remember();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", apply);
  form.hidden = false;
  filter();
  apply();
})();
