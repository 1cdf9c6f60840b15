// Questions drawn from the documents come when they are ready; the page does not wait for them.
if (!element.querySelector("button")) {
  server.opening_questions({}).then((answer) => {
    if (answer?.html) element.innerHTML = answer.html;
  });
}
