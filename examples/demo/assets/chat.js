const room = new WebSocket(document.currentScript.dataset.room);
const messages = document.getElementById("messages");
const say = document.getElementById("say");

room.addEventListener("message", (event) => {
  const line = document.createElement("li");
  line.textContent = event.data;
  messages.append(line);
});

say.addEventListener("submit", (event) => {
  event.preventDefault();
  if (say.text.value) room.send(say.text.value);
  say.reset();
});
