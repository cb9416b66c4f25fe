/* Makes the quizzes of a page answerable. Each is a fieldset with its answers in a fold, as
   scripts/quizzes.py wrote it; nothing here knows an answer that the page does not show anyway.
   An answer is told to the page as an event, `course:answer`; progress.js listens. */
"use strict";

(() => {
  const button = (words, kind) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `md-button ${kind}`;
    made.textContent = words;
    return made;
  };

  /* Shows under each option whether it is right, and why. */
  const explain = (options, reasons) => {
    options.forEach((option, at) => {
      const isRight = reasons[at].dataset.right === "true";
      option.classList.add(isRight ? "right" : "wrong");
      const told = document.createElement("p");
      told.className = "why";
      const verdict = document.createElement("strong");
      verdict.textContent = isRight ? "✓ Right. " : "✗ Not right. ";
      told.append(verdict, ...reasons[at].querySelector(".why").cloneNode(true).childNodes);
      option.append(told);
    });
  };

  const forget = (options) => {
    for (const option of options) {
      option.classList.remove("right", "wrong");
      option.querySelector(".why")?.remove();
    }
  };

  const prepare = (question) => {
    const quiz = question.closest(".quiz").dataset.quiz;
    const options = [...question.querySelectorAll(".option")];
    const inputs = options.map((option) => option.querySelector("input"));
    const fold = question.querySelector(".answers");
    const reasons = [...fold.querySelectorAll("li")];
    const verdict = question.querySelector(".verdict");
    const check = button("Check", "md-button--primary check");
    const again = button("Try again", "again");
    fold.hidden = true;
    again.hidden = true;
    verdict.before(check, again);

    const answer = () => {
      if (check.hidden) return;
      if (!inputs.some((input) => input.checked)) {
        verdict.textContent = "Choose an answer first.";
        return;
      }
      const right = inputs.every(
        (input, at) => input.checked === (reasons[at].dataset.right === "true"),
      );
      explain(options, reasons);
      for (const input of inputs) input.disabled = true;
      const chosen = inputs.findIndex((input) => input.checked);
      const why = reasons[chosen].querySelector(".why").textContent;
      verdict.textContent = right ? `Right. ${why}` : `Not right. ${why} The reasons stand beside the answers.`;
      verdict.dataset.verdict = right ? "right" : "wrong";
      again.hidden = false;
      again.focus();
      check.hidden = true;
      question.dispatchEvent(
        new CustomEvent("course:answer", {
          bubbles: true,
          detail: { quiz, question: question.dataset.question, right },
        }),
      );
    };

    const restart = () => {
      forget(options);
      for (const input of inputs) {
        input.disabled = false;
        input.checked = false;
      }
      verdict.textContent = "";
      delete verdict.dataset.verdict;
      check.hidden = false;
      inputs[0].focus();
      again.hidden = true;
    };

    check.addEventListener("click", answer);
    again.addEventListener("click", restart);
    for (const input of inputs) {
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          answer();
        }
      });
    }
  };

  for (const question of document.querySelectorAll(".quiz .question")) prepare(question);
})();
