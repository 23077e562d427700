// What cannot be taken back is asked once more.
"use strict";
document.addEventListener("submit", (event) => {
  const asks = event.submitter?.dataset.confirm;
  if (asks && !confirm(asks)) event.preventDefault();
});
