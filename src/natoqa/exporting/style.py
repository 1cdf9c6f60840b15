"""How an exported page looks. No font and no image: all that it needs is here or on the reader's machine."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f8f7f3; --sheet: #ffffff; --ink: #1b2530; --quiet: #55606c; --line: #dedad1;
  --accent: #1d4f7c; --warn: #a3480f; --warn-sheet: #fcf1e4;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif;
  --serif: Charter, "Iowan Old Style", "Source Serif 4", Georgia, "Noto Serif", "DejaVu Serif", serif;
}
/* Paper is light whatever the screen is. */
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #13181e; --sheet: #1b222a; --ink: #e7eaee; --quiet: #a7b1bd; --line: #323c47;
    --accent: #8fbdec; --warn: #f0a368; --warn-sheet: #2b221a;
  }
}
* { box-sizing: border-box; }
body {
  max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; overflow-wrap: anywhere;
  background: var(--paper); color: var(--ink); font: 400 1.0625rem/1.6 var(--serif);
}
h1, h2, h3, .about, .at, .understood, .verdict, .label, .origin { font-family: var(--sans); }
h1 { margin: 0 0 0.4rem; font-size: 1.75rem; line-height: 1.25; }
h2 { margin: 0 0 0.5rem; font-size: 1.3rem; line-height: 1.35; }
h1, h2, .said, .reason, blockquote { white-space: pre-wrap; }
.about, .at, .understood, .label, .origin { margin: 0; font-size: 0.9375rem; color: var(--quiet); }
article, .sources { margin-top: 2.25rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
.answer { margin-top: 1rem; padding-left: 1.1rem; border-left: 4px solid var(--accent); }
.said { margin: 0 0 0.6rem; font-size: 1.125rem; }
/* Kept apart from its marks, and yet it gives the paragraph its direction. */
.sentence { unicode-bidi: plaintext; }
.mark { font: 600 0.8em/1 var(--sans); color: var(--accent); text-decoration: none; white-space: nowrap; }
.mark:hover, .mark:focus-visible { text-decoration: underline; }
.refusal {
  margin: 1rem 0; padding: 1rem 1.25rem; border: 1px dashed var(--warn); border-radius: 0.6rem;
  background: var(--warn-sheet);
}
.verdict { margin: 0; font-weight: 700; color: var(--warn); }
.reason { margin: 0.4rem 0 0; }
.places { margin: 1rem 0 0; padding: 0; list-style: none; }
.places li { margin: 0 0 0.9rem; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 0.6rem;
  background: var(--sheet); }
.places li:target { border-color: var(--accent); }
.nearest li { border-style: dashed; background: transparent; }
.title { color: var(--ink); font-weight: 600; }
.number { color: var(--accent); font-weight: 600; }
blockquote { margin: 0.6rem 0 0; }
@media print {
  body { max-width: none; padding: 0; background: none; font-size: 11pt; }
  h1, h2, h3, .origin, .label { break-after: avoid; }
  .places li, .refusal { break-inside: avoid; background: none; }
  .said, blockquote { orphans: 3; widows: 3; }
}
"""
