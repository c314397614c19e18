const form = document.getElementById("upload");
const progress = document.getElementById("progress");
const problem = document.getElementById("problem");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    progress.value = loaded / total;
  });
  request.addEventListener("load", () => {
    if (request.status < 400) location.assign(request.responseURL);
    else problem.textContent = `The server said: ${request.responseText}`;
  });
  request.addEventListener("error", () => {
    problem.textContent = "The server does not answer.";
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
  problem.textContent = "";
  progress.hidden = false;
});
